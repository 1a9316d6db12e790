"""One visit of one made-up patient: the room, the screening, the set-up, the gate, the aftercare, the calls later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from checklist.clinic.demo.calendar import is_open
from checklist.clinic.demo.clock import seconds
from checklist.clinic.demo.facts import DAY, MINUTE, Act, Fact
from checklist.clinic.demo.gate import Gate
from checklist.clinic.demo.words import REASONS
from checklist.ledger.clock import utc_text
from checklist.people.commitment import reference_opening

if TYPE_CHECKING:
    from checklist.clinic.demo.people import Member
    from checklist.clinic.demo.shift import Shift
    from checklist.clinic.demo.walk import Walk
    from checklist.ledger.entry import Json

KINDS: Final = {"microneedling": 11, "prp-microneedling": 2, "minor-surgery": 3, "podiatry-nail-care": 3, "piercing": 2}
_CREDENTIAL: Final = {"podiatry-nail-care": "podiatry", "prp-microneedling": "phlebotomy"}
_LATER: Final = {"call": 2, "review": 14, "late-check": 28}
"""After how many days it is asked again."""
_COME_BACK: Final = 0.9
"""Most come back to be looked at; whoever does not want to is called once."""
_REMADE: Final = 0.03
"""How many time-outs are made again, because it took too long until the start."""


class Visit:
    """A visit from the open door to the closed one."""

    def __init__(self, shift: Shift, procedure: str, room: str, at: int) -> None:
        self.shift, self.world = shift, shift.world
        self.procedure, self.room, self.at = procedure, f"room={room}", at
        self.session = ""
        self.walks: list[Walk] = []
        self.gate = Gate(self.world)
        self.who = shift.pick(at, ("staff", "prescriber"), _CREDENTIAL.get(procedure, procedure))

    def go(self) -> None:
        """All of it."""
        shift, world = self.shift, self.world
        at = max(self.at, self.who.free - 15 * MINUTE)  # the room is made ready for when somebody has time
        turned = shift.whole(shift.begin("room-turnover", self.room, at))
        world.ready[self.room] = turned
        self.at = max(turned.at, self.who.free) + seconds(world.chance.uniform(60, 400))
        self._opened()
        if self.procedure.endswith("microneedling"):
            self._needling()
        else:
            self._cutting()
        self.who.free = max(self.who.free, self.at)

    def _opened(self) -> None:
        world = self.world
        self.session = f"a-{world.today:%Y%m%d}-{world.count(f'session {world.today}'):02}"
        data: dict[str, str] = {"session": self.session}
        if world.chance.random() < 0.8:
            opening = reference_opening(f"K{world.chance.randint(10000, 99999)}")
            world.openings.append(opening)
            data["reference"] = opening.commitment
        self.shift.sign_in(self.who, self.at)
        world.acts.append(Act(self.at, [Fact("session.opened", {**data}, self.who.id, self.who.via)]))
        self.at += seconds(world.chance.uniform(10, 60))

    def walk(self, protocol: str, **more: object) -> Walk:
        """A run about this visit by whoever performs it."""
        return self._whole(self._begun(protocol, **more))

    def _begun(self, protocol: str, **more: object) -> Walk:
        given = more.get("given")
        walk = self.shift.begin(
            protocol,
            f"session={self.session}",
            self.at,
            session=self.session,
            who=self.who,
            given=given if isinstance(given, dict) else None,
            otherwise=self._later() if protocol == "microneedling-signout" else None,
            calm=protocol == "microneedling-timeout",
        )
        self.walks.append(walk)
        return walk

    def _later(self) -> dict[str, str]:
        asked = {name: f"defer {self._open_in(days)}" for name, days in _LATER.items()}
        back = self.world.chance.random() < _COME_BACK
        return asked if back else {**asked, "review": "not-applicable", "late-check": "not-applicable"}

    def _open_in(self, days: int) -> int:
        """After how many days somebody is there, about then."""
        today = self.world.today
        about: list[int] = [days, days - 1, *range(days + 1, days + 9)]
        return next(n for n in about if is_open(today + timedelta(days=n)))

    def _whole(self, walk: Walk) -> Walk:
        self.shift.whole(walk)
        self.at = walk.at + seconds(self.world.chance.uniform(20, 120))
        return walk

    def _needling(self) -> None:
        chance = self.world.chance
        self.walk("microneedling-screen")
        if chance.random() < 0.3:
            self.walk("anaesthetic-topical")
        self.walk("microneedling-setup")
        if self.procedure == "prp-microneedling":
            self.walk("prp-identity")
        if chance.random() < 0.06 and self._packs():
            self.walk("pack-open", given=self._pack())
        self.walk("microneedling-timeout")
        if chance.random() < _REMADE and self.procedure == "microneedling":
            self.at += seconds(chance.uniform(640, 900))
            self._asked("NO-GO", ("time-out", "performer"))
            self.at += seconds(chance.uniform(20, 60))
            self.walk("microneedling-timeout")
        self._start()
        self.at += seconds(chance.uniform(1100, 2400))
        out = self.walk("microneedling-signout")
        if out.outcome == "complete-except-deferred" and not out.forgotten:
            days = {name: self._open_in(of) for name, of in _LATER.items() if out.status.get(name) == "deferred"}
            for day in days.values():  # what comes later is put off again, to the day that was set at first
                left = {other: f"defer {late - day}" for other, late in days.items() if late > day}
                self.shift.later(day, out, left)
        self._close()

    def _cutting(self) -> None:
        pack = self._pack()
        self.walk("pack-open", given=pack)
        prep = self._begun("minor-surgery-prep", given={"set": pack["load"]})
        prep.go("time-out-second")
        self.at = prep.at + seconds(self.world.chance.uniform(10, 40))
        self._start()
        prep.at = self.at + seconds(self.world.chance.uniform(20, 60))
        self._whole(prep)
        self._close()

    def _pack(self) -> dict[str, dict[str, str]]:
        return {"load": {"load": self.world.chance.choice(self._packs())}}

    def _packs(self) -> list[str]:
        machines = self.world.machines.values()
        return [load for machine in machines if not machine.out for load in machine.loads[-8:]]

    def _start(self) -> None:
        """The gate, and where it says NO-GO for the kit alone, two people who go on all the same."""
        if self.at < self.world.newest["emergency-kit-weekly"].at:
            self._overridden(self._asked("NO-GO", ("emergency-kit",)))
        else:
            self._asked("GO", ())
        self.at += seconds(self.world.chance.uniform(10, 40))

    def _overridden(self, asked: Fact) -> None:
        """Two people start all the same; a lead looks at it the next morning, if anybody does."""
        world, who = self.world, self.who
        second = world.witness({who.id}, () if "lead" in who.roles else ("lead",))
        words = world.said(world.chance.choice(REASONS["override"]))
        review = f"{utc_text(self.at + DAY)}"
        data: dict[str, Json] = {"witness": second.id, "factors": ["secret"], "review": review}
        data |= {"reason": "clinical-decision", "words": words}
        passed = Fact("clearance.overridden", data, who.id, who.via, of=asked)
        world.acts[-1].facts.append(passed)
        if world.unreviewed is not None:
            world.unreviewed.append(passed)
            return
        lead = next(one for one in world.people if "lead" in one.roles and one.id not in (who.id, second.id))
        at = world.midnight + DAY + seconds(world.chance.uniform(8.1, 9.5) * 3600 - 3 * 3600)
        looked: dict[str, Json] = {
            "rule": "override",
            "words": world.said("kit was whole, check moved back to mornings"),
        }
        world.acts.append(Act(at, [Fact("signed-in", {"factors": ["secret"]}, lead.id, lead.via)]))
        world.acts.append(Act(at + MINUTE, [Fact("reviewed", looked, lead.id, lead.via, of=passed)]))

    def _asked(self, decision: str, unmet: tuple[str, ...]) -> Fact:
        fact = self.gate.asked(self, decision, unmet, "start")
        self.shift.sign_in(self.who, self.at)
        self.world.acts.append(Act(self.at, [fact]))
        return fact

    def _close(self) -> None:
        self.at += seconds(self.world.chance.uniform(30, 200))
        self.shift.sign_in(self.who, self.at)
        fact = self.gate.asked(self, "GO", (), "close")
        closed = Fact("session.closed", {"session": self.session}, self.who.id, self.who.via)
        self.world.acts.append(Act(self.at, [fact, closed]))

    @property
    def performer(self) -> Member:
        """Who performs it."""
        return self.who
