"""What the plan was, and from which day on: clinic.toml is nobody's record, so what matters of it is put into one.

What matters is what anything is judged by: the schedule, the closed days, the rooms, the machines, the time zone. It is
written out in one way, as a small clinic.toml without what is nobody else's business (commands, servers), and its bytes
are kept as an adopted text's are, by the digest that the entry names.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from checklist.audit.places import station_of
from checklist.clinic import config as configuration
from checklist.clinic.errors import ConfigError
from checklist.clinic.plan.schedule import WEEKDAYS, AfterEvent, AfterRuns
from checklist.clinic.texts.adoption import keep_bytes
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerError
from checklist.run.events import text_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from checklist.clinic.config import Config
    from checklist.clinic.plan.plan_tables import Schedule
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger

CONFIGURED: Final = "clinic.configured"
"""The kind of the entry that says what the plan is from now on."""
_NO_TEXT: Final = ""
"""The digest of a plan that is lost: no text has it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, and the days on which it was in force: after `after`, up to and with `until` (None: no end)."""

    settings: Config
    after: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it was in force on that day."""
        return (self.after is None or self.after < day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Plans:
    """Every plan that was in force and is known, oldest first. `since`: the day from which on the record says what the
    plan was (None: it never does, and the plan is that of clinic.toml as it is now). `changed`: the days on which it
    was changed; `lost`: those of which the record names a plan whose text is gone or was changed: while that was in
    force, nothing is known, and nothing judged. `unrecorded`: whether clinic.toml has another one now, which nobody has
    worked by yet."""

    known: tuple[Plan, ...]
    since: date | None = None
    changed: tuple[date, ...] = ()
    lost: tuple[date, ...] = ()
    unrecorded: bool = False

    def on(self, day: date) -> Config | None:
        """The settings with the plan in force on that day; None where it is lost."""
        return next((plan.settings for plan in self.known if plan.holds(day)), None)


def written(settings: Config) -> bytes:
    """What matters of the settings, always in the same words."""
    table = settings.clinic
    closed = [WEEKDAYS[each] for each in sorted(settings.calendar.weekdays)]
    closed += [day.isoformat() for day in sorted(settings.calendar.days)]
    told = {"name": table.name, "origin": table.origin, "station": table.station, "timezone": table.timezone}
    parts = [
        _table("[clinic]", told),
        *(_table("[[rooms]]", {"id": room.id, "title": room.title}) for room in settings.rooms),
        *(
            _table(
                "[[equipment]]",
                {"id": each.id, "title": each.title, "kind": each.kind, "class": each.class_, "reader": each.reader},
            )
            for each in settings.equipment
        ),
        f"[calendar]\nclosed = {_quoted(closed)}\n",
        *(_line(line) for line in settings.schedule),
    ]
    return "\n".join(parts).encode()


def _table(head: str, values: dict[str, str]) -> str:
    return "".join((f"{head}\n", *(f"{key} = {_quoted(value)}\n" for key, value in values.items())))


def _line(line: Schedule) -> str:
    head = _table("[[schedule]]", {"protocol": line.protocol, "subject": line.subject})
    if line.by is not None:
        head += f"by = {line.by.isoformat()}\n"
    if isinstance(line.after, AfterRuns):
        return f"{head}after = {{ runs = {line.after.runs}, of = {_quoted(line.after.of)} }}\n"
    if isinstance(line.after, AfterEvent):
        return f"{head}after = {{ event = {_quoted(line.after.event)} }}\n"
    head += f"every = {_quoted(line.every)}\n"
    on = line.rhythm.on if line.rhythm is not None else None
    if on is None:
        return head
    return f"{head}on = {_quoted(WEEKDAYS[on - 1]) if line.every == 'week' else on}\n"


def _quoted(value: str | list[str]) -> str:
    """As TOML writes it, which is as JSON does but for one sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def configuring(adopted: Path, settings: Config, was: str | None = None) -> Draft:
    """The entry that says what the plan is; the bytes that it names are kept first. Raises OSError."""
    data = written(settings)
    sha256 = hashlib.sha256(data).hexdigest()
    keep_bytes(adopted, {sha256: data})
    return Draft(CONFIGURED, {"sha256": sha256, "was": was}, None, "system")


def record_plan(ledger: Ledger, adopted: Path, settings: Config) -> None:
    """Put into the record what clinic.toml plans, where it says something else by now: before anybody works by it.
    Raises LedgerError."""
    sha256 = hashlib.sha256(written(settings)).hexdigest()

    def decide(reader: Reader) -> Sequence[Draft]:
        was = _newest(reader)
        return () if was == sha256 else (configuring(adopted, settings, was),)

    if _newest(ledger) != sha256:
        with suppress(OSError):  # a full disk is told of by whatever is recorded next, and the next start tries again
            ledger.append(decide)


def _newest(reader: Reader) -> str | None:
    found = reader.entries_of_kind(CONFIGURED, newest_first=True, limit=1)
    return text_of(found[0].data, "sha256") if found else None


def plans(clinic: Clinic, db: sqlite3.Connection) -> Plans:
    """Every plan that was in force, by the record as `db`, the catalogue, has it.

    What is changed on a day holds from the next one on: nobody takes out in the evening what was not done that day. The
    first of all holds for that day and the time before it, too. One that is lost keeps its time: no other is taken for
    it.
    """
    named = list(_named(clinic, db))
    if not named:
        return Plans((Plan(clinic.settings),))
    first, sha256 = named[0]
    last_of_day = dict(named).items()
    held: list[tuple[date | None, date, str]] = [(None, first, sha256)]
    held += [(day, day, of) for day, of in last_of_day if (day, of) != named[0]]
    known: list[Plan] = []
    changed: list[date] = []
    lost: list[date] = []
    before: bytes | None = None
    for at, (after, day, sha256) in enumerate(held):
        until = held[at + 1][0] if at + 1 < len(held) else None
        settings = read_plan(clinic.folder.adopted, sha256)
        if settings is not None:
            known.append(Plan(settings, after, until))
        elif day not in lost:
            lost.append(day)
        asked = None if settings is None else judged_by(settings)
        if at and held[at - 1][2] != sha256 and (asked is None or asked != before):
            changed.append(day)
        before = asked
    unrecorded = before is not None and before != judged_by(clinic.settings)
    return Plans(tuple(known), first, tuple(changed), tuple(lost), unrecorded)


def plans_key(clinic: Clinic, db: sqlite3.Connection) -> str:
    """What `plans` would say, without reading any of them: the same in every program, another once one changes."""
    told = [(day.isoformat(), sha256, _stamp(clinic.folder.adopted, sha256)) for day, sha256 in _named(clinic, db)]
    return hashlib.sha256(repr((told, judged_by(clinic.settings))).encode()).hexdigest()


def _stamp(adopted: Path, sha256: str) -> tuple[int, int] | None:
    """What tells whether a text was touched."""
    try:
        found = (adopted / f"{sha256}.toml").stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def judged_by(settings: Config) -> bytes:
    """What of the settings anything is judged by, whatever the clinic and its station are called."""
    return written(replace(settings, clinic=replace(settings.clinic, name="", origin="", station="")))


def _named(clinic: Clinic, db: sqlite3.Connection) -> Iterator[tuple[date, str]]:
    """The day of each plan that the record names, and its digest, in the order of the record; no clock that was set
    back brings one before the one that it followed. One whose entry cannot be read may have been named at any time
    since the one before it."""
    newest: date | None = None
    gone = False
    readers = {station_of(reader): reader for reader in clinic.histories()}
    before: dict[str, str | None] = {}
    for station, index, day in _recorded(readers, db):
        data = _data(readers.get(station), index) if day is not None else {}
        was, follows = text_of(data, "was"), before.get(station)
        sha256 = before[station] = text_of(data, "sha256") or _NO_TEXT
        told = day if newest is None or (day is not None and day > newest) else newest
        if told is None:
            gone = True
            continue
        if gone or (data and follows != _NO_TEXT and was != follows):
            yield newest or told, _NO_TEXT
            gone = False
        newest = told
        yield newest, sha256


def _recorded(readers: Mapping[str, Reader], db: sqlite3.Connection) -> Iterator[tuple[str, int, date | None]]:
    """Where the entry of every plan stands, and its day; None where the catalogue could not read it."""
    filed = {(station, index) for station, reader in readers.items() for index in _filed(reader)}
    rows = db.execute(
        "SELECT n, station, idx, day FROM entry WHERE kind = ?"
        " UNION ALL SELECT n, station, idx, '' FROM damage ORDER BY n",
        (CONFIGURED,),
    )
    for _, station, index, day in rows.fetchall():
        try:
            yield station, index, date.fromisoformat(day)
        except ValueError:
            if day or (station, index) in filed:
                yield station, index, None


def _filed(reader: Reader) -> list[int]:
    """Where the ledger says that it has such entries, whatever they say."""
    with suppress(LedgerError):
        return [int(str(row[0])) for row in reader.query("SELECT idx FROM kind_entry WHERE kind = ?", (CONFIGURED,))]
    return []


def _data(reader: Reader | None, index: int) -> Mapping[str, Json]:
    """What a plan's entry says; nothing where it cannot be read any more."""
    try:
        return {} if reader is None else reader.entry(index).data
    except (LedgerError, IndexError, KeyError, ValueError):
        return {}


def read_plan(adopted: Path, sha256: str) -> Config | None:
    """The plan of exactly these bytes; None where they are not there any more."""
    try:
        data = (adopted / f"{sha256}.toml").read_bytes()
        return configuration.read(data, sha256) if hashlib.sha256(data).hexdigest() == sha256 else None
    except (OSError, ConfigError):
        return None
