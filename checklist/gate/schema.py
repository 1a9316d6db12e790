"""The JSON Schema of a procedure file, for editors that read the file's `#:schema` line.

Draft 7, as the protocols' own. It says what one part may look like; what holds between parts only `lint` can say.
"""

from typing import Final, get_args

from checklist.gate.requirement import Same
from checklist.gate.tables import ATTRIBUTE_PATTERN, MAX_ATTRIBUTES, MAX_REQUIREMENTS, TABLES, ProcedureHeader
from checklist.protocol.steps import MAX_ENTRIES, Identifier
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
    requirements = {"type": "array", "maxItems": MAX_REQUIREMENTS, "items": _requirement()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "checklist procedure",
        "type": "object",
        "required": ["procedure", "requires"],
        "additionalProperties": False,
        "properties": {
            "procedure": _table(ProcedureHeader),
            "requires": {**requirements, "minItems": 1, "description": "what must be true before it starts"},
            "closes": {**requirements, "description": "what must be true before its visit is closed"},
        },
    }


def _requirement() -> Schema:
    return {"type": "object", "oneOf": [_table(model, key) for key, model in TABLES.items()]}


def _table(model: type[Frozen], *also_required: str) -> Schema:
    names = {field.alias or name: field for name, field in model.model_fields.items()}
    required = [name for name, field in names.items() if field.is_required()]
    return {
        "type": "object",
        "required": list(dict.fromkeys([*also_required, *required])),
        "additionalProperties": False,
        "properties": {name: _KEYS[name] for name in names},
    }


def _words(limit: int, description: str = "") -> Schema:
    about: Schema = {"description": description} if description else {}
    return {**about, "type": "string", "minLength": 1, "maxLength": limit}


def _set(items: object) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": MAX_ENTRIES, "uniqueItems": True, "items": items}


def _closed(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "required": [*required], "additionalProperties": False, "properties": properties}


_ID: Final[Schema] = {"type": "string", "pattern": ID_PATTERN}
_TRUTH: Final[Schema] = {"type": "boolean"}
_STEP: Final = _closed({"protocol": _ID, "step": _ID}, "protocol", "step")
_NUMBER: Final[Schema] = {"anyOf": [{"type": "number"}, _STEP]}
_WORD: Final[Schema] = {"anyOf": [{"type": "number"}, _words(OPTION_LIMIT), _STEP]}
_COMPARED: Final[Schema] = {
    "oneOf": [
        _closed({"at_least": _NUMBER}, "at_least"),
        _closed({"at_most": _NUMBER}, "at_most"),
        _closed({"is": _WORD}, "is"),
    ]
}
_OPTION: Final = _words(OPTION_LIMIT)
_SOURCE: Final = _closed(
    {
        "id": _ID,
        "title": _words(WORDS_LIMIT),
        "year": {"type": "integer", "minimum": 1800, "maximum": 2200},
        "where": _words(WORDS_LIMIT),
    },
    "id",
    "title",
)

_KEYS: Final[Schema] = {
    "id": _ID,
    "title": _words(TITLE_LIMIT),
    "version": {"type": "string", "pattern": VERSION_PATTERN},
    "purpose": _words(WORDS_LIMIT),
    "jurisdictions": {"type": "array", "items": _ID},
    "sources": {"type": "array", "items": _SOURCE},
    "what": _words(TITLE_LIMIT, "what it is about, as a sentence begins"),
    "source": {**_ID, "description": "the id of one of the sources"},
    "protocol": {**_ID, "description": "a run of this protocol counts"},
    "same": _set({"type": "string", "enum": [*get_args(Same)]}),
    "within": {"anyOf": [{"type": "string", "pattern": DURATION_PATTERN}, {"const": "today"}]},
    "tolerates": _set(_ID),
    "through": {**_ID, "description": "the run counts from when this step is done"},
    "may_be_none": _TRUTH,
    "identifier": {"type": "string", "enum": [*get_args(Identifier)]},
    "state": {"const": "released"},
    "credential": {**_ID, "description": "whoever performs it holds this credential today"},
    "attribute": {
        "type": "object",
        "minProperties": 1,
        "maxProperties": MAX_ATTRIBUTES,
        "propertyNames": {"pattern": ATTRIBUTE_PATTERN},
        "additionalProperties": _COMPARED,
    },
    "signed": {**_STEP, "description": "whoever signed this step performs it"},
    "answer": _closed(
        {"protocol": _ID, "step": _ID, "is": {"anyOf": [_OPTION, _set(_OPTION)]}}, "protocol", "step", "is"
    ),
    "none_open": {**_set(_ID), "description": "no run of these protocols is unfinished"},
    "cleared": {"const": True},
}
