"""What waits beside the plan: steps put off, protocols that a failure asks for, starts without a GO to be reviewed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.copies import Copied, Restored, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.plan.board import board
from checklist.clinic.plan.waiting import carried, follow_ups, reviews, tasks
from checklist.clinic.run_views import overrides_of
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.views import VIEWS
from checklist.clinic.visits.clearing import ask, asked_of, review, sources_of
from checklist.gate.facts import Asked
from checklist.ledger.entry import Draft
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.rebuilding import rebuild_views
from tests.support.tiny_visit import override, tiny_clinic, visit

if TYPE_CHECKING:
    from pathlib import Path

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
CALM = """\
[procedure]
id = "calm"
title = "A calm procedure"
version = "1.0.0"
[[requires]]
id = "calm"
none_open = ["short"]
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
    (task,) = tasks(clinic.histories(), clinic.now())
    assert task.overdue
    assert task.key in late(clinic)
    kit.do(clinic, run, c.Resume())
    kit.do(clinic, run, c.Confirm("wash"))
    assert tasks(clinic.histories(), clinic.now()) == ()


def test_a_task_until_a_day_has_that_whole_day(house: House, clinic: Clinic, kit: Kit) -> None:
    put_off(clinic, kit, "2031-03-10")
    house.clock.set("2031-03-10T23:59:59")
    assert [one.overdue for one in tasks(clinic.histories(), clinic.now())] == [False]
    house.clock.set("2031-03-11T00:00:00")
    assert [one.overdue for one in tasks(clinic.histories(), clinic.now())] == [True]


def test_what_was_put_off_is_carried_to_the_next_run_of_the_same(clinic: Clinic, kit: Kit) -> None:
    first = put_off(clinic, kit, "2031-03-11")
    second = kit.begin(clinic, "short")
    other = kit.begin(clinic, "today")
    assert [one.run for one in carried(clinic.histories(), "short", "clinic", second, clinic.now())] == [first]
    assert carried(clinic.histories(), "short", "clinic", first, clinic.now()) == ()
    assert carried(clinic.histories(), "today", "clinic", other, clinic.now()) == ()
    kit.do(clinic, second, c.Confirm("wash"))
    kit.do(clinic, second, c.Confirm("look"))
    assert tasks(clinic.histories(), clinic.now()) == ()


def test_what_a_failure_asks_for_waits_until_somebody_begins_it(house: House, clinic: Clinic, kit: Kit) -> None:
    house.add_protocol("cold", kit.protocol_text("cold", "equipment", "", FAILS), clinic, kit.who(clinic, "Lea"))
    run = kit.begin(clinic, "cold", "equipment=F1")
    kit.do(clinic, run, c.Give("fridge", "12.0"))
    (waits,) = follow_ups(clinic.histories())
    assert (waits.protocol, waits.title, waits.subject, waits.run) == ("short", "Short", "equipment=F1", run)
    assert follow_ups(clinic.histories(), run) == (waits,)
    assert follow_ups(clinic.histories(), "a#0") == ()
    assert board(clinic).glance.data()["follow_ups"] == [
        {"protocol": "short", "subject": "equipment=F1", "run": run, "step": "fridge", "recalled": None}
        | {"since": waits.since}
    ]
    kit.begin(clinic, "short")
    assert follow_ups(clinic.histories()) == ()


