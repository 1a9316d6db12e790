"""What one run hands on to another: steps that were put off, and the protocol that a failure asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.plan.board import with_words
from checklist.clinic.plan.waiting import carried, follow_ups, recalls_dealt_with
from checklist.line.local import local
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.plan.waiting import FollowUp
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.line.console import Console
    from checklist.run.state import RunState


def carried_lines(clinic: Clinic, state: RunState) -> list[str]:
    """The recalls that asked for this list; and what was put off in earlier runs of the same, for whoever begins this
    one: nothing of that once something is done."""
    if not state.open:
        return []
    recalled = recalls_dealt_with(clinic.histories(), state.run)
    lines = [f"Called back: {', '.join(recalled)}"] if recalled else []
    if any(own.closed for own in state.steps.values()):
        return lines
    found = carried(clinic.histories(), state.protocol.id, state.subject, state.run, clinic.now())
    zone = clinic.settings.clinic.timezone
    return lines + [
        f"Put off last time, until {local(one.until, zone)}: {one.words or one.step} (run {one.run})"
        for one in (with_words(clinic, task) for task in found)
    ]


def begin_what_follows(
    clinic: Clinic, console: Console, who: SignedIn | None, via: str, ended: RunState
) -> RunState | None:
    """The run of the protocol that a failure in this one asks for, begun when somebody at the terminal says so; None
    where nothing follows, or it is left on the board.

    Never from a pipe: lines that were written for one protocol must not confirm the steps of another.
    """
    known = clinic.library.in_force(clinic.ledger)
    one = next((each for each in follow_ups(clinic.histories(), ended.run) if each.protocol in known), None)
    if one is None or ended.open or not console.terminal or console.exhausted or console.stopped is not None:
        return None
    subject, session = _about(clinic, one)
    named = f" --subject {subject}" if subject else f" --session {session}" if session else ""
    console.say(
        "",
        f"Now walk: {one.title}. An empty line begins it.",
        f"Anything else leaves it on the board as due: checklist walk {one.protocol}{named}",
    )
    console.appeared()
    while (heard := console.ask()) == "" and console.hasty():
        console.say("That came too fast; press Enter again.")
    if not isinstance(heard, str) or heard.strip():
        return None
    begun = clinic.may_begin(one.protocol, who) or clinic.begin(one.protocol, subject, who, via, session)
    if isinstance(begun, Refusal):
        console.say(begun.message)
        return None
    return begun


def _about(clinic: Clinic, one: FollowUp) -> tuple[str, str | None]:
    """What it is about: what failed, where it can be about that; else the only thing that there is, if it is so."""
    kind = clinic.library.named(clinic.ledger, one.protocol).protocol.subject
    if kind == "session":
        return "", one.session
    return (one.subject, None) if one.subject.partition("=")[0] == kind else ("", None)
