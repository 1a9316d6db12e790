"""A ledger written entry by entry, and the catalogue of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from checklist.audit.catalogue import open_catalogue
from checklist.ledger.clock import unix_us, utc_text
from checklist.ledger.entry import Draft, Moment
from checklist.ledger.keys import StationKey
from checklist.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol

ZONE = "Europe/Berlin"
SHA = "5e" * 32


class Book:
    """One station's ledger. The clock goes on by a second with every entry; `at` moves it."""

    def __init__(self, folder: Path, station: str = "a", at: str = "2027-03-01T07:00:00.000000Z") -> None:
        self.path = folder / f"{station}.db"
        self._us = unix_us(at)
        key = StationKey.create(folder / f"keys-{station}", f"riverside.example/{station}")
        self.ledger = Ledger.create(self.path, origin="riverside.example", station=station, key=key, clock=self._moment)

    def _moment(self) -> Moment:
        self._us += 1_000_000
        ms = self._us // 1000 - 1_700_000_000_000
        return Moment(utc_text(self._us), ZONE, "boot-1", ms, ms)

    def at(self, moment: str) -> None:
        """Go on to a later moment."""
        self._us = unix_us(moment)

    def record(
        self,
        kind: str,
        data: Mapping[str, Json] | None = None,
        *,
        run: str | None = None,
        step: str | None = None,
        actor: str | None = "u_ana",
        via: str = "tui",
    ) -> str:
        """Record one entry; its place."""
        draft = Draft(kind, data or {}, actor, via, run, step)
        return self.ledger.append(lambda _: [draft])[-1].place

    def begin(self, protocol: str = "day-open", subject: str = "clinic", **more: str) -> str:
        """Begin a run of a protocol; its place."""
        session: dict[str, Json] = {"session": more["session"]} if "session" in more else {}
        named: Json = {"id": protocol, "version": "1.0.0", "sha256": SHA}
        data: dict[str, Json] = {"protocol": named, "subject": subject, **session}
        return self.record("run.started", data, actor=more.get("actor", "u_ana"), via=more.get("via", "tui"))

    def done(self, run: str, step: str, value: str | None = None, **more: Json) -> str:
        """Do a step."""
        given: dict[str, Json] = {} if value is None else {"value": value, "input": "typed"}
        return self.record("step.done", {"attempts": 1, "ms": 4000, **given, **more}, run=run, step=step)

    def end(self, run: str, outcome: str = "complete", deviations: int = 0) -> str:
        """Bring a run to its end."""
        return self.record("run.completed", {"outcome": outcome, "deviations": deviations}, run=run)

    def about(self, place: str) -> dict[str, Json]:
        """How another entry names this one."""
        entry = self.ledger.entry(int(place.partition("#")[2]))
        return {"of": {"station": entry.station, "index": entry.index, "leaf": entry.leaf}}

    def tamper(self, sql: str, *bound: object) -> None:
        """Change the file behind the program's back."""
        self.ledger.close()
        with closing(sqlite3.connect(self.path)) as db, db:
            for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.execute(sql, bound)

    def reader(self) -> Reader:
        """The ledger, opened for reading only."""
        return Ledger.open_read_only(self.path)


def laid_out(
    readers: Sequence[Reader],
    path: Path | None = None,
    zone: str = ZONE,
    texts: Callable[[str], Protocol | None] = lambda _: None,
) -> Catalogue:
    """The catalogue of these ledgers."""
    return open_catalogue(path, readers, zone, texts)


def rows(catalogue: Catalogue, query: str, *bound: object) -> list[tuple[object, ...]]:
    """All rows of a question."""
    return catalogue.db.execute(query, bound).fetchall()
