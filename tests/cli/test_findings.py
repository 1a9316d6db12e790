"""`checklist findings`: what to look at, for people and for programs, without signing in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.audit.rules.ruleset import RULES, explained, page
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from tests.support import freezer
from tests.support.kept import kept_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

KEYS = {"rule", "severity", "run", "entry", "why"}


def looks(run: Run) -> list[str]:
    """Where somebody looked at the freezer for too short a time."""
    return [one["entry"] for one in run("findings", "--json").data if one["rule"] == "too-fast"]


def test_what_there_is_to_look_at_is_told_by_rule_with_how_many(frozen: Path, run: Run) -> None:
    told = run("findings")
    assert told.code == 1
    lines = told.out.splitlines()
    assert lines[0] == "To look at:"
    assert lines[1] == f"  too-fast (3): {RULES['too-fast'].title}"
    newest = looks(run)[-1]
    assert newest in lines[2]
    assert "“look” took" in lines[2]
    assert lines[-1].startswith("3 findings.")
    assert frozen.is_dir()


def test_programs_get_stable_keys_and_places(frozen: Path, run: Run) -> None:
    told = run("findings", "--json")
    assert told.code == 1
    assert all(set(one) >= KEYS for one in told.data)
    first = told.data[0]
    assert (first["rule"], first["severity"], first["reviewed"]) == ("too-fast", "look", None)
    with Clinic.open(Folder(frozen)) as clinic:
        pointed_at = next(one for one in clinic.ledger.entries() if one.place == first["entry"])
    assert (pointed_at.run, pointed_at.step, pointed_at.kind) == (first["run"], "look", "step.done")


@pytest.mark.usefixtures("clinic")
def test_a_record_that_gives_nothing_to_look_at_says_so(run: Run) -> None:
    told = run("findings")
    assert (told.code, told.out) == (0, "Nothing to look at by these rules.\n")
    assert run("findings", "--json").data == []


@pytest.mark.usefixtures("frozen")
def test_one_rule_is_asked_for_by_its_id(run: Run) -> None:
    assert {one["rule"] for one in run("findings", "--json", "--rule", "too-fast").data} == {"too-fast"}
    assert run("findings", "--rule", "burst").code == 0
    assert f"there are: {next(iter(RULES))}" in run("findings", "--rule", "nonsense").told


@pytest.mark.usefixtures("frozen")
def test_a_filter_takes_a_part(run: Run) -> None:
    everything = run("findings", "--json").data
    assert run("findings", "--json", "protocol:freezer").data == everything
    assert run("findings", "--json", "step:look").data == everything
    assert run("findings", "--json", "-step:shut").data == everything
    assert run("findings", "-protocol:freezer").code == 0
    assert run("findings", "protocol:other").code == 0
    told = run("findings", "colour:blue").told
    assert "colour" in told
    assert "fault of the program" not in told


def test_no_more_than_five_of_a_rule_unless_it_is_asked_for(frozen: Path, run: Run) -> None:
    with Clinic.open(Folder(frozen)) as clinic:
        for number in range(4):
            freezer.walk(clinic, number + 1)
    lines = run("findings").out.splitlines()
    assert lines[1].startswith("  too-fast (7): ")
    assert lines[7] == "    and 2 more: checklist findings --rule too-fast"
    assert len([line for line in run("findings", "--rule", "too-fast").out.splitlines() if "took" in line]) == 7


@pytest.mark.usefixtures("frozen")
def test_what_was_reviewed_is_left_out_unless_it_is_asked_for(run: Run, lea: Who) -> None:
    first = looks(run)[0]
    assert run("review", f"too-fast@{first}", "looked", "at", "it", "--seen", *lea).code == 0
    assert first not in looks(run)
    again = run("findings", "--json", "--all").data
    assert [one["reviewed"] is not None for one in again if one["entry"] == first] == [True]
    assert "(reviewed by Lea Linden, not read on a screen)" in run("findings", "--all").out


@pytest.mark.usefixtures("clinic")
def test_the_page_of_rules_is_printed(run: Run) -> None:
    assert run("findings", "--rules").out == page()
    assert run("findings", "--rules", "--rule", "burst").out.rstrip("\n") == explained(RULES["burst"])


def test_tables_that_differ_from_the_record_are_found_when_it_is_verified(frozen: Path, run: Run) -> None:
    with sqlite3.connect(Folder(frozen).ledger) as ledger:
        ledger.execute("UPDATE run SET deviations = 7")
    ledger.close()
    told = run("findings", "--verify", "--json")
    differ = [one for one in told.data if one["rule"] == "views-differ"]
    assert [(one["severity"], one["run"], one["entry"]) for one in differ] == [("act", None, None)]
    assert "To act on:" in run("findings", "--verify").out


def test_a_record_that_was_changed_is_a_finding_at_its_entry_when_it_is_verified(frozen: Path, run: Run) -> None:
    assert run("findings", "--rule", "tampered").code == 0
    with Clinic.open(Folder(frozen)) as clinic:
        entry = next(one for one in clinic.ledger.entries() if one.kind == "step.noted")
    with sqlite3.connect(Folder(frozen).ledger) as ledger:
        ((leaf,),) = ledger.execute("SELECT leaf FROM entry WHERE idx = ?", (entry.index,))
        (trigger,) = ledger.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        ledger.execute("DROP TRIGGER entry_update")
        changed = bytes(leaf).replace(b'"via":"', b'"via":"x')
        ledger.execute("UPDATE entry SET leaf = ? WHERE idx = ?", (changed, entry.index))
        ledger.execute(trigger)
    ledger.close()
    told = run("findings", "--verify", "--rule", "tampered", "--json")
    assert told.code == 1
    tampered = [one for one in told.data if one["rule"] == "tampered"]
    assert entry.place in [one["entry"] for one in tampered]
    assert {one["severity"] for one in tampered} == {"act"}
    assert "To act on:\n  tampered (" in run("findings", "--verify").out


def test_of_a_damaged_record_the_rest_is_judged_and_the_damage_is_told(frozen: Path, run: Run) -> None:
    with Clinic.open(Folder(frozen)) as clinic:
        place = next(one.index for one in clinic.ledger.entries() if one.kind == "step.noted")
    with sqlite3.connect(Folder(frozen).ledger) as ledger:
        (trigger,) = ledger.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        ledger.execute("DROP TRIGGER entry_update")
        ledger.execute("UPDATE entry SET leaf = CAST(leaf || 'evil' AS BLOB) WHERE idx = ?", (place,))
        ledger.execute(trigger)
    ledger.close()
    told = run("findings")
    assert told.code == 1
    assert "too-fast (3)" in told.out
    assert f"One entry of the record cannot be read; the first is a#{place}" in told.err


def tampered(root: Path, where: str) -> None:
    """Change leaves behind the program's back, and put the protection back."""
    with sqlite3.connect(Folder(root).ledger) as ledger:
        (trigger,) = ledger.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        ledger.execute("DROP TRIGGER entry_update")
        ledger.execute(f"UPDATE entry SET leaf = CAST(leaf || 'evil' AS BLOB) WHERE {where}")  # noqa: S608 - ours
        ledger.execute(trigger)
    ledger.close()


