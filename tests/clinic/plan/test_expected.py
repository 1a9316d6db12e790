"""What the plan asked for in the past: done, late or missed, for every rhythm, after runs and after events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic import auditing
from checklist.clinic.identifiers import recalling
from checklist.clinic.plan.expected import expected
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def planned(house: House, text: str) -> Clinic:
    """The clinic with this plan instead of its own."""
    head = house.folder.config.read_text("utf-8").split("[calendar]")[0]
    house.folder.config.write_text(head + text, "utf-8")
    return house.open()


def told(clinic: Clinic) -> list[tuple[str, str]]:
    with auditing.opened(clinic) as found:
        rows = expected(found.db, clinic.histories(), clinic.settings, auditing.today(clinic))
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
