"""The board: what is due and when, what is open, what ended, what is set apart; and that it costs no more with years
of record behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.plan.board import Board, board, open_runs
from checklist.ledger.entry import Draft
from checklist.run import commands as c
from checklist.run.marks import Outcome

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from tests.clinic.conftest import House, Kit


def schedule(house: House, *lines: str) -> Clinic:
    """The clinic with these lines for its schedule, each `protocol every by subject`."""
    text = house.folder.config.read_text("utf-8").split("[[schedule]]")[0]
    for line in lines:
        protocol, every, by, subject = line.split(" ")
        text += f'[[schedule]]\nprotocol = "{protocol}"\nevery = "{every}"\n'
        text += f'by = "{by}"\n' if by != "-" else ""
        text += f'subject = "{subject}"\n' if subject != "-" else ""
    house.folder.config.write_text(text, "utf-8")
    return house.open()


def due(clinic: Clinic) -> dict[str, str]:
    return {each.protocol: "overdue" if each.overdue else "due" for each in board(clinic).due}


# -- due --------------------------------------------------------------------------------------------------


def test_a_daily_task_is_due_until_its_time_and_then_overdue(house: House) -> None:
    clinic = schedule(house, "short day 08:30 -")
    for at, state in [
        ("2031-03-11T00:00:00", "due"),
        ("2031-03-11T08:30:00", "due"),
        ("2031-03-11T08:30:01", "overdue"),
        ("2031-03-11T23:59:59", "overdue"),
        ("2031-03-12T00:00:00", "due"),
    ]:
        house.clock.set(at)
        assert due(clinic) == {"short": state}, at
    (only,) = board(clinic).due
    assert (only.title, only.subject, only.by, only.last) == ("Short", "clinic", "2031-03-12T08:30:00+01:00", None)


def test_a_protocol_that_is_not_in_force_never_comes_due_and_that_is_said(house: House) -> None:
    found = board(schedule(house, "short day - -", "shrot day - -", "far-away week - -"))
    assert [each.protocol for each in found.due] == ["short"]
    said = "Schedule: not in force: “shrot” (did you mean “short”?), “far-away”. Mend clinic.toml, or adopt it."
    assert found.faults == (said,)
    assert board(schedule(house, "short day - -")).faults == ()


def test_what_is_done_is_due_again_after_the_clinic_s_midnight(house: House, kit: Kit) -> None:
    """23:30 in Berlin is the day before in UTC for half of the year, and never here."""
    clinic = schedule(house, "short day 08:30 -")
    house.clock.set("2031-03-11T00:10:00")
    kit.walk_short(clinic)
    assert due(clinic) == {}
    house.clock.set("2031-03-11T23:59:59")
    assert due(clinic) == {}
    house.clock.set("2031-03-12T00:00:00")
    assert due(clinic) == {"short": "due"}
    (only,) = board(clinic).due
    assert only.last is not None
    assert only.last.startswith("2031-03-10T23:10:00")


@pytest.mark.parametrize(
    ("day", "by", "offset"),
    [
        ("2031-03-30", "08:30", "+02:00"),  # the clocks went forward at 2:00
        ("2031-03-30", "02:30", "+01:00"),  # a time that does not exist
        ("2031-10-26", "08:30", "+01:00"),  # the clocks went back at 3:00
    ],
)
def test_the_time_is_the_clinic_s_own_on_the_days_when_the_clocks_change(
    house: House, day: str, by: str, offset: str
) -> None:
    clinic = schedule(house, f"short day {by} -")
    house.clock.set(f"{day}T00:00:00")
    (only,) = board(clinic).due
    assert only.by == f"{day}T{by}:00{offset}"
    assert not only.overdue
    house.clock.set(f"{day}T08:31:00")
    assert due(clinic) == {"short": "overdue"}


def test_a_night_on_which_the_clocks_change_belongs_to_one_day(house: House, kit: Kit) -> None:
    clinic = schedule(house, "short day - -")
    house.clock.set("2031-10-26T00:30:00")
    kit.walk_short(clinic)
    house.clock.advance(24 * 3600)  # 23:30 of the same day, which has 25 hours
    assert due(clinic) == {}
    house.clock.advance(1800)
    assert due(clinic) == {"short": "due"}


def test_yesterday_s_run_corrected_today_does_nothing_for_today(house: House, kit: Kit) -> None:
    clinic = schedule(house, "short day 08:30 -")
    run = kit.walk_short(clinic).run
    house.clock.set("2031-03-11T07:00:00")
    kit.do(clinic, run, c.Correct("wash", kit.mistake))
    assert kit.do(clinic, run, c.Confirm("wash")).outcome is Outcome.COMPLETE
    assert due(clinic) == {"short": "due"}


def test_only_a_complete_run_about_the_right_thing_counts(house: House, kit: Kit) -> None:
    clinic = schedule(house, "short day - -", "load day - equipment=S1")
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Abandon(kit.because))
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Defer("wash", "2031-03-11", kit.because))
    assert kit.do(clinic, run, c.Confirm("look")).outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    kit.walk_load(clinic, subject="equipment=F1")
    assert due(clinic) == {"short": "due", "load": "due"}
    kit.walk_load(clinic)
    assert due(clinic) == {"short": "due"}
    kit.do(clinic, run, c.Resume())
    kit.do(clinic, run, c.Confirm("wash"))
    assert due(clinic) == {}
    kit.do(clinic, run, c.Correct("look", kit.mistake))
    assert due(clinic) == {"short": "due"}


def test_weekly_and_monthly_tasks_have_their_whole_period(house: House, kit: Kit) -> None:
    clinic = schedule(house, "short week - -", "today month 09:00 -", "nothing day - -")
    house.clock.set("2031-03-31T08:00:00")  # a Monday
    assert due(clinic) == {"short": "due", "today": "due"}
    house.clock.set("2031-03-31T09:00:01")  # the last day of the month
    assert due(clinic) == {"short": "due", "today": "overdue"}
    kit.walk_short(clinic)
    kit.walk_short(clinic, "today")
    assert due(clinic) == {}
    house.clock.set("2031-04-01T08:00:00")
    assert due(clinic) == {"today": "due"}
    house.clock.set("2031-04-06T23:59:59")
    assert due(clinic) == {"today": "due"}
    house.clock.set("2031-04-07T00:00:00")
    assert due(clinic) == {"short": "due", "today": "due"}
    house.clock.set("2031-04-30T09:00:01")
    assert due(clinic) == {"short": "due", "today": "overdue"}


def test_a_line_without_a_subject_is_about_the_only_machine_there_is(house: House, kit: Kit) -> None:
    text = house.folder.config.read_text("utf-8")
    house.folder.config.write_text(
        text.replace('[[equipment]]\nid = "F1"\nkind = "fridge"\ntitle = "Medicine fridge 1"\n', "")
    )
    clinic = schedule(house, "load day - -")
    assert board(clinic).due[0].subject == "equipment=S1"
    kit.walk_load(clinic)
    assert due(clinic) == {}


# -- open, ended, set apart --------------------------------------------------------------------------------


def test_open_runs_say_where_they_stand_and_whose_they_are(house: House, clinic: Clinic, kit: Kit) -> None:
    first = kit.begin(clinic, "short")
    second = kit.begin(clinic, "load", "equipment=S1", by="Ben")
    kit.do(clinic, first, c.Confirm("wash"))
    kit.do(clinic, first, c.Pause())
    one, two = open_runs(house.open())
    assert (one.state.run, one.title, one.holder, one.state.place) == (first, "Short", "Lea Linden", 2)
    assert (two.state.run, two.holder, two.state.place) == (second, "Ben Beech", 1)
    assert board(house.open()).glance.open[0].data() == {
        "run": first, "protocol": "short", "subject": "clinic", "since": one.state.started.at, "paused": True,
        "overridden": 0,
    }  # fmt: skip


def test_ended_runs_come_newest_first_with_how_they_ended(house: House, clinic: Clinic, kit: Kit) -> None:
    for number in range(22):
        house.clock.advance(60)
        run = kit.begin(clinic, "short", by="Ben" if number == 21 else "Lea")
        kit.do(clinic, run, c.Abandon(kit.because), by="Ben" if number == 21 else "Lea")
    house.clock.advance(60)
    kit.walk_short(clinic)
    ended = board(clinic).ended
    assert len(ended) == 20
    assert (ended[0].outcome, ended[0].holder, ended[0].title) == (Outcome.COMPLETE, "Lea Linden", "Short")
    assert (ended[1].outcome, ended[1].holder) == (Outcome.ABANDONED, "Ben Beech")


def test_a_load_is_quarantined_by_a_signature_and_released_by_another(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_load(clinic, "quarantined").run
    (apart,) = board(clinic).quarantined
    assert (apart.kind, apart.value) == ("load", "S1-20310310-01")
    kit.do(clinic, run, c.Correct("verdict", kit.mistake))
    kit.do(clinic, run, c.Give("verdict", "released"))
    assert len(board(clinic).quarantined) == 1
    kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "released", ""))
    assert board(clinic).quarantined == ()


def test_a_word_that_is_no_signature_sets_nothing_apart_and_frees_nothing(clinic: Clinic, kit: Kit) -> None:
    """The step before the signature has options of the same names."""
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "quarantined"))
    assert board(clinic).quarantined == ()
    kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "quarantined", ""))
    kit.do(clinic, run, c.Correct("verdict", kit.mistake))
    kit.do(clinic, run, c.Give("verdict", "released"))
    assert len(board(clinic).quarantined) == 1


def test_the_data_has_the_stable_keys(house: House, kit: Kit) -> None:
    clinic = schedule(house, "short day 08:30 -", "today day - -")
    house.clock.set("2031-03-11T10:00:00")
    kit.begin(clinic, "short")
    kit.walk_load(clinic, "quarantined")
    data = board(clinic).glance.data()
    assert set(data) >= {"due", "overdue", "open", "quarantined", "recalled"}

    def first(key: str) -> dict[str, Json]:
        found = data[key]
        assert isinstance(found, list)
        assert isinstance(found[0], dict)
        return found[0]

    for key in ("due", "overdue"):
        assert {"protocol", "subject", "by", "since"} <= set(first(key))
    assert {"protocol", "subject", "since"} <= set(first("open"))
    assert first("quarantined")["identifier"] == "load=S1-20310311-01"
    assert data["recalled"] == []


# -- what cannot be read -----------------------------------------------------------------------------------


def test_a_run_whose_protocol_is_lost_does_not_hide_the_others(house: House, kit: Kit) -> None:
    clinic = schedule(house, "short day 08:30 -", "today day - -", "load day - -")
    lost, good = kit.begin(clinic, "short"), kit.begin(clinic, "today")
    kit.walk_short(clinic)
    for name in ("short", "load"):
        (house.folder.adopted / f"{clinic.library.in_force(clinic.ledger)[name].sha256}.toml").unlink()
    shown: Board = board(house.open())
    assert [run.state.run for run in shown.open] == [good]
    assert len(shown.faults) == 1
    assert shown.faults[0].startswith(f"{lost}: ")
    assert "restore it from a backup" in shown.faults[0]
    assert [ended.title for ended in shown.ended] == ["Short"]
    assert [(each.title, each.subject) for each in shown.due] == [
        ("Today", "clinic"), ("Load", "equipment=S1"), ("Load", "equipment=F1"),
    ]  # fmt: skip
    assert [row.run for row in shown.glance.open] == [lost, good]


def test_an_earlier_ledger_that_is_damaged_does_not_stop_the_board(house: House) -> None:
    (house.folder.root / "ledger-old.db").write_bytes(b"not a ledger" * 1000)
    (house.folder.root / "ledger-copy.db").write_bytes(house.folder.ledger.read_bytes())
    clinic = house.open()
    shown = board(clinic)
    assert len(shown.faults) == 2
    assert any(fault.startswith("ledger-old.db: ") for fault in shown.faults)
    assert any("another station's record" in fault for fault in shown.faults)


# -- cost -------------------------------------------------------------------------------------------------


def steps_of_board(clinic: Clinic) -> int:
    """How many steps SQLite's machine takes for one board; the runs and protocols are read already."""
    board(clinic)
    count = 0

    def one() -> int:
        nonlocal count
        count += 1
        return 0

    clinic.ledger._live().set_progress_handler(one, 1)
    board(clinic)
    clinic.ledger._live().set_progress_handler(None, 0)
    return count


