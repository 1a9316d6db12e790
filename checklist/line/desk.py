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
    from collections.abc import Callable, Iterator

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


def say_who(clinic: Clinic, console: Console, prompt: str) -> str | None:
    """Who somebody says they are, by name, id or badge; None where nothing was said. What is nobody's name is taken off
    the terminal: it may be a badge, or a secret in the wrong place."""
    heard = console.ask(prompt)
    typed = heard.strip() if isinstance(heard, str) else ""
    if typed and clinic.people.person_by(typed) is None:
        console.cover()
    return typed or None


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
        name = given.name or say_who(clinic, console, "Name or badge: ")
        secret = console.secret("Your secret: ") if name else None
        if not name or secret is None:
            break
        found = clinic.staff.sign_in(name, secret, via, (SECRET,))
        if not isinstance(found, Refusal):
            console.say(f"Signed in: {found.name}.")
            return found
        console.say(found.message)
    raise SignInError("Nobody is signed in; nothing was done. Try again with your name and secret.")


@contextlib.contextmanager
def signed_in(clinic: Clinic, console: Console, given: Credentials, via: str) -> Iterator[SignedIn]:
    """Somebody signed in for as long as the block runs. Raises SignInError, and whatever the block raises."""
    who = sign_in(clinic, console, given, via)
    with _at_the_end(lambda: clinic.staff.sign_out(who, via)):
        yield who


@contextlib.contextmanager
def attended(
    clinic: Clinic, console: Console, own: Credentials, second: Credentials, via: str, *, unsigned: bool
) -> Iterator[Desk]:
    """A desk with somebody at it for as long as the block runs. `unsigned`: nobody need say who they are, since it is
    an emergency. Raises SignInError, and whatever the block raises."""
    who = None if unsigned else sign_in(clinic, console, own, via)
    desk = Desk(clinic, console, who, own, second, via)
    with _at_the_end(desk.leave):
        yield desk


@contextlib.contextmanager
def _at_the_end(sign_out: Callable[[], None]) -> Iterator[None]:
    """Record at the end that nobody stands here any more, whatever went wrong; that is raised again."""
    try:
        yield
    except Exception:
        with contextlib.suppress(LedgerError):  # what went wrong first is what must be told
            sign_out()
        raise
    sign_out()


class Desk:
    """The person at this line, and how anybody beside them proves who they are."""

    def __init__(
        self, clinic: Clinic, console: Console, who: SignedIn | None, own: Credentials, second: Credentials, via: str
    ) -> None:
        self.who = who
        """Who is signed in here; None in an emergency that nobody has put their name to."""
        self._via = via
        self._clinic = clinic
        self._console = console
        self._own = own
        self._second = second
        self._said_who = False
        """Whether they have signed here with both their name and their secret since they came, or came back."""

    @property
    def holder(self) -> str | None:
        """The id of who is signed in here."""
        return self.who.id if self.who is not None else None

    def leave(self) -> None:
        """Record that whoever stood here does so no more."""
        if self.who is not None:
            who, self.who = self.who, None
            self._clinic.staff.sign_out(who, self._via)

    def signer(self, step: Step) -> SignedIn | Refusal:
        """Who signs a step, proved at this moment: the person at this line, or whoever has the step's role. Where it
        must be somebody who has done no step, anybody is asked for: `decide` knows who has."""
        another = step.kind == "sign" and step.another is True
        fits = self.who is not None and (not step.roles or self.who.person.roles.intersection(step.roles))
        if self.who is not None and fits and not (another and self._console.terminal):
            return self._again(self.who, "Who signs, name or badge: ")
        if not self._console.terminal:
            wanted = f"with the role {' or '.join(step.roles)}" if step.roles else "who has signed in"
            return Refusal("role", f"This is signed by somebody {wanted}: /pause, and let them resume the run.")
        return self._somebody("Who signs, name or badge: ")

    def attributor(self) -> SignedIn | Refusal:
        """Who says that they did what nobody had signed in for, proved at this moment. Who was not signed in is."""
        prompt = "Who did this, name or badge: "
        if self.who is not None:
            return self._again(self.who, prompt)
        if not self._console.terminal:
            return Refusal(
                "no-secret",
                "There is no terminal to type a secret at; afterwards: checklist attribute RUN --as OPERATOR "
                "--secret-file FILE.",
            )
        name = say_who(self._clinic, self._console, prompt)
        secret = self._console.secret("Your secret: ") if name else None
        if not name or secret is None:
            return _nothing_given()
        found = self._clinic.staff.sign_in(name, secret, self._via, (SECRET,))
        if not isinstance(found, Refusal):
            self.who, self._said_who = found, True
        return found

    def still_here(self) -> Refusal | None:
        """Whether the person who signed in is the one at this line, after it was left alone; None if they are. A
        secret that came from a file has nobody at the line to ask."""
        if self.who is None or self._own.secret is not None or not self._console.terminal:
            return None
        self._said_who = False
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
        return self._somebody("Second person's name or badge: ")

    def _again(self, who: SignedIn, prompt: str) -> SignedIn | Refusal:
        """Who is signed in here, proved once more. The first time they say who they are as well as their secret; then
        the secret is enough, for as long as the line is not left alone."""
        if self._own.secret is not None:
            return self._clinic.staff.prove(who.id, self._own.secret, self._via, (SECRET_FILE,))
        if self._said_who:
            return self._proved(who.id, self._console.secret(f"Secret of {who.name}: "))
        found = self._somebody(prompt)
        self._said_who = not isinstance(found, Refusal) and found.id == who.id
        return found

    def _somebody(self, prompt: str) -> SignedIn | Refusal:
        name = say_who(self._clinic, self._console, prompt)
        return self._proved(name, self._console.secret("Their secret: ") if name else None)

    def _proved(self, name: str | None, secret: str | None) -> SignedIn | Refusal:
        if not name or secret is None:
            return _nothing_given()
        return self._clinic.staff.prove(name, secret, self._via, (SECRET,))


def _nothing_given() -> Refusal:
    return Refusal("cancelled", "No name and secret were given; nothing was recorded.")
