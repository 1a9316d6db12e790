"""`checklist log` and `checklist show`."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState
from tests.cli.conftest import SECRETS
from tests.support.kept import kept_at
from tests.support.making import bring_into_force, header

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

LOG_KEYS = {"index", "station", "at", "kind", "run", "protocol", "step", "actor", "via", "data"}
SHOW_KEYS = {
    "run", "protocol", "subject", "session", "outcome", "deviations", "started", "ended", "steps", "findings",
    "attributed", "overrides", "corrections",
}  # fmt: skip
STEP_KEYS = {
    "id", "state", "value", "unit", "input", "attempts", "by", "witness", "at", "seconds", "via", "reason", "entry",
    "signed", "signed_before", "tries",
}  # fmt: skip


@pytest.fixture
def walked(clinic: Path, ada: Who, run: Run) -> str:
    """A run of the short protocol that ended with one deviation."""
    typed = "\n20\nopened the door\n5\n"
    done = subprocess.run(
        [sys.executable, "-m", "checklist", "walk", "short", *map(str, ada)],
        input=typed, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert clinic.is_dir()
    started = run("log", "--kind", "run.started", "--json").data[0]
    return f"a#{started['index']}"


def test_the_log_is_a_list_with_its_keys_in_order(run: Run, walked: str) -> None:
    entries = run("log", "--json").data
    assert all(set(entry) >= LOG_KEYS for entry in entries)
    assert [entry["index"] for entry in entries] == list(range(len(entries)))
    lines = run("log", "--jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == entries
    assert len(run("log").out.splitlines()) == len(entries)
    assert walked


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--run", "{run}"], 6),
        (["--run", "{run}", "--step", "two"], 3),
        (["--kind", "step.done"], 2),
        (["--protocol", "short"], 7),
        (["--actor", "ada", "--kind", "step.done"], 2),
        (["--actor", "Bo", "--kind", "step.done"], 0),
        (["--since", "2020-01-01", "--until", "2099-01-01", "--kind", "step.done"], 2),
        (["--until", "2020-01-01"], 0),
        (["--since", "2099-01-01T10:00"], 0),
    ],
)
def test_filters_narrow_the_log(run: Run, walked: str, filters: list[str], count: int) -> None:
    answer = run("log", "--json", *(part.replace("{run}", walked) for part in filters))
    found = answer.data
    assert len(found) == count, [entry["kind"] for entry in found]
    assert answer.code == (0 if count else 1)


def test_show_tells_the_story_with_its_keys(run: Run, walked: str) -> None:
    story = run("show", walked, "--json").data
    assert set(story) >= SHOW_KEYS
    assert all(set(step) >= STEP_KEYS for step in story["steps"])
    assert set(story["protocol"]) >= {"id", "version", "sha256"}
    two = story["steps"][1]
    assert (two["state"], two["value"], two["unit"], two["attempts"]) == ("done", "5", "Cel", 2)
    assert (story["outcome"], story["deviations"]) == ("complete", 1)
    text = run("show", walked)
    assert text.code == 0
    assert "): done, 5 °C, typed, 2 attempts, by Ada, " in text.out
    assert re.search(r", via (line|pipe), text [0-9a-f]{12}…$", text.out, re.MULTILINE)
    assert re.search(r"^    attempt 1: .+, failed, by Ada, ", text.out, re.MULTILINE)
    assert "by Ada" in text.out
    assert "Finding: too-fast" in text.out


RELEASE = (
    header("load-release", "Load release")
    + """
[[steps]]
id = "heat"
kind = "measure"
do = "Read the heat."
unit = "Cel"
limit = { min = 130, max = 140 }

[[steps]]
id = "second"
kind = "witness"
of = "heat"
do = "Read it for yourself."

