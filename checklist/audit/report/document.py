"""What a report is made of, whatever it tells: headings, paragraphs, facts, tables, pictures, notes.

Every text here is only text. It is cleaned where it leaves for a page or a PDF (`plain`), and escaped there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Plain: TypeAlias = "str | int | bool | Sequence[Plain] | Mapping[str, Plain] | None"
LONGEST = 4_000
"""So many characters of one text are kept."""


@dataclass(frozen=True, slots=True)
class Heading:
    """`key` names it in links; `level` is 2 for a part of the report, 3 within one."""

    text: str
    key: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Words that must not be overlooked."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """How a column of a table is called, and whether numbers stand in it."""

    title: str
    numeric: bool = False


def figure(title: str) -> Column:
    """A column of numbers."""
    return Column(title, numeric=True)


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of a row is what the row is about."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as `audit.charts` draws it, what it shows in words, and the same figures as a table."""

    title: str
    description: str
    svg: str
    table: Table


Block = Heading | Paragraph | Note | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. `mark` stands at the foot of every page; `language` is what it is written in."""

    title: str
    subtitle: str
    mark: str
    blocks: tuple[Block, ...]
    language: str = "en"

    @property
    def charts(self) -> tuple[tuple[str, Chart], ...]:
        """Its pictures, and by which key each is named on the page."""
        found = [block for block in self.blocks if isinstance(block, Chart)]
        return tuple((f"chart-{at}", chart) for at, chart in enumerate(found, start=1))


def plain(document: Document) -> dict[str, Plain]:
    """The document as values that any template takes, every text of it cleaned."""
    keys = iter(key for key, _ in document.charts)
    blocks: list[Plain] = []
    for block in document.blocks:
        match block:
            case Chart():
                named: dict[str, Plain] = {"kind": "chart", "id": next(keys), "title": said(block.title)}
                blocks.append({**named, "description": said(block.description), "table": _table(block.table)})
            case Table():
                blocks.append(_table(block))
            case Facts():
                blocks.append({"kind": "facts", "facts": [[said(name), said(words)] for name, words in block.facts]})
            case Heading():
                blocks.append({"kind": "heading", "text": said(block.text), "id": block.key, "level": block.level})
            case Note():
                blocks.append({"kind": "note", "text": said(block.text)})
            case Paragraph():
                blocks.append({"kind": "paragraph", "text": said(block.text)})
    return {
        "title": said(document.title),
        "subtitle": said(document.subtitle),
        "mark": said(document.mark),
        "language": said(document.language),
        "blocks": blocks,
    }


def _table(table: Table) -> dict[str, Plain]:
    return {
        "kind": "table",
        "caption": said(table.caption),
        "columns": [{"title": said(column.title), "numeric": column.numeric} for column in table.columns],
        "rows": [[said(cell) for cell in row] for row in table.rows],
    }


def said(text: str) -> str:
    """A text as it may leave for a page."""
    return clean(text, limit=LONGEST)
