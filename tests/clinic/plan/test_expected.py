"""What the plan asked for in the past: done, late or missed, for every rhythm, after runs and after events."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from checklist.audit.numbers import done
from checklist.audit.numbers.scope import Scope
from checklist.audit.query import parse
from checklist.audit.query import runs as query_runs
from checklist.clinic import auditing
from checklist.clinic.entries import damage
from checklist.clinic.identifiers import recalling
from checklist.clinic.plan.configured import plans, record_plan
from checklist.clinic.plan.expected import expected
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def planned(house: House, text: str) -> Clinic:
    """The clinic with this plan instead of its own."""
    head = house.folder.config.read_text("utf-8").split("[calendar]")[0]
    house.folder.config.write_text(head + text, "utf-8")
    clinic = house.open()
    record_plan(clinic.ledger, clinic.folder.adopted, clinic.settings)
    return clinic


def told(clinic: Clinic, *, fresh: bool = False) -> list[tuple[str, str]]:
    with auditing.opened(clinic, fresh=fresh) as found:
        rows = expected(found.db, clinic.histories(), plans(clinic, found.db).known, auditing.today(clinic))
    return [(each.day, each.state) for each in sorted(rows, key=lambda each: each.due)]


def test_a_closed_day_asks_for_nothing_and_the_first_day_is_no_fault(house: House, kit: Kit) -> None:
    clinic = planned(
        house,
        '[calendar]\nclosed = ["sat", "sun", 2031-03-12]\n[[schedule]]\nprotocol = "short"\nevery = "day"\n',
    )
    house.clock.set("2031-03-13T10:00:00")
    kit.walk_short(clinic)
    house.clock.set("2031-03-18T10:00:00")
    assert told(clinic) == [
        ("2031-03-11", "missed"), ("2031-03-13", "done"), ("2031-03-14", "missed"), ("2031-03-17", "missed"),
    ]  # fmt: skip


def test_of_a_time_of_which_entries_cannot_be_read_nothing_is_called_missed(house: House, kit: Kit) -> None:
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nevery = "day"\n')
    for day in (11, 13, 14):
        house.clock.set(f"2031-03-{day}T10:00:00")
        kit.walk_short(clinic)
    house.clock.set("2031-03-16T10:00:00")
    days = [f"2031-03-{day}" for day in (11, 12, 13, 14, 15)]
    assert told(clinic) == [*zip(days, ("done", "missed", "done", "done", "missed"), strict=True)]
    begun = clinic.ledger.entries_of_kind("run.started")[-2].index
    with closing(sqlite3.connect(house.folder.ledger, isolation_level=None)) as db:
        db.execute("DROP TRIGGER entry_delete")
        db.execute("DELETE FROM entry WHERE idx = ?", (begun,))
    assert told(clinic, fresh=True) == [*zip(days, ("done", "unknown", "unknown", "done", "missed"), strict=True)]
    with auditing.opened(clinic, fresh=True) as found:
        scope = Scope("2031-03-01", "2031-03-31")
        assert done.unknown(found.db, scope) == 2
        assert [each.planned for each in done.kept(found.db, scope, "protocol")] == [3]
        assert damage(found, [])[-1] == (
            "What became of 2 runs that were planned (2031-03-12 to 2031-03-13) is not known: entries of that time"
            " cannot be read."
        )


def test_a_week_counts_once_it_is_over(house: House, kit: Kit) -> None:
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nevery = "week"\non = "tue"\n')
    house.clock.set("2031-03-11T10:00:00")
    kit.walk_short(clinic)
    house.clock.set("2031-03-20T10:00:00")
    kit.walk_short(clinic)
    assert told(clinic) == [("2031-03-11", "done")]
    house.clock.set("2031-04-01T10:00:00")
    assert told(clinic) == [("2031-03-11", "done"), ("2031-03-18", "late"), ("2031-03-25", "missed")]


def test_after_so_many_runs_it_is_asked_for_each_time(house: House, kit: Kit) -> None:
    clinic = planned(
        house, '[[schedule]]\nprotocol = "short"\nafter = { runs = 2, of = "blind" }\nsubject = "room=room-1"\n'
    )
    assert told(clinic) == []
    clinic = planned(
        house,
        '[[schedule]]\nprotocol = "today"\nafter = { runs = 2, of = "short" }\nsubject = "clinic"\nby = "17:00"\n',
    )
    for day in ("11", "12", "14"):
        house.clock.set(f"2031-03-{day}T10:00:00")
        kit.walk_short(clinic)
    assert told(clinic) == [("2031-03-12", "missed")]
    house.clock.set("2031-03-15T10:00:00")
    kit.walk_short(clinic, "today")
    assert told(clinic) == [("2031-03-12", "late")]
    for day in ("16", "17"):
        house.clock.set(f"2031-03-{day}T10:00:00")
        kit.walk_short(clinic)
    house.clock.set("2031-03-17T16:00:00")
    kit.walk_short(clinic, "today")
    house.clock.set("2031-03-18T16:00:00")
    assert told(clinic) == [("2031-03-12", "late"), ("2031-03-17", "done")]


def test_after_an_event_it_is_asked_for_once(house: House, kit: Kit) -> None:
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nafter = { event = "power-loss" }\n')
    house.clock.set("2031-03-11T10:00:00")
    found = recalling.happened(clinic, "power-loss", "clinic", "", kit.who(clinic, "Lea"), "tui")
    assert not isinstance(found, Refusal), found
    assert told(clinic) == []
    house.clock.set("2031-03-13T10:00:00")
    assert told(clinic) == [("2031-03-11", "missed")]
    kit.walk_short(clinic)
    assert told(clinic) == [("2031-03-11", "late")]


# -- the nights in which the clocks are set on and back ---------------------------------------------------------------

NIGHTS = {"on": ("2031-03-29", "2031-03-30", "2031-03-31"), "back": ("2031-10-25", "2031-10-26", "2031-10-27")}


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize(("at", "state"), [("08:29:59", "done"), ("08:30:01", "late"), ("", "missed")])
def test_a_time_of_day_is_one_of_the_clinics_clock_also_when_that_is_changed(
    house: House, kit: Kit, night: str, at: str, state: str
) -> None:
    before, day, after = NIGHTS[night]
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n')
    for each in (before, day, after):
        if at:
            house.clock.set(f"{each}T{at}")
            kit.walk_short(clinic)
    house.clock.set(f"{after}T23:00:00")
    assert told(clinic)[-2:] == [(before, state), (day, state)]


@pytest.mark.parametrize("night", NIGHTS)
def test_the_last_minute_of_a_day_and_the_first_of_the_next_are_told_apart_in_those_nights(
    house: House, kit: Kit, night: str
) -> None:
    before, day, after = NIGHTS[night]
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nevery = "day"\n')
    moments = (f"{before}T23:59:30", f"{day}T00:00:30", f"{day}T23:59:30", f"{after}T00:00:30")
    runs = []
    for moment in moments:
        house.clock.set(moment)
        runs.append(kit.walk_short(clinic).run)
    house.clock.set(f"{after}T23:00:00")
    with auditing.opened(clinic) as found:
        rows = found.db.execute("SELECT run, day, hour, weekday FROM run ORDER BY n").fetchall()
        wanted = parse(f"day:{day} protocol:short", auditing.today(clinic), auditing.operator(clinic))
        listed = [
            found.db.execute("SELECT run FROM run WHERE n = ?", (row.n,)).fetchone()[0]
            for row in query_runs(found.db, wanted)
        ]
        weekdays = done.kept(found.db, Scope(before, day), "weekday")
    sunday = 6
    assert rows[-4:] == [
        (runs[0], before, 23, sunday - 1), (runs[1], day, 0, sunday),
        (runs[2], day, 23, sunday), (runs[3], after, 0, 0),
    ]  # fmt: skip
    assert sorted(listed) == sorted(runs[1:3])
    assert [(each.of, each.done, each.missed) for each in weekdays] == [("5", 1, 0), ("6", 1, 0)]
    assert told(clinic)[-2:] == [(before, "done"), (day, "done")]


@pytest.mark.parametrize(
    ("day", "moment", "state"),
    [
        ("2031-03-30", "2031-03-30T01:29:59+00:00", "done"),  # 02:30 never was: it was 03:30 then
        ("2031-03-30", "2031-03-30T01:30:01+00:00", "late"),
        ("2031-10-26", "2031-10-26T00:30:01+00:00", "done"),  # the first 02:30 is over, the second comes
        ("2031-10-26", "2031-10-26T01:30:01+00:00", "late"),
    ],
)
def test_a_time_that_is_left_out_or_comes_twice_is_the_later_one(
    house: House, kit: Kit, day: str, moment: str, state: str
) -> None:
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "02:30"\n')
    house.clock.wall = datetime.fromisoformat(moment)
    house.clock.boots += 1
    kit.walk_short(clinic)
    house.clock.wall += timedelta(days=1)
    house.clock.boots += 1
    assert told(clinic)[-1] == (day, state)
