"""Why something is not done as written: the codes in words, and the parts of every dialog that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.events import REASON_CODES, Reason
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.walker import card

if TYPE_CHECKING:
    from checklist.protocol.model import Step
    from checklist.tui.form import Answers, Part
    from checklist.tui.walker.walk import WalkFace

KEPT = "Kept for ever as written; a later correction is added, never put in its place."
CODES = {
    "equipment-fault": "equipment fault or alarm",
    "not-available": "something is not available",
    "patient-declined": "the patient declined",
    "clinical-decision": "clinical decision",
    "interrupted": "interrupted",
    "mistake": "mistake",
    "not-needed": "not needed here",
    "other": "other: say what in words",
}


def reason_parts() -> tuple[Part, ...]:
    """The code, and words."""
    return (
        Pick("code", "WHAT IS THE REASON", tuple((code, CODES[code]) for code in REASON_CODES)),
        Line("words", "IN YOUR WORDS"),
    )


def reason_of(answers: Answers) -> Reason:
    """What was chosen and typed for them."""
    return Reason(answers["code"], answers["words"].strip() or None)


def named(walk: WalkFace, step: Step, what: str) -> str:
    """The title of a dialog about a step."""
    at = walk.page.state.protocol.index(step.id) + 1 if walk.page else 0
    return f"{what}  step {at}: {card.step_title(step)[:90]}"
