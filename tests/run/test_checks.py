"""Saturated steam: the published points, the dossier's table, and the reasons for which a pair is doubted."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.run.checks import KELVIN, saturation_celsius, steam_is_saturated


@pytest.mark.parametrize(("kpa", "kelvin"), [("100", 372.755919), ("1000", 453.035632), ("10000", 584.149488)])
def test_the_line_meets_the_published_points(kpa: str, kelvin: float) -> None:
    # IAPWS-IF97, table 36: saturation temperatures for the verification of programs.
    found = saturation_celsius(Decimal(kpa))
    assert found is not None
    assert found + KELVIN == pytest.approx(kelvin, abs=1e-6)


TABLE = [(121, 205), (124, 225), (132, 287), (134, 304), (135, 313), (137, 332)]


@pytest.mark.parametrize(("celsius", "kpa"), TABLE)
def test_the_line_meets_the_table_that_clinics_use(celsius: int, kpa: int) -> None:
    found = saturation_celsius(Decimal(kpa))
    assert found == pytest.approx(celsius, abs=0.12)
    assert steam_is_saturated(Decimal(celsius), Decimal(kpa), Decimal("0.2"))


@pytest.mark.parametrize(("celsius", "kpa"), TABLE)
def test_a_gauge_pressure_entered_as_absolute_is_seen(celsius: int, kpa: int) -> None:
    assert not steam_is_saturated(Decimal(celsius), Decimal(kpa) - Decimal("101.3"), Decimal(2))


def test_trapped_air_and_wrong_units_are_seen() -> None:
    assert not steam_is_saturated(Decimal(134), Decimal(340), Decimal(2)), "too much pressure: air"
    assert not steam_is_saturated(Decimal(134), Decimal("3.04"), Decimal(2)), "bar"
    assert not steam_is_saturated(Decimal(134), Decimal("29.4"), Decimal(2)), "psi"
    assert not steam_is_saturated(Decimal("273.2"), Decimal(304), Decimal(2)), "degrees Fahrenheit"


def test_the_tolerance_is_counted_on_both_sides() -> None:
    boiling = Decimal(str(saturation_celsius(Decimal(304))))
    for off in (Decimal("1.99"), Decimal("-1.99")):
        assert steam_is_saturated(boiling + off, Decimal(304), Decimal(2))
    for off in (Decimal("2.01"), Decimal("-2.01")):
        assert not steam_is_saturated(boiling + off, Decimal(304), Decimal(2))


@pytest.mark.parametrize("kpa", ["-304", "0", "0.611", "22064.1", "999999999999"])
def test_beyond_the_triple_and_the_critical_point_nothing_boils(kpa: str) -> None:
    assert saturation_celsius(Decimal(kpa)) is None
    assert not steam_is_saturated(Decimal(134), Decimal(kpa), Decimal(1000))


@given(st.decimals(min_value="0.611213", max_value="22064", places=6))
def test_everywhere_on_the_line_there_is_a_temperature(kpa: Decimal) -> None:
    found = saturation_celsius(kpa)
    assert found is not None
    assert -0.01 <= found <= 374.0


def test_more_pressure_boils_hotter() -> None:
    found = [saturation_celsius(Decimal(kpa)) or 0.0 for kpa in range(1, 22_000, 50)]
    assert all(low < high for low, high in pairwise(found))
