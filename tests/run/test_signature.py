"""A signature fits where it was given, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.ledger.entry import Entry, Moment
from checklist.run.signature import Target, misfit, target_of, unsigned

if TYPE_CHECKING:
    from checklist.ledger.entry import Json

ANNA, BERTA = "u_00000000aa", "u_00000000bb"
NOW = Moment("2031-03-10T08:00:00.000000Z", "Europe/Berlin", "boot-1", 5, 5)


def entry(index: int, kind: str, data: dict[str, Json], step: str | None, actor: str = ANNA) -> Entry:
    return Entry(1, "a", index, "", kind, NOW, actor, "tui", "a#3", step, data, None, f"{index:064x}")


def of(entry_: Entry) -> dict[str, Json]:
    return {"of": {"station": entry_.station, "index": entry_.index, "leaf": entry_.leaf}}


READING = entry(10, "step.done", {"value": "turned"}, "indicator")
SIGNED = entry(11, "signed", {**of(READING), "meaning": "released"}, "release")
SIGNED_OFF = entry(12, "step.done", {"value": "released"}, "release")
WITNESSED = entry(11, "witnessed", {**of(READING), "agrees": True}, "second", BERTA)
WITNESSED_OFF = entry(12, "step.done", {"witness": BERTA}, "second")


def test_what_fits_says_nothing() -> None:
    assert misfit(SIGNED, READING, (), [SIGNED_OFF]) is None
    assert misfit(WITNESSED, READING, (), [WITNESSED_OFF]) is None
    disagreed = entry(12, "step.attempted", {"verdict": "fail"}, "second")
    assert misfit(WITNESSED, READING, (), [disagreed]) is None
    noted = entry(11, "step.noted", {}, "indicator")
    assert misfit(replace(WITNESSED, index=12), READING, (noted,), [replace(WITNESSED_OFF, index=13)]) is None


def test_the_first_entry_of_a_run_belongs_to_it() -> None:
    began = replace(entry(3, "run.started", {}, None), run=None)
    signed = entry(4, "signed", {**of(began), "meaning": "released"}, "release")
    assert misfit(signed, began, (), [replace(SIGNED_OFF, index=5)]) is None


@pytest.mark.parametrize(
    ("given", "signed", "between", "after", "why"),
    [
        (replace(SIGNED, data={"meaning": "released"}), READING, (), SIGNED_OFF, "does not say"),
        (SIGNED, None, (), SIGNED_OFF, "not there"),
        (replace(SIGNED, station="b"), READING, (), SIGNED_OFF, "not there"),
        (replace(SIGNED, index=10), READING, (), SIGNED_OFF, "not there"),
        (SIGNED, replace(READING, leaf="ab" * 32), (), SIGNED_OFF, "as it was"),
        (SIGNED, replace(READING, run="a#4"), (), SIGNED_OFF, "another run"),
        (replace(SIGNED, run=None), READING, (), SIGNED_OFF, "another run"),
        (SIGNED, READING, (entry(11, "step.noted", {}, "x"),), SIGNED_OFF, "further on"),
        (SIGNED, READING, (), None, "stands alone"),
        (SIGNED, READING, (), replace(SIGNED_OFF, step="other"), "stands alone"),
        (SIGNED, READING, (), replace(SIGNED_OFF, run="a#4"), "stands alone"),
        (SIGNED, READING, (), replace(SIGNED_OFF, actor=BERTA), "stands alone"),
        (SIGNED, READING, (), replace(SIGNED_OFF, data={"value": "quarantined"}), "stands alone"),
        (SIGNED, READING, (), replace(SIGNED_OFF, kind="step.failed"), "stands alone"),
        (WITNESSED, replace(READING, step="second"), (), WITNESSED_OFF, "closes no other step"),
        (WITNESSED, replace(READING, step=None), (), WITNESSED_OFF, "closes no other step"),
        (WITNESSED, replace(READING, kind="step.started"), (), WITNESSED_OFF, "closes no other step"),
        (WITNESSED, READING, (entry(11, "step.corrected", {}, "indicator"),), WITNESSED_OFF, "corrected before"),
        (WITNESSED, READING, (entry(11, "step.done", {}, "indicator"),), WITNESSED_OFF, "corrected before"),
        (WITNESSED, READING, (), replace(WITNESSED_OFF, data={"witness": ANNA}), "stands alone"),
        (WITNESSED, READING, (), replace(WITNESSED_OFF, kind="step.skipped"), "stands alone"),
    ],
)
def test_what_does_not_fit_is_said(
    given: Entry, signed: Entry | None, between: tuple[Entry, ...], after: Entry | None, why: str
) -> None:
    said = misfit(given, signed, between, [] if after is None else [after])
    assert said is not None
    assert why in said


@pytest.mark.parametrize(
    "named",
    [None, 3, "a#10", [], {}, {"station": "a"}, {"station": "a", "index": True, "leaf": "ab" * 32},
     {"station": "a", "index": -1, "leaf": "ab" * 32}, {"station": "a", "index": 1, "leaf": "AB" * 32},
     {"station": 1, "index": 1, "leaf": "ab" * 32}, {"station": "a", "index": "1", "leaf": "ab" * 32}],
)  # fmt: skip
def test_a_target_of_another_shape_is_none(named: Json) -> None:
    assert target_of(replace(SIGNED, data={"of": named})) is None
    assert target_of(SIGNED) == Target("a", 10, READING.leaf)


ADOPTED = replace(entry(20, "protocol.adopted", {"id": "short", "sha256": "ab" * 32}, None), run=None)
APPROVAL = replace(entry(21, "signed", {**of(ADOPTED), "meaning": "approved"}, None), run=None)
JUMPED = replace(entry(21, "clock.jumped", {}, None), run=None, actor=None)


@pytest.mark.parametrize(("given", "closed"), [(SIGNED, SIGNED_OFF), (WITNESSED, WITNESSED_OFF)])
def test_a_clock_that_jumped_stands_between_a_signature_and_what_it_led_to(given: Entry, closed: Entry) -> None:
    jumped = replace(JUMPED, index=12)
    assert misfit(given, READING, (), [jumped, replace(closed, index=13)]) is None
    stray = "stands alone: the step that it belongs to was not closed by it"
    assert misfit(given, READING, (), [jumped]) == stray
    assert misfit(given, READING, (), [jumped, replace(closed, index=13, step="other")]) == stray
    assert misfit(given, READING, (), [replace(jumped, kind="remarked"), replace(closed, index=13)]) == stray


def test_an_approval_right_after_its_adoption_fits() -> None:
    assert misfit(APPROVAL, ADOPTED, (), []) is None
    assert misfit(replace(APPROVAL, index=22), ADOPTED, (JUMPED,), [SIGNED]) is None
    assert not unsigned(ADOPTED, [APPROVAL])
    assert not unsigned(ADOPTED, [JUMPED, replace(APPROVAL, index=22)])
    assert not unsigned(replace(ADOPTED, actor=None), [], opening=True)
    assert unsigned(replace(ADOPTED, actor=None), [APPROVAL])


@pytest.mark.parametrize(
    ("given", "adopted", "between", "why"),
    [
        (replace(APPROVAL, actor=BERTA), ADOPTED, (), "in the name of"),
        (replace(APPROVAL, data={**of(ADOPTED), "meaning": "released"}), ADOPTED, (), "does not approve"),
        (replace(APPROVAL, run="a#3"), ADOPTED, (), "another run"),
        (APPROVAL, replace(ADOPTED, leaf="ab" * 32), (), "as it was"),
        (APPROVAL, replace(ADOPTED, kind="remarked"), (), "another run"),
        (APPROVAL, ADOPTED, (JUMPED, READING), "right after it"),
    ],
)
def test_an_approval_fits_nowhere_else(given: Entry, adopted: Entry, between: tuple[Entry, ...], why: str) -> None:
    found = misfit(given, adopted, between, [])
    assert found is not None
    assert why in found


@pytest.mark.parametrize("after", [[], [JUMPED], [READING], [READING, APPROVAL], [SIGNED]])
def test_an_adoption_in_a_name_without_an_approval_is_unsigned(after: list[Entry]) -> None:
    assert unsigned(ADOPTED, after)
