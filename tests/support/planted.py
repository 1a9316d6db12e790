"""What can be planted in an invented year, kind by kind, and where it then has to be found.

Each kind is given people and protocols of its own, so that all of them fit into one year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from checklist.audit.findings import Finding, judge
from tests.support.invented import BEGIN, CONTEXT, END, STAFF, Run, honest_year, laid_out

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tests.support.invented import Year

Plant: TypeAlias = "Callable[[Year], list[Run] | None]"
"""Changes a year; the runs where it is to be found, each by a finding of its own, or None where no run is named."""

A, B, C, D, E, F, G, H = STAFF


def _some(year: Year, protocol: str, count: int, starter: str | None = None) -> list[Run]:
    """Runs that nothing else was planted in, from the second half of the year."""
    runs = [one for one in year.of(protocol, starter) if id(one) not in _taken(year)]
    chosen = year.random.sample(runs[len(runs) // 2 :], count)
    year.taken += chosen
    return chosen


def _taken(year: Year) -> set[int]:
    return {id(one) for one in year.taken}


def too_fast(year: Year) -> list[Run]:
    """Hands rubbed in three seconds."""
    found = _some(year, "room-turnover", 6)
    for run in found:
        run.step("hands").state, run.step("hands").ms = "done", 3_100
    return found


def faster_once(year: Year) -> list[Run]:
    """A step without a minimum, in a tenth of its time."""
    found = _some(year, "day-open", 5)
    for run in found:
        run.step("stock").state, run.step("stock").ms = "done", 4_000 + year.random.randint(0, 1500)
    return found


def faster_always(year: Year) -> None:
    """One person who packs in a fifth of the time, always."""
    for run in year.of("steriliser-load", C):
        step = run.step("pack")
        step.ms = (step.ms or 0) // 5


def burst(year: Year) -> list[Run]:
    """A list ticked from top to bottom."""
    found = _some(year, "room-turnover", 6)
    for step in (step for run in found for step in run.steps if step.written.kind != "timer"):
        step.ms = year.random.randint(600, 1600)
    return found


def identical(year: Year) -> None:
    """One person who types the temperature of the last time."""
    for run in year.of("steriliser-load", D)[-40:]:
        run.step("temperature").value = "134.6"


def digits(year: Year) -> None:
    """One person who reads pressures in fives."""
    for run in year.of("steriliser-load", E):
        run.step("pressure").value = f"{round(float(run.step('pressure').value or 0) / 5) * 5}"


def all_pass(year: Year) -> None:
    """One person for whom nothing ever goes wrong."""
    for run in (one for one in year.runs if one.starter == H):
        run.deviations = 0
        for step in run.steps:
            step.state = "done"


def same_witness(year: Year) -> None:
    """Two who confirm each other whenever both are there."""
    for run in year.of("steriliser-load", F):
        if G in year.there[f"{run.at:%Y-%m-%d}"]:
            run.step("second-reader").witness = G


def cloned(year: Year) -> list[Run]:
    """Runs copied from others, some of them with a few milliseconds on top."""
    found = _some(year, "room-turnover", 6)
    for at, run in enumerate(found):
        original = year.of("room-turnover")[at * 7]
        for step, other in zip(run.steps, original.steps, strict=True):
            step.value, step.state, ms = other.value, other.state, other.ms or 0
            step.ms = ms if at % 2 else ms - ms % 1000 + min(ms % 1000 + year.random.randint(0, 9), 999)
    return found


def copied_printout(year: Year) -> list[Run]:
    """Curves of another cycle."""
    found = _some(year, "steriliser-load", 3)
    for at, run in enumerate(found):
        other = year.of("steriliser-load")[at].cycle
        assert run.cycle is not None
        assert other is not None
        run.cycle = (run.cycle[0], run.cycle[1], other[2])
    return found


def missing_cycles(year: Year) -> list[Run]:
    """Cycles that were run and not recorded."""
    found = []
    for machine in ("SN-S1", "SN-S2"):
        runs = [one for one in year.of("steriliser-load") if one.cycle and one.cycle[0] == machine]
        later = runs[len(runs) // 3 :]
        for run in later:
            serial, cycle, series = run.cycle or ("", 0, "")
            run.cycle = (serial, cycle + 2, series)
        found.append(later[0])
    return found


def repeated_cycles(year: Year) -> list[Run]:
    """One cycle for two loads."""
    loads = year.of("steriliser-load")
    found = []
    for at in (40, 90, 140):
        serial, cycle, _ = loads[at].cycle or ("", 0, "")
        again = next(one for one in loads[at + 1 :] if one.cycle and one.cycle[0] == serial)
        again.cycle = (serial, cycle, f"again-{at}")
        found.append(again)
    return found


def odd_hours(year: Year) -> list[Run]:
    """In the middle of the night, and on Sundays."""
    found = _some(year, "room-turnover", 6)
    for at, run in enumerate(found):
        day = run.at.replace(hour=0, minute=0)
        sunday = day + timedelta(days=6 - day.weekday(), hours=11)
        run.at = sunday if at % 2 else day + timedelta(hours=2, minutes=at * 7)
    return found


def entered_late(year: Year) -> list[Run]:
    """From paper, nine days later."""
    found = _some(year, "room-turnover", 4)
    for run in found:
        run.via, run.paper = "transcribed", run.at - timedelta(days=9)
        for step in run.steps:
            step.ms = None
    return found


def often_from_paper(year: Year) -> None:
    """Half a month of mornings from paper."""
    for run in year.of("day-open")[30:46]:
        run.via, run.paper = "transcribed", run.at - timedelta(hours=3)
        for step in run.steps:
            step.ms = None


def clock_set_back(year: Year) -> None:
    """The clock, set back by hours."""
    year.beside.append(("clock.jumped", BEGIN + timedelta(days=100, hours=8), -3 * 3_600_000))


def override(year: Year) -> list[Run]:
    """Passed by two people, and never looked at."""
    found = _some(year, "room-turnover", 2)
    for run in found:
        run.step("ready").state, run.step("ready").reviewed, run.deviations = "overridden", False, 1
    return found


def hold(year: Year) -> list[Run]:
    """A hold left out, and the rest done."""
    found = _some(year, "day-open", 2)
    for run in found:
        run.step("kit").state, run.deviations = "skipped", 1
    return found


def overdue(year: Year) -> list[Run]:
    """Put off until the day after, and never done."""
    found = _some(year, "room-turnover", 2)
    for run in found:
        step = run.step("stock")
        step.state, step.until = "deferred", f"{run.at + timedelta(days=1):%Y-%m-%d}"
        run.outcome, run.deviations = "complete-except-deferred", 1
    return found


def unanchored(year: Year) -> None:
    """A month without an anchor."""
    first = BEGIN + timedelta(days=200)
    year.beside = [
        one for one in year.beside if one[0] != "anchored" or not first < one[1] < first + timedelta(days=30)
    ]


def from_file(year: Year) -> list[Run]:
    """A signature whose secret nobody typed."""
    return _noticed(year, "steriliser-load", "release", "secret-from-file")


def typed_otherwise(year: Year) -> list[Run]:
    """A reading that the printout contradicts."""
    return _noticed(year, "steriliser-load", "hold-time", "sensed-differs")


def out_of_limit(year: Year) -> list[Run]:
    """A limit that the printout breaks."""
    return _noticed(year, "steriliser-load", "hold-time", "sensed-out-of-limit")


def other_machine(year: Year) -> list[Run]:
    """The printout of another machine."""
    return _noticed(year, "steriliser-load", "hold-time", "printout-other-machine")


def aborted_before(year: Year) -> list[Run]:
    """A second printout of a cycle that was aborted."""
    return _noticed(year, "steriliser-load", "hold-time", "cycle-aborted-before")


def out_of_order(year: Year) -> list[Run]:
    """A cycle that is recorded after later ones."""
    return _noticed(year, "steriliser-load", "hold-time", "cycle-out-of-order")


def unread(year: Year) -> list[Run]:
    """A printout that cannot be read."""
    return _noticed(year, "steriliser-load", "hold-time", "printout-unread")


def without_reader(year: Year) -> list[Run]:
    """A printout that nobody set a reader for."""
    return _noticed(year, "steriliser-load", "hold-time", "printout-without-reader")


def _noticed(year: Year, protocol: str, step: str, rule: str) -> list[Run]:
    found = _some(year, protocol, 2)
    for run in found:
        run.step(step).noticed = ((rule, "seen when it was recorded"),)
    return found


def by_wall(year: Year) -> list[Run]:
    """A timer over a restart."""
    found = _some(year, "day-open", 2)
    for run in found:
        run.step("outlets").clock = "wall"
    return found


def left_open(year: Year) -> list[Run]:
    """Begun, and never ended."""
    found = _some(year, "room-turnover", 2)
    for run in found:
        run.outcome = "open"
        for step in run.steps[3:]:
            step.state = "pending"
    return [one for one in found if one.at < END - timedelta(days=8)]


def nobody(year: Year) -> list[Run]:
    """Begun by nobody who signed in."""
    found = _some(year, "day-open", 2)
    for run in found:
        run.starter = None
        for step in run.steps:
            step.actor = None
    return found


# By name, with the rule that has to find it.
PLANTS: Final[dict[str, tuple[str, Plant]]] = {
    "all-pass": ("all-pass-streak", all_pass),
    "missing cycles": ("cycle-missing", missing_cycles),
    "repeated cycles": ("cycle-repeated", repeated_cycles),
    "copied printout": ("cloned-printout", copied_printout),
    "too fast": ("too-fast", too_fast),
    "faster once": ("faster-than-history", faster_once),
    "faster always": ("faster-than-history", faster_always),
    "burst": ("burst", burst),
    "identical": ("identical-readings", identical),
    "digits": ("digit-preference", digits),
    "same witness": ("same-witness", same_witness),
    "cloned": ("cloned-run", cloned),
    "odd hours": ("odd-hours", odd_hours),
    "entered late": ("entered-late", entered_late),
    "often from paper": ("entered-late", often_from_paper),
    "clock set back": ("clock-jumped", clock_set_back),
    "override": ("override-unreviewed", override),
    "hold": ("hold-passed", hold),
    "overdue": ("deferred-overdue", overdue),
    "unanchored": ("unanchored-long", unanchored),
    "from file": ("secret-from-file", from_file),
    "typed otherwise": ("sensed-differs", typed_otherwise),
    "out of limit": ("sensed-out-of-limit", out_of_limit),
    "other machine": ("printout-other-machine", other_machine),
    "aborted before": ("cycle-aborted-before", aborted_before),
    "out of order": ("cycle-out-of-order", out_of_order),
    "unread": ("printout-unread", unread),
    "without reader": ("printout-without-reader", without_reader),
    "by wall": ("timed-by-wall-clock", by_wall),
    "left open": ("left-open", left_open),
    "nobody": ("unattributed", nobody),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A year that was judged: what was found, what is planted in it (by kind), and how many runs there are."""

    db: sqlite3.Connection
    found: list[Finding]
    plants: dict[str, list[Run] | None]
    runs: int

    def of(self, rule: str) -> list[Finding]:
        """What one rule found."""
        return [one for one in self.found if one.rule == rule]

    def places(self, name: str) -> list[bool]:
        """Of each place where a kind was planted, whether its rule found it there."""
        rule, where = PLANTS[name][0], self.plants[name]
        runs = {one.run for one in self.of(rule)}
        return [bool(runs)] if where is None else [run.n in runs for run in where]


@cache
def judged(seed: int, *, fraud: bool) -> Judged:
    """A year by its seed, honest or with everything planted in it, judged once for all tests."""
    year = honest_year(seed)
    plants = {name: plant(year) for name, (_, plant) in PLANTS.items()} if fraud else {}
    db = laid_out(year)
    return Judged(db, judge(db, CONTEXT), plants, len(year.runs))