def test_the_board_costs_the_same_with_thousands_of_entries(house: House, kit: Kit) -> None:
    """Counted in steps of SQLite's machine, not in time. The long record holds what a year leaves: runs that were
    completed, failed and abandoned, sign-ins, loads."""
    clinic = schedule(house, "short day 08:30 -", "load day - equipment=S1")
    for _ in range(21):
        kit.walk_short(clinic)
    kit.walk_load(clinic)
    house.clock.set("2031-03-11T08:00:00")
    run = kit.begin(clinic, "short")
    before = steps_of_board(clinic)
    sha256 = clinic.library.in_force(clinic.ledger)["short"].sha256
    started: dict[str, Json] = {"protocol": {"id": "short", "version": "1.0.0", "sha256": sha256}, "subject": "clinic"}

    def year(size: int) -> list[Draft]:
        drafts = []
        for number in range(0, 5000, 5):
            place = f"a#{size + number}"
            outcome: dict[str, Json] = {"outcome": ("complete", "failed")[number % 2], "deviations": 0}
            ends = Draft("run.completed", outcome, None, "system", place)
            if number > 4000:  # a long row of failures after the last completion
                ends = Draft("run.abandoned", {"reason": "other"}, None, "system", place)
            drafts += [
                Draft("run.started", started, "u_1", "tui"),
                Draft("step.done", {"produced": {"load": f"x{number}"}}, None, "system", place, "wash"),
                Draft("step.done", {}, None, "system", place, "look"),
                ends,
                Draft("signed-in", {"factors": ["secret"]}, None, "system"),
            ]
        return drafts

    clinic.ledger.append(lambda reader: year(reader.size))
    after = steps_of_board(clinic)
    assert clinic.ledger.size > 5000
    assert after <= before + 50, (before, after)
    assert [each.state.run for each in open_runs(clinic)] == [run]


def test_what_a_wrong_clock_put_into_the_future_does_not_silence_the_board(house: House, kit: Kit) -> None:
    clinic = schedule(house, "short day 08:30 -")
    kit.walk_short(clinic)
    assert board(clinic).due == ()
    house.clock.advance(3650 * 86_400)
    kit.walk_short(clinic)
    house.clock.advance(-3640 * 86_400)
    shown = board(house.open())
    assert [each.title for each in shown.due] == ["Short"]
    (fault,) = shown.faults
    assert fault.startswith("The clock is behind the record (a#"), "the gate says the same"
    assert "If it is right, that entry came from the future" in fault
