"""The answer of the gate: GO, NO-GO or UNKNOWN, with a sentence for every requirement and the evidence behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checklist.gate.facts import Stage
    from checklist.ledger.canonical import Json

Decision: TypeAlias = Literal["GO", "NO-GO", "UNKNOWN"]

GO: Final = "GO"
NO_GO: Final = "NO-GO"
UNKNOWN: Final = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Begin:
    """What one key starts to make a requirement true: this protocol about this subject; `run` is to be resumed."""

    protocol: str
    subject: str
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One requirement, judged. `met` is None where the record cannot say.

    `why` is one sentence for staff, `fix` one that says what would make it true ("" where nothing need be done).
    `evidence` are places in the record: runs, or single entries.
    """

    id: str
    met: bool | None
    why: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    start: Begin | None = None
    spoiled: bool = False
    """Whether it is missing for the sake of what its run has used up."""

    def as_json(self) -> dict[str, Json]:
        """The requirement with the keys that never change their names."""
        begin = self.start
        start: Json = None
        if begin is not None:
            start = {"protocol": begin.protocol, "subject": begin.subject, "run": begin.run}
        evidence: list[Json] = [*self.evidence]
        return {
            "id": self.id,
            "met": self.met,
            "why": self.why,
            "evidence": evidence,
            "fix": self.fix or None,
            "start": start,
        }


def met(name: str, why: str, evidence: tuple[str, ...] = ()) -> Judged:
    """A requirement that is met."""
    return Judged(name, met=True, why=why, evidence=evidence)


def unmet(name: str, why: str, evidence: tuple[str, ...] = (), fix: str = "", start: Begin | None = None) -> Judged:
    """A requirement that is not met."""
    return Judged(name, met=False, why=why, evidence=evidence, fix=fix, start=start)


def unknown(name: str, why: str, evidence: tuple[str, ...] = (), fix: str = "") -> Judged:
    """A requirement of which the record cannot say whether it is met."""
    return Judged(name, met=None, why=why, evidence=evidence, fix=fix or "Look at the record: checklist verify.")


@dataclass(frozen=True, slots=True)
class Clearance:
    """One answer about one procedure, at one moment (ISO 8601 UTC). Only the clinic can add a receipt to it."""

    decision: Decision
    procedure: str
    subject: str
    session: str | None
    at: str
    stage: Stage
    performer: str | None
    requirements: tuple[Judged, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """Every place in the record that the answer rests on, each once."""
        return tuple(dict.fromkeys(place for one in self.requirements for place in one.evidence))

    @property
    def missing(self) -> tuple[Judged, ...]:
        """What is not met, and what cannot be said."""
        return tuple(one for one in self.requirements if one.met is not True)

    def as_json(self) -> dict[str, Json]:
        """The answer with the keys of `checklist clear --json`; `receipt` is null until there is one."""
        requirements: list[Json] = [one.as_json() for one in self.requirements]
        return {
            "decision": self.decision,
            "procedure": self.procedure,
            "subject": self.subject,
            "session": self.session,
            "at": self.at,
            "stage": self.stage,
            "performer": self.performer,
            "requirements": requirements,
            "receipt": None,
        }


def decision_of(requirements: Sequence[Judged]) -> Decision:
    """What follows from the requirements: one that is not met settles it, and only if all are met is it GO."""
    worst = _worst(one.met for one in requirements)
    if not requirements or worst is None:
        return UNKNOWN
    return GO if worst else NO_GO


def joined(name: str, parts: Sequence[Judged]) -> Judged:
    """Several judgements as one requirement: it is met if each of them is, and speaks of what is worst."""
    worst = _worst(one.met for one in parts)
    telling = [one for one in parts if one.met is worst]
    evidence = tuple(dict.fromkeys(place for one in parts for place in one.evidence))
    why = " ".join(dict.fromkeys(one.why for one in telling))
    return Judged(name, worst, why, evidence, telling[0].fix, telling[0].start)


def _worst(mets: Iterable[bool | None]) -> bool | None:
    found = set(mets)
    if False in found:
        return False
    return None if None in found else True
