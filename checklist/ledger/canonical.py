"""One way to write a value as bytes, so that a hash of it means the same everywhere.

Knows a restricted profile of RFC 8785 (JSON Canonicalization Scheme): no floats, integers below 2**53, text in NFC
without control characters or surrogates, keys of a-z, 0-9, "_" and "-", at most 16 KiB. What does not fit is refused
and never repaired. Refuses to know what the values mean.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias, cast

from checklist.ledger.errors import NotCanonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

MAX_BYTES = 16 * 1024
MAX_DEPTH = 32  # as deep as the interpreter's own limits allow on every version, with a wide margin
INT_LIMIT = 2**53  # the largest number range that every JSON reader keeps exactly (RFC 8785, RFC 7493)

_KEY = re.compile(r"[a-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DIGITS = len(str(INT_LIMIT))
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % _DIGITS)  # outside of it no number reaches INT_LIMIT
# Most entries hold an object of plain texts, numbers and words. Where its keys also ascend and none comes twice, it is
# canonical, for each of its parts can be written in one way only.
_PAIR = rb'"[a-z0-9_-]+":(?:"[ !#-\[\]-~]*"|-?[1-9][0-9]{0,14}|0|null|true|false)'
_PLAIN = re.compile(rb"\{(?:%b(?:,%b)*)?\}" % (_PAIR, _PAIR))
_known_keys: set[str] = set()
_KNOWN_KEYS_MAX = 4096


def make_writer(make: Callable[..., Callable[[object, int], Sequence[str]]] | None) -> Callable[[object], str]:
    """A function that writes JSON: within the profile exactly RFC 8785, outside of it not, hence `check`.

    `make` is the compiled encoder that CPython's json.JSONEncoder makes for every call; made once, it is twice as
    fast. An interpreter without it gets the public one.
    """
    if make is None:
        return json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")).encode
    # The C encoder takes its flags by place only.
    chunks = make(None, None, json.encoder.encode_basestring, None, ":", ",", True, False, False)  # noqa: FBT003
    return lambda value: "".join(chunks(value, 0))


_write = make_writer(getattr(json.encoder, "c_make_encoder", None))


def check(value: object, depth: int = 0) -> None:
    """Raise NotCanonical unless the value lies within the profile (its size aside). `depth`: how deep it lies."""
    if value is None or value is True or value is False:
        return
    if type(value) is str:
        _check_text(value)
    elif type(value) is int:
        _check_number(value)
    elif depth >= MAX_DEPTH:
        raise NotCanonical(f"values are nested more than {MAX_DEPTH} deep")
    elif type(value) is list:
        for item in cast("list[object]", value):
            check(item, depth + 1)
    elif type(value) is dict:
        for key, item in cast("dict[object, object]", value).items():
            _check_key(key)
            check(item, depth + 1)
    else:
        raise NotCanonical(f"a value of type {type(value).__name__} cannot be recorded")


def _check_text(text: str) -> None:
    if _CONTROL.search(text):
        raise NotCanonical("a text holds a control character or half a character")
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical("a text is not in the Unicode form NFC")


def _check_number(number: int) -> None:
    if not -INT_LIMIT < number < INT_LIMIT:
        raise NotCanonical("a whole number is 2**53 or larger; write it as text")


def _check_key(key: object) -> None:
    if key in _known_keys:
        return
    if type(key) is not str or not _KEY.fullmatch(key):
        raise NotCanonical(f"the key {str(key)[:40]!r} has other signs than a-z, 0-9, _ and -")
    if len(_known_keys) < _KNOWN_KEYS_MAX:
        _known_keys.add(key)


def encode(value: object, depth: int = 0) -> bytes:
    """The canonical bytes of a value that lies `depth` deep in a larger one.

    Raises NotCanonical for what the profile leaves out or beyond 16 KiB.
    """
    check(value, depth)
    return limited(_write(value).encode())


def decode(data: bytes, depth: int = 0) -> Json:
    """The value of canonical bytes. Raises NotCanonical unless encoding it again gives the same bytes.

    `depth` is how deep the value lies in a larger one. Keys are checked while they are read, and numbers where there
    are enough digits in a row. Text needs its own check only beyond plain ASCII, and depth only where there are more
    brackets than the limit.
    """
    if _PLAIN.fullmatch(limited(data)) and depth < MAX_DEPTH:
        found = cast("dict[str, Json]", _read_plain(data.decode())[0])
        # A text that begins with a colon seems to be one more key: the long way then judges.
        if len(found) == data.count(b'":') and list(found) == sorted(found):
            return found
    try:
        text = data.decode()
        value, end = cast("tuple[Json, int]", (_read_long if _LONG_NUMBER.search(data) else _read)(text))
    except (ValueError, RecursionError):
        raise NotCanonical("the bytes are not JSON text in UTF-8") from None
    plain = data.isascii() and b"\\" not in data and b"\x7f" not in data
    if not plain or data.count(b"[") + data.count(b"{") > MAX_DEPTH - depth:
        check(value, depth)
    if end != len(text) or _write(value) != text:
        raise NotCanonical("the bytes are not the one canonical way to write this value")
    return value


def limited(data: bytes) -> bytes:
    """The bytes of one entry. Raises NotCanonical beyond 16 KiB."""
    if len(data) > MAX_BYTES:
        raise NotCanonical(f"{len(data)} bytes are more than the {MAX_BYTES} that one entry can hold")
    return data


def _whole_number(text: str) -> int:
    if len(text) > _DIGITS + 1:
        raise NotCanonical("a whole number is 2**53 or larger; write it as text")
    number = int(text)
    _check_number(number)
    return number


def _no_number(text: str) -> object:
    raise NotCanonical(f"{text[:40]} is not a whole number")


def _object(value: dict[str, Json]) -> dict[str, Json]:
    if not _known_keys.issuperset(value):
        for key in value:
            _check_key(key)
    return value


_read_plain = json.JSONDecoder().raw_decode
_read = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number, object_hook=_object).raw_decode
_read_long = json.JSONDecoder(
    parse_int=_whole_number, parse_float=_no_number, parse_constant=_no_number, object_hook=_object
).raw_decode
