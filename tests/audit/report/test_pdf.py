"""The report on paper: tagged, with every word of it, and the same bytes for the same document."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from checklist.audit.report import pdf
from checklist.audit.typesetting import as_made

if TYPE_CHECKING:
    from checklist.audit.report.document import Document


@pytest.fixture(scope="module")
def data(hostile: Document) -> bytes:
    return pdf.printed(hostile, "a4").data


def test_every_word_stands_there_as_a_word(data: bytes) -> None:
    told = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())
    assert told.count("alert(1)") > 15
    assert "#set page {{7*7}}" in told
    assert not set(told) & set("\x00\x1b\u202e")


def test_it_is_tagged_named_and_numbered(data: bytes) -> None:
    reader = PdfReader(BytesIO(data))
    assert "'/Marked': True" in str(reader.root_object["/MarkInfo"])
    assert str(reader.root_object["/Lang"]) == "en"
    assert reader.metadata is not None
    assert "alert(1)" in str(reader.metadata.title)
    assert f"Page 1 of {len(reader.pages)}" in reader.pages[0].extract_text()


def test_pictures_have_words_beside_them(data: bytes) -> None:
    reader = PdfReader(BytesIO(data))
    tags = [reader.get_object(number) for number in range(1, len(reader.xref_objStm) + len(reader.xref[0]))]
    figures = [tag for tag in tags if isinstance(tag, DictionaryObject) and tag.get("/S") == "/Figure"]
    assert len(figures) == 3
    assert all("alert(1)" in str(figure["/Alt"]) for figure in figures)


def test_the_same_document_gives_the_same_bytes(hostile: Document, data: bytes) -> None:
    assert pdf.printed(hostile, "a4").data == data
    assert pdf.printed(hostile, "letter").data != data
    assert as_made(data)
