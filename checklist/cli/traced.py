"""What a trace and a recall say in words, by the clinic's own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.identifiers.recalling import Recall
    from checklist.clinic.identifiers.tracing import Run, Trace

SHOWN: Final = 50
"""So many runs of a machine, a room, a person or a day are told in words, the newest; and loads, and visits."""


def lines(found: Trace, zone: str) -> Iterator[str]:
    """All of it, by the clinic's own clock; of what the record does not know nothing more than that."""
    from checklist.clinic.identifiers.about import NEWEST
    from checklist.clinic.identifiers.apart import EQUIPMENT
    from checklist.clinic.identifiers.loads import AWAITING
    from checklist.clinic.identifiers.tracing import ABOUT
    from checklist.line.local import local

    since = f" since {local(found.since, zone)}" if found.since else ""
    yield f"{found.kind} {found.value}: {found.state}{since}"
    if not (found.produced_by or found.consumed_by or found.corrected or found.sessions):
        return
    if found.rooms:
        yield "Room: " + ", ".join(room.partition("=")[2] for room in found.rooms)
    for thing, state in found.used:
        told = {"used": "", "seen": "", "unknown": "", AWAITING: ": awaiting release"}.get(state, f": {state}")
        yield f"It used {thing.kind} {thing.value}{told}"
    made_in = "What it used was made in" if found.kind == "session" else "Made in"
    yield from _runs(made_in, found.produced_by, zone)
    yield from _about(found, zone) if found.kind in ABOUT else _runs("Used or seen in", found.consumed_by, zone)
    yield from _runs("Scanned, then corrected, in", found.corrected, zone)
    if found.kind == EQUIPMENT:
        loads, visits = [one.value for one in found.made], [*found.sessions]
        yield f"Its loads, the newest first ({len(loads)}): {_some(loads, SHOWN) or 'none'}"
        yield f"Visits that these reached ({len(visits)}): {_some(visits, SHOWN) or 'none'}"
    elif found.kind != "session":
        yield "Visits: " + (", ".join(found.sessions) or "none")
    if found.procedures:
        yield "Cleared for: " + ", ".join(found.procedures)
    if found.unused:
        yield "Not used yet: " + ", ".join(f"{one.kind} {one.value}" for one in found.unused)
    if found.cut and found.kind in ABOUT:
        yield f"All this is of the {NEWEST} newest runs; there are more."
    elif found.cut:
        yield "There is more than can be listed here; ask for something smaller."


def _about(found: Trace, zone: str) -> Iterator[str]:
    """The newest runs, how many more there are, and how less of it is asked for."""
    yield from _runs("Run", found.consumed_by[:SHOWN], zone)
    if (more := len(found.consumed_by) - SHOWN) > 0:
        narrower = "" if found.kind == "day" else "--since DAY asks for less, "
        yield f"… and {more} older: {narrower}--json has them all."


def _runs(words: str, runs: tuple[Run, ...], zone: str) -> Iterator[str]:
    from checklist.line.local import local

    for run in runs:
        ended = f", ended {local(run.ended, zone)}" if run.ended else ""
        begun = f"begun {local(run.started, zone)}"
        yield f"{words}: {run.title}, {run.subject}, run {run.run}, {begun}{ended}, {run.outcome}"


def not_known(thing: str) -> str:
    """That something is set apart of which the record has nothing."""
    return f"The record knows no {thing}; it is set apart all the same, in case it turns up."


def did_you_mean(kind: str, other: str | None) -> Iterator[str]:
    """The one that was probably meant, if there is any."""
    if other is not None:
        yield f"Did you mean {kind} {other}?"


def recalled(done: Recall, zone: str) -> Iterator[str]:
    """What a recall came to."""
    from checklist.clinic.identifiers.apart import EQUIPMENT
    from checklist.clinic.identifiers.returning import ENDS

    yield f"Recalled: {named(done)}. No gate lets a visit that uses it pass from now on."
    if any(one.kind == EQUIPMENT for one in done.things):
        yield ENDS
    yield from list_lines(done)
    if done.since is None and done.known and [one.kind for one in done.things] == [EQUIPMENT]:
        yield "What it made is not called back by that; of a steriliser --since-last-negative does it."
        return
    if not done.known:
        yield not_known(" or ".join(f"{one.kind} {one.value}" for one in done.things))
        return
    yield from reached(done, zone)


def list_lines(done: Recall) -> Iterator[str]:
    """The list that a recall asks for, and how it is walked."""
    if (one := done.asks_for) is not None:
        how = f"is open: checklist resume {one.run}"
        how = how if one.run else f"waits on the board: checklist walk {one.protocol} --subject {one.subject}"
        yield f"Its list, “{one.title}”, {how}"


def named(done: Recall) -> str:
    """What was called back, or would be."""
    from checklist.clinic.identifiers.recalling import LISTED

    return _some([f"{one.kind} {one.value}" for one in done.things], LISTED)


def reached(done: Recall, zone: str) -> Iterator[str]:
    """What is to be found, and whom it reached."""
    from checklist.clinic.identifiers.recalling import LISTED
    from checklist.line.local import local

    if done.last_negative and done.since:
        since = local(done.since, zone)
        yield f"The last negative test is run {done.last_negative}; these are the loads since {since}."
    left = [f"{one.thing.kind} {one.thing.value}{_opened(one.opened)}" for one in done.left]
    yield f"Find what is left of it first: {_some(left, LISTED) or 'nothing is known to be left'}"
    yield "Visits that it reached, the newest first: " + (", ".join(done.sessions) or "none")
    yield from _runs("Scanned, then corrected, in", done.reach.corrected, zone)
    if done.reach.cut:
        yield "It went farther than was followed: there are more visits. Recall or trace smaller things one by one."


def _some(names: list[str], most: int) -> str:
    """The first of them by name, and how many more there are."""
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def _opened(count: int) -> str:
    return f" (used {count} {'time' if count == 1 else 'times'})" if count else ""
