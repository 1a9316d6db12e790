"""Where a secret that somebody gives for theirs is compared, and a miss is counted and locks them out.

A miss is decided under the ledger's lock, on the misses that stand in the record at that moment, so that two programs
give nobody more tries. While there is a lock nothing is compared. Knows nothing of names, roles and rights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.lock_view import tries_of
from checklist.people import lockout, signin
from checklist.people.lockout import NOBODY
from checklist.people.secret import secret_matches
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checklist.ledger.clock import Clock
    from checklist.ledger.entry import Draft, Entry
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger
    from checklist.people.store import Person

WRONG = Refusal("wrong-secret", "Name and secret do not belong together; try again.")


class Comparer:
    """Compares the secrets of one clinic's people."""

    def __init__(self, ledger: Ledger, pepper: bytes, clock: Clock) -> None:
        """Whoever opened the ledger closes it."""
        self._ledger = ledger
        self._pepper = pepper
        self._clock = clock
        self._owed: set[str] = set()

    def refusal(
        self, person: Person | None, secret: str, via: str, though_right: Refusal | None = None
    ) -> Refusal | None:
        """Why this is not taken as this person's secret; None where it is theirs. None stands for nobody known, at the
        same cost. With `though_right` even the right secret is a miss, and is answered by that."""
        operator = NOBODY if person is None else person.id
        if operator in self._owed:  # or a full disk would give as many tries as anybody likes
            self.missed(operator, WRONG, via)
        if locked := self.locked(self._ledger, operator):
            return locked
        right = secret_matches(None if person is None else person.secret, secret, self._pepper, operator)
        if right and though_right is None:
            # Tried by several programs at once, it counts only if it came before the miss that locked.
            return self.locked(self._ledger, operator)
        return self.missed(operator, though_right if right and though_right else WRONG, via)

    def unanswered(self, person: Person, secret: str, answer: Refusal) -> Refusal:
        """The same work and the same locks, but the same answer whether the secret is right or not."""
        if locked := self.locked(self._ledger, person.id):
            return locked
        secret_matches(person.secret, secret, self._pepper, person.id)
        return answer

    def locked(self, reader: Reader, operator: str) -> Refusal | None:
        """Why no secret of this operator, or of NOBODY, is tried at this moment; None where one may be."""
        lock, now = tries_of(reader, operator).lock, self._clock()
        if lock is None or lockout.left(lock, now) == lockout.OVER:
            return None
        end = lockout.until(lock, now)
        if end is None:
            return Refusal("locked", "This sign-in is locked; ask a lead to unlock it.")
        shown = lockout.shown(end, now.zone)
        return Refusal("locked", f"This sign-in is locked until {shown}; ask a lead to unlock it, or wait.")

    def missed(self, operator: str, refusal: Refusal, via: str) -> Refusal:
        """Record one more miss; the refusal, which says so where this one has locked. A miss that could not be
        recorded is owed, and nothing more of this operator is compared before it is."""

        def decide(reader: Reader) -> Sequence[Draft] | Refusal:
            return self.locked(reader, operator) or lockout.missed(operator, tries_of(reader, operator), via=via)

        self._owed.add(operator)
        entries = decided(self._ledger, decide)
        self._owed.discard(operator)
        if isinstance(entries, Refusal):  # by another program, meanwhile
            return entries
        locked = self.locked(self._ledger, operator) if entries[-1].kind == signin.LOCKED else None
        return refusal if locked is None else Refusal(refusal.code, f"{refusal.message} {locked.message}")

    def unlocking(self, reader: Reader, operator: str, lead: str, via: str) -> Sequence[Draft] | Refusal:
        """What ends an operator's lock and forgives the misses."""
        if self.locked(reader, operator) is None:
            return Refusal("not-locked", "This sign-in is not locked; nothing was changed.")
        return [signin.unlocked(operator, actor=lead, via=via)]


def decided(ledger: Ledger, decide: Callable[[Reader], Sequence[Draft] | Refusal]) -> list[Entry] | Refusal:
    """Record what `decide` says under the ledger's lock, or say why not."""
    refusals: list[Refusal] = []

    def plan(reader: Reader) -> Sequence[Draft]:
        refusals.clear()
        found = decide(reader)
        if isinstance(found, Refusal):
            refusals.append(found)
            return ()
        return found

    entries = ledger.append(plan)
    return refusals[0] if refusals else entries
