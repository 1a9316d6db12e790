"""A procedure file is read whole, or every fault in it is told with its place."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from checklist.gate.reading import LoadedProcedure, parse
from checklist.gate.requirement import AnswerGiven, Compared, ItemsUsable, PerformerMay, RunDone, StepValue
from checklist.protocol.values import Duration

if TYPE_CHECKING:
    from checklist.protocol.errors import Fault

EXAMPLE = """\
[procedure]
id = "microneedling"
title = "Microneedling"
version = "1.0.0"
[[requires]]
id = "room-ready"
protocol = "room-turnover"
same = ["room"]                      # for this very room
within = "4h"
[[requires]]
id = "device-set-up"
protocol = "microneedling-setup"
same = ["session"]
[[requires]]
id = "instruments"
identifier = "load"
state = "released"
[[requires]]
id = "performer"
credential = "microneedling"
attribute = { max_depth_mm = { at_least = { protocol = "microneedling-timeout", step = "depth" } } }
[[requires]]
id = "sun"
answer = { protocol = "microneedling-screen", step = "recent-sun", is = "no" }
"""


def read(text: str) -> LoadedProcedure | list[Fault]:
    return parse(text.encode(), name="clinic/microneedling.toml")


def faults(old: str, new: str) -> list[str]:
    assert old in EXAMPLE
    found = read(EXAMPLE.replace(old, new, 1))
    assert isinstance(found, list), "the change broke nothing"
    assert all(one.severity == "error" for one in found)
    return [str(one).removeprefix("clinic/microneedling.toml:") for one in found]


def test_every_kind_of_requirement_is_read_as_written() -> None:
    found = read(EXAMPLE)
    assert isinstance(found, LoadedProcedure)
    room, setup, loads, performer, sun = found.procedure.requires
    assert isinstance(room, RunDone)
    assert (room.protocol, room.same, room.within) == ("room-turnover", ("room",), Duration(14400, "4h"))
    assert isinstance(setup, RunDone)
    assert (setup.same, setup.within, setup.tolerates, setup.through) == (("session",), None, (), None)
    assert isinstance(loads, ItemsUsable)
    assert (loads.identifier, loads.state, loads.may_be_none) == ("load", "released", False)
    assert isinstance(performer, PerformerMay)
    assert performer.attribute == (Compared("max_depth_mm", "at_least", StepValue("microneedling-timeout", "depth")),)
    assert isinstance(sun, AnswerGiven)
    assert sun.answer.is_ == ("no",)
    assert found.procedure.closes == ()
    assert found.procedure.protocols == {
        "room-turnover", "microneedling-setup", "microneedling-timeout", "microneedling-screen",
    }  # fmt: skip


def test_an_answer_may_be_one_of_several_and_an_attribute_a_number_or_a_word() -> None:
    text = EXAMPLE.replace('is = "no"', 'is = ["no", "yes"]')
    text = text.replace('{ protocol = "microneedling-timeout", step = "depth" } } }', '1.5 }, class = { is = "4" } }')
    found = read(text)
    assert isinstance(found, LoadedProcedure)
    *_, performer, sun = found.procedure.requires
    assert isinstance(performer, PerformerMay)
    assert performer.attribute == (
        Compared("max_depth_mm", "at_least", Decimal("1.5")),
        Compared("class", "is", "4"),
    )
    assert isinstance(sun, AnswerGiven)
    assert sun.answer.is_ == ("no", "yes")


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ('id = "microneedling"', 'id = "needling"', "2:1", 'the file is named "microneedling"'),
        ('version = "1.0.0"', 'version = "1"', "4:1", "three numbers"),
        ('within = "4h"', 'within = "4 hours"', "9:1", "not a duration"),
        ('within = "4h"', 'within = { profile = "x" }', "9:1", "names a profile's value"),
        ('same = ["room"]', 'same = ["rooms"]', "8:9", 'write "room"'),
        ('same = ["room"]', "same = []", "8:1", "empty list"),
        ('within = "4h"', 'widthin = "4h"', "9:1", 'write "within"'),
        ('within = "4h"', "may_be_none = true", "5:1", 'write same = ["equipment"]'),
        ('state = "released"', 'state = "good"', "17:1", "released"),
        ('identifier = "load"', 'identifier = "cycle"', "16:1", "load"),
        ('protocol = "room-turnover"', 'protocols = "room-turnover"', "5:1", "asks for nothing"),
        ('state = "released"', 'credential = "x"', "14:1", "asks for identifier and credential at once"),
        ("at_least = {", "atleast = {", "21:1", "at_least"),
        ("max_depth_mm", "max-depth", "21:1", "a to z, 0 to 9 and _"),
        ('step = "depth" }', 'stop = "depth" }', "21:1", "names no step"),
        ('is = "no"', 'are = "no"', "24:1", "add is"),
        ('is = "no"', "is = 3", "24:68", "not a list"),
        ('id = "sun"', 'id = "performer"', "23:1", "has this id already"),
        ('id = "sun"', 'id = "sun"\nsource = "cdc"', "24:1", "not among the sources"),
        ('id = "sun"', 'id = "sun"\nwhat = ""', "24:1", "is empty"),
    ],
)
def test_a_fault_names_its_place_and_what_would_be_right(old: str, new: str, place: str, words: str) -> None:
    told = faults(old, new)
    assert any(one.startswith(f"{place}: ") and words in one for one in told), told


def test_all_faults_are_told_at_once() -> None:
    text = EXAMPLE.replace('within = "4h"', "within = 4").replace('state = "released"', "state = 1") + "x = 1\n"
    found = read(text + "[more]\n")
    assert isinstance(found, list)
    assert [one.line for one in found] == [9, 17, 25, 26]


@pytest.mark.parametrize(
    "text", ["", "[procedure]\n", "requires = 3\n", "procedure = 3\n[[closes]]\n", "[[requires]]\n"]
)
def test_what_lacks_its_tables_has_faults_and_never_a_traceback(text: str) -> None:
    found = read(text)
    assert isinstance(found, list)
    assert found


def test_what_is_no_toml_has_one_fault() -> None:
    found = read("[procedure\n")
    assert isinstance(found, list)
    assert [(one.line, one.rule) for one in found] == [(1, "syntax")]


def test_a_start_may_ask_for_its_clearance_only_as_true() -> None:
    told = read(EXAMPLE + '[[closes]]\nid = "cleared"\ncleared = false\n')
    assert isinstance(told, list)
    assert "cleared = true" in told[0].fix
