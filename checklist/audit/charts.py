"""Pictures of numbers as SVG: drawn by Vega-Lite without a browser, the same bytes for the same numbers.

What tells things apart is shape, hatching and words, so that nothing is lost in black and white. Colours are the
stand-ins of `audit.svg`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit.svg import FAINT, FILL, FONT, HATCHED, INK, PAPER, lean
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FILLS: Final = (FILL, HATCHED, PAPER)

_LABEL: Final = 230
_WIDTH: Final = 430
_ROW: Final = 22
_PLACES: Final = 10
_LONGEST: Final = 60
_TIMES: Final = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 36000: "10 h", 360000: "100 h"}

_CONFIG: Final = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": INK,
        "tickColor": INK,
        "gridColor": FAINT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": _LABEL,
    },
    "legend": {
        "labelColor": INK,
        "labelFontSize": 12,
        "orient": "top",
        "title": None,
        "symbolStrokeColor": INK,
        "symbolSize": 160,
        "symbolType": "square",
        "labelLimit": _LABEL,
    },
    "text": {"color": INK, "fontSize": 12},
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is about, its parts, and what stands at its end."""

    label: str
    parts: tuple[float, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Span:
    """Where most of some durations lie, in seconds; `least`: what they should not be shorter than."""

    label: str
    low: float
    quarter: float
    median: float
    three_quarters: float
    high: float
    least: float | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A reading, or the mean of several and how far they reached. `at`: a
    moment by the clinic's clock, written as if it were UTC, or a day."""

    at: str
    mean: float
    least: float
    most: float
    outside: bool


def bars(rows: Sequence[Bar], names: Sequence[str], axis: str) -> str:
    """Lying bars, made of up to three parts that `names` calls by name; `axis` says what their length means."""
    labels = _unlike([row.label for row in rows])
    parts = [
        {"label": label, "part": _said(names[at]), "at": at, "value": value}
        for label, row in zip(labels, rows, strict=True)
        for at, value in enumerate(row.parts)
    ]
    ends = [
        {"label": label, "value": sum(row.parts), "note": _said(row.note)}
        for label, row in zip(labels, rows, strict=True)
    ]
    most = max((sum(row.parts) for row in rows), default=0) or 1
    across = {
        "field": "value",
        "type": "quantitative",
        "title": _said(axis),
        "scale": {"domain": [0, most], "nice": False},
    }
    fills = {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": [_said(name) for name in names], "range": list(_FILLS[: len(names)])},
        "legend": {} if len(names) > 1 else None,
    }
    whole = all(float(part).is_integer() for row in rows for part in row.parts)
    ticks = {"values": _ticks(most, whole=whole), "format": ",~r"}
    down = _down(labels)
    return _drawn(
        len(rows),
        [
            {
                "data": {"values": [part for part in parts if part["value"]]},
                "mark": {"type": "bar", "stroke": INK, "strokeWidth": 1, "height": {"band": 0.7}},
                "encoding": {
                    "y": down,
                    "x": {**across, "stack": "zero", "axis": ticks},
                    "fill": fills,
                    "order": {"field": "at", "type": "quantitative"},
                },
            },
            {
                "data": {"values": ends},
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": down, "x": across, "text": {"field": "note", "type": "nominal"}},
            },
        ],
    )


def spans(rows: Sequence[Span], axis: str) -> str:
    """For each row the middle half as a box, its middle as a bold stroke, nine tenths as a line, and a diamond where
    the least stands. Along a logarithmic axis."""
    labels = _unlike([row.label for row in rows])
    values = [
        {
            "label": label,
            "low": _some(row.low),
            "quarter": _some(row.quarter),
            "median": _some(row.median),
            "upper": _some(row.three_quarters),
            "high": _some(row.high),
            "least": None if row.least is None else _some(row.least),
        }
        for label, row in zip(labels, rows, strict=True)
    ]
    named = " : ".join(f"datum.value == {value} ? '{words}'" for value, words in _TIMES.items())
    ticks = {"values": list(_TIMES), "labelExpr": f"{named} : ''"}
    down = _down(labels)

    def across(field: str) -> dict[str, object]:
        return {
            "field": field,
            "type": "quantitative",
            "scale": {"type": "log", "nice": False},
            "axis": ticks,
            "title": _said(axis),
        }

    def layer(mark: dict[str, object], *fields: str) -> dict[str, object]:
        places = dict(zip(("x", "x2"), map(across, fields), strict=False))
        if "x2" in places:
            places["x2"] = {"field": fields[1]}
        return {"mark": mark, "encoding": {"y": down, **places}}

    return _drawn(
        len(rows),
        [
            layer({"type": "rule", "stroke": INK}, "low", "high"),
            layer(
                {"type": "bar", "fill": PAPER, "stroke": INK, "strokeWidth": 1, "height": {"band": 0.5}},
                "quarter",
                "upper",
            ),
            layer({"type": "tick", "color": INK, "opacity": 1, "thickness": 3, "height": {"band": 0.6}}, "median"),
            {
                **layer(
                    {"type": "point", "shape": "diamond", "fill": FILL, "stroke": INK, "size": 70, "opacity": 1},
                    "least",
                ),
                "transform": [{"filter": "datum.least !== null"}],
            },
        ],
        {"values": values},
    )


def control(
    dots: Sequence[Dot], centre: float, natural: tuple[float, float] | None, limits: Mapping[str, float], unit: str
) -> str:
    """Readings over time, their centre, where chance alone would keep them, and the limits by their names. What lies
    outside is a cross."""
    lines = [{"name": "mean", "value": centre, "look": "centre"}]
    lines += [{"name": "", "value": value, "look": "natural"} for value in natural or ()]
    lines += [{"name": _said(name), "value": value, "look": "limit"} for name, value in limits.items()]
    seen = [
        {"at": dot.at, "mean": dot.mean, "least": dot.least, "most": dot.most, "outside": dot.outside} for dot in dots
    ]
    up = {"type": "quantitative", "scale": {"zero": False}, "title": _said(unit), "axis": {"tickCount": 5}}
    along = {
        "field": "at",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"format": "%b %Y" if _months(dots) > 2 else "%d %b %Y", "tickCount": 6, "grid": False},
        "title": None,
    }
    looks = {"domain": ["centre", "natural", "limit"], "range": [[1, 0], [2, 3], [8, 3]]}
    return _drawn(
        8,
        [
            {
                "data": {"values": lines},
                "mark": {"type": "rule", "stroke": INK},
                "encoding": {
                    "y": {**up, "field": "value"},
                    "strokeDash": {"field": "look", "type": "nominal", "scale": looks, "legend": None},
                    "strokeWidth": {"condition": {"test": "datum.look == 'limit'", "value": 2}, "value": 1},
                },
            },
            {
                "data": {"values": lines},
                "mark": {"type": "text", "align": "left", "dx": 6, "x": "width"},
                "encoding": {"y": {**up, "field": "value"}, "text": {"field": "name", "type": "nominal"}},
            },
            {
                "mark": {"type": "rule", "stroke": FAINT, "strokeWidth": 2},
                "encoding": {"x": along, "y": {**up, "field": "least"}, "y2": {"field": "most"}},
            },
            {
                "transform": [{"filter": "!datum.outside"}],
                "mark": {"type": "point", "filled": True, "fill": FILL, "size": 14, "opacity": 1},
                "encoding": {"x": along, "y": {**up, "field": "mean"}},
            },
            {
                "transform": [{"filter": "datum.outside"}],
                "mark": {
                    "type": "point",
                    "shape": "cross",
                    "fill": INK,
                    "stroke": INK,
                    "size": 90,
                    "angle": 45,
                    "opacity": 1,
                },
                "encoding": {"x": along, "y": {**up, "field": "mean"}},
            },
        ],
        {"values": seen},
        wide=_WIDTH + _LABEL - 60,
    )


