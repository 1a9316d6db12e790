"""Where a secret that somebody gives for theirs is compared, and a miss is counted and locks them out.

From the look at the lock to the miss in the record it is one act: no other program compares meanwhile, so that many at
once give nobody more tries. While there is a lock nothing is compared. Knows nothing of names, roles and rights.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.clinic.people.lock_view import tries_of
from checklist.people import lockout, signin
from checklist.people.secret import PEPPER_NAME, secret_matches
from checklist.people.signin import NOBODY, RECOVERY
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from checklist.ledger.clock import Clock
    from checklist.ledger.entry import Draft, Entry
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger
    from checklist.people.store import Kept

WRONG = Refusal("wrong-secret", "Name and secret do not belong together; try again.")


class Comparer:
    """Compares the secrets of one clinic's people."""

    def __init__(self, ledger: Ledger, pepper: bytes, clock: Clock, keys: Path) -> None:
        """Whoever opened the ledger closes it; `keys` is the folder of the pepper."""
        self._ledger = ledger
        self._pepper = pepper
        self._clock = clock
        self._keys = keys
        self._owed: set[str] = set()

    def refusal(
        self,
        person: Kept | None,
        secret: str,
        via: str,
        *,
        wrong: Refusal = WRONG,
        though_right: Refusal | None = None,
    ) -> Refusal | None:
        """Why this is not taken as this person's secret; None where it is theirs. None stands for nobody known, at the
        same cost. With `though_right` even the right secret is a miss, and is answered by that."""
        operator, kept = (NOBODY, None) if person is None else (person.id, person.secret)
        return self.tried(
            operator, lambda: secret_matches(kept, secret, self._pepper, operator), via, wrong, though_right
        )

    def tried(
        self, operator: str, right: Callable[[], bool], via: str, wrong: Refusal, though_right: Refusal | None = None
    ) -> Refusal | None:
        """Ask whether what was given is `right`, unless there is a lock; where it is not, that is recorded before this
        returns."""
        with alone(self._keys / PEPPER_NAME):
            if operator in self._owed:  # or a full disk would give as many tries as anybody likes
                self._missed(operator, wrong, via)
            if locked := self.locked(self._ledger, operator):
                return locked
            found = right()
            if found and though_right is None:
                return None
            return self._missed(operator, though_right if found and though_right else wrong, via)

    def locked(self, reader: Reader, operator: str) -> Refusal | None:
        """Why no secret of this operator, or no recovery code, is tried at this moment; None where one may be. NOBODY
        is never locked."""
        lock, now = tries_of(reader, operator).lock, self._clock()
        if operator == NOBODY or lock is None or lockout.left(lock, now) == lockout.OVER:
            return None
        end = lockout.until(lock, now)
        if end is None:
            return Refusal("locked", "This sign-in is locked; ask a lead to unlock it.")
        shown = lockout.shown(end, now)
        if operator == RECOVERY:
            return Refusal("locked", f"No recovery code is tried until {shown}; wait, or ask another lead to unlock.")
        return Refusal("locked", f"This sign-in is locked until {shown}; ask a lead to unlock it, or wait.")

    def unlocking(
        self, reader: Reader, operator: str, lead: str, via: str, *, recovery: bool = False
    ) -> Sequence[Draft] | Refusal:
        """What ends an operator's lock and forgives the misses."""
        if self.locked(reader, operator) is None:
            return Refusal("not-locked", "This sign-in is not locked; nothing was changed.")
        return [signin.unlocked(operator, actor=lead, via=via, recovery=recovery)]

    def _missed(self, operator: str, refusal: Refusal, via: str) -> Refusal:
        """Record one more miss; the refusal, which says so where this one has locked. A miss that could not be
        recorded is owed, and nothing more of this operator is compared before it is."""

        def decide(reader: Reader) -> Sequence[Draft]:
            return lockout.missed(operator, tries_of(reader, operator), via=via)

        self._owed.add(operator)
        entries = self._ledger.append(decide)
        self._owed.discard(operator)
        locked = self.locked(self._ledger, operator) if entries[-1].kind == signin.LOCKED else None
        return refusal if locked is None else Refusal(refusal.code, f"{refusal.message} {locked.message}")


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold off other programs that do the same with this file or folder of keys/. Raises ClinicError."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as fault:
        raise ClinicError(f"{path}: cannot be opened ({fault.strerror}); put keys/ back from a backup.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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
