"""What people prove themselves by, and how they come by it: secrets changed and reset, badges given and taken.

What leads take from somebody leaves people.db before that is recorded, and what is given comes there after it: cut off
in between, nothing is good that the record does not know of, nor what it says leads took. Knows nothing of signing in,
which is `staff`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.clinic.people import recovery
from checklist.clinic.people.comparing import alone, decided
from checklist.clinic.people.lock_view import tries_of
from checklist.ledger.errors import NotSaved
from checklist.people import signin
from checklist.people.badge import badge_mac, check_badge
from checklist.people.operator import name_key
from checklist.people.secret import check_strength, hash_secret, is_pin, secret_matches
from checklist.people.signin import RECOVERY
from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from checklist.clinic.people.comparing import Comparer
    from checklist.clinic.people.staff import SignedIn, Staff
    from checklist.ledger.entry import Draft
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger
    from checklist.people.store import Kept, PeopleStore
    from checklist.run.events import Person

UNKNOWN = Refusal("operator", "There is no such operator here; look at the list of people.")
_WRONG_CODE = Refusal("wrong-code", "This is not the recovery code; look at the newest paper again.")
_WRONG_RECOVERY = Refusal(
    "wrong-secret",
    "Name, secret and recovery code do not belong together, or this is no lead who is locked; try again.",
)
GONE = Refusal("disabled", "This person was disabled, which is for good; add them anew if they come back.")


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
        return None

    def change(self, who: SignedIn, old: str, new: str, via: str) -> Refusal | None:
        """Give oneself another secret."""
        person = self._people.person_by(who.id)
        if person is None:
            return UNKNOWN
        if refusal := rights.refusal(Act.CHANGE_OWN_SECRET, who.person.roles):
            return refusal
        if refusal := self._comparer.refusal(person, old, via):
            return refusal
        if old == new:
            return Refusal("secret", "This is the secret that you have; choose another, for example three words.")

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            refusal = self._comparer.locked(reader, who.id) or self._staff.barred(reader, who.person)
            return refusal or [signin.secret_changed(who.id, via=via)]

        return self._given(person, new, decide, voids=False)

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
        with alone(self._keys):
            if refusal := self._comparer.tried(who.id, lambda: self._is_code(code), via, _WRONG_CODE):
                return refusal
            entry = signin.secret_reset_by_code(operator_id, actor=who.id, via=via)
            return self._reset(operator_id, secret, (who,), entry) or self._next_code()

    def recover(self, person: Kept | None, who: Person | None, secret: str, code: str, via: str) -> str | Refusal:
        """End the own lock of a lead by their secret and the recovery code: the next code. None is nobody known.

        Whatever is amiss has one answer and is one miss, so that whoever holds the paper learns nobody's secret.
        """
        with alone(self._keys):
            meant = person if who is not None and self._may_recover(who) else None

            def right() -> bool:
                kept = meant if self._is_code(code) else None
                owner, phc = ("", None) if kept is None else (kept.id, kept.secret)
                return secret_matches(phc, secret, self._pepper, owner)

            refusal = self._comparer.tried(RECOVERY, right, via, _WRONG_RECOVERY)
            if refusal is not None or who is None:
                return refusal or _WRONG_RECOVERY

            def decide(reader: Reader) -> Sequence[Draft] | Refusal:
                own = who.operator
                unlocking = self._comparer.unlocking(reader, own, own, via, recovery=True)
                return self._staff.barred(reader, who) or unlocking

            return self._refused(decide) or self._next_code()

    def give_badge(self, operator_id: str, badge: str | None, who: SignedIn, via: str) -> Refusal | None:
        """Give somebody the badge with this text, or take the one they have."""
        if refusal := rights.refusal(Act.MANAGE_PEOPLE, who.person.roles):
            return refusal
        person = self._kept(operator_id)
        if person is None:
            return UNKNOWN
        if badge is not None and (unfit := self._unfit_badge(person, badge)):
            return Refusal("badge", unfit)
        fact = signin.badge_taken if badge is None else signin.badge_given

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            gone = self._gone(reader, operator_id)
            if badge is None:  # who has left may lose it, and needs it for nothing
                gone = self._needed(operator_id) if gone is None else None
            return self._staff.barred(reader, who.person) or gone or [fact(operator_id, actor=who.id, via=via)]

        refusal = self._voided(
            operator_id,
            decide,
            lambda had: self._people.set_badge(had.id, None),
            lambda had: self._people.set_badge(had.id, had.badge),
        )
        if refusal is None and badge is not None:
            self._people.set_badge(operator_id, badge_mac(badge, self._pepper))
        return refusal

    # -- inside -------------------------------------------------------------------------------------------

    def _reset(self, operator_id: str, secret: str, leads: Sequence[SignedIn], entry: Draft) -> Refusal | None:
        person = self._kept(operator_id)
        if person is None:
            return UNKNOWN

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            refusal = self._staff.barred(reader, *(lead.person for lead in leads)) or self._gone(reader, operator_id)
            tries = tries_of(reader, operator_id)
            to_forgive = tries.misses > 0 or tries.lock is not None
            unlocked = [signin.unlocked(operator_id, actor=leads[0].id, via=entry.via)] if to_forgive else []
            return refusal or [entry, *unlocked]

        return self._given(person, secret, decide, voids=True)

    def _given(
        self, person: Kept, secret: str, decide: Callable[[Reader], Sequence[Draft] | Refusal], *, voids: bool
    ) -> Refusal | None:
        """Record it, and keep the secret. `voids`: the one before is of no use from then on, even if the program is cut
        off. One's own stays good until the new one is kept: the last lead has nobody to give them another."""
        if unfit := self.unfit(secret, person.name, badge=person.badge is not None):
            return Refusal("secret", unfit)
        phc = hash_secret(secret, self._pepper, person.id)
        if voids:
            refusal = self._voided(
                person.id,
                decide,
                lambda had: self._people.set_secret(had.id, None, pin=False),
                lambda had: self._people.set_secret(had.id, had.secret, pin=had.pin),
            )
        else:
            refusal = self._refused(decide)
        if refusal is None:
            self._people.set_secret(person.id, phc, pin=is_pin(secret))
        return refusal

    def _voided(
        self,
        operator_id: str,
        decide: Callable[[Reader], Sequence[Draft] | Refusal],
        take: Callable[[Kept], None],
        put_back: Callable[[Kept], None],
    ) -> Refusal | None:
        """Record it, having taken out of people.db what it voids; put back where nothing was recorded for sure."""
        taken: list[Kept] = []

        def taking(reader: Reader) -> Sequence[Draft] | Refusal:
            found = decide(reader)
            had = self._kept(operator_id)
            if not isinstance(found, Refusal) and had is not None and not taken:
                taken.append(had)
                take(had)
            return found

        try:
            refusal = self._refused(taking)
        except NotSaved:
            if taken:
                put_back(taken[0])
            raise
        if refusal is not None and taken:
            put_back(taken[0])
        return refusal

    def _may_recover(self, who: Person) -> bool:
        locked = self._comparer.locked(self._ledger, who.operator) is not None
        return locked and rights.may(Act.RESET, who.roles) and self._staff.barred(self._ledger, who) is None

    def _is_code(self, code: str) -> bool:
        return recovery.is_code(self._keys, code, self._pepper)

    def _needed(self, operator_id: str) -> Refusal | None:
        """Why somebody's badge is not taken; None if it may be."""
        person = self._kept(operator_id)
        if person is None or not person.pin:
            return None
        return Refusal(
            "pin", f"The secret of {person.name} is a PIN, which needs the badge: a passphrase first, or another badge."
        )

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
            return UNKNOWN
        return GONE if rows[0][0] else None
