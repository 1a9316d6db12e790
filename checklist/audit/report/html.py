"""A report as one page of HTML: no script, nothing from anywhere else, the same bytes for the same document."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from checklist.audit.report.document import plain, said
from checklist.audit.svg import FAINT, FILL, INK, PAPER, inked

if TYPE_CHECKING:
    from checklist.audit.report.document import Chart, Document

MADE_BY: Final = "checklist report"
"""Stands in the head of every page that is made here."""
_INKS: Final = {INK: "currentColor", FAINT: "var(--faint)", FILL: "var(--fill)", PAPER: "var(--paper)"}
_FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"


def page(document: Document) -> bytes:
    """The whole page."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    style = _read("report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    pictures = {key: Markup(_described(chart, key)) for key, chart in document.charts}  # noqa: S704 - drawn by us, its words escaped
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(_read("report.html.jinja"))
    text = template.render(
        document=plain(document),
        pictures=pictures,
        style=Markup(style),  # noqa: S704 - report.css of this package, nobody else's text
        style_hash=f"sha256-{digest}",
        made_by=MADE_BY,
    )
    return f"{text}\n".encode()


def _described(chart: Chart, key: str) -> str:
    """The picture with its name and what it shows, for those who do not see it."""
    from markupsafe import escape

    svg = inked(chart.svg, key, _INKS, _FONT)
    opening, closed, rest = svg.partition(">")
    named = f'{opening} role="img" aria-labelledby="{key}-title {key}-desc"{closed}'
    title, words = escape(said(chart.title)), escape(said(chart.description))
    return f'{named}<title id="{key}-title">{title}</title><desc id="{key}-desc">{words}</desc>{rest}'


def _read(name: str) -> str:
    return files("checklist.audit.report").joinpath(name).read_text("utf-8")
