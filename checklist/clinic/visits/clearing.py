"""The gate of one clinic: its answer recorded with its evidence, and passed all the same by two people.

How it is asked is `asking`. Whoever records an answer has it judged once more under the
ledger's lock, so that two programs never let one thing pass twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from checklist.clinic.acting import barred, recorded
from checklist.clinic.people.comparing import decided
from checklist.clinic.visits import asking
from checklist.clinic.visits.asking import Answer, ask, overridden_in
from checklist.clinic.visits.receipt import receipt_at
from checklist.clinic.visits.sources import Sources
from checklist.clinic.visits.using import closed
from checklist.clinic.visits.visit_views import CLEARED, CLOSED, OVERRIDDEN, REVIEWED
from checklist.gate.clearance import GO
from checklist.ledger.entry import Draft
from checklist.people.commitment import words_opening
from checklist.protocol.text import MAX_VALUE, clean
from checklist.run import rights
from checklist.run.answer import second_person
from checklist.run.events import REASON_CODES, text_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.run_views import Overridden
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.gate.clearance import Clearance
    from checklist.gate.facts import Asked, Stage
    from checklist.gate.procedure import LoadedProcedure
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader
    from checklist.run.events import Person, Reason

__all__ = ["REVIEW_WITHIN", "Answer", "ask", "asked_of", "clear", "look", "override", "review", "sources_of"]

REVIEW_WITHIN: Final = timedelta(hours=24)
"""Somebody looks at an override of the gate within this time (issue: review due within 24 h; a proposal)."""


def sources_of(clinic: Clinic, own: Reader | None = None) -> Sources:
    """Where this clinic's facts are; `own` is the ledger in use as it stands under its lock."""
    readers = [*clinic.histories()[:-1], own or clinic.ledger]
    return Sources(readers, clinic.library, clinic.settings.clinic.jurisdiction, clinic.unreadable())


def look(clinic: Clinic, procedure: LoadedProcedure, asked: Asked) -> Answer:
    """What the gate says at this moment, and what was overridden in the visit; nothing is recorded."""
    return asking.look(sources_of(clinic), procedure, asked, clinic.now())


def _passed(clinic: Clinic, session: str | None) -> tuple[Overridden, ...]:
    return overridden_in(clinic.histories(), session)


def asked_of(clinic: Clinic, procedure: str, room: str, session: str | None, stage: Stage = "start") -> Asked | Refusal:
    """The question about a room (`room-1`; the only one there is need not be said) and a visit that was opened."""
    return asking.asked_of(clinic.settings, clinic.histories(), procedure, room, session, stage)


def clear(clinic: Clinic, procedure: LoadedProcedure, asked: Asked, who: SignedIn, via: str) -> Answer | Refusal:
    """Ask the gate and record what it says, with its evidence; a GO gives a receipt. The close of a visit that is GO
    closes it."""
    found: list[Clearance] = []

    def plan(reader: Reader) -> Sequence[Draft] | Refusal:
        found.clear()
        if refusal := barred(clinic, reader, Act.CLEAR, who) or _over(clinic, reader, asked):
            return refusal
        clearance = ask(sources_of(clinic, reader), procedure, asked, clinic.now())
        found.append(clearance)
        return _drafts(procedure, clearance, who, via)

    entries = decided(clinic.ledger, plan)
    if isinstance(entries, Refusal):
        return entries
    entry = next(each for each in entries if each.kind == CLEARED)
    receipt = receipt_at(clinic.ledger, entry) if found[0].decision == GO else None
    return Answer(found[0], entry.place, receipt, _passed(clinic, asked.session))


def _over(clinic: Clinic, reader: Reader, asked: Asked) -> Refusal | None:
    """Why nothing may start: the visit was closed."""
    return closed([*clinic.histories()[:-1], reader], asked.session) if asked.stage == "start" else None


def _drafts(procedure: LoadedProcedure, clearance: Clearance, who: SignedIn, via: str) -> list[Draft]:
    drafts = [Draft(CLEARED, _data(procedure, clearance), who.id, via)]
    if clearance.stage == "close" and clearance.decision == GO and clearance.session is not None:
        drafts.append(Draft(CLOSED, {"session": clearance.session}, who.id, via))
    return drafts


