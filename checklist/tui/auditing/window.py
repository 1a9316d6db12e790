"""The part of a long list that is in memory: a few pages on either side of what is highlighted, never all of it.

Pure: pages go in. Every page is known by where it begins, so that one that was let go can be asked for again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")
C = TypeVar("C")

PAGE: Final = 60
"""Rows that are asked for at once."""
KEPT: Final = 3
"""Pages in memory: with fewer the highlight would run against their end, and painting takes longer with each."""
NEAR: Final = 30
"""So many rows before the end of what is in memory the next page is asked for."""


@dataclass(frozen=True, slots=True)
class Part(Generic[T, C]):
    """One page: its rows, how many lines they take by themselves, where the next one begins (None: this is the last),
    and under which headings its first and its last row stand: a heading is not said again within what is in memory."""

    rows: tuple[T, ...]
    lines: int
    older: C | None
    first: str = ""
    last: str = ""


class Window(Generic[T, C]):
    """The pages in memory, newest first."""

    def __init__(self, first: Part[T, C]) -> None:
        self._parts: deque[Part[T, C]] = deque([first])
        self._begins: list[C | None] = [None]
        self._at = 0
        self._above = 0

    @property
    def rows(self) -> tuple[T, ...]:
        """What is in memory."""
        return tuple(row for part in self._parts for row in part.rows)

    @property
    def parts(self) -> Iterator[tuple[T, ...]]:
        """The same, page by page."""
        return (part.rows for part in self._parts)

    @property
    def above(self) -> int:
        """How many lines stand before it; after `jump` that is only about right until they are gone through."""
        return max(self._above, 1) if self._at else 0

    @property
    def at_end(self) -> bool:
        """Whether the last page is in memory."""
        return self._parts[-1].older is None

    @property
    def at_beginning(self) -> bool:
        """Whether the first page is in memory."""
        return not self._at

    @property
    def passed(self) -> int:
        """How many rows stand before its end."""
        return self._at * PAGE + len(self.rows)

    def wants(self, index: int) -> int:
        """Which page is wanted with the highlight at this row of it: 1 the next, -1 the one before, 0 none."""
        if index >= len(self.rows) - NEAR and self._parts[-1].older is not None:
            return 1
        return -1 if index < NEAR and self._at > 0 else 0

    def begins(self, way: int) -> C | None:
        """Where the page in that direction begins."""
        return self._parts[-1].older if way > 0 else self._begins[self._at - 1]

    def add(self, way: int, part: Part[T, C]) -> None:
        """Take in the page in that direction; the one at the other end is let go where there are too many."""
        if way > 0:
            end = self._at + len(self._parts)
            if end == len(self._begins):
                self._begins.append(self._parts[-1].older)
            self._parts.append(part)
            if len(self._parts) > KEPT:
                self._above += _lines_before(self._parts.popleft(), self._parts[0])
                self._at += 1
        else:
            self._at -= 1
            self._above -= _lines_before(part, self._parts[0])
            self._parts.appendleft(part)
            if len(self._parts) > KEPT:
                self._parts.pop()

    def jump(self, begins: Sequence[C], part: Part[T, C]) -> None:
        """Have this page alone: the one after all those that begin there, but the first."""
        self._begins = [None, *begins]
        self._at = len(begins)
        self._above = PAGE * self._at
        self._parts = deque([part])


def _lines_before(part: Part[T, C], following: Part[T, C]) -> int:
    """How many lines a page takes before that one, whose first heading it may have said already."""
    return part.lines - (part.last == following.first != "")
