"""From the bytes of one file to a protocol, or to all that is wrong with it.

The only part of this package that opens files. It follows no links, reads no more than the limits allow, and
whatever a file holds it answers with a protocol or with faults that have a place; never with a traceback.
"""

import errno
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import tomli

from checklist.protocol.assemble import assemble
from checklist.protocol.errors import Fault, ProtocolFileError
from checklist.protocol.locate import Locator, Place
from checklist.protocol.model import Protocol
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


def load(path: Path) -> LoadedProtocol:
    """Read one file; raises ProtocolFileError with every fault if it cannot be used."""
    result = read(path)
    if isinstance(result, list):
        raise ProtocolFileError(result)
    return result


def load_folder(folder: Path) -> tuple[dict[str, LoadedProtocol], list[Fault]]:
    """Read all `*.toml` files directly in `folder`: the good ones by id, and the faults of the others."""
    good: dict[str, LoadedProtocol] = {}
    faults: list[Fault] = []
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".toml"))
    except (OSError, ValueError) as error:
        return {}, [_cannot_read(str(folder), _reason(error))]
    for name in names:
        result = read(folder / name)
        if isinstance(result, list):
            faults += result
        else:
            good[result.protocol.id] = result
    return good, faults


def read(path: Path) -> LoadedProtocol | list[Fault]:
    """Read one file: the protocol, or every fault (at least one, in the order of the file)."""
    try:
        data = _bytes_of(path)
    except (OSError, ValueError) as error:
        return [_cannot_read(str(path), _reason(error))]
    return parse(data, name=str(path))


def parse(data: bytes, *, name: str) -> LoadedProtocol | list[Fault]:
    """Read the bytes of one file; `name` is its path or name, whose stem must equal the protocol's id."""
    file = clean(name, limit=500)
    try:
        text = text_of(data)
        document = _document_of(text)
    except UnreadableError as error:
        return [Fault(file, *error.place, error.rule, "error", error.message, error.fix)]
    result = assemble(document, stem=Path(name).stem)
    if isinstance(result, Protocol):
        return LoadedProtocol(result, hashlib.sha256(data).hexdigest(), data)
    locator = Locator(text)
    faults = (
        Fault(file, *locator.place(one.path), one.rule, "error", clean(one.message), clean(one.fix)) for one in result
    )
    return sorted(faults)


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
        message = "not valid TOML: " + words[:1].lower() + words[1:]
        fix = "correct the line; compare it with a shipped protocol"
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
