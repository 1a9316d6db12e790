"""The shape of facts: what stands in an entry is read back as it was meant, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.run.events import (
    REASON_CODES,
    Kind,
    Reason,
    as_json,
    number_of,
    reason_of,
    strings_of,
    text_of,
)

if TYPE_CHECKING:
    from checklist.ledger.entry import Json

anything: st.SearchStrategy[Json] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "reason", "words"]), inner)
    ),
    max_leaves=6,
)


def test_a_reason_is_read_back_as_it_was_written() -> None:
    for code in REASON_CODES:
        for words in (None, "commitment"):
            assert reason_of(Reason(code, words).data()) == Reason(code, words)
    assert Reason("mistake", "").data() == {"reason": "mistake"}
    assert reason_of({}) is None
    assert reason_of({"words": "commitment"}) is None


@given(st.dictionaries(st.sampled_from(["a", "reason", "words"]), anything))
def test_data_of_another_shape_is_as_good_as_absent(data: dict[str, Json]) -> None:
    assert isinstance(text_of(data, "a"), str | None)
    assert type(number_of(data, "a")) is int
    assert all(isinstance(value, str) for value in strings_of(data, "a").values())
    assert isinstance(reason_of(data), Reason | None)


@pytest.mark.parametrize("value", [None, "134.5", {"lot": "A1"}])
def test_a_value_stands_in_an_entry_as_it_is(value: str | dict[str, str] | None) -> None:
    assert as_json(value) == value


def test_kinds_are_the_words_of_the_record() -> None:
    assert all(kind.value.split(".")[0] in {"run", "step", "witnessed", "signed"} for kind in Kind)
