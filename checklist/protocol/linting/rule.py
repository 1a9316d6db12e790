"""What one rule for people is: its weight, why it is one, who says so, and an example of each side."""

from dataclasses import dataclass
from typing import Final, Literal

_HEADER: Final = """\
[protocol]
id = "example"
title = "An example"
version = "1.0.0"
purpose = "Show one rule."
category = "clinic"
style = "read-do"
subject = "clinic"
sources = [{ id = "label", title = "The product's own label" }]
"""

# Who found out what. The long names stand here once.
DEGANI_WIENER: Final = "Degani and Wiener, Human Factors of Flight-Deck Checklists, NASA CR-177549"
GAWANDE: Final = "Gawande, The Checklist Manifesto, with Boorman's rules for good checklists"
FORMAT: Final = "The protocol file format of checklist"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for people. Never an error: it says how a protocol would serve its readers better."""

    id: str
    level: Literal["warning", "advice"]
    title: str
    why: str
    source: str
    bad: str
    good: str
    before: str = ""
    """The text in force, where the rule compares with one."""


def whole(example: str) -> str:
    """Return an example as a whole file; an example leaves out the header where it does not matter."""
    text = example.strip() + "\n"
    if text.startswith("[protocol]"):
        return text
    return f"{text}\n{_HEADER}" if text.startswith("steps") else f"{_HEADER}\n{text}"
