"""Who stands at this line: how they, a signer and a second person prove who they are, each with their own secret.

A secret comes from the terminal, typed without echo, or from a file, which is recorded as such.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.ledger.errors import LedgerError
from checklist.people.signin import SECRET, SECRET_FILE
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.line.console import Console
    from checklist.protocol.model import Step

_TRIES = 3


class SignInError(Exception):
    """Nobody could be signed in; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was given with the command: a name or id, and a secret that was read from a file."""

    name: str | None = None
    secret: str | None = None


def sign_in(clinic: Clinic, console: Console, given: Credentials, via: str) -> SignedIn:
    """Sign in who asks. Raises SignInError."""
    if given.secret is not None:
        if given.name is None:
            raise SignInError("--secret-file says no name: give --as OPERATOR with it.")
        found = clinic.staff.sign_in(given.name, given.secret, via, (SECRET_FILE,))
        if isinstance(found, Refusal):
            raise SignInError(f"--as: {found.message}")
        return found
    if not console.terminal:
        raise SignInError("There is no terminal to type a secret at: give --as OPERATOR --secret-file FILE.")
    for _ in range(_TRIES):
        name = given.name or _typed(console, "Your name: ")
        secret = console.secret("Your secret: ") if name else None
        if not name or secret is None:
            break
        found = clinic.staff.sign_in(name, secret, via, (SECRET,))
        if not isinstance(found, Refusal):
            return found
        console.say(found.message)
    raise SignInError("Nobody is signed in; nothing was done. Try again with your name and secret.")


@contextlib.contextmanager
def signed_in(clinic: Clinic, console: Console, given: Credentials, via: str) -> Iterator[SignedIn]:
    """Somebody signed in for as long as the block runs. Raises SignInError, and whatever the block raises."""
    who = sign_in(clinic, console, given, via)
    try:
        yield who
    except Exception:
        # Whatever went wrong is raised again; before that the record says that nobody stands here any more.
        with contextlib.suppress(LedgerError):  # what went wrong first is what must be told
            clinic.staff.sign_out(who, via)
        raise
    clinic.staff.sign_out(who, via)


class Desk:
    """The person at this line, and how anybody beside them proves who they are."""

    def __init__(
        self, clinic: Clinic, console: Console, who: SignedIn, own: Credentials, second: Credentials, via: str
    ) -> None:
        self.who = who
        self._via = via
        self._clinic = clinic
        self._console = console
        self._own = own
        self._second = second

    def signer(self, step: Step) -> SignedIn | Refusal:
        """Who signs a step, proved at this moment: the person at this line, or whoever has the step's role."""
        who = self.who
        if not step.roles or who.person.roles.intersection(step.roles):
            if self._own.secret is not None:
                return self._clinic.staff.prove(who.id, self._own.secret, self._via, (SECRET_FILE,))
            return self._proved(who.id, self._console.secret(f"Secret of {who.name}: "))
        if not self._console.terminal:
            return Refusal(
                "role",
                f"This is signed by somebody with the role {' or '.join(step.roles)}: /pause, and let them "
                "resume the run.",
            )
        return self._somebody("Who signs: ")

    def still_here(self) -> Refusal | None:
        """Whether the person who signed in is the one at this line, after it was left alone; None if they are. A
        secret that came from a file has nobody at the line to ask."""
        if self._own.secret is not None or not self._console.terminal:
            return None
        proved = self._proved(
            self.who.id, self._console.secret(f"This line was left alone. Secret of {self.who.name}: ")
        )
        return proved if isinstance(proved, Refusal) else None

    def second(self) -> SignedIn | Refusal:
        """The second person, proved at this moment."""
        if self._second.secret is not None and self._second.name is not None:
            return self._clinic.staff.prove(self._second.name, self._second.secret, self._via, (SECRET_FILE,))
        if not self._console.terminal:
            return Refusal(
                "no-second",
                "There is no terminal to type a second secret at: /pause, and resume with "
                "--witness OPERATOR --witness-secret-file FILE.",
            )
        if self._second.name is not None:
            secret = self._console.secret(f"Secret of {self._second.name}: ")
            return self._proved(self._second.name, secret)
        return self._somebody("Second person's name: ")

    def _somebody(self, prompt: str) -> SignedIn | Refusal:
        name = _typed(self._console, prompt)
        return self._proved(name, self._console.secret("Their secret: ") if name else None)

    def _proved(self, name: str | None, secret: str | None) -> SignedIn | Refusal:
        if not name or secret is None:
            return Refusal("cancelled", "No name and secret were given; nothing was recorded.")
        return self._clinic.staff.prove(name, secret, self._via, (SECRET,))


def _typed(console: Console, prompt: str) -> str | None:
    heard = console.ask(prompt)
    return heard.strip() or None if isinstance(heard, str) else None