[[steps]]
id = "release"
kind = "sign"
do = "Decide about the load."
meanings = ["released", "quarantined"]
"""
)


def test_show_keeps_what_was_given_and_signed_before_a_correction(run: Run, clinic: Path) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        ada, bo = (opened.staff.prove(name, SECRETS[name.lower()], "line") for name in ("Ada", "Bo"))
        assert isinstance(ada, SignedIn)
        assert isinstance(bo, SignedIn)
        bring_into_force(opened, ada, "load-release", RELEASE)
        state = opened.begin("load-release", "", ada, "line")
        assert isinstance(state, RunState), state
        for command in (
            c.Give("heat", "135"),
            c.Witness("second", bo.person, "135"),
            c.Sign("release", ada.person, "released", ""),
            c.Correct("heat", Reason("mistake", "wrong display")),
            c.Give("heat", "131"),
            c.Witness("second", bo.person, "131"),
            c.Sign("release", ada.person, "quarantined", ""),
        ):
            state = opened.do(state.run, command, ada, "line")
            assert isinstance(state, RunState), state
        zone = opened.settings.clinic.timezone
    heat, second, release = run("show", state.run, "--json").data["steps"]
    assert [each["value"] for each in heat["tries"]] == [each["value"] for each in second["tries"]] == ["135", "131"]
    assert [each["meaning"] for each in (*release["signed_before"], release["signed"])] == ["released", "quarantined"]
    lines = run("show", state.run).out.splitlines()
    why = "corrected: mistake: wrong display"

    def shown(at: str) -> str:
        return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"

    for step, given in ((heat, "135 °C, good, by Ada"), (second, "135, good, by Ada with Bo")):
        taken = step["tries"][0]
        gone = f"{shown(taken['at'])}, TAKEN BACK, {why}, entry a#{taken['entry']}"
        assert f"    attempt 1: {given}, {gone}" in lines
    assert f"    signed before: Ada, {shown(release['signed_before'][0]['at'])}, released, {why}" in lines
    assert "    asked: limit 130 to 140 °C" in lines, "the text as it was then"
    assert any(line.startswith("    signed: Ada, ") and "quarantined" in line for line in lines)


@pytest.mark.usefixtures("clinic")
def test_an_unknown_run_is_not_found_and_that_is_an_answer(run: Run) -> None:
    answer = run("show", "a#77777")
    assert (answer.code, answer.out) == (1, "")
    assert "no run" in answer.err


# -- filters, lists of runs, two runs beside each other -----------------------------------------------------


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["protocol:short", "step:two"], 3),
        (["protocol:short step:two -kind:step.noted"], 2),
        (["state:done", "kind:step.attempted"], 1),
        (["operator:ada", "kind:step.done"], 2),
        (["operator:Bo", "kind:step.done"], 0),
        (["opened", "door"], 1),
        (['"opened the door"', "-kind:step.done"], 1),
        (["deviation:yes"], 3),
        (["-protocol:short", "protocol:short"], 0),
        (["is:missed"], 0),
        (["zzz"], 0),
    ],
)
def test_a_filter_is_words_and_they_all_hold(run: Run, walked: str, words: list[str], count: int) -> None:
    answer = run("log", "--json", *words)
    assert len(answer.data) == count, [entry["kind"] for entry in answer.data]
    assert answer.code == (0 if count else 1)
    assert walked


def test_options_and_words_are_one_filter(run: Run, walked: str) -> None:
    assert [entry["kind"] for entry in run("log", "--run", walked, "kind:run.started", "--json").data] == [
        "run.started"
    ]
    assert run("log", "--step", "two", "-kind:step.done", "--jsonl").out.count("\n") == 2


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["stat:done"], "“stat:” is no word of a filter; did you mean state:"),
        (['"open'], "a quotation mark is open"),
        (["--since", "noon"], "since: “noon” is no time; write it like 2027-03-31"),
        (["--sinse", "2027-03-31"], "“log” has no option “--sinse”"),
        (["outcome:good"], "outcome:good is nothing that can be asked for"),
    ],
)
def test_a_broken_filter_is_a_sentence(run: Run, words: list[str], sentence: str) -> None:
    assert sentence in run("log", *words).told


def test_runs_are_listed_newest_first_with_how_they_ended(run: Run, walked: str, clinic: Path) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        ada = opened.staff.prove("Ada", SECRETS["ada"], "line")
        assert isinstance(ada, SignedIn)
        state = opened.begin("short", "", ada, "line")
        assert isinstance(state, RunState), state
    told = run("log", "--runs", "protocol:short")
    newest, oldest = told.out.splitlines()
    assert newest.startswith(f"{state.run} ")
    assert newest.endswith("short clinic by Ada: open")
    assert oldest.startswith(f"{walked} ")
    assert "short clinic by Ada: complete, 1 deviation, " in oldest
    assert oldest.endswith(("finding", "findings"))
    listed = run("log", "--runs", "--json", "outcome:complete").data
    assert [(each["run"], each["outcome"], each["deviations"]) for each in listed] == [(walked, "complete", 1)]
    assert run("log", "--runs", "--jsonl", "finding:too-fast").out.count("\n") == 1
    none = run("log", "--runs", "is:missed")
    assert (none.code, none.out, none.err) == (1, "", "Nothing matches “is:missed”.\n")
    assert [entry["step"] for entry in run("log", "--json", "finding:too-fast").data] == ["one"]


def test_two_runs_stand_beside_each_other_with_what_differs(run: Run, walked: str, clinic: Path) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        ada = opened.staff.prove("Ada", SECRETS["ada"], "line")
        assert isinstance(ada, SignedIn)
        state = opened.begin("short", "", ada, "line")
        assert isinstance(state, RunState), state
        assert isinstance(opened.do(state.run, c.Confirm("one"), ada, "line"), RunState)
    told = run("show", walked, "--compare", state.run)
    lines = told.out.splitlines()
    assert lines[0].startswith(f"A: {walked}: short 1.0.0, about clinic, ")
    assert lines[1].endswith(": open")
    assert "* two (Read two.)" in lines
    assert "  one (Do one.)" in lines, "people and seconds do not count"
    assert lines[-2].endswith(" differ (*).") or lines[-2].endswith(" differs (*).")
    assert any(line.startswith("    A: done 5 °C, 2 attempts, ") for line in lines)
    assert "    B: current" in lines
    beside = run("show", walked, "--compare", state.run, "--json").data
    two = beside["steps"][1]
    assert (two["id"], two["one"]["value"], two["other"]["value"]) == ("two", "5", None)
    assert two["differs"] == ["state", "value", "attempts"]
    assert two["too"] == []
    assert run("show", walked, "--compare", "a#77777").code == 1


def test_show_names_every_correction_old_and_new(run: Run, clinic: Path) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        ada = opened.staff.prove("Ada", SECRETS["ada"], "line")
        assert isinstance(ada, SignedIn)
        state = opened.begin("short", "", ada, "line")
        assert isinstance(state, RunState), state
        for command in (
            c.Confirm("one"),
            c.Give("two", "5"),
            c.Correct("two", Reason("mistake", "wrong display")),
            c.Give("two", "6"),
            c.Correct("one", Reason("other", "looked again")),
        ):
            after = opened.do(state.run, command, ada, "line")
            assert isinstance(after, RunState), after
    first, second = run("show", state.run, "--json").data["corrections"]
    assert (first["step"], first["was"], first["now"], first["state"]) == ("two", "5", "6", "done")
    assert first["reason"] == "mistake: wrong display"
    assert (second["step"], second["was"], second["now"], second["state"]) == ("one", None, None, None)
    text = run("show", state.run).out
    assert "    CORRECTED: was 5, now 6, by Ada, " in text
    assert "    CORRECTED: was done, now not asked again yet, by Ada, " in text


def test_what_the_rules_found_stands_with_the_run(run: Run, walked: str) -> None:
    run("findings")
    found = run("show", walked, "--json").data["findings"]
    assert len({(each["rule"], each["entry"]) for each in found}) == len(found)
    assert "too-fast" in {each["rule"] for each in found}


def test_a_damaged_record_is_read_as_far_as_it_can_be(run: Run, walked: str, clinic: Path) -> None:
    whole = run("log", "--jsonl").out.splitlines()
    place = len(whole) - 3
    with closing(sqlite3.connect(clinic / "ledger.db")) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE entry SET leaf = x'00' WHERE idx IN (0, ?)", (place,))
    answer = run("log", "--jsonl")
    assert answer.code == 0
    assert answer.out.splitlines() == [line for at, line in enumerate(whole) if at not in (0, place)]
    assert f"Entry a#{place} is another than was recorded; it is left out." in answer.err
    assert "protection of the record was changed" in answer.err
    kept_at(clinic).unlink()
    assert run("log", "--jsonl").out == answer.out
    with closing(sqlite3.connect(clinic / "ledger.db")) as db, db:
        db.execute("UPDATE entry SET leaf = x'00'")
    assert run("log").code == 2
    assert walked


def test_a_run_with_a_damaged_entry_is_shown_with_what_is_unknown(run: Run, walked: str, clinic: Path) -> None:
    before = run("show", walked, "--json").data
    last = before["steps"][-1]
    with closing(sqlite3.connect(clinic / "ledger.db")) as db, db:
        db.execute("DROP TRIGGER entry_update")
        db.execute("UPDATE entry SET leaf = x'00' WHERE idx = ?", (last["entry"],))
    answer = run("show", walked)
    assert answer.code == 0
    assert "Outcome: unknown" in answer.out
    assert f"{last['id']} ({last['title']}): unknown" in answer.out
    assert f"Finding: damaged: entry {last['entry']} of this run is damaged" in answer.out
    assert run("show", walked, "--json").data["steps"][:-1] == before["steps"][:-1]


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["is:missed"], "“is:missed”."),
        (["protocol:nosuch"], "“protocol:nosuch”: the record knows no protocol “nosuch”."),
        (["protocol:shrot"], "the record knows no protocol “shrot” (did you mean “short”?)."),
        (["operator:Ad"], "the record knows no person “Ad” (did you mean “Ada”?)."),
        (["--runs", "step:nowhere"], "“step:nowhere”: the record knows no step “nowhere”."),
        (["operator:Nobody"], "“operator:Nobody”: the record knows no person “Nobody”."),
        (["room:1"], "“subject:room=1”: the record knows no subject “room=1”."),
        (["operator:Bo", "kind:step.done"], "kind:step.done”."),
    ],
)
def test_where_nothing_matches_a_line_says_why(run: Run, words: list[str], sentence: str) -> None:
    answer = run("log", *words)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Nothing matches “")
    assert answer.err.endswith(f"{sentence}\n")


def test_what_was_planned_and_missed_stands_among_the_runs(run: Run, walked: str, clinic: Path) -> None:
    run("log", "--runs")
    with closing(sqlite3.connect(kept_at(clinic))) as db, db:
        due = "2020-03-02T08:00:00.000000Z"
        db.execute("INSERT INTO planned VALUES ('short', 'clinic', '2020-03-02', ?, 'missed', NULL)", (due,))
    answer = run("log", "--runs", "is:missed")
    assert answer.code == 0
    assert run("log", "is:missed") == answer
    assert run("log", "--json", "is:missed") == run("log", "--runs", "--json", "is:missed")
    assert run("log", "--jsonl", "is:missed").code == 0
    assert answer.out.startswith("(missed) 2020-03-02 ")
    assert "short clinic: planned by then" in answer.out
    with closing(sqlite3.connect(kept_at(clinic))) as db, db:
        day = "SELECT day FROM run"
        db.execute(f"INSERT INTO planned SELECT 'short', 'clinic', ({day}), ({day}) || 'T23:59:59Z', 'missed', NULL")
    today = run("log", "--runs", "is:missed").out.splitlines()[0]
    assert today.endswith(f"no run of it counts; begun that day: {walked}, complete")
    with closing(sqlite3.connect(kept_at(clinic))) as db, db:
        db.execute("DELETE FROM planned WHERE day <> '2020-03-02'")
    (missed,) = run("log", "--runs", "--json", "is:missed").data
    assert (missed["run"], missed["outcome"], missed["due"], missed["started"]) == (None, "missed", due, None)
    assert [each["run"] for each in run("log", "--runs", "--json", "protocol:short").data] == [walked, None]


def test_an_entry_is_shown_as_the_run_that_it_is_part_of(run: Run, walked: str) -> None:
    first = run("show", walked, "--json").data["steps"][0]
    answer = run("show", f"a#{first['entry']}")
    assert answer.code == 0
    assert answer.err == f"a#{first['entry']} is an entry of run {walked}, at step {first['id']} (step.done).\n"
    assert answer.out.startswith(f"Run {walked}: ")
    assert f", entry a#{first['entry']}\n" in answer.out


def test_an_entry_outside_of_runs_is_told_by_itself_by_the_clinics_clock(run: Run, clinic: Path) -> None:
    config = clinic / "clinic.toml"
    config.write_text(config.read_text("utf-8").replace('timezone = "Etc/UTC"', 'timezone = "Europe/Berlin"'), "utf-8")
    (first,) = run("log", "kind:ledger.opened", "--json").data
    told = datetime.fromisoformat(first["at"]).astimezone(ZoneInfo("Europe/Berlin"))
    alone = run("show", "a#0")
    assert alone.code == 0
    assert alone.out.startswith(f"a#0 {told:%Y-%m-%d %H:%M:%S %Z} ledger.opened ")
    assert run("log", "kind:ledger.opened").out == alone.out
    assert first["at"].endswith("Z")
    stable = run("show", "a#0", "--json")
    assert (stable.code, stable.out) == (1, "")
    assert "a#0 is an entry of no run (ledger.opened): “checklist show a#0” tells it in words" in stable.err


def test_show_lists_as_many_findings_as_the_list_of_runs_counts(run: Run, walked: str, clinic: Path) -> None:
    run("findings")
    with closing(sqlite3.connect(kept_at(clinic))) as db, db:
        db.execute("DELETE FROM finding")
        found = "INSERT INTO finding(rule, severity, run, n, day, why) SELECT ?, 'look', n, n, day, ? FROM run"
        db.execute(found, ("entered-late", "entered 8 days after"))
        db.execute(found, ("entered-late", "all of 12 runs were"))
    shown = run("show", walked, "--json").data["findings"]
    assert [each["why"] for each in shown if each["rule"] == "entered-late"] == [
        "entered 8 days after", "all of 12 runs were",
    ]  # fmt: skip
