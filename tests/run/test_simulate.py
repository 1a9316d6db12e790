"""Every path of a protocol, before anybody walks it: what is reached, where it ends, how long it takes, what it lets
through. What the simulator finds in few runs is compared with walking every product of all answers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checklist.protocol.errors import MissingProfileValueError
from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.model import Protocol, resolve
from checklist.run.explore import Explored, Tree, Way
from checklist.run.marks import Outcome, Status
from checklist.run.rehearsal import Rehearsal
from checklist.run.simulate import READINGS, DeadEnd, Path, Simulation, Why, simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.run.rehearsal import Act
    from tests.run.conftest import Kit, StepTable


def yes_no(name: str, **more: object) -> StepTable:
    options = [{"value": value, "verdict": "pass"} for value in ("yes", "no")]
    return {"id": name, "kind": "choice", "do": f"Say {name}.", "options": options, **more}


def when(step: str, value: str) -> dict[str, object]:
    return {"when": {"step": step, "is": value}}


def names(path: Path | None) -> list[str]:
    assert path is not None
    return [each.step for each in path.steps]


# -- what is reached -----------------------------------------------------------------------------------------------


def test_a_sound_protocol_is_walked_to_every_step_and_every_end(kit: Kit) -> None:
    a = kit.a
    protocol = kit.protocol(
        a.confirm("wash", at_least="20s"),
        a.measure("hot"),
        a.choice("indicator", hold=True),
        a.witness("second", "indicator"),
        a.timer("soak", at_least="3m", at_most="10m"),
        a.scan("label"),
        a.text("note"),
        a.attach("printout"),
        a.assign("number"),
        a.sign("release"),
        valid_for="1d",
    )
    seen = simulate(protocol)
    assert seen.sound
    assert seen.outcomes == (
        Outcome.COMPLETE,
        Outcome.COMPLETE_EXCEPT_DEFERRED,
        Outcome.FAILED,
        Outcome.ABANDONED,
        Outcome.EXPIRED,
    )
    assert names(seen.as_written) == [step.id for step in protocol.steps]
    assert seen.as_written is not None
    assert seen.as_written.seconds == 200
    assert seen.as_written.deviations == 0
    assert simulate(protocol) == seen


def test_a_branch_that_no_reading_opens_is_told(kit: Kit) -> None:
    seen = simulate(
        kit.protocol(kit.a.measure("hot"), kit.a.confirm("never", **when("hot", "200")), kit.a.confirm("end"))
    )
    assert seen.only_by_deviation == ("never",)
    assert seen.unreachable == ()
    assert not seen.sound
    assert names(seen.as_written) == ["hot", "end"]


def test_a_second_reading_of_what_its_own_condition_rules_out_is_told(kit: Kit) -> None:
    seen = simulate(
        kit.protocol(
            yes_no("implant"),
            kit.a.choice("indicator", **when("implant", "yes")),
            kit.a.witness("second", "indicator", **when("implant", "no")),
        )
    )
    assert seen.only_by_deviation == ("second",)


def test_a_branch_deep_in_other_branches_is_reached(kit: Kit) -> None:
    chain = [yes_no("q0")] + [yes_no(f"q{number}", **when(f"q{number - 1}", "no")) for number in range(1, 6)]
    seen = simulate(kit.protocol(*chain, kit.a.confirm("end", **when("q5", "no"))))
    assert seen.sound
    assert names(seen.as_written) == ["q0"]


def test_a_second_reading_on_two_chains_is_reached(kit: Kit) -> None:
    seen = simulate(
        kit.protocol(
            yes_no("implant"),
            yes_no("doubt"),
            kit.a.choice("indicator", **when("implant", "no")),
            kit.a.witness("second", "indicator", **when("doubt", "no")),
        )
    )
    assert seen.sound


# -- where it does not go on ----------------------------------------------------------------------------------------


def test_a_limit_that_no_reading_can_keep_is_a_dead_end(kit: Kit) -> None:
    between = {"min": Decimal("134.2"), "max": Decimal("134.3")}
    hot = kit.a.measure("hot", expected=between, limit=between, decimals=0, hold=True)
    protocol = kit.protocol(hot, kit.a.confirm("end"))
    seen = simulate(protocol)
    assert seen.dead_ends == (DeadEnd("hot", Why.NO_ANSWER, (Way.OVERRIDE, Way.FAIL)),)
    assert seen.as_written is None
    assert seen.fewest_readings is None
    assert Outcome.FAILED in seen.outcomes


def test_ranges_that_physics_does_not_allow_together_leave_only_a_deviation(kit: Kit) -> None:
    check = {"kind": "saturated-steam", "temperature": "hot", "pressure": "bar", "tolerance": 2}
    apart = kit.protocol(kit.a.measure("hot"), kit.a.pressure("bar", limit={"min": 100, "max": 110}), checks=(check,))
    assert simulate(apart).dead_ends[0].why is Why.ONLY_AGAIN
    for limit in ({"min": 100}, {"max": 310}, {"min": 300, "max": 320}, {"min": 150, "max": 4000}):
        together = kit.protocol(kit.a.measure("hot"), kit.a.pressure("bar", limit=limit, decimals=0), checks=(check,))
        assert simulate(together).sound, limit


def test_a_run_that_expires_before_it_can_end_is_told(kit: Kit) -> None:
    seen = simulate(kit.protocol(kit.a.timer("cool", at_least="30m"), kit.a.confirm("end"), valid_for="10m"))
    assert [(end.step, end.why) for end in seen.dead_ends] == [("cool", Why.EXPIRES)]
    assert seen.as_written is None
    assert seen.unreachable == ()


def test_values_of_a_profile_must_be_known_first(kit: Kit) -> None:
    with pytest.raises(MissingProfileValueError, match="storage"):
        simulate(kit.protocol(kit.a.confirm("wash", at_least={"profile": "storage"})))


# -- the shortest runs ----------------------------------------------------------------------------------------------


def test_the_quickest_run_takes_the_quicker_branch(kit: Kit) -> None:
    a = kit.a
    seen = simulate(
        kit.protocol(
            yes_no("soiled"),
            a.timer("soak", at_least="10m", **when("soiled", "yes")),
            a.confirm("rinse", **when("soiled", "no")),
            a.confirm("dry", at_least="5s", **when("soiled", "no")),
        )
    )
    assert names(seen.as_written) == ["soiled", "rinse", "dry"]
    assert seen.as_written is not None
    assert seen.as_written.seconds == 5


def test_a_list_without_a_hold_is_complete_though_nothing_was_read(kit: Kit) -> None:
    seen = simulate(kit.protocol(kit.a.confirm("wash"), kit.a.measure("hot"), kit.a.choice("indicator")))
    assert seen.loophole is not None
    assert seen.loophole.left_out == ("hot", "indicator")
    assert seen.loophole.deviations == 3
    assert {each.state for each in seen.loophole.steps} == {Status.SKIPPED}
    assert seen.sound


def test_a_hold_shuts_the_loophole_and_an_answer_may_save_more_readings_than_it_costs(kit: Kit) -> None:
    seen = simulate(
        kit.protocol(
            yes_no("implant"),
            kit.a.measure("hot", hold=True, **when("implant", "yes")),
            kit.a.choice("indicator", hold=True, **when("implant", "yes")),
            kit.a.text("note"),
        )
    )
    assert seen.loophole is None
    assert seen.fewest_readings is not None
    assert seen.fewest_readings.readings == ("implant",)
    assert seen.fewest_readings.left_out == ("note",)


def test_where_nothing_is_read_there_is_no_loophole(kit: Kit) -> None:
    assert simulate(kit.protocol(kit.a.confirm("wash"), kit.a.sign("release"))).loophole is None


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_protocol_is_sound_in_every_jurisdiction(name: str) -> None:
    protocol = shipped()[name].protocol
    walked: list[Protocol] = []
    for found in shipped_profiles().values():
        resolved = resolve(protocol, found.profile.values)
        if resolved not in walked:  # many ask for the same
            walked.append(resolved)
            seen = simulate(resolved)
            assert seen.sound, (found.profile.id, seen.dead_ends or seen.only_by_deviation or seen.unreachable)


def test_three_hundred_steps_with_branches_that_close_late_are_few_runs(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [yes_no(f"q{number}") for number in range(10)]
    between = [kit.a.confirm(f"step{number}") for number in range(280)]
    late = [kit.a.confirm(f"late{number}", **when(f"q{number}", "no")) for number in range(10)]
    protocol = kit.protocol(*asked, *between, *late)
    tried: list[int] = []
    after = Rehearsal.after

    def counted(run: Rehearsal, acts: Sequence[Act]) -> Rehearsal | None:
        tried.append(len(acts))
        return after(run, acts)

    monkeypatch.setattr(Rehearsal, "after", counted)
    assert simulate(protocol).sound
    # 1,024 runs would stand at each step, were every answer combined with every other. There are 11 and those that
    # have deviated.
    assert len(tried) < 300 * 25


# -- compared with every product of all answers ---------------------------------------------------------------------


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    """A short protocol of every kind that can branch, stop or take time."""
    steps: list[StepTable] = []
    for place in range(draw(st.integers(2, 4))):
        more: dict[str, object] = {"hold": True} if draw(st.booleans()) else {}
        asked = [step for step in steps if step["kind"] == "choice"]
        branches = draw(st.integers(0, 2)) > 0
        if asked and branches:
            more |= when(str(draw(st.sampled_from(asked))["id"]), draw(st.sampled_from(["yes", "no"])))
        kind = draw(st.sampled_from(["choice", "choice", "confirm", "measure", "timer", "witness"]))
        steps.append(_table(draw, kind, f"s{place}", asked, more))
    header = {"id": "any", "title": "Any", "version": "1.0.0", "purpose": "Try.", "category": "clinic"}
    return Protocol.model_validate({**header, "style": "read-do", "subject": "clinic", "steps": steps})


def _table(draw: st.DrawFn, kind: str, name: str, asked: list[StepTable], more: dict[str, object]) -> StepTable:
    if kind == "witness" and asked:
        return {"id": name, "kind": kind, "do": "Read again.", "of": draw(st.sampled_from(asked))["id"], **more}
    seconds = draw(st.integers(1, 9))
    base: StepTable = {"id": name, "do": "Do it.", "at_least": f"{seconds}s", **more}
    match kind:
        case "choice":
            bad = {"value": "bad", "verdict": "fail"}
            stop = {"on_fail": {"stop": draw(st.booleans())}}
            return yes_no(name, **more, **stop) | {"options": [*_passing(draw), bad]}
        case "measure":
            return {**base, "kind": "measure", "unit": "Cel", "limit": {"min": 1, "max": 5}}
        case "timer":
            return {**base, "kind": "timer"}
        case _:
            return {**base, "kind": "confirm", "expect": "done"}


def _passing(draw: st.DrawFn) -> list[dict[str, str]]:
    return [{"value": value, "verdict": "pass"} for value in draw(st.permutations(["yes", "no"]))]


class Everything:
    """Every run there is, none taken for another."""

    def __init__(self, protocol: Protocol) -> None:
        self.found = Explored(Tree(protocol))
        self.reached: set[str] = set()
        self.by_any: set[str] = set()
        self.outcomes: set[Outcome] = set()
        self.seconds: list[int] = []
        self.readings: list[int] = []
        self._from(Rehearsal.begin(protocol))

    def _from(self, run: Rehearsal) -> None:
        step = run.state.current
        if step is None:
            return self._ended(run)
        self.by_any.add(step.id)
        if not run.state.deviations:
            self.reached.add(step.id)
        for _, after in self.found.try_all(run, step):
            self._from(after)
        return None

    def _ended(self, run: Rehearsal) -> None:
        state = run.state
        self.outcomes.add(state.outcome)
        closed = [(step, state.steps[step.id]) for step in state.protocol.steps if state.steps[step.id].closed]
        if state.outcome is not Outcome.COMPLETE:
            return
        if not state.deviations:
            self.seconds.append(run.ms // 1000)
        left = (Status.SKIPPED, Status.NOT_APPLICABLE)
        if all(own.status in left or not own.deviates for _, own in closed):
            self.readings.append(sum(step.kind in READINGS and own.status is Status.DONE for step, own in closed))


@settings(max_examples=40, deadline=None)
@given(protocols())
def test_few_runs_tell_what_all_of_them_would(protocol: Protocol) -> None:
    seen, every = simulate(protocol), Everything(protocol)
    ids = [step.id for step in protocol.steps]
    assert list(seen.unreachable) == [each for each in ids if each not in every.by_any]
    assert list(seen.only_by_deviation) == [each for each in ids if each in every.by_any - every.reached]
    assert set(seen.outcomes) - {Outcome.ABANDONED} == every.outcomes
    assert (seen.as_written.seconds if seen.as_written else None) == min(every.seconds, default=None)
    fewest = seen.fewest_readings
    assert (len(fewest.readings) if fewest else None) == min(every.readings, default=None)


def test_a_timer_takes_as_long_as_the_least_that_a_label_can_say(kit: Kit) -> None:
    label = kit.a.measure("label", unit="s", limit=None, expected={"min": 45, "max": 600}, decimals=0)
    timer = kit.a.timer("wet", at_least="30s", at_most="15m", at_least_as="label")
    seen = simulate(kit.protocol(label, timer, kit.a.confirm("end")))
    assert seen.sound
    assert seen.as_written is not None
    assert seen.as_written.seconds == 45


def test_labels_that_must_agree_are_walked_alike_and_otherwise(kit: Kit) -> None:
    check: StepTable = {"kind": "same-identifier", "of": "lot", "steps": ["test", "control"]}
    scans = [kit.a.scan(name, captures=["lot"]) for name in ("test", "control")]
    seen = simulate(kit.protocol(*scans, kit.a.confirm("end"), checks=(check,)))
    assert seen.sound
    again = [kind.step for kind in seen.paths.kinds if kind.way is Way.AGAIN]
    assert again == ["control"], "another lot is asked again; without the other label none is another"


def test_counts_that_must_agree_are_walked_where_they_can(kit: Kit) -> None:
    def counting(**after: object) -> Simulation:
        check: StepTable = {"kind": "same-count", "steps": ["before", "after"]}
        count: StepTable = {"unit": "{count}", "decimals": 0, "expected": None}
        steps = (kit.a.measure("before", limit={"min": 0}, **count), kit.a.measure("after", limit=after, **count))
        return simulate(kit.protocol(*steps, checks=(check,)))

    assert counting(min=0).sound
    assert counting(min=4, max=6).sound
    assert counting(max=-1).dead_ends[0].why is Why.ONLY_AGAIN
