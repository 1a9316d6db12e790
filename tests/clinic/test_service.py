"""The one door: who may go on, what a walk leaves behind, and that nothing is shown as done before it is saved."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.errors import ClinicError, EvidenceError, UnknownProtocolError, UnknownRunError
from checklist.clinic.service import Clinic
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerError, NotSaved, WrongKey
from checklist.people.errors import PepperError, StoreError
from checklist.people.operator import changed, disabled
from checklist.protocol.text import MAX_VALUE
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.marks import Outcome, Status
from checklist.run.reading import Refusal
from checklist.run.state import RunState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.ledger.entry import Json
    from tests.clinic.conftest import House, Kit


def do_and_forget(act: Callable[..., object], *arguments: object) -> None:
    """Something that happens meanwhile."""
    act(*arguments)


def kinds(clinic: Clinic, start: int = 0) -> list[str]:
    return [entry.kind for entry in clinic.ledger.entries(start)]


# -- coming in, and starting ------------------------------------------------------------------------------


def test_who_was_disabled_can_neither_sign_in_nor_go_on(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    run = kit.begin(clinic, "short", by="Ben")
    clinic.record(disabled(ben.id, actor=kit.who(clinic, "Lea").id, via="tui"))
    for name in ("Ben Beech", ben.id):
        refused = clinic.staff.sign_in(name, kit.secret + "Ben Beech", "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == "disabled"
    assert kit.refused(clinic, run, c.Confirm("wash"), by="Ben") == "disabled"
    begun = clinic.begin("short", "", ben, "tui")
    assert isinstance(begun, Refusal)
    assert begun.code == "disabled"


def test_a_folder_without_its_key_pepper_or_people_is_refused_and_let_go_of(house: House) -> None:
    for path, fault in [
        (house.folder.keys / "a.pem", WrongKey),
        (house.folder.keys / "pepper", PepperError),
        (house.folder.people, StoreError),
        (house.folder.ledger, LedgerError),
    ]:
        away = path.with_name("away")
        path.rename(away)
        with pytest.raises(fault):
            Clinic.open(house.folder)
        away.rename(path)
    with Clinic.open(house.folder) as clinic:
        assert clinic.now().zone == "Europe/Berlin"


def test_a_start_is_recorded_with_its_versions(clinic: Clinic) -> None:
    clinic.started()
    last = clinic.ledger.last()
    assert last is not None
    assert last.kind == "station.started"
    versions = last.data["versions"]
    assert isinstance(versions, dict)
    assert set(versions) == {"checklist", "python", "sqlite"}


# -- walking ----------------------------------------------------------------------------------------------


def test_a_walk_of_every_kind_of_step_is_saved_as_it_is_shown(
    house: House, clinic: Clinic, kit: Kit, printout: Path
) -> None:
    state = kit.walk_everything(house, clinic, printout)
    assert state.outcome is Outcome.COMPLETE
    assert state.deviations == 1
    assert state.steps["number"].value == "S1-20310310-01"
    assert state.steps["label"].value == {"lot": "A12", "expiry": "2032-01-31"}
    assert clinic.run(state.run) == state
    other = house.open()
    assert other.run(state.run) == state
    assert [entry.kind for entry in other.run_entries(state.run)][:4] == [
        "run.started", "step.done", "step.attempted", "step.noted",
    ]  # fmt: skip


def test_every_way_out_of_a_step_works_through_the_door(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "everything", "equipment=S1")
    kit.do(clinic, run, c.Skip("wash", kit.because))
    kit.do(clinic, run, c.Give("temperature", "50"))
    kit.do(clinic, run, c.Remark("temperature", "put ice around it"))
    kit.do(clinic, run, c.Give("temperature", "25"))
    assert kit.refused(clinic, run, c.Defer("indicator", "2031-03-11", kit.because)) == "hold"
    kit.do(clinic, run, c.Override("indicator", kit.because, kit.who(clinic, "Rita").person))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person))
    kit.do(clinic, run, c.NotApplicable("remark", kit.because))
    kit.do(clinic, run, c.Defer("label", "2031-03-11", kit.because))
    kit.do(clinic, run, c.Pause())
    assert kit.refused(clinic, run, c.Skip("printout", kit.because)) == "paused"
    kit.do(clinic, run, c.Resume())
    kit.do(clinic, run, c.Fail("printout", kit.because))
    kit.do(clinic, run, c.StartTimer("soak"))
    house.clock.advance(601)
    state = kit.do(clinic, run, c.Tick(), by=None)
    assert state.steps["soak"].owed == "remedy"
    kit.do(clinic, run, c.Correct("wash", kit.mistake))
    kit.do(clinic, run, c.Confirm("wash"))
    state = kit.do(clinic, run, c.Abandon(kit.because))
    assert state.outcome is Outcome.ABANDONED
    assert state == house.open().run(run)


def test_a_tick_with_nothing_to_say_takes_no_lock_and_records_nothing(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    size = clinic.ledger.size
    other = sqlite3.connect(house.folder.ledger, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert kit.do(clinic, run, c.Tick(), by=None).open
    other.close()
    assert clinic.ledger.size == size


def test_a_run_that_outlived_its_day_expires_at_the_next_tick(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "today")
    house.clock.set("2031-03-10T23:59:59")
    assert kit.do(clinic, run, c.Tick(), by=None).open
    house.clock.set("2031-03-11T00:00:00")
    state = clinic.do(run, c.Confirm("wash"), kit.who(clinic, "Lea"), "tui")
    assert isinstance(state, RunState)
    assert state.outcome is Outcome.EXPIRED
    assert state.steps["wash"].status is Status.PENDING
    assert kinds(clinic)[-1] == "run.expired"


def test_nobody_walks_what_is_not_theirs(clinic: Clinic, kit: Kit) -> None:
    otto = kit.who(clinic, "Otto")
    refused = clinic.begin("short", "", otto, "tui")
    assert isinstance(refused, Refusal)
    assert refused == clinic.may_begin("short", otto)
    assert clinic.may_begin("short", kit.who(clinic, "Ben")) is None
    run = kit.begin(clinic, "short")
    assert kit.refused(clinic, run, c.Confirm("wash"), by="Ben") == "handed-over"
    assert kit.refused(clinic, run, c.Confirm("wash"), by=None) == "sign-in"
    assert kit.do(clinic, run, c.Resume(), by="Ben").holder == kit.who(clinic, "Ben").id
    assert kit.do(clinic, run, c.Confirm("wash"), by="Ben").steps["wash"].by == kit.who(clinic, "Ben").id


def test_what_does_not_exist_is_named(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    with pytest.raises(UnknownProtocolError, match=r"there are: adverse-event, .*, blind, .*, visit\.$"):
        clinic.begin("non\x1bsense", "", lea, "tui")
    with pytest.raises(UnknownProtocolError, match=r"“lood” is in force here; did you mean “load”\?$"):
        clinic.begin("lo\x1bod", "", lea, "tui")
    for run in ("a#0", "a#999999", "z#1", "nonsense", "a#-1", "\x1b[2J", "a#1"):
        with pytest.raises(UnknownRunError) as fault:
            clinic.do(run, c.Pause(), lea, "tui") if not run.startswith("z") else clinic.run(run)
        assert str(fault.value).isprintable()


def test_a_run_is_about_something_that_is_there(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    for protocol, subject, session, code in [
        ("load", "", None, "subject"),
        ("load", "equipment=S9", None, "subject"),
        ("load", "room=room-1", None, "subject"),
        ("short", "Frau Müller", None, "subject"),
        ("visit", "", None, "subject"),
        ("visit", "", "Frau Müller", "session"),
        ("short", "", "Frau Müller", "session"),
    ]:
        refused = clinic.begin(protocol, subject, lea, "tui", session)
        assert isinstance(refused, Refusal)
        assert refused.code == code
    assert "Müller".encode() not in clinic.folder.ledger.read_bytes()
    assert clinic.run(kit.begin(clinic, "short")).subject == "clinic"
    assert clinic.run(kit.begin(clinic, "load", "equipment=F1")).subject == "equipment=F1"


# -- sessions ---------------------------------------------------------------------------------------------


def test_a_session_is_new_or_found_by_its_id_or_reference(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    first = clinic.session("new", lea, "tui")
    assert first == "a-20310310-01"
    assert clinic.session(first, lea, "tui") == first
    second = clinic.session("  Karte 77\x1b ", lea, "tui")
    assert second == "a-20310310-02"
    assert clinic.session("Karte 77", lea, "tui") == second
    assert clinic.session("", lea, "tui") == "a-20310310-03"
    assert clinic.session("Karte 78", lea, "tui") == "a-20310310-04"
    assert b"Karte" not in clinic.folder.ledger.read_bytes()
    run = kit.begin(clinic, "visit", session=second)
    assert clinic.run(run).subject == f"session={second}"
    assert clinic.run(run).session == second


@pytest.mark.parametrize(
    "mistyped", ["a-20310310-02", "a-20310130-01", "A-20310310-01", "b-20310310-01", "a-20310310-001"]
)
def test_a_mistyped_id_of_a_visit_opens_no_visit(clinic: Clinic, kit: Kit, mistyped: str) -> None:
    lea = kit.who(clinic, "Lea")
    assert clinic.session("new", lea, "tui") == "a-20310310-01"
    size = clinic.ledger.size
    refused = clinic.session(mistyped, lea, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "session"
    assert refused.message.startswith(f"There is no visit {mistyped}; ")
    assert clinic.ledger.size == size


@pytest.mark.parametrize("reference", ["Karte 20310310-02", "77-2031-03-10", "2031031002", "P-1234567-01"])
def test_a_reference_of_the_clinic_s_own_that_only_resembles_an_id_opens_a_visit(
    clinic: Clinic, kit: Kit, reference: str
) -> None:
    lea = kit.who(clinic, "Lea")
    assert clinic.session(reference, lea, "tui") == "a-20310310-01"
    assert clinic.session(reference, lea, "line") == "a-20310310-01"


def test_a_reference_is_never_cut_so_that_it_could_be_another_s(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    assert clinic.session("7" * 200, lea, "tui") == "a-20310310-01"
    refused = clinic.session("7" * 201, lea, "tui")
    assert isinstance(refused, Refusal)
    assert "at most 200 characters" in refused.message
    assert clinic.ledger.entries_of_kind("session.opened")[1:] == []


def test_two_programs_that_open_one_reference_at_once_open_one_session(house: House, kit: Kit) -> None:
    other = house.open()
    clock = kit.new_clock()
    clinic = house.open(clock)
    lea = kit.who(clinic, "Lea")
    found: list[str | Refusal] = []
    clock.hook = lambda: found.append(other.session("Karte 77", lea, "tui"))
    found.append(clinic.session("Karte 77", lea, "tui"))
    assert found == ["a-20310310-01", "a-20310310-01"]


# -- words ------------------------------------------------------------------------------------------------


def test_words_are_never_in_the_record_but_can_be_read(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "everything", "equipment=S1")
    said = [f"unmistakable-{number}" for number in range(9)]
    kit.do(clinic, run, c.Remark("wash", said[0]))
    kit.do(clinic, run, c.Skip("wash", Reason("other", said[1])))
    kit.do(clinic, run, c.Correct("wash", Reason("mistake", said[2])))
    kit.do(clinic, run, c.NotApplicable("wash", Reason("other", said[3])))
    kit.do(clinic, run, c.Give("temperature", "25"))
    kit.do(clinic, run, c.Override("indicator", Reason("other", said[4]), kit.who(clinic, "Rita").person))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person))
    kit.do(clinic, run, c.Give("remark", said[5]))
    kit.do(clinic, run, c.Defer("label", "2031-03-11", Reason("other", said[6])))
    kit.do(clinic, run, c.Fail("printout", Reason("other", said[7])))
    kit.do(clinic, run, c.Abandon(Reason("other", said[8])))
    assert b"unmistakable" not in house.folder.ledger.read_bytes()
    words = [clinic.words(str(entry.data["words"])) for entry in clinic.run_entries(run) if "words" in entry.data]
    assert words == said


def test_words_that_are_too_long_are_refused_and_never_cut(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    assert kit.refused(clinic, run, c.Remark("wash", "x" * (MAX_VALUE + 1))) == "too-long"
    assert kit.refused(clinic, run, c.Skip("wash", Reason("other", "x" * 20_000))) == "too-long"
    assert kit.refused(clinic, run, c.Remark("wash", " \x1b\n ")) == "empty"
    assert kit.refused(clinic, run, c.Skip("wash", Reason("other", "\u202e"))) == "reason"
    kit.do(clinic, run, c.Remark("wash", "é" * MAX_VALUE))
    (entry,) = clinic.ledger.entries_of_kind("step.noted")
    assert clinic.words(str(entry.data["words"])) == "é" * MAX_VALUE


def test_a_text_that_is_too_long_or_empty_is_refused(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "everything", "equipment=S1")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Give("temperature", "25"))
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "1"))
    assert kit.refused(clinic, run, c.Give("remark", "x" * 600)) == "too-long"
    assert kit.refused(clinic, run, c.Give("remark", "  ")) == "wrong-kind"
    assert kit.refused(clinic, run, c.Give("remark", {"lot": "1"})) == "wrong-kind"


def openings(clinic: Clinic) -> int:
    (count,) = sqlite3.connect(clinic.folder.people).execute("SELECT count(*) FROM opening").fetchone()
    return int(count)


def test_an_opening_comes_before_its_entry_so_a_fault_leaves_an_orphan_only(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    before, size = openings(clinic), clinic.ledger.size
    db = clinic.ledger._live()
    db.execute("PRAGMA query_only=ON")
    with pytest.raises(NotSaved):
        clinic.do(run, c.Skip("wash", kit.because), kit.who(clinic, "Lea"), "tui")
    db.execute("PRAGMA query_only=OFF")
    assert (openings(clinic), clinic.ledger.size) == (before + 1, size)
    assert clinic.run(run).steps["wash"].status is Status.PENDING
    kit.do(clinic, run, c.Skip("wash", kit.because))
    (words,) = [str(e.data["words"]) for e in clinic.ledger.entries_of_kind("step.skipped")]
    assert clinic.words(words) == "the lamp is broken"


def test_when_an_opening_cannot_be_kept_nothing_is_recorded(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    size = clinic.ledger.size
    clinic.people._db.execute("PRAGMA query_only=ON")
    with pytest.raises(StoreError):
        clinic.do(run, c.Skip("wash", kit.because), kit.who(clinic, "Lea"), "tui")
    assert clinic.ledger.size == size
    clinic.people._db.execute("PRAGMA query_only=OFF")
    assert kit.do(clinic, run, c.Skip("wash", kit.because)).steps["wash"].status is Status.SKIPPED


# -- storage that fails -----------------------------------------------------------------------------------


def test_a_disk_that_is_full_saves_nothing_shows_nothing_and_works_again(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    """SQLite's own limit on the file's size stands in for the disk's."""
    run = kit.begin(clinic, "short")
    state, size = clinic.run(run), clinic.ledger.size
    db = clinic.ledger._live()
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count={pages}")
    said = ""
    while not said:  # until the last page is full
        command: c.Command = c.Resume() if state.paused else c.Pause()
        try:
            state, size = kit.do(clinic, run, command), clinic.ledger.size
        except NotSaved as fault:
            said = f"{fault} {fault.advice}"
    assert said.startswith("Nothing was saved: the disk is full. ")
    assert clinic.ledger.size == size
    assert clinic.run(run) == state == house.open().run(run)
    db.execute("PRAGMA max_page_count=1000000")
    if state.paused:
        kit.do(clinic, run, c.Resume())
    assert kit.do(clinic, run, c.Confirm("wash")).steps["wash"].status is Status.DONE


