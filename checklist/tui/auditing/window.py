"""The part of a long list that is in memory: a few pages on either side of what is highlighted, never all of it.

Pure: pages go in. Every page is known by where it begins, so that one that was let go can be asked for again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """One page: its rows, how many lines they take, and where the next one begins (None: this is the last)."""

    rows: tuple[T, ...]
    lines: int
    older: C | None


class Window(Generic[T, C]):
    """The pages in memory, newest first."""

    def __init__(self, first: Part[T, C]) -> None:
        self._parts: deque[Part[T, C]] = deque([first])
        self._begins: list[C | None] = [None]
        self._at = 0
        self._lines_above: list[int] = []

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
        """How many lines stand before it."""
        return sum(self._lines_above[: self._at])

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
                gone = self._parts.popleft()
                if self._at == len(self._lines_above):
                    self._lines_above.append(gone.lines)
                self._at += 1
        else:
            self._at -= 1
            self._parts.appendleft(part)
            if len(self._parts) > KEPT:
                self._parts.pop()