def _data(procedure: LoadedProcedure, clearance: Clearance) -> dict[str, Json]:
    """What is recorded: the answer and the places that it rests on. The sentences follow from them."""
    own = procedure.procedure
    judged: list[Json] = [{"id": one.id, "met": one.met, "evidence": [*one.evidence]} for one in clearance.requirements]
    data: dict[str, Json] = {
        "procedure": {"id": own.id, "version": own.version, "sha256": procedure.sha256},
        "decision": clearance.decision,
        "stage": clearance.stage,
        "subject": clearance.subject,
        "requirements": judged,
    }
    if clearance.session is not None:
        data["session"] = clearance.session
    if clearance.performer is not None:
        data["performer"] = clearance.performer
    return data


def override(
    clinic: Clinic,
    procedure: LoadedProcedure,
    asked: Asked,
    reason: Reason,
    who: SignedIn,
    second: Person,
    via: str,
) -> Answer | Refusal:
    """Start although the gate does not say GO: two people with their own secrets, one of them a lead, and a reason. It
    is recorded beside the answer that it passes, and somebody reviews it within `REVIEW_WITHIN`."""
    if asked.stage == "close":
        return Refusal("stage", "An override only starts a procedure: do what closing the visit asks for first.")
    if refusal := _not_both(clinic, clinic.ledger, who, second):
        return refusal
    said = _reason(clinic, reason)
    if isinstance(said, Refusal):
        return said
    found: list[Clearance] = []

    def plan(reader: Reader) -> Sequence[Draft] | Refusal:
        found.clear()
        if refusal := _not_both(clinic, reader, who, second) or _over(clinic, reader, asked):
            return refusal
        clearance = ask(sources_of(clinic, reader), procedure, asked, clinic.now())
        found.append(clearance)
        if clearance.decision == GO:
            return Refusal("go", "The gate says GO: there is nothing to override.")
        review = utc(clinic.now()) + REVIEW_WITHIN
        data: dict[str, Json] = {
            "witness": second.operator,
            "factors": [*second.factors],
            "review": f"{review:%Y-%m-%dT%H:%M:%S.%fZ}",
            **said,
        }
        return [*_drafts(procedure, clearance, who, via), Draft(OVERRIDDEN, data, who.id, via, of_last=True)]

    entries = decided(clinic.ledger, plan)
    if isinstance(entries, Refusal):
        return entries
    place = next(each.place for each in entries if each.kind == CLEARED)
    return Answer(found[0], place, overridden=_passed(clinic, asked.session))


def _not_both(clinic: Clinic, reader: Reader, who: SignedIn, second: Person) -> Refusal | None:
    """Why these two may not override the gate together; None if they may."""
    return (
        barred(clinic, reader, Act.CLEAR, who)
        or clinic.staff.barred(reader, second)
        or second_person(second, who.id)
        or rights.refusal(Act.VOUCH, who.person.roles | second.roles)
    )


def review(
    clinic: Clinic,
    place: str,
    words: str,
    who: SignedIn,
    via: str,
    dwell_ms: int | None = None,
    *,
    own: bool = False,
) -> Entry | Refusal:
    """A lead has looked at an override, of the gate or of a hold, and says what came of it. `dwell_ms`: how long it was
    shown to them before they said so, where that is known. `own`: whether they had a hand in what was overridden."""
    from checklist.clinic.remarks import entry_at, in_words, kept, naming

    if refusal := barred(clinic, clinic.ledger, Act.REVIEW, who):
        return refusal
    about = entry_at(clinic, place)
    if about is None or about.kind not in (OVERRIDDEN, "step.overridden"):
        return Refusal("no-override", f"There is no override at “{clean(place, limit=40)}”; the board names them.")
    if who.id in (about.actor, text_of(about.data, "witness")):
        return Refusal("same-person", "Somebody else reviews what you have overridden, or vouched for.")
    said = in_words(words, "Say in words what came of it.")
    if isinstance(said, Refusal):
        return said
    data: dict[str, Json] = {"rule": "override", "of": naming(about), "words": kept(clinic, said)}
    if dwell_ms is not None:
        data["dwell_ms"] = dwell_ms
    if own:
        data["own"] = True
    return recorded(clinic, Act.REVIEW, who, Draft(REVIEWED, data, who.id, via))


def _reason(clinic: Clinic, reason: Reason) -> dict[str, Json] | Refusal:
    if reason.code not in REASON_CODES:
        return Refusal("reason", f"Begin the reason with one of: {', '.join(REASON_CODES)}.")
    if not reason.words:
        return Refusal("reason", "Say the reason in words, too: it is read within a day.")
    if len(reason.words) > MAX_VALUE:
        return Refusal("too-long", f"Say it in at most {MAX_VALUE} characters.")
    opening = words_opening(clean(reason.words))
    clinic.people.keep([opening], at=utc(clinic.now()))
    return {"reason": reason.code, "words": opening.commitment}
