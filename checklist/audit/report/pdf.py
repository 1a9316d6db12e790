"""A report as a tagged PDF: the same bytes for the same document.

Typst sets it, as it sets the sheets of protocols: it comes as a wheel without further libraries, makes PDF/UA-1, and
its output depends on nothing but its input. (A browser's engine would need the browser, WeasyPrint a set of system
libraries and their fonts.)
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from checklist.audit.report.document import plain
from checklist.audit.svg import FAINT, FILL, INK, PAPER, inked
from checklist.audit.typesetting import typeset

if TYPE_CHECKING:
    from checklist.audit.report.document import Document
    from checklist.audit.typesetting import Paper, Printed

_INKS: Final = {INK: "#000000", FAINT: "#bbbbbb", FILL: "#2f6299", PAPER: "#ffffff"}
_FONT: Final = "Libertinus Serif"


def printed(document: Document, paper: Paper) -> Printed:
    """The whole PDF. Raises TypesetError."""
    pictures = {key: inked(chart.svg, key, _INKS, _FONT) for key, chart in document.charts}
    template = files("checklist.audit.report").joinpath("report.typ").read_bytes()
    texts = {"report": json.dumps(plain(document), ensure_ascii=False), "pictures": json.dumps(pictures)}
    return typeset(template, texts, paper)
