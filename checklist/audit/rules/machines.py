"""The rules on steriliser cycles, by what their printouts say: copied ones, missing ones, and numbers used twice."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import COPIES, DESIGN, LOAD_RECORD, TICKED, Check, Context, Rule, Seen

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

COPIED: Final = Rule(
    id="cloned-printout",
    severity="act",
    title="A printout with the curve of another cycle",
    looks_at="The hash of all temperatures and pressures of each cycle that was attached, line by line with the times "
    "between them, against all others of other numbers or times. What else stands on it, such as the hold time that "
    "the machine names, is not compared.",
    why="No two cycles have the same curve to the last digit. An old printout with a new date proves nothing of this "
    "load.",
    source=COPIES,
    unseen="Copies in which readings were changed.",
    honest="The machine gave out the file of an earlier cycle once more with a wrong header.",
)
MISSING: Final = Rule(
    id="cycle-missing",
    severity="look",
    title="Cycles of a machine of which there is no printout",
    looks_at="The cycle numbers of each machine by its serial number, one after the other.",
    why="A cycle that is not on record may be one that failed, and whose load was used.",
    source=f"{COPIES}; {LOAD_RECORD}",
    unseen="Cycles after the last that is known, and machines whose printouts are not attached as files.",
    honest="Test or drying cycles that this clinic does not record, service work, or a printout on paper only.",
)
REPEATED: Final = Rule(
    id="cycle-repeated",
    severity="act",
    title="A cycle number that stands in two runs",
    looks_at="The same cycle number of the same machine and serial number in more than one run.",
    why="One cycle sterilises one load. Two loads that rest on one cycle leave one of them without.",
    source=f"{COPIES}; {LOAD_RECORD}",
    unseen="Loads that were never recorded.",
    honest="The counter began anew after a repair, or the wrong file was attached and not yet corrected.",
)
OTHERS: Final = {
    "sensed-out-of-limit": Rule(
        id="sensed-out-of-limit",
        severity="act",
        title="The machine's printout says a value outside the limit",
        looks_at="What the program noticed itself when a printout was attached beside typed readings.",
        why="What the machine measured counts, whatever was typed.",
        source=DESIGN,
        unseen="Machines without a reader for their printouts.",
        honest="The reader for this machine takes the wrong line of the printout.",
    ),
    "sensed-differs": Rule(
        id="sensed-differs",
        severity="look",
        title="A typed reading is not what the machine's printout says",
        looks_at="What the program noticed itself when a printout was attached beside typed readings.",
        why="A reading that is typed from memory differs from what was measured.",
        source=TICKED,
        unseen="Machines without a reader for their printouts.",
        honest="A slip of the finger, or a display that rounds otherwise than its file.",
    ),
    "cycle-aborted-before": Rule(
        id="cycle-aborted-before",
        severity="act",
        title="A cycle that an earlier printout calls aborted",
        looks_at="The number and start of each cycle when its printout was attached, against those of aborted cycles.",
        why="What came out of an aborted cycle is not sterile, whatever a second printout of it says.",
        source=LOAD_RECORD,
        unseen="Aborted cycles of which no printout was ever attached.",
        honest="The machine gave out its file before the cycle had ended, and again afterwards.",
    ),
    "cycle-out-of-order": Rule(
        id="cycle-out-of-order",
        severity="look",
        title="A cycle with a lower number than one that was recorded before",
        looks_at="The number of each cycle when its printout was attached, against the highest of the same machine.",
        why="A load that is recorded after later ones was recorded long after it ran, or by an older printout.",
        source=LOAD_RECORD,
        unseen="Machines that do not count their cycles.",
        honest="Two loads were put on record in another order than they ran, or the counter began anew.",
    ),
    "printout-unread": Rule(
        id="printout-unread",
        severity="look",
        title="A printout that was kept and could not be read",
        looks_at="What the program noticed itself when a printout was attached.",
        why="Nothing typed beside it was compared with what the machine says.",
        source=DESIGN,
        unseen="Printouts on paper.",
        honest="The file is damaged, or the machine writes it in another way since an update.",
    ),
    "printout-without-reader": Rule(
        id="printout-without-reader",
        severity="look",
        title="A printout that no reader was set for",
        looks_at="What the program noticed itself when a printout was attached.",
        why="Nothing typed beside it was compared with what the machine says.",
        source=DESIGN,
        unseen="Printouts on paper.",
        honest="There is no reader for this machine yet, or clinic.toml does not name it.",
    ),
    "printout-other-machine": Rule(
        id="printout-other-machine",
        severity="look",
        title="A printout of another machine",
        looks_at="The serial number on the printout against those that this equipment had before.",
        why="A printout of another machine proves nothing of this load.",
        source=f"{DESIGN}; {LOAD_RECORD}",
        unseen="Machines that do not print their serial number.",
        honest="The machine was replaced, or its board.",
    ),
}
"""By its id, each rule that the program told of by itself, in the entry."""

_OFTEN: Final = 0.2


def _copied(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    question = (
        "SELECT cycle.series, cycle.n, cycle.run, machine, serial, cycle, started, run.run FROM cycle"
        " LEFT JOIN run ON run.n = cycle.run WHERE series <> '' AND series IN"
        " (SELECT series FROM cycle GROUP BY series HAVING count(*) > 1) ORDER BY series, cycle.n"
    )
    for _series, rows in groupby(db.execute(question), itemgetter(0)):
        (_, _, _, *first_cycle, place), *later = rows
        for _, n, run, *cycle, _place in later:
            if cycle != first_cycle:
                named = f"calls itself cycle {cycle[2]} of {cycle[3][:10]}"
                same = f"line by line the temperatures and pressures of cycle {first_cycle[2]} in run {place}"
                yield Seen(n, run, f"the printout {named}, and has {same}")


def _missing(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    question = "SELECT machine, serial, cycle, n, run FROM cycle ORDER BY machine, serial, started, n"
    for (machine, serial), rows in groupby(db.execute(question), itemgetter(0, 1)):
        gaps, known = _gaps([row[2:] for row in rows])
        if len(gaps) > max(10, _OFTEN * known):  # this clinic does not attach every cycle: said once
            n, run = gaps[-1][3:]
            lacking = sum(gap[2] for gap in gaps)
            where = f"in {len(gaps)} places"
            yield Seen(n, run, f"{lacking} cycles of {machine} {serial}, {where}, have no printout on record")
            continue
        for first, through, _lacking, n, run in gaps:
            which = f"cycle {first}" if first == through else f"cycles {first} to {through}"
            yield Seen(n, run, f"no printout of {which} of {machine} {serial} is on record")


def _gaps(cycles: Sequence[tuple[int, int, int]]) -> tuple[list[tuple[int, int, int, int, int]], int]:
    """Where numbers were left out, in the order of time: the first and the last of them, how many are nowhere else on
    record, and the entry and run that come after; and how many cycles are known."""
    every = sorted({cycle for cycle, _, _ in cycles})
    gaps = []
    for (last, _, _), (cycle, n, run) in pairwise(cycles):
        lacking = cycle - last - 1 - (bisect_left(every, cycle) - bisect_right(every, last))
        if cycle > last + 1 and lacking > 0:
            gaps.append((last + 1, cycle - 1, lacking, n, run))
    return gaps, len(cycles)


def _repeated(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    question = (
        "SELECT machine, serial, cycle, cycle.n, cycle.run, run.run FROM cycle LEFT JOIN run ON run.n = cycle.run"
        " ORDER BY machine, serial, cycle, cycle.n"
    )
    for (machine, serial, cycle), rows in groupby(db.execute(question), itemgetter(0, 1, 2)):
        first, *later = rows
        for _, _, _, n, run, _ in later:
            if run != first[4]:
                yield Seen(n, run, f"cycle {cycle} of {machine} {serial} stands in run {first[5]} already")


def _told(rule: str) -> Check:
    def find(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
        question = "SELECT n, run, step, why FROM noticed JOIN entry USING (n) WHERE rule = ? ORDER BY n"
        for n, run, step, why in db.execute(question, (rule,)):
            if (run, step) not in context.unread:
                yield Seen(n, run, why)

    return Check(OTHERS[rule], find)


CHECKS: Final = (
    Check(COPIED, _copied),
    Check(REPEATED, _repeated),
    Check(MISSING, _missing),
    *(_told(rule) for rule in OTHERS),
)
