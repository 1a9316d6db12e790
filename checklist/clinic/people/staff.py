"""The people of a clinic: who they are, whether they are who they say, and by which secret and badge.

Roles and standing come from the record, names, secrets and badges from people.db. What is compared, and how misses
are counted, is `comparing`; how people come by a secret is `factors`. Knows nothing of protocols and runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checklist.clinic.people.comparing import WRONG, Comparer, decided
from checklist.clinic.people.factors import UNKNOWN, Factors
from checklist.clinic.people.lock_view import locked_ones
from checklist.clinic.people.people_views import credentials_of
from checklist.people import lockout, signin
from checklist.people.badge import badge_mac
from checklist.people.operator import Operator
from checklist.people.secret import is_pin, too_short
from checklist.run import rights
from checklist.run.events import Person
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from checklist.ledger.clock import Clock
    from checklist.ledger.entry import Draft
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger
    from checklist.people.store import Kept, PeopleStore


_DISABLED = Refusal("disabled", "This person may do nothing here any more; sign in as somebody else.")
_RESET = Refusal("reset", "This secret was reset since; sign in again with the new one.")
_SHORT = Refusal("wrong-secret", "That is too short to be anybody's secret; type all of it.")
_BADGE = Refusal("badge", "A PIN is good only together with the badge; scan the badge, then type the PIN.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who proved who they are, for as long as they stay at this screen."""

    person: Person
    name: str

    @property
    def id(self) -> str:
        """The operator's id."""
        return self.person.operator


@dataclass(frozen=True, slots=True)
class Lock:
    """An operator for whom no secret is tried just now. `until` is the end in UTC (ISO 8601), `shown` the same as
    people at the clinic read it (10:23); both are None where only a lead ends the lock."""

    operator_id: str
    name: str
    until: str | None
    shown: str | None


@dataclass(frozen=True, slots=True)
class Reset:
    """A lock ended or a secret given anew. `recovery` is the next recovery code, to be kept on paper, where the one
    before was used."""

    recovery: str | None


