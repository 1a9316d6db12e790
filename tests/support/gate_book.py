"""A second, much simpler book beside the record of a clinic: who was where, what was set apart, what went wrong.

It says for which states a requirement cannot be met, and knows nothing of ledgers, tables or the gate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
TEST_KEEPS, REST_KEEPS, LOAD_KEEPS = timedelta(days=2), timedelta(days=1), timedelta(days=2)
EVER = datetime.min.replace(tzinfo=UTC)
Thing = tuple[str, str]


@dataclass
class Walked:
    """One run: when it was begun, when it was first done, and whether every step of it is done as written by now."""

    run: str
    began: datetime
    ended: datetime | None = None
    good: bool = False
    moment: datetime = EVER
    """When it became what it is."""
    wiped: str = ""
    """The lot with which that was done."""

    @property
    def open(self) -> bool:
        return self.moment == self.began

    def done(self, at: datetime) -> None:
        self.ended = self.moment = self.ended or at
        self.good = True

    def spoiled(self, at: datetime) -> None:
        self.good, self.moment = False, at


@dataclass
class Load:
    machine: str
    walked: Walked
    released: bool = False
    failed: bool = False
    unproved: bool = False
    """Made while its machine was back on the word of a list that did not hold."""
    overrides: dict[str, bool] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        return self.released and not self.failed and not self.unproved and all(self.overrides.values())


@dataclass
class Visit:
    id: str
    room: str
    screen: Walked | None = None
    fit: bool = False
    opening: Walked | None = None
    performer: str | None = None
    items: dict[Thing, date | None] = field(default_factory=dict)
    """What it uses, and the last day of that."""
    overrides: dict[str, bool] = field(default_factory=dict)
    """The overrides of its start, and whether each was reviewed."""
    lamps: dict[str, dict[str, bool]] = field(default_factory=dict)
    """The same of the step that may be overridden, by the run."""
    opened_in: dict[Thing, set[str]] = field(default_factory=dict)
    """The runs in which each item was scanned."""
    go: bool = False
    closed: bool = False

    @property
    def started(self) -> bool:
        return self.go or bool(self.overrides)

    def of(self, kind: str) -> list[str]:
        return [value for named, value in self.items if named == kind]

    def passed(self, *runs: str) -> bool:
        """Whether the lamp was passed in one of these runs, and nobody has looked at that."""
        return any(False in self.lamps.get(one, {}).values() for one in runs)


@dataclass
class Book:
    tests: dict[str, list[Walked]] = field(default_factory=dict)
    repairs: dict[str, list[datetime]] = field(default_factory=dict)
    negatives: dict[str, str] = field(default_factory=dict)
    """The load of the last negative spore test, by machine."""
    loads: dict[str, Load] = field(default_factory=dict)
    rooms: dict[str, list[Walked]] = field(default_factory=dict)
    entered: list[tuple[str, datetime, str | None]] = field(default_factory=list)
    """Patients who came into a room: which, when, and for which visit."""
    power_losses: list[datetime] = field(default_factory=list)
    spills: list[Walked] = field(default_factory=list)
    visits: dict[str, Visit] = field(default_factory=dict)
    apart: dict[Thing, tuple[str, datetime]] = field(default_factory=dict)
    """What is quarantined or recalled, and since when."""
    called_back: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    """Machines whose loads were recalled: when, and from which moment on."""
    recalled_at: dict[str, datetime] = field(default_factory=dict)
    """Machines that were recalled, and when first since they returned last."""
    returned: dict[str, tuple[str, datetime, datetime]] = field(default_factory=dict)
    """The list by which a machine returned last, when it had been recalled, and since when it had been set apart."""
    spent: dict[str, set[str]] = field(default_factory=dict)
    """The visits that used up a serial number."""
    drawn: dict[str, str] = field(default_factory=dict)
    """The visit in which a tube was drawn."""
    holds: dict[str, date | None] = field(default_factory=dict)
    """Who holds the credential, and until when."""
    disabled: set[str] = field(default_factory=set)

    def set_apart(self, thing: Thing, state: str, at: datetime) -> None:
        was, since = self.apart.get(thing, (state, at))
        self.apart[thing] = ("recalled" if "recalled" in (was, state) else state, since)
        if thing[0] == "equipment" and state == "recalled":
            self.recalled_at.setdefault(thing[1], at)

    def undo_return(self, machine: str) -> None:
        """As if it never had returned."""
        _, recalled_at, since = self.returned.pop(machine)
        _, apart_since = self.apart.get(("equipment", machine), ("", since))
        self.apart["equipment", machine] = ("recalled", min(since, apart_since))
        self.recalled_at[machine] = recalled_at
        for load in self.loads.values():
            load.unproved = load.unproved or (load.machine == machine and load.walked.began > recalled_at)

    def blocked(self, thing: Thing) -> bool:
        """Whether it is set apart, or the machine that had not finished it by then."""
        if thing in self.apart:
            return True
        load = self.loads.get(thing[1]) if thing[0] == "load" else None
        machine = self.apart.get(("equipment", load.machine)) if load else None
        if load is None:
            return False
        return (
            load.failed
            or load.unproved
            or (machine is not None and not (load.walked.good and load.walked.moment < machine[1]))
        )

    def wipes(self) -> list[str]:
        return [one.wiped for runs in self.rooms.values() for one in runs if one.wiped]

    def wipes_to_take(self) -> str:
        """The pack of wipes that is open; once it is set apart, a new one."""
        taken = self.wipes() or ["W-0"]
        return f"W-{len(taken)}" if self.blocked(("lot", taken[-1])) else taken[-1]

    def never_released(self, load: Load) -> bool | None:
        """Whether its machine is set apart, was called back with what had been begun by then, or had not been tested
        before; None where the book has no opinion."""
        begun = load.walked.began
        called = any(one == load.machine and since <= begun < at for one, at, since in self.called_back)
        if called or load.unproved or ("equipment", load.machine) in self.apart:
            return True
        tested = self._tested_before(load)
        return None if tested is None else not tested

    def used_elsewhere(self, serial: str, visit: Visit) -> bool:
        return bool(self.spent.get(serial, set()) - {visit.id})

    def expected(self, visit: Visit, room: str, now: datetime) -> dict[str, bool | None]:
        """Of every requirement whether it is met; None where the book has no opinion."""
        screened = self._fresh(visit.screen, now)
        return {
            "test": self._tested(visit),
            "room": self._room(visit, room, now),
            "screen": screened,
            "fit": screened and visit.fit,
            "opening": self._fresh(visit.opening, now)
            and not any(visit.opening and at >= visit.opening.began for at in self.power_losses)
            and not (visit.opening and visit.passed(visit.opening.run)),
            "packs": self._usable(visit, "load", now) and all(self.loads[one].usable for one in visit.of("load")),
            "cartridges": self._usable(visit, "serial", now)
            and not any(self.used_elsewhere(one, visit) for one in visit.of("serial")),
            "serums": self._usable(visit, "lot", now),
            "tubes": all(self.drawn[one] == visit.id and not self.blocked(("batch", one)) for one in visit.of("batch")),
            "performer": self._may(visit.performer, now.astimezone(ZONE).date()),
            "incident": not self.spills or (self.spills[-1].good and not any(one.open for one in self.spills)),
        }

    def may_close(self, visit: Visit) -> bool:
        return visit.started and all(visit.overrides.values())

    def _tested(self, visit: Visit) -> bool | None:
        if not visit.of("load"):
            return False
        found = [self._tested_before(self.loads[one]) for one in visit.of("load")]
        return False if False in found else None if None in found else True

    def _tested_before(self, load: Load) -> bool | None:
        made = load.walked.began
        before = [one for one in self.tests.get(load.machine, []) if one.began < made]
        newest = _newest(before)
        if not newest:
            return newest
        ended = before[-1].ended
        assert ended is not None
        repaired = any(before[-1].began <= at <= made for at in self.repairs.get(load.machine, []))
        return not repaired and made - ended <= TEST_KEEPS

    def _room(self, visit: Visit, room: str, now: datetime) -> bool | None:
        runs = self.rooms.get(room, [])
        newest = _newest(runs)
        if not newest:
            return newest
        others = [at for where, at, session in self.entered if where == room and session in (None, *self._not(visit))]
        sound = self._fresh(runs[-1], now) and not self.blocked(("lot", runs[-1].wiped))
        return sound and not any(at >= runs[-1].began for at in others)

    def _not(self, visit: Visit) -> set[str]:
        return self.visits.keys() - {visit.id}

    def _usable(self, visit: Visit, kind: str, now: datetime) -> bool:
        found = visit.of(kind)
        return bool(found) and not any(
            self.blocked((kind, one)) or self._over(kind, one, visit, now) or visit.passed(*visit.opened_in[kind, one])
            for one in found
        )

    def _over(self, kind: str, value: str, visit: Visit, now: datetime) -> bool:
        if kind == "load":
            return now >= self.loads[value].walked.began + LOAD_KEEPS
        last = visit.items[kind, value]
        return last is not None and now.astimezone(ZONE).date() > last

    def _may(self, who: str | None, today: date) -> bool:
        if who is None or who in self.disabled or who not in self.holds:
            return False
        until = self.holds[who]
        return until is None or today <= until

    @staticmethod
    def _fresh(one: Walked | None, now: datetime) -> bool:
        return one is not None and one.good and one.ended is not None and now - one.ended <= REST_KEEPS


def _newest(runs: list[Walked]) -> bool | None:
    """Whether the one that was begun last is good. The book has no opinion where an older one was written anew since,
    and says something else."""
    if not runs:
        return False
    *older, last = runs
    changed = [one for one in older if one.moment > last.moment]
    return last.good if all(one.good == last.good for one in changed) else None
