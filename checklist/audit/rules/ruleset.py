"""All rules in the order in which they are told, and the page that explains them.

What a rule says of itself stands beside how it is found, in the modules that are joined here.
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from checklist.audit.rules import clones, hours, machines, persons, readings, rhythm, standing, steps
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.audit.rules.rule import Check, Rule

VERSION: Final = "4"
"""Changes whenever a rule does: what passed the rules passed those of one version."""

_ALL: Final[tuple[Check, ...]] = (
    *standing.CHECKS,
    *steps.CHECKS,
    *machines.CHECKS,
    *clones.CHECKS,
    *rhythm.CHECKS,
    *readings.CHECKS,
    *persons.CHECKS,
    *hours.CHECKS,
)

CHECKS: Final = tuple(sorted(_ALL, key=lambda check: check.rule.severity != "act"))
"""What somebody has to do something about comes first."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType({check.rule.id: check.rule for check in CHECKS})

RECORDED: Final[Mapping[str, str]] = MappingProxyType(
    {"override": standing.UNREVIEWED.id, "series-repeated": machines.COPIED.id}
)
"""What the record calls it where the rules have another name for the same."""

_INTRODUCTION: Final = """\
# Findings: what to look at in the record

What `checklist findings` says, rule by rule. A finding points at what was seen in the record, and at its entry. It is a
reason to look and to ask, and never says that somebody did wrong: every rule names what may honestly account for it.

*act*: somebody has to do something now. *look*: a person should look at it. Where a rule reckons with chance, it is set
so that chance alone makes about one finding of that rule in a thousand whole records. Findings leave the result of
`checklist verify` as it is: that one judges the record, not what people did.

A finding that was looked at (`checklist review`) is left out from then on; `checklist findings --all` shows it again. A
pattern over many runs points at the newest of them; it is told again where it still goes on 30 days after a review.
Whoever had a hand in a run, as performer, second person or signer, does not review what is found in it, as long as
there is another lead; where there is none, the review says so.

The ids of rules never change. This page is printed by `checklist findings --rules`.
"""


def id_of(named: str) -> str | None:
    """The id of the rule that is called that, here or in the record; None where there is none."""
    rule = RECORDED.get(named, named)
    return rule if rule in RULES else None


def unknown(named: str) -> str:
    """The sentence for whoever asks for a rule that there is not: with those that are spelled like it, or all."""
    near = get_close_matches(clean(named, limit=64), RULES, n=3, cutoff=0.6)
    known = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(RULES)}."
    return f"There is no rule “{clean(named, limit=64)}”; {known}"


def page() -> str:
    """Return the whole page in Markdown."""
    contents = "\n".join(f"- [`{rule.id}`](#{rule.id}) ({rule.severity}): {rule.title}" for rule in RULES.values())
    version = f"Version of the rules: {VERSION}."
    return "\n\n".join([_INTRODUCTION + "\n" + version, contents, *(explained(rule) for rule in RULES.values())]) + "\n"


def explained(rule: Rule) -> str:
    """Return what there is to say about one rule, in Markdown."""
    return "\n\n".join(
        [
            f"## {rule.id}",
            f"{rule.title}. Severity: {rule.severity}.",
            f"**Looks at:** {rule.looks_at}",
            f"**Why:** {rule.why}",
            f"**Cannot see:** {rule.unseen}",
            f"**May be honest:** {rule.honest}",
            f"**Source:** {rule.source}.",
        ]
    )
