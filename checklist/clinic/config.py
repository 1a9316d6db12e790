"""clinic.toml: what this clinic is, its rooms and equipment, and what is due when.

Knows the file and its words. Does not know the record. Plain dataclasses: a script that asks for the board must not
wait for a schema library to build its models, which took longer than everything else together.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import tomli

from checklist.clinic import retention
from checklist.clinic.errors import ConfigError
from checklist.clinic.retention import Retention, read_retention
from checklist.protocol.text import clean

MAX_BYTES: Final = 256 * 1024

_ID: Final = r"[A-Za-z0-9-]{1,64}"
_PROTOCOL_ID: Final = r"[a-z0-9-]{1,64}"
_STATION: Final = r"[a-z0-9][a-z0-9-]{0,31}"
_ORIGIN: Final = r"[a-z0-9][a-z0-9./-]{0,99}"
_EVERY: Final = r"day|week|month"
_IDLE_LOCK: Final = (15, 600)
"""The shortest and the longest idle time, in seconds, after which a screen may lock."""


@dataclass(frozen=True, slots=True)
class ClinicTable:
    """`[clinic]`: `origin` and `station` are fixed when the folder is made."""

    name: str
    origin: str
    station: str
    timezone: str
    jurisdiction: str
    language: str


@dataclass(frozen=True, slots=True)
class Room:
    """A treatment room."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Equipment:
    """A machine whose runs are told apart: a steriliser, a fridge. `class_` is a steriliser's type: B, S or N."""

    id: str
    title: str
    kind: str
    class_: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is due, how often (`day`, `week`, `month`), and by what time of the clinic's day."""

    protocol: str
    every: str
    by: time | None
    subject: str


@dataclass(frozen=True, slots=True)
class Security:
    """How the shared screen is guarded: after `idle_seconds` it locks."""

    idle_seconds: int


@dataclass(frozen=True, slots=True)
class People:
    """How the people who work here are kept."""

    retention: Retention


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of clinic.toml. `anchors` and `hub` are kept as they stand."""

    clinic: ClinicTable
    rooms: tuple[Room, ...]
    equipment: tuple[Equipment, ...]
    schedule: tuple[Schedule, ...]
    security: Security
    people: People
    anchors: dict[str, object] = field(default_factory=dict)
    hub: dict[str, object] = field(default_factory=dict)

    def subjects(self, kind: str) -> list[tuple[str, str]]:
        """What a protocol of this subject can be about, as pairs of `kind=id` and title."""
        match kind:
            case "clinic":
                return [("clinic", self.clinic.name)]
            case "room":
                return [(f"room={room.id}", room.title) for room in self.rooms]
            case "equipment":
                return [(f"equipment={machine.id}", machine.title) for machine in self.equipment]
            case _:
                return []


def load(path: Path) -> Config:
    """Read clinic.toml. Raises ConfigError with the file, the place in it and what would be right."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the folder's owner.") from None
    return read(data, str(path))


def read(data: bytes, path: str) -> Config:
    """The same for bytes; `path` is how the file is named. Raises ConfigError."""
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES // 1024} KiB; this is not a clinic's file.")
    try:
        tables = tomli.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {clean(str(error))}; mend the line and try again.") from None
    try:
        return _config(_Table(tables, ""))
    except _WrongError as error:
        raise ConfigError(f"{path}: {clean(error.place, limit=200)}: {clean(str(error), limit=300)}.") from None


