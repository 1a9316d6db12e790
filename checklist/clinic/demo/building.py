"""The demo's folder is made, and its year goes by."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic import config as configuration
from checklist.clinic.config import origin_from
from checklist.clinic.demo.calendar import Rota, is_open, midnight
from checklist.clinic.demo.chance import source
from checklist.clinic.demo.clock import ZONE, DemoClock
from checklist.clinic.demo.day import Day
from checklist.clinic.demo.facts import DAY, HOUR, MINUTE
from checklist.clinic.demo.folder_text import config
from checklist.clinic.demo.hiring import hire, renewed
from checklist.clinic.demo.named import NAME, SECRET
from checklist.clinic.demo.people import staff
from checklist.clinic.demo.plants import DEFAULT, Planting
from checklist.clinic.demo.rare import Rare
from checklist.clinic.demo.shift import Shift
from checklist.clinic.demo.texts import JURISDICTION
from checklist.clinic.demo.world import World
from checklist.clinic.demo.writing import Writer
from checklist.clinic.errors import ClinicError
from checklist.clinic.making import make
from checklist.clinic.plan.configured import record_plan
from checklist.clinic.views import VIEWS
from checklist.ledger.keys import StationKey
from checklist.ledger.store import Ledger
from checklist.people.secret import load_pepper
from checklist.people.store import PeopleStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from checklist.clinic.demo.facts import Fact
    from checklist.clinic.demo.labels import Plant
    from checklist.clinic.folder import Folder
    from checklist.ledger.entry import Moment

YEAR: Final = 365


@dataclass(slots=True)
class Built:
    """What was made: how many entries, from which day to which, by which lead, and what was planted in it."""

    entries: int
    first: date
    last: date
    lead: str
    plants: list[Plant] = field(default_factory=list)


def refuse_taken(folder: Folder) -> None:
    """Raises ClinicError where anything lies in the folder: a demo never mixes with what is there."""
    with suppress(FileNotFoundError):
        if any(folder.root.iterdir()):
            raise ClinicError(f"{folder.root}: this folder is not empty; name another for the demo.")


def build(
    folder: Folder,
    *,
    seed: int = 1,
    days: int = YEAR,
    last: date | None = None,
    plants: Mapping[str, int] = DEFAULT,
    progress: Callable[[int, int], None] | None = None,
    cleared: Callable[[Ledger, Fact, Moment], None] | None = None,
) -> Built:
    """Make the folder, and let so many days go by there; the last of them is yesterday, or `last`. `cleared` is told of
    each answer of the gate, when all before it is written and nothing after."""
    refuse_taken(folder)
    last = last or datetime.now(ZoneInfo(ZONE)).date() - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    begins = midnight(first) + 5 * HOUR
    clock = DemoClock(begins, _boots(first, days, source(seed, "boots")))
    make(folder, NAME, staff()[0].name, SECRET, "tui", JURISDICTION, clock=clock)
    folder.config.write_text(config(NAME, first, last), "utf-8")
    key = StationKey.load(folder.keys, f"{origin_from(NAME)}/a")
    ledger = Ledger.open(folder.ledger, key=key, clock=clock, views=VIEWS)
    people = PeopleStore.open(folder.people)
    try:
        # Nothing of it must outlive a power cut while it is made: whoever was interrupted makes another.
        ledger.query("PRAGMA synchronous=OFF")
        ledger.query("PRAGMA journal_mode=MEMORY")
        world = World(source(seed, "year"), folder.evidence)
        lead = str(ledger.query("SELECT id FROM operator")[0][0])
        record_plan(ledger, folder.adopted, configuration.load(folder.config))
        hire(world, people, load_pepper(folder.keys), lead, begins + 10 * MINUTE)
        rota = Rota(world.people[:-1], first, days, source(seed, "rota"))
        shift = Shift(world)
        rare = Rare(shift, first, days, seed)
        planting = Planting(shift, first, days, plants, seed, rare.days)
        clock.moved += planting.moved
        writer = Writer(ledger, clock, cleared)
        for number in range(days):
            world.today = first + timedelta(days=number)
            world.midnight = midnight(world.today)
            if is_open(world.today):
                world.chance.seed(f"{seed}/{world.today}")
                world.here = rota.here(world.today, world.people[:-1])
                renewed(world)
                rare.morning(world.today)
                planting.morning(world.today)
                Day(shift).go()
                rare.evening(world.today)
                planting.evening(world.today)
            people.keep(world.openings, at=_at(world.midnight))
            world.openings.clear()
            ready = [act for act in world.acts if act.at < world.midnight + DAY + 3 * HOUR]
            world.acts = [act for act in world.acts if act.at >= world.midnight + DAY + 3 * HOUR]
            writer.write(ready)
            if progress:
                progress(number + 1, days)
        writer.flush()
        ledger.query("PRAGMA journal_mode=TRUNCATE")
        planting.jumped(writer.jumps)
        return Built(ledger.size, first, last, world.people[0].name, planting.plants)
    finally:
        people.close()
        ledger.close()
        _durable(folder)


def _at(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1_000_000, UTC)


def _boots(first: date, days: int, chance: Random) -> list[tuple[int, str]]:
    """The machine was started anew every Monday before work."""
    starts = [first - timedelta(days=3), *(first + timedelta(days=number) for number in range(1, days + 8))]
    mondays = [starts[0], *(day for day in starts[1:] if day.weekday() == 0)]
    return [(midnight(day) + 6 * HOUR, f"{chance.getrandbits(128):032x}") for day in mondays]


def _durable(folder: Folder) -> None:
    for path in (folder.ledger, folder.people):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
