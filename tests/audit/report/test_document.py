"""What leaves for a page or a PDF is only text, and cleaned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from checklist.audit.report.document import LONGEST, Document, Paragraph, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.audit.report.document import Plain


def strings_in(value: Plain) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from strings_in(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from strings_in(each)


def test_every_text_is_cleaned(hostile: Document) -> None:
    words = list(strings_in(plain(hostile)))
    assert len(words) > 30
    assert [word for word in words if any(sign in word for sign in "\x00\x1b\u202e\n")] == []


def test_pictures_are_numbered_in_their_order(hostile: Document) -> None:
    assert [key for key, _ in hostile.charts] == ["chart-1", "chart-2", "chart-3"]


def test_a_text_without_end_is_cut() -> None:
    told = plain(Document("t", "s", "m", (Paragraph("x" * 10 * LONGEST),)))
    assert len(json.dumps(told)) < 2 * LONGEST
