"""When two typed values are the same thing, however they were typed. Knows the kinds of identifiers, and no record."""

from typing import Final

_UPPER: Final = frozenset({"lot", "serial", "load", "pack", "batch"})
_GTIN_DIGITS: Final = 14


def key(kind: str, value: str) -> str:
    """What two values of a kind have in common where they are the same thing, however they were typed: letters of
    either case, and a GTIN with or without the zeros before it. The zeros of a serial number are its own."""
    if kind in _UPPER:
        return value.upper()
    if kind == "gtin" and value.isascii() and value.isdecimal():
        return value.zfill(_GTIN_DIGITS)
    return value
