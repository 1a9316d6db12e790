"""What the screen asks of the storage: again and again where nothing can be saved, as long as the person wants it so.

Says what is under way, and what is not saved. Knows nothing of what is asked for.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from checklist.clinic.errors import ClinicError
from checklist.ledger.errors import CannotOpen, NotCanonical, NotSaved, Unreachable
from checklist.people.errors import PeopleError
from checklist.protocol.errors import ProtocolError
from checklist.tui.say import clock_of, day_and_clock
from checklist.tui.storage import DOWN, CannotReachError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from checklist.clinic.service import Clinic
    from checklist.tui.app import Desk

P = ParamSpec("P")
T = TypeVar("T")

SAID_AFTER: Final = 0.1
"""Seconds after which the bar says what is under way. Most is done sooner, and is painted in one frame with it."""
SLOW_SECONDS: Final = 2.0
_LEFT_NOTHING: Final = (NotSaved, CannotOpen, CannotReachError)


class GaveUpError(Exception):
    """The person left what they were at; nothing more is done."""


class UnknownError(GaveUpError):
    """Whether something was saved cannot be found out now, and it must not happen twice; the person was told."""


class Keeper:
    """The storage, as the screens ask it: each call by name and arguments, or any attempt."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._under_way: list[tuple[float, str]] = []
        self._unsaved = ""

    async def call(self, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have the storage thread do something. Where nothing can be saved, say so and try again when asked to.

        Raises GaveUpError when the person goes back, and what is not a fault of the storage.
        """
        return await self.keep(lambda: self._desk.storage.call(fn, *args, **kwargs), doing="working…")

    async def once(self, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `call`, for what must not happen twice: it is tried again only after a fault that is known to have left
        nothing behind. Raises UnknownError after any other."""
        return await self.keep(lambda: self._desk.storage.call(fn, *args, **kwargs), once=True)

    async def keep(
        self,
        attempt: Callable[[], Awaitable[T]],
        lost: str = "",
        unknown: Callable[[], Awaitable[T | None]] | None = None,
        doing: str = "saving…",
        *,
        once: bool = False,
    ) -> T:
        """Like `call`, for any attempt; with `once` like `once`. `lost` says what is not saved; `unknown` looks,
        before it is tried again, whether it was saved after all; without it nothing of unknown outcome is."""
        failed = False
        while True:
            try:
                with self._said(doing):
                    found = await unknown() if failed and unknown is not None else None
                    result = found if found is not None else await attempt()
            except NotCanonical:
                raise
            except DOWN as fault:
                from checklist.tui.trouble import Trouble

                failed = True
                self._unsaved = str(fault)
                known = isinstance(fault, _LEFT_NOTHING) if once else not isinstance(fault, Unreachable)
                if not known and unknown is None:
                    await self._desk.ask(Trouble(fault, lost, unknown=True))
                    raise UnknownError from fault
                if not await self._desk.ask(Trouble(fault, lost)):
                    raise GaveUpError from fault
            else:
                self._unsaved = ""
                return result

    async def quietly(self, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Like `call`, but nobody waits for it: a fault is shown in the status bar only."""
        try:
            result = await self._desk.storage.call(fn, *args, **kwargs)
        except (ClinicError, PeopleError, ProtocolError, *DOWN) as fault:
            self._unsaved = str(fault)
            return None
        self._unsaved = ""
        return result

    def state(self) -> tuple[str, bool]:
        """The state of the log in words, and whether it is a fault."""
        if self._unsaved:
            return f"LOG NOT SAVED  {self._unsaved}", True
        if self._under_way:
            began, doing = self._under_way[0]
            waited = self._desk.guard.now() - began
            return (f"LOG SLOW {waited:.0f} s, {doing}" if waited >= SLOW_SECONDS else doing), False
        storage, opened = self._desk.storage, self._desk.opened
        saved = storage.saved
        if saved is None or opened is None:
            return "LOG opening…" if self._desk.opening else "LOG not begun", False
        verdict, now = saved.verdict, opened.now().at
        when = "never verified" if verdict is None else f"verified {day_and_clock(verdict.at, opened.zone, now)}"
        if verdict is not None and verdict.result != "clean":
            return f"LOG DAMAGED  not as it was recorded: {when}. Keep all files, call the lead", True
        at = clock_of(saved.at, opened.zone, seconds=True)
        note = f" | {storage.unmarked}" if storage.unmarked else ""
        # Opening looks at the end of the record only; whether all of it is whole is what somebody verified.
        return f"LOG OK {saved.size} entries, saved {at}{note} | {when}", False

    @contextmanager
    def _said(self, doing: str) -> Iterator[None]:
        """Have the bar say what is under way, once that takes longer than a moment."""
        began = (self._desk.guard.now(), doing)
        self._under_way.append(began)
        notice = asyncio.get_running_loop().call_later(SAID_AFTER, self._desk.show_bars)
        try:
            yield
        finally:
            notice.cancel()
            self._under_way.remove(began)
