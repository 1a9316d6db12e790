"""Whole walks in lines: what a clinic meets on a day, from the first line to the end of the run."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest

from checklist.line.desk import Credentials
from checklist.run.marks import Outcome, Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.line.conftest import Line


def kinds(line: Line, run: str) -> list[str]:
    return [entry.kind for entry in line.clinic.run_entries(run)]


def test_every_kind_of_step_from_a_pipe(line: Line, tmp_path: Path) -> None:
    photo = tmp_path / "printout.txt"
    photo.write_text("134.2", encoding="utf-8")
    typed = ["", "135,5", "1", "turned", "lot=A1 expiry=2099-01", "", "all fine", str(photo), "", "released"]
    state = line.walk(line.begin("every-kind").run, "".join(f"{text}\n" for text in typed))
    assert state.outcome is Outcome.COMPLETE
    assert state.deviations == 0
    assert state.steps["temperature"].value == "135.5"
    assert state.steps["second-reader"].witness == line.bo.id
    assert state.steps["cartridge"].value == {"lot": "A1", "expiry": "2099-01-31"}
    assert state.steps["number"].value == "L-01"
    assert state.steps["wait"].ms is not None
    assert state.steps["wait"].ms >= 1000
    signed = next(entry for entry in line.clinic.run_entries(state.run) if entry.kind == "signed")
    assert signed.actor == line.ada.id
    assert signed.data["factors"] == ["secret-file"]
    assert {entry.via for entry in line.clinic.run_entries(state.run)} == {"pipe", "system"}
    assert "The run has ended: complete." in line.text
    assert "Deviations: 0." in line.text


def test_a_failed_reading_wants_a_remedy_and_every_attempt_is_kept(line: Line) -> None:
    state = line.walk(line.begin("every-kind").run, "\n120\n\nchanged the seal\n120\nagain\n135\n")
    step = state.steps["temperature"]
    assert [attempt.verdict for attempt in step.attempts] == ["fail", "fail", "pass"]
    assert [note.about for note in step.notes] == ["remedy", "remedy"]
    assert line.clinic.words(step.notes[0].words) == "changed the seal"
    assert "3 attempts" in line.text


def test_a_failure_that_stops_ends_the_run_and_what_comes_after_it_is_not_read(line: Line) -> None:
    state = line.walk(line.begin("short").run, "\n20\n5\n")
    assert state.outcome is Outcome.FAILED
    assert line.text.count("What follows, where this clinic has it: checklist walk spill") >= 1


def test_a_hold_is_not_skipped_but_overridden_with_a_second_person(line: Line) -> None:
    state = line.walk(line.begin("short").run, "/skip no time\n/override clinical-decision: urgent\n")
    assert "This is a hold" in line.text
    step = state.steps["one"]
    assert (step.status, step.witness) == (Status.OVERRIDDEN, line.bo.id)
    assert step.reason is not None
    assert step.reason.code == "clinical-decision"


def test_what_is_put_off_is_asked_again_later(line: Line) -> None:
    run = line.begin("short").run
    ended = line.walk(run, "\n/defer 2h not-available: no thermometer\nfine\n")
    assert ended.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    assert "Put off until" in line.text
    assert f"checklist resume {run}" in line.text
    again = line.walk(run, "5\n")
    assert "Step 2 of 3: two" in line.text
    assert again.outcome is Outcome.COMPLETE


def test_the_end_of_input_is_a_pause_and_somebody_else_takes_over(line: Line) -> None:
    run = line.begin("short").run
    paused = line.walk(run, "\n5")  # a last line without its end is a line, too
    assert paused.paused
    assert paused.steps["two"].value == "5"
    assert f"To go on: checklist resume {run}" in line.text
    done = line.walk(run, "fine\n", who=line.bo, own=Credentials("Bo", "four blind cats"))
    assert done.outcome is Outcome.COMPLETE
    assert done.holder == line.bo.id
    assert "run.handed-over" in kinds(line, run)


def test_nothing_at_all_is_a_pause_and_never_an_answer(line: Line) -> None:
    state = line.walk(line.begin("short").run, "")
    assert state.paused
    assert kinds(line, state.run) == ["run.started", "run.paused"]


def test_pause_note_and_help_are_there(line: Line) -> None:
    state = line.walk(line.begin("short").run, "/help\n/note the lamp flickers\n/why\n/pause\n\n")
    assert state.paused
    assert state.steps["one"].status is Status.PENDING
    assert line.clinic.words(state.steps["one"].notes[0].words) == "the lamp flickers"
    assert "/defer UNTIL" in line.text


def test_abandon_and_fail_and_not_applicable_end_a_run_as_they_should(line: Line) -> None:
    state = line.walk(line.begin("every-kind").run, "/na not-needed:\n/fail equipment-fault: gauge\n/abandon ill\n")
    assert state.steps["inspect"].status is Status.NOT_APPLICABLE
    assert state.steps["temperature"].status is Status.FAILED
    assert state.outcome is Outcome.ABANDONED
    assert "ended: abandoned" in line.text
    assert "To correct a mistake" not in line.text


def test_a_correction_opens_a_step_again(line: Line) -> None:
    state = line.walk(line.begin("short").run, "\n5\n/correct two mistyped\n6\nfine\n")
    assert state.outcome is Outcome.COMPLETE
    assert state.steps["two"].value == "6"
    assert state.deviations == 1
    assert "Saved: two is open again." in line.text


def test_a_run_that_has_ended_can_be_corrected(line: Line) -> None:
    run = line.begin("short").run
    assert line.walk(run, "\n20\n").outcome is Outcome.FAILED
    left = line.walk(run, "5\n/note x\n\n")
    assert left.outcome is Outcome.FAILED
    assert "only /correct STEP WORDS" in line.text
    right = line.walk(run, "/list\n/correct nowhere x\n/correct two mistyped\n2.0\nfine\n")
    assert right.outcome is Outcome.COMPLETE
    assert "There is no step “nowhere”" in line.text


def test_what_stopped_a_run_is_opened_again_only_by_two(line: Line) -> None:
    run = line.begin("short").run
    line.walk(run, "\n20\n")
    assert line.walk(run, "/correct two mistyped\n5\n", second=Credentials()).outcome is Outcome.FAILED
    assert "--witness OPERATOR --witness-secret-file FILE" in line.text
    assert line.walk(run, "/correct two mistyped\n5\nfine\n").outcome is Outcome.COMPLETE
    corrected = next(entry for entry in line.clinic.run_entries(run) if entry.kind == "step.corrected")
    assert corrected.data["witness"] == line.bo.id


def test_a_reading_that_somebody_reads_again_is_told_without_it_also_where_it_fails(line: Line) -> None:
    state = line.walk(line.begin("blind").run, "1\n19.7\ndoor shut\n7.25\ndraught\n6.9\n6.9\n")
    assert state.outcome is Outcome.COMPLETE
    before_the_second, _, _ = line.text.partition("Saved [x] second")
    assert "gauge: the reading is outside the limit, 2.0 to 8.0" in before_the_second
    assert "gauge: the reading is outside what is expected" in before_the_second
    assert not [value for value in ("19.7", "7.25", "6.9") if value in before_the_second]


def test_options_that_are_numbers_have_no_numbers_before_them(line: Line) -> None:
    state = line.walk(line.begin("blind").run, "1\n")
    assert state.steps["score"].value == "1"
    assert "Answer: 0\nAnswer: 1\nAnswer: 2\nType the answer.\n" in line.text


def test_a_correction_of_an_ended_run_by_nobody_leaves_it_as_it_is(line: Line) -> None:
    run = line.begin("short").run
    line.walk(run, "\n5\nfine\n")
    before = len(kinds(line, run))
    assert line.walk(run, "").outcome is Outcome.COMPLETE
    assert len(kinds(line, run)) == before


def test_lines_that_come_while_a_timer_runs_wait_for_its_end(line: Line) -> None:
    state = line.walk(line.begin("by-hand").run, "\n\n\n")
    assert state.outcome is Outcome.COMPLETE
    assert state.deviations == 0
    assert 1.0 <= float(str(state.steps["soak"].value)) <= 2.0


def test_a_timer_that_nobody_ends_pauses_at_the_end_of_input(line: Line) -> None:
    state = line.walk(line.begin("by-hand").run, "\n")
    assert state.paused
    assert state.steps["soak"].started is not None


def test_a_timer_of_hours_does_not_keep_a_pipe_waiting(line: Line) -> None:
    state = line.walk(line.begin("long").run, "\n")
    assert state.paused
    assert state.steps["incubate"].started is not None


def test_a_second_person_who_misread_reads_again_once_the_first_has_looked_again(line: Line) -> None:
    run = line.begin("every-kind").run
    line.walk(run, "\n135\nturned\nnot turned\n")
    assert (
        "The two readings differ, so both look again: “indicator” is read anew first (/correct indicator WORDS; the "
        "same value may be given again where it was right), then the second person reads."
    ) in " ".join(line.text.split())
    assert line.walk(run, "turned\n").steps["second-reader"].value is None
    assert "(correct it; the same" in " ".join(line.text.split())
    second = line.walk(run, "/correct indicator looked again\nturned\nturned\n").steps["second-reader"]
    assert [attempt.verdict for attempt in second.attempts] == ["fail", "pass"]
    assert second.deviates


def test_a_step_done_faster_than_is_credible_is_told_at_once_and_counted_at_the_end(line: Line) -> None:
    state = line.walk(line.begin("hasty").run, "\n\n")
    assert state.outcome is Outcome.COMPLETE
    assert state.deviations == 0
    assert re.search(r"Saved \[x\] cycle-end: done, TOO FAST: [\d.]+ s; it takes at least 3 min\.", line.text)
    assert "Done faster than is credible: 1.\nToo fast: cycle-end, " in line.text
    assert "Saved [x] over: done.\n" in line.text


def test_the_second_person_is_another_person(line: Line) -> None:
    run = line.begin("every-kind").run
    line.walk(run, "\n135\nturned\nturned\n", second=Credentials("Ada", "three blind mice"))
    assert "somebody else" in line.text
    line.walk(run, "turned\n", second=Credentials("Cy", "five blind dogs"))
    assert "Auditors" in line.text
    line.walk(run, "turned\n", second=Credentials("Bo", "wrong secret"))
    assert "do not belong together" in line.text
    line.walk(run, "turned\n", second=Credentials())
    assert "--witness OPERATOR --witness-secret-file FILE" in line.text
    assert line.clinic.run(run).steps["second-reader"].status is Status.PENDING


def test_a_signature_wants_the_role_and_the_right_secret(line: Line) -> None:
    run = line.begin("every-kind").run
    to_the_end = "\n135\nturned\nturned\nlot=A expiry=2099-01\n\nfine\n/skip no printer\n\n"
    line.walk(run, f"{to_the_end}released\n", own=Credentials("Ada", "wrong secret"))
    assert "do not belong together" in line.text
    line.walk(run, "released\n", who=line.bo, own=Credentials("Bo", "four blind cats"))
    assert "signed by somebody with the role release" in line.text
    assert line.clinic.run(run).steps["release"].status is Status.PENDING


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\u2066\x00[red]x[/red]\ue000"


def test_no_hostile_text_reaches_the_output_or_the_record(line: Line) -> None:
    state = line.walk(
        line.begin("every-kind").run,
        f"{HOSTILE}\n/note {HOSTILE}\n/{HOSTILE}\n/correct {HOSTILE} {HOSTILE}\n\n{HOSTILE}\n135\n{HOSTILE}\n"
        f"1\n{HOSTILE}\n1\nlot={HOSTILE} expiry=2099-01\nlot=A12 expiry=2099-01\n\n"
        f"{HOSTILE}\n{HOSTILE}\n~nobody-here/x\n",
    )
    assert state.steps["remarks"].words is not None
    assert line.clinic.words(state.steps["remarks"].words) == "]0;owned[2J31mevil[red]x[/red]"
    for sign in line.text:
        assert sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs"}, repr(sign)
    assert "evil" in line.text


@pytest.mark.parametrize("size", [501, 5000, 60_000])
def test_a_line_that_is_too_long_is_refused_whole(line: Line, size: int) -> None:
    run = line.begin("short").run
    state = line.walk(run, "\n5\n" + "x" * size + "\nfine\n")
    assert "nothing was taken" in line.text
    assert state.outcome is Outcome.COMPLETE
    assert line.clinic.words(str(state.steps["three"].words)) == "fine"


def test_bytes_that_are_no_text_stop_nothing(line: Line) -> None:
    state = line.walk(line.begin("short").run, b"\xff\xfe\n\r\n5\r\nna\xefve\n")
    assert state.outcome is Outcome.COMPLETE
    assert state.steps["two"].value == "5"


@pytest.mark.parametrize(
    ("second", "ends"),
    [
        ("]C10109506000134352\x1d10A1", "complete"),
        ("lot=A1 gtin=9506000134352", "complete"),
        ("]C10109506000134352", "open"),
        ("Ana Rivera", "open"),
    ],
)
def test_what_one_person_scanned_a_second_one_scans_or_types(line: Line, second: str, ends: str) -> None:
    run = line.begin("labels").run
    assert line.walk(run, f"]d20109506000134352\x1d10A1\n{second}\n").outcome == ends
