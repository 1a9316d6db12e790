"""What an answer says, as it was typed, scanned or chosen, before anybody signs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.protocol.model import Choice, Measure, Scan
from checklist.run.reading import Refusal, numbered, read_identifiers, read_number
from checklist.tui.mode import Mode

if TYPE_CHECKING:
    from checklist.protocol.model import Step
    from checklist.run.events import Value
    from checklist.tui.walk import WalkFace


def understood(walk: WalkFace, step: Step) -> Value | Refusal | None:
    """The value meant, or why it is none; None where the next field has been asked for instead."""
    values = walk.response.values()
    match walk.mode, step:
        case Mode.CHOICE, Choice():
            ways = f"1 to {len(step.options)}, or the arrows" if numbered(step) else "its own digit, or the arrows"
            return walk.response.options.chosen or Refusal("empty", f"Choose one first: {ways}.")
        case Mode.SCAN, Scan():
            empty = next((at for at, kind in enumerate(values) if _wanting(kind, values)), None)
            here = next((at for at, field in enumerate(walk.response.fields) if field is walk.focused), 0)
            if empty is not None and here != empty and values[list(values)[here]].strip():
                walk.set_focus(walk.response.fields[empty])
                return None
            return read_identifiers(step, {kind: text for kind, text in values.items() if text.strip()})
        case Mode.VALUE, Measure():
            return read_number(step, values["value"])
        case _:
            typed = next(iter(values.values()), "").strip()
            return typed or Refusal("empty", "Type it first; an empty line is no answer.")


def _wanting(kind: str, values: dict[str, str]) -> bool:
    """Whether a field is still to be filled; of a GTIN and the reference that stands for it one is enough."""
    if kind == "ref":
        return False
    return not values[kind].strip() and not (kind == "gtin" and values.get("ref", "").strip())
