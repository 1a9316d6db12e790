"""Readings looked at together: whether a series was copied, what of a cycle is recorded."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.run.printout import Printout, printout_of
from checklist.trace.cycles import after, fingerprint, summary
from checklist.trace.printout import parse_readout
from checklist.trace.quantities import celsius, kilopascal
from checklist.trace.readout import Extreme, Reading, Readout
from tests.support.printouts import ROWS, as_bytes, made_up, printout

START = datetime.fromisoformat("2026-11-22T10:00:00")


def series(*rows: tuple[int, str], start: datetime = START) -> list[Reading]:
    """Readings so many seconds after a start, at one pressure."""
    return [Reading(start + timedelta(seconds=at), Decimal(value), Decimal(318)) for at, value in rows]


def readout() -> Readout:
    """A complete cycle."""
    found = parse_readout(as_bytes(printout()), made_up())
    assert isinstance(found, Readout)
    return found


def test_a_copied_series_is_known_whenever_it_was() -> None:
    rows = [(0, "135.3"), (31, "135.4"), (61, "135.3")]
    tomorrow = START + timedelta(days=1, seconds=7)
    assert fingerprint(series(*rows)) == fingerprint(series(*rows, start=tomorrow))
    assert fingerprint(series(*rows)) != fingerprint(series((0, "135.3"), (31, "135.4"), (61, "135.4")))
    assert fingerprint(series(*rows)) != fingerprint(series((0, "135.3"), (30, "135.4"), (61, "135.3")))
    assert fingerprint(series(*rows)) != fingerprint(series(*rows, (91, "135.3")))


def test_too_few_readings_tell_nothing() -> None:
    rows = [(0, "135.3"), (31, "135.4")]
    assert fingerprint(series(*rows)) is None


def test_a_cycle_number_follows_the_one_before() -> None:
    assert [after(13, cycle) for cycle in (14, 15, 13, 12)] == ["next", "missing", "repeated", "repeated"]


def test_what_is_recorded_of_a_cycle_is_its_lowest_during_the_hold() -> None:
    found = readout()
    assert summary(found) == Printout(
        reader="made-up",
        machine="Made Up 1",
        serial="4711-B",
        cycle=7,
        programme="Prionen 134 °C",
        started="2026-06-30T23:40:00",
        result="complete",
        sensed={"temperature": "134.9", "pressure": "312.9", "hold": "210"},
        series=fingerprint(found.series) or "",
    )
    assert printout_of({"readout": summary(found).data()}) == summary(found)


def test_the_lowest_that_the_machine_itself_names_counts_too() -> None:
    lowest = Extreme(Decimal("133.8"), Decimal(305))
    assert summary(replace(readout(), lowest=lowest)).sensed["temperature"] == "133.8"
    assert summary(replace(readout(), lowest=lowest)).sensed["pressure"] == "305"


def test_an_aborted_cycle_says_only_what_was_measured() -> None:
    found = parse_readout(as_bytes(printout(rows=(), hold="", end="ABBRUCH")), made_up())
    assert isinstance(found, Readout)
    assert summary(found).result == "aborted"
    assert summary(found).sensed == {}


@pytest.mark.parametrize(
    ("printed", "unit", "above", "kpa"),
    [
        ("3.18", "bar", None, "318"),
        ("3.185", "bar", None, "318.5"),
        ("3", "bar", None, "300"),
        ("3180", "mbar", None, "318.0"),
        ("3180", "hPa", None, "318.0"),
        ("318.2", "kPa", None, "318.2"),
        ("318200", "Pa", None, "318.200"),
        ("0.32", "MPa", None, "320"),
        ("46.1", "[psi]", None, "317.8"),
        ("2385", "mm[Hg]", None, "318.0"),
        ("2.03", "bar", "101.325", "304.3"),
        ("29.4", "[psi]", "101.325", "304.0"),
    ],
)
def test_pressures_become_kpa_from_vacuum(printed: str, unit: str, above: str | None, kpa: str) -> None:
    found = kilopascal(Decimal(printed), unit, above=Decimal(above) if above else None)
    assert str(found) == kpa


@pytest.mark.parametrize(
    ("printed", "unit", "expected"),
    [("134.6", "Cel", "134.6"), ("274.1", "[degF]", "134.5"), ("273.2", "[degF]", "134.0"), ("407.15", "K", "134.0")],
)
def test_temperatures_become_celsius(printed: str, unit: str, expected: str) -> None:
    assert str(celsius(Decimal(printed), unit)) == expected


@given(st.permutations(ROWS))
def test_a_shuffled_printout_is_never_a_complete_cycle(rows: list[str]) -> None:
    found = parse_readout(as_bytes(printout(rows=rows)), made_up())
    assert isinstance(found, Readout) == (rows == list(ROWS))
