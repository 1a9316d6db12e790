"""The plan in the record: written when it changes, and each day judged by the one that was in force."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from checklist.audit import losses
from checklist.audit.numbers import done
from checklist.clinic import auditing, checking, config, copies, making
from checklist.clinic.folder import Folder
from checklist.clinic.plan.configured import CONFIGURED, judged_by, plans, record_plan, written
from checklist.clinic.service import Clinic
from tests.support.audited import damage as damage_entry
from tests.support.in_process import through_a_pipe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clinic.conftest import House, Kit

DAILY = '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n'
EVERY_WAY = """\
[calendar]
closed = ["sun", "sat", "2031-12-25", 2031-12-24]
[[schedule]]
protocol = "short"
every = "day"
by = 08:30:15
[[schedule]]
protocol = "today"
every = "week"
on = "fri"
subject = "room=room-1"
[[schedule]]
protocol = "short"
every = "month"
on = 31
[[schedule]]
protocol = "short"
after = { runs = 20, of = "load" }
[[schedule]]
protocol = "short"
after = { event = "power-loss" }
by = "17:00"
"""


def head(house: House) -> str:
    """clinic.toml up to its plan."""
    return house.folder.config.read_text("utf-8").partition("[calendar]")[0].partition("[[schedule]]")[0]


def planned(house: House, text: str) -> Clinic:
    """The clinic once somebody works there by this plan."""
    house.folder.config.write_text(head(house) + text, "utf-8")
    clinic = house.open()
    clinic.started()
    return clinic


def named(clinic: Clinic) -> list[str]:
    return [str(entry.data["sha256"]) for entry in clinic.ledger.entries_of_kind(CONFIGURED)]


def rows(clinic: Clinic) -> list[tuple[str, str]]:
    with auditing.opened(clinic) as found:
        return [*map(tuple, found.db.execute("SELECT day, state FROM planned ORDER BY due"))]


def judged(clinic: Clinic) -> done.Plans:
    with auditing.opened(clinic) as found:
        return done.plans(found.db)


def test_a_new_clinic_says_in_its_record_what_it_plans(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "clinic")
    making.make(folder, "Haut & “Sun”", "Lea Linden", "three green bottles", "tui")
    with Clinic.open(folder) as clinic:
        (sha256,) = named(clinic)
        clinic.started()
        assert named(clinic) == [sha256]
        kept = config.load(folder.adopted / f"{sha256}.toml")
        assert judged_by(kept) == judged_by(clinic.settings)
    assert checking.verify_clinic(folder).result == "clean"


def test_it_is_recorded_when_somebody_works_by_it_and_not_when_it_is_read(house: House) -> None:
    house.folder.config.write_text(head(house) + EVERY_WAY, "utf-8")
    clinic = house.open()
    before = named(clinic)
    auditing.opened(clinic).close()
    assert named(clinic) == before
    clinic.started()
    record_plan(clinic.ledger, clinic.folder.adopted, clinic.settings)
    after = named(clinic)
    assert len(after) == len(before) + 1
    (entry,) = clinic.ledger.entries_of_kind(CONFIGURED, newest_first=True, limit=1)
    assert entry.data["was"] == (before[-1] if before else None)
    text = (clinic.folder.adopted / f"{after[-1]}.toml").read_bytes()
    assert written(config.read(text, "kept")) == text
    settings = clinic.settings
    kept = config.read(text, "kept")
    assert (kept.schedule, kept.calendar, kept.rooms) == (settings.schedule, settings.calendar, settings.rooms)
    assert (kept.equipment, kept.clinic.timezone) == (settings.equipment, settings.clinic.timezone)


def test_what_nobody_is_judged_by_is_neither_recorded_nor_kept(house: House) -> None:
    clinic = planned(house, DAILY)
    before = named(clinic)
    clinic = planned(house, f'# a remark\n{DAILY}[hub]\nsecret = "postgres"\n[security]\nidle_lock = "5m"\n')
    assert named(clinic) == before
    assert not any(b"postgres" in path.read_bytes() for path in clinic.folder.adopted.iterdir())


def test_a_day_called_closed_afterwards_stays_missed(house: House, kit: Kit) -> None:
    clinic = planned(house, DAILY)
    house.clock.set("2031-03-12T08:00:00")
    kit.walk_short(clinic)
    house.clock.set("2031-03-14T20:00:00")
    asked = [("2031-03-11", "missed"), ("2031-03-12", "done"), ("2031-03-13", "missed")]
    assert rows(clinic) == asked
    clinic = planned(house, f'[calendar]\nclosed = ["2031-03-11", "2031-03-13", "2031-03-14", "2031-03-15"]\n{DAILY}')
    house.clock.set("2031-03-17T20:00:00")
    # The day on which it was changed had begun by the old plan; the next ones are judged by the new one.
    assert rows(clinic) == [*asked, ("2031-03-14", "missed"), ("2031-03-16", "missed")]
    assert judged(clinic).changed[-1] == "2031-03-14"


def test_a_line_or_a_room_that_is_taken_out_was_asked_for_until_then(house: House) -> None:
    room = '[[schedule]]\nprotocol = "blind"\nevery = "day"\n'
    clinic = planned(house, room)
    rooms = len(clinic.settings.rooms)
    house.clock.set("2031-03-13T10:00:00")
    text = house.folder.config.read_text("utf-8")
    house.folder.config.write_text(text.replace('id = "room-2"', 'id = "room-9"'), "utf-8")
    with house.open() as again:
        again.started()
    house.clock.set("2031-03-15T10:00:00")
    clinic = house.open()
    with auditing.opened(clinic) as found:
        told = found.db.execute(
            "SELECT day, count(*), sum(subject = 'room=room-2') FROM planned GROUP BY day"
        ).fetchall()
    assert told == [(f"2031-03-{day}", rooms, int(day < 14)) for day in (11, 12, 13, 14)]
    clinic = planned(house, "")
    house.clock.set("2031-03-20T10:00:00")
    assert [day for day, _ in rows(clinic)][-1] == "2031-03-15"


def test_a_plan_that_nobody_worked_by_judges_nothing_and_is_told(house: House) -> None:
    clinic = planned(house, DAILY)
    house.clock.set("2031-03-13T10:00:00")
    asked = rows(clinic)
    house.folder.config.write_text(head(house) + '[calendar]\nclosed = ["2031-03-11"]\n', "utf-8")
    clinic = house.open()
    assert rows(clinic) == asked
    assert judged(clinic).unrecorded


@pytest.mark.parametrize("damage", ["gone", "changed", "no plan"])
def test_a_plan_that_is_gone_or_changed_keeps_its_days_and_no_other_is_taken_for_it(house: House, damage: str) -> None:
    planned(house, '[[schedule]]\nprotocol = "today"\nevery = "day"\n')
    house.clock.set("2031-03-12T10:00:00")
    planned(house, DAILY)
    house.clock.set("2031-03-14T10:00:00")
    clinic = planned(house, f'{DAILY}[[schedule]]\nprotocol = "today"\nevery = "day"\n')
    house.clock.set("2031-03-17T10:00:00")
    before = rows(clinic)
    assert [day for day, _ in before if "2031-03-12" < day <= "2031-03-14"] == ["2031-03-13", "2031-03-14"]
    kept = clinic.folder.adopted / f"{named(clinic)[-2]}.toml"
    match damage:
        case "gone":
            kept.unlink()
        case "changed":
            kept.write_text(kept.read_text("utf-8").replace("room-1", "room-7"), "utf-8")
        case _:
            kept.write_text("[[schedule]]", "utf-8")
    assert rows(clinic) == [(day, state) for day, state in before if not "2031-03-12" < day <= "2031-03-14"]
    told = judged(clinic)
    assert told.lost == ("2031-03-12",)
    assert told.changed[-2:] == ("2031-03-12", "2031-03-14")
    with auditing.opened(clinic) as found:
        assert "recorded on 2031-03-12 is missing or changed" in (losses.plans_lost(found.db) or "")
    report = checking.verify_clinic(clinic.folder)
    assert any(kept.name in finding.why for finding in report.findings)


def test_where_the_first_plan_is_gone_no_later_one_holds_for_the_past(house: House) -> None:
    """Whoever takes a line out, and the text of the plan that had it, does not make its missed days go away unseen."""
    clinic = planned(house, DAILY)
    house.clock.set("2031-03-14T20:00:00")
    clinic = planned(house, "")
    house.clock.set("2031-03-17T20:00:00")
    for sha256 in named(clinic)[:-1]:
        (clinic.folder.adopted / f"{sha256}.toml").unlink()
    with auditing.opened(clinic) as found:
        known = plans(clinic, found.db)
        assert losses.plans_lost(found.db) is not None
    assert [plan.after for plan in known.known] == [date(2031, 3, 14)]
    assert [known.on(date(2031, 3, day)) for day in (1, 12, 14)] == [None, None, None]
    assert not known.unrecorded
    report = through_a_pipe(["report", "--html", house.folder.root / "report.html", "--clinic", house.folder.root])
    assert report.code in (0, 1), report.text
    assert "nothing counts as asked for, late or missed" in (house.folder.root / "report.html").read_text("utf-8")
    findings = through_a_pipe(["findings", "--clinic", house.folder.root])
    assert (findings.code, "nothing counts as asked for, late or missed" in findings.text) == (1, True)


def test_what_was_changed_in_a_plan_is_told_in_words(house: House) -> None:
    clinic = planned(house, DAILY)
    clinic = planned(house, EVERY_WAY)
    place = clinic.ledger.entries_of_kind(CONFIGURED)[-1].place
    said = through_a_pipe(["show", place, "--clinic", house.folder.root]).text
    for line in (
        "Asked for, taken out: short every day by 08:30",
        "Asked for, added: short every day by 08:30:15",
        "Asked for, added: today of room=room-1 every week on fri",
        "Asked for, added: short every month on day 31",
        "Asked for, added: short after 20 runs of load",
        "Asked for, added: short after power-loss by 17:00",
        "Closed, added: sun",
        "Closed, added: 2031-12-24",
    ):
        assert f"{line}\n" in said, said
    first = through_a_pipe(["show", clinic.ledger.entries_of_kind(CONFIGURED)[0].place, "--clinic", house.folder.root])
    assert "It is the first one in the record of this station:" in first.text
    (clinic.folder.adopted / f"{named(clinic)[-2]}.toml").unlink()
    lost = through_a_pipe(["show", place, "--clinic", house.folder.root]).text
    assert "cannot be told" in lost
    assert "added" not in lost


def test_days_before_the_first_plan_on_record_are_judged_by_it(house: House) -> None:
    """A clinic whose record is older than plans in it."""
    clinic = house.open()
    with auditing.opened(clinic) as found:
        found.db.execute("BEGIN")
        found.db.execute("DELETE FROM entry WHERE kind = ?", (CONFIGURED,))
        known = plans(clinic, found.db)
        found.db.rollback()
    assert known.since is None
    assert known.on(date(2020, 1, 1)) is clinic.settings
    clinic = planned(house, DAILY)
    with auditing.opened(clinic) as found:
        known = plans(clinic, found.db)
    assert known.since is not None
    of_old, then = known.on(date(2001, 1, 1)), known.on(known.since)
    assert of_old is not None
    assert then is of_old


def test_a_restored_clinic_says_its_plan_again_and_has_not_changed_it(house: House, kit: Kit, tmp_path: Path) -> None:
    clinic = planned(house, DAILY)
    before = len(judged(clinic).changed)
    copies.backup(clinic, tmp_path / "copy", kit.who(clinic, "Lea"), "tui")
    folder = copies.restore(tmp_path / "copy", Folder(tmp_path / "again"), "pipe").folder
    with Clinic.open(folder) as again:
        assert len(named(again)) == 1
        assert len(judged(again).changed) == before
    assert checking.verify_clinic(folder).result == "clean"


def test_no_sign_in_a_title_leads_out_of_its_words(house: House) -> None:
    hostile = 'a "b" \\ ] # \x7f é “x”'
    house.configure('"Treatment room 1"', json.dumps(hostile))
    settings = config.load(house.folder.config)
    kept = config.read(written(settings), "kept")
    assert kept.rooms == settings.rooms


def test_of_two_plans_on_the_first_day_the_first_holds_for_it_and_the_past(house: House) -> None:
    """Nobody takes a line out of all the past on the day on which the record begins to say what the plan is."""
    clinic = house.open()
    asked = len(clinic.settings.schedule)
    clinic.started()
    clinic = planned(house, "")
    house.clock.set("2031-03-14T10:00:00")
    with auditing.opened(clinic) as found:
        known = plans(clinic, found.db)
    day = date(2031, 3, 10)
    assert (known.since, known.changed, known.lost) == (day, (day,), ())
    held = [known.on(each) for each in (date(2001, 1, 1), day, date(2031, 3, 11))]
    assert [len(each.schedule) for each in held if each is not None] == [asked, asked, 0]
    assert asked


def test_where_the_entry_of_the_first_plan_cannot_be_read_no_later_one_holds_for_the_past(house: House) -> None:
    clinic = house.open()
    first = clinic.ledger.entries_of_kind(CONFIGURED)[0]
    house.clock.set("2031-03-13T10:00:00")
    planned(house, "").close()
    damage_entry(house.folder.ledger, first.index, "sha256", "sha257")
    clinic = house.open()
    with auditing.opened(clinic, fresh=True) as found:
        known = plans(clinic, found.db)
    assert known.on(date(2031, 3, 12)) is None
    assert known.on(date(2031, 3, 14)) is not None


@pytest.mark.parametrize("word", ["sha256", '"kind"', "system"], ids=["its plan", "its kind", "something else"])
@pytest.mark.parametrize("after", [True, False], ids=["another after it", "the newest"])
def test_while_a_plan_was_in_force_whose_entry_cannot_be_read_nothing_is_judged(
    house: House, word: str, after: bool
) -> None:
    """The plan before it may have held until then, or for a day only."""
    planned(house, '[[schedule]]\nprotocol = "today"\nevery = "day"\n')
    house.clock.set("2031-03-12T10:00:00")
    clinic = planned(house, DAILY)
    spoiled = clinic.ledger.entries_of_kind(CONFIGURED)[-1].index
    if after:
        house.clock.set("2031-03-14T10:00:00")
        clinic = planned(house, f'{DAILY}[[schedule]]\nprotocol = "today"\nevery = "day"\n')
    house.clock.set("2031-03-17T10:00:00")
    clinic.close()
    damage_entry(house.folder.ledger, spoiled, word, word.swapcase())
    clinic = house.open()
    with auditing.opened(clinic, fresh=True) as found:
        known = plans(clinic, found.db)
        rows = found.db.execute("SELECT DISTINCT day FROM planned WHERE day > '2031-03-10' ORDER BY day")
        assert [day for (day,) in rows] == (["2031-03-15", "2031-03-16"] if after else [])
    days = [known.on(date(2031, 3, day)) is not None for day in (1, 10, 11, 12, 13, 14, 15)]
    assert days == [True, True, False, False, False, False, after]
    assert known.lost == (date(2031, 3, 10),)