def test_what_a_failure_asks_for_waits_again_if_what_was_begun_came_to_nothing(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    house.add_protocol("cold", kit.protocol_text("cold", "equipment", "", FAILS), clinic, kit.who(clinic, "Lea"))
    kit.do(clinic, kit.begin(clinic, "cold", "equipment=F1"), c.Give("fridge", "12.0"))
    first = kit.begin(clinic, "short")
    assert follow_ups(clinic.histories()) == ()
    kit.do(clinic, first, c.Abandon(kit.mistake))
    assert len(follow_ups(clinic.histories())) == 1
    opened = kit.begin(clinic, "short")
    kit.walk_short(clinic)
    kit.do(clinic, opened, c.Abandon(kit.mistake))
    assert follow_ups(clinic.histories()) == ()  # the other one was walked to its end
    assert rebuild_views(clinic.ledger, VIEWS) == []


@pytest.fixture
def restored(house: House, kit: Kit, tmp_path: Path) -> Clinic:
    """The clinic after a restore: before it a step was put off, a failure asked for something, and a start without a GO
    was not reviewed."""
    clinic = tiny_clinic(house, kit)
    lea = kit.who(clinic, "Lea")
    clinic.personnel.set_roles(kit.who(clinic, "Rita").id, ["staff", "lead"], lea, "tui")
    house.add_protocol("cold", kit.protocol_text("cold", "equipment", "", FAILS), clinic, lea)
    put_off(clinic, kit, "2031-03-11")
    kit.do(clinic, kit.begin(clinic, "cold", "equipment=F1"), c.Give("fridge", "12.0"))
    assert not isinstance(override(kit, clinic, visit(kit, clinic)), Refusal)
    copied = backup(clinic, tmp_path / "copy", lea, "tui")
    assert isinstance(copied, Copied)
    back = restore(copied.folder, Folder(tmp_path / "again"), "tui")
    assert isinstance(back, Restored)
    return kit.new_house(back.folder, house.clock).open()


def test_what_waited_before_a_restore_waits_after_it(restored: Clinic) -> None:
    seen = board(restored).glance
    (task,), (follow_up,), (review,) = seen.tasks, seen.follow_ups, seen.reviews
    assert (task.protocol, task.step, task.words, task.earlier) == ("short", "wash", "Wash your hands.", True)
    assert (follow_up.protocol, follow_up.subject, review.procedure) == ("short", "equipment=F1", "tiny")
    assert [one["earlier"] for one in json.loads(json.dumps(seen.data()["tasks"]))] == [True]


def test_what_waited_before_a_restore_is_done_in_a_new_run_of_the_same(restored: Clinic, kit: Kit) -> None:
    refused = restored.do(
        tasks(restored.histories(), restored.now())[0].run, c.Resume(), kit.who(restored, "Lea"), "tui"
    )
    assert isinstance(refused, Refusal)
    run = kit.begin(restored, "short")
    assert follow_ups(restored.histories()) == ()
    (carries,) = carried(restored.histories(), "short", "clinic", run, restored.now())
    assert carries.words == ""
    kit.do(restored, run, c.Abandon(kit.mistake))
    assert len(follow_ups(restored.histories())) == 1
    assert len(tasks(restored.histories(), restored.now())) == 1
    kit.walk_short(restored)
    assert follow_ups(restored.histories()) == ()
    assert tasks(restored.histories(), restored.now()) == ()


def test_what_a_failure_before_a_restore_asks_for_shuts_the_gate_until_it_is_done(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    lea = kit.who(clinic, "Lea")
    house.add_protocol("cold", kit.protocol_text("cold", "clinic", "", FAILS), clinic, lea)
    folder = house.folder.protocols / "procedures"
    folder.mkdir()
    (folder / "calm.toml").write_text(CALM, "utf-8")
    assert not isinstance(adopt(clinic, "calm", lea, "tui"), Refusal)
    kit.do(clinic, kit.begin(clinic, "cold"), c.Give("fridge", "12.0"))
    copied = backup(clinic, tmp_path / "copy", lea, "tui")
    assert isinstance(copied, Copied)
    back = restore(copied.folder, Folder(tmp_path / "again"), "tui")
    assert isinstance(back, Restored)
    again = kit.new_house(back.folder, house.clock).open()

    def decision() -> str:
        asked = asked_of(again, "calm", "room-1", None)
        assert isinstance(asked, Asked)
        return ask(sources_of(again), again.library.procedure(again.ledger, "calm"), asked, again.now()).decision

    assert decision() == "NO-GO"
    kit.walk_short(again)
    assert decision() == "GO"


def test_a_review_after_a_restore_ends_the_reminder(restored: Clinic, kit: Kit) -> None:
    (waits,) = reviews(restored.histories(), restored.now())
    assert waits.session is not None
    told = overrides_of(restored.histories(), "", waits.session)
    assert [(one.place, one.reviewed) for one in told] == [(waits.entry, False)]
    done = review(restored, waits.entry, "The room was clean.", kit.who(restored, "Rita"), "tui")
    assert not isinstance(done, Refusal)
    assert reviews(restored.histories(), restored.now()) == ()
    assert [one.reviewed for one in overrides_of(restored.histories(), "", waits.session)] == [True]


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
    (waits,) = reviews(clinic.histories(), clinic.now())
    assert (waits.entry, waits.procedure, waits.subject, waits.overdue) == (
        passed.place, "nails", "room=room-1", False,
    )  # fmt: skip
    house.clock.set("2031-03-11T10:00:01")
    (waits,) = board(clinic).glance.reviews
    assert waits.overdue
    assert waits.key in late(clinic)
    own: dict[str, Json] = {"station": passed.station, "index": passed.index, "leaf": passed.leaf}
    clinic.record(Draft("reviewed", {"rule": "override", "of": own}, None, "system"))
    assert reviews(clinic.histories(), clinic.now()) == ()
