"""From the bytes of a procedure file to a procedure, or to all that is wrong with it.

Opens no file. Whatever the bytes hold, the answer is a procedure or faults that have a place; never a traceback.
"""

import hashlib
from collections.abc import Mapping
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from checklist.gate.procedure import STAGES, Procedure, procedure_of
from checklist.gate.procedure import LoadedProcedure as LoadedProcedure
from checklist.gate.tables import MAX_REQUIREMENTS, TABLES, ProcedureHeader, RequirementTable, check, label
from checklist.protocol.errors import Fault
from checklist.protocol.loader import parsed
from checklist.protocol.messages import MAX_TOLD, problems_of, unknown_key
from checklist.protocol.rules import Path, Problem
from checklist.protocol.values import echo

TOP_KEYS: Final = ("procedure", *STAGES)

P = TypeVar("P", bound=BaseModel)


def parse(data: bytes, *, name: str) -> LoadedProcedure | list[Fault]:
    """Read the bytes of one file; `name` is its path or name, whose stem must equal the procedure's id."""
    found = parsed(data, name, assemble)
    return found if isinstance(found, list) else LoadedProcedure(found, hashlib.sha256(data).hexdigest(), data)


def assemble(document: Mapping[str, object], *, stem: str) -> Procedure | list[Problem]:
    """Return the procedure, or every problem; `stem` is the file's name without its ending."""
    return _Assembly(document, stem).result()


class _Assembly:
    """One document on its way to a procedure, with the problems found so far."""

    def __init__(self, document: Mapping[str, object], stem: str) -> None:
        self.document = document
        self.stem = stem
        self.problems: list[Problem] = []

    def result(self) -> Procedure | list[Problem]:
        for key in [key for key in self.document if key not in TOP_KEYS][:MAX_TOLD]:
            self._report((key,), "unknown-key", *unknown_key(key, TOP_KEYS))
        header = self._header()
        listed = {stage: self._listed(stage) for stage in STAGES}
        self.problems += check(header, listed)
        if self.problems or header is None:
            return self.problems
        return procedure_of(self.document)

    def _header(self) -> ProcedureHeader | None:
        raw = self.document.get("procedure")
        if not isinstance(raw, dict):
            fix = "begin with [procedure]"
            self._report(("procedure",), "required", "the table [procedure] is missing", fix)
            return None
        own_id = raw.get("id")
        if isinstance(own_id, str) and own_id != self.stem:
            what = f"[procedure]: id is {echo(own_id)}, but the file is named {echo(self.stem)}"
            self._report(("procedure", "id"), "file-name", what, "let the file's name be the id and .toml")
        return self._part(ProcedureHeader, raw, ("procedure",), "[procedure]")

    def _listed(self, stage: str) -> list[tuple[str | None, RequirementTable | None]]:
        raw = self.document.get(stage, [])
        if not isinstance(raw, list):
            self._report((stage,), "type", f"{stage} is {echo(raw)}, not a list of tables", f"write [[{stage}]]")
            return []
        return [(_id_of(one), self._requirement(stage, at, one)) for at, one in enumerate(raw[: MAX_REQUIREMENTS + 1])]

    def _requirement(self, stage: str, index: int, raw: object) -> RequirementTable | None:
        at: Path = (stage, index)
        named = label(stage, index, _id_of(raw))
        if not isinstance(raw, dict):
            self._report(at, "type", f"{named} is {echo(raw)}, not a table", f"write [[{stage}]]")
            return None
        kinds = [key for key in TABLES if key in raw]
        if len(kinds) != 1:
            what = "asks for nothing" if not kinds else f"asks for {' and '.join(kinds)} at once"
            fix = "write one of " + ", ".join(f"{key} = …" for key in TABLES) + "; each in a table of its own"
            self._report(at, "kind", f"{named}: {what}", fix)
            return None
        return self._part(TABLES[kinds[0]], raw, at, named)

    def _part(self, model: type[P], raw: dict[str, object], at: Path, named: str) -> P | None:
        try:
            return model.model_validate(raw, by_alias=True, by_name=False)  # the file says `is`, never `is_`
        except ValidationError as error:
            keys = [field.alias or name for name, field in model.model_fields.items()]
            self.problems += problems_of(error, at=at, label=named, keys=keys)
            return None

    def _report(self, path: Path, rule: str, what: str, fix: str) -> None:
        self.problems.append(Problem(path, rule, what, fix))


def _id_of(raw: object) -> str | None:
    found = raw.get("id") if isinstance(raw, dict) else None
    return found if isinstance(found, str) else None
