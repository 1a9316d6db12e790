"""What the screens need of a clinic at any time, and the first look at it: light, so that the board is painted before
the clinic has been opened for recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.demo.named import LINE, SECRET, is_demo

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.config import Config
    from checklist.clinic.folder import Folder
    from checklist.clinic.plan.glance import Glance
    from checklist.ledger.entry import Moment


@dataclass(frozen=True, slots=True)
class Opened:
    """A clinic as its screens need it. `now` may be called from any thread."""

    name: str
    zone: str
    idle_seconds: int
    now: Callable[[], Moment]
    settings: Config

    @property
    def demo(self) -> str:
        """What is said at the bottom of every screen of a made-up clinic; nothing in a real one."""
        return f"{LINE}. Secret: {SECRET}" if is_demo(self.name) else ""


def opened(settings: Config, now: Callable[[], Moment]) -> Opened:
    """What a clinic of these settings is to its screens."""
    return Opened(settings.clinic.name, settings.clinic.timezone, settings.security.idle_seconds, now, settings)


def first_look(folder: Folder) -> tuple[Opened, Glance] | None:
    """The board at a glance, read only; None where that cannot be had, which the opening will explain."""
    from checklist.clinic import config
    from checklist.clinic.errors import ClinicError
    from checklist.clinic.plan.glance import glance_at
    from checklist.ledger.clock import SystemClock
    from checklist.ledger.errors import LedgerError

    try:
        settings = config.load(folder.config)
        return opened(settings, SystemClock(settings.clinic.timezone)), glance_at(folder)
    except (ClinicError, LedgerError):
        return None
