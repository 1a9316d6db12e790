"""From the bytes of one file to a protocol or a profile, or to all that is wrong with it.

The only part of this package that opens files. It follows no links, reads no more than the limits allow, and
whatever a file holds it answers with what it describes or with faults that have a place; never with a traceback.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

import tomli

from checklist.protocol.assemble import assemble, assemble_profile
from checklist.protocol.errors import Fault, ProtocolFileError
from checklist.protocol.locate import Locator, Place
from checklist.protocol.model import Protocol
from checklist.protocol.profile import Profile
from checklist.protocol.rules import Problem
from checklist.protocol.syntax import slip
from checklist.protocol.text import clean

MAX_BYTES: Final = 256 * 1024
MAX_LINES: Final = 2000

_BOM: Final = b"\xef\xbb\xbf"
_START: Final = Place(1, 1)
_PLACE_IN_WORDS: Final = re.compile(r" \(at (line \d+, column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class LoadedProtocol:
    """A protocol with the exact bytes it was read from and their SHA-256 in lower-case hexadecimal."""

    protocol: Protocol
    sha256: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with the exact bytes it was read from and their SHA-256 in lower-case hexadecimal."""

    profile: Profile
    sha256: str
    data: bytes


L = TypeVar("L", LoadedProtocol, LoadedProfile)
T = TypeVar("T")


def load(path: Path) -> LoadedProtocol:
    """Read one file; raises ProtocolFileError with every fault if it cannot be used."""
    return _or_raise(read(path))


def load_profile(path: Path) -> LoadedProfile:
    """Read the file of a profile; raises ProtocolFileError with every fault if it cannot be used."""
    return _or_raise(read_profile(path))


def load_folder(folder: Path) -> tuple[dict[str, LoadedProtocol], list[Fault]]:
    """Read all `*.toml` files directly in `folder`: the good ones by id, and the faults of the others."""
    good, faults = _all_in(folder, read)
    return {one.protocol.id: one for one in good}, faults


def load_profiles(folder: Path) -> tuple[dict[str, LoadedProfile], list[Fault]]:
    """The same for a folder of profiles."""
    good, faults = _all_in(folder, read_profile)
    return {one.profile.id: one for one in good}, faults


def read(path: Path) -> LoadedProtocol | list[Fault]:
    """Read one file: the protocol, or every fault (at least one, in the order of the file)."""
    data = contents(path)
    return data if isinstance(data, list) else parse(data, name=str(path))


def read_profile(path: Path) -> LoadedProfile | list[Fault]:
    """Read the file of a profile: the profile, or every fault."""
    data = contents(path)
    return data if isinstance(data, list) else parse_profile(data, name=str(path))


def parse(data: bytes, *, name: str) -> LoadedProtocol | list[Fault]:
    """Read the bytes of one file; `name` is its path or name, whose stem must equal the protocol's id."""
    found = parsed(data, name, assemble)
    return found if isinstance(found, list) else LoadedProtocol(found, hashlib.sha256(data).hexdigest(), data)


def parse_profile(data: bytes, *, name: str) -> LoadedProfile | list[Fault]:
    """Read the bytes of a profile's file; `name` is its path or name, whose stem must equal the profile's id."""
    found = parsed(data, name, assemble_profile)
    return found if isinstance(found, list) else LoadedProfile(found, hashlib.sha256(data).hexdigest(), data)


def parsed(data: bytes, name: str, build: Callable[..., T | list[Problem]]) -> T | list[Fault]:
    """What `build` makes of the document in these bytes, or every fault with its place, in the order of the file."""
    file = clean(name, limit=500)
    try:
        text = text_of(data)
        document = _document_of(text)
    except UnreadableError as error:
        return [Fault(file, *error.place, error.rule, "error", error.message, error.fix)]
    result = build(document, stem=Path(name).stem)
    if not isinstance(result, list):
        return result
    locator = Locator(text)
    faults = (
        Fault(file, *locator.place(one.path), one.rule, "error", clean(one.message), clean(one.fix)) for one in result
    )
    return sorted(faults)


def _or_raise(result: L | list[Fault]) -> L:
    if isinstance(result, list):
        raise ProtocolFileError(result)
    return result


def _all_in(folder: Path, read_one: Callable[[Path], L | list[Fault]]) -> tuple[list[L], list[Fault]]:
    good: list[L] = []
    faults: list[Fault] = []
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".toml"))
    except (OSError, ValueError) as error:
        return [], [_cannot_read(str(folder), _reason(error))]
    for name in names:
        result = read_one(folder / name)
        if isinstance(result, list):
            faults += result
        else:
            good.append(result)
    return good, faults


def contents(path: Path) -> bytes | list[Fault]:
    """Return the bytes of one file, no more of them than show that it is too large; or why it cannot be read."""
    try:
        return _bytes_of(path)
    except (OSError, ValueError) as error:
        return [_cannot_read(str(path), _reason(error))]


class UnreadableError(Exception):
    """The file cannot even be taken apart; there is one fault and nothing more to say."""

    def __init__(self, rule: str, place: Place, message: str, fix: str) -> None:
        super().__init__(message)
        self.rule, self.place, self.message, self.fix = rule, place, message, fix


def _bytes_of(path: Path) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            msg = "it is a link, and links are not followed"
            raise ValueError(msg) from None
        raise
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            msg = "it is not a regular file"
            raise ValueError(msg)
        return file.read(MAX_BYTES + 1)


def _cannot_read(file: str, why: str) -> Fault:
    message, fix = (
        f"cannot be read: {clean(why, limit=200)}",
        "give the path of a protocol file that you may read",
    )
    return Fault(clean(file, limit=500), *_START, "unreadable", "error", message, fix)


def _reason(error: Exception) -> str:
    return error.strerror or "it cannot be opened" if isinstance(error, OSError) else str(error)


def text_of(data: bytes) -> str:
    """Return the text of a file without its byte-order mark; raises UnreadableError past a limit."""
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB"
        raise UnreadableError("too-large", _START, message, "split it into smaller protocols")
    body = data.removeprefix(_BOM)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise UnreadableError("encoding", place, "this is not UTF-8 text", "save the file as UTF-8") from None
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines > MAX_LINES:
        message = f"the file has {lines} lines"
        fix = f"split it: at most {MAX_LINES} lines"
        raise UnreadableError("too-long", Place(MAX_LINES + 1, 1), message, fix)
    return text


def _document_of(text: str) -> dict[str, object]:
    try:
        return tomli.loads(text, parse_float=_decimal)
    except tomli.TOMLDecodeError as error:
        words = _PLACE_IN_WORDS.sub("", clean(str(error), limit=300))
        plain = slip(text, error.lineno, error.colno, words)
        message = "not valid TOML: " + (plain.what if plain else words[:1].lower() + words[1:])
        fix = plain.fix if plain else "correct the line; compare it with a shipped protocol"
        raise UnreadableError("syntax", Place(error.lineno, error.colno), message, fix) from None
    except (RecursionError, MemoryError):
        message, fix = "the file nests too deeply", "write simple lists, tables and keys"
        raise UnreadableError("syntax", _START, message, fix) from None
    except ValueError:
        found = re.search(r"[0-9_]{4000,}", text)
        place = _START if found is None else _place_of(text, found.start())
        message = "a value is no usable number or date"
        raise UnreadableError("syntax", place, message, "write a number such as 134.0") from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal("nan")  # the model refuses it where it stands


def _place_of(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
