"""One entry: what it says, what it is called, and the bytes that are hashed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checklist.ledger import canonical
from checklist.ledger.entry import (
    Draft,
    Entry,
    Moment,
    check_leaf,
    format_place,
    is_station,
    new_id,
    parse_leaf,
    parse_place,
    seal,
)
from checklist.ledger.errors import NotCanonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.ledger.entry import Json

NOW = Moment("2026-11-22T10:11:12.345678Z", "Europe/Berlin", "4b1ad1f6-9a1b", 123456789, 123459000)
ID = "01HF7YAT00000000000000000Z"
PREV = hashlib.sha256(b"before").hexdigest()


def step(data: Mapping[str, Json]) -> tuple[Entry, bytes]:
    return seal(Draft("step.done", data, "u_9f31c2d47a", "tui", "a#7", "pressure"), "a", 8, ID, NOW, PREV)


def test_a_leaf_is_written_as_the_design_fixes_it() -> None:
    entry, leaf = step({"value": "134.2", "unit": "Cel"})
    assert leaf == (
        b'{"actor":"u_9f31c2d47a","at":"2026-11-22T10:11:12.345678Z","boot":"4b1ad1f6-9a1b","boottime_ms":123459000,'
        b'"data":{"unit":"Cel","value":"134.2"},"id":"01HF7YAT00000000000000000Z","index":8,"kind":"step.done",'
        b'"mono_ms":123456789,"prev":"' + PREV.encode() + b'","run":"a#7","station":"a","step":"pressure","v":1,'
        b'"via":"tui","zone":"Europe/Berlin"}'
    )
    assert entry.leaf == hashlib.sha256(b"\0" + leaf).hexdigest()
    assert (entry.place, entry.at) == ("a#8", NOW.at)


def test_keys_that_do_not_apply_are_absent_but_the_actor_is_always_there() -> None:
    entry, leaf = seal(Draft("ledger.opened", {}, None, "system"), "a", 0, ID, NOW, None)
    assert set(json.loads(leaf)) == {
        "actor", "at", "boot", "boottime_ms", "data", "id", "index", "kind", "mono_ms", "station", "v", "via", "zone",
    }  # fmt: skip
    assert (entry.actor, entry.run, entry.step, entry.prev) == (None, None, None, None)
    assert parse_leaf(leaf) == entry


texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Mn")), max_size=10)


@given(st.dictionaries(st.from_regex("[a-z_]{1,6}", fullmatch=True), texts | st.integers(-99, 99) | st.none()))
@example({"id": 'x","index":5,"kind":"y', "run": "a#1"})
@example({"of": {"station": "b", "index": 1, "leaf": PREV}})
def test_an_entry_survives_its_leaf(data: dict[str, Json]) -> None:
    try:
        entry, leaf = step(data)
    except NotCanonical:
        return
    assert parse_leaf(leaf) == entry
    assert entry.to_leaf() == leaf
    assert canonical.encode(canonical.decode(leaf)) == leaf


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "Step"}, {"kind": ""}, {"actor": "Anna Muster"}, {"actor": 'x"'}, {"via": "TUI"}, {"run": "7"},
        {"run": "a#07"}, {"step": "a b"}, {"step": ""}, {"data": {"x": 1.5}},
        {"data": {"x": "y" * 17000}}, {"kind": "half \ud800"}, {"via": b"tui"},
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_recorded_is_refused(bad: dict[str, object]) -> None:
    good = Draft("step.done", {}, "u_1", "tui", "a#7", "pressure")
    with pytest.raises(NotCanonical):
        seal(replace(good, **bad), "a", 8, ID, NOW, PREV)  # type: ignore[arg-type]


@given(st.sampled_from(["kind", "actor", "via", "run", "step"]), st.data())
def test_no_field_can_stand_for_several(field: str, data: st.DataObject) -> None:
    good = Draft("step.done", {"value": "1"}, "u_1", "tui", "a#7", "pressure")
    _, leaf = seal(good, "a", 8, ID, NOW, PREV)
    text = leaf.decode()
    start = data.draw(st.integers(0, len(text)))
    forged = replace(good, **{field: f"x{text[start : data.draw(st.integers(start, len(text)))]}"})  # type: ignore[arg-type]
    try:
        entry, leaf = seal(forged, "a", 8, ID, NOW, PREV)
    except NotCanonical:
        return
    assert parse_leaf(leaf) == entry


def test_a_whole_leaf_in_the_place_of_a_name_is_refused() -> None:
    _, leaf = step({"value": "1"})
    head, _, _ = leaf.decode().removeprefix('{"actor":"').partition("}")
    with pytest.raises(NotCanonical):
        seal(Draft("step.done", {"value": "2"}, head, "tui"), "a", 8, ID, NOW, PREV)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'), (b'"index":8', b'"index":08'), (b'"index":8', b'"index":0'), (PREV.encode(), b"00"),
        (b"-22T10", b"-31T10"), (b"T10:", b"T25:"), (b'"via"', b'"vi"'), (b'{"actor"', b'{ "actor"'), (b"}", b"}\n"),
        (b'"value":"1"', b'"value":1.0'), (b'"value":"1"', b'"value":"1","value":"1"'),
        (b'"value":"1"', b'"value":"\xff"'),
        (ID.encode(), b"8" + ID[1:].encode()), (b'"data":{', b'"data":{"a":{}},"x":{'),
        (b'"mono_ms":123456789', b'"mono_ms":-1'),
    ],
)  # fmt: skip
def test_a_leaf_that_this_program_could_not_have_written_is_refused(old: bytes, new: bytes) -> None:
    _, leaf = step({"value": "1"})
    assert old in leaf
    with pytest.raises(NotCanonical):
        check_leaf(leaf.replace(old, new))


@given(st.data())
def test_no_mangled_leaf_is_taken_for_another_way_to_write_an_entry(data: st.DataObject) -> None:
    _, leaf = step({"value": "1", "of": {"index": 7, "station": "a"}})
    at = data.draw(st.integers(0, len(leaf) - 1))
    length = data.draw(st.integers(0, 3))
    other = leaf[:at] + data.draw(st.binary(max_size=4)) + leaf[at + length :]
    try:
        entry = parse_leaf(other)
    except NotCanonical:
        return
    assert entry.to_leaf() == other


def test_a_leaf_larger_than_sixteen_kibibytes_is_refused() -> None:
    with pytest.raises(NotCanonical):
        check_leaf(b"x" * 17000)


def test_an_id_holds_its_time_and_sorts_by_it() -> None:
    assert new_id(0, bytes(10)) == "0" * 26
    assert new_id(2**48 - 1, b"\xff" * 10) == "7" + "Z" * 25
    # The example of the ULID specification: 1469918176385 is 01ARYZ6S41.
    assert new_id(1469918176385, bytes(10)).startswith("01ARYZ6S41")
    assert new_id(1000) < new_id(2000) < new_id()
    assert new_id(5) != new_id(5)


def test_a_place_names_station_and_index() -> None:
    assert format_place("sterile", 12) == "sterile#12"
    assert parse_place("sterile#12") == ("sterile", 12)
    for wrong in ("sterile", "#1", "A#1", "a#01", "a#-1", "a#1 ", "a#" + "9" * 20):
        assert parse_place(wrong) is None
    assert is_station("a")
    for wrong in ("", "A", "-a", "a b", "a\n", "a" * 33):
        assert not is_station(wrong)
