"""From a TOML document to a protocol, or to everything that is wrong with it at once.

Takes the document apart, has each part checked by its model and all of them by the rules, and puts the parts
together. Knows nothing of files and of lines: a problem names the key path of its place.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from checklist.protocol.header import Header, SaturatedSteam
from checklist.protocol.messages import MAX_TOLD, one_of, problems_of, unknown_key
from checklist.protocol.model import Protocol
from checklist.protocol.rules import MAX_CHECKS, MAX_STEPS, Parts, Path, Problem, check
from checklist.protocol.steps import KINDS, StepBase
from checklist.protocol.values import echo

TOP_KEYS: Final = ("protocol", "steps", "checks")

P = TypeVar("P", bound=BaseModel)


def assemble(document: Mapping[str, object], *, stem: str) -> Protocol | list[Problem]:
    """Return the protocol, or every problem; `stem` is the file's name without its ending."""
    return _Assembly(document, stem).result()


class _Assembly:
    """One document on its way to a protocol, with the problems found so far."""

    def __init__(self, document: Mapping[str, object], stem: str) -> None:
        self.document = document
        self.stem = stem
        self.problems: list[Problem] = []

    def result(self) -> Protocol | list[Problem]:
        for key in [key for key in self.document if key not in TOP_KEYS][:MAX_TOLD]:
            self._report((key,), "unknown-key", *unknown_key(key, TOP_KEYS))
        header = self._header()
        raw_steps = self._tables("steps")[: MAX_STEPS + 1]
        raw_checks = self._tables("checks")[: MAX_CHECKS + 1]
        steps = [self._step(index, raw) for index, raw in enumerate(raw_steps)]
        checks = [self._check(index, raw) for index, raw in enumerate(raw_checks)]
        self.problems += check(Parts(header, steps, [_id_of(raw) for raw in raw_steps], checks))
        if self.problems or header is None:
            return self.problems
        return Protocol.model_validate({**dict(header), "steps": tuple(steps), "checks": tuple(checks)})

    def _header(self) -> Header | None:
        raw = self.document.get("protocol")
        if not isinstance(raw, dict):
            self._report(("protocol",), "required", "the table [protocol] is missing", "begin with [protocol]")
            return None
        header = self._part(Header, raw, ("protocol",), "[protocol]")
        own_id = raw.get("id")
        if isinstance(own_id, str) and own_id != self.stem:
            what = f"[protocol]: id is {echo(own_id)}, but the file is named {echo(self.stem)}"
            self._report(("protocol", "id"), "file-name", what, "let the file's name be the id and .toml")
        return header

    def _tables(self, key: str) -> list[object]:
        raw = self.document.get(key, [])
        if isinstance(raw, list):
            return raw
        self._report((key,), "type", f"{key} is {echo(raw)}, not a list of tables", f"write [[{key}]]")
        return []

    def _step(self, index: int, raw: object) -> StepBase | None:
        at: Path = ("steps", index)
        step_id = _id_of(raw)
        label = f"step {index + 1}" + (f" {echo(step_id)}" if step_id else "")
        if not isinstance(raw, dict):
            self._report(at, "type", f"{label} is {echo(raw)}, not a table", "write [[steps]]")
            return None
        kind = raw.get("kind")
        if "kind" not in raw:
            self._report(at, "required", f"{label}: kind is missing", "add kind = …; " + one_of([*KINDS], ""))
            return None
        if not isinstance(kind, str) or kind not in KINDS:
            what = f"{label}: kind is {echo(kind)}, which is not known"
            self._report((*at, "kind"), "kind", what, one_of([*KINDS], kind))
            return None
        return self._part(KINDS[kind], raw, at, label)

    def _check(self, index: int, raw: object) -> SaturatedSteam | None:
        at, label = ("checks", index), f"check {index + 1}"
        if not isinstance(raw, dict):
            self._report(at, "type", f"{label} is {echo(raw)}, not a table", "write [[checks]]")
            return None
        if "kind" not in raw:
            fix = 'add kind = "saturated-steam"'
            self._report(at, "required", f"{label}: kind is missing", fix)
        return self._part(SaturatedSteam, raw, at, label)

    def _part(self, model: type[P], raw: dict[str, object], at: Path, label: str) -> P | None:
        try:
            return model.model_validate(raw, by_alias=True, by_name=False)  # the file says `is`, never `is_`
        except ValidationError as error:
            keys = [field.alias or name for name, field in model.model_fields.items()]
            self.problems += problems_of(error, at=at, label=label, keys=keys)
            return None

    def _report(self, path: Path, rule: str, what: str, fix: str) -> None:
        self.problems.append(Problem(path, rule, what, fix))


def _id_of(raw: object) -> str | None:
    step_id = raw.get("id") if isinstance(raw, dict) else None
    return step_id if isinstance(step_id, str) else None
