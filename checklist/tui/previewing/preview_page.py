"""A rehearsal as the walker shows a run. There is no record to look words up in: what it holds are the words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.reading import shown
from checklist.tui.reads import Page

if TYPE_CHECKING:
    from checklist.protocol.model import Step
    from checklist.run.rehearsal import Rehearsal
    from checklist.run.state import RunState


def place_of(state: RunState) -> int:
    """The place of the step at which a run stands, or stood last, counted from 0."""
    if state.current is not None:
        return state.protocol.index(state.current.id)
    closed = [place for place, step in enumerate(state.protocol.steps) if state.steps[step.id].closed]
    return closed[-1] if closed else 0


def page_of(rehearsal: Rehearsal) -> Page:
    """The page of a rehearsal."""
    state = rehearsal.state
    own = state.steps
    people = {state.holder or "": "First Person", rehearsal.cast.second.operator: "Second Person"}
    signers = (each.signed.by for each in own.values() if each.signed)
    people |= {name: "Another Person" for name in signers if name and name not in people}
    return Page(
        state=state,
        names={name: called for name, called in people.items() if name},
        values={step.id: _value(step, rehearsal) for step in state.protocol.steps if own[step.id].closed},
        reasons={},
        notes={name: tuple(note.words for note in each.notes) for name, each in own.items() if each.notes},
        follow_up=None,
        signers={name: people.get(each.signed.by or "", "-") for name, each in own.items() if each.signed},
    )


def _value(step: Step, rehearsal: Rehearsal) -> str | None:
    own = rehearsal.state.steps[step.id]
    return own.words if step.kind == "text" else shown(own.value)
