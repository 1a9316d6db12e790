"""What a day of the made-up clinic consists of, when nothing special happens."""

from __future__ import annotations

import platform
import sqlite3
from typing import TYPE_CHECKING, Final

from checklist import __version__
from checklist.clinic.demo.calendar import falls_due
from checklist.clinic.demo.clock import seconds
from checklist.clinic.demo.facts import HOUR, MINUTE, Act, Fact
from checklist.clinic.demo.visits import KINDS, Visit
from checklist.clinic.demo.world import ROOMS
from checklist.ledger.clock import utc_text

if TYPE_CHECKING:
    from checklist.clinic.demo.shift import Shift
    from checklist.clinic.demo.walk import Walk
    from checklist.clinic.demo.world import Machine

_WEEK: Final = 6
_MONDAY, _WEDNESDAY, _FRIDAY = 0, 2, 4
_VISITS: Final = (1, 1, 2, 2, 3, 4)


class Day:
    """One open day."""

    def __init__(self, shift: Shift) -> None:
        self.shift, self.world = shift, shift.world

    def go(self) -> None:
        """From the opening to the close."""
        shift, world = self.shift, self.world
        self._starts()
        for one in world.here:
            one.free = one.seen = 0
        opened = shift.whole(shift.begin("day-open", "clinic", shift.at(7, 50), given=self._mix()))
        world.newest["day-open"] = opened
        if world.today.toordinal() - world.kit_day >= _WEEK or falls_due(world.today, _FRIDAY):
            self._kit(shift.at(8, 5) if not world.kit_late else shift.at(17, 30))
        for machine in world.machines.values():
            if not machine.out:
                self.tested(machine, shift.at(7, 32))
        self._taken_up()
        self._visits()
        self._reprocessing()
        self._weekly()
        closed = shift.whole(shift.begin("day-close", "clinic", shift.at(17, 40, 15)))
        self._stops(max(closed.at, shift.at(18, 50)) + 5 * MINUTE)
        world.kit_late, world.unreviewed = False, None

    def _mix(self) -> dict[str, str]:
        return (
            {"disinfectant": "mixed fresh"} if self.world.chance.random() < 0.75 else {"disinfectant": "ready to use"}
        )

    def _stops(self, at: int) -> None:
        self.world.acts.append(Act(at, [Fact("station.stopped", {}, None, "system")]))

    def _starts(self) -> None:
        versions = {"checklist": __version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
        fact = Fact("station.started", {"versions": {**versions}}, None, "system")
        self.world.acts.append(Act(self.shift.at(7, 20), [fact]))

    def _kit(self, at: int) -> None:
        shift, world = self.shift, self.world
        world.newest["emergency-kit-weekly"] = shift.whole(shift.begin("emergency-kit-weekly", "clinic", at))
        world.kit_day = world.today.toordinal()

    def tested(self, machine: Machine, at: int) -> Walk:
        """The test of a steriliser in the morning."""
        shift = self.shift
        walk = shift.whole(shift.begin("steriliser-daily", f"equipment={machine.id}", at), 0.3)
        self.world.newest[f"steriliser-daily {machine.id}"] = walk
        machine.out = walk.outcome == "failed"
        if walk.outcome == "complete" and not walk.deviating and not walk.interrupted:
            self.world.plain_tests[machine.id] = walk
        return walk

    def _taken_up(self) -> None:
        """What was put off until today is done."""
        world, shift = self.world, self.shift
        due = [one for one in world.later if one[0] <= world.midnight]
        world.later = [one for one in world.later if one[0] > world.midnight]
        for number, (_, walk, otherwise) in enumerate(due):
            at = shift.at(12, 10) + number * 7 * MINUTE
            who = shift.pick(at, walk.text.roles)
            at = max(at, who.free)
            shift.sign_in(who, at)
            walk.resume(at, who, otherwise)
            who.free = walk.at

    def _visits(self) -> None:
        world, shift = self.world, self.shift
        chance = world.chance
        count = chance.choice(_VISITS) + (1 if world.today.weekday() < 4 else 0) if not world.kit_late else 1
        for number in range(count):
            packed = any(machine.loads for machine in world.machines.values() if not machine.out)
            kind = chance.choices([*KINDS], [*KINDS.values()])[0] if packed else "microneedling"
            room = ROOMS[number % len(ROOMS)]
            begins = shift.at(8, 45, 20) + int(number * 7 * HOUR / max(count, 1))
            Visit(shift, kind, room, max(begins, world.room_free.get(room, 0))).go()
            world.room_free[room] = max(act.at for act in world.acts[-4:])

    def _reprocessing(self) -> None:
        world, shift = self.world, self.shift
        rounds = ((10, 30), (13, 20), (15, 10))
        working = [machine for machine in world.machines.values() if not machine.out]
        for number, (hour, minute) in enumerate(rounds):
            cleaned = shift.whole(shift.begin("instrument-clean", "equipment=S1", shift.at(hour, minute, 12)), 0.7)
            machine = working[number % len(working)] if working else None
            if machine is not None:
                self.loaded(machine, cleaned.at + seconds(world.chance.uniform(120, 600)))

    def loaded(self, machine: Machine, at: int) -> Walk:
        """A load, from packing to release."""
        shift = self.shift
        walk = shift.whole(
            shift.begin("steriliser-load", f"equipment={machine.id}", at, who=shift.pick(at, ("release",))), 0.25
        )
        if "load-number" in walk.values:
            load = str(walk.values["load-number"])
            machine.made.append((load, utc_text(walk.start_at)))
            self.world.test_of[load] = self.world.newest[f"steriliser-daily {machine.id}"].start
        if walk.outcome == "complete":
            machine.loads.append(str(walk.values["load-number"]))
        return walk

    def _weekly(self) -> None:
        world, shift = self.world, self.shift
        for machine in world.machines.values():
            if machine.out:
                continue
            if falls_due(world.today, _FRIDAY):
                shift.whole(shift.begin("reprocess-weekly", f"equipment={machine.id}", shift.at(14, 30, 20)), 0.6)
            if falls_due(world.today, _MONDAY) and machine.loads and machine.id not in world.untested:
                given = {"load": {"load": machine.loads[-1]}}
                walk = shift.begin("bi-test", f"equipment={machine.id}", shift.at(9, 20, 15), given=given)
                shift.whole(walk, 0.15)
                if walk.outcome == "complete" and "deferred" not in walk.status.values():
                    machine.tested = machine.loads[-1]
        if falls_due(world.today, _FRIDAY):
            at = shift.at(17, 20)
            lead = shift.pick(at, ("lead",))
            shift.sign_in(lead, at)
            if not world.unanchored:
                world.acts.append(Act(at, [Fact("anchored", {"how": "paper"}, lead.id, lead.via, asks="size")]))
            world.acts.append(Act(at + 3 * MINUTE, [Fact("backed-up", {}, lead.id, lead.via, asks="root")]))
        if world.today.day <= 7 and world.today.weekday() == _WEDNESDAY:
            at = shift.at(16, 0, 20)
            shift.whole(shift.begin("hygiene-audit", "clinic", at), 0.5)
            lead = shift.pick(at, ("lead",))
            shift.sign_in(lead, at + HOUR)
            told = Fact("verified", {"result": "clean"}, lead.id, lead.via, asks="size")
            world.acts.append(Act(at + HOUR, [told]))