def _drawn(
    rows: int, layers: Sequence[Mapping[str, object]], data: Mapping[str, object] | None = None, wide: int = _WIDTH
) -> str:
    import vl_convert

    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": wide,
        "height": max(rows, 1) * _ROW,
        "config": _CONFIG,
        "layer": list(layers),
        **({"data": dict(data)} if data is not None else {}),
    }
    return lean(vl_convert.vegalite_to_svg(spec))


def _down(labels: Sequence[str]) -> dict[str, object]:
    axis = {"grid": False, "minExtent": _LABEL}
    return {"field": "label", "type": "nominal", "sort": list(labels), "title": None, "axis": axis}


def _ticks(most: float, *, whole: bool) -> list[float]:
    """At most eleven round places along an axis from 0."""
    ten = 10.0 ** math.floor(math.log10(most))
    step = next(each for each in (ten / 5, ten / 2, ten) if most / each <= _PLACES)
    step = max(step, 1.0) if whole else step
    return [round(at * step, 6) for at in range(int(most / step) + 1)]


def _unlike(labels: Sequence[str]) -> list[str]:
    """The labels as they are shown, no two of them the same."""
    shown: list[str] = []
    for label in map(_said, labels):
        alike = sum(1 for other in shown if other == label or other.startswith(f"{label} ("))
        shown.append(f"{label} ({alike + 1})" if alike else label)
    return shown


def _said(text: str) -> str:
    return clean(text, limit=_LONGEST)


def _some(seconds: float) -> float:
    """A duration that has a place on a logarithmic axis."""
    return max(seconds, 0.1)


def _months(dots: Sequence[Dot]) -> int:
    return len({dot.at[:7] for dot in dots})
