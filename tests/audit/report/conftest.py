"""A document with one of everything, and hostile words wherever words may stand."""

import pytest

from checklist.audit import charts
from checklist.audit.report.document import (
    Chart,
    Column,
    Document,
    Facts,
    Heading,
    Note,
    Paragraph,
    Table,
    figure,
)

HOSTILE = "</style></svg><script>alert(1)</script> \u202eright to left\x1b[31m\x00 \" onload='x' & #set page {{7*7}} [U"
SAID = "</style></svg><script>alert(1)</script> right to left[31m \" onload='x' & #set page {{7*7}} [U"


@pytest.fixture(scope="session")
def hostile() -> Document:
    table = Table(HOSTILE, (Column(HOSTILE), figure(HOSTILE)), ((HOSTILE, HOSTILE), ("two", "2")))
    bars = charts.bars([charts.Bar(HOSTILE, (1, 2), HOSTILE), charts.Bar(HOSTILE, (0, 1), "")], (HOSTILE, "b"), HOSTILE)
    spans = charts.spans([charts.Span(HOSTILE, 0, 1, 2, 3, 400, 10)], HOSTILE)
    dots = [charts.Dot("2027-03-01", 1, 0, 2, False), charts.Dot("2027-03-02", 9, 9, 9, True)]
    control = charts.control(dots, 5, (1, 9), {HOSTILE: 8}, HOSTILE)
    pictures = (Chart(HOSTILE, HOSTILE, svg, table) for svg in (bars, spans, control))
    words = (Paragraph(HOSTILE), Note(HOSTILE), Facts(((HOSTILE, HOSTILE),)), table)
    return Document(
        HOSTILE, HOSTILE, HOSTILE, (Heading(HOSTILE, "first"), *words, Heading(HOSTILE, "more", 3), *pictures)
    )
