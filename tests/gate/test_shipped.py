"""The procedures that belong to the program are sound, and ask for the five precautions."""

from __future__ import annotations

import json

import pytest
import tomli
from jsonschema import Draft7Validator

from checklist.gate.lint import lint
from checklist.gate.procedure import STAGES
from checklist.gate.schema import json_schema
from checklist.protocol.library import shipped, shipped_folder
from tests.support.gating import Gate, shipped_procedure

NAMES = ("microneedling", "minor-surgery", "piercing", "podiatry-nail-care", "prp-microneedling")
VALIDATOR = Draft7Validator(json_schema())


def test_these_are_all() -> None:
    assert sorted(path.stem for path in (shipped_folder() / "procedures").glob("*.toml")) == [*NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_it_has_no_fault_beside_the_shipped_protocols(name: str) -> None:
    protocols = {key: loaded.protocol for key, loaded in shipped().items()}
    assert lint(shipped_procedure(name), protocols, name=name) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_names_its_source_and_can_be_said_in_words(name: str) -> None:
    procedure = shipped_procedure(name).procedure
    for one in (*procedure.requires, *procedure.closes):
        assert one.source, one.id
    assert {"aftercare", "cleared"} <= {one.id for one in procedure.closes}
    assert {"room", "performer", "no-incident"} <= {one.id for one in procedure.requires}


@pytest.mark.parametrize("name", NAMES)
def test_an_editor_accepts_it(name: str) -> None:
    text = shipped_procedure(name).data.decode()
    assert text.startswith("#:schema ../procedure.schema.json\n")
    assert [*VALIDATOR.iter_errors(tomli.loads(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('within = "4h"', 'within = "4 h"'),
        ('same = ["room"]', 'same = ["rooms"]'),
        ('protocol = "day-open"', 'protocols = "day-open"'),
        ('state = "released"', 'state = "clean"'),
        ("at_least = {", "least = {"),
        ("cleared = true", "cleared = false"),
        ('is = "fit"', "is = 1"),
        ("may_be_none = true", 'may_be_none = "yes"'),
        ("[[closes]]", "[[ends]]"),
    ],
)
def test_an_editor_marks_what_is_plainly_wrong(old: str, new: str) -> None:
    text = shipped_procedure("microneedling").data.decode()
    assert old in text
    assert [*VALIDATOR.iter_errors(tomli.loads(text.replace(old, new)))]


def test_the_schema_beside_the_procedures_is_the_one_the_program_gives() -> None:
    Draft7Validator.check_schema(json_schema())
    kept = shipped_folder() / "procedure.schema.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == json_schema()


def test_microneedling_may_start_and_its_visit_may_be_closed(gate: Gate) -> None:
    assert gate.decision == "GO"
    assert gate.asking(stage="close").decision == "GO"
    assert [*STAGES] == ["requires", "closes"]


@pytest.mark.parametrize("step", ["call", "review", "late-check"])
def test_the_calls_after_the_visit_may_wait(gate: Gate, step: str) -> None:
    assert step in {one.id for one in gate.run("microneedling-signout").steps if one.state == "deferred"}
