"""clinic.toml: what this clinic is, its rooms and equipment, and what is due when.

Knows the file and its words. Does not know the record. Plain dataclasses: a script that asks for the board must not
wait for a schema library to build its models, which took longer than everything else together.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import tomli

from checklist.clinic.errors import ConfigError
from checklist.clinic.people import retention
from checklist.clinic.people.retention import Retention, read_retention
from checklist.clinic.plan.plan_tables import Hooks, Schedule, read_calendar, read_hooks, read_schedule
from checklist.clinic.plan.schedule import Calendar
from checklist.clinic.tables import Table, WrongError, whole
from checklist.protocol.library import STRICTEST
from checklist.protocol.text import clean
from checklist.trace.wedge import unfit_substitute

MAX_BYTES: Final = 256 * 1024

_ID: Final = r"[A-Za-z0-9-]{1,64}"
_PROTOCOL_ID: Final = r"[a-z0-9-]{1,64}"
_STATION: Final = r"[a-z0-9][a-z0-9-]{0,31}"
_ORIGIN: Final = r"[a-z0-9][a-z0-9./-]{0,99}"
_IDLE_LOCK: Final = (15, 600)
"""The shortest and the longest idle time, in seconds, after which a screen may lock."""


@dataclass(frozen=True, slots=True)
class ClinicTable:
    """`[clinic]`: `origin` and `station` are fixed when the folder is made. `jurisdiction` is the id of a profile; one
    that is not in force stops only what needs it, so it is not checked here."""

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
    """A machine whose runs are told apart: a steriliser, a fridge. `class_` is a steriliser's type: B, S or N, and
    `reader` the id of the file that tells how its printouts are read; "" for the only one that knows them."""

    id: str
    title: str
    kind: str
    class_: str
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Security:
    """How the shared screen is guarded: after `idle_seconds` it locks."""

    idle_seconds: int


@dataclass(frozen=True, slots=True)
class People:
    """How the people who work here are kept."""

    retention: Retention


@dataclass(frozen=True, slots=True)
class Scanner:
    """What this clinic's barcode scanners send in the place of the separator (GS), and whether a test has shown that
    all of them send it or the separator itself."""

    substitutes: tuple[str, ...] = ()
    separators_tested: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of clinic.toml. `anchors` and `hub` are kept as they stand."""

    clinic: ClinicTable
    rooms: tuple[Room, ...]
    equipment: tuple[Equipment, ...]
    schedule: tuple[Schedule, ...]
    security: Security
    people: People
    calendar: Calendar = field(default_factory=Calendar)
    hooks: Hooks = field(default_factory=Hooks)
    scanner: Scanner = Scanner()
    anchors: dict[str, object] = field(default_factory=dict)
    hub: dict[str, object] = field(default_factory=dict)

    def subjects(self, kind: str, equipment: Collection[str] = ()) -> list[tuple[str, str]]:
        """What a protocol of this subject can be about, as pairs of `kind=id` and title; where it is about equipment,
        only these kinds of it (none: every kind)."""
        match kind:
            case "clinic":
                return [("clinic", self.clinic.name)]
            case "room":
                return [(f"room={room.id}", room.title) for room in self.rooms]
            case "equipment":
                fitting = (machine for machine in self.equipment if not equipment or machine.kind in equipment)
                return [(f"equipment={machine.id}", machine.title) for machine in fitting]
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
        return _config(Table(tables, ""))
    except WrongError as error:
        raise ConfigError(f"{path}: {clean(error.place, limit=200)}: {clean(str(error), limit=300)}.") from None


def _config(top: Table) -> Config:
    config = Config(
        clinic=whole(top.table("clinic"), _clinic),
        rooms=top.parts("rooms", lambda part: Room(part.text("id", _ID), part.text("title"))),
        equipment=top.parts("equipment", _equipment),
        schedule=top.parts("schedule", read_schedule),
        security=whole(top.table("security"), _security),
        people=whole(top.table("people"), _people),
        calendar=whole(top.table("calendar"), read_calendar),
        hooks=whole(top.table("hooks"), read_hooks),
        scanner=whole(top.table("scanner"), _scanner),
        anchors=_as_it_stands(top, "anchors"),
        hub=_as_it_stands(top, "hub"),
    )
    top.finish()
    for place, ids in (("rooms", [part.id for part in config.rooms]), ("equipment", [p.id for p in config.equipment])):
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise WrongError(place, f"the id “{twice}” is there twice; give each its own")
    return config


def _clinic(table: Table) -> ClinicTable:
    zone = table.text("timezone", default="UTC")
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):  # an unknown zone, or one that is not a zone's name at all
        raise WrongError(table.at("timezone"), f"“{zone}” is not a time zone; write one like Europe/Berlin") from None
    return ClinicTable(
        name=table.text("name"),
        origin=table.text("origin", _ORIGIN),
        station=table.text("station", _STATION),
        timezone=zone,
        jurisdiction=table.text("jurisdiction", default="").strip().casefold() or STRICTEST,
        language=table.text("language", default="en"),
    )


