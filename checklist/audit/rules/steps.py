"""The rules on single steps: too fast, timed by the wall clock, a hold that was passed, something put off for too long,
and a secret that nobody typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.audit.rules.rule import AVIATION, DESIGN, INTEGRITY, SURVEYS, TICKED, Check, Context, Rule, Seen
from checklist.audit.rules.usual import seconds

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

TOO_FAST: Final = Rule(
    id="too-fast",
    severity="look",
    title="A step was done faster than its protocol says is credible",
    looks_at="Every step with `at_least`, by the monotonic clock, from the act before it to its own.",
    why="Hands cannot be rubbed for 30 seconds in four. A step that was ticked before it can have been done was not "
    "done, or was done before it was ticked.",
    source=f"{TICKED}; {SURVEYS}",
    unseen="Steps without a minimum, what was entered from paper, which nobody timed, what was corrected, and the "
    "first step after a break. Somebody who waits before they tick is not seen.",
    honest="The step was done together with the one before, and both were ticked afterwards; or the minimum is too "
    "long for this clinic, and should be changed in its protocol.",
)
WALL_CLOCK: Final = Rule(
    id="timed-by-wall-clock",
    severity="look",
    title="A long timer went on over a restart, by the wall clock",
    looks_at="Timers of an hour or more during which the machine was started anew.",
    why="Only the wall clock knows how long that was, and it can be set by hand.",
    source=INTEGRITY,
    unseen="Whether the clock was right. See `clock-jumped` for what the machine noticed.",
    honest="The machine was updated, or lost its power, during an incubation.",
)
HOLD: Final = Rule(
    id="hold-passed",
    severity="act",
    title="What stands behind a hold was done, and the hold was not cleared",
    looks_at="Steps marked `hold` that were left out, failed or stand open while a later step of the same run was done "
    "after them. A hold that two people overrode is told by `override-unreviewed` until somebody looked at it.",
    why="A hold is where harm is stopped, and the program lets nobody by without an override.",
    source=f"{DESIGN}; {AVIATION}",
    unseen="A hold that was cleared with a false value.",
    honest="An older version of the protocol had the steps in another order.",
)
OVERDUE: Final = Rule(
    id="deferred-overdue",
    severity="act",
    title="A step that was put off is still not done, and its time has passed",
    looks_at="Steps that stand as deferred, where the time that was set for them passed three days ago.",
    why="What is put off and forgotten was never done; the run counts as complete except for it.",
    source=AVIATION,
    unseen="Steps that were put off to a time that never comes.",
    honest="It was done, and nobody took up the run again to say so.",
)
SECRET_FILE: Final = Rule(
    id="secret-from-file",
    severity="look",
    title="The secret for a signature came from a file",
    looks_at="Signatures, second readings and overrides whose entry says that the secret was read from a file.",
    why="A signature is a deliberate act of one person. A file can be read by a program, or by somebody else.",
    source=DESIGN,
    unseen="A secret that was told to somebody else, and typed by them.",
    honest="A trial, or a task that the clinic lets a machine do and knows of.",
)


_GRACE: Final = timedelta(days=3)
"""A weekend: nobody is there to do it."""


def _too_fast(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    question = "SELECT run, step, n, ms, at_least FROM timed WHERE ms < at_least * 1000 ORDER BY n"
    for run, step, n, ms, least in db.execute(question):
        yield Seen(n, run, f"“{step}” took {seconds(ms)}; its protocol says at least {seconds(least * 1000)}")


def _by_wall(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    for run, step, n in db.execute("SELECT run, step, n FROM step WHERE clock = 'wall' ORDER BY n"):
        yield Seen(n, run, f"“{step}” was timed across a restart, by the wall clock")


def _hold(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    # By the order of the protocol and of the record: something later was done after the hold was left.
    question = """
        SELECT step.run, step.step, step.state, min(after.n) FROM step
        JOIN run ON run.n = step.run JOIN written ON written.sha256 = run.sha256 AND written.step = step.step
        JOIN step AS after ON after.run = step.run AND after.state = 'done' AND after.n > step.n
        JOIN written AS behind ON behind.sha256 = run.sha256 AND behind.step = after.step
        WHERE step.state NOT IN ('done', 'overridden') AND written.hold = 1 AND behind.position > written.position
        GROUP BY step.run, step.step"""
    for run, step, state, n in db.execute(question):
        stood = "not cleared" if state in ("current", "pending") else state
        yield Seen(n, run, f"“{step}” is a hold and was {stood}; a step behind it was done all the same")


def _overdue(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    question = (
        "SELECT step.run, step, step.n, until FROM step JOIN run ON run.n = step.run WHERE state = 'deferred'"
        " AND until IS NOT NULL AND outcome IN ('open', 'complete-except-deferred') ORDER BY step.n"
    )
    for run, step, n, until in db.execute(question):
        due = _moment(until, context.zone)
        if due is not None and context.now - due > _GRACE:  # by subtraction: an end may be the last day of all
            by = f"{due.astimezone(ZoneInfo(context.zone)):%Y-%m-%d}"
            yield Seen(n, run, f"“{step}” was put off until {by} and is still not done")


def _moment(until: str, zone: str) -> datetime | None:
    """The end of the time that was set: of the day, where it is one. None where no clock can say it."""
    try:
        found = datetime.fromisoformat(until)
        if len(until) == len("2027-03-31"):
            found = found.replace(hour=23, minute=59, second=59)
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _secret(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    question = (
        "SELECT entry.n, entry.run, coalesce(entry.step, entry.kind) FROM noticed JOIN entry USING (n)"
        " WHERE rule = 'secret-from-file' ORDER BY n"
    )
    for n, run, what in db.execute(question):
        yield Seen(n, run, f"the secret for “{what}” came from a file, not from the person's hands")


CHECKS: Final = (
    Check(TOO_FAST, _too_fast),
    Check(HOLD, _hold),
    Check(OVERDUE, _overdue),
    Check(SECRET_FILE, _secret),
    Check(WALL_CLOCK, _by_wall),
)
