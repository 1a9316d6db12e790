"""No sequence of things that happen makes a GO that rests on something that must not be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from checklist.gate.facts import Damaged, SetApart, Step
from tests.support.gating import OTHER, ROOM, SESSION, Gate, a_run, ago

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[Gate], Gate]

STEPS = {"room-turnover": "wet-time", "microneedling-screen": "explain", "microneedling-timeout": "skin-dry"}
PROTOCOLS = sorted({*STEPS, "microneedling-setup", "day-open"})
KINDS = ("load", "lot", "serial")


def changed_item(kind: str, **changed: object) -> Change:
    return lambda gate: gate.changed_item(kind, **changed)


def changed_run(protocol: str, **changed: object) -> Change:
    return lambda gate: gate.changed_run(protocol, **changed)


def also_run(protocol: str, **changed: object) -> Change:
    """A newer run about the same, but so."""

    def change(gate: Gate) -> Gate:
        return gate.also_run(protocol, replace(gate.run(protocol), run="a#500", ended=ago(0.5), **changed))  # type: ignore[arg-type]

    return change


def spoiled_step(protocol: str, step: str, state: str, *, reviewed: bool = False) -> Change:
    """A step that was not done as written, in a run that nobody has reviewed (or somebody has: it is not tolerated)."""

    def change(gate: Gate) -> Gate:
        steps = (*gate.run(protocol).steps, Step(step, state))  # type: ignore[arg-type]
        return gate.changed_run(protocol, steps=steps, reviewed=reviewed)

    return change


def happened(event: str, subject: str, session: str | None = None) -> Change:
    return lambda gate: gate.happened(event, ago(0.2), subject, session)


SPOILS: st.SearchStrategy[Change] = st.one_of(
    st.builds(
        lambda kind, state: changed_item(kind, state=state),
        st.sampled_from(KINDS),
        st.sampled_from(["recalled", "quarantined", "expired", "unknown"]),
    ),
    st.builds(
        lambda kind, days: changed_item(kind, expiry=date(2026, 11, 22) - timedelta(days=days)),
        st.sampled_from(KINDS),
        st.integers(1, 900),
    ),
    st.builds(
        lambda kind, minutes: changed_item(kind, until=ago(minutes)), st.sampled_from(KINDS), st.integers(0, 9999)
    ),
    st.builds(
        lambda protocol, apart: changed_run(protocol, apart=apart),
        st.sampled_from(["day-open", "room-turnover", "steriliser-daily"]),
        st.sampled_from([Damaged(), (SetApart("lot", "A1", "quarantined", "", frozenset({"lot"})),)]),
    ),
    st.builds(lambda kind: changed_item(kind, belongs=OTHER), st.sampled_from(KINDS)),
    st.just(changed_item("serial", elsewhere=(OTHER,))),
    st.just(changed_item("load", state="running")),
    st.builds(
        lambda protocol: changed_run(protocol, session=OTHER, subject=f"session={OTHER}"),
        st.sampled_from(["microneedling-screen", "microneedling-setup", "microneedling-timeout"]),
    ),
    st.just(changed_run("room-turnover", subject="room=room-2")),
    st.builds(
        lambda protocol, outcome: changed_run(protocol, outcome=outcome),
        st.sampled_from(PROTOCOLS),
        st.sampled_from(["open", "failed", "abandoned", "expired", "unknown", "complete-except-deferred"]),
    ),
    st.builds(
        lambda protocol, outcome: also_run(protocol, outcome=outcome),
        st.sampled_from(PROTOCOLS),
        st.sampled_from(["failed", "abandoned", "expired", "unknown"]),
    ),
    st.builds(
        lambda protocol, state, reviewed: spoiled_step(protocol, STEPS[protocol], state, reviewed=reviewed),
        st.sampled_from(sorted(STEPS)),
        st.sampled_from(["skipped", "not-applicable", "deferred", "failed", "overridden", "pending", "unknown"]),
        st.booleans(),
    ),
    st.builds(lambda event: happened(event, ROOM), st.sampled_from(["dirty-use", "spill", "room-changed"])),
    st.just(happened("patient-entered", ROOM, OTHER)),
    st.just(lambda gate: gate.with_run("spill", a_run("a#600", "clinic", ago(1), outcome="failed"))),
    st.just(lambda gate: gate.telling(damage=Damaged())),
)

HARMLESS: st.SearchStrategy[Change] = st.one_of(
    st.builds(
        lambda protocol, minutes: (
            lambda gate: gate.also_run(
                protocol,
                replace(gate.run(protocol), run="a#1", outcome="complete", began=ago(minutes), ended=ago(minutes)),
            )
        ),
        st.sampled_from(PROTOCOLS),
        st.integers(190, 230),
    ),
    st.builds(lambda kind: changed_item(kind, evidence="a#700"), st.sampled_from(KINDS)),
    st.just(changed_item("lot", elsewhere=(OTHER, SESSION))),
    st.just(happened("power-loss", "clinic")),
    st.just(happened("patient-entered", ROOM, SESSION)),
    st.just(happened("patient-entered", "room=room-2", OTHER)),
)


def after(changes: list[Change]) -> Gate:
    gate = Gate()
    for change in changes:
        gate = change(gate)
    return gate


@settings(max_examples=100, deadline=None)
@given(st.lists(HARMLESS, max_size=5))
def test_what_harms_nothing_leaves_it_go(changes: list[Change]) -> None:
    assert after(changes).decision == "GO"


@settings(max_examples=100, deadline=None)
@given(st.lists(HARMLESS, max_size=3), SPOILS, st.lists(st.one_of(SPOILS, HARMLESS), max_size=3))
def test_no_sequence_makes_go_out_of_something_spoiled(before: list[Change], spoil: Change, then: list[Change]) -> None:
    """What is expired, recalled, quarantined, another visit's, overridden, failed since or lost stays so."""
    assert after([*before, spoil, *then]).decision != "GO"
