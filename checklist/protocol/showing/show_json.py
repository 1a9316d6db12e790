"""A protocol as plain data for `protocol show --json`: the names of the file format, and what is reckoned from it.

Measured numbers are strings, as everywhere in this program's JSON; a profile's value that is not known yet is
`{"profile": name}`, as in the file. What the file leaves out is there too, empty.
"""

from decimal import Decimal
from typing import TypeAlias

from pydantic import BaseModel

from checklist.protocol.header import Header
from checklist.protocol.model import Protocol
from checklist.protocol.showing.minimum import minimum_seconds
from checklist.protocol.steps import Produced
from checklist.protocol.values import Duration, ProfileRef

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"


def as_data(protocol: Protocol, sha256: str) -> dict[str, Plain]:
    """Return `protocol` (the header and the digest of the file's bytes), `steps`, `checks`, and what is reckoned:
    `minimum_seconds`, and the `profile_values` that it names."""
    whole = as_table(protocol)
    header = {key: whole[key] for key in Header.model_fields}
    return {
        "protocol": {**header, "sha256": sha256},
        "minimum_seconds": minimum_seconds(protocol),
        "profile_values": [*sorted(protocol.profile_values())],
        "steps": whole["steps"],
        "checks": whole["checks"],
    }


def as_table(model: BaseModel) -> dict[str, Plain]:
    """Return a part of a file under the names of the file."""
    names = type(model).model_fields
    return {names[name].alias or name: _plain(value) for name, value in model}


def _plain(value: object) -> Plain:
    match value:
        case BaseModel():
            return as_table(value)
        case Decimal():
            return f"{value:f}"
        case Duration():
            return value.text
        case ProfileRef():
            return {"profile": value.profile}
        case tuple() if value and all(isinstance(one, Produced) for one in value):
            return {one.identifier: one.template for one in value}
        case tuple():
            return [_plain(one) for one in value]
        case str() | int() | None:
            return value
        case _:
            msg = f"a protocol has no value of the type {type(value).__name__}"
            raise TypeError(msg)
