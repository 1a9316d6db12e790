"""From a TOML document to a protocol or a profile, or to everything that is wrong with it at once.

Takes the document apart, has each part checked by its model and all of them by the rules, and puts the parts
together. Knows nothing of files and of lines: a problem names the key path of its place.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from checklist.protocol.header import CHECKS, Check, Header
from checklist.protocol.messages import MAX_TOLD, one_of, problems_of, unknown_key
from checklist.protocol.model import Protocol
from checklist.protocol.plain import tidy
from checklist.protocol.profile import MAX_VALUES, Profile, ProfileHeader, Value, check_entries
from checklist.protocol.rules import MAX_CHECKS, MAX_STEPS, Named, Parts, Path, Problem, check
from checklist.protocol.steps import KINDS, StepBase
from checklist.protocol.values import echo

TOP_KEYS: Final = ("protocol", "steps", "checks")
PROFILE_KEYS: Final = ("profile", "values")

P = TypeVar("P", bound=BaseModel)


def assemble(document: Mapping[str, object], *, stem: str) -> Protocol | list[Problem]:
    """Return the protocol, or every problem; `stem` is the file's name without its ending."""
    return _ProtocolAssembly(document, stem).result()


def assemble_profile(document: Mapping[str, object], *, stem: str) -> Profile | list[Problem]:
    """Return the profile, or every problem; `stem` is the file's name without its ending."""
    return _ProfileAssembly(document, stem).result()


class _Assembly:
    """One document on its way to what it describes, with the problems found so far."""

    def __init__(self, document: Mapping[str, object], stem: str) -> None:
        self.document = document
        self.stem = stem
        self.problems: list[Problem] = []

    def _only(self, known: Sequence[str]) -> None:
        for key in [key for key in self.document if key not in known][:MAX_TOLD]:
            self._report((key,), "unknown-key", *unknown_key(key, known))

    def _header(self, model: type[P], key: str) -> P | None:
        raw = self.document.get(key)
        if not isinstance(raw, dict):
            self._report((key,), "required", f"the table [{key}] is missing", f"begin with [{key}]")
            return None
        header = self._part(model, raw, (key,), f"[{key}]")
        own_id = raw.get("id")
        if isinstance(own_id, str) and own_id != self.stem:
            what = f"[{key}]: id is {echo(own_id)}, but the file is named {echo(self.stem)}"
            self._report((key, "id"), "file-name", what, "let the file's name be the id and .toml")
        return header

    def _tables(self, key: str) -> list[object]:
        raw = self.document.get(key, [])
        if isinstance(raw, list):
            return raw
        self._report((key,), "type", f"{key} is {echo(raw)}, not a list of tables", f"write [[{key}]]")
        return []

    def _part(self, model: type[P], raw: dict[str, object], at: Path, label: str) -> P | None:
        try:
            return model.model_validate(raw, by_alias=True, by_name=False)  # the file says `is`, never `is_`
        except ValidationError as error:
            keys = [field.alias or name for name, field in model.model_fields.items()]
            self.problems += problems_of(error, at=at, label=label, keys=keys)
            return None

    def _report(self, path: Path, rule: str, what: str, fix: str) -> None:
        self.problems.append(Problem(path, rule, what, fix))


class _ProtocolAssembly(_Assembly):
    """A document on its way to a protocol."""

    def result(self) -> Protocol | list[Problem]:
        self._only(TOP_KEYS)
        header = self._header(Header, "protocol")
        raw_steps = self._tables("steps")[: MAX_STEPS + 1]
        raw_checks = self._tables("checks")[: MAX_CHECKS + 1]
        steps = [self._step(index, raw) for index, raw in enumerate(raw_steps)]
        checks = [self._check(index, raw) for index, raw in enumerate(raw_checks)]
        named = [_named_by(raw) if step is None else Named.by(step) for step, raw in zip(steps, raw_steps, strict=True)]
        sources = _sources_of(header, self.document.get("protocol"))
        self.problems += check(Parts(header, steps, [_id_of(raw) for raw in raw_steps], checks, named, sources))
        if self.problems or header is None:
            return self.problems
        return Protocol.model_validate({**dict(header), "steps": tuple(steps), "checks": tuple(checks)})

    def _step(self, index: int, raw: object) -> StepBase | None:
        at: Path = ("steps", index)
        step_id = _id_of(raw)
        label = f"step {index + 1}" + (f" {echo(step_id)}" if step_id else "")
        if not isinstance(raw, dict):
            self._report(at, "type", f"{label} is {echo(raw)}, not a table", "write [[steps]]")
            return None
        model = self._kind(raw, KINDS, at, label)
        return None if model is None else self._part(model, raw, at, label)

    def _check(self, index: int, raw: object) -> Check | None:
        at, label = ("checks", index), f"check {index + 1}"
        if not isinstance(raw, dict):
            self._report(at, "type", f"{label} is {echo(raw)}, not a table", "write [[checks]]")
            return None
        model = self._kind(raw, CHECKS, at, label)
        return None if model is None else self._part(model, raw, at, label)

    def _kind(self, raw: dict[str, object], known: Mapping[str, type[P]], at: Path, label: str) -> type[P] | None:
        """Which of the known kinds a table says that it is."""
        kind = raw.get("kind")
        if "kind" not in raw:
            self._report(at, "required", f"{label}: kind is missing", "add kind = …; " + one_of([*known], ""))
        elif not isinstance(kind, str) or kind not in known:
            what = f"{label}: kind is {echo(kind)}, which is not known"
            self._report((*at, "kind"), "kind", what, one_of([*known], kind))
        else:
            return known[kind]
        return None


class _ProfileAssembly(_Assembly):
    """A document on its way to a profile."""

    def result(self) -> Profile | list[Problem]:
        self._only(PROFILE_KEYS)
        header = self._header(ProfileHeader, "profile")
        raw_values = self._tables("values")[: MAX_VALUES + 1]
        values = [self._value(index, raw) for index, raw in enumerate(raw_values)]
        named = [_text_in(raw, "source") for raw in raw_values]
        self.problems += check_entries(_sources_of(header, self.document.get("profile")), values, named)
        if self.problems or header is None:
            return self.problems
        return Profile.model_validate({**dict(header), "entries": tuple(values)})

    def _value(self, index: int, raw: object) -> Value | None:
        at: Path = ("values", index)
        name = raw.get("name") if isinstance(raw, dict) else None
        label = f"value {index + 1}" + (f" {echo(name)}" if isinstance(name, str) else "")
        if not isinstance(raw, dict):
            self._report(at, "type", f"{label} is {echo(raw)}, not a table", "write [[values]]")
            return None
        return self._part(Value, raw, at, label)


def _id_of(raw: object) -> str | None:
    return _text_in(raw, "id")


def _text_in(raw: object, key: str) -> str | None:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, str) else None


def _named_by(raw: object) -> Named:
    """What a faulty step names, as far as it can be read."""
    when = raw.get("when") if isinstance(raw, dict) else None
    step, value = _text_in(when, "step"), _text_in(when, "is")
    return Named(_text_in(raw, "source"), None if step is None or value is None else (step, tidy(value)))


def _sources_of(header: Header | ProfileHeader | None, raw: object) -> frozenset[str] | None:
    """The ids of the sources, also of a faulty header; None where one of them cannot be read."""
    if header is not None:
        return frozenset(source.id for source in header.sources)
    listed = raw.get("sources", []) if isinstance(raw, dict) else None
    ids = [_id_of(one) for one in listed] if isinstance(listed, list) else [None]
    return None if None in ids else frozenset(one for one in ids if one is not None)
