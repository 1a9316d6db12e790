"""The full example of the file format, and the ways tests break it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checklist.protocol.errors import Fault
from checklist.protocol.loader import parse
from checklist.protocol.model import Protocol

EXAMPLE = Path(__file__).parent / "files" / "steriliser-load.toml"

HEADER = """\
[protocol]
id = "small"
title = "A small protocol"
version = "1.0.0"
purpose = "Show one thing."
category = "clinic"
style = "read-do"
subject = "clinic"
"""


@pytest.fixture
def example_path() -> Path:
    """Where the full example lies."""
    return EXAMPLE


@pytest.fixture
def example() -> str:
    """The full example of the file format as text."""
    return EXAMPLE.read_text(encoding="utf-8")


@pytest.fixture
def broken(example: str) -> Callable[[str, str], list[Fault]]:
    """Replace one piece of the full example, and return the faults of what comes out."""

    def change(old: str, new: str) -> list[Fault]:
        assert old in example
        result = parse(example.replace(old, new, 1).encode(), name="steriliser-load.toml")
        assert isinstance(result, list), "the change broke nothing"
        return result

    return change


@pytest.fixture
def small() -> Callable[..., Protocol | list[Fault]]:
    """Read a small protocol: the header above (changed by `header`), then the given text."""

    def build(body: str, *, subject: str = "clinic", header: str = "") -> Protocol | list[Fault]:
        text = HEADER.replace('subject = "clinic"', f'subject = "{subject}"\n{header}') + body
        result = parse(text.encode(), name="small.toml")
        return result if isinstance(result, list) else result.protocol

    return build
