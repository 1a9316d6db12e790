"""A steriliser's printout beside what somebody typed: whichever comes first, they are compared, and what the machine
says is never a pass that the limit does not allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.run import commands as c
from checklist.run.marks import Outcome, Status
from checklist.run.printout import Finding, Printout, Read, findings_of, printout_of
from checklist.run.reading import Refusal
from checklist.run.sensed import attached, concealed

if TYPE_CHECKING:
    from tests.run.conftest import Kit, StepTable, Walk

SHA256 = "cd" * 32
GOOD = Printout(
    "made-up", "Made Up 1", "4711-B", 7, "134", "2026-11-22T10:00:00", "complete", "",
    {"temperature": "135.3", "pressure": "317.0", "hold": "191"}, "ef" * 32,
)  # fmt: skip
BROKEN_OFF = replace(GOOD, result="aborted", error="97", sensed={})


def load(kit: Kit, *, file_first: bool = True, stop: bool = False, more: tuple[StepTable, ...] = ()) -> Walk:
    """A load whose printout is attached before or after what is read from it."""
    seconds: StepTable = {"expected": None, "unit": "s", "decimals": 0, "limit": {"min": 180}}
    readings = (
        kit.a.measure("temperature", sensed="temperature"),
        kit.a.pressure("pressure", sensed="pressure", decimals=0),
        kit.a.measure("hold-time", sensed="hold", **seconds),
    )
    file = kit.a.attach("printout", printout=True, hold=True, on_fail={"stop": stop})
    steps = (file, *readings) if file_first else (*readings, file)
    return kit.walk(*steps, *more, kit.a.sign("release"), subject="equipment", by=kit.staff.lea)


def give(walk: Walk, printout: Printout | None = GOOD, *findings: Finding) -> None:
    walk.do(c.Give("printout", SHA256, read=Read(printout, findings)))


def rules(walk: Walk, step: str) -> list[str]:
    return [each.rule for attempt in walk.step(step).attempts for each in attempt.findings]


def read_all(walk: Walk, temperature: str = "135.3") -> None:
    walk.give("temperature", temperature)
    walk.give("pressure", "317")
    walk.give("hold-time", "191")


@pytest.mark.parametrize("file_first", [True, False])
def test_what_agrees_is_recorded_side_by_side_and_is_no_deviation(kit: Kit, file_first: bool) -> None:
    walk = load(kit, file_first=file_first)
    if file_first:
        give(walk)
    read_all(walk)
    if not file_first:
        give(walk)
    walk.do(c.Sign("release", kit.staff.lea.person, "released", "name"))
    assert walk.state.outcome is Outcome.COMPLETE
    assert walk.state.deviations == 0
    assert walk.step("printout").attempts[-1].printout == GOOD
    told = next(entry.data for entry in walk.entries if entry.kind == "step.done" and entry.step == "printout")
    assert told["readout"] == {
        "reader": "made-up", "machine": "Made Up 1", "serial": "4711-B", "cycle": 7, "programme": "134",
        "started": "2026-11-22T10:00:00", "result": "complete", "series": "ef" * 32,
        "sensed": {"temperature": "135.3", "pressure": "317.0", "hold": "191"},
    }  # fmt: skip
    assert "findings" not in told
    beside = [walk.step(name).attempts[-1].sensed for name in ("temperature", "pressure", "hold-time")]
    assert beside == (["135.3", "317.0", "191"] if file_first else [None, None, None])


def test_a_reading_that_the_printout_does_not_bear_out_wants_a_comment_and_stays_a_deviation(kit: Kit) -> None:
    walk = load(kit)
    give(walk)
    walk.give("temperature", "135.4")
    (attempt,) = walk.step("temperature").attempts
    assert (attempt.verdict, attempt.value, attempt.sensed) == ("unexpected", "135.4", "135.3")
    (finding,) = attempt.findings
    assert finding == Finding(
        "sensed-differs", "135.4 °C was typed, the printout says 135.3 °C (the lowest temperature of the hold)."
    )
    assert walk.refused(c.Give("temperature", "135.4")) == "owed"
    walk.remark("temperature")
    walk.give("temperature", "135.4")
    assert walk.status("temperature") is Status.DONE
    assert walk.step("temperature").deviates


def test_a_printout_that_does_not_bear_out_what_was_typed_is_the_deviation(kit: Kit) -> None:
    walk = load(kit, file_first=False)
    read_all(walk, "135.5")
    give(walk)
    assert rules(walk, "printout") == ["sensed-differs"]
    assert walk.at == "printout"
    walk.remark("printout")
    give(walk)
    assert walk.status("printout") is Status.DONE
    assert walk.step("printout").deviates


@pytest.mark.parametrize(
    ("typed", "sensed", "agrees"),
    [
        ("135.3", "135.3", True), ("135.3", "135.34", True), ("135.3", "135.39", True), ("135.3", "135.4", False),
        ("135.3", "135.2", False), ("135", "135.3", False), ("135.0", "135.04", True),
    ],
)  # fmt: skip
def test_less_than_one_in_the_last_decimal_is_rounding(kit: Kit, typed: str, sensed: str, agrees: bool) -> None:
    walk = load(kit)
    give(walk, replace(GOOD, sensed={"temperature": sensed}))
    walk.give("temperature", typed)
    assert walk.status("temperature") is (Status.DONE if agrees else Status.CURRENT)


@pytest.mark.parametrize("file_first", [True, False])
def test_what_the_machine_sensed_out_of_its_limit_never_passes(kit: Kit, file_first: bool) -> None:
    walk = load(kit, file_first=file_first)
    cold = replace(GOOD, sensed={**GOOD.sensed, "temperature": "129.9"})
    if file_first:
        give(walk, cold)
        for _ in range(2):
            walk.give("temperature", "134.5")
            assert walk.step("temperature").owed == "remedy"
            walk.remark("temperature")
    else:
        read_all(walk, "134.5")
        give(walk, cold)
        assert walk.step("printout").owed == "remedy"
        walk.remark("printout")
        give(walk, replace(GOOD, sensed={"temperature": "134.5"}))
        assert "never be released" in refusal(walk, kit)
    assert "sensed-out-of-limit" in rules(walk, "temperature" if file_first else "printout")


def refusal(walk: Walk, kit: Kit) -> str:
    """Why this load is not released; it can be quarantined."""
    release = c.Sign("release", kit.staff.lea.person, "released", "name")
    assert walk.refused(release) == "aborted"
    found = walk.decide(release)
    assert not isinstance(walk.decide(replace(release, meaning="quarantined")), type(found))
    return getattr(found, "message", "")


def test_an_aborted_cycle_is_never_released_whatever_is_attached_since(kit: Kit) -> None:
    walk = load(kit)
    give(walk, BROKEN_OFF)
    assert walk.step("printout").owed == "remedy"
    walk.remark("printout")
    give(walk)
    read_all(walk)
    assert refusal(walk, kit).startswith("The printout says that cycle 7 was aborted, error 97.")
    walk.do(c.Sign("release", kit.staff.lea.person, "quarantined", "name"))
    assert walk.state.outcome is Outcome.COMPLETE


def test_an_aborted_cycle_is_never_released_behind_an_override(kit: Kit) -> None:
    walk = load(kit)
    give(walk, BROKEN_OFF)
    walk.remark("printout")
    walk.do(c.Override("printout", kit.because, kit.staff.ben.person))
    read_all(walk)
    refusal(walk, kit)


def test_an_aborted_cycle_is_never_released_after_a_correction(kit: Kit) -> None:
    walk = load(kit, stop=True)
    give(walk, BROKEN_OFF)
    assert walk.state.outcome is Outcome.FAILED
    walk.do(c.Correct("printout", kit.mistake, kit.staff.ben.person))
    give(walk)
    read_all(walk)
    refusal(walk, kit)


@given(data=st.data(), stop=st.booleans(), file_first=st.booleans())
def test_nothing_that_anybody_does_releases_an_aborted_cycle(
    kit: Kit, data: st.DataObject, stop: bool, file_first: bool
) -> None:
    walk, lea, ben = load(kit, stop=stop, file_first=file_first), kit.staff.lea, kit.staff.ben
    files = [c.Give("printout", SHA256, read=Read(one)) for one in (GOOD, BROKEN_OFF, None)]
    readings = [c.Give("temperature", "135.3"), c.Give("pressure", "317"), c.Give("hold-time", "191")]
    signed = [c.Sign("release", lea.person, meaning, "name") for meaning in ("released", "quarantined")]
    corrected = [c.Correct(name, kit.mistake, ben.person) for name in ("printout", "temperature", "release")]
    passed = [c.Override(step.id, kit.because, ben.person) for step in walk.protocol.steps]
    acts: list[c.Command] = [
        *files, *readings, *signed, *corrected, *passed, c.Skip("temperature", kit.because), c.Remark("printout", "w"),
        c.Remark("temperature", "w"), c.Pause(), c.Resume(),
    ]  # fmt: skip
    aborted = False
    for _ in range(25):
        fitting = [act for act in acts if c.step_of(act) in (walk.at, None) or isinstance(act, c.Correct)]
        act = data.draw(st.sampled_from(fitting))
        drafts = walk.decide(act)
        if isinstance(drafts, Refusal):
            continue
        assert not (aborted and any(draft.data.get("meaning") == "released" for draft in drafts))
        walk.record(drafts)
        aborted = aborted or act == files[1]


def test_a_load_that_was_released_is_asked_again_when_its_printout_is_corrected(kit: Kit) -> None:
    walk = load(kit)
    give(walk)
    read_all(walk)
    walk.do(c.Sign("release", kit.staff.lea.person, "released", "name"))
    walk.do(c.Correct("printout", kit.mistake))
    assert attached(walk.state) is None
    give(walk, BROKEN_OFF)
    walk.remark("printout")
    give(walk)
    refusal(walk, kit)


@pytest.mark.parametrize("rule", ["cycle-repeated", "cycle-missing", "series-repeated", "printout-unread"])
def test_what_other_cycles_say_against_it_wants_a_comment(kit: Kit, rule: str) -> None:
    walk = load(kit)
    give(walk, GOOD, Finding(rule, "Look at it."))
    assert walk.step("printout").owed == "comment"


def test_a_cycle_that_another_run_knows_as_aborted_has_failed(kit: Kit) -> None:
    walk = load(kit)
    give(walk, GOOD, Finding("cycle-aborted-before", "Cycle 7 of this machine was aborted."))
    walk.remark("printout")
    give(walk)
    read_all(walk)
    assert refusal(walk, kit).startswith("Cycle 7 of this machine was aborted. This load can never")


def test_a_file_that_nothing_reads_is_kept_and_the_values_are_typed(kit: Kit) -> None:
    walk = load(kit)
    give(walk, None, Finding("printout-without-reader", "Type the values."))
    assert walk.step("printout").value == SHA256
    assert not walk.step("printout").deviates
    read_all(walk)
    walk.do(c.Sign("release", kit.staff.lea.person, "released", "name"))
    assert walk.state.deviations == 0


def test_what_the_printout_does_not_say_is_not_compared(kit: Kit) -> None:
    walk = load(kit)
    give(walk, replace(GOOD, sensed={"hold": "soon"}))
    read_all(walk, "136.6")
    assert walk.at == "release"


def test_the_printout_stays_hidden_while_a_second_person_has_yet_to_read(kit: Kit) -> None:
    second = kit.a.witness("second", "temperature")
    walk = load(kit, more=(second,))
    assert concealed(walk.state) == {"temperature", "printout"}
    give(walk)
    read_all(walk)
    walk.do(c.Witness("second", kit.staff.ben.person, "135.3"))
    assert concealed(walk.state) == frozenset()


def test_an_entry_that_says_something_else_tells_of_no_good_cycle() -> None:
    assert printout_of({"readout": "complete"}) is None
    odd = printout_of({"readout": {"result": "fine", "cycle": "7", "sensed": ["135.3"]}})
    assert odd is not None
    assert (odd.result, odd.cycle, odd.sensed) == ("aborted", 0, {})
    assert findings_of({"findings": ["loud", {"rule": 7}]}) == (Finding("", ""),)
    assert findings_of({"findings": {"rule": "x"}}) == ()
