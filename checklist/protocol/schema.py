"""The JSON Schemas of a protocol file and of a profile file, for editors that read the file's `#:schema` line.

Draft 7, because that is what editors for TOML understand. It says what one part may look like; what holds
between parts only `lint` can say. The names come from the model, so that there is one list of them.
"""

from typing import Final, get_args

from checklist.protocol import steps, units
from checklist.protocol.header import CHECKS, MAX_COMPARED, Category, Header, Style, Subject
from checklist.protocol.profile import MAX_VALUES, ProfileHeader, Sure, Value
from checklist.protocol.rules import MAX_CHECKS, MAX_STEPS
from checklist.protocol.steps import KINDS
from checklist.protocol.values import (
    DURATION_PATTERN,
    ID_PATTERN,
    OPTION_LIMIT,
    TITLE_LIMIT,
    VERSION_PATTERN,
    WORDS_LIMIT,
    Frozen,
)

Schema = dict[str, object]


def json_schema() -> Schema:
    """Return the schema of the whole file, a fresh copy."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "checklist protocol",
        "type": "object",
        "required": ["protocol", "steps"],
        "additionalProperties": False,
        "properties": {
            "protocol": _table(Header, _HEADER),
            "steps": {"type": "array", "minItems": 1, "maxItems": MAX_STEPS, "items": _step()},
            "checks": {"type": "array", "maxItems": MAX_CHECKS, "items": _check()},
        },
    }


def profile_schema() -> Schema:
    """Return the schema of a profile's file, a fresh copy."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "checklist profile",
        "type": "object",
        "required": ["profile", "values"],
        "additionalProperties": False,
        "properties": {
            "profile": _table(ProfileHeader, _HEADER),
            "values": {"type": "array", "minItems": 1, "maxItems": MAX_VALUES, "items": _value()},
        },
    }


def _value() -> Schema:
    numbers = {"required": ["value"], "properties": {"value": {"type": "number"}}}
    return {**_table(Value, _VALUE), "if": numbers, "then": {"required": ["unit"]}, "else": {"not": _HAS_UNIT}}


def _check() -> Schema:
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": _enum(*CHECKS)},
        "allOf": [_if_kind(kind, _table(model, _CHECK)) for kind, model in CHECKS.items()],
    }


def _words(limit: int, description: str = "") -> Schema:
    about: Schema = {"description": description} if description else {}
    return {**about, "type": "string", "minLength": 1, "maxLength": limit}


def _enum(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _list(items: Schema, at_least: int = 0) -> Schema:
    return {"type": "array", "minItems": at_least, "items": items}


def _set(items: Schema) -> Schema:
    return {**_list(items, 1), "maxItems": steps.MAX_ENTRIES, "uniqueItems": True}


def _closed(required: list[str], properties: Schema) -> Schema:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


_ID: Final[Schema] = {"type": "string", "pattern": ID_PATTERN}
_IDS: Final = _list(_ID)
_TRUTH: Final[Schema] = {"type": "boolean"}
_PROFILE: Final = _closed(["profile"], {"profile": _ID})
_NUMBER: Final[Schema] = {"anyOf": [{"type": "number"}, _PROFILE]}
_DURATION: Final[Schema] = {"type": "string", "pattern": DURATION_PATTERN, "description": "90s, 10m, 4h, 7d"}
_TIME: Final[Schema] = {"anyOf": [_DURATION, _PROFILE]}
_VALIDITY: Final[Schema] = {"anyOf": [_DURATION, {"const": "today"}, _PROFILE]}
_RANGE: Final[Schema] = {**_closed([], {"min": _NUMBER, "max": _NUMBER}), "minProperties": 1}
_IDENTIFIER: Final = _enum(*get_args(steps.Identifier))
_OPTION: Final = _closed(
    ["value", "verdict"], {"value": _words(OPTION_LIMIT), "verdict": _enum(*get_args(steps.Verdict))}
)
_TEMPLATE: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 64}
_PRODUCES: Final[Schema] = {
    **_closed([], dict.fromkeys(get_args(steps.Identifier), _TEMPLATE)),
    "minProperties": 1,
}

_SOURCE: Final[Schema] = {
    "id": _ID,
    "title": _words(WORDS_LIMIT),
    "year": {"type": "integer", "minimum": 1800, "maximum": 2200},
    "where": _words(WORDS_LIMIT),
}

