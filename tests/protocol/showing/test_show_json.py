"""A protocol as data: the names of the file format, whole, and the same keys whatever the file leaves out."""

import json
from pathlib import Path

from checklist.protocol.header import Header
from checklist.protocol.library import shipped
from checklist.protocol.loader import load
from checklist.protocol.model import KINDS
from checklist.protocol.showing.show_json import as_data


def test_the_whole_example_is_there_under_the_names_of_the_file(example_path: Path) -> None:
    loaded = load(example_path)
    data = json.loads(json.dumps(as_data(loaded.protocol, loaded.sha256)))
    assert set(data) == {"protocol", "minimum_seconds", "profile_values", "steps", "checks"}
    header, steps = data["protocol"], {step["id"]: step for step in data["steps"]}
    assert set(header) == {*Header.model_fields, "sha256"}
    assert header["id"] == "steriliser-load"
    assert header["sha256"] == loaded.sha256
    assert header["valid_for"] == "7d"
    assert header["roles"] == ["reprocessing"]
    assert header["sources"][0]["id"] == "cdc-2008"
    assert data["minimum_seconds"] == 190
    assert data["profile_values"] == ["dry-time", "packs-in-a-load"]
    assert data["checks"][0]["tolerance"] == "2.0"
    assert [step["id"] for step in data["steps"]] == [step.id for step in loaded.protocol.steps]
    assert steps["exposure-temperature"]["limit"] == {"min": "134.0", "max": "138.0"}
    assert steps["exposure-temperature"]["on_fail"]["open"] == "steriliser-recall"
    assert steps["dry-time"]["at_least"] == {"profile": "dry-time"}
    assert steps["packs"]["limit"]["max"] == {"profile": "packs-in-a-load"}
    assert steps["load-number"]["produces"] == {"load": "{equipment}-{date}-{n:02}"}
    assert steps["inside-indicator"]["options"][1] == {"value": "not turned", "verdict": "fail"}
    assert steps["implant-note"]["when"] == {"step": "implant", "is": "yes"}


def test_every_step_of_a_kind_has_the_same_keys() -> None:
    for loaded in shipped().values():
        steps = as_data(loaded.protocol, loaded.sha256)["steps"]
        assert isinstance(steps, list)
        for step in steps:
            assert isinstance(step, dict)
            fields = KINDS[str(step["kind"])].model_fields
            assert set(step) == {field.alias or name for name, field in fields.items()}