def test_a_record_that_becomes_read_only_is_said_and_works_again(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    db = clinic.ledger._live()
    db.execute("PRAGMA query_only=ON")
    for _ in range(3):
        with pytest.raises(NotSaved, match="read-only"):
            clinic.do(run, c.Confirm("wash"), kit.who(clinic, "Lea"), "tui")
        assert clinic.run(run).steps["wash"].status is Status.PENDING
    db.execute("PRAGMA query_only=OFF")
    assert kit.do(clinic, run, c.Confirm("wash")).steps["wash"].status is Status.DONE
    assert [entry.kind for entry in clinic.run_entries(run)] == ["run.started", "step.done"]


def test_a_folder_that_goes_away_and_comes_back(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    away = house.folder.root.with_name("away")
    house.folder.root.rename(away)
    with pytest.raises(LedgerError) as fault:
        clinic.do(run, c.Confirm("wash"), kit.who(clinic, "Lea"), "tui")
    assert str(fault.value).endswith(".")
    away.rename(house.folder.root)
    assert kit.do(clinic, run, c.Confirm("wash")).steps["wash"].status is Status.DONE


# -- protocols whose text is lost --------------------------------------------------------------------------


def test_a_text_that_is_changed_or_missing_stops_its_own_runs_only(house: House, clinic: Clinic, kit: Kit) -> None:
    short, load = kit.begin(clinic, "short"), kit.begin(clinic, "load", "equipment=S1")
    sha256 = clinic.run(short).sha256
    path = house.folder.adopted / f"{sha256}.toml"
    text = path.read_bytes()
    for broken in (text + b"\n", b"", None):
        path.unlink()
        if broken is not None:
            path.write_bytes(broken)
        fresh = house.open()
        with pytest.raises(ClinicError, match="restore it from a backup"):
            fresh.run(short)
        with pytest.raises(ClinicError, match="restore it from a backup"):
            fresh.begin("short", "", kit.who(fresh, "Lea"), "tui")
        assert fresh.run(load).open
        path.write_bytes(text)
    kit.do(house.open(), load, c.Assign("number", {}))
    assert house.open().run(short).open


def test_a_run_that_does_not_name_its_protocol_is_a_fault_in_words(clinic: Clinic) -> None:
    entry = clinic.record(Draft("run.started", {"subject": "clinic"}, None, "system"))
    with pytest.raises(ClinicError, match="which protocol it walks"):
        clinic.run(entry.place)


# -- numbers ----------------------------------------------------------------------------------------------


def test_numbers_go_up_by_machine_and_day_without_gaps(house: House, clinic: Clinic, kit: Kit) -> None:
    given = []
    for subject in ("equipment=S1", "equipment=F1", "equipment=S1"):
        run = kit.begin(clinic, "load", subject)
        given.append(kit.do(clinic, run, c.Assign("number", {"load": "mine"})).steps["number"].value)
        kit.do(clinic, run, c.Abandon(kit.because))
    house.clock.set("2031-03-11T08:00:00")
    run = kit.begin(clinic, "load", "equipment=S1")
    given.append(kit.do(clinic, run, c.Assign("number", {})).steps["number"].value)
    assert given == ["S1-20310310-01", "F1-20310310-01", "S1-20310310-02", "S1-20310311-01"]


def test_the_hundredth_number_costs_no_more_than_a_few_questions(clinic: Clinic, kit: Kit) -> None:
    made: list[dict[str, Json]] = [{"produced": {"load": f"S1-20310310-{number:02}"}} for number in range(1, 101)]
    clinic.ledger.append(lambda _: [Draft("step.done", data, None, "system", "a#1", "number") for data in made])
    run = kit.begin(clinic, "load", "equipment=S1")
    assert kit.do(clinic, run, c.Assign("number", {})).steps["number"].value == "S1-20310310-101"


def test_an_assign_for_a_step_that_is_not_there_is_refused(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "load", "equipment=S1")
    assert kit.refused(clinic, run, c.Assign("nowhere", {})) == "not-current"
    assert kit.refused(clinic, run, c.Assign("release", {})) == "not-current"


def test_a_protocol_without_a_counter_gives_the_same_name_each_time(house: House, clinic: Clinic, kit: Kit) -> None:
    steps = kit.load.replace("{equipment}-{date}-{n:02}", "{equipment}-{date}")
    house.add_protocol("plain", kit.protocol_text("plain", "equipment", "", steps), clinic, kit.who(clinic, "Lea"))
    for _ in range(2):
        run = kit.begin(clinic, "plain", "equipment=S1")
        assert kit.do(clinic, run, c.Assign("number", {})).steps["number"].value == "S1-20310310"


# -- evidence ---------------------------------------------------------------------------------------------


def at_printout(clinic: Clinic, kit: Kit) -> str:
    run = kit.begin(clinic, "everything", "equipment=S1")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Give("temperature", "25"))
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    kit.do(clinic, run, c.Give("remark", "cannulas"))
    kit.do(clinic, run, c.Give("label", "lot=1 expiry=2032-01"))
    return run


def test_a_file_is_kept_before_it_is_named_and_only_once(
    clinic: Clinic, kit: Kit, printout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = at_printout(clinic, kit)
    monkeypatch.setenv("HOME", str(printout.parent))
    state = kit.do(clinic, run, c.Give("printout", "~/printout.txt"))
    sha256 = state.steps["printout"].value
    assert isinstance(sha256, str)
    kept = clinic.folder.evidence / sha256
    assert kept.read_bytes() == printout.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
    kit.do(clinic, run, c.Correct("printout", kit.mistake))
    kept.write_bytes(b"damaged since")
    assert kit.do(clinic, run, c.Give("printout", str(printout))).steps["printout"].value == sha256
    assert kept.read_bytes() == printout.read_bytes()
    kit.do(clinic, run, c.Correct("printout", kit.mistake))
    with pytest.raises(EvidenceError, match="no evidence"):
        kit.do(clinic, run, c.Give("printout", str(clinic.folder.keys / "a.pem")))


def test_what_is_no_file_is_refused_in_words_and_the_run_goes_on(clinic: Clinic, kit: Kit, printout: Path) -> None:
    run = at_printout(clinic, kit)
    size = clinic.ledger.size
    lea = kit.who(clinic, "Lea")
    pipe = printout.with_name("pipe")
    os.mkfifo(pipe)
    for path in ("/nowhere/at/all", str(printout.parent), str(pipe), "/dev/null", "~nobody-at-all/x", "x" * 400):
        with pytest.raises(EvidenceError) as fault:
            clinic.do(run, c.Give("printout", path), lea, "tui")
        assert str(fault.value).endswith(".")
    assert kit.refused(clinic, run, c.Give("printout", " ")) == "wrong-kind"
    assert kit.refused(clinic, run, c.Give("printout", "a\0b")) == "unreadable"
    assert clinic.ledger.size == size
    assert kit.do(clinic, run, c.Give("printout", str(printout))).steps["printout"].status is Status.DONE


def test_a_file_that_is_too_large_or_cannot_be_kept_is_refused(
    clinic: Clinic, kit: Kit, printout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = at_printout(clinic, kit)
    lea = kit.who(clinic, "Lea")
    monkeypatch.setattr("checklist.clinic.evidence.MAX_BYTES", 4)
    with pytest.raises(EvidenceError, match="larger than"):
        clinic.do(run, c.Give("printout", str(printout)), lea, "tui")
    monkeypatch.undo()
    clinic.folder.evidence.rmdir()
    clinic.folder.evidence.write_text("in the way")
    with pytest.raises(EvidenceError, match="cannot be kept"):
        clinic.do(run, c.Give("printout", str(printout)), lea, "tui")


# -- two programs at one folder ----------------------------------------------------------------------------


def test_two_programs_see_the_same_run(house: House, kit: Kit) -> None:
    one, two = house.open(), house.open()
    run = kit.begin(one, "short")
    kit.do(two, run, c.Confirm("wash"))
    assert kit.refused(one, run, c.Confirm("wash")) == "not-current"
    assert one.run(run) == two.run(run)
    assert kit.do(one, run, c.Confirm("look")) == two.run(run)
    assert kit.refused(two, run, c.Confirm("look")) == "ended"


def test_a_command_that_grew_stale_while_it_waited_for_the_lock_is_refused(house: House, kit: Kit) -> None:
    """The other program acts between the first look at the run and the lock."""
    other = house.open()
    run = kit.begin(other, "short")
    clock = kit.new_clock()
    clinic = house.open(clock)
    clock.hook, clock.after = lambda: do_and_forget(kit.do, other, run, c.Confirm("wash")), 1
    before = openings(clinic)
    refused = clinic.do(run, c.Skip("wash", kit.because), kit.who(clinic, "Lea"), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "not-current"
    assert [entry.kind for entry in clinic.run_entries(run)] == ["run.started", "step.done"]
    assert openings(clinic) == before + 1  # an orphan, which is swept
    assert clinic.run(run) == other.run(run)


def test_who_was_disabled_while_the_command_waited_is_refused(house: House, kit: Kit) -> None:
    other = house.open()
    run = kit.begin(other, "short", by="Ben")
    clock = kit.new_clock()
    clinic = house.open(clock)
    ben = kit.who(clinic, "Ben")
    clock.hook, clock.after = lambda: do_and_forget(other.record, disabled(ben.id, actor=None, via="tui")), 1
    refused = clinic.do(run, c.Skip("wash", kit.because), ben, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "disabled"


def test_a_refusal_is_a_value_with_a_stable_word(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    refusal = clinic.do(run, c.Confirm("look"), kit.who(clinic, "Lea"), "tui")
    assert isinstance(refusal, Refusal)
    assert replace(refusal, message="") == Refusal("not-current", "")


def test_roles_that_were_taken_away_since_signing_in_are_gone(house: House, clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    run = kit.begin(clinic, "short", by="Ben")
    other = house.open()
    other.record(changed(ben.id, actor=lea.id, via="tui", roles=["auditor"]))
    assert kit.refused(clinic, run, c.Confirm("wash"), by="Ben") == "role"
    begun = clinic.begin("short", "", ben, "tui")
    assert isinstance(begun, Refusal)
