"""One entry of a ledger: its fields, its place, and the bytes that are hashed.

Knows the shape of a leaf (version 1). Refuses to know what the kinds of entries mean.
"""

from __future__ import annotations

import base64
import os
import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from checklist.ledger import canonical
from checklist.ledger.canonical import Json
from checklist.ledger.errors import NotCanonical
from checklist.ledger.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "VERSION", "Draft", "Entry", "Json", "Moment",
    "check_leaf", "entry_of", "format_place", "is_station", "new_id", "parse_leaf", "parse_place", "seal",
]  # fmt: skip

VERSION = 1
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_STATION = r"[a-z0-9][a-z0-9-]{0,31}"
_WHOLE = r"0|[1-9][0-9]{0,14}"
_PLACE = re.compile(rf"({_STATION})#({_WHOLE})")

# The canonical form has one order of keys and, in these fields, no sign that needs an escape. So one expression
# says both that a leaf is canonical around `data` and that its fields are sound. `data` is looked at by itself;
# the brace cannot be found in what follows it, so there is one way to match.
_LEAF = re.compile(
    r'\{"actor":(?:null|"(?P<actor>[A-Za-z0-9_.:-]{1,64})")'
    r',"at":"(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"'
    r',"boot":"(?P<boot>[A-Za-z0-9_.:-]{1,64})"'
    rf',"boottime_ms":(?P<boottime_ms>{_WHOLE})'
    r',"data":(?P<data>\{.*\})'
    r',"id":"(?P<id>[0-7][0-9A-HJKMNP-TV-Z]{25})"'
    rf',"index":(?P<index>{_WHOLE})'
    r',"kind":"(?P<kind>[a-z][a-z0-9.-]{0,63})"'
    rf',"mono_ms":(?P<mono_ms>{_WHOLE})'
    r'(?:,"prev":"(?P<prev>[0-9a-f]{64})")?'
    rf'(?:,"run":"(?P<run>{_STATION}#(?:{_WHOLE}))")?'
    rf',"station":"(?P<station>{_STATION})"'
    r'(?:,"step":"(?P<step>[a-z0-9-]{1,64})")?'
    r',"v":1'
    r',"via":"(?P<via>[a-z][a-z-]{0,31})"'
    r',"zone":"(?P<zone>[A-Za-z0-9_+/-]{1,64})"\}'.encode(),
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, by every clock there is.

    at: UTC by the wall clock, "2026-11-22T10:11:12.345678Z". zone: IANA name of the clinic's time zone.
    boot: names one run of the machine. mono_ms: CLOCK_MONOTONIC, stands still in suspend. boottime_ms: CLOCK_BOOTTIME,
    goes on in suspend. Both count milliseconds and are compared only within one boot.
    """

    at: str
    zone: str
    boot: str
    mono_ms: int
    boottime_ms: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has a place and a time. `run` is a place like "a#69980".

    `of_last`: its data get an `of` that names the draft before it in the same append, by station, index and leaf hash.
    """

    kind: str
    data: Mapping[str, Json]
    actor: str | None
    via: str
    run: str | None = None
    step: str | None = None
    of_last: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded fact. `prev` is None for entry 0 only; `leaf` and `prev` are leaf hashes in hex."""

    v: int
    station: str
    index: int
    id: str
    kind: str
    moment: Moment
    actor: str | None
    via: str
    run: str | None
    step: str | None
    data: Mapping[str, Json]
    prev: str | None
    leaf: str

    @property
    def place(self) -> str:
        """The name of this entry among all stations: "a#123"."""
        return f"{self.station}#{self.index}"

    @property
    def at(self) -> str:
        """When it was recorded, UTC."""
        return self.moment.at

    def to_leaf(self) -> bytes:
        """The bytes that were hashed."""
        draft = Draft(self.kind, self.data, self.actor, self.via, self.run, self.step)
        data = canonical.encode(dict(self.data), depth=1)
        return _encode(draft, data, self.station, self.index, self.id, self.moment, self.prev)


def new_id(unix_ms: int | None = None, randomness: bytes | None = None) -> str:
    """A ULID: 48 bits of time (milliseconds since 1970) and 80 random bits in 26 signs."""
    moment = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    random = os.urandom(10) if randomness is None else randomness
    number = (moment & (2**48 - 1)) << 80 | int.from_bytes(random, "big")
    return base64.b32encode(number.to_bytes(20, "big"))[6:].translate(_CROCKFORD).decode()  # 26 of 32 signs


def is_station(text: str) -> bool:
    """Whether a text can name a station: a-z, 0-9 and "-", at most 32 signs, not beginning with "-"."""
    return re.fullmatch(_STATION, text) is not None


def format_place(station: str, index: int) -> str:
    """The name of an entry among all stations: "a#123"."""
    return f"{station}#{index}"


def parse_place(place: str) -> tuple[str, int] | None:
    """Station and index of a place, or None where it is not one."""
    match = _PLACE.fullmatch(place)
    return (match[1], int(match[2])) if match else None


def seal(draft: Draft, station: str, index: int, id: str, moment: Moment, prev: str | None) -> tuple[Entry, bytes]:
    """Give a draft its place and time: the entry and its leaf. Raises NotCanonical for what cannot be recorded."""
    data = canonical.encode(dict(draft.data), depth=1)
    leaf = _encode(draft, data, station, index, id, moment, prev)
    match = _LEAF.fullmatch(leaf)
    if match is None or match["data"] != data:  # a field with a quotation mark could else pass for several
        raise NotCanonical(f"the {draft.kind!r} entry has a field that cannot be recorded")
    entry = Entry(
        VERSION, station, index, id, draft.kind, moment, draft.actor, draft.via, draft.run, draft.step,
        dict(draft.data), prev, leaf_hash(leaf).hex(),
    )  # fmt: skip
    return entry, leaf


def check_leaf(leaf: bytes) -> tuple[re.Match[bytes], dict[str, Json]]:
    """The fields of a leaf by name, as bytes, and its data. Raises NotCanonical unless it is sound to the byte."""
    match = _LEAF.fullmatch(leaf) if len(leaf) <= canonical.MAX_BYTES else None
    if match is None:
        raise NotCanonical("the leaf has not the shape of an entry")
    data = cast("dict[str, Json]", canonical.decode(match["data"], depth=1))  # it begins with a brace
    at, index, prev = match.group("at", "index", "prev")
    try:
        datetime.fromisoformat(at.decode())
    except ValueError:
        raise NotCanonical("the leaf has a time that does not exist") from None
    if (index == b"0") != (prev is None):
        raise NotCanonical("every entry but the first names the one before it")
    return match, data


def parse_leaf(leaf: bytes) -> Entry:
    """Read a leaf. Raises NotCanonical unless it is exactly one that this program could have written."""
    return entry_of(*check_leaf(leaf), leaf_hash(leaf))


def entry_of(match: re.Match[bytes], data: Mapping[str, Json], hashed: bytes) -> Entry:
    """The entry of a leaf that was checked, from what `check_leaf` gave and the leaf's hash."""
    actor, at, boot, boottime_ms, _, own_id, index, kind, mono_ms, prev, run, station, step, via, zone = match.groups()
    return Entry(
        VERSION,
        station.decode(),
        int(index),
        own_id.decode(),
        kind.decode(),
        Moment(at.decode(), zone.decode(), boot.decode(), int(mono_ms), int(boottime_ms)),
        None if actor is None else actor.decode(),
        via.decode(),
        None if run is None else run.decode(),
        None if step is None else step.decode(),
        data,
        None if prev is None else prev.decode(),
        hashed.hex(),
    )


def _encode(draft: Draft, data: bytes, station: str, index: int, id: str, moment: Moment, prev: str | None) -> bytes:
    """The leaf, whose fields stand in one order and need no escapes: `_LEAF` says whether they are sound."""
    actor = "null" if draft.actor is None else f'"{draft.actor}"'
    before = "" if prev is None else f',"prev":"{prev}"'
    run = "" if draft.run is None else f',"run":"{draft.run}"'
    step = "" if draft.step is None else f',"step":"{draft.step}"'
    leaf = (
        f'{{"actor":{actor},"at":"{moment.at}","boot":"{moment.boot}","boottime_ms":{moment.boottime_ms}'
        f',"data":{data.decode()},"id":"{id}","index":{index},"kind":"{draft.kind}"'
        f',"mono_ms":{moment.mono_ms}{before}{run},"station":"{station}"{step},"v":{VERSION}'
        f',"via":"{draft.via}","zone":"{moment.zone}"}}'
    )
    return canonical.limited(leaf.encode("utf-8", "surrogatepass"))
