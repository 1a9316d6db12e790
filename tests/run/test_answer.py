"""What each kind of step takes, what it refuses, and what becomes of what was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.marks import Outcome, Status
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from tests.run.conftest import Kit, StepTable, Walk


def one_of_each(kit: Kit) -> dict[str, StepTable]:
    """A step of every kind by its kind; the witness repeats the first, which is a choice."""
    a = kit.a
    return {
        "choice": a.choice("choice"),
        "confirm": a.confirm("confirm"),
        "measure": a.measure("measure"),
        "timer": a.timer("timer"),
        "scan": a.scan("scan"),
        "assign": a.assign("assign"),
        "text": a.text("text"),
        "attach": a.attach("attach"),
        "witness": a.witness("witness", "choice"),
        "sign": a.sign("sign"),
    }


RIGHT = {
    "confirm": {"Confirm"},
    "measure": {"Give"},
    "timer": {"StartTimer", "EndTimer"},
    "scan": {"Give"},
    "assign": {"Assign"},
    "choice": {"Give"},
    "text": {"Give"},
    "attach": {"Give"},
    "witness": {"Witness"},
    "sign": {"Sign"},
}


@pytest.mark.parametrize("kind", sorted(RIGHT))
def test_a_step_takes_only_the_answer_of_its_kind(kit: Kit, kind: str) -> None:
    tables = one_of_each(kit)
    first = [] if kind == "choice" else [tables["choice"]]
    walk = kit.walk(*first, tables[kind])
    if first:
        walk.give("choice", "turned")
    person = kit.staff.ben.person
    commands: tuple[c.Answer, ...] = (
        c.Confirm(kind),
        c.Give(kind, "134"),
        c.Give(kind, {"lot": "1"}),
        c.StartTimer(kind),
        c.EndTimer(kind),
        c.Assign(kind, {"load": "1"}),
        c.Sign(kind, person, "released", "name"),
        c.Witness(kind, person, "turned"),
    )
    for command in commands:
        if type(command).__name__ not in RIGHT[kind]:
            assert walk.refused(command) == "wrong-kind"
    assert walk.refused(c.Give(kind, "")) in {"wrong-kind", "missing-identifier"}


# -- confirm, roles ----------------------------------------------------------------------------------------


def test_a_step_for_one_role_is_refused_to_others_but_they_may_leave_it_out(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("pack", roles=["reprocessing"]), kit.a.confirm("end"))
    assert walk.refused(c.Confirm("pack")) == "role"
    walk.do(c.Resume(), kit.staff.ben)
    walk.do(c.Confirm("pack"), kit.staff.ben)
    assert walk.step("pack").by == "u_ben"


# -- measure -----------------------------------------------------------------------------------------------


def test_a_reading_within_the_expected_range_is_done(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"))
    walk.do(c.Give("heat", "134,5", "sensed"))
    data = walk.last("step.done")
    assert (data["value"], data["unit"], data["input"], data["attempts"]) == ("134.5", "Cel", "sensed", 1)
    assert walk.state.deviations == 0


def test_what_is_no_reading_is_refused_and_leaves_no_attempt(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"))
    for typed, code in (("hot", "not-a-number"), ("  ", "empty"), ("134.55", "decimals")):
        assert walk.refused(c.Give("heat", typed)) == code
    assert walk.step("heat").attempts == ()


def test_an_unexpected_reading_is_asked_again_with_a_comment_and_then_taken(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"))
    walk.give("heat", "138.5")
    assert walk.last("step.attempted")["verdict"] == "unexpected"
    assert walk.step("heat").owed == "comment"
    assert walk.refused(c.Give("heat", "138.5")) == "owed"
    walk.remark("heat", "why")
    assert walk.step("heat").owed is None
    walk.give("heat", "138.5")
    assert walk.last("step.done")["verdict"] == "unexpected"
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}
    assert [attempt.verdict for attempt in walk.step("heat").attempts] == ["unexpected", "unexpected"]


def test_a_reading_beyond_the_limit_never_passes_however_much_is_said_about_it(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.confirm("end"))
    for _ in range(4):
        walk.give("heat", "140.1")
        assert walk.last("step.attempted")["verdict"] == "fail"
        assert walk.step("heat").owed == "remedy"
        assert walk.refused(c.Give("heat", "135")) == "owed"
        walk.remark("heat", "remedy")
    assert walk.at == "heat"
    walk.give("heat", "135")
    assert [attempt.value for attempt in walk.step("heat").attempts] == ["140.1"] * 4 + ["135"]
    assert walk.last("step.done")["attempts"] == 5
    assert [note.about for note in walk.step("heat").notes] == ["remedy"] * 4
    assert walk.step("heat").deviates


def test_a_comment_on_an_unexpected_reading_does_not_excuse_a_failed_one(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"))
    walk.give("heat", "139")
    walk.remark("heat")
    walk.give("heat", "141")
    assert walk.step("heat").owed == "remedy"
    assert walk.at == "heat"


def test_the_ends_of_a_limit_belong_to_it(kit: Kit) -> None:
    table = kit.a.measure("heat", expected=None, limit={"min": 134, "max": 138})
    del table["expected"]
    for value, passes in (("134", True), ("134.0", True), ("133.9", False), ("138", True), ("138.1", False)):
        walk = kit.walk(table)
        walk.give("heat", value)
        assert (walk.status("heat") is Status.DONE) is passes


def test_a_failed_reading_of_a_step_that_stops_ends_the_run_and_names_what_to_open(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat", on_fail={"stop": True, "open": "steriliser-recall"}), kit.a.confirm("end"))
    new = walk.give("heat", "120")
    assert [entry.kind for entry in new] == ["step.attempted", "step.failed", "run.completed"]
    assert walk.last("step.failed") == {
        "attempts": 1,
        "cause": "limit",
        "open": "steriliser-recall",
        "ms": 0,
    }
    assert walk.step("heat").follow_up == "steriliser-recall"
    assert walk.state.outcome is Outcome.FAILED


def test_a_hold_that_is_read_out_of_limit_blocks_until_it_is_read_within(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip", hold=True), kit.a.confirm("end"))
    walk.give("strip", "not turned")
    assert walk.at == "strip"
    assert walk.refused(c.Skip("strip", kit.because)) == "hold"
    assert walk.refused(c.Give("strip", "turned")) == "owed"
    walk.remark("strip")
    walk.give("strip", "turned")
    assert walk.at == "end"


# -- the check across steps --------------------------------------------------------------------------------


def steam() -> tuple[StepTable, ...]:
    table: StepTable = {
        "kind": "saturated-steam",
        "temperature": "heat",
        "pressure": "pressure",
        "tolerance": 2,
    }
    return (table,)


def test_a_pressure_that_cannot_belong_to_the_temperature_is_asked_again(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.pressure("pressure"), checks=steam())
    walk.give("heat", "134")
    walk.give("pressure", "204")
    assert walk.last("step.attempted")["check"] == "saturated-steam"
    assert walk.step("pressure").owed == "comment"
    walk.remark("pressure")
    walk.give("pressure", "304")
    assert "check" not in walk.last("step.done")
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}


def test_an_implausible_pair_is_kept_as_such_where_staff_stand_by_it(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.pressure("pressure"), checks=steam())
    walk.give("heat", "134")
    walk.give("pressure", "204")
    walk.remark("pressure")
    walk.give("pressure", "204")
    data = walk.last("step.done")
    assert (data["verdict"], data["check"]) == ("unexpected", "saturated-steam")


def test_a_corrected_temperature_is_checked_against_the_pressure_that_is_there(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.pressure("pressure"), kit.a.measure("other"), checks=steam())
    walk.give("heat", "134")
    walk.give("pressure", "304")
    walk.give("other", "134")
    walk.do(c.Correct("heat", kit.mistake))
    walk.give("heat", "137")
    assert walk.last("step.attempted")["check"] == "saturated-steam"


def counted(kit: Kit, *names: str, **more: object) -> Walk:
    steps = [kit.a.measure(name, unit="{count}", expected=None, limit={"min": 0}, decimals=0, **more) for name in names]
    return kit.walk(*steps, kit.a.confirm("end"), checks=({"kind": "same-count", "steps": list(names)},))


def test_counts_that_differ_are_explained_and_stay_a_deviation(kit: Kit) -> None:
    walk = counted(kit, "opened", "binned", hold=True)
    walk.give("opened", "2")
    walk.give("binned", "1")
    assert walk.last("step.attempted")["check"] == "same-count"
    assert walk.refused(c.Give("binned", "1")) == "owed"
    walk.remark("binned")
    walk.give("binned", "1")
    data = walk.last("step.done")
    assert (data["verdict"], data["check"]) == ("unexpected", "same-count")
    assert walk.step("binned").deviates


def test_counts_that_agree_pass_whichever_was_corrected(kit: Kit) -> None:
    walk = counted(kit, "opened", "binned")
    walk.give("opened", "2")
    walk.give("binned", "2")
    assert "check" not in walk.last("step.done")
    walk.do(c.Correct("opened", kit.mistake))
    walk.give("opened", "3")
    assert walk.last("step.attempted")["check"] == "same-count"


def test_of_several_counts_those_that_are_there_must_agree(kit: Kit) -> None:
    walk = counted(kit, "before", "between", "after")
    walk.give("before", "10")
    walk.do(c.Skip("between", kit.because))
    walk.give("after", "9")
    assert walk.last("step.attempted")["check"] == "same-count"


def vials(kit: Kit, **control: object) -> Walk:
    check: dict[str, object] = {"kind": "same-identifier", "of": "lot", "steps": ["test", "control"]}
    return kit.walk(kit.a.scan("test"), kit.a.scan("control", **control), kit.a.confirm("end"), checks=(check,))


GOOD = {"lot": "A1", "expiry": "2027-01-31"}


def test_the_label_of_another_lot_fails_until_the_right_one_is_read(kit: Kit) -> None:
    walk = vials(kit, hold=True)
    walk.give("test", GOOD)
    for _ in range(2):
        walk.give("control", GOOD | {"lot": "B2"})
        data = walk.last("step.attempted")
        assert (data["verdict"], data["check"], data["consumed"]) == ("fail", "same-identifier", GOOD | {"lot": "B2"})
        assert walk.refused(c.Give("control", GOOD)) == "owed"
        walk.remark("control")
    walk.give("control", GOOD)
    assert "check" not in walk.last("step.done")
    assert walk.step("control").deviates
    assert [each.check for each in walk.step("control").attempts] == ["same-identifier", "same-identifier", ""]


@pytest.mark.parametrize("typed", ["a1", " A1 ", "a1 "])
def test_the_same_lot_is_the_same_however_it_was_typed(kit: Kit, typed: str) -> None:
    walk = vials(kit)
    walk.give("test", GOOD)
    walk.give("control", GOOD | {"lot": typed})
    assert walk.status("control") is Status.DONE
    assert not walk.step("control").deviates


def test_of_labels_only_what_is_named_must_agree(kit: Kit) -> None:
    walk = vials(kit)
    walk.give("test", GOOD)
    walk.give("control", GOOD | {"expiry": "2027-06-30"})
    assert "check" not in walk.last("step.done")
    walk.do(c.Correct("test", kit.mistake))
    walk.give("test", GOOD | {"lot": "B2"})
    assert walk.last("step.attempted")["check"] == "same-identifier"


def test_what_a_label_need_not_have_is_not_compared(kit: Kit) -> None:
    walk = vials(kit, optional=["lot"])
    walk.give("test", GOOD)
    walk.give("control", {"expiry": "2027-01-31"})
    assert walk.status("control") is Status.DONE
    assert "check" not in walk.last("step.done")


def test_what_is_past_its_date_has_failed_whatever_its_lot(kit: Kit) -> None:
    walk = vials(kit)
    walk.give("test", GOOD)
    walk.give("control", {"lot": "B2", "expiry": "2020-01-31"})
    data = walk.last("step.attempted")
    assert (data["verdict"], "check" in data) == ("fail", False)


def test_a_check_waits_for_both_readings(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.pressure("pressure"), checks=steam())
    walk.do(c.Skip("heat", kit.because))
    walk.give("pressure", "204")
    assert walk.status("pressure") is Status.DONE


# -- choice, text, attach ----------------------------------------------------------------------------------


def test_a_choice_that_fails_is_kept_as_an_attempt(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"))
    assert walk.refused(c.Give("strip", "maybe")) == "not-an-option"
    walk.give("strip", "NOT turned ")
    assert walk.last("step.attempted")["value"] == "not turned"
    walk.remark("strip")
    walk.give("strip", "2")
    assert walk.step("strip").value == "half turned"


def test_words_and_files_are_kept_as_they_are_handed_over(kit: Kit) -> None:
    walk = kit.walk(kit.a.text("note"), kit.a.attach("printout"))
    walk.give("note", "words-commitment")
    walk.give("printout", "ab" * 32)
    assert walk.step("note").words == "words-commitment"
    assert walk.step("note").value is None
    assert walk.step("printout").value == "ab" * 32


@pytest.mark.parametrize("value", ["x" * 501, "two\nlines", "\x1b[31mred", "‮reversed", "\ud800"])
@pytest.mark.parametrize("kind", ["text", "attach"])
def test_what_could_not_be_recorded_is_refused_and_not_a_fault(kit: Kit, kind: str, value: str) -> None:
    walk = kit.walk(one_of_each(kit)[kind])
    assert walk.refused(c.Give(kind, value)) == "unreadable"


# -- scan --------------------------------------------------------------------------------------------------


def test_what_is_scanned_is_kept_by_kind_and_by_what_it_is_used_for(kit: Kit) -> None:
    a = kit.a
    walk = kit.walk(a.scan("in"), a.scan("out", use="produces"), a.scan("seen", use=None))
    walk.do(c.Give("in", {"lot": "A1", "expiry": "2030-01-31"}, "scanned"))
    walk.give("out", "lot=B2 expiry=2030-02")
    walk.give("seen", "lot=C3 expiry=2030-03-01")
    done = [dict(entry.data) for entry in walk.entries if entry.kind == "step.done"]
    assert done[0]["consumed"] == {"lot": "A1", "expiry": "2030-01-31"}
    assert done[0]["input"] == "scanned"
    assert done[1]["produced"] == {"lot": "B2", "expiry": "2030-02-28"}
    assert done[2]["scanned"] == {"lot": "C3", "expiry": "2030-03-01"}
    assert walk.step("out").value == {"lot": "B2", "expiry": "2030-02-28"}


def test_an_expired_item_is_never_used_and_the_day_is_the_clinics_own(kit: Kit) -> None:
    # 22:30 UTC on the 21st is half past eleven at night in Berlin; an hour later it is the 22nd there.
    walk = kit.walk(kit.a.scan("gel"), kit.a.confirm("end"), clock=kit.clock("2026-11-21T22:30+00:00"))
    walk.give("gel", "lot=A1 expiry=2026-11-20")
    assert walk.last("step.attempted")["verdict"] == "fail"
    walk.remark("gel", "thrown away, took another")
    walk.clock.advance(3600)
    walk.give("gel", "lot=A2 expiry=2026-11-21")
    assert walk.last("step.attempted")["consumed"] == {"lot": "A2", "expiry": "2026-11-21"}
    walk.remark("gel", "and another")
    walk.give("gel", "lot=A3 expiry=2026-11-22")
    assert walk.at == "end"
    assert [attempt.verdict for attempt in walk.step("gel").attempts] == ["fail", "fail", "pass"]


def test_a_label_that_does_not_say_enough_is_refused(kit: Kit) -> None:
    walk = kit.walk(kit.a.scan("gel"))
    assert walk.refused(c.Give("gel", "lot=A1")) == "missing-identifier"
    assert walk.refused(c.Give("gel", "A1")) == "unclear"
    assert walk.refused(c.Give("gel", "lot=A1 lot=A2 expiry=2030-01")) == "unclear"
    assert walk.refused(c.Give("gel", "lot=A1 expiry=2030-01 colour=red")) == "unknown-identifier"
    assert walk.refused(c.Give("gel", "lot=A1 expiry=31.01.2030")) == "expiry"


# -- assign ------------------------------------------------------------------------------------------------


def test_an_assigned_number_is_what_the_program_made_for_exactly_this_step(kit: Kit) -> None:
    walk = kit.walk(kit.a.assign("number", produces={"load": "{n}", "batch": "{n}"}))
    for values in ({}, {"load": "1"}, {"load": "1", "batch": "2", "lot": "3"}, {"lot": "1", "serial": "2"}):
        assert walk.refused(c.Assign("number", values)) == "assign"
    walk.do(c.Assign("number", {"load": "7", "batch": "8"}))
    data = walk.last("step.done")
    assert (data["value"], data["input"], data["produced"]) == ("7 8", "assigned", {"load": "7", "batch": "8"})


# -- witness -----------------------------------------------------------------------------------------------


def test_the_second_reading_is_blind_and_in_the_second_persons_own_name(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.witness("second", "heat"), kit.a.confirm("end"))
    assert walk.state.concealed == {"heat"}
    walk.give("heat", "134")
    assert walk.state.concealed == {"heat"}
    first = walk.entries[-1]
    new = walk.do(c.Witness("second", kit.staff.ben.person, "134,0"))
    assert walk.state.concealed == frozenset()
    assert [(entry.kind, entry.actor) for entry in new] == [("witnessed", "u_ben"), ("step.done", "u_anna")]
    assert walk.last("witnessed") == {
        "of": {"station": "a", "index": first.index, "leaf": first.leaf},
        "value": "134",
        "agrees": True,
        "blind": True,
        "factors": ["secret"],
    }
    assert walk.last("step.done")["witness"] == "u_ben"
    assert not walk.step("second").deviates


def test_the_second_person_is_not_the_first_nor_an_auditor_nor_without_the_steps_role(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"), kit.a.witness("second", "strip", roles=["release"]))
    walk.give("strip", "turned")
    assert walk.refused(c.Witness("second", kit.staff.anna.person, "turned")) == "same-person"
    assert walk.refused(c.Witness("second", kit.staff.otto.person, "turned")) == "role"
    assert walk.refused(c.Witness("second", kit.staff.ben.person, "turned")) == "role"
    walk.do(c.Witness("second", kit.staff.rita.person, "turned"))


def test_whoever_read_first_stays_the_first_after_the_run_was_handed_over(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"), kit.a.witness("second", "strip"))
    walk.give("strip", "turned")
    walk.do(c.Resume(), kit.staff.ben)
    assert walk.refused(c.Witness("second", kit.staff.anna.person, "turned"), kit.staff.ben) == "same-person"
    walk.do(c.Witness("second", kit.staff.lea.person, "turned"), kit.staff.ben)


def test_neither_who_started_a_timer_nor_who_ended_it_witnesses_it(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"), kit.a.witness("second", "wet"), by=kit.staff.ben)
    walk.do(c.StartTimer("wet"))
    walk.do(c.Resume(), kit.staff.anna)
    walk.clock.advance(200)
    walk.do(c.EndTimer("wet"), kit.staff.anna)
    assert walk.refused(c.Witness("second", kit.staff.ben.person, "agree"), kit.staff.anna) == "same-person"
    assert walk.refused(c.Witness("second", kit.staff.anna.person, "agree"), kit.staff.anna) == "same-person"
    walk.do(c.Witness("second", kit.staff.lea.person, "agree"), kit.staff.anna)


def test_whoever_started_a_timer_cannot_be_the_second_person_for_it(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"), kit.a.witness("second", "wet"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(180)
    assert walk.tick() == ["step.done"]
    assert walk.entries[-1].actor is None
    assert walk.step("wet").by == "u_anna"
    walk.do(c.Resume(), kit.staff.ben)
    assert walk.refused(c.Witness("second", kit.staff.anna.person), kit.staff.ben) == "same-person"


def test_in_a_run_that_was_begun_unnamed_the_walker_cannot_be_the_second_person(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"), kit.a.witness("second", "strip"), by=kit.staff.nobody, category="emergency")
    walk.give("strip", "turned")
    walk.do(c.Resume(), kit.staff.ben)
    assert walk.refused(c.Witness("second", kit.staff.ben.person, "turned"), kit.staff.ben) == "same-person"


@pytest.mark.parametrize(
    ("table", "first", "second", "seen"),
    [
        ("measure", "134.0", "134.5", "134.5"),
        ("choice", "turned", "1 ", "turned"),
        ("choice", "turned", "half turned", "half turned"),
        ("scan", "lot=A1 expiry=2030-01", "lot=A2 expiry=2030-01", {"lot": "A2", "expiry": "2030-01-31"}),
        ("scan", "lot=A1 expiry=2030-01", "expiry=2030-01-31 lot=A1", {"lot": "A1", "expiry": "2030-01-31"}),
    ],
)
def test_a_disagreement_is_kept_as_an_attempt_of_the_second_reading(
    kit: Kit, table: str, first: str, second: str, seen: object
) -> None:
    walk = kit.walk(one_of_each(kit)[table], kit.a.witness("second", table))
    walk.give(table, first)
    walk.do(c.Witness("second", kit.staff.ben.person, second))
    own = walk.step("second")
    agrees = walk.last("witnessed")["agrees"]
    assert own.attempts[-1].value == seen
    assert own.attempts[-1].verdict == ("pass" if agrees else "fail")
    assert walk.step(table).value is not None
    if agrees:
        assert walk.state.outcome is Outcome.COMPLETE
        return
    assert walk.state.concealed == {table}, "the first reading still helps nobody to the second"
    walk.do(c.Correct(table, kit.mistake))
    walk.give(table, first)
    walk.do(c.Witness("second", kit.staff.lea.person, first))
    assert walk.last("step.done")["attempts"] == 2
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 2}


def test_a_second_person_who_misread_reads_again_once_the_first_has_looked_again(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.witness("second", "heat"))
    walk.give("heat", "134.0")
    walk.do(c.Witness("second", kit.staff.ben.person, "143.0"))
    assert walk.state.differs(walk.protocol.step("second"))
    refusal = walk.decide(c.Witness("second", kit.staff.ben.person, "134.0"))
    assert refusal == Refusal(
        "readings-differ",
        "The two readings differ, so both look again: “heat” is read anew first (correct it; the same value may be "
        "given again where it was right), then the second person reads.",
    )
    walk.do(c.Correct("heat", kit.mistake))
    walk.give("heat", "134.0")
    assert not walk.state.differs(walk.protocol.step("second"))
    assert walk.state.concealed == {"heat"}
    walk.do(c.Witness("second", kit.staff.ben.person, "134.0"))
    own = walk.step("second")
    assert [(each.value, each.verdict) for each in own.attempts] == [("143.0", "fail"), ("134.0", "pass")]
    assert [each.value for each in walk.step("heat").attempts] == ["134.0", "134.0"]
    assert own.deviates
    assert walk.state.outcome is Outcome.COMPLETE


def test_whoever_has_not_read_reads_meanwhile_and_nobody_twice(kit: Kit) -> None:
    """Of two values, whoever read the wrong one would only have to say the other, however many read between."""
    walk = kit.walk(kit.a.choice("strip"), kit.a.witness("second", "strip"))
    walk.give("strip", "turned")
    for reader in (kit.staff.ben, kit.staff.lea):
        walk.do(c.Witness("second", reader.person, "not turned"))
        assert walk.last("witnessed")["blind"] is True
    for reader in (kit.staff.ben, kit.staff.lea):
        assert walk.refused(c.Witness("second", reader.person, "turned")) == "readings-differ"
    walk.do(c.Witness("second", kit.staff.rita.person, "turned"))
    assert walk.last("witnessed")["blind"] is True
    assert [each.witness for each in walk.step("second").attempts] == ["u_ben", "u_lea", "u_rita"]
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}


def test_a_disagreement_stops_where_the_protocol_says_so(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"), kit.a.witness("second", "strip", on_fail={"stop": True}))
    walk.give("strip", "turned")
    new = walk.do(c.Witness("second", kit.staff.ben.person, "not turned"))
    assert [entry.kind for entry in new] == ["witnessed", "step.attempted", "step.failed", "run.completed"]
    assert walk.last("step.failed")["attempts"] == 1


def test_the_second_person_types_what_they_read(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.scan("gel"), kit.a.witness("w1", "heat"), kit.a.witness("w2", "gel"))
    walk.give("heat", "134")
    walk.give("gel", "lot=A1 expiry=2030-01")
    ben = kit.staff.ben.person
    assert walk.refused(c.Witness("w1", ben)) == "empty"
    assert walk.refused(c.Witness("w1", ben, "")) == "empty"
    assert walk.refused(c.Witness("w1", ben, "agree")) == "not-a-number"
    assert walk.refused(c.Witness("w1", ben, {"lot": "1"})) == "wrong-kind"
    walk.do(c.Witness("w1", ben, "134"))
    assert walk.refused(c.Witness("w2", ben, "agree")) == "unclear"


def test_where_there_is_nothing_to_read_the_second_person_agrees_and_nothing_else_counts(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("act"), kit.a.witness("second", "act"))
    walk.do(c.Confirm("act"))
    for said in ("no", "", "not done", {"lot": "1"}):
        assert walk.refused(c.Witness("second", kit.staff.ben.person, said)) == "nothing-to-read"
    walk.do(c.Witness("second", kit.staff.ben.person))
    assert "value" not in walk.last("witnessed")


def test_a_witness_of_a_step_that_is_ruled_out_is_ruled_out_too(kit: Kit) -> None:
    a = kit.a
    walk = kit.walk(
        a.choice("implant"),
        a.choice("culture", when={"step": "implant", "is": "turned"}),
        a.witness("second", "culture"),
    )
    walk.give("implant", "half turned")
    assert walk.state.outcome is Outcome.COMPLETE
    assert walk.status("second") is Status.NOT_APPLICABLE
    assert walk.state.deviations == 0


# -- sign --------------------------------------------------------------------------------------------------


def test_a_signature_names_the_head_of_the_run_and_its_meaning(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"), kit.a.sign("release", roles=["release"]))
    walk.give("strip", "turned")
    head = walk.entries[-1]
    new = walk.do(c.Sign("release", kit.staff.rita.person, "released", "name-commitment"))
    assert [(entry.kind, entry.actor) for entry in new] == [
        ("signed", "u_rita"),
        ("step.done", "u_rita"),
        ("run.completed", "u_rita"),
    ]
    assert walk.last("signed") == {
        "of": {"station": "a", "index": head.index, "leaf": head.leaf},
        "meaning": "released",
        "factors": ["secret"],
        "name": "name-commitment",
    }
    assert walk.step("release").value == "released"
    assert walk.step("release").by == "u_rita"


def test_a_signature_needs_its_meaning_its_role_and_somebody_who_may(kit: Kit) -> None:
    walk = kit.walk(kit.a.sign("release", roles=["release"]))
    assert walk.refused(c.Sign("release", kit.staff.rita.person, "performed", "n")) == "meaning"
    assert walk.refused(c.Sign("release", kit.staff.rita.person, "", "n")) == "meaning"
    assert walk.refused(c.Sign("release", kit.staff.anna.person, "released", "n")) == "role"
    assert walk.refused(c.Sign("release", kit.staff.rita.person, "released", "n"), kit.staff.rita) == "handed-over"
    walk.do(c.Sign("release", kit.staff.rita.person, "quarantined", "n"))


def test_auditors_sign_no_step(kit: Kit) -> None:
    walk = kit.walk(kit.a.sign("release"))
    assert walk.refused(c.Sign("release", kit.staff.otto.person, "released", "n")) == "role"


def test_who_signs_as_another_has_done_no_step_of_the_run(kit: Kit) -> None:
    a, staff = kit.a, kit.staff
    walk = kit.walk(
        a.choice("strip"), a.witness("second", "strip"), a.confirm("store"), a.sign("release", another=True)
    )
    walk.give("strip", "turned")
    walk.do(c.Witness("second", staff.ben.person, "turned"))
    walk.do(c.Resume(), staff.lea)
    walk.do(c.Confirm("store"), staff.lea)
    for doer in (staff.anna, staff.lea):
        assert walk.refused(c.Sign("release", doer.person, "released", "n"), staff.lea) == "same-person"
    # Reading again is not doing: a second reader may release.
    signed = walk.do(c.Sign("release", staff.ben.person, "released", "n"), staff.lea)
    assert [entry.actor for entry in signed] == ["u_ben"] * 3
    # What was corrected since is signed for again by the same person.
    walk.do(c.Correct("store", kit.mistake), staff.lea)
    walk.do(c.Confirm("store"), staff.lea)
    walk.do(c.Sign("release", staff.ben.person, "released", "n"), staff.lea)
    assert walk.state.outcome is Outcome.COMPLETE


def test_a_failed_try_or_a_timer_that_was_started_is_doing_too(kit: Kit) -> None:
    a, staff = kit.a, kit.staff
    walk = kit.walk(a.choice("strip"), a.timer("soak"), a.sign("release", another=True))
    walk.give("strip", "not turned")
    walk.remark("strip")
    walk.do(c.Resume(), staff.ben)
    walk.do(c.Give("strip", "turned"), staff.ben)
    walk.do(c.StartTimer("soak"), staff.ben)
    walk.do(c.Resume(), staff.lea)
    walk.clock.advance(200)
    walk.do(c.Tick())
    for doer in (staff.anna, staff.ben):
        assert walk.refused(c.Sign("release", doer.person, "released", "n"), staff.lea) == "same-person"
    walk.do(c.Sign("release", staff.lea.person, "released", "n"), staff.lea)


def test_who_stands_for_unsigned_steps_has_done_them_before_or_after_signing(kit: Kit) -> None:
    a, staff = kit.a, kit.staff
    steps = (a.confirm("press"), a.sign("release", another=True), a.confirm("tidy"))
    walk = kit.walk(*steps, by=staff.nobody, category="emergency")
    walk.do(c.Confirm("press"), staff.nobody)
    first = kit.walk(*steps, by=staff.nobody, category="emergency")
    first.do(c.Confirm("press"), staff.nobody)
    first.do(staff.lea.attributes, staff.lea)
    assert first.refused(c.Sign("release", staff.lea.person, "released", "n"), staff.lea) == "same-person"
    walk.do(c.Sign("release", staff.lea.person, "released", "n"), staff.nobody)
    assert walk.refused(staff.lea.attributes, staff.lea) == "same-person"
    walk.do(staff.ben.attributes, staff.ben)
