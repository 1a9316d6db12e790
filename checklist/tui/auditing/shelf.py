"""The record laid out to be asked, in a thread of its own: laying it out takes long, and recording never waits for it.

Opened with the log and closed with it. Knows nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from textual.content import Content

from checklist.audit.errors import AuditError
from checklist.clinic.errors import ClinicError
from checklist.ledger.errors import LedgerError, NotCanonical
from checklist.people.errors import PeopleError
from checklist.protocol.errors import ProtocolError
from checklist.tui.storage import DOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.audit.catalogue import Catalogue
    from checklist.clinic.folder import Folder
    from checklist.clinic.service import Clinic
    from checklist.tui.face import Face

TOLD_EVERY: Final = 0.25
"""Seconds."""
P = ParamSpec("P")
T = TypeVar("T")


class CannotAskError(ClinicError):
    """The record cannot be read just now."""


class LeftError(ClinicError):
    """Whoever wanted to know has left."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What a question is asked of: the clinic, opened a second time, and the tables made from its record. `progress`
    is to be told how far long work has come; it ends the work when nobody waits for it any more."""

    clinic: Clinic
    catalogue: Catalogue
    progress: Callable[[int, int], None]

    @property
    def db(self) -> sqlite3.Connection:
        """The tables."""
        return self.catalogue.db


class Shelf:
    """Questions to the record, answered one after the other."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "reading")
        self._clinic: Clinic | None = None
        self._catalogue: Catalogue | None = None
        self._size = -1
        self._left = False
        self.done = (0, 0)
        """How far long work has come, and how far it has to go."""

    async def ask(self, fn: Callable[Concatenate[Laid, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` on the record as it was last laid out. Raises ClinicError (CannotAskError where it cannot be read),
        and what `fn` raises of its own."""
        return await self._soon(lambda: self._answer(lambda laid: fn(laid, *args, **kwargs)))

    async def told(
        self, face: Face[Any], doing: str, fn: Callable[Concatenate[Laid, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `ask`, for what may take long: the screen says how far it has come."""
        self.done = (0, 0)

        def tell() -> None:
            done, whole = self.done
            face.tell(f"{doing}… {done:,} of {whole:,}" if whole else f"{doing}…")

        timer = face.set_interval(TOLD_EVERY, tell)
        try:
            return await self.ask(fn, *args, **kwargs)
        finally:
            timer.stop()
            face.message = Content("")

    async def renew(self) -> None:
        """Take in what has been recorded since. Raises ClinicError."""
        await self._soon(self._renewed)

    def close(self) -> None:
        """Break off what is under way, and let go of the folder."""
        self._left = True
        if self._catalogue is not None:
            with suppress(sqlite3.Error):
                self._catalogue.db.interrupt()
        self._thread.submit(self._let_go)
        self._thread.shutdown(wait=False)

    def _soon(self, fn: Callable[[], T]) -> asyncio.Future[T]:
        """Have it done in the thread. Raises LeftError once the shelf is closed: a lock ends all screens at once, and
        one of them may still want to know."""
        if self._left:
            raise LeftError("The log was left.")
        return asyncio.wrap_future(self._thread.submit(fn))

    # -- in the thread --------------------------------------------------------------------------------------

    def _answer(self, fn: Callable[[Laid], T]) -> T:
        try:
            return fn(self._laid())
        except NotCanonical:
            raise
        except DOWN as fault:
            self._heal(fault)
            self._let_go()
            raise CannotAskError(f"The record cannot be read just now: {fault}") from fault
        except (AuditError, PeopleError, ProtocolError) as fault:
            self._heal(fault)
            raise CannotAskError(str(fault)) from fault

    def _renewed(self) -> None:
        def changed(laid: Laid) -> bool:
            return laid.clinic.ledger.head().size != self._size

        if self._answer(changed):
            self._put_away()
            self._answer(lambda _: None)

    def _laid(self) -> Laid:
        if self._left:
            raise LeftError("The log was left.")
        if self._clinic is None:
            from checklist.clinic.service import Clinic

            self._clinic = Clinic.open(self._folder)
        if self._catalogue is None:
            from checklist.clinic.auditing import opened

            self._size = self._clinic.ledger.head().size
            self._catalogue = opened(self._clinic, progress=self._count)
        return Laid(self._clinic, self._catalogue, self._count)

    def _heal(self, fault: Exception) -> None:
        """Have tables that turned out to be damaged made anew by the next question."""
        if self._catalogue is not None and self._catalogue.heal(fault):
            self._catalogue = None

    def _put_away(self) -> None:
        catalogue, self._catalogue = self._catalogue, None
        if catalogue is not None:
            catalogue.close()

    def _let_go(self) -> None:
        with suppress(LedgerError, PeopleError, OSError, sqlite3.Error):
            self._put_away()
        clinic, self._clinic = self._clinic, None
        if clinic is not None:
            with suppress(LedgerError, PeopleError, OSError, sqlite3.Error):
                clinic.close()

    def _count(self, done: int, whole: int) -> None:
        self.done = (done, whole)
        if self._left:
            raise LeftError("The log was left.")
