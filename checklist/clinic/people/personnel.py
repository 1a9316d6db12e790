"""Who works here: operators added, given roles and credentials, disabled and erased. A lead does all of it.

Every change is one entry, decided under the ledger's lock on what the record says at that moment. Knows nothing of how
somebody proves who they are (that is `staff`), nor of what a role or a credential is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.people import erasing
from checklist.clinic.people.comparing import decided
from checklist.clinic.people.factors import GONE, UNKNOWN
from checklist.clinic.people.people_views import credentials_of, held_attributes
from checklist.people import credential as credentials
from checklist.people.commitment import name_opening
from checklist.people.operator import (
    Operator,
    added,
    changed,
    check_name,
    check_roles,
    clean_name,
    disabled,
    name_key,
    new_operator_id,
)
from checklist.people.secret import hash_secret
from checklist.run import rights
from checklist.run.credentials import State, days_left, state_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import calendar_day, utc

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

    from checklist.clinic.people.erasing import Erased
    from checklist.clinic.people.staff import SignedIn
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Draft, Moment
    from checklist.ledger.reader import Reader


@dataclass(frozen=True, slots=True)
class Held:
    """A credential that somebody holds. `until` is the last day of it, and `days_left` how many days are left after
    today (negative once it has ended); both are None where it has no end."""

    operator_id: str
    name: str
    credential: str
    until: str | None
    attributes: Mapping[str, str]
    state: State
    days_left: int | None


class Personnel:
    """The people of one clinic, as a lead changes them."""

    def __init__(self, clinic: Clinic, pepper: bytes) -> None:
        """Works for as long as the clinic is open."""
        self._clinic = clinic
        self._pepper = pepper

    # -- operators ----------------------------------------------------------------------------------------

    def add(self, name: str, roles: Collection[str], secret: str, who: SignedIn, via: str) -> Operator | Refusal:
        """Make somebody an operator, under an id that nobody ever had."""
        if refusal := self._may_not(who) or self._unfit(name, roles, secret):
            return refusal
        operator, now = self._fresh_id(), utc(self._clinic.now())
        called = clean_name(name)
        opening = name_opening(operator, called)
        phc = hash_secret(secret, self._pepper, operator)
        active = {each.id for each in self._active()}
        self._clinic.people.add_person(operator, called, phc, at=now, active=active)
        self._clinic.people.keep([opening], at=now)

        def decide(reader: Reader) -> Draft | Refusal:
            # Another program may have added somebody of this name meanwhile: one of the two must give way.
            rows = reader.query("SELECT id FROM operator WHERE disabled = 0")
            if check_name(name, [self._clinic.people.name(str(row[0])) or "" for row in rows]):
                return Refusal(
                    "operator", "Somebody of this name was added just now; add something that tells them apart."
                )
            return added(operator, roles, opening.commitment, actor=who.id, via=via)

        return self._decided(who, decide) or Operator(operator, called, frozenset(roles))

    def set_roles(self, operator_id: str, roles: Collection[str], who: SignedIn, via: str) -> Operator | Refusal:
        """Give somebody other roles in the place of those they have; where they are the same, nothing is recorded."""
        if refusal := self._may_not(who):
            return refusal
        if unfit := check_roles(roles):
            return Refusal("operator", unfit)

        def decide(_reader: Reader) -> Draft | Refusal | None:
            had = self._clinic.staff.operator(operator_id)
            if refusal := _not_here(had) or (
                None if rights.may(Act.MANAGE_PEOPLE, roles) else _last_lead(self._leads(), operator_id)
            ):
                return refusal
            same = had is not None and had.roles == frozenset(roles)
            return None if same else changed(operator_id, roles=roles, actor=who.id, via=via)

        return self._decided(who, decide) or self._clinic.staff.operator(operator_id) or UNKNOWN

    def disable(self, operator_id: str, who: SignedIn, via: str) -> Operator | Refusal:
        """Let somebody do nothing here any more, for good; never the last lead, who alone could undo anything."""
        if refusal := self._may_not(who):
            return refusal

        def decide(_reader: Reader) -> Draft | Refusal:
            refusal = _not_here(self._clinic.staff.operator(operator_id)) or _last_lead(self._leads(), operator_id)
            return refusal or disabled(operator_id, actor=who.id, via=via)

        return self._decided(who, decide) or self._clinic.staff.operator(operator_id) or UNKNOWN

    def erase(self, operator_id: str, who: SignedIn, via: str) -> Erased | Refusal:
        """Take the name and the secret of somebody disabled out of people.db, once they need not be kept any more."""
        return self._may_not(who) or erasing.erase(self._clinic, operator_id, who, via)

    # -- credentials --------------------------------------------------------------------------------------

    def grant(
        self,
        operator_id: str,
        credential: str,
        until: str | None,
        attributes: Mapping[str, str],
        who: SignedIn,
        via: str,
    ) -> Held | Refusal:
        """Record that somebody holds a credential, until that day or for good; it takes the place of one they had."""
        today = calendar_day(self._clinic.now())
        if refusal := self._may_not(who):
            return refusal
        if unfit := credentials.check_credential(credential):
            return Refusal("credential", unfit)
        if unfit := credentials.check_until(until, today):
            return Refusal("until", unfit)
        if unfit := credentials.check_attributes(attributes):
            return Refusal("attributes", unfit)

        def decide(_reader: Reader) -> Draft | Refusal:
            refusal = _not_here(self._clinic.staff.operator(operator_id))
            return refusal or credentials.granted(operator_id, credential, until, attributes, actor=who.id, via=via)

        return self._decided(who, decide) or self._held(operator_id, credential, until or "", today)

    def end(self, operator_id: str, credential: str, who: SignedIn, via: str) -> Held | Refusal:
        """Record that somebody holds a credential no more; what it was."""
        if refusal := self._may_not(who):
            return refusal
        ended: list[Held] = []

        def decide(reader: Reader) -> Draft | Refusal:
            if refusal := _not_here(self._clinic.staff.operator(operator_id)):
                return refusal
            until = credentials_of(reader, operator_id).get(credential)
            if until is None:
                name = self._clinic.name_of(operator_id)
                return Refusal("credential", f"{name} does not hold this credential; look at the list of them.")
            ended[:] = [self._held(operator_id, credential, until, calendar_day(self._clinic.now()))]
            return credentials.ended(operator_id, credential, actor=who.id, via=via)

        return self._decided(who, decide) or ended[0]

    def credentials(self, now: Moment) -> list[Held]:
        """Every credential of everybody active, those that end first at the head."""
        today = calendar_day(now)
        found = [
            self._held(operator.id, credential, until, today)
            for operator in self._active()
            for credential, until in credentials_of(self._clinic.ledger, operator.id).items()
        ]
        return sorted(found, key=lambda held: (held.until is None, held.until or "", held.name, held.credential))

    # -- inside -------------------------------------------------------------------------------------------

    def _may_not(self, who: SignedIn) -> Refusal | None:
        """Why this person may not change anything here; None if they may."""
        refusal = rights.refusal(Act.MANAGE_PEOPLE, who.person.roles)
        return refusal or self._clinic.staff.barred(self._clinic.ledger, who.person)

    def _decided(self, who: SignedIn, decide: Callable[[Reader], Draft | Refusal | None]) -> Refusal | None:
        """Record what `decide` says on the newest state, by somebody who may still do so; why not, if not."""

        def still(reader: Reader) -> list[Draft] | Refusal:
            found = self._clinic.staff.barred(reader, who.person) or decide(reader)
            return found if isinstance(found, Refusal) else [found] if found is not None else []

        entries = decided(self._clinic.ledger, still)
        return entries if isinstance(entries, Refusal) else None

    def _unfit(self, name: str, roles: Collection[str], secret: str) -> Refusal | None:
        """Why nobody can be added with this name, these roles and this secret; None if somebody can."""
        unfit = (
            check_name(name, [operator.name for operator in self._active() if operator.name])
            or check_roles(roles)
            or self._clinic.staff.unfit_secret(secret, clean_name(name))
            or self._read_by_badge(name)
        )
        return Refusal("operator", unfit) if unfit else None

    def _read_by_badge(self, name: str) -> str | None:
        """Why nobody may be called what a badge says: whoever typed the name would be taken for its bearer."""
        if any(self._clinic.staff.bearer(each) for each in (name, clean_name(name), name_key(name))):
            return "Somebody's badge says this name: write it another way."
        return None

    def _fresh_id(self) -> str:
        """An id that no ledger of the folder knows: not that of anybody who left, nor of anybody erased."""
        while True:
            operator = new_operator_id()
            question = "SELECT 1 FROM operator WHERE id = ?"
            if not any(reader.query(question, (operator,)) for reader in self._clinic.histories()):
                return operator

    def _active(self) -> list[Operator]:
        return [operator for operator in self._clinic.staff.operators() if not operator.disabled]

    def _leads(self) -> list[Operator]:
        return [operator for operator in self._active() if rights.may(Act.MANAGE_PEOPLE, operator.roles)]

    def _held(self, operator_id: str, credential: str, until: str, today: date) -> Held:
        return Held(
            operator_id,
            self._clinic.name_of(operator_id),
            credential,
            until or None,
            held_attributes(self._clinic.ledger, operator_id, credential),
            state_of(until, today),
            days_left(until, today),
        )


def _not_here(operator: Operator | None) -> Refusal | None:
    """Why nothing about this person can be changed; None where it can."""
    if operator is None:
        return UNKNOWN
    if operator.disabled:
        return GONE
    return None


def _last_lead(leads: list[Operator], operator_id: str) -> Refusal | None:
    if [lead.id for lead in leads] != [operator_id]:
        return None
    return Refusal("last-lead", "This is the last lead here; make somebody else a lead first.")
