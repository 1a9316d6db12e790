"""What is planted in the made-up year for an auditor to find: each kind of pattern, and where it is.

The labels are given to whoever makes the year, and never recorded: the record does not say what is made up in it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from checklist.clinic.demo.calendar import is_open, midnight
from checklist.clinic.demo.chance import source
from checklist.clinic.demo.clock import seconds
from checklist.clinic.demo.facts import DAY, HOUR, MINUTE
from checklist.clinic.demo.labels import Plant
from checklist.clinic.demo.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checklist.clinic.demo.shift import Shift
    from checklist.clinic.demo.world import World

DEFAULT: Final[dict[str, int]] = {
    "too-fast": 3,
    "faster-than-history": 3,
    "burst": 3,
    "identical-readings": 1,
    "digit-preference": 1,
    "all-pass-streak": 1,
    "cloned-run": 2,
    "cloned-printout": 2,
    "cycle-missing": 2,
    "cycle-repeated": 2,
    "odd-hours": 2,
    "entered-late": 1,
    "clock-jumped": 1,
    "same-witness": 1,
    "override-unreviewed": 1,
    "hold-passed": 2,
    "deferred-overdue": 2,
    "unanchored-long": 1,
}
"""Every kind, by the id of the rule that should find it, and how many of it the demo has."""

_ROUNDING: Final = ("Finn Specimen", "Kim Template", "Hugo Draft")
_FLAWLESS: Final = ("Jon Prototype", "Ines Model")
_PAIRS: Final = (
    ("Eva Placeholder", "Hugo Draft"),
    ("Gita Mockup", "Finn Specimen"),
    ("Dr. Cora Sample", "Eva Placeholder"),
)
_SETTLING: Final = 12
"""Days at the beginning in which nothing is planted, so that there is something usual to compare with."""
LEAST_DAYS: Final = 14
"""In fewer days nothing is planted: there is nothing usual beside which it would be seen."""
_LAST: Final = 9
"""Days at the end in which nothing is planted that takes some days to show."""


class Planting:
    """Decides what is planted when, and does it as the days go by."""

    def __init__(
        self, shift: Shift, first: date, days: int, kinds: Mapping[str, int], seed: int, but: set[date]
    ) -> None:
        """`but` are days on which nothing is planted, if there are enough others."""
        self.shift, self.world = shift, shift.world
        self.plants: list[Plant] = []
        self._chance = source(seed, "plants")
        self._first, self._days = first, days
        self._mornings: dict[date, list[Callable[[], None]]] = {}
        self._evenings: dict[date, list[Callable[[], None]]] = {}
        self._taken = set(but)
        self.moved: list[tuple[int, int]] = []
        """When the wall clock is moved, and by how much it is wrong from then on."""
        self._jumping: list[Plant] = []
        for kind, count in kinds.items() if days >= LEAST_DAYS else ():
            for number in range(count):
                self._planned(kind, number)

    def morning(self, day: date) -> None:
        """What must be prepared before this day."""
        for act in self._mornings.get(day, []):
            act()

    def evening(self, day: date) -> None:
        """What happens after its work."""
        for act in self._evenings.get(day, []):
            act()

    def jumped(self, places: list[str]) -> None:
        """Which entries tell of the clock, in their order."""
        for number, plant in enumerate(self._jumping):
            plant.places = places[2 * number : 2 * number + 2]

    # -- when ------------------------------------------------------------------------------------------------

    def _day(self, wanted: Callable[[date], bool] = is_open, last: int = _LAST) -> date:
        """An open day on which nothing else is planted."""
        settling = min(_SETTLING, self._days // 2)
        later = [self._first + timedelta(days=at) for at in range(settling, max(self._days - last, settling + 1))]
        fitting = [day for day in later if is_open(day) and wanted(day)]
        free = [day for day in fitting if day not in self._taken]
        day = self._chance.choice(free or fitting or [day for day in self._every() if wanted(day)] or self._every())
        self._taken.add(day)
        return day

    def _window(self, length: int) -> list[date]:
        """The open days of so many in a row, or of what there is of them."""
        settling = min(_SETTLING, self._days // 4)
        span = max(self._days - settling, 1)
        begins = settling + self._chance.randrange(max(span - length, 1))
        return self._open(begins, min(length, span))

    def _every(self) -> list[date]:
        return self._open(0, self._days)

    def _open(self, begins: int, length: int) -> list[date]:
        days = [self._first + timedelta(days=begins + number) for number in range(length)]
        return [day for day in days if is_open(day)] or days

    # -- what ------------------------------------------------------------------------------------------------

    def _planned(self, kind: str, number: int) -> None:
        match kind:
            case "digit-preference":
                self._person(kind, _ROUNDING[number % len(_ROUNDING)], self.shift.rounding, 240)
            case "all-pass-streak":
                self._person(kind, _FLAWLESS[number % len(_FLAWLESS)], self.shift.flawless, self._days)
            case "same-witness":
                self._pair(kind, *_PAIRS[number % len(_PAIRS)])
            case "identical-readings":
                self._identical(kind, ("S1", "S2")[number % 2])
            case "unanchored-long":
                self._unanchored(kind)
            case "clock-jumped":
                self._clock(kind, number)
            case "odd-hours" | "entered-late":
                day = self._day()
                plant = self._plant(kind, [day])
                act = self._at_night if kind == "odd-hours" else self._from_paper
                self._evenings.setdefault(day, []).append(lambda: act(plant, day))
            case "override-unreviewed":
                day = self._day(lambda day: day.weekday() == 4)
                plant = self._plant(kind, [day])
                self._mornings.setdefault(day, []).append(lambda: self._unreviewed(plant))
            case "cloned-run":
                self._cloned(kind)
            case _:
                protocol, step, change = _OF_RUN[kind]
                day = self._day()
                plant = self._plant(kind, [day])

                def planted(walk: Walk) -> None:
                    change(self.world, walk)
                    plant.walks.append((walk, step))
                    plant.person = walk.who.id

                self._mornings.setdefault(day, []).append(
                    lambda: self.shift.next.setdefault(protocol, []).append(planted)
                )

    def _plant(self, kind: str, days: list[date], person: str = "") -> Plant:
        plant = Plant(kind, days, person)
        self.plants.append(plant)
        return plant

    def _named(self, name: str) -> str:
        return next(one.id for one in self.world.people if one.name == name)

    def _person(self, kind: str, name: str, group: set[str], length: int) -> None:
        """Somebody does something in all their runs for a while."""
        days = self._window(length) if length < self._days else self._every()
        plant = self._plant(kind, [days[0], days[-1]])

        def begins() -> None:
            group.add(name)
            plant.person = self._named(name)

        self._mornings.setdefault(days[0], []).append(begins)
        self._evenings.setdefault(days[-1], []).append(lambda: group.discard(name))

    def _pair(self, kind: str, name: str, other: str) -> None:
        days = self._window(self._days)
        plant = self._plant(kind, [days[0], days[-1]])

        def together() -> None:
            first, second = (next(one for one in self.world.people if one.name == each) for each in (name, other))
            plant.person = first.id
            self.world.pairs[first.id] = second
            if first in self.world.here and second not in self.world.here:
                self.world.here.append(second)

        for day in days:
            self._mornings.setdefault(day, []).append(together)
        self._evenings.setdefault(days[-1], []).append(lambda: self.world.pairs.clear())

    def _identical(self, kind: str, machine: str) -> None:
        days = self._window(22)
        plant = self._plant(kind, [days[0], days[-1]])
        same = {"test-temperature": "135.4", "test-pressure": "317", "test-hold": "223", "conductivity": "4.7"}

        def planted(walk: Walk) -> None:
            walk.given.update(same)
            walk.trouble = ""
            plant.walks.append((walk, "test-temperature"))

        for day in days:
            self._mornings.setdefault(day, []).append(
                lambda: self.shift.next.setdefault(f"steriliser-daily equipment={machine}", []).append(planted)
            )

    def _unanchored(self, kind: str) -> None:
        days = self._window(38)
        self._plant(kind, [days[0], days[-1]])

        def none(*, kept: bool) -> None:
            self.world.unanchored = not kept

        for day in days:
            self._mornings.setdefault(day, []).append(lambda: none(kept=False))
        self._evenings.setdefault(days[-1], []).append(lambda: none(kept=True))

    def _clock(self, kind: str, number: int) -> None:
        day = self._day()
        back = midnight(day) + (9 + 2 * (number % 4)) * HOUR + 40 * MINUTE
        self.moved += [(back, -self._chance.randint(2, 5) * HOUR), (back + 50 * MINUTE, 0)]
        self.moved.sort()
        self._jumping.append(self._plant(kind, [day]))
        self._jumping.sort(key=lambda one: one.days)

        def somebody() -> None:  # who is at the screen meanwhile, and afterwards: else nobody would notice
            for minutes in (20, 70):
                self.shift.sign_in(self.world.here[0], back + minutes * MINUTE)

        self._mornings.setdefault(day, []).append(somebody)

    def _at_night(self, plant: Plant, day: date) -> None:
        at = midnight(day) + DAY + 2 * HOUR + self._chance.randint(0, 100) * MINUTE
        who = self.shift.pick(at, ("staff",))
        walk = self.shift.begin("room-turnover", "room=room-2", at, who=who, calm=True)
        plant.walks.append((walk.go(), ""))
        plant.person = who.id

    def _from_paper(self, plant: Plant, day: date) -> None:
        """A pile of sheets of the last days, entered in one evening."""
        world, at = self.world, midnight(day) + 19 * HOUR
        who = self.shift.pick(at, ("staff",))
        plant.person = who.id
        self.shift.sign_in(who, at)
        for number in range(12):
            written = (
                midnight(day - timedelta(days=3 + number // 2)) + (9 + 5 * (number % 2)) * HOUR + number * 3 * MINUTE
            )
            paper = (world.instant(written), world.instant(written + 14 * MINUTE))
            text = world.texts["room-turnover"]
            walk = Walk(world, text, who, f"room=room-{1 + number % 4}", at, paper=paper)
            plant.walks.append((walk.go(), ""))
            at = walk.at + seconds(self._chance.uniform(20, 60))

    def _unreviewed(self, plant: Plant) -> None:
        self.world.kit_late = True
        if self.world.unreviewed is None:
            self.world.unreviewed = plant.facts
        plant.facts = self.world.unreviewed

    def _cloned(self, kind: str) -> None:
        day = self._day()
        plant = self._plant(kind, [day])

        def planted(walk: Walk) -> None:
            old = self.world.plain_tests["S1"]
            walk.given.update({step: value for step, value in old.values.items() if isinstance(value, str)})
            walk.takes, walk.otherwise, walk.trouble = dict(old.took), {}, ""
            plant.walks.append((walk, ""))
            plant.person = walk.who.id

        name = "steriliser-daily equipment=S1"
        self._mornings.setdefault(day, []).append(lambda: self.shift.next.setdefault(name, []).append(planted))


def _too_fast(world: World, walk: Walk) -> None:
    walk.takes |= {"inspect": world.chance.uniform(1.5, 4.0), "cycle-end": world.chance.uniform(20, 70)}


def _faster(world: World, walk: Walk) -> None:
    walk.given |= {"route": "soak and brush", "machine": "ultrasonic bath"}
    for step in ("brush", "lumens", "bath-lid", "rinse", "dry", "sort", "take-apart"):
        usual = world.pace.usual(walk.text.id, walk.text.by_id[step])
        walk.takes[step] = usual * world.chance.uniform(0.05, 0.09)
    walk.trouble = ""


def _ticked(world: World, walk: Walk) -> None:
    walk.takes |= {step.id: world.chance.uniform(0.35, 1.1) for step in walk.text.steps if step.kind != "witness"}
    walk.trouble = ""


def _printed(how: str) -> Callable[[World, Walk], None]:
    def planted(world: World, walk: Walk) -> None:
        world.printouts.planted = how
        walk.trouble = ""

    return planted


def _passed(world: World, walk: Walk) -> None:
    del world
    walk.otherwise |= {"inspect-function": "skip"}


def _forgotten(world: World, walk: Walk) -> None:
    del world
    walk.forgotten = True


_OF_RUN: Final[dict[str, tuple[str, str, Callable[[World, Walk], None]]]] = {
    "too-fast": ("steriliser-load", "inspect", _too_fast),
    "faster-than-history": ("instrument-clean", "brush", _faster),
    "burst": ("day-close", "", _ticked),
    "cloned-printout": ("steriliser-load", "printout-file", _printed("cloned")),
    "cycle-missing": ("steriliser-load", "printout-file", _printed("missing")),
    "cycle-repeated": ("steriliser-load", "printout-file", _printed("repeated")),
    "hold-passed": ("instrument-clean", "inspect-function", _passed),
    "deferred-overdue": ("microneedling-signout", "call", _forgotten),
}
"""What is done to one run of which protocol, and the step that shows it."""
