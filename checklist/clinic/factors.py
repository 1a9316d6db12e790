"""What people prove themselves by, and how they come by it: secrets changed and reset, badges given and taken.

Every change is recorded first and kept in people.db then: no secret is ever good that the record does not know of.
Knows nothing of signing in, which is `staff`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic import recovery
from checklist.clinic.comparing import decided
from checklist.clinic.errors import ClinicError
from checklist.clinic.lock_view import tries_of
from checklist.people import signin
from checklist.people.badge import badge_mac, check_badge
from checklist.people.operator import name_key
from checklist.people.secret import check_strength, hash_secret, is_pin, secret_matches
from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from checklist.clinic.comparing import Comparer
    from checklist.clinic.staff import SignedIn, Staff
    from checklist.ledger.entry import Draft
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger
    from checklist.people.store import PeopleStore
    from checklist.people.store import Person as Kept
    from checklist.run.events import Person

_UNKNOWN = Refusal("operator", "There is no such operator here; look at the list of people.")
_GONE = Refusal("disabled", "This person was disabled, which is for good; add them anew if they come back.")


class Factors:
    """The secrets and badges of one clinic's people. `Staff` says what each method does."""

    def __init__(
        self, staff: Staff, ledger: Ledger, people: PeopleStore, comparer: Comparer, pepper: bytes, keys: Path
    ) -> None:
        """Whoever opened the two files closes them; `keys` is the folder of the recovery code."""
        self._staff = staff
        self._ledger = ledger
        self._people = people
        self._comparer = comparer
        self._pepper = pepper
        self._keys = keys

    def unfit(self, secret: str, name: str, *, badge: bool) -> str | None:
        """Why nobody can have this secret; None if they can."""
        if unfit := check_strength(secret, name, badge=badge):
            return unfit
        if self._people.person_with_badge(badge_mac(secret, self._pepper)) is not None:
            return "A badge is no secret, for everybody can read it: choose another, for example three words."
        if any(secret_matches(one.secret, secret, self._pepper, one.id) for one in self._people.people()):
            return "This secret cannot be used; choose another, for example three other words."
        return None

    def change(self, who: SignedIn, old: str, new: str, via: str) -> Refusal | None:
        """Give oneself another secret."""
        person = self._people.person_by(who.id)
        if person is None:
            return _UNKNOWN
        if refusal := rights.refusal(Act.CHANGE_OWN_SECRET, who.person.roles):
            return refusal
        if refusal := self._comparer.refusal(person, old, via):
            return refusal

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            refusal = self._comparer.locked(reader, who.id) or self._staff.barred(reader, who.person)
            return refusal or [signin.secret_changed(who.id, via=via)]

        return self._given(person, new, decide)

    def reset_by_two(self, operator_id: str, secret: str, who: SignedIn, second: SignedIn, via: str) -> Refusal | None:
        """Give somebody another secret, with two leads."""
        for lead in (who, second):
            if refusal := rights.refusal(Act.RESET, lead.person.roles):
                return refusal
        if second.id == who.id:
            return Refusal("same-person", "A reset takes two different leads, or the recovery code; ask another lead.")
        entry = signin.secret_reset(operator_id, second.id, second.person.factors, actor=who.id, via=via)
        return self._reset(operator_id, secret, (who, second), entry)

    def reset_by_code(self, operator_id: str, secret: str, who: SignedIn, code: str, via: str) -> str | Refusal:
        """Give somebody another secret, with one lead and the recovery code: the next code."""
        if refusal := rights.refusal(Act.RESET, who.person.roles):
            return refusal
        with recovery.alone(self._keys):
            if refusal := self._code_refused(who, code, via):
                return refusal
            entry = signin.secret_reset_by_code(operator_id, actor=who.id, via=via)
            return self._reset(operator_id, secret, (who,), entry) or self._next_code()

    def recover(self, person: Kept | None, who: Person | None, secret: str, code: str, via: str) -> str | Refusal:
        """End the own lock of a lead by their secret and the recovery code: the next code. None is nobody known."""
        with recovery.alone(self._keys):
            tried = person if recovery.is_code(self._keys, code, self._pepper) else None
            matches = secret_matches(
                None if tried is None else tried.secret, secret, self._pepper, tried.id if tried else ""
            )
            if who is None or not matches:
                return Refusal("wrong-secret", "Name, secret and recovery code do not belong together; try again.")
            if refusal := rights.refusal(Act.RESET, who.roles):
                return refusal

            def decide(reader: Reader) -> Sequence[Draft] | Refusal:
                return self._staff.barred(reader, who) or self._comparer.unlocking(
                    reader, who.operator, who.operator, via
                )

            return self._refused(decide) or self._next_code()

    def give_badge(self, operator_id: str, badge: str | None, who: SignedIn, via: str) -> Refusal | None:
        """Give somebody the badge with this text, or take the one they have."""
        if refusal := rights.refusal(Act.MANAGE_PEOPLE, who.person.roles):
            return refusal
        person = self._kept(operator_id)
        if person is None:
            return _UNKNOWN
        if badge is not None and (unfit := self._unfit_badge(person, badge)):
            return Refusal("badge", unfit)
        fact = signin.badge_taken if badge is None else signin.badge_given

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            gone = None if badge is None else self._gone(reader, operator_id)
            return self._staff.barred(reader, who.person) or gone or [fact(operator_id, actor=who.id, via=via)]

        refusal = self._refused(decide)
        if refusal is None:
            self._people.set_badge(operator_id, None if badge is None else badge_mac(badge, self._pepper))
        return refusal

    # -- inside -------------------------------------------------------------------------------------------

    def _reset(self, operator_id: str, secret: str, leads: Sequence[SignedIn], entry: Draft) -> Refusal | None:
        person = self._kept(operator_id)
        if person is None:
            return _UNKNOWN

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            refusal = self._staff.barred(reader, *(lead.person for lead in leads)) or self._gone(reader, operator_id)
            missed = tries_of(reader, operator_id).misses > 0
            unlocked = [signin.unlocked(operator_id, actor=leads[0].id, via=entry.via)] if missed else []
            return refusal or [entry, *unlocked]

        return self._given(person, secret, decide)

    def _given(
        self, person: Kept, secret: str, decide: Callable[[Reader], Sequence[Draft] | Refusal]
    ) -> Refusal | None:
        """Record it, and keep the secret."""
        if unfit := self.unfit(secret, person.name, badge=person.badge is not None):
            return Refusal("secret", unfit)
        phc = hash_secret(secret, self._pepper, person.id)
        refusal = self._refused(decide)
        if refusal is None:
            self._people.set_secret(person.id, phc, pin=is_pin(secret))
        return refusal

    def _code_refused(self, who: SignedIn, code: str, via: str) -> Refusal | None:
        """Why this is not taken for the recovery code; a wrong one counts as a miss of the lead who gave it."""
        if locked := self._comparer.locked(self._ledger, who.id):
            return locked
        if recovery.is_code(self._keys, code, self._pepper):
            return None
        wrong = Refusal("wrong-code", "This is not the recovery code; look at the newest paper again.")
        return self._comparer.missed(who.id, wrong, via)

    def _next_code(self) -> str:
        try:
            return recovery.renew(self._keys, self._pepper)
        except OSError as fault:
            raise ClinicError(
                f"{self._keys}: it is done, but no new recovery code could be written ({fault.strerror}); the one on "
                "paper is still good: free some space."
            ) from None

    def _unfit_badge(self, person: Kept, badge: str) -> str | None:
        if unfit := check_badge(badge):
            return unfit
        has = self._people.person_with_badge(badge_mac(badge, self._pepper))
        if has is not None and has.id != person.id:
            return f"This is the badge of {has.name}: take it from them first."
        if name_key(badge) in {name_key(other.name) for other in self._people.people()}:
            return "This badge reads like somebody's name and would be taken for it: use another badge."
        if secret_matches(person.secret, badge, self._pepper, person.id):
            return "This person's secret is what the badge says: they must choose another secret first."
        return None

    def _kept(self, operator_id: str) -> Kept | None:
        person = self._people.person_by(operator_id)
        return person if person is not None and person.id == operator_id else None

    def _refused(self, decide: Callable[[Reader], Sequence[Draft] | Refusal]) -> Refusal | None:
        found = decided(self._ledger, decide)
        return found if isinstance(found, Refusal) else None

    @staticmethod
    def _gone(reader: Reader, operator_id: str) -> Refusal | None:
        """Why nothing is given to this person; None if something may be."""
        rows = reader.query("SELECT disabled FROM operator WHERE id = ?", (operator_id,))
        if not rows:
            return _UNKNOWN
        return _GONE if rows[0][0] else None
