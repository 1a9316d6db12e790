"""The people of a clinic: who they are, whether they are who they say, and what they may still do.

Roles and standing come from the record, names and secrets from people.db: a secret is compared here and nowhere
else. Knows nothing of protocols and runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.people import signin
from checklist.people.commitment import name_opening
from checklist.people.operator import LEAD, Operator, added, check_name, check_roles, clean_name, new_operator_id
from checklist.people.secret import check_strength, hash_secret, secret_matches
from checklist.run.events import Person
from checklist.run.reading import Refusal
from checklist.run.timing import utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.ledger.clock import Clock
    from checklist.ledger.entry import Draft
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger
    from checklist.people.store import PeopleStore


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who proved who they are, for as long as they stay at this screen."""

    person: Person
    name: str

    @property
    def id(self) -> str:
        """The operator's id."""
        return self.person.operator


class Staff:
    """The operators of one clinic folder, as the record and people.db know them together."""

    def __init__(self, ledger: Ledger, people: PeopleStore, pepper: bytes, clock: Clock) -> None:
        """Whoever opened the two files closes them."""
        self._ledger = ledger
        self._people = people
        self._pepper = pepper
        self._clock = clock

    def operators(self) -> list[Operator]:
        """Everybody the record knows as an operator, by name."""
        rows = self._ledger.query("SELECT id, roles, disabled FROM operator")
        people = [self._operator(*row) for row in rows]
        return sorted(people, key=lambda operator: (operator.name or "", operator.id))

    def operator(self, operator_id: str) -> Operator | None:
        """One operator by id."""
        rows = self._ledger.query("SELECT id, roles, disabled FROM operator WHERE id = ?", (operator_id,))
        return self._operator(*rows[0]) if rows else None

    def name_of(self, operator_id: str | None) -> str:
        """How an operator is shown: their name; the id once the name is erased; a dash for the program."""
        if operator_id is None:
            return "-"
        return self._people.name(operator_id) or operator_id

    def prove(self, name: str, secret: str, via: str, factors: tuple[str, ...] = ("secret",)) -> SignedIn | Refusal:
        """Who has this name (or id) and this secret; a miss is recorded. Costs the same for unknown names."""
        active = {operator.id for operator in self._active()}
        person = self._people.person_by(name, active)
        known = person if person is not None and person.id in active else None
        matches = secret_matches(known.secret if known else None, secret, self._pepper)
        operator = self.operator(known.id) if known else None
        if known is None or operator is None or not matches:
            meant = self._people.person_by(name)
            self._record(signin.failed(meant.id if meant else None, via=via))
            return Refusal("wrong-secret", "Name and secret do not belong together; try again.")
        return SignedIn(Person(known.id, operator.roles, factors), known.name)

    def sign_in(self, name: str, secret: str, via: str, factors: tuple[str, ...] = ("secret",)) -> SignedIn | Refusal:
        """Sign somebody in at this screen, and record it; a miss is recorded too."""
        found = self.prove(name, secret, via, factors)
        if isinstance(found, Refusal):
            return found
        self._record(signin.signed_in(found.id, factors, via=via))
        return found

    def sign_out(self, who: SignedIn, via: str) -> None:
        """Record that somebody left this screen."""
        self._record(signin.signed_out(who.id, via=via))

    def barred(self, reader: Reader, *people: Person) -> Refusal | None:
        """Why somebody who proved who they are may not act any more, or not as who they were; None if all may.

        `reader` is the ledger as the caller sees it: inside a transaction, the one that holds its lock.
        """
        for person in people:
            rows = reader.query("SELECT roles FROM operator WHERE id = ? AND disabled = 0", (person.operator,))
            if not rows:
                return Refusal("disabled", "This person may do nothing here any more; sign in as somebody else.")
            if not person.roles <= _roles(rows[0][0]):
                return Refusal("role", "This person's roles have changed since; sign in again.")
        return None

    def add(self, name: str, roles: Sequence[str], secret: str, who: SignedIn, via: str) -> Operator | Refusal:
        """Make somebody an operator; only a lead may."""
        if LEAD not in who.person.roles:
            return Refusal("role", "Only a lead adds people; ask one.")
        if refusal := self.barred(self._ledger, who.person) or self._unfit(name, roles, secret):
            return refusal
        operator, now = new_operator_id(), utc(self._clock())
        opening = name_opening(operator, clean_name(name))
        phc = hash_secret(secret, self._pepper)
        self._people.add_person(operator, name, phc, at=now, active={each.id for each in self._active()})
        self._people.keep([opening], at=now)

        def plan(reader: Reader) -> Sequence[Draft]:
            # Another program may have added somebody of this name meanwhile: one of the two must give way.
            rows = reader.query("SELECT id FROM operator WHERE disabled = 0")
            taken = [self._people.name(str(row[0])) or "" for row in rows]
            if check_name(name, taken):
                return ()
            return [added(operator, roles, opening.commitment, actor=who.id, via=via)]

        if not self._ledger.append(plan):
            return Refusal("operator", "Somebody of this name was added just now; add something that tells them apart.")
        return Operator(operator, clean_name(name), frozenset(roles))

    def _unfit(self, name: str, roles: Sequence[str], secret: str) -> Refusal | None:
        """Why nobody can be added with this name, these roles and this secret; None if somebody can."""
        unfit = (
            check_name(name, [operator.name for operator in self._active() if operator.name])
            or check_roles(roles)
            or check_strength(secret, clean_name(name))
        )
        if unfit:
            return Refusal("operator", unfit)
        if any(secret_matches(person.secret, secret, self._pepper) for person in self._people.people()):
            return Refusal("operator", "This secret cannot be used; choose another, for example three other words.")
        return None

    def _active(self) -> list[Operator]:
        return [operator for operator in self.operators() if not operator.disabled]

    def _operator(self, operator_id: object, roles: object, disabled: object) -> Operator:
        return Operator(str(operator_id), self._people.name(str(operator_id)), _roles(roles), bool(disabled))

    def _record(self, draft: Draft) -> None:
        self._ledger.append(lambda _reader: [draft])


def _roles(listed: object) -> frozenset[str]:
    return frozenset(json.loads(str(listed)))
