"""A small clinic's ledger, a clock that the tests move, and an intruder who can write to the file."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from checklist.ledger import schema
from checklist.ledger.clock import unix_us, utc_text
from checklist.ledger.entry import Draft, Entry, Moment
from checklist.ledger.keys import StationKey
from checklist.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from checklist.ledger.clock import Clock
    from checklist.ledger.views import View

ORIGIN = "riverside.example"


class StillClock:
    """A clock that goes on by one millisecond whenever it is read."""

    def __init__(self) -> None:
        self.boot = "boot-1"
        self.wall_us = unix_us("2026-11-22T10:00:00.000000Z")
        self.boottime_us = 5_000_000

    def __call__(self) -> Moment:
        self.wall_us += 1000
        self.boottime_us += 1000
        ms = self.boottime_us // 1000
        return Moment(utc_text(self.wall_us), "Europe/Berlin", self.boot, ms, ms)


@dataclass(frozen=True)
class KindsView:
    """How many entries of each kind there are."""

    name: str = "kinds"
    tables: tuple[str, ...] = ("kinds",)
    schema: str = """
        CREATE TABLE kinds(kind TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;  -- one row a kind; no more
        CREATE INDEX kinds_n ON kinds(n);
    """

    def reads(self, kind: str) -> None:
        """Every entry counts."""

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        db.execute("INSERT INTO kinds VALUES(?, 1) ON CONFLICT DO UPDATE SET n = n + 1", (entry.kind,))


@pytest.fixture
def still_clock() -> StillClock:
    return StillClock()


@pytest.fixture
def clock(still_clock: StillClock) -> Clock:
    return still_clock


@pytest.fixture
def move(still_clock: StillClock) -> Callable[[float, float], None]:
    """Move the wall clock and CLOCK_BOOTTIME by so many seconds."""

    def go(wall: float, boottime: float) -> None:
        still_clock.wall_us += int(wall * 1_000_000)
        still_clock.boottime_us += int(boottime * 1_000_000)

    return go


@pytest.fixture
def reboot(still_clock: StillClock) -> Callable[[], None]:
    def go() -> None:
        still_clock.boot = "boot-2"
        still_clock.boottime_us = 0

    return go


@pytest.fixture
def kinds() -> View:
    return KindsView()


@pytest.fixture
def key(tmp_path: Path) -> StationKey:
    return StationKey.create(tmp_path / "keys", f"{ORIGIN}/a")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path, key: StationKey, clock: Clock, kinds: View) -> Iterator[Ledger]:
    with Ledger.create(path, origin=ORIGIN, station="a", key=key, clock=clock, views=[kinds]) as made:
        yield made


@pytest.fixture
def reopen(path: Path, key: StationKey, clock: Clock, kinds: View) -> Callable[[], Ledger]:
    """Open the ledger as the program does when it starts."""
    return lambda: Ledger.open(path, key=key, clock=clock, views=[kinds])


@pytest.fixture
def draft() -> Callable[[str], Draft]:
    """A step that was done, with a value."""
    return lambda value: Draft("step.done", {"value": value, "input": "typed"}, "u_1", "tui", "a#1", "pressure")


@pytest.fixture
def walked(ledger: Ledger, draft: Callable[[str], Draft]) -> Ledger:
    """A ledger of 400 entries in 40 commits: more than one tile of hashes."""
    ledger.append(lambda _: [Draft("run.started", {"protocol": "day-open"}, "u_1", "tui")])
    ledger.append(lambda _: [draft(str(n)) for n in range(8)])
    for start in range(10, 400, 10):
        ledger.append(lambda _, start=start: [draft(str(n)) for n in range(start, start + 10)])  # type: ignore[misc]
    return ledger


@pytest.fixture
def intrude(path: Path) -> Callable[..., None]:
    """Change the file behind the program's back, leaving the triggers as they were."""

    def go(*statements: str, params: tuple[object, ...] = ()) -> None:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN")
        for name in schema.TRIGGERS:
            db.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            db.execute(statement, params if "?" in statement else ())
        for sql in schema.TRIGGERS.values():
            db.execute(sql)
        db.execute("COMMIT")
        db.close()

    return go
