"""One table of clinic.toml at a time: gives out each value once, checked, and says what is wrong with it and where.

Knows TOML's values. Does not know what any of them means.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from checklist.protocol.text import clean


class WrongError(Exception):
    """A value that cannot be used; never leaves this module."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


Part = TypeVar("Part")


class Table:
    """One table of the file: gives out each value once, checked, and refuses what nobody asked for."""

    def __init__(self, values: object, place: str) -> None:
        if not isinstance(values, dict):
            raise WrongError(place, "must be a table")
        self._left: dict[str, object] = dict(values)
        self.place = place

    def at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def text(self, key: str, pattern: str | None = None, default: str | None = None) -> str:
        """Words, cleaned; with a pattern exactly as written."""
        value = self._left.pop(key, default)
        if value is None:
            raise WrongError(self.at(key), "is missing")
        if not isinstance(value, str):
            raise WrongError(self.at(key), "must be words in quotes")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise WrongError(self.at(key), f"“{clean(value, limit=60)}” does not fit; it must match {pattern}")
        return value if pattern is not None else clean(value)

    def raw(self, key: str) -> object:
        """A value as it stands; None where there is none."""
        return self._left.pop(key, None)

    def table(self, key: str) -> "Table":
        """A table inside this one; an empty one where there is none."""
        return Table(self._left.pop(key, {}), self.at(key))

    def parts(self, key: str, read_part: Callable[["Table"], Part]) -> tuple[Part, ...]:
        """An array of tables."""
        found = self._left.pop(key, [])
        if not isinstance(found, list):
            raise WrongError(self.at(key), f"must be written as [[{self.at(key)}]]")
        return tuple(whole(Table(values, f"{self.at(key)}.{number}"), read_part) for number, values in enumerate(found))

    def finish(self) -> None:
        for key in self._left:
            raise WrongError(self.at(key), "is not known here; take it out, or check the spelling")


def whole(table: Table, read_part: Callable[[Table], Part]) -> Part:
    part = read_part(table)
    table.finish()
    return part
