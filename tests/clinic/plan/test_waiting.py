"""What waits beside the plan: steps put off, protocols that a failure asks for, starts without a GO to be reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.plan.board import board
from checklist.clinic.plan.waiting import carried, follow_ups, reviews, tasks
from checklist.clinic.views import VIEWS
from checklist.ledger.entry import Draft
from checklist.run import commands as c
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from tests.clinic.conftest import House, Kit

FAILS = """\
[[steps]]
id = "fridge"
kind = "measure"
do = "Read the fridge."
unit = "Cel"
limit = { min = 2, max = 8 }
decimals = 1
on_fail = { stop = true, open = "short" }
"""


def put_off(clinic: Clinic, kit: Kit, until: str) -> str:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Defer("wash", until, kit.because))
    kit.do(clinic, run, c.Confirm("look"))
    return run


def late(clinic: Clinic) -> set[str]:
    return {one.key for one in board(clinic).glance.late}


def test_a_step_that_was_put_off_is_a_task_until_it_is_done(house: House, clinic: Clinic, kit: Kit) -> None:
    run = put_off(clinic, kit, "2031-03-10T12:00:00Z")
    (task,) = board(clinic).glance.tasks
    assert (task.run, task.step, task.words, task.overdue) == (run, "wash", "Wash your hands.", False)
    assert task.key not in late(clinic)
    house.clock.set("2031-03-10T13:00:01")
    (task,) = tasks(clinic.ledger, clinic.now())
    assert task.overdue
    assert task.key in late(clinic)
    kit.do(clinic, run, c.Resume())
    kit.do(clinic, run, c.Confirm("wash"))
    assert tasks(clinic.ledger, clinic.now()) == ()


def test_a_task_until_a_day_has_that_whole_day(house: House, clinic: Clinic, kit: Kit) -> None:
    put_off(clinic, kit, "2031-03-10")
    house.clock.set("2031-03-10T23:59:59")
    assert [one.overdue for one in tasks(clinic.ledger, clinic.now())] == [False]
    house.clock.set("2031-03-11T00:00:00")
    assert [one.overdue for one in tasks(clinic.ledger, clinic.now())] == [True]


def test_what_was_put_off_is_carried_to_the_next_run_of_the_same(clinic: Clinic, kit: Kit) -> None:
    first = put_off(clinic, kit, "2031-03-11")
    second = kit.begin(clinic, "short")
    other = kit.begin(clinic, "today")
    assert [one.run for one in carried(clinic.ledger, "short", "clinic", second, clinic.now())] == [first]
    assert carried(clinic.ledger, "short", "clinic", first, clinic.now()) == ()
    assert carried(clinic.ledger, "today", "clinic", other, clinic.now()) == ()
    kit.do(clinic, second, c.Confirm("wash"))
    kit.do(clinic, second, c.Confirm("look"))
    assert tasks(clinic.ledger, clinic.now()) == ()


def test_what_a_failure_asks_for_waits_until_somebody_begins_it(house: House, clinic: Clinic, kit: Kit) -> None:
    house.add_protocol("cold", kit.protocol_text("cold", "equipment", "", FAILS), clinic, kit.who(clinic, "Lea"))
    run = kit.begin(clinic, "cold", "equipment=F1")
    kit.do(clinic, run, c.Give("fridge", "12.0"))
    (waits,) = follow_ups(clinic.ledger)
    assert (waits.protocol, waits.title, waits.subject, waits.run) == ("short", "Short", "equipment=F1", run)
    assert follow_ups(clinic.ledger, run) == (waits,)
    assert follow_ups(clinic.ledger, "a#0") == ()
    assert board(clinic).glance.data()["follow_ups"] == [
        {"protocol": "short", "subject": "equipment=F1", "run": run, "step": "fridge", "since": waits.since}
    ]
    kit.begin(clinic, "short")
    assert follow_ups(clinic.ledger) == ()


def test_what_a_failure_asks_for_waits_again_if_what_was_begun_came_to_nothing(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    house.add_protocol("cold", kit.protocol_text("cold", "equipment", "", FAILS), clinic, kit.who(clinic, "Lea"))
    kit.do(clinic, kit.begin(clinic, "cold", "equipment=F1"), c.Give("fridge", "12.0"))
    first = kit.begin(clinic, "short")
    assert follow_ups(clinic.ledger) == ()
    kit.do(clinic, first, c.Abandon(kit.mistake))
    assert len(follow_ups(clinic.ledger)) == 1
    opened = kit.begin(clinic, "short")
    kit.walk_short(clinic)
    kit.do(clinic, opened, c.Abandon(kit.mistake))
    assert follow_ups(clinic.ledger) == ()  # the other one was walked to its end
    assert rebuild_views(clinic.ledger, VIEWS) == []


def test_a_start_without_a_go_is_to_be_reviewed_in_time(house: House, clinic: Clinic) -> None:
    cleared = clinic.record(
        Draft(
            "cleared",
            {"procedure": {"id": "nails", "sha256": "0"}, "decision": "NO-GO", "subject": "room=room-1"},
            None,
            "system",
        )
    )
    of: dict[str, Json] = {"station": cleared.station, "index": cleared.index, "leaf": cleared.leaf}
    passed = clinic.record(Draft("clearance.overridden", {"of": of, "review": "2031-03-11T09:00:00Z"}, None, "system"))
    (review,) = reviews(clinic.ledger, clinic.now())
    assert (review.entry, review.procedure, review.subject, review.overdue) == (
        passed.place, "nails", "room=room-1", False,
    )  # fmt: skip
    house.clock.set("2031-03-11T10:00:01")
    (review,) = board(clinic).glance.reviews
    assert review.overdue
    assert review.key in late(clinic)
    own: dict[str, Json] = {"station": passed.station, "index": passed.index, "leaf": passed.leaf}
    clinic.record(Draft("reviewed", {"rule": "override", "of": own}, None, "system"))
    assert reviews(clinic.ledger, clinic.now()) == ()
