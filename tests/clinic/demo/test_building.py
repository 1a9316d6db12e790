"""The made-up year is a real record: it verifies, the program's own fold and gate come to the same, and the same seed
gives the same facts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

import pytest

from checklist.clinic import config
from checklist.clinic.checking import verify_clinic
from checklist.clinic.demo.building import build
from checklist.clinic.demo.calendar import falls_due, is_open
from checklist.clinic.demo.clock import ZONE
from checklist.clinic.demo.folder_text import config as folder_config
from checklist.clinic.demo.named import SECRET
from checklist.clinic.errors import ClinicError
from checklist.clinic.folder import Folder
from checklist.clinic.folding import looked_over
from checklist.clinic.identifiers.negatives import last_negative, loads_since
from checklist.clinic.plan.glance import glance_at
from checklist.clinic.plan.schedule import Rhythm, period
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.library import Library
from checklist.clinic.texts.procedures import shipped_procedures
from checklist.clinic.visits.asking import ask
from checklist.clinic.visits.sources import Sources
from checklist.gate.facts import Asked
from checklist.ledger.reader import open_read_only
from checklist.protocol.library import shipped
from checklist.protocol.plain import SECONDS_IN
from checklist.protocol.steps import Timer
from checklist.run.events import as_json, strings_of
from checklist.run.marks import Outcome, Status
from tests.clinic.demo.conftest import DAYS, LAST, Year, made
from tests.support.in_process import cheap_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.demo.facts import Fact
    from checklist.gate.clearance import Clearance
    from checklist.ledger.entry import Entry, Json, Moment
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger

_SOME_OF_EACH = (
    "SELECT run, protocol, outcome, deviations FROM (SELECT *, row_number() OVER"
    " (PARTITION BY protocol, outcome, deviations > 0 ORDER BY idx DESC) AS nth FROM run) WHERE nth <= 5"
)
_RANDOM = re.compile(r"u_[0-9a-f]{10}|[0-9a-f]{64}")


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Year, list[tuple[Fact, Clearance]]]:
    """Three weeks in which nobody makes anything up; and what the real gate says whenever it was asked."""
    folder = Folder(tmp_path_factory.mktemp("honest") / "demo")
    answers: list[tuple[Fact, Clearance]] = []
    library, asked_of = Library(folder), count()

    def cleared(ledger: Ledger, fact: Fact, now: Moment) -> None:
        if next(asked_of) % 4 and fact.data["decision"] == "GO":
            return  # some are enough: each takes the gate a look at the whole visit
        sources = Sources([ledger], library, "us", [])
        named, subject, session, performer, stage = (
            fact.data[each] for each in ("procedure", "subject", "session", "performer", "stage")
        )
        assert isinstance(named, dict)
        asked = Asked(
            str(named["id"]), str(subject), str(session), str(performer), "close" if stage == "close" else "start"
        )
        answers.append((fact, ask(sources, shipped_procedures()[asked.procedure], asked, now)))

    with cheap_secrets():
        built = build(folder, seed=1, days=DAYS, last=LAST, plants={}, cleared=cleared)
    return Year(folder, built), answers


def test_the_record_is_clean_and_lies_in_the_days_that_it_is_about(
    honest: tuple[Year, list[tuple[Fact, Clearance]]],
) -> None:
    year, _ = honest
    report = verify_clinic(year.folder)
    assert (report.result, report.views, report.findings) == ("clean", "same", ())
    assert report.entries == year.built.entries > 600 * DAYS
    assert (year.built.first, year.built.last) == (LAST - timedelta(days=DAYS - 1), LAST)
    times = [datetime.fromisoformat(entry.at) for entry in year.entries()]
    assert times == sorted(times)
    assert times[0].date() == year.built.first
    assert times[-1] < datetime(LAST.year, LAST.month, LAST.day, tzinfo=UTC) + timedelta(days=1, hours=7)


def test_every_run_comes_to_the_same_end_in_the_programs_own_fold(
    honest: tuple[Year, list[tuple[Fact, Clearance]]], planted: Year
) -> None:
    walked: set[str] = set()
    ends: set[str] = set()
    for year in (honest[0], planted):
        library = Library(year.folder)
        with open_read_only(year.folder.ledger) as reader:
            for run, protocol, outcome, deviations in reader.query(_SOME_OF_EACH):
                state = looked_over(library, str(run), reader.run_entries(str(run)))
                assert (state.outcome.value, state.deviations) == (outcome, deviations), (run, protocol)
                assert state.next_step is None or outcome != Outcome.COMPLETE, (run, protocol)
                walked.add(str(protocol))
                ends.add(str(outcome))
    assert {"complete", "complete-except-deferred", "failed"} <= ends
    assert walked >= {
        "day-open", "day-close", "steriliser-daily", "steriliser-load", "steriliser-recall", "instrument-clean",
        "room-turnover", "microneedling-signout", "minor-surgery-prep", "prp-identity", "pack-open", "spill",
        "emergency-kit-weekly", "reprocess-weekly", "hygiene-audit", "fridge-excursion", "anaesthetic-topical",
        "bi-test",
    }  # fmt: skip


def test_no_time_is_shorter_than_the_label_said_and_the_vials_of_a_test_are_of_one_lot(
    honest: tuple[Year, list[tuple[Fact, Clearance]]], planted: Year
) -> None:
    steps = {
        (name, step.id): step.at_least_as
        for name, found in shipped().items()
        for step in found.protocol.steps
        if isinstance(step, Timer) and step.at_least_as is not None
    }
    timed, tests = 0, 0
    for year in (honest[0], planted):
        library = Library(year.folder)
        for run, protocol in _runs(year):
            if protocol != "bi-test" and not any(name == protocol for name, _ in steps):
                continue
            with open_read_only(year.folder.ledger) as reader:
                state = looked_over(library, run, reader.run_entries(run))
            for timer, label in ((step, label) for (name, step), label in steps.items() if name == protocol):
                took, read = state.steps[timer], state.steps[label]
                if took.status is Status.DONE and read.status is Status.DONE:
                    seconds = Decimal(str(read.value)) * SECONDS_IN[str(read.unit)]
                    assert Decimal(str(took.value)) >= seconds, (run, protocol)
                    timed += 1
            if protocol == "bi-test":
                lots = [
                    strings_of({"it": as_json(state.steps[vial].value)}, "it") for vial in ("test-vial", "control-vial")
                ]
                assert lots[0]["lot"] == lots[1]["lot"], run
                tests += 1
    assert timed > 3 * DAYS
    assert tests > 5


def _runs(year: Year) -> list[tuple[str, str]]:
    with open_read_only(year.folder.ledger) as reader:
        return [(str(run), str(protocol)) for run, protocol in reader.query("SELECT run, protocol FROM run")]


def test_the_gate_says_what_is_recorded_of_it(honest: tuple[Year, list[tuple[Fact, Clearance]]]) -> None:
    _, answers = honest
    assert len(answers) > DAYS
    for fact, real in answers:
        recorded = fact.data["requirements"]
        assert isinstance(recorded, list)
        told = {str(one["id"]): one["met"] for one in recorded if isinstance(one, dict)}
        assert fact.data["decision"] == real.decision, [one.why for one in real.requirements if not one.met]
        assert told == {one.id: one.met for one in real.requirements}


def test_a_positive_spore_test_calls_back_what_the_program_would(
    honest: tuple[Year, list[tuple[Fact, Clearance]]],
) -> None:
    year, _ = honest
    with open_read_only(year.folder.ledger) as reader:
        recalled = reader.entries_of_kind("recalled")
        first = min(entry.index for entry in recalled)
        tests = [entry for entry in reader.entries_of_kind("run.started") if entry.index < first]
        before = {entry.place for entry in tests}
        negative = last_negative([reader], "S2", clean_run=lambda run: run in before)
        loads = loads_since([reader], "S2", negative)
        at = max(entry.at for entry in recalled)
        made_before = [load for load in loads if _made_at(reader, load) < at]
    named = [str(entry.data["value"]) for entry in recalled]
    assert named == ["S2", *made_before]
    assert len(named) > 2
    assert negative is not None
    assert {entry.data["since"] for entry in recalled} == {negative.since}


def _made_at(reader: Reader, load: str) -> str:
    rows = reader.query(
        "SELECT run.started FROM identifier JOIN run USING (run)"
        " WHERE kind = 'load' AND value = ? AND use = 'produced'",
        (load,),
    )
    return str(rows[0][0])


def test_everybody_can_sign_in_with_the_one_secret(honest: tuple[Year, list[tuple[Fact, Clearance]]]) -> None:
    year, _ = honest
    assert config.load(year.folder.config).clinic.name.endswith("(demo)")
    with Clinic.open(year.folder) as clinic:
        people = [one for one in clinic.staff.operators() if one.name]
        assert len(people) == 12
        assert isinstance(clinic.staff.prove(year.built.lead, SECRET, "tui"), SignedIn)
        assert clinic.settings.clinic.timezone == ZONE
        assert len(clinic.settings.subjects("room")) == 4
        assert len(clinic.settings.subjects("equipment", ("steriliser",))) == 2


def test_the_same_seed_gives_the_same_facts_and_another_seed_others(tmp_path: Path) -> None:
    one, same, other = (made(tmp_path / name, 3, seed) for name, seed in (("one", 5), ("same", 5), ("other", 6)))
    assert _facts(one) == _facts(same)
    assert _facts(one) != _facts(other)


def _facts(year: Year) -> list[tuple[object, ...]]:
    """The entries without what is random in every record: ids of people, salts, keys, hashes."""
    return [_without_chance(entry) for entry in year.entries()[1:]]


def _without_chance(entry: Entry) -> tuple[object, ...]:
    data: Json = {key: value for key, value in entry.data.items() if key not in ("root", "of")}
    told = _RANDOM.sub("x", str(data))
    return entry.at, entry.kind, entry.run, entry.step, entry.via, entry.moment.mono_ms, told


def test_a_folder_in_which_something_lies_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ClinicError, match="is not empty"):
        build(Folder(tmp_path), days=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_the_plan_moves_from_a_holiday_is_done_when_the_plan_says(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    folder.root.mkdir()
    folder.config.write_text(folder_config("Demo", first, last), "utf-8")
    calendar = config.load(folder.config).calendar
    for number in range((last - first).days):
        day = first + timedelta(days=number)
        assert is_open(day) == calendar.open(day)
        for weekday in (0, 4):
            due = Rhythm("week", weekday + 1).day(period("week", day), calendar)
            assert falls_due(day, weekday) == (day == due), day


def test_hardly_anything_waits_on_the_board_of_a_clinic_that_is_cared_for(
    honest: tuple[Year, list[tuple[Fact, Clearance]]],
) -> None:
    year, _ = honest
    assert len(glance_at(year.folder).follow_ups) < DAYS