_HEADER: Final[Schema] = {
    "id": {**_ID, "description": "equals the file's name"},
    "title": _words(TITLE_LIMIT),
    "version": {"type": "string", "pattern": VERSION_PATTERN},
    "purpose": _words(WORDS_LIMIT),
    "category": _enum(*get_args(Category)),
    "style": _enum(*get_args(Style)),
    "subject": _enum(*get_args(Subject)),
    "equipment": {**_IDS, "description": "kinds of equipment; only with subject equipment"},
    "roles": _IDS,
    "credentials": _IDS,
    "valid_for": _VALIDITY,
    "voided_by": _IDS,
    "jurisdictions": _IDS,
    "sources": _list(_closed(["id", "title"], _SOURCE)),
}

_STEP: Final[Schema] = {
    "id": _ID,
    "kind": _enum(*KINDS),
    "do": _words(WORDS_LIMIT, "what to do"),
    "expect": _words(WORDS_LIMIT, "what done means"),
    "why": _words(WORDS_LIMIT),
    "caution": _words(WORDS_LIMIT),
    "at_least": _TIME,
    "at_least_as": {
        **_ID,
        "description": "the id of an earlier measure step in s or min: at least as long as was read",
    },
    "at_most": _TIME,
    "source": {**_ID, "description": "the id of one of the sources"},
    "ifu_may_override": _TRUTH,
    "hold": {**_TRUTH, "description": "nothing may pass until this is cleared"},
    "on_fail": _closed([], {"stop": _TRUTH, "open": _ID}),
    "roles": _IDS,
    "credentials": _IDS,
    "phase": _words(TITLE_LIMIT),
    "when": _closed(["step", "is"], {"step": _ID, "is": _words(OPTION_LIMIT)}),
    "unit": {**_enum(*units.UNITS), "description": "a UCUM code"},
    "expected": {**_RANGE, "description": "outside: asked again"},
    "limit": {**_RANGE, "description": "outside: the attempt has failed"},
    "decimals": {"type": "integer", "minimum": 0, "maximum": steps.MAX_DECIMALS},
    "sensed": {**_enum(*get_args(steps.Sensed)), "description": "what a steriliser's printout says of the same"},
    "printout": {**_TRUTH, "description": "whether the file is a steriliser's printout of this cycle"},
    "accepts": _set(_enum(*get_args(steps.Barcode))),
    "captures": _set(_IDENTIFIER),
    "optional": {**_set(_IDENTIFIER), "description": "what of captures not every such label has"},
    "use": _enum("consumes", "produces"),
    "produces": _PRODUCES,
    "options": _set(_OPTION),
    "of": {**_ID, "description": "the id of an earlier step"},
    "meanings": _set(_enum(*get_args(steps.Meaning))),
    "another": {
        "anyOf": [_TRUTH, _PROFILE],
        "description": "whoever signs must have done no step of this run",
    },
}

_HAS_UNIT: Final[Schema] = {"required": ["unit"]}
_VALUE: Final[Schema] = {
    "name": {**_ID, "description": "what protocols name it by"},
    "value": {"anyOf": [_TRUTH, {"type": "number"}, _words(WORDS_LIMIT, "words, or a duration such as 180d")]},
    "unit": _STEP["unit"],
    "title": _words(WORDS_LIMIT),
    "source": _STEP["source"],
    "sure": {**_enum(*get_args(Sure)), "description": "how the value is known"},
    "note": _words(WORDS_LIMIT),
}

_CHECK: Final[Schema] = {
    "kind": _enum(*CHECKS),
    "steps": {
        **_list(_ID, 2),
        "maxItems": MAX_COMPARED,
        "uniqueItems": True,
        "description": "what they say is compared",
    },
    "of": {**_IDENTIFIER, "description": "what must be the same on all labels"},
    "temperature": _ID,
    "pressure": _ID,
    "tolerance": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, _PROFILE], "description": "kelvin"},
}


def _table(model: type[Frozen], properties: Schema, *, without: str = "") -> Schema:
    names = [name for name in model.model_fields if name != without]
    required = [name for name in names if model.model_fields[name].is_required()]
    return _closed(required, {name: properties[name] for name in names})


def _step() -> Schema:
    return {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {"kind": _STEP["kind"]},
        "allOf": [_of_kind(kind) for kind in KINDS],
    }


def _of_kind(kind: str) -> Schema:
    then = _table(KINDS[kind], _STEP, without="at_least" if kind == "assign" else "")
    if kind == "measure":
        then["anyOf"] = [{"required": ["limit"]}, {"required": ["expected"]}]
    return _if_kind(kind, then)


def _if_kind(kind: str, then: Schema) -> Schema:
    return {"if": {"required": ["kind"], "properties": {"kind": {"const": kind}}}, "then": then}