def test_a_beginning_that_cannot_be_read_is_told_wherever_runs_are_counted(frozen: Path, run: Run) -> None:
    with Clinic.open(Folder(frozen)) as clinic:
        first = next(one.index for one in clinic.ledger.entries() if one.kind == "run.started")
    tampered(frozen, f"idx = {first}")
    sentence = f"One entry of the record cannot be read; the first is a#{first}: it is another than was recorded."
    told = run("findings", "protocol:none-such")
    assert (told.code, told.out) == (1, "Nothing to look at by these rules in what could be read.\n")
    assert sentence in told.err
    (said,) = [one for one in run("findings", "--json").data if one["rule"] == "damaged"]
    assert (said["severity"], said["entry"], said["run"]) == ("act", f"a#{first}", None)
    assert said["why"] == sentence.removesuffix(".")
    assert sentence in run("sample", "1", "--seed", "x").err
    assert sentence in run("review", "--clean").err


def test_where_nothing_can_be_read_nothing_is_judged(frozen: Path, run: Run) -> None:
    with closing(sqlite3.connect(Folder(frozen).ledger)) as ledger, ledger:
        ledger.execute("DELETE FROM tile")
    told = run("findings")
    assert (told.code, told.out) == (2, "")
    assert "Nothing of the record can be read." in told.err


def test_a_record_changed_after_it_was_laid_out_is_told_of_when_it_is_verified(frozen: Path, run: Run) -> None:
    assert run("findings", "-protocol:freezer").code == 0
    with Clinic.open(Folder(frozen)) as clinic:
        place = next(one.index for one in clinic.ledger.entries() if one.kind == "step.noted")
    tampered(frozen, f"idx = {place}")
    told = run("findings", "--verify", "-protocol:freezer")
    assert told.code == 1
    assert "the record cannot be read whole, or is not what was signed (tampered); first: Entry" in told.err
    assert f"the first is a#{place}" in told.err


def test_what_leaves_or_is_verified_rests_on_nothing_that_was_laid_out_before(
    frozen: Path, run: Run, tmp_path: Path
) -> None:
    assert run("findings").code == 1
    with closing(sqlite3.connect(kept_at(frozen))) as tables, tables:
        tables.execute("DELETE FROM finding")
        tables.execute("DELETE FROM run")
    assert run("findings", "--json").data == []
    assert "too-fast (3)" in run("findings", "--verify").out
    assert run("sample", "1", "--seed", "x").code == 0
    assert run("export", "csv", "--out", tmp_path / "tables").code == 0
    assert len((tmp_path / "tables" / "runs.csv").read_text("utf-8").splitlines()) > 1
    assert run("report", "--html", tmp_path / "page.html", "--verify").code == 0
    assert "too-fast" in (tmp_path / "page.html").read_text("utf-8")


def test_a_record_whose_protection_was_changed_is_read_all_the_same(frozen: Path, run: Run) -> None:
    with sqlite3.connect(Folder(frozen).ledger) as ledger:
        ledger.execute("DROP TRIGGER entry_update")
    ledger.close()
    told = run("findings")
    assert told.code == 1
    assert "too-fast (3)" in told.out
    assert "protection of the record was changed" in told.err


def test_people_are_named_on_the_screen_and_by_their_ids_for_programs(frozen: Path, run: Run) -> None:
    assert run("findings").code == 1
    with Clinic.open(Folder(frozen)) as clinic:
        person = freezer.who(clinic, freezer.BEN).id
    with sqlite3.connect(kept_at(frozen)) as tables:
        tables.execute("UPDATE finding SET why = ?", (f"{person} was there",))
    tables.close()
    assert f"{freezer.BEN} was there" in run("findings").out
    assert {one["why"] for one in run("findings", "--json").data} == {f"{person} was there"}
