"""The plan against the record: soon, missed, after so many runs, after an event, for each machine that fits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.plan.glance import Glance, glance
from checklist.run import commands as c
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def planned(house: House, text: str) -> Clinic:
    """The clinic with this plan instead of its own."""
    head = house.folder.config.read_text("utf-8").split("[calendar]")[0]
    house.folder.config.write_text(head + text, "utf-8")
    return house.open()


def seen(clinic: Clinic) -> Glance:
    return glance(clinic.histories(), clinic.settings, clinic.now())


def states(clinic: Clinic) -> dict[str, str]:
    return {
        f"{each.protocol} {each.subject}": "overdue" if each.overdue else "soon" if each.soon else "due"
        for each in seen(clinic).due
    }


def happens(clinic: Clinic, kit: Kit, event: str, subject: str) -> None:
    found = recalling.happened(clinic, event, subject, "", kit.who(clinic, "Lea"), "tui")
    assert not isinstance(found, Refusal), found


def test_what_is_to_be_done_within_the_hour_is_due_soon(house: House) -> None:
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n')
    for at, state in [("07:29", "due"), ("07:30", "soon"), ("08:30", "soon"), ("08:31", "overdue")]:
        house.clock.set(f"2031-03-11T{at}:00")
        assert states(clinic) == {"short clinic": state}, at


def test_a_weekly_task_is_due_soon_on_its_day_and_overdue_after_it(house: House, kit: Kit) -> None:
    clinic = planned(
        house,
        '[calendar]\nclosed = ["sat", "sun", 2031-03-14]\n'
        '[[schedule]]\nprotocol = "short"\nevery = "week"\non = "fri"\n',
    )
    for at, state in [
        ("2031-03-10T08:00", "due"),
        ("2031-03-13T08:00", "soon"),  # Friday 14 March is closed
        ("2031-03-14T08:00", "overdue"),
        ("2031-03-17T08:00", "due"),
    ]:
        house.clock.set(f"{at}:00")
        assert states(clinic) == {"short clinic": state}, at
    kit.walk_short(clinic)
    assert states(clinic) == {}


def test_what_went_by_is_missed_until_it_is_done_again(house: House, kit: Kit) -> None:
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n')
    house.clock.set("2031-03-10T08:00:00")
    kit.walk_short(clinic)
    house.clock.set("2031-03-11T08:00:00")
    assert seen(clinic).missed == ()
    assert seen(clinic).calm
    house.clock.set("2031-03-12T08:00:00")
    (missed,) = seen(clinic).missed
    assert (missed.protocol, missed.subject, missed.first, missed.last) == (
        "short",
        "clinic",
        "2031-03-11",
        "2031-03-11",
    )
    assert not seen(clinic).calm
    assert (missed.times, missed.often) == (1, "")
    house.clock.set("2031-03-14T08:00:00")
    (missed,) = seen(clinic).missed
    assert (missed.first, missed.begin, missed.often) == ("2031-03-13", "2031-03-11", "3 times since 2031-03-11")
    (told,) = json.loads(json.dumps(seen(clinic).data()["missed"]))
    assert {key: told[key] for key in ("from", "until", "times", "begin")} == {
        "from": "2031-03-13", "until": "2031-03-13", "times": 3, "begin": "2031-03-11",
    }  # fmt: skip
    kit.walk_short(clinic)
    assert seen(clinic).missed == ()


def test_a_line_without_a_subject_is_about_each_thing_that_its_protocol_fits(house: House, kit: Kit) -> None:
    clinic = house.open()
    text = kit.protocol_text("tested", "equipment", 'equipment = ["steriliser"]', kit.short)
    house.add_protocol("tested", text, clinic, kit.who(clinic, "Lea"))
    clinic = planned(
        house,
        '[[equipment]]\nid = "S2"\nkind = "steriliser"\ntitle = "Steriliser 2"\n'
        '[[schedule]]\nprotocol = "tested"\nevery = "day"\n[[schedule]]\nprotocol = "blind"\nevery = "day"\n',
    )
    everything = ["tested equipment=S1", "tested equipment=S2", "blind room=room-1", "blind room=room-2"]
    assert [*states(clinic)] == everything
    kit.walk_short(clinic, "tested", "equipment=S2")
    assert [*states(clinic)] == [one for one in everything if one != "tested equipment=S2"]


def test_after_so_many_runs_of_another_it_is_due_about_the_same_machine(house: House, kit: Kit) -> None:
    clinic = planned(
        house, '[[schedule]]\nprotocol = "everything"\nafter = { runs = 2, of = "load" }\nsubject = "equipment=S1"\n'
    )
    kit.walk_load(clinic)
    kit.walk_load(clinic, subject="equipment=F1")
    kit.begin(clinic, "load", "equipment=S1")
    assert states(clinic) == {}
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Abandon(kit.because))  # it was used all the same
    assert states(clinic) == {"everything equipment=S1": "due"}
    (due,) = seen(clinic).due
    assert (due.why, due.day) == ("after 2 of load", "2031-03-10")
    house.clock.set("2031-03-11T00:00:00")
    assert states(clinic) == {"everything equipment=S1": "overdue"}


def test_after_each_use_it_is_due_until_it_was_done_since(house: House, kit: Kit) -> None:
    clinic = planned(house, '[[schedule]]\nprotocol = "short"\nafter = { runs = 1, of = "today" }\nby = "17:00"\n')
    assert states(clinic) == {}
    kit.walk_short(clinic, "today")
    assert states(clinic) == {"short clinic": "due"}
    house.clock.advance(60)
    kit.walk_short(clinic)
    assert states(clinic) == {}
    house.clock.set("2031-03-10T18:00:00")
    kit.walk_short(clinic, "today")
    (due,) = seen(clinic).due
    assert due.by == "2031-03-11T17:00:00+01:00"


def test_after_an_event_to_the_machine_or_to_the_whole_clinic_it_is_due(house: House, kit: Kit) -> None:
    clinic = planned(
        house,
        '[[schedule]]\nprotocol = "load"\nafter = { event = "power-loss" }\n'
        '[[schedule]]\nprotocol = "short"\nafter = { event = "power-loss" }\n',
    )
    assert states(clinic) == {}
    happens(clinic, kit, "power-loss", "equipment=S1")
    assert [*states(clinic)] == ["load equipment=S1", "short clinic"]
    kit.walk_load(clinic)
    kit.walk_short(clinic)
    assert states(clinic) == {}
    happens(clinic, kit, "power-loss", "clinic")
    assert {*states(clinic)} == {"load equipment=S1", "load equipment=F1", "short clinic"}
    happens(clinic, kit, "other-event", "equipment=S1")
    kit.walk_short(clinic)
    assert {*states(clinic)} == {"load equipment=S1", "load equipment=F1"}


def test_two_lines_about_the_same_are_one_row_with_the_nearer_deadline(house: House) -> None:
    clinic = planned(
        house,
        '[[schedule]]\nprotocol = "short"\nevery = "month"\n'
        '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n',
    )
    house.clock.set("2031-03-11T08:00:00")
    (due,) = seen(clinic).due
    assert due.every == "day"


def test_a_new_clinic_is_calm(house: House, kit: Kit) -> None:
    """Nobody is late on the day on which the record began, whatever the time; the next morning they are."""
    clinic = house.open()
    began = clinic.ledger.entry(0).at
    clock = kit.new_clock()
    house.clock.wall = clock.wall.fromisoformat(began)
    glanced = seen(clinic)
    assert glanced.calm
    daily = {"day-open", "steriliser-daily", "day-close"}
    assert daily <= {each.protocol for each in glanced.due}
    assert {each.protocol for each in glanced.due if each.overdue or each.soon} <= daily | {"hygiene-audit"}
    house.clock.advance(36 * 3600)
    assert {each.protocol for each in seen(clinic).missed} <= daily


@pytest.mark.parametrize("runs", [1, 50])
def test_counting_stops_at_as_many_runs_as_are_asked_for(house: House, kit: Kit, runs: int) -> None:
    clinic = planned(house, f'[[schedule]]\nprotocol = "short"\nafter = {{ runs = {runs}, of = "today" }}\n')
    for _ in range(runs - 1):
        run = kit.begin(clinic, "today")
        kit.do(clinic, run, c.Abandon(kit.because))
    assert states(clinic) == {}
    kit.walk_short(clinic, "today")
    assert states(clinic) == {"short clinic": "due"}
