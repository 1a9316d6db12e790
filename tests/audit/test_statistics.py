"""The arithmetic behind the rules, against what is known by hand."""

from __future__ import annotations

import math

import pytest

from checklist.audit.statistics import (
    centre_and_spread,
    fewer_than_chance,
    in_a_row,
    more_than_chance,
    most_likely,
    quantile,
    streaks,
)


def test_a_quantile_lies_between_its_neighbours() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert quantile([7.0], 0.05) == 7.0
    assert quantile([1.0, 2.0], 1.0) == 2.0


def test_the_centre_stays_where_it_is_though_a_third_of_the_samples_is_far_off() -> None:
    honest = [10 + 0.1 * number for number in range(-10, 11)]
    centre, _ = centre_and_spread(sorted([*honest, *[100.0] * 8]))
    assert abs(centre - 10) < 1


def test_the_spread_takes_in_a_tail_of_low_values() -> None:
    even = sorted([10.0 + 0.01 * number for number in range(100)])
    tailed = sorted([*even, *[2.0] * 10])
    assert centre_and_spread(tailed)[1] > 3 > centre_and_spread(even)[1]


def test_how_many_rows_chance_makes() -> None:
    assert in_a_row(3, 3, 0.5) == 0.125
    assert in_a_row(3, 10, 1.0) == 10
    assert in_a_row(3, 10, 0.0) == 0


def test_few_samples_are_not_taken_for_more_than_they_say() -> None:
    assert most_likely(0, 0) == 1.0
    assert 0.2 < most_likely(0, 30) < 0.3
    assert most_likely(500, 1000) == pytest.approx(0.5, abs=0.05)


def test_the_bound_on_chance_is_never_below_the_exact_probability() -> None:
    exact = sum(math.comb(20, hits) * 0.3**hits * 0.7 ** (20 - hits) for hits in range(14, 21))
    assert exact <= more_than_chance(14, [0.3] * 20) < 20 * exact
    assert more_than_chance(5, [0.3] * 20) == 1.0
    assert more_than_chance(20, [0.5] * 20) == pytest.approx(0.5**20)
    assert more_than_chance(3, [0.0] * 5) == 0.0
    assert more_than_chance(5, [1.0] * 5) == 1.0
    fewer = sum(math.comb(20, hits) * 0.7**hits * 0.3 ** (20 - hits) for hits in range(7))
    assert fewer <= fewer_than_chance(6, [0.7] * 20) < 20 * fewer
    assert fewer_than_chance(0, [0.5] * 20) == pytest.approx(0.5**20)
    assert fewer_than_chance(15, [0.7] * 20) == 1.0


def test_rows_of_equal_values_say_where_they_begin() -> None:
    assert [*streaks("aabccc")] == [(0, 2), (2, 1), (3, 3)]
    assert [*streaks([])] == []