class Staff:
    """The operators of one clinic folder, as the record and people.db know them together."""

    def __init__(self, ledger: Ledger, people: PeopleStore, pepper: bytes, clock: Clock, keys: Path) -> None:
        """Whoever opened the two files closes them; `keys` is the folder of the recovery code."""
        self._ledger = ledger
        self._people = people
        self._pepper = pepper
        self._clock = clock
        self._keys = keys
        self._comparer = Comparer(ledger, pepper, clock, keys)
        self._factors = Factors(self, ledger, people, self._comparer, pepper, keys)

    def operators(self) -> list[Operator]:
        """Everybody the record knows as an operator, by name."""
        rows = self._ledger.query("SELECT id, roles, disabled, erased FROM operator")
        people = [self._operator(*row) for row in rows]
        return sorted(people, key=lambda operator: (operator.name or "", operator.id))

    def operator(self, operator_id: str) -> Operator | None:
        """One operator by id."""
        rows = self._ledger.query("SELECT id, roles, disabled, erased FROM operator WHERE id = ?", (operator_id,))
        return self._operator(*rows[0]) if rows else None

    def name_of(self, operator_id: str | None) -> str:
        """How an operator is shown: their name; the id once the name is erased; a dash for the program."""
        if operator_id is None:
            return "-"
        return self._people.name(operator_id) or operator_id

    # -- signing in ---------------------------------------------------------------------------------------

    def prove(self, named: str, secret: str, via: str, factors: tuple[str, ...] = ("secret",)) -> SignedIn | Refusal:
        """Who has this name, id or badge, and this secret; a miss is recorded, and every fifth locks.

        Costs the same for unknown names, which are never locked. While there is a lock the secret is not compared at
        all. A PIN without a badge is nobody's, whoever is meant.
        """
        size = self._ledger.size
        person, scanned = self._meant(named)
        operator = self.operator(person.id) if person is not None else None
        if is_pin(secret) and not scanned:
            wrong = _SHORT if too_short(secret) else _BADGE
            return self._comparer.refusal(None, secret, via, wrong=wrong) or wrong
        if person is None or operator is None:
            return self._comparer.refusal(None, secret, via) or WRONG
        tried = replace(person, secret=None) if self.bearer(secret) == person.id else person  # a badge proves nothing
        gone = _DISABLED if operator.disabled else None
        if refusal := self._comparer.refusal(tried, secret, via, though_right=gone):
            return refusal
        proved = (signin.BADGE, *factors) if scanned else factors
        credentials = credentials_of(self._ledger, person.id)
        return SignedIn(Person(person.id, operator.roles, proved, credentials, size), person.name)

    def sign_in(self, named: str, secret: str, via: str, factors: tuple[str, ...] = ("secret",)) -> SignedIn | Refusal:
        """Sign somebody in at this screen, and record it; a miss is recorded too."""
        found = self.prove(named, secret, via, factors)
        if isinstance(found, Refusal):
            return found
        who = found.person

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            # Another program may have locked or disabled them meanwhile.
            refusal = self._comparer.locked(reader, who.operator) or self.barred(reader, who)
            return refusal or [signin.signed_in(who.operator, who.factors, via=via)]

        entries = decided(self._ledger, decide)
        return entries if isinstance(entries, Refusal) else found

    def sign_out(self, who: SignedIn, via: str) -> None:
        """Record that somebody left this screen."""
        self._ledger.append(lambda _reader: [signin.signed_out(who.id, via=via)])

    def barred(self, reader: Reader, *people: Person) -> Refusal | None:
        """Why somebody who proved who they are may not act any more, or not as who they were; None if all may.

        `reader` is the ledger as the caller sees it: inside a transaction, the one that holds its lock.
        """
        for person in people:
            rows = reader.query("SELECT roles, reset FROM operator WHERE id = ? AND disabled = 0", (person.operator,))
            if not rows:
                return _DISABLED
            if person.proved is not None and person.proved <= int(str(rows[0][1])):
                return _RESET
            if not person.roles <= _roles(rows[0][0]):
                return Refusal("role", "This person's roles have changed since; sign in again.")
        return None

    def bearer(self, badge: str) -> str | None:
        """The id of whoever has a badge with this text: it says who is meant, and proves nothing."""
        found = self._people.person_with_badge(badge_mac(badge, self._pepper))
        return found.id if found is not None else None

    # -- locks --------------------------------------------------------------------------------------------

    def locks(self) -> list[Lock]:
        """Everybody for whom no secret is tried just now, by name."""
        now = self._clock()
        found = []
        for operator, lock in locked_ones(self._ledger, now):
            end = lockout.until(lock, now)
            shown = None if end is None else lockout.shown(end, now)
            until = None if end is None else f"{end:%Y-%m-%dT%H:%M:%S.%fZ}"
            found.append(Lock(operator, self.name_of(operator), until, shown))
        return sorted(found, key=lambda lock: (lock.name, lock.operator_id))

    def unlock(self, operator_id: str, who: SignedIn, via: str) -> Refusal | None:
        """End somebody's lock and forgive the misses; a lead does it for others. None once it is done."""
        if refusal := rights.refusal(Act.MANAGE_PEOPLE, who.person.roles):
            return refusal
        if operator_id == who.id:
            return Refusal("same-person", "Nobody ends their own lock; ask another lead, or use the recovery code.")
        if self.operator(operator_id) is None:
            return UNKNOWN

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            return self.barred(reader, who.person) or self._comparer.unlocking(reader, operator_id, who.id, via)

        found = decided(self._ledger, decide)
        return found if isinstance(found, Refusal) else None

    def recover(self, named: str, secret: str, code: str, via: str) -> Reset | Refusal:
        """End the lock of a lead whom no other lead is there to unlock: by their secret and the recovery code at once.

        Neither is tried without the other, so the lock gives away nothing. The next code is in the answer.
        """
        kept, scanned = self._meant(named)
        operator = self.operator(kept.id) if kept is not None else None
        who = Person(operator.id, operator.roles, (signin.SECRET,)) if operator is not None else None
        tried = kept if scanned or not is_pin(secret) else None
        return _reset(self._factors.recover(tried, who, secret, code, via))

    # -- secrets and badges -------------------------------------------------------------------------------

    def unfit_secret(self, secret: str, name: str, *, badge: bool = False) -> str | None:
        """Why nobody called `name` can have this secret; None if they can. `badge` says whether they have one."""
        return self._factors.unfit(secret, name, badge=badge)

    def change_secret(self, who: SignedIn, old: str, new: str, via: str) -> Refusal | None:
        """Give oneself another secret by the old one, a miss of which counts; None once it is done."""
        return self._factors.change(who, old, new, via)

    def reset(
        self, operator_id: str, new_secret: str, who: SignedIn, second: SignedIn | str, via: str
    ) -> Reset | Refusal:
        """Give somebody another secret: by two different leads, or by one lead and the recovery code (`second`).

        Their lock ends with it. A code is good for once: the next one is in the answer.
        """
        if isinstance(second, str):
            return _reset(self._factors.reset_by_code(operator_id, new_secret, who, second, via))
        return self._factors.reset_by_two(operator_id, new_secret, who, second, via) or Reset(None)

    def give_badge(self, operator_id: str, badge: str | None, who: SignedIn, via: str) -> Refusal | None:
        """Give somebody the badge with this text in the place of any they had, or take it (None); a lead does it."""
        return self._factors.give_badge(operator_id, badge, who, via)

    # -- inside -------------------------------------------------------------------------------------------

    def _meant(self, named: str) -> tuple[Kept | None, bool]:
        """Whom a name, an id or a badge's text means, and whether it was a badge. The active go before the disabled."""
        badged = self._people.person_with_badge(badge_mac(named, self._pepper))
        if badged is not None:
            return badged, True
        active = {operator.id for operator in self.operators() if not operator.disabled}
        return self._people.person_by(named, active) or self._people.person_by(named), False

    def _operator(self, operator_id: object, roles: object, disabled: object, erased: object) -> Operator:
        name = self._people.name(str(operator_id))
        return Operator(str(operator_id), name, _roles(roles), disabled=bool(disabled), erased=bool(erased))


def _reset(answer: str | Refusal) -> Reset | Refusal:
    return answer if isinstance(answer, Refusal) else Reset(answer)


def _roles(listed: object) -> frozenset[str]:
    return frozenset(json.loads(str(listed)))