def _equipment(table: Table) -> Equipment:
    return Equipment(
        id=table.text("id", _ID),
        title=table.text("title"),
        kind=table.text("kind"),
        class_=table.text("class", default=""),
        reader=table.text("reader", r"[a-z0-9-]{0,64}", default=""),
    )


def _security(table: Table) -> Security:
    match = re.fullmatch(r"([1-9]\d{0,3})([sm])", table.text("idle_lock", default="3m"), re.ASCII)
    seconds = int(match[1]) * (60 if match[2] == "m" else 1) if match else 0
    if not _IDLE_LOCK[0] <= seconds <= _IDLE_LOCK[1]:
        raise WrongError(table.at("idle_lock"), "write a duration from 15s to 10m")
    return Security(seconds)


def _people(table: Table) -> People:
    found = read_retention(table.text("retention", default=retention.DEFAULT))
    if found is None:
        raise WrongError(table.at("retention"), "write years or days, like 10y or 400d, at most 100 years")
    return People(found)


def _scanner(table: Table) -> Scanner:
    substitutes, tested = table.raw("substitutes"), table.raw("separators_tested")
    if not isinstance(substitutes, list | None):
        raise WrongError(table.at("substitutes"), 'write a list of signs in quotes, like ["|"]')
    if not isinstance(tested, bool | None):
        raise WrongError(table.at("separators_tested"), "write true or false")
    for one in substitutes or []:
        why = unfit_substitute(one) if isinstance(one, str) else "Write each sign in quotes."
        if why:
            raise WrongError(table.at("substitutes"), why.removesuffix("."))
    return Scanner(tuple(substitutes or []), bool(tested))


def _as_it_stands(top: Table, key: str) -> dict[str, object]:
    found = top.raw(key)
    if found is not None and not isinstance(found, dict):
        raise WrongError(key, "must be a table")
    return found or {}


def origin_from(name: str) -> str:
    """An origin made from a clinic's name: small letters, digits and hyphens, under `.clinic`."""
    slug = re.sub(r"[^a-z0-9]+", "-", clean(name).casefold()).strip("-")[:60]
    return f"{slug or 'clinic'}.clinic"


def new_config(name: str, zone: str, jurisdiction: str = "") -> str:
    """The clinic.toml of a new clinic: a small working one, to be adapted."""
    text = json.dumps(clean(name, limit=120), ensure_ascii=False)
    return f"""\
# This clinic. Titles, rooms, equipment and times may change; origin and station never do.
[clinic]
name = {text}
origin = "{origin_from(name)}"
station = "a"
timezone = "{zone}"
# us, uk, de, ca, au, or a profile of your own; {STRICTEST}: of each of these the strictest.
jurisdiction = "{jurisdiction or STRICTEST}"
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

# When nobody is here, like ["sat", "sun", "2026-12-25"]: nothing falls due on such a day.
[calendar]
closed = []

# The plan. every: day, week, month, quarter or year; on: which day of it (else its last open one); by: the time of day.
# Instead of every: after = {{ runs = 20, of = "steriliser-load" }}, or after = {{ event = "steriliser-repair" }}.
# A line without a subject is about each room or machine that its protocol fits.
[[schedule]]
protocol = "day-open"
every = "day"
by = "08:30"

[[schedule]]
protocol = "steriliser-daily"
every = "day"
by = "09:00"

[[schedule]]
protocol = "day-close"
every = "day"

[[schedule]]
protocol = "emergency-kit-weekly"
every = "week"
on = "fri"

[[schedule]]
protocol = "reprocess-weekly"
every = "week"
on = "fri"

[[schedule]]
protocol = "hygiene-audit"
every = "month"

# A spore test: how often it is due is your jurisdiction's rule (weekly in the US). Take the # away, and set it.
# [[schedule]]
# protocol = "bi-test"
# every = "week"
# on = "mon"

# Commands that are told of something, without a shell: what happened stands in CHECKLIST_EVENT and CHECKLIST_TEXT.
# [hooks]
# on_overdue = ["notify-send", "Checklist: something is overdue"]
# on_failure = ["/usr/local/bin/tell-the-lead"]
# on_recall = ["/usr/local/bin/tell-the-lead"]

[security]
idle_lock = "3m"

# What a barcode scanner is set to send in place of the separator (GS), like ["|"]; true once a test has shown it.
[scanner]
substitutes = []
separators_tested = false

# How long the names of those who left are kept, in years or days, before they can be erased. Ten years are a choice,
# not a law: find out what holds for you.
[people]
retention = "{retention.DEFAULT}"
"""
