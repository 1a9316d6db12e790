"""An editor accepts what we accept, and marks what is plainly wrong."""

import json

import pytest
import tomli
from jsonschema import Draft7Validator

from checklist.protocol.library import shipped, shipped_folder, shipped_profiles
from checklist.protocol.schema import json_schema, profile_schema
from tests.protocol.test_profile import PROFILE

VALIDATOR = Draft7Validator(json_schema())
PROFILES = Draft7Validator(profile_schema())


def errors(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(tomli.loads(text))]


def test_the_schema_is_itself_valid() -> None:
    Draft7Validator.check_schema(json_schema())
    assert json_schema() is not json_schema()


def test_the_full_example_is_accepted(example: str) -> None:
    assert errors(example) == []


def test_credentials_are_accepted_in_the_header_and_in_a_step(example: str) -> None:
    assert errors(example.replace("roles = [", 'credentials = ["laser"]\nroles = [')) == []


def test_every_shipped_protocol_is_accepted() -> None:
    for loaded in shipped().values():
        assert errors(loaded.data.decode()) == [], loaded.protocol.id


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('unit = "Cel"', 'unit = "C"'),
        ('version = "2.1.0"', 'version = "2"'),
        ('purpose = "Prove', 'purpos = "Prove'),
        ('category = "sterilisation"', 'category = "other"'),
        ('valid_for = "7d"', 'valid_for = "7 days"'),
        ('expect = "clean', 'expects = "clean'),
        ('at_least = "3m"', "at_least = 3"),
        ('at_least = "3m"', ""),
        ("hold = true", 'at_most = "3m"'),
        ("hold = true", "hold = 1"),
        ('roles = ["release"]', 'credentials = "laser"'),
        ('roles = ["reprocessing"]', 'credentials = ["Laser 1"]'),
        ("produces = {", 'at_least = "1s"\nproduces = {'),
        ("limit = { min = 304.0, max = 345.0 }", ""),
        ("limit = { min = 304.0, max = 345.0 }", "limit = {}"),
        ("max = 345.0", 'max = "345"'),
        ("max = 345.0", 'max = { profil = "x" }'),
        ('kind = "text"', 'kind = "words"'),
        ('kind = "text"', ""),
        ('captures = ["gtin", "lot", "expiry"]', "captures = []"),
        ('verdict = "fail"', 'verdict = "unexpected"'),
        ('meanings = ["released"', 'meanings = ["signed"'),
        ('when.is = "no"', ""),
        ("tolerance = 2.0", "tolerance = 0"),
        ('kind = "saturated-steam"', ""),
        ("#:schema", "colour = 1\n#:schema"),
        ('title = "Run and release a steriliser load"', 'title = ""'),
    ],
)
def test_typical_mistakes_are_marked(example: str, old: str, new: str) -> None:
    assert old in example
    assert errors(example.replace(old, new, 1))


def test_the_files_that_editors_read_are_the_schemas_that_the_program_prints() -> None:
    for name, schema in (("protocol", json_schema()), ("profile", profile_schema())):
        kept = shipped_folder() / f"{name}.schema.json"
        assert json.loads(kept.read_text("utf-8")) == schema


def test_every_shipped_profile_is_accepted() -> None:
    Draft7Validator.check_schema(profile_schema())
    for loaded in shipped_profiles().values():
        assert [*PROFILES.iter_errors(tomli.loads(loaded.data.decode()))] == [], loaded.profile.id


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "1.0.0"\n', ""),
        ('value = "180d"', "value = []"),
        ('unit = "mbar/min"\n', ""),
        ("value = true", 'value = true\nunit = "d"'),
        ('unit = "mbar/min"', 'unit = "mBar"'),
        ('sure = "read"', 'sure = "certain"'),
        ('note = "As', 'notes = "As'),
    ],
)
def test_typical_mistakes_in_a_profile_are_marked(old: str, new: str) -> None:
    assert old in PROFILE
    assert [*PROFILES.iter_errors(tomli.loads(PROFILE))] == []
    assert [*PROFILES.iter_errors(tomli.loads(PROFILE.replace(old, new, 1)))]
