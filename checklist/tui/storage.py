"""One thread owns the clinic: it opens it, records and reads, in the order of the calls.

The screen never waits for a disk or a hash; it awaits an answer. Knows nothing of what is shown.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias, TypeVar

from checklist.clinic.errors import ClinicError
from checklist.ledger.errors import LedgerError, NotCanonical
from checklist.people.errors import PeopleError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.checking import Verdict
    from checklist.clinic.folder import Folder
    from checklist.clinic.service import Clinic

P = ParamSpec("P")
T = TypeVar("T")

SWITCH_SECONDS = 0.001
"""How long the two threads may hold each other up (5 ms by default): every question to SQLite gives the turn away, and
one call asks many of them while the screen paints."""
CLOSING_SECONDS = 3.0
"""How long leaving waits for a call that is under way; every step is durable without it."""


class CannotReachError(Exception):
    """The clinic folder cannot be opened now; `advice` says what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


DOWN = (LedgerError, StoreError, CannotReachError, OSError, sqlite3.Error)
"""Faults of the place where things are kept (but for NotCanonical, which is about what was typed)."""


@dataclass(frozen=True, slots=True)
class Saved:
    """How far the record is: the number of entries, when the last one was made (UTC, ISO 8601), and what was found when
    all of it was last verified."""

    size: int
    at: str
    verdict: Verdict | None = None


_Job: TypeAlias = "Callable[[Clinic | None], Clinic | None]"


class Storage:
    """The clinic, from the screen's side."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.saved: Saved | None = None
        self.unmarked = ""
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread = threading.Thread(target=self._work, name="storage", daemon=True)
        self._thread.start()

    async def call(self, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(clinic, …)` there, after all earlier calls. Raises what it raises, or CannotReachError."""
        future: Future[T] = Future()

        def job(clinic: Clinic | None) -> Clinic | None:
            if not future.set_running_or_notify_cancel():
                return clinic
            try:
                clinic = clinic or self._opened()
                result = fn(clinic, *args, **kwargs)
            except BaseException as fault:  # noqa: BLE001 - it is handed on to whoever called
                if isinstance(fault, DOWN) and not isinstance(fault, NotCanonical):
                    _let_go(clinic)
                    clinic = None
                future.set_exception(fault)
                return clinic
            changed = self._look(clinic)
            future.set_result(result)
            if changed:
                self._mark(clinic)
            return clinic

        self._jobs.put(job)
        return await asyncio.wrap_future(future)

    async def make(self, name: str, lead: str, secret: str) -> tuple[str, str]:
        """Make the clinic: its verifier key, and its recovery code. Raises ClinicError and other faults."""
        future: Future[tuple[str, str]] = Future()

        def job(clinic: Clinic | None) -> Clinic | None:
            if future.set_running_or_notify_cancel():
                try:
                    from checklist.clinic.making import make

                    made = make(self.folder, name, lead, secret, "tui")
                    future.set_result((made.vkey, made.recovery))
                except BaseException as fault:  # noqa: BLE001 - it is handed on to whoever called
                    future.set_exception(fault)
            return clinic

        self._jobs.put(job)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the thread finish what it has, and let go of the folder."""
        self._jobs.put(None)
        self._thread.join(CLOSING_SECONDS)

    def _work(self) -> None:
        clinic: Clinic | None = None
        while (job := self._jobs.get()) is not None:
            clinic = job(clinic)
        _let_go(clinic)

    def _opened(self) -> Clinic:
        from checklist.clinic.service import Clinic  # heavy: the first frame is painted before

        try:
            clinic = Clinic.open(self.folder)
        except (ClinicError, PeopleError) as fault:
            raise CannotReachError(str(fault), "Nothing was changed. Check the clinic's folder.") from fault
        return clinic

    def _look(self, clinic: Clinic) -> bool:
        """Note how far the record is; whether it has grown. A fault here is none of the call's, which is done."""
        from checklist.clinic.checking import last_verdict  # heavy, like the clinic itself

        try:
            size = clinic.ledger.head().size
            if self.saved is not None and self.saved.size == size:
                return False
            last, verdict = clinic.ledger.last(), last_verdict(clinic.ledger)
        except LedgerError:
            return False
        self.saved = Saved(size, last.at if last else "", verdict)
        return True

    def _mark(self, clinic: Clinic) -> None:
        try:
            clinic.ledger.mark()
            self.unmarked = ""
        except LedgerError as fault:
            self.unmarked = str(fault)


def _let_go(clinic: Clinic | None) -> None:
    """Close what may be broken: the next call opens it anew, with every check."""
    if clinic is not None:
        with suppress(LedgerError, PeopleError, OSError, sqlite3.Error):
            clinic.close()
