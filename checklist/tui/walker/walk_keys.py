"""The keys of the walker, and why one does nothing now: the reason is always said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.marks import Outcome
from checklist.tui.bars import Key
from checklist.tui.clearing.gate_way import under
from checklist.tui.walker.mode import TAKES, Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.tui.walker.walk import WalkFace


NOT_YET = "Not yet"


def walk_keys(walk: WalkFace) -> Sequence[Key]:
    """Enter first, then the F keys in order."""
    from checklist.tui.emergency import open_emergency, sign_for
    from checklist.tui.help import show_why
    from checklist.tui.walker import acts, signing
    from checklist.tui.walker.steps import look_at

    page = walk.page
    if page is None:
        return ()
    run = page.state.run
    signs = walk.mode in TAKES and walk.taken is not None
    keys = [Key("enter", "SIGN IT" if signs else walk.mode.value, walk.enter, _enter_off(walk))]
    if walk.mode is Mode.ENDED:
        if page.follow_up is not None:
            keys[0] = Key("enter", "START WHAT FOLLOWS", lambda: acts.follow_up(walk))
        if page.state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED:
            keys.append(Key("f6", "TAKE UP WHAT WAS PUT OFF", lambda: acts.take_up(walk)))
    else:
        if walk.step is not None and walk.step.hold:
            keys.append(Key("f2", "OVERRIDE", lambda: signing.override(walk), _override_off(walk)))
        else:
            keys.append(Key("f2", "LEAVE OUT", lambda: acts.leave_out(walk), _leave_out_off(walk)))
        keys.append(Key("f3", "PROBLEM", lambda: acts.problem(walk), _open_off(walk)))
    if walk.mode is Mode.ENDED and under(walk.desk) is not None and page.follow_up is None:
        keys[0] = Key("enter", "BACK TO THE GATE", walk.leave)
    keys.append(Key("f4", "CORRECT", lambda: acts.correct(walk), _correct_off(walk)))
    if page.state.unattributed:
        keys.append(Key("f5", "SIGN FOR IT", lambda: sign_for(walk)))
    else:
        keys.append(Key("f5", "SWITCH" if walk.desk.who else "SIGN IN", lambda: acts.hand_over(walk)))
    if page.state.session is not None and all(key.name != "f6" for key in keys):
        keys.append(Key("f6", "MAY IT START?", lambda: _gate(walk)))
    if walk.desk.who and not page.state.unattributed:
        keys.append(Key("f7", "LOCK", walk.desk.lock))
    keys.append(Key("f8", "STEPS", lambda: look_at(walk.desk, run)))
    keys.append(Key("f9", "EMERGENCY", lambda: open_emergency(walk.desk)))
    if walk.mode is Mode.ENDED:
        keys.append(Key("f1", "HELP", lambda: show_why(walk)))
        if page.follow_up is not None:
            keys.append(Key("ctrl+q", "TO THE BOARD", walk.leave))
    else:
        keys.append(Key("f1", "WHY", lambda: show_why(walk)))
        keys.append(Key("ctrl+q", "PAUSE", walk.leave))
    return keys


async def _gate(walk: WalkFace) -> None:
    from checklist.tui.clearing.gate_asking import gate_from_walk

    await gate_from_walk(walk)


def _enter_off(walk: WalkFace) -> str:
    page, step, now = walk.page, walk.step, walk.desk.now()
    if page is None or step is None or now is None:
        return ""
    if walk.mode is Mode.WAIT:
        timer = page.state.timer(step, now)
        left = -(-timer.left_ms // 1000) if timer else 0
        return f"{NOT_YET}: {left} s are left." if left else "Time is up; it is being recorded."
    who = walk.desk.who
    plain = walk.mode not in (Mode.NOBODY, Mode.PAUSED, Mode.FOREIGN, Mode.WITNESS, Mode.SIGN)
    if who and plain and step.roles and not who.person.roles.intersection(step.roles):
        return f"This step needs somebody with the role {' or '.join(step.roles)}: F5 hands over."
    return ""


def _open_off(walk: WalkFace) -> str:
    if walk.mode is Mode.PAUSED:
        return "The run is paused: press Enter to go on first."
    if walk.mode is Mode.NOBODY:
        return "Nobody is signed in: press Enter and say who you are."
    if walk.mode is Mode.FOREIGN:
        return "Somebody else walks this run: press Enter to take it over first."
    return ""


def _leave_out_off(walk: WalkFace) -> str:
    page, step = walk.page, walk.step
    if page is None or step is None:
        return "This run has ended."
    tried = page.state.steps[step.id].attempts
    if tried and tried[-1].verdict == "fail":
        return "A failed reading cannot be left out: read again, or say with F3 that the step has failed."
    return _open_off(walk)


def _correct_off(walk: WalkFace) -> str:
    page = walk.page
    if page is None or page.state.outcome in (Outcome.ABANDONED, Outcome.EXPIRED):
        return "This run was given up or has expired; start a new one."
    if not any(own.closed for own in page.state.steps.values()):
        return "No step is closed yet, so there is nothing to correct."
    return _open_off(walk) if page.state.open else ""


def _override_off(walk: WalkFace) -> str:
    if walk.desk.who is None:
        return "An override takes two people with their own secrets: F5 first."
    return _open_off(walk)
