"""The record laid out in its catalogue, kept up with, and asked: 1,000,000 entries.

Laying out is compared with reading and checking every leaf, which is the least that it takes; the first page of a
filter with one plain walk of SQLite through all rows of runs. Of each group of filters the slowest is shown.
"""

from __future__ import annotations

import resource
from datetime import date
from typing import TYPE_CHECKING

from checklist.audit.query import Filter, page, parse
from checklist.audit.report.contents import document
from checklist.clinic import auditing, reporting
from checklist.clinic.service import Clinic
from checklist.ledger.entry import check_leaf
from checklist.ledger.merkle import leaf_hash
from tests.benchmarks.clinics import run_drafts
from tests.benchmarks.figures import Row, Samples, compared, interleaved, timed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from checklist.audit.catalogue import Catalogue
    from checklist.ledger.entry import Draft
    from tests.benchmarks.clinics import Workshop

ENTRIES = 1_000_000
ROUNDS = 20
CATCHING_UP = 10
NEW = 100
MOST_MS = 100.0
MOST_NEW_MS = 20.0
MOST_MIB = 300.0
MOST_S = 20.0
FILLING, ASKING = 5.0, 6.0  # times the yardstick
TODAY = date(2027, 3, 31)
FILTERS = {
    "everything, or nearly": [
        "", "protocol:room-turnover", "step:step-1", "kind:step.done", "-deviation:yes", "via:tui",
    ],
    "something rare, or nothing": [
        "protocol:day-open", "step:step-4 state:failed", "state:skipped", "outcome:open", "via:line", "kind:signed-in",
        "deviation:yes", "lot:A1", "finding:any", "is:missed", "is:open", "session:s_1", "subject:room=room-2",
        "kind:protocol.adopted", "run:a#100", "day:2027-03-31", "until:2026-01-01", "since:2027-03-31",
    ],
    "some words together": [
        "protocol:room-turnover -step:step-1", "kind:step.done -via:tui outcome:complete",
        "-kind:step.done -kind:run.started",
        "subject:room=room-1 state:done deviation:yes", "step:step-4 -state:done",
    ],
    "text, alone and with words": [
        "134.5", ".5", "turnover", "zzz", "room-1", ".5 protocol:day-open", ".5 kind:run.abandoned", "134 -via:tui",
        "-protocol:room-turnover turnover", "a b c",
    ],
}  # fmt: skip


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    folder = workshop.filled(ENTRIES, 1000)
    with Clinic.open(folder) as clinic:
        least = timed(lambda: _read(clinic))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        filled = timed(lambda: auditing.opened(clinic).close())
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        name = f"laying out {ENTRIES:,} entries : reading and checking them"
        rows = [compared(name, Samples((filled,)), Samples((least,)), "s", FILLING)]
        rows.append(
            Row("  more memory for it", 1, f"{grown:.0f} MiB", "-", "-", f"<= {MOST_MIB:g} MiB", grown <= MOST_MIB)
        )
        with auditing.opened(clinic) as catalogue:
            told = filled + timed(lambda: _reported(clinic, catalogue))
        first = f"{told:.1f} s"
        rows.append(
            Row("a first report: that, the rules, the page", 1, first, "-", "-", f"<= {MOST_S:g} s", told <= MOST_S)
        )
        rows.append(_within(f"catching up with {NEW} entries", Samples(tuple(_caught_up(clinic))), MOST_NEW_MS))
        with auditing.opened(clinic) as catalogue:
            return [*rows, *(row for name, lines in FILTERS.items() for row in _asked(catalogue.db, name, lines))]


def _read(clinic: Clinic) -> None:
    for _, leaf in clinic.ledger.each("SELECT idx, leaf FROM entry ORDER BY idx"):
        if isinstance(leaf, bytes):
            check_leaf(leaf)
            leaf_hash(leaf)


def _reported(clinic: Clinic, catalogue: Catalogue) -> None:
    reporting.judge(clinic, catalogue)
    reporting.rendered(clinic, document(reporting.known_of(clinic, catalogue.db, reporting.Asked())), "html")


def _caught_up(clinic: Clinic) -> list[float]:
    """How many milliseconds it takes to take in what was recorded meanwhile, in each round."""
    actor, (sha256,) = "u_0123456789", clinic.ledger.query("SELECT sha256 FROM in_force WHERE id = 'room-turnover'")[0]
    taken = []
    for _ in range(CATCHING_UP):
        for _ in range(NEW // 10):
            place = f"{clinic.ledger.station}#{clinic.ledger.size}"
            drafts: Sequence[Draft] = [*run_drafts(place, actor, str(sha256), "room=room-1")]
            clinic.ledger.append(lambda _, drafts=drafts: drafts)  # type: ignore[misc]
        taken.append(timed(lambda: auditing.opened(clinic).close()) * 1e3)
    return taken


def _asked(db: sqlite3.Connection, name: str, lines: Sequence[str]) -> list[Row]:
    """The slowest filter of a group, beside one walk through the rows of all runs."""

    def walk() -> object:
        return db.execute("SELECT count(*) FROM run NOT INDEXED WHERE subject = 'nothing'").fetchone()

    def asking(wanted: Filter) -> Callable[[], float]:
        return lambda: timed(lambda: page(db, wanted))

    wanted = [parse(line, TODAY, lambda named: named) for line in lines]
    samples = [each.times(1e3) for each in interleaved(ROUNDS, lambda: timed(walk), *(asking(one) for one in wanted))]
    yardstick, found = samples[0], samples[1:]
    slowest = max(range(len(found)), key=lambda at: found[at].median)
    told = f"first page, {name} (slowest: {wanted[slowest].line or 'no filter'})"
    ratio = compared(f"{told} : a walk through all runs", found[slowest], yardstick, "ms", ASKING)
    return [ratio, _within("  the same, p95", found[slowest], MOST_MS)]


def _within(name: str, ours: Samples, most: float) -> Row:
    return Row(name, len(ours.values), ours.text("ms"), "-", "-", f"<= {most:g} ms", ours.p95 <= most)
