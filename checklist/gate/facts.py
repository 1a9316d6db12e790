"""What the gate must be told for one question: plain frozen values, and one that says an answer could not be had.

The clinic fills them in from its tables. A question that was not answered, and one whose answer is `Damaged`, are the
same to the gate: UNKNOWN, never GO.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from checklist.protocol.plain import Window

PATIENT_ENTERED: Final = "patient-entered"
"""The event that ends a turnover. It is also what a later clearance or run of another visit in the room amounts to."""

StepState: TypeAlias = Literal[
    "pending", "current", "done", "skipped", "not-applicable", "deferred", "failed", "overridden", "unknown"
]
RunOutcome: TypeAlias = Literal[
    "open", "complete", "complete-except-deferred", "failed", "abandoned", "expired", "unknown"
]
ItemState: TypeAlias = Literal["", "running", "awaiting", "released", "quarantined", "recalled", "expired", "unknown"]
Stage: TypeAlias = Literal["start", "close"]


@dataclass(frozen=True, slots=True)
class Damaged:
    """The record could not answer this, and why not: a sentence for staff."""

    why: str = "The record of it is damaged."


T = TypeVar("T")
Known: TypeAlias = "T | Damaged"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: may this procedure start (or: may this visit be closed) here, for this visit, by this person?

    `room` is `room=…` or "". `performer` is an operator's id, or None for whoever signed the set-up.
    """

    procedure: str
    room: str = ""
    session: str | None = None
    performer: str | None = None
    stage: Stage = "start"


@dataclass(frozen=True, slots=True)
class Rule:
    """What the protocol in force under an id says of its completions; a profile's value is already in its place."""

    title: str
    subject: str
    valid_for: Window | None = None
    voided_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One step that applies in a run. `by` is who did or signed it, `at` when it was first done (entered from paper:
    when that ended): no correction makes it younger."""

    id: str
    state: StepState
    value: str | None = None
    at: datetime | None = None
    by: str | None = None
    signed: bool = False
    """Whether it is a signature; its value is what that means."""


@dataclass(frozen=True, slots=True)
class SetApart:
    """One identifier that a run has used up, and that may not be used by now; or nobody can tell whether it may.

    `through` is as of an `Item`. `label` are the kinds of all that was read from the same label.
    """

    kind: str
    value: str
    state: Literal["quarantined", "recalled", "unknown"]
    through: str = ""
    label: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it stands now, after every correction.

    `steps` are in the order of its own protocol, without those ruled out by their `when`; steps that are plainly done
    may be left out where `Wanted.steps` does not name them. `ended` is when it was completed; of a run entered from
    paper, when the paper says so. `reviewed` says that every override in it has been reviewed; `passed` are the steps
    that were overridden at any time, whatever was corrected since.
    """

    run: str
    subject: str
    session: str | None
    outcome: RunOutcome
    began: datetime
    ended: datetime | None = None
    steps: tuple[Step, ...] = ()
    reviewed: bool = False
    passed: frozenset[str] = frozenset()
    apart: Known[tuple[SetApart, ...]] = ()
    """What it has used up that is set apart."""
    begun: bool = True
    """Whether anybody has: what a failure or a recall asks for waits as an open run of its list, and `run` is the place
    of what asks for it."""

    @property
    def moment(self) -> datetime:
        """When it ended, or began where it has not."""
        return self.ended or self.began


@dataclass(frozen=True, slots=True)
class Item:
    """One identifier that this visit consumes.

    `expiry` is the last day on which it may be used. `elsewhere` are the other visits that consumed it. `belongs` is
    the visit in whose own run it was made. `machine` (`equipment=…`) and `made` are those of the run that made it.
    """

    kind: str
    value: str
    evidence: str
    state: ItemState = ""
    expiry: date | None = None
    elsewhere: tuple[str, ...] = ()
    belongs: str | None = None
    machine: str | None = None
    made: datetime | None = None
    through: str = ""
    """What it came from that is recalled or quarantined ("lot A12"), where it is not the thing itself."""
    passed: bool = False
    """Whether it was used in a run in which a step was overridden, and nobody has reviewed that."""
    until: datetime | None = None
    """The moment from which it may not be used any more, where it is no day that ends it."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that somebody holds; `until` is its last day, None for no end."""

    id: str
    evidence: str
    until: date | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Without a subject, or about the clinic, it is about everything."""

    event: str
    at: datetime
    evidence: str
    subject: str = "clinic"
    session: str | None = None
    """The visit that it came with, where it did: a patient who enters ends no turnover made for them."""


@dataclass(frozen=True, slots=True)
class Start:
    """An earlier answer about this procedure in this visit: GO, or an override of anything else."""

    at: datetime
    evidence: str
    overridden: bool = False
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known for one question, by what was asked for (see `needs`). Nothing is known of what is absent."""

    rules: Mapping[str, Known[Rule]] = field(default_factory=dict, hash=False)
    """By protocol."""
    runs: Mapping[str, Known[tuple[Run, ...]]] = field(default_factory=dict, hash=False)
    """By protocol; in any order."""
    items: Mapping[str, Known[tuple[Item, ...]]] = field(default_factory=dict, hash=False)
    """By kind of identifier."""
    credentials: Mapping[str, Known[tuple[Credential, ...]]] = field(default_factory=dict, hash=False)
    """By operator."""
    events: Known[tuple[Event, ...]] = Damaged("Nobody has looked for what happened.")
    starts: Known[tuple[Start, ...]] = Damaged("Nobody has looked for the clearance.")
    damage: Damaged | None = None
    """Set where the record as a whole, or the clock, cannot be trusted: then nothing is met."""
