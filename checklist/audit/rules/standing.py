"""The rules on what stands open: overrides nobody looked at, runs left open or without a name, a ledger without an
anchor, and what a verification names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import AVIATION, DESIGN, INTEGRITY, Check, Context, Rule, Seen
from checklist.audit.state import HOUSEKEEPING, newest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

UNREVIEWED: Final = Rule(
    id="override-unreviewed",
    severity="act",
    title="An override that nobody has reviewed",
    looks_at="Every step, and every answer of the gate, that two people passed all the same, and that no third person "
    "has looked at. It waits in `checklist review` at once, and is a finding 24 hours later.",
    why="An override is right when it is looked at in the light of day by somebody who did not decide it.",
    source=AVIATION,
    unseen="What was talked about and not recorded.",
    honest="It was looked at, and nobody wrote that down: `checklist review` does it.",
)
UNATTRIBUTED: Final = Rule(
    id="unattributed",
    severity="act",
    title="A run that nobody stands for",
    looks_at="Emergency runs that were begun without signing in, and that nobody has put their name to.",
    why="In an emergency nobody waits for a secret. Afterwards somebody has to say that it was them.",
    source=DESIGN,
    unseen="Whether the one who says so was there.",
    honest="They have not come back to work yet.",
)
ATTRIBUTED_WITHOUT: Final = Rule(
    id="attributed-without",
    severity="look",
    title="A run is attributed to somebody who could not have begun it signed in",
    looks_at="Runs with a name put to them afterwards, against the roles and credentials of that person when it began.",
    why="In an emergency nobody is asked for a role. Later it matters who did what they are not trained for.",
    source=DESIGN,
    unseen="Runs whose protocol asks for no role.",
    honest="It was an emergency, and they were nearest.",
)
LEFT_OPEN: Final = Rule(
    id="left-open",
    severity="look",
    title="A run that was never ended",
    looks_at="Runs that were open when their station ended, and runs that stand open with no entry for seven days.",
    why="What was begun and never ended can be taken for done by somebody who only saw it begin.",
    source=DESIGN,
    unseen="Runs that were never begun; the plan tells of those.",
    honest="The machine was replaced in the middle of it, or the patient went home.",
)
UNANCHORED: Final = Rule(
    id="unanchored-long",
    severity="act",
    title="The ledger has not been anchored for long",
    looks_at="For each station, the time with entries in it between one anchor and the next, and since the last one: "
    "more than fifteen days.",
    why="Whoever has the machine and its key can rewrite what came after the last anchor, and nobody would see it.",
    source=INTEGRITY,
    unseen="Whether the anchor is still kept, and where.",
    honest="The clinic was closed, or keeps its checkpoints by another way that is not recorded here.",
)
TAMPERED: Final = Rule(
    id="tampered",
    severity="act",
    title="The verification does not find the record as it was recorded",
    looks_at="Everything that `checklist verify` names, when somebody verified: entries, signatures and ends that do "
    "not fit, and texts, files or names that are missing or were changed.",
    why="What is read from a record is worth no more than the record.",
    source=INTEGRITY,
    unseen="Anything, unless somebody asks for it: `checklist findings --verify`. Whoever has the machine and its key "
    "can rewrite what came after the last anchor so that it fits.",
    honest="The disk is failing, or a file was put back from the wrong backup. Keep a copy of the folder before "
    "anything else. It is told for as long as a verification names it, whoever looked at it.",
)
VIEWS: Final = Rule(
    id="views-differ",
    severity="act",
    title="The tables that questions are asked of differ from the record",
    looks_at="The tables in the ledger file, against those rebuilt from the entries, when somebody verified.",
    why="The board and the gate ask these tables. Somebody may have changed them to hide what the entries say.",
    source=INTEGRITY,
    unseen="A change that was undone before anybody looked.",
    honest="The disk is failing. Keep a copy of the folder; `checklist verify` says which table.",
)

_REVIEW: Final = timedelta(hours=24)
_IDLE: Final = timedelta(days=7)
_ANCHOR: Final = timedelta(days=15)


def _unreviewed(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    question = (
        "SELECT overriding.n, overriding.run, overriding.step, procedure, overriding.at FROM overriding"
        " LEFT JOIN clearance ON clearance.n = overriding.clearance WHERE overriding.reviewed IS NULL"
        " ORDER BY overriding.n"
    )
    for n, run, step, procedure, at in db.execute(question):
        since = context.now - datetime.fromisoformat(at)
        if since > _REVIEW:
            what = f"“{step}”" if step else f"the gate of “{procedure}”" if procedure else "what was not met"
            yield Seen(n, run, f"{what} was overridden on {context.day(at)}, and nobody has reviewed that since")


def _unattributed(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    for (n,) in db.execute("SELECT n FROM run WHERE starter IS NULL AND attributed IS NULL ORDER BY n"):
        yield Seen(n, n, "was begun without signing in, and nobody has said yet that they did it")


def _attributed_without(_: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    for n, why in sorted(context.attributed_without.items()):
        yield Seen(n, n, why)


def _left_open(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    now_in_use = db.execute("SELECT station FROM entry ORDER BY n DESC LIMIT 1").fetchone()
    question = (
        "SELECT run.n, run.protocol, run.last, station, entry.at, outcome FROM run JOIN entry ON entry.n = run.last"
        " WHERE outcome IN ('open', 'unknown') AND run.ended IS NULL ORDER BY run.n"
    )
    for n, protocol, last, station, at, outcome in db.execute(question):
        idle = context.now - datetime.fromisoformat(at)
        if station != now_in_use[0]:
            yield Seen(last, n, f"“{protocol}” was open when its station ended")
        elif idle > _IDLE and outcome == "open":  # else what cannot be read of it may be its end
            yield Seen(last, n, f"“{protocol}” stands open, and nothing was recorded in it since {context.day(at)}")


def _unanchored(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    told = newest(db)
    for station in _stations(db):
        question = "SELECT n, idx, at FROM entry WHERE station = ? ORDER BY idx"
        first = db.execute(f"{question} LIMIT 1", (station,)).fetchone()
        last = _last(db, station) or first
        anchors = db.execute(
            "SELECT n, idx, at FROM entry WHERE kind = 'anchored' AND station = ? ORDER BY n", (station,)
        ).fetchall()
        # A station's first entry stands for an anchor: before it there was nothing to rewrite.
        points = [(n, index, datetime.fromisoformat(at)) for n, index, at in (first, *anchors, last)]
        if told is not None and last[0] == told.n:
            points[-1] = (*last[:2], max(points[-1][2], context.now.astimezone(UTC)))
        for (n, index, since), (_, end, until) in pairwise(points):
            if until - since > _ANCHOR and end - index > 1:
                began, ended = context.day(since.isoformat()), context.day(until.isoformat())
                still = f"has not been anchored since {began}" if anchors else f"was never anchored since {began}"
                ever = still if end == last[1] else f"was not anchored from {began} to {ended}"
                alone = f"{end - index} entries rest on the station's word alone"
                yield Seen(n, None, f"the ledger of station {station} {ever}; {alone}")


def _last(db: sqlite3.Connection, station: str) -> tuple[int, int, str] | None:
    """The newest entry of a station that does not only keep house."""
    marks = ", ".join("?" * len(HOUSEKEEPING))
    question = f"SELECT n, idx, at FROM entry WHERE station = ? AND kind NOT IN ({marks}) ORDER BY idx DESC LIMIT 1"  # noqa: S608 - question marks only, the kinds are bound
    row = db.execute(question, (station, *HOUSEKEEPING)).fetchone()
    return (int(row[0]), int(row[1]), str(row[2])) if row else None


def _stations(db: sqlite3.Connection) -> Iterator[str]:
    station = ""
    while (row := db.execute("SELECT min(station) FROM entry WHERE station > ?", (station,)).fetchone())[0] is not None:
        station = row[0]
        yield station


def _tampered(_: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    for n, why in context.tampered:
        yield Seen(n, None, why)


def _views(_: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    for why in context.views_differ:
        yield Seen(None, None, why)


CHECKS: Final = (
    Check(TAMPERED, _tampered),
    Check(UNREVIEWED, _unreviewed),
    Check(UNATTRIBUTED, _unattributed),
    Check(VIEWS, _views),
    Check(UNANCHORED, _unanchored),
    Check(LEFT_OPEN, _left_open),
    Check(ATTRIBUTED_WITHOUT, _attributed_without),
)
