"""What the tables of a procedure file may say: each part by itself, and what must hold between them.

The only part of the gate that needs the schema library. What is right here is built in `procedure`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, PlainValidator, model_validator

from checklist.gate.procedure import STAGES
from checklist.gate.requirement import COMPARISONS, Same
from checklist.protocol.header import Source
from checklist.protocol.plain import Identifier, ProfileRef
from checklist.protocol.rules import Problem
from checklist.protocol.steps import Some
from checklist.protocol.text import clean
from checklist.protocol.values import (
    ID_PATTERN,
    OPTION_LIMIT,
    Frozen,
    Id,
    Many,
    OptionValue,
    Title,
    Version,
    Words,
    echo,
    parse_number,
    parse_validity,
    wrong,
)

MAX_REQUIREMENTS: Final = 100
MAX_ATTRIBUTES: Final = 20
ATTRIBUTE_PATTERN: Final = r"^[a-z0-9_]{1,64}$"


def _window(value: object) -> object:
    if not isinstance(parse_validity(value), ProfileRef):
        return value
    fix = 'write a time such as "4h" or "today"; a protocol\'s valid_for may name a profile\'s value'
    raise wrong("duration", "names a profile's value", fix)


def _step_value(value: object) -> object:
    if isinstance(value, dict) and value.keys() == {"protocol", "step"} and all(_is_id(one) for one in value.values()):
        return value
    raise wrong("step-value", "names no step", 'write { protocol = "…", step = "…" }')


def _is_id(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(ID_PATTERN, value) is not None


def _attributes(value: object) -> object:
    if not isinstance(value, dict) or not 0 < len(value) <= MAX_ATTRIBUTES:
        fix = "write { max_depth_mm = { at_least = … } }"
        raise wrong("attribute", f"is {echo(value)}, no table of attributes", fix)
    for name, one in value.items():
        _compared(name, one)
    return value


def _compared(name: object, value: object) -> None:
    if not isinstance(name, str) or not re.fullmatch(ATTRIBUTE_PATTERN, name):
        raise wrong("attribute", f"names {echo(name)}", "name an attribute in a to z, 0 to 9 and _")
    found = [how for how in COMPARISONS if isinstance(value, dict) and value.keys() == {how}]
    if not isinstance(value, dict) or not found:
        fix = "write { at_least = … }, { at_most = … } or { is = … }"
        raise wrong("attribute", f"compares {echo(name)} with {echo(value)}", fix)
    how, against = found[0], value[found[0]]
    if isinstance(against, dict):
        _step_value(against)
    elif not (how == "is" and isinstance(against, str) and 0 < len(clean(against)) <= OPTION_LIMIT):
        parse_number(against)


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Within = Annotated[object, PlainValidator(_window)]
StepNamed = Annotated[object, PlainValidator(_step_value)]
Attributes = Annotated[object, PlainValidator(_attributes)]


class AnswerTable(Frozen):
    """The table under `answer`."""

    protocol: Id
    step: Id
    is_: Annotated[Some[OptionValue], BeforeValidator(_one_or_more)] = Field(alias="is")


class StatedTable(Frozen):
    """The keys of every requirement."""

    id: Id
    what: Title = ""
    source: Id | None = None


class RunDoneTable(StatedTable):
    """The keys of a RunDone."""

    protocol: Id
    same: Some[Same] = ()
    within: Within | None = None
    tolerates: Some[Id] = ()
    through: Id | None = None
    may_be_none: bool = False

    @model_validator(mode="after")
    def _of_machines_only(self) -> Self:
        if self.may_be_none and "equipment" not in self.same:
            fix = 'write same = ["equipment"], or take may_be_none out'
            raise wrong("may-be-none", "has may_be_none, but asks for a run and not for machines", fix)
        return self


class ItemsUsableTable(StatedTable):
    """The keys of an ItemsUsable."""

    identifier: Identifier
    state: Literal["released"] | None = None
    may_be_none: bool = False


class PerformerMayTable(StatedTable):
    """The keys of a PerformerMay."""

    credential: Id
    attribute: Attributes = ()
    signed: StepNamed | None = None


class AnswerGivenTable(StatedTable):
    """The keys of an AnswerGiven."""

    answer: AnswerTable


class NothingOpenTable(StatedTable):
    """The keys of a NothingOpen."""

    none_open: Some[Id]


class StartClearedTable(StatedTable):
    """The keys of a StartCleared."""

    cleared: bool

    @model_validator(mode="after")
    def _true(self) -> Self:
        if not self.cleared:
            raise wrong("cleared", "asks for cleared = false", "write cleared = true, or take the requirement out")
        return self


RequirementTable = (
    RunDoneTable | ItemsUsableTable | PerformerMayTable | AnswerGivenTable | NothingOpenTable | StartClearedTable
)

TABLES: Final[dict[str, type[RequirementTable]]] = {
    "protocol": RunDoneTable,
    "identifier": ItemsUsableTable,
    "credential": PerformerMayTable,
    "answer": AnswerGivenTable,
    "none_open": NothingOpenTable,
    "cleared": StartClearedTable,
}
"""What a requirement may say, by the key that makes it one of its kind."""

Listed = Mapping[str, Sequence[tuple[str | None, RequirementTable | None]]]
"""The requirements of each list with their ids; None for what is itself faulty (its faults are told elsewhere)."""


class ProcedureHeader(Frozen):
    """The `[procedure]` table."""

    id: Id
    title: Title
    version: Version
    purpose: Words = ""
    jurisdictions: Many[Id] = ()
    """Where it applies; empty: everywhere."""
    sources: Many[Source] = ()


def check(header: ProcedureHeader | None, listed: Listed) -> Iterator[Problem]:
    """Yield every broken rule between the parts of a procedure, with the key path of its place."""
    if not listed["requires"]:
        yield Problem((), "no-requirements", "the file requires nothing", "write at least one [[requires]] table")
    for stage in STAGES:
        if len(listed[stage]) > MAX_REQUIREMENTS:
            what = f"the file has more than {MAX_REQUIREMENTS} {stage} tables"
            yield Problem((stage, MAX_REQUIREMENTS), "too-many", what, "take some out")
    yield from _repeated_ids(listed)
    if header is not None:
        yield from _sources(header, listed)


def _repeated_ids(listed: Listed) -> Iterator[Problem]:
    seen: set[str] = set()
    for stage in STAGES:
        for index, (name, _) in enumerate(listed[stage]):
            if name in seen:
                what = f"{label(stage, index, name)}: another requirement has this id already"
                yield Problem((stage, index, "id"), "duplicate-id", what, "give each requirement an id of its own")
            if name is not None:
                seen.add(name)


def _sources(header: ProcedureHeader, listed: Listed) -> Iterator[Problem]:
    known: set[str] = set()
    for place, source in enumerate(header.sources):
        if source.id in known:
            what = f"sources: {echo(source.id)} stands there twice"
            yield Problem(("procedure", "sources", place, "id"), "duplicate-id", what, "keep one of them")
        known.add(source.id)
    for stage in STAGES:
        for index, (name, one) in enumerate(listed[stage]):
            if one is not None and one.source is not None and one.source not in known:
                what = f"{label(stage, index, name)}: source {echo(one.source)} is not among the sources"
                fix = "write the id of one of the [procedure] sources, or add it there"
                yield Problem((stage, index, "source"), "unknown-source", what, fix)


def label(stage: str, index: int, name: str | None) -> str:
    """Name a requirement for a message, counted from 1 as people count."""
    return f"{stage} {index + 1}" + (f" {echo(name)}" if name is not None else "")
