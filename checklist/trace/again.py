"""The second entry of what was typed from a label: which of it is typed once more, unseen, and whether both agree.

A code that was scanned carries its own check, and so does a GTIN, however it came. What else a person types has none
but this. Knows nothing of how it is asked.
"""

from collections.abc import Mapping

from checklist.protocol.model import Protocol, Scan
from checklist.run.reading import Refusal, read_identifiers

_CHECKED = ("gtin", "session")
"""What needs no second entry: a GTIN has its check digit; a visit's number is given by the program, and looked up."""

DIFFER = Refusal("differs", "The two do not agree, so neither was taken: read the label again and type it anew.")


def typed_once(protocol: Protocol, step: str) -> bool:
    """Whether nothing is asked twice there: a second person reads the label anyway, or in an emergency, where seconds
    count more."""
    witnessed = any(other.kind == "witness" and other.of == step for other in protocol.steps)
    return witnessed or protocol.category == "emergency"


def to_repeat(protocol: Protocol, step: str, value: Mapping[str, str], sure: Mapping[str, str]) -> tuple[str, ...]:
    """The kinds that have to be typed once more of what was understood; `sure` is what a scan gave of it."""
    if typed_once(protocol, step):
        return ()
    return tuple(kind for kind in value if kind not in _CHECKED and sure.get(kind) != value[kind])


def repeats(step: Scan, first: Mapping[str, str], typed: Mapping[str, str]) -> bool:
    """Whether what was typed once more is the same; it may be written in another of the ways that are understood."""
    return read_identifiers(step, {**first, **typed}) == first
