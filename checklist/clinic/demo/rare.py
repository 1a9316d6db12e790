"""What happens a few times a year in any honest clinic: a positive spore test, a failed test, a warm fridge, a spill, a
day without power. Each is done with as it should be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from checklist.clinic.demo.calendar import is_open
from checklist.clinic.demo.chance import source
from checklist.clinic.demo.clock import seconds
from checklist.clinic.demo.facts import DAY, MINUTE, Act, Fact
from checklist.clinic.demo.people import Member
from checklist.clinic.demo.plants import LEAST_DAYS
from checklist.clinic.demo.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checklist.clinic.demo.shift import Shift
    from checklist.clinic.demo.world import Machine
    from checklist.ledger.entry import Json
    from checklist.run.events import Value

_NOBODY: Final = Member("", frozenset({"staff"}), 0.8, 0.0, {})
"""Who has not signed in, as in an emergency."""
_REPAIRED: Final = 3
"""Days until the engineer has come."""
_SPAN: Final = 5
"""Days after which it is as usual again."""


class Rare:
    """Decides on which days something rare happens, and lets it."""

    def __init__(self, shift: Shift, first: date, days: int, seed: int) -> None:
        self.shift, self.world = shift, shift.world
        self.days: set[date] = set()
        """The days on which something is unusual already."""
        self._chance = source(seed, "rare")
        self._mornings: dict[date, list[Callable[[], None]]] = {}
        self._evenings: dict[date, list[Callable[[], None]]] = {}
        self._open = [day for day in (first + timedelta(days=at) for at in range(days)) if is_open(day)]
        if days < LEAST_DAYS:
            return
        month = max(days // 30, 1)
        self._planned(0.62, self._grows, weekday=0, span=_SPAN)
        self._planned(0.35, self._not_uniform, span=_SPAN)
        for _ in range(max(month // 5, 1)):
            self._planned(None, self._warm_fridge)
            self._planned(None, self._on_paper, evening=True)
            self._planned(None, self._quarantined, evening=True)
        for _ in range(max(month // 3, 1)):
            self._planned(None, self._spilt, evening=True)
            self._planned(None, self._remarked, evening=True)
        for _ in range(month // 6):
            self._planned(None, self._kit_late, weekday=4)
        self._planned(None, self._unsigned, evening=True)

    def _planned(
        self,
        share: float | None,
        act: Callable[[], None],
        *,
        evening: bool = False,
        weekday: int | None = None,
        span: int = 1,
    ) -> None:
        """Let something happen on a day: at this share of the time, or on any."""
        late = self._open[len(self._open) // 4 :] or self._open
        fitting = [day for day in late if weekday is None or day.weekday() == weekday] or late
        at = int(len(fitting) * share) if share is not None else self._chance.randrange(len(fitting))
        into = self._evenings if evening else self._mornings
        day = fitting[min(at, len(fitting) - 1)]
        self.days |= {day + timedelta(days=number) for number in range(span)}
        into.setdefault(day, []).append(act)

    def morning(self, day: date) -> None:
        """What must be prepared before this day."""
        for act in self._mornings.get(day, []):
            act()

    def evening(self, day: date) -> None:
        """What comes of it, when the day's work is known."""
        for act in self._evenings.get(day, []):
            act()

    # -- sterilisers -------------------------------------------------------------------------------------------

    def _grows(self) -> None:
        """This week's spore test of one machine is made in the evening."""
        self.world.untested.add("S2")
        self._evenings.setdefault(self.world.today, []).append(self._positive)

    def _positive(self) -> None:
        """A spore test grows: everything since the last one that did not is called back."""
        machine, world, shift = self.world.machines["S2"], self.world, self.shift
        world.untested.clear()
        if machine.out or len(machine.made) < 2:
            return
        at = shift.at(16, 20)
        given: dict[str, Value] = {
            "load": {"load": machine.made[-1][0]}, "test-read": "growth", "result": "positive"
        }  # fmt: skip
        test = shift.begin("bi-test", "equipment=S2", at, given=given, otherwise={"result": "fail"}, calm=True)
        shift.whole(test)
        lead = next(one for one in world.people if "lead" in one.roles)
        tested = next((place for place, (load, _) in enumerate(machine.made) if load == machine.tested), -1)
        since = machine.made[tested][1] if tested >= 0 else None
        loads = [load for load, _ in machine.made[tested + 1 :]]
        words = world.said("spore test positive, control grew")
        said: dict[str, Json] = {"reason": "equipment-fault", "words": words, "since": since}
        named = [("equipment", "S2"), *(("load", load) for load in loads)]
        at = test.at + 6 * MINUTE
        shift.sign_in(lead, at)
        facts = [Fact("recalled", {**said, "kind": kind, "value": value}, lead.id, lead.via) for kind, value in named]
        world.acts.append(Act(at, facts))
        machine.loads = [load for load in machine.loads if load not in loads]
        self._put_right(
            machine,
            at + 10 * MINUTE,
            lead,
            {
                "reason": "spore test positive",
                "first-load": {"load": loads[0] if loads else machine.made[-1][0]},
                "last-load": {"load": machine.made[-1][0]},
                "decision": "recall",
            },
            _REPAIRED,
            recalled=True,
        )

    def _not_uniform(self) -> None:
        """The test sheet of the morning is not uniform: the machine is put right before it is used."""

        def planted(walk: Walk) -> None:
            walk.given["sheet"] = "not uniform"
            walk.otherwise["sheet"] = "fail"

        machine = self.world.machines["S1"]
        if machine.out:
            return
        self.shift.next.setdefault("steriliser-daily equipment=S1", []).append(planted)
        self._evenings.setdefault(self.world.today, []).append(lambda: self._after_sheet(machine))

    def _after_sheet(self, machine: Machine) -> None:
        lead = next(one for one in self.world.people if "lead" in one.roles)
        given: dict[str, Value] = {
            "reason": "daily or weekly test failed", "suspect": "there are none", "decision": "single event",
            "repeat": "failed or not possible",
        }  # fmt: skip
        self._put_right(machine, self.shift.at(16, 40), lead, given, 1, recalled=False)

    def _put_right(
        self, machine: Machine, at: int, lead: Member, given: Mapping[str, Value], days: int, *, recalled: bool
    ) -> None:
        """The list for it is walked; the engineer comes after some days, and it is proved and taken in use again."""
        world, shift = self.world, self.shift
        machine.out = True
        walk = shift.begin("steriliser-recall", f"equipment={machine.id}", at, who=lead, given=given, calm=True)
        world.incidents[f"steriliser-recall {machine.id}"] = walk.start
        walk.go("way-back")
        walk.pause(days * 24 * 3600 - 10 * 3600)
        mended: dict[str, Json] = {"event": "steriliser-repair", "subject": f"equipment={machine.id}"}
        mended["words"] = world.said("door seal and drain renewed, engineer's report attached")
        world.acts.append(Act(walk.at - 20 * MINUTE, [Fact("signed-in", {"factors": ["secret"]}, lead.id, lead.via)]))
        world.acts.append(Act(walk.at - 10 * MINUTE, [Fact("happened", mended, lead.id, lead.via)]))
        walk.go()
        if recalled:
            back: dict[str, Json] = {
                "reason": "not-needed",
                "words": world.said("repaired and proved"),
                "kind": "equipment",
            }
            ended = Fact("quarantine.ended", {**back, "value": machine.id}, lead.id, lead.via)
            world.acts.append(Act(walk.at + 2 * MINUTE, [ended]))
        back_on = world.today + timedelta(days=days + 1)
        for later in range(12):  # whenever it is open again
            day = back_on + timedelta(days=later)
            if is_open(day):
                self._mornings.setdefault(day, []).append(lambda: self._in_use(machine))
                break

    @staticmethod
    def _in_use(machine: Machine) -> None:
        machine.out = False

    # -- the rest of the clinic ---------------------------------------------------------------------------------

    def _warm_fridge(self) -> None:
        """The fridge was too warm overnight."""

        def planted(walk: Walk) -> None:
            walk.otherwise["fridge-maximum"] = "again"

        def asked() -> None:
            walk = self.shift.begin("fridge-excursion", "clinic", self.shift.at(13, 0), calm=True)
            self.shift.whole(walk, 0.3)

        self.shift.next.setdefault("day-open", []).append(planted)
        self._evenings.setdefault(self.world.today, []).append(asked)

    def _spilt(self) -> None:
        self.world.incidents["spill"] = self.shift.whole(
            self.shift.begin("spill", "clinic", self.shift.at(17, 30), calm=True)
        ).start

    def _unsigned(self) -> None:
        """A spill that was dealt with before anybody signed in; whoever it was says so afterwards."""
        world, shift = self.world, self.shift
        at = shift.at(17, 30)
        walk = Walk(world, world.texts["spill"], _NOBODY, "clinic", at).go()
        world.incidents["spill"] = walk.start
        who = shift.pick(walk.at, ("staff",))
        shift.sign_in(who, walk.at + 9 * MINUTE)
        data: dict[str, Json] = {"operator": who.id, "factors": ["secret"], "name": world.signature(who)}
        attributed = Fact("run.attributed", data, who.id, who.via, walk.start)
        world.acts.append(Act(walk.at + 9 * MINUTE, [attributed]))

    def _on_paper(self) -> None:
        """The machine was down for an hour; two sheets are entered in the evening."""
        world, shift = self.world, self.shift
        at = shift.at(18, 15)
        who = shift.pick(at, ("staff",))
        for number in range(2):
            written = shift.at(11, 20 + 25 * number)
            paper = (world.instant(written), world.instant(written + 13 * MINUTE))
            walk = Walk(world, world.texts["room-turnover"], who, f"room=room-{3 + number}", at, paper=paper).go()
            at = walk.at + seconds(world.chance.uniform(30, 90))

    def _quarantined(self) -> None:
        """A lot is set apart until its maker has answered."""
        world = self.world
        who = self.shift.pick(self.shift.at(14, 0), ("staff",))
        lead = next(one for one in world.people if "lead" in one.roles)
        named: dict[str, Json] = {"kind": "lot", "value": f"QX{world.chance.randint(100, 999)}"}
        apart: dict[str, Json] = {**named, "reason": "equipment-fault", "words": world.said("seal of one box was open")}
        ended: dict[str, Json] = {**named, "reason": "not-needed", "words": world.said("maker answered: only that box")}
        at = self.shift.at(14, 0)
        world.acts.append(Act(at, [Fact("quarantined", apart, who.id, who.via)]))
        world.acts.append(Act(at + 2 * DAY, [Fact("quarantine.ended", ended, lead.id, lead.via)]))

    def _remarked(self) -> None:
        """The auditor looks in, and leaves a remark at something of that day."""
        world = self.world
        auditor = next(one for one in world.people if not one.works)
        at = self.shift.at(19, 30)
        before = (act for act in world.acts if act.at < at)
        about = next(fact for act in before for fact in act.facts if fact.kind == "run.completed")
        self.shift.sign_in(auditor, at)
        data: dict[str, Json] = {"words": world.said("looked at with the team, explained")}
        world.acts.append(Act(at + 4 * MINUTE, [Fact("remarked", data, auditor.id, auditor.via, of=about)]))

    def _kit_late(self) -> None:
        self.world.kit_late = True
