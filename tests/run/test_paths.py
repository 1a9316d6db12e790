"""What each kind of path is good for: which requirement of a procedure it satisfies, by the rule of the gate."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from checklist.run.explore import Way
from checklist.run.marks import Outcome
from checklist.run.paths import Asked, PathKind
from checklist.run.simulate import simulate

if TYPE_CHECKING:
    from checklist.protocol.model import Protocol
    from checklist.run.paths import Paths
    from tests.run.conftest import Kit

DONE = Asked("set-up")


def screening(kit: Kit) -> Protocol:
    """A question with two answers that pass and one that fails, a reading, and a hold."""
    a = kit.a
    return kit.protocol(a.choice("sun"), a.measure("hot"), a.confirm("seal", hold=True))


def kind(paths: Paths, way: Way, step: str | None = None) -> PathKind:
    return next(each for each in paths.kinds if each.way is way and each.step == step)


def ways(paths: Paths, asked: Asked, step: str | None) -> set[Way]:
    return {each.way for each in paths.kinds if each.step == step and paths.satisfied_by(each, [asked])}


def test_each_kind_says_how_it_ends_and_what_can_be_answered(kit: Kit) -> None:
    paths = simulate(screening(kit)).paths
    assert paths.answers == {"sun": ("turned", "half turned")}
    assert kind(paths, Way.WRITTEN).outcome is Outcome.COMPLETE
    assert kind(paths, Way.DEFER, "hot").outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    assert kind(paths, Way.FAIL, "seal").outcome is Outcome.FAILED
    assert kind(paths, Way.SKIP, "sun").answers == {"sun": ()}
    assert kind(paths, Way.AGAIN, "sun").answers == {"sun": ("turned", "half turned")}
    assert {each.way for each in paths.kinds if each.step == "seal"} == {Way.OVERRIDE, Way.FAIL}


def test_a_run_satisfies_only_with_nothing_left_out(kit: Kit) -> None:
    paths = simulate(screening(kit)).paths
    assert ways(paths, DONE, None) == {Way.WRITTEN}
    assert ways(paths, DONE, "hot") == {Way.AGAIN}  # read again after a remedy: done, and a deviation
    assert ways(paths, DONE, "seal") == set()


def test_a_tolerated_step_may_be_left_out_or_put_off_but_not_fail(kit: Kit) -> None:
    paths = simulate(screening(kit)).paths
    tolerant = Asked("set-up", tolerates=frozenset({"hot"}))
    assert ways(paths, tolerant, "hot") == {Way.AGAIN, Way.SKIP, Way.NOT_APPLICABLE, Way.DEFER, Way.OVERRIDE}
    assert ways(paths, tolerant, "sun") == {Way.AGAIN}


def test_an_answer_that_is_asked_for_must_have_been_given(kit: Kit) -> None:
    paths = simulate(screening(kit)).paths
    wanted = Asked("sun", tolerates=frozenset({"sun"}), answer=("sun", ("half turned", "no")))
    assert ways(paths, wanted, None) == {Way.WRITTEN}
    assert ways(paths, wanted, "sun") == {Way.AGAIN}
    never = Asked("never", answer=("sun", ("not turned",)))
    assert not any(paths.satisfied_by(each, [never]) for each in paths.kinds)
    reading = Asked("reading", answer=("hot", ("135.0",)))
    assert paths.satisfied_by(kind(paths, Way.WRITTEN), [DONE, never, reading]) == ("set-up", "reading")


def test_what_is_left_out_behind_the_step_that_is_asked_for_does_not_matter(kit: Kit) -> None:
    paths = simulate(kit.protocol(kit.a.choice("sun"), kit.a.measure("hot"), kit.a.confirm("tidy"))).paths
    early = Asked("ready", through="hot", tolerates=frozenset({"hot"}))
    assert ways(paths, early, "sun") == {Way.AGAIN}
    assert ways(paths, early, "hot") == {Way.AGAIN}
    assert ways(paths, early, "tidy") == {Way.SKIP, Way.NOT_APPLICABLE, Way.DEFER, Way.OVERRIDE}


def test_where_nothing_ends_as_written_no_path_does(kit: Kit) -> None:
    between = {"min": Decimal("134.2"), "max": Decimal("134.3")}
    protocol = kit.protocol(kit.a.measure("hot", limit=between, expected=between, decimals=0, hold=True))
    paths = simulate(protocol).paths
    assert None not in {each.step for each in paths.kinds}


def test_a_signature_by_another_person_is_walked_too(kit: Kit) -> None:
    a = kit.a
    seen = simulate(kit.protocol(a.confirm("wash"), a.sign("verify", another=True), a.sign("release", another=True)))
    assert seen.sound
