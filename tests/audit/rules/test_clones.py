"""Copied runs: found though every time was moved a little or some step was done anew, and never among the honest."""

from __future__ import annotations

from random import Random

import pytest

from checklist.audit.findings import judge
from tests.support.invented import CONTEXT, Run, honest_year, laid_out

COPIES = 30


def found(moved_ms: int, anew: int = 0, protocol: str = "room-turnover") -> tuple[int, int]:
    """How many copies are found where each time was moved by up to so much and some steps were not copied; and how
    many others."""
    year = honest_year(3, turnovers=3, loads=1)
    chance = Random(5)  # noqa: S311 - made-up facts
    runs = year.of(protocol)
    half = len(runs) // 2
    copies = chance.sample(runs[half:], COPIES)
    for copy, original in zip(copies, chance.sample(runs[:half], COPIES), strict=True):
        _copy(chance, copy, original, moved_ms, anew)
    told = [one.run for one in judge(laid_out(year), CONTEXT) if one.rule == "cloned-run"]
    planted = {copy.n for copy in copies}
    return len(planted.intersection(told)), len([one for one in told if one not in planted])


def _copy(chance: Random, copy: Run, original: Run, moved_ms: int, anew: int) -> None:
    left = chance.sample(range(len(copy.steps)), anew)
    for at, (step, other) in enumerate(zip(copy.steps, original.steps, strict=True)):
        step.state, step.value = other.state, other.value
        if at not in left and step.ms is not None and other.ms is not None:
            step.ms = max(other.ms + chance.randint(-moved_ms, moved_ms), 1)


@pytest.mark.parametrize("moved_ms", [0, 100, 200])
def test_times_that_were_moved_a_little_are_the_same_times(moved_ms: int) -> None:
    assert found(moved_ms) == (COPIES, 0)


def test_a_step_that_was_done_anew_hides_few_copies() -> None:
    copies, others = found(100, anew=1)
    assert copies >= 0.85 * COPIES
    assert others == 0


def test_what_was_changed_by_seconds_is_not_told_from_chance() -> None:
    copies, others = found(5000)
    assert (copies, others) == (0, 0)
