"""What a typed line means at each kind of step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from checklist.line.parse import Asked, Do, ToAttribute, ToOverride, ToSign, ToWitness, understand
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.run.state import RunState
    from tests.line.conftest import Line

YEARS_ON = f"{datetime.now(UTC).year + 9}-12-31"
DONE = {
    "inspect": "",
    "temperature": "135",
    "indicator": "turned",
    "cartridge": "lot=A expiry=2099-01",
    "number": "",
    "remarks": "fine",
}


@pytest.fixture
def at(line: Line) -> Callable[[str], RunState]:
    """The run of every kind, standing at the step of that name."""

    def reach(step: str) -> RunState:
        state = line.begin("every-kind")
        typed = []
        for name in ("inspect", "temperature", "indicator", "second-reader", "cartridge", "number", "remarks"):
            if name == step:
                break
            typed.append("turned" if name == "second-reader" else DONE[name])
        if step in {"photo", "wait", "release"}:
            typed += [] if step == "photo" else ["/skip not needed today"] * (1 if step == "wait" else 2)
        return line.walk(state.run, "".join(f"{text}\n" for text in typed))

    return reach


def test_an_empty_line_confirms_starts_or_takes_and_answers_nothing_else(
    line: Line, at: Callable[[str], RunState]
) -> None:
    now = line.clinic.now()
    assert understand("", at("inspect"), now) == Do(c.Confirm("inspect"))
    assert understand("  ", at("number"), now) == Do(c.Assign("number", {}))
    assert understand("", at("wait"), now) == Do(c.StartTimer("wait"))
    for step in ("temperature", "indicator", "second-reader", "cartridge", "remarks", "photo", "release"):
        refused = understand("", at(step), now)
        assert isinstance(refused, Refusal), step


def test_a_value_answers_what_asks_for_one(line: Line, at: Callable[[str], RunState]) -> None:
    now = line.clinic.now()
    assert understand(" 135,5 ", at("temperature"), now) == Do(c.Give("temperature", "135,5"))
    assert understand("2", at("indicator"), now) == Do(c.Give("indicator", "2"))
    assert understand("lot=A1 expiry=2030-01", at("cartridge"), now) == Do(c.Give("cartridge", "lot=A1 expiry=2030-01"))
    assert understand("all [bold]fine", at("remarks"), now) == Do(c.Give("remarks", "all [bold]fine"))


def test_words_where_enter_alone_is_meant_are_refused(line: Line, at: Callable[[str], RunState]) -> None:
    for step in ("inspect", "number", "wait"):
        assert isinstance(understand("yes", at(step), line.clinic.now()), Refusal), step


def test_a_meaning_signs_in_any_case_and_nothing_else_does(line: Line, at: Callable[[str], RunState]) -> None:
    state = at("release")
    assert understand("Released", state, line.clinic.now()) == ToSign(state.protocol.step("release"), "released")
    assert isinstance(understand("maybe", state, line.clinic.now()), Refusal)


def test_the_second_person_reads_or_agrees(line: Line, at: Callable[[str], RunState]) -> None:
    state = at("second-reader")
    step = state.protocol.step("second-reader")
    assert understand("not turned", state, line.clinic.now()) == ToWitness(step, "not turned")
    for name in ("Ana Rivera", "agree"):
        refused = understand(name, state, line.clinic.now())
        assert isinstance(refused, Refusal)
        assert "Answer with one of: 1 turned, 2 not turned. The name of the second person" in refused.message


def test_a_name_is_put_to_a_run_wherever_it_stands(line: Line, at: Callable[[str], RunState]) -> None:
    assert understand("/attribute", at("inspect"), line.clinic.now()) == ToAttribute()
    ended = line.walk(line.begin("acts").run, "\n\n\n")
    assert understand("/Attribute", ended, line.clinic.now()) == ToAttribute()


def test_a_path_that_begins_with_a_slash_is_no_command_where_a_file_is_wanted(
    line: Line, at: Callable[[str], RunState]
) -> None:
    state, now = at("photo"), line.clinic.now()
    assert understand("/srv/a b.jpg", state, now) == Do(c.Give("photo", "/srv/a b.jpg"))
    assert understand("/help", state, now) is Asked.HELP
    assert isinstance(understand("/srv/a", at("remarks"), now), Refusal)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("the lamp is broken", Reason("other", "the lamp is broken")),
        ("equipment-fault: the lamp", Reason("equipment-fault", "the lamp")),
        ("Equipment-Fault:", Reason("equipment-fault", None)),
        ("not-needed", Reason("not-needed", None)),
        ("lamp: broken", Reason("other", "lamp: broken")),
    ],
)
def test_a_reason_is_a_code_and_words(line: Line, at: Callable[[str], RunState], typed: str, reason: Reason) -> None:
    state, now = at("inspect"), line.clinic.now()
    assert understand(f"/skip {typed}", state, now) == Do(c.Skip("inspect", reason))
    assert understand(f"/NA {typed}", state, now) == Do(c.NotApplicable("inspect", reason))
    assert understand(f"/fail {typed}", state, now) == Do(c.Fail("inspect", reason))
    assert understand(f"/abandon {typed}", state, now) == Do(c.Abandon(reason))
    assert understand(f"/override {typed}", state, now) == ToOverride(state.protocol.step("inspect"), reason)


@pytest.mark.parametrize("command", ["/skip", "/fail  ", "/abandon", "/override", "/na other:", "/note", "/correct"])
def test_a_command_without_its_words_is_refused(line: Line, at: Callable[[str], RunState], command: str) -> None:
    assert isinstance(understand(command, at("inspect"), line.clinic.now()), Refusal)


def test_words_that_are_too_long_are_refused_and_never_cut(line: Line, at: Callable[[str], RunState]) -> None:
    long = "x" * 501
    for typed in (f"/skip {long}", f"/note {long}", f"/correct inspect {long}", f"/defer 2h {long}"):
        refused = understand(typed, at("inspect"), line.clinic.now())
        assert isinstance(refused, Refusal)
        assert refused.code == "too-long"
    refused = understand(long, at("remarks"), line.clinic.now())
    assert isinstance(refused, Refusal)
    assert refused.code == "too-long"


@pytest.mark.parametrize("when", ["2h", "90M", "7d", "today", "Today", YEARS_ON])
def test_until_is_a_length_of_time_today_or_a_date(line: Line, at: Callable[[str], RunState], when: str) -> None:
    meaning = understand(f"/defer {when} not-available: no strips", at("inspect"), line.clinic.now())
    assert isinstance(meaning, Do)
    assert isinstance(meaning.command, c.Defer)
    assert meaning.command.reason == Reason("not-available", "no strips")
    assert meaning.command.until > line.clinic.now().at[:19]
    assert meaning.command.until.endswith("Z")


@pytest.mark.parametrize("when", ["", "later", "2h", "1999-01-01 x", "2099-13-01 x", "99999999d x", "0h x", "-2h x"])
def test_any_other_until_or_none_is_refused(line: Line, at: Callable[[str], RunState], when: str) -> None:
    assert isinstance(understand(f"/defer {when}", at("inspect"), line.clinic.now()), Refusal)


def test_a_correction_names_a_step_and_counts_as_a_mistake_unless_it_says_otherwise(
    line: Line, at: Callable[[str], RunState]
) -> None:
    state, now = at("temperature"), line.clinic.now()
    assert understand("/correct inspect wrong tray", state, now) == Do(
        c.Correct("inspect", Reason("mistake", "wrong tray"))
    )
    assert understand("/correct inspect interrupted:", state, now) == Do(
        c.Correct("inspect", Reason("interrupted", None))
    )


def test_what_is_owed_is_taken_as_words_whatever_they_are(line: Line, at: Callable[[str], RunState]) -> None:
    state = line.walk(at("temperature").run, "120\n")
    now = line.clinic.now()
    assert understand("135", state, now) == Do(c.Remark("temperature", "135"))
    for nothing in ("", "\x1b\x9b\u202e"):
        assert isinstance(understand(nothing, state, now), Refusal)
    assert understand("/pause", state, now) == Do(c.Pause())


def test_an_unknown_command_is_named_without_what_could_act_on_a_terminal(
    line: Line, at: Callable[[str], RunState]
) -> None:
    refused = understand("/\x1b[31mjump x", at("inspect"), line.clinic.now())
    assert isinstance(refused, Refusal)
    assert "\x1b" not in refused.message
