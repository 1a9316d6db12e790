"""What Enter means at a run as it stands. Pure: the one table that the walker's keys, words and fields follow."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from checklist.run.timing import Phase

if TYPE_CHECKING:
    from checklist.ledger.entry import Moment
    from checklist.run.state import RunState


class Mode(Enum):
    """What is asked of the person; the value is the word on the key."""

    ENDED = "TO THE BOARD"
    NOBODY = "SIGN IN"
    PAUSED = "GO ON"
    FOREIGN = "TAKE OVER"
    OWED = "TAKE THE WORDS"
    CONFIRM = "DONE"
    VALUE = "TAKE THE VALUE"
    CHOICE = "TAKE THE ANSWER"
    SCAN = "TAKE IT"
    START = "START THE TIMER"
    WAIT = "NOT YET"
    END = "END THE TIMER"
    ASSIGN = "TAKE THE NUMBER"
    WITNESS = "SECOND PERSON"
    SIGN = "SIGN"


TAKES = frozenset({Mode.OWED, Mode.VALUE, Mode.SCAN, Mode.CHOICE})
"""Where the first Enter takes what was given, and a second one signs it."""

_BY_KIND = {
    "confirm": Mode.CONFIRM,
    "measure": Mode.VALUE,
    "text": Mode.VALUE,
    "attach": Mode.VALUE,
    "choice": Mode.CHOICE,
    "scan": Mode.SCAN,
    "assign": Mode.ASSIGN,
    "witness": Mode.WITNESS,
    "sign": Mode.SIGN,
}


def walked_unsigned(state: RunState) -> bool:
    """Whether this run goes on without anybody signing in, as in an emergency."""
    return state.holder is None and state.unattributed


def mode_of(state: RunState, who: str | None, now: Moment) -> Mode:
    """What Enter means for `who` (None: nobody is signed in yet, who may only go on with what nobody has signed)."""
    step = state.current
    if step is None:
        return Mode.ENDED
    if who is None and not walked_unsigned(state):
        return Mode.NOBODY
    if who != state.holder:
        return Mode.FOREIGN
    if state.paused:
        return Mode.PAUSED
    if state.steps[step.id].owed:
        return Mode.OWED
    timer = state.timer(step, now)
    if timer is None:
        return _BY_KIND[step.kind]
    if state.paper is not None:
        return Mode.VALUE
    if timer.phase in (Phase.IDLE, Phase.LOST):
        return Mode.START
    return Mode.END if timer.phase is Phase.READY and step.kind == "timer" and step.at_most is not None else Mode.WAIT
