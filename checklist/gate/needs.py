"""What must be looked up before a question can be answered: no more than the procedure names, each by an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.gate.procedure import protocols_of, values_of
from checklist.gate.requirement import AnswerGiven, ItemsUsable, NothingOpen, PerformerMay, RunDone, StartCleared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.gate.facts import Asked
    from checklist.gate.procedure import Procedure
    from checklist.gate.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Wanted:
    """The runs of one protocol that are asked for.

    Of those about the visit, the room or the clinic (whichever the protocol is about) the newest will do, by when each
    ended, or began where it has not; each with what it has used up that is set apart. `steps` are those whose state and
    value must be told even where they are done.
    """

    protocol: str
    steps: frozenset[str] = frozenset()
    signatures: bool = False
    """Whether every signed step of it must be told too."""
    machines: bool = False
    """For each machine that made a load of this visit: the newest that ended before that load was made."""
    unfinished: bool = False
    """Also every open run about the clinic, the room, the visit or such a machine, and every follow-up that fell due
    and that nobody has begun: as an open run whose id is the place of the step that asked for it."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that one question needs; the rest of `Facts` may stay empty."""

    runs: tuple[Wanted, ...]
    """Their rules are needed too, and the events that these name in `voided_by`."""
    items: tuple[str, ...]
    """Kinds of identifiers that the visit consumes."""
    credentials: bool
    """Whether the credentials of `performer_of` are needed."""
    starts: bool
    """Whether earlier clearances of this procedure in this visit are needed."""


def needs(procedure: Procedure, asked: Asked) -> Needs:
    """What to look up for one question."""
    at_stage = procedure.requires if asked.stage == "start" else procedure.closes
    protocols = dict.fromkeys(name for one in at_stage for name in protocols_of(one))
    performed = [one for one in at_stage if isinstance(one, PerformerMay)]
    default = _signed_by_default(procedure) if performed and not all(one.signed for one in performed) else None
    if default is not None:
        protocols.setdefault(default)
    kinds = dict.fromkeys(one.identifier for one in at_stage if isinstance(one, ItemsUsable))
    if any(_asks_machines(one) for one in at_stage):
        kinds.setdefault("load")
    terms = (*at_stage, *procedure.requires)
    return Needs(
        tuple(_wanted(name, at_stage, terms, signatures=name == default) for name in protocols),
        tuple(kinds),
        bool(performed),
        any(isinstance(one, StartCleared) for one in at_stage),
    )


def _wanted(
    protocol: str, at_stage: Iterable[Requirement], terms: Iterable[Requirement], *, signatures: bool
) -> Wanted:
    steps = {one.through for one in terms if isinstance(one, RunDone) and one.protocol == protocol and one.through}
    for one in at_stage:
        if isinstance(one, AnswerGiven) and one.answer.protocol == protocol:
            steps.add(one.answer.step)
        if isinstance(one, PerformerMay):
            steps |= {value.step for value in values_of(one) if value.protocol == protocol}
    return Wanted(
        protocol,
        frozenset(steps),
        signatures,
        any(isinstance(one, RunDone) and one.protocol == protocol and "equipment" in one.same for one in at_stage),
        any(isinstance(one, NothingOpen) and protocol in one.none_open for one in at_stage),
    )


def _signed_by_default(procedure: Procedure) -> str | None:
    asked = [one for one in procedure.requires if isinstance(one, RunDone) and "session" in one.same]
    return asked[0].protocol if asked else None


def _asks_machines(requirement: Requirement) -> bool:
    return isinstance(requirement, NothingOpen) or (
        isinstance(requirement, RunDone) and "equipment" in requirement.same
    )
