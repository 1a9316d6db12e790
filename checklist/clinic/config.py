"""clinic.toml: what this clinic is, its rooms and equipment, and what is due when.

Knows the file and its words. Does not know the record.
"""

import json
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import tomli
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from checklist.clinic.errors import ConfigError
from checklist.protocol.text import clean

MAX_BYTES: Final = 256 * 1024

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
ProtocolId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
Station = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Origin = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9./-]{0,99}$")]
Title = Annotated[str, BeforeValidator(lambda text: clean(text) if isinstance(text, str) else text)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ClinicTable(_Part):
    """`[clinic]`: `origin` and `station` are fixed when the folder is made."""

    name: Title
    origin: Origin
    station: Station
    timezone: str = "UTC"
    jurisdiction: Title = ""
    language: Title = "en"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, OSError, ValueError):  # an unknown zone, or one that is not a zone's name at all
            msg = f"“{clean(zone)}” is not a time zone; write one like Europe/Berlin"
            raise ValueError(msg) from None
        return zone


class Room(_Part):
    """A treatment room."""

    id: Id
    title: Title


class Equipment(_Part):
    """A machine whose runs are told apart: a steriliser, a fridge."""

    id: Id
    title: Title
    kind: Title
    # The steriliser's type (B, S or N).
    class_: Title = Field(default="", alias="class")


class Schedule(_Part):
    """What is due, how often, and by what time of the clinic's day."""

    protocol: ProtocolId
    every: Literal["day", "week", "month"]
    by: time | None = None
    subject: Title = ""

    @field_validator("by", mode="before")
    @classmethod
    def _clock_time(cls, value: object) -> object:
        if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            return time.fromisoformat(value)
        if isinstance(value, time):
            return value
        msg = "write a time of day like 08:30"
        raise ValueError(msg)


class Security(_Part):
    """How the shared screen is guarded. `idle_lock` is a duration such as 3m, at most 10 minutes."""

    idle_lock: str = "3m"

    @field_validator("idle_lock")
    @classmethod
    def _within_bounds(cls, value: str) -> str:
        match = re.fullmatch(r"([1-9]\d{0,3})([sm])", value)
        if not match or not 15 <= int(match[1]) * (60 if match[2] == "m" else 1) <= 600:
            msg = "write a duration from 15s to 10m"
            raise ValueError(msg)
        return value

    @property
    def idle_seconds(self) -> int:
        """The idle time after which the screen locks."""
        return int(self.idle_lock[:-1]) * (60 if self.idle_lock.endswith("m") else 1)


class Config(_Part):
    """The whole of clinic.toml."""

    clinic: ClinicTable
    rooms: list[Room] = []
    equipment: list[Equipment] = []
    schedule: list[Schedule] = []
    security: Security = Security()
    anchors: dict[str, object] = {}
    hub: dict[str, object] = {}

    @field_validator("rooms", "equipment")
    @classmethod
    def _told_apart(cls, parts: list[Room] | list[Equipment]) -> list[Room] | list[Equipment]:
        ids = [part.id for part in parts]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            msg = f"the id “{twice}” is there twice; give each its own"
            raise ValueError(msg)
        return parts

    def subjects(self, kind: str) -> list[tuple[str, str]]:
        """What a protocol of this subject can be about, as pairs of `kind=id` and title."""
        if kind == "clinic":
            return [("clinic", self.clinic.name)]
        parts: list[Room] | list[Equipment] = self.rooms if kind == "room" else self.equipment
        return [] if kind == "session" else [(f"{kind}={part.id}", part.title) for part in parts]


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
        return Config.model_validate(tables)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = clean(".".join(str(part) for part in first["loc"]), limit=200)
        raise ConfigError(f"{path}: {where}: {clean(first['msg'])}.") from None


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
"""
