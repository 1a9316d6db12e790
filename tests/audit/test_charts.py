"""Pictures: what must be seen is in them, nothing else is, and two of them can stand on one page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from checklist.audit import charts
from checklist.audit.charts import Bar, Dot, Span, bars, control, spans
from checklist.audit.svg import FAINT, FILL, HATCHED, INK, PAPER, inked

SVG = "{http://www.w3.org/2000/svg}"
INKS = {INK: "currentColor", FAINT: "var(--faint)", FILL: "var(--fill)", PAPER: "var(--paper)"}
ROWS = [Bar("one", (3, 5), "3 late, 5 missed"), Bar("two", (0, 2), "2 missed")]


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 it was drawn here


def words(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def test_bars_are_named_and_their_parts_told_apart_without_colour() -> None:
    svg = bars(ROWS, ("late", "missed"), "% of planned")
    assert {"one", "two", "late", "missed", "3 late, 5 missed", "2 missed", "% of planned"} <= set(words(svg))
    shown = inked(svg, "chart-1", INKS, "Arial")
    assert 'fill="url(#chart-1-hatch)"' in shown
    assert '<pattern id="chart-1-hatch"' in shown
    assert 'fill="var(--fill)"' in shown


def test_what_is_none_has_no_bar() -> None:
    both = bars([Bar("one", (1, 1), "")], ("a", "b"), "n").count("<path")
    assert bars([Bar("one", (1, 0), "")], ("a", "b"), "n").count("<path") == both - 1


def test_rows_of_one_name_stay_two_rows() -> None:
    assert {"same", "same (2)"} <= set(words(bars([Bar("same", (1,), ""), Bar("same", (2,), "")], ("n",), "n")))


def test_counts_stand_at_whole_numbers() -> None:
    assert words(bars([Bar("one", (3,), "end")], ("n",), "n"))[:4] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("most", [0.03, 0.5, 1, 2, 3.7, 9.99, 10, 23, 99, 365, 80_000, 12_345_678])
def test_an_axis_has_a_few_round_places(most: float) -> None:
    places = charts._ticks(most, whole=False)
    assert 2 <= len(places) <= 11
    assert places[-1] <= most


def test_times_lie_along_an_axis_in_seconds_minutes_and_hours() -> None:
    svg = spans([Span("inspect", 0.0, 10, 20, 30, 7200, 5), Span("wait", 1, 1, 1, 1, 1, None)], "time")
    assert {"inspect", "wait", "1 s", "10 s", "1 min", "10 min", "1 h"} <= set(words(svg))
    assert svg.count(f'fill="{FILL}"') == 1, "one diamond, where one row has a least time"


def test_a_reading_outside_is_a_cross_and_limits_are_named() -> None:
    inside = [Dot(f"2027-03-0{day}T10:00:00Z", 135, 134.5, 135.5, False) for day in range(1, 9)]
    outside = [*inside, Dot("2027-03-09T10:00:00Z", 140, 140, 140, True)]
    svg = control(outside, 135.5, (134, 137), {"max 138": 138, "min 134": 134}, "°C")
    assert {"max 138", "min 134", "mean", "°C"} <= set(words(svg))
    assert svg.count("<path") == control(inside, 135.5, (134, 137), {"max 138": 138}, "°C").count("<path") + 1


@pytest.mark.parametrize("picture", [bars([], ("n",), "n"), spans([], "t"), control([], 0, None, {}, "u")])
def test_nothing_at_all_is_a_picture_too(picture: str) -> None:
    assert parsed(picture).tag == f"{SVG}svg"


def test_words_are_only_words() -> None:
    hostile = '</text><script>1</script> "#1a1b1c" url(#x) \u202e\x1b'
    svg = inked(bars([Bar(hostile, (1,), hostile)], ("n",), hostile), "chart-1", INKS, "Arial")
    assert not list(parsed(svg).iter(f"{SVG}script"))
    assert words(svg).count('</text><script>1</script> "#1a1b1c" url(#x)') == 3


def test_a_picture_names_only_itself_and_says_no_colour_of_its_own() -> None:
    shown = inked(bars(ROWS, ("late", "missed"), "n"), "k", INKS, "Arial")
    for stand_in in (INK, FAINT, FILL, PAPER, HATCHED):
        assert stand_in not in shown
    assert "aria-" not in shown
    assert shown == inked(bars(ROWS, ("late", "missed"), "n"), "k", INKS, "Arial")
