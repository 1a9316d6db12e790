"""The second entry of what was typed from a label: which part of it is typed once more, unseen, and whether both agree.

A code that was scanned carries its own check; what a person types has none but this. Knows nothing of how it is asked.
"""

from collections.abc import Mapping

from checklist.protocol.model import Protocol
from checklist.run.reading import Refusal, read_expiry

_FIRST = ("load", "pack", "batch", "lot", "serial", "ref", "gtin", "expiry")
"""What a label is told by, the best first. A visit's number is given by the program, and looked up."""

DIFFER = Refusal("differs", "The two do not agree, so neither was taken: read the label again and type it anew.")


def to_repeat(protocol: Protocol, step: str, value: Mapping[str, str], sure: Mapping[str, str]) -> str | None:
    """The kind that has to be typed once more of what was understood; `sure` is what a scan gave of it. None where all
    was scanned, where a second person reads the label anyway, and in an emergency, where the seconds count more."""
    if protocol.category == "emergency" or any(
        other.kind == "witness" and other.of == step for other in protocol.steps
    ):
        return None
    return next((kind for kind in _FIRST if kind in value and sure.get(kind) != value[kind]), None)


def repeats(kind: str, first: str, typed: str) -> bool:
    """Whether what was typed is the same once more; it may be written in another of the ways that are understood."""
    text = typed.strip().removeprefix(f"{kind}=").strip()
    if kind == "expiry":
        return read_expiry(text) == first
    return (text.zfill(14) if kind == "gtin" and text else text) == first
