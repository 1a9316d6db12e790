"""One page of HTML: self-contained, without script, every word of it escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from checklist.audit.report import html

if TYPE_CHECKING:
    from checklist.audit.report.document import Document


class Seen(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, attribute: str) -> list[str]:
        return [found for _, attributes in self.tags if (found := attributes.get(attribute)) is not None]


@pytest.fixture(scope="module")
def page(hostile: Document) -> str:
    return html.page(hostile).decode()


@pytest.fixture(scope="module")
def seen(page: str) -> Seen:
    return Seen(page)


def test_hostile_words_are_only_words(seen: Seen) -> None:
    assert not {"script", "img", "iframe", "object", "embed", "link", "base", "form"} & {tag for tag, _ in seen.tags}
    assert [name for _, attributes in seen.tags for name in attributes if name.startswith("on")] == []
    told = "".join(seen.words)
    assert told.count("<script>alert(1)</script>") > 15
    assert "{{7*7}}" in told
    assert not set(told) & set("\x00\x1b\u202e")


def test_nothing_names_anything_outside(seen: Seen) -> None:
    assert seen.named("src") == []
    assert seen.named("xlink:href") == []
    assert [link for link in seen.named("href") if not link.startswith("#")] == []
    assert [named for named in seen.named("fill") if named.startswith("url(") and not named.startswith("url(#")] == []


def test_ids_are_each_there_once_and_are_found(seen: Seen) -> None:
    ids = seen.named("id")
    wanted = [link[1:] for link in seen.named("href")]
    wanted += [key for named in (seen.named("aria-labelledby")) for key in named.split()]
    wanted += [found for fill in seen.named("fill") for found in re.findall(r"url\(#(.*)\)", fill)]
    assert len(ids) == len(set(ids))
    assert set(wanted) <= set(ids)
    assert any(key.endswith("-hatch") for key in wanted)


def test_only_its_own_style_may_be_used(page: str, seen: Seen) -> None:
    (policy,) = [attributes["content"] for _, attributes in seen.tags if "http-equiv" in attributes]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert [attributes for _, attributes in seen.tags if "style" in attributes] == []


def test_the_page_says_what_it_is_made_of(seen: Seen) -> None:
    tags = dict(seen.tags)
    assert tags["html"]["lang"] == "en"
    assert {"header", "nav", "main", "footer"} <= tags.keys()
    heads = [attributes.get("scope") for tag, attributes in seen.tags if tag == "th"]
    assert set(heads) == {"col", "row"}
    assert len([1 for tag, attributes in seen.tags if tag == "svg" and attributes["role"] == "img"]) == 3


def test_the_same_document_gives_the_same_bytes(hostile: Document) -> None:
    assert html.page(hostile) == html.page(hostile)
