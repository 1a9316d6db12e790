"""One requirement of a procedure: six kinds, told apart by the key that names what is asked for.

Plain values with the names of the file format: the gate answers without the schema library. What a file may say is
checked in `tables`; whether a requirement is met is judged in `decide`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

    from checklist.protocol.plain import Identifier, Window

Same: TypeAlias = Literal["room", "equipment", "session"]
Comparison: TypeAlias = Literal["at_least", "at_most", "is"]

COMPARISONS: Final[tuple[Comparison, ...]] = ("at_least", "at_most", "is")


@dataclass(frozen=True, slots=True)
class StepValue:
    """The value that a step of a run about this visit has taken: { protocol = "…", step = "…" }."""

    protocol: str
    step: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One attribute of a credential, and what it is held against: a number, a word, or what a step has taken."""

    name: str
    how: Comparison
    against: Decimal | str | StepValue


@dataclass(frozen=True, slots=True)
class Answer:
    """What a step of this visit's run, the room's or the clinic's must have taken: one of these values."""

    protocol: str
    step: str
    is_: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What every requirement may say."""

    id: str
    what: str = ""
    """What the requirement is about, as a sentence begins: "The room turnover"."""
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDone(Stated):
    """A protocol has been walked to its end, as written, lately enough and about the right thing."""

    protocol: str
    same: tuple[Same, ...] = ()
    within: Window | None = None
    tolerates: tuple[str, ...] = ()
    """Steps that may be left out, put off or overridden (an override only once it has been reviewed)."""
    through: str | None = None
    """The run counts from when this step is done, whatever is still open behind it."""
    may_be_none: bool = False
    """Only with same equipment: met where nothing made by a machine is used in this visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsUsable(Stated):
    """Everything of a kind that this visit consumes may be used; none at all is unmet."""

    identifier: Identifier
    state: Literal["released"] | None = None
    """What each of them must have been declared; None: nothing speaks against it."""
    may_be_none: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformerMay(Stated):
    """Whoever performs the procedure holds a credential today, and its attributes reach far enough."""

    credential: str
    attribute: tuple[Compared, ...] = ()
    signed: StepValue | None = None
    """The step whose signature says who performs; None: the one that means performed, in the first run asked of this
    visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven(Stated):
    """A question was answered, and so."""

    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingOpen(Stated):
    """No run of these protocols about this visit, its room, its machines or the clinic is unfinished or failed."""

    none_open: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCleared(Stated):
    """The start of this procedure in this visit was cleared, or an override of it has been reviewed."""

    cleared: bool


Requirement: TypeAlias = RunDone | ItemsUsable | PerformerMay | AnswerGiven | NothingOpen | StartCleared

KINDS: Final[dict[str, type[Requirement]]] = {
    "protocol": RunDone,
    "identifier": ItemsUsable,
    "credential": PerformerMay,
    "answer": AnswerGiven,
    "none_open": NothingOpen,
    "cleared": StartCleared,
}
"""The kind of a requirement, by the key that makes it one."""