class _WrongError(Exception):
    """A value that cannot be used; never leaves this module."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


Part = TypeVar("Part")


class _Table:
    """One table of the file: gives out each value once, checked, and refuses what nobody asked for."""

    def __init__(self, values: object, place: str) -> None:
        if not isinstance(values, dict):
            raise _WrongError(place, "must be a table")
        self._left: dict[str, object] = dict(values)
        self.place = place

    def at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def text(self, key: str, pattern: str | None = None, default: str | None = None) -> str:
        """Words, cleaned; with a pattern exactly as written."""
        value = self._left.pop(key, default)
        if value is None:
            raise _WrongError(self.at(key), "is missing")
        if not isinstance(value, str):
            raise _WrongError(self.at(key), "must be words in quotes")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise _WrongError(self.at(key), f"“{clean(value, limit=60)}” does not fit; it must match {pattern}")
        return value if pattern is not None else clean(value)

    def raw(self, key: str) -> object:
        """A value as it stands; None where there is none."""
        return self._left.pop(key, None)

    def table(self, key: str) -> "_Table":
        """A table inside this one; an empty one where there is none."""
        return _Table(self._left.pop(key, {}), self.at(key))

    def parts(self, key: str, read_part: Callable[["_Table"], Part]) -> tuple[Part, ...]:
        """An array of tables."""
        found = self._left.pop(key, [])
        if not isinstance(found, list):
            raise _WrongError(self.at(key), f"must be written as [[{self.at(key)}]]")
        return tuple(
            _whole(_Table(values, f"{self.at(key)}.{number}"), read_part) for number, values in enumerate(found)
        )

    def finish(self) -> None:
        for key in self._left:
            raise _WrongError(self.at(key), "is not known here; take it out, or check the spelling")


def _whole(table: _Table, read_part: Callable[[_Table], Part]) -> Part:
    part = read_part(table)
    table.finish()
    return part


def _config(top: _Table) -> Config:
    config = Config(
        clinic=_whole(top.table("clinic"), _clinic),
        rooms=top.parts("rooms", lambda part: Room(part.text("id", _ID), part.text("title"))),
        equipment=top.parts("equipment", _equipment),
        schedule=top.parts("schedule", _schedule),
        security=_whole(top.table("security"), _security),
        people=_whole(top.table("people"), _people),
        anchors=_as_it_stands(top, "anchors"),
        hub=_as_it_stands(top, "hub"),
    )
    top.finish()
    for place, ids in (("rooms", [part.id for part in config.rooms]), ("equipment", [p.id for p in config.equipment])):
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise _WrongError(place, f"the id “{twice}” is there twice; give each its own")
    return config


def _clinic(table: _Table) -> ClinicTable:
    zone = table.text("timezone", default="UTC")
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):  # an unknown zone, or one that is not a zone's name at all
        raise _WrongError(table.at("timezone"), f"“{zone}” is not a time zone; write one like Europe/Berlin") from None
    return ClinicTable(
        name=table.text("name"),
        origin=table.text("origin", _ORIGIN),
        station=table.text("station", _STATION),
        timezone=zone,
        jurisdiction=table.text("jurisdiction", default=""),
        language=table.text("language", default="en"),
    )


def _equipment(table: _Table) -> Equipment:
    return Equipment(
        id=table.text("id", _ID),
        title=table.text("title"),
        kind=table.text("kind"),
        class_=table.text("class", default=""),
    )


def _schedule(table: _Table) -> Schedule:
    by = table.raw("by")
    if isinstance(by, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", by):
        by = time.fromisoformat(by)
    if by is not None and not isinstance(by, time):
        raise _WrongError(table.at("by"), "write a time of day like 08:30")
    return Schedule(
        protocol=table.text("protocol", _PROTOCOL_ID),
        every=table.text("every", _EVERY),
        by=by,
        subject=table.text("subject", default=""),
    )


def _security(table: _Table) -> Security:
    match = re.fullmatch(r"([1-9]\d{0,3})([sm])", table.text("idle_lock", default="3m"), re.ASCII)
    seconds = int(match[1]) * (60 if match[2] == "m" else 1) if match else 0
    if not _IDLE_LOCK[0] <= seconds <= _IDLE_LOCK[1]:
        raise _WrongError(table.at("idle_lock"), "write a duration from 15s to 10m")
    return Security(seconds)


def _people(table: _Table) -> People:
    found = read_retention(table.text("retention", default=retention.DEFAULT))
    if found is None:
        raise _WrongError(table.at("retention"), "write years or days, like 10y or 400d, at most 100 years")
    return People(found)


def _as_it_stands(top: _Table, key: str) -> dict[str, object]:
    found = top.raw(key)
    if found is not None and not isinstance(found, dict):
        raise _WrongError(key, "must be a table")
    return found or {}


def origin_from(name: str) -> str:
    """An origin made from a clinic's name: small letters, digits and hyphens, under `.clinic`."""
    slug = re.sub(r"[^a-z0-9]+", "-", clean(name).casefold()).strip("-")[:60]
    return f"{slug or 'clinic'}.clinic"


def new_config(name: str, zone: str) -> str:
    """The clinic.toml of a new clinic: a small working one, to be adapted."""
    text = json.dumps(clean(name, limit=120), ensure_ascii=False)
    return f"""\
# This clinic. Titles, rooms, equipment and times may change; origin and station never do.
[clinic]
name = {text}
origin = "{origin_from(name)}"
station = "a"
timezone = "{zone}"
jurisdiction = ""
language = "en"

[[rooms]]
id = "room-1"
title = "Treatment room 1"

[[rooms]]
id = "room-2"
title = "Treatment room 2"

[[equipment]]
id = "S1"
kind = "steriliser"
title = "Steriliser 1"
class = "B"

[[equipment]]
id = "F1"
kind = "fridge"
title = "Medicine fridge 1"

[[schedule]]
protocol = "day-open"
every = "day"
by = "08:30"

[[schedule]]
protocol = "steriliser-daily"
every = "day"
by = "09:00"
subject = "equipment=S1"

[security]
idle_lock = "3m"

# How long the names of those who left are kept, in years or days, before they can be erased. Ten years are a choice,
# not a law: find out what holds for you.
[people]
retention = "{retention.DEFAULT}"
"""
