"""The texts that new protocols start from are sound, say what is still to be written, and take any title."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.protocol.linting.lint import check_protocol
from checklist.protocol.linting.surroundings import ALONE
from checklist.protocol.loader import LoadedProtocol, parse
from checklist.protocol.template import CATEGORIES, SUBJECTS, USUAL, text_for
from checklist.protocol.values import checked_words

if TYPE_CHECKING:
    from checklist.protocol.header import Category, Subject

PAIRS = [
    (category, subject)
    for category in CATEGORIES
    for subject in SUBJECTS
    if (category, subject) != ("emergency", "session")
]


@pytest.mark.parametrize(("category", "subject"), PAIRS)
def test_of_a_new_protocol_it_is_only_said_that_it_is_unfinished(category: Category, subject: Subject) -> None:
    """So that nobody adopts it untouched without having been told."""
    data = text_for("my-list", category, subject).encode()
    faults = check_protocol(data, "my-list.toml", ALONE).faults
    assert {(fault.rule, fault.severity) for fault in faults} == {("unfinished", "warning")}
    assert len(faults) == sum(line.count("TODO") for line in data.decode().splitlines() if not line.startswith("#"))
    found = parse(data, name="my-list.toml")
    assert isinstance(found, LoadedProtocol)
    protocol = found.protocol
    assert (protocol.id, protocol.title, protocol.category) == ("my-list", "My list", category)
    assert protocol.subject == subject


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_new_protocol_does_not_look_finished(category: Category) -> None:
    """Nobody can take it for a list that somebody has thought about: not even its source is made up."""
    found = parse(text_for("my-list", category).encode(), name="my-list.toml")
    assert isinstance(found, LoadedProtocol)
    assert found.protocol.subject == USUAL[category]
    assert all(source.title.startswith("TODO") for source in found.protocol.sources)
    assert found.protocol.purpose.startswith("TODO")


@given(st.text(min_size=1, max_size=100))
def test_a_title_is_never_more_than_words(title: str) -> None:
    found = parse(text_for("my-list", "clinic", title=title).encode(), name="my-list.toml")
    if isinstance(found, LoadedProtocol):
        assert found.protocol.title == checked_words(title, 120)
        assert len(found.protocol.steps) == 3
    else:
        assert [fault.rule for fault in found] == ["empty"]
