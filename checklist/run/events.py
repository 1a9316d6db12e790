"""The facts of a run: their kinds, and the words that go with them (design §6).

Knows the names of entries and the shape of reasons and people in them. Does not know how entries are
stored, nor which of them a command leads to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from checklist.ledger.entry import Json
from checklist.run.marks import Status

Value: TypeAlias = str | Mapping[str, str]
"""What a step took: one reading, or the identifiers of a scan by their kind (lot, expiry, ...)."""

REASON_CODES = (
    "equipment-fault",
    "not-available",
    "patient-declined",
    "clinical-decision",
    "interrupted",
    "mistake",
    "not-needed",
    "other",
)


class Kind(StrEnum):
    """The kinds of entry that a walk leaves; none ever changes its meaning."""

    RUN_STARTED = "run.started"
    RUN_PAUSED = "run.paused"
    RUN_RESUMED = "run.resumed"
    RUN_HANDED_OVER = "run.handed-over"
    RUN_COMPLETED = "run.completed"
    RUN_ABANDONED = "run.abandoned"
    RUN_EXPIRED = "run.expired"
    RUN_ATTRIBUTED = "run.attributed"
    STEP_STARTED = "step.started"
    STEP_ATTEMPTED = "step.attempted"
    STEP_DONE = "step.done"
    STEP_FAILED = "step.failed"
    STEP_SKIPPED = "step.skipped"
    STEP_NOT_APPLICABLE = "step.not-applicable"
    STEP_DEFERRED = "step.deferred"
    STEP_OVERRIDDEN = "step.overridden"
    STEP_NOTED = "step.noted"
    STEP_CORRECTED = "step.corrected"
    WITNESSED = "witnessed"
    SIGNED = "signed"


CLOSING: Final[Mapping[str, Status]] = MappingProxyType(
    {
        Kind.STEP_DONE: Status.DONE,
        Kind.STEP_FAILED: Status.FAILED,
        Kind.STEP_SKIPPED: Status.SKIPPED,
        Kind.STEP_NOT_APPLICABLE: Status.NOT_APPLICABLE,
        Kind.STEP_DEFERRED: Status.DEFERRED,
        Kind.STEP_OVERRIDDEN: Status.OVERRIDDEN,
    }
)
"""The kinds that close a step, and how it stands then."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step was not done as written: a code in clear, and the commitment to the words given with it."""

    code: str
    words: str | None = None

    def data(self) -> dict[str, Json]:
        """The reason as it stands in an entry."""
        data: dict[str, Json] = {"reason": self.code}
        return data | {"words": self.words} if self.words else data


@dataclass(frozen=True, slots=True)
class Author:
    """Who does something, with which roles, and through which face (`via`). None is nobody who signed in.

    `credentials` are those they hold at this moment: the last day each holds by its id, "" for no end.
    """

    operator: str | None
    roles: frozenset[str]
    via: str
    credentials: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has just proved who they are, with the factors they proved it by; `credentials` as an author's."""

    operator: str
    roles: frozenset[str]
    factors: tuple[str, ...]
    credentials: Mapping[str, str] = field(default_factory=dict, hash=False)
    proved: int | None = field(default=None, compare=False)
    """How many entries the record had when they did: a secret that was reset after that voids it."""


def as_json(value: Value | None) -> Json:
    """A value as it stands in an entry."""
    return value if value is None or isinstance(value, str) else {**value}


def text_of(data: Mapping[str, Json], key: str) -> str | None:
    """The string under `key`, or None where there is none (or something else stands there)."""
    found = data.get(key)
    return found if isinstance(found, str) else None


def number_of(data: Mapping[str, Json], key: str) -> int:
    """The whole number under `key`, or 0."""
    found = data.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def strings_of(data: Mapping[str, Json], key: str) -> dict[str, str]:
    """The strings of the object under `key`; empty where there is none."""
    found = data.get(key)
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def reason_of(data: Mapping[str, Json]) -> Reason | None:
    """The reason an entry gives, if it gives one."""
    code = text_of(data, "reason")
    return Reason(code, text_of(data, "words")) if code else None
