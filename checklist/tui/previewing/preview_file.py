"""A protocol file that somebody is writing: looked at again and again, and read anew whenever it was saved.

Knows how editors save (over the old file, or by putting another one in its place) and what is wrong with what they
saved. Knows nothing of screens; whoever asks it does so where waiting for a disk holds up nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.protocol.errors import Fault, MissingProfileValueError, ProtocolError
from checklist.protocol.loader import contents, parse
from checklist.protocol.model import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from checklist.protocol.model import Protocol
    from checklist.protocol.values import ProfileValue

    Lint = Callable[[Path], list[Fault]]

_SEVERE: Final = ("error", "warning", "advice")


@dataclass(frozen=True, slots=True)
class Draft:
    """The file as it was last saved. It can be walked (`protocol`), or only read since the values of a profile that it
    names are not known (`unresolved`), or neither since it is broken."""

    faults: tuple[Fault, ...] = ()
    """What is wrong with it, the most severe first."""
    protocol: Protocol | None = None
    unresolved: Protocol | None = None

    @property
    def broken(self) -> bool:
        """Whether nothing in it can be used."""
        return self.protocol is None and self.unresolved is None


class ProtocolFile:
    """One file, and how it was when it was last looked at."""

    def __init__(self, path: Path, values: Mapping[str, ProfileValue], lint: Lint | None = None) -> None:
        """`values` are those of the clinic's profile; `lint` says what is wrong with it, as `protocol lint` does."""
        self.path = path
        self._values = values
        self._lint = lint or _lint
        self._stamp: object = ()
        self._settling = False
        self._data: bytes | list[Fault] | None = None

    def poll(self) -> Draft | None:
        """The file as it is now; None where that is what it was the last time."""
        stamp = self._look()
        changed, self._stamp = stamp != self._stamp, stamp
        if not changed and not self._settling:
            return None
        # Looked at once more after each change: it may have been half written, or gone between two names, and a
        # second save within one tick of the file system's clock leaves no other trace.
        first, self._settling = self._data is None, changed
        if changed and stamp is None and not first:
            return None
        data = contents(self.path)
        if data == self._data:
            return None
        self._data = data
        return self._read(data)

    def _look(self) -> object:
        try:
            seen = self.path.stat()
        except (OSError, ValueError):
            return None
        return seen.st_size, seen.st_mtime_ns, seen.st_ino, seen.st_dev

    def _read(self, data: bytes | list[Fault]) -> Draft:
        if isinstance(data, list):
            return Draft(tuple(data))
        loaded = parse(data, name=str(self.path))
        if isinstance(loaded, list):
            return Draft(_by_weight(loaded))
        faults = self._lint(self.path)
        try:
            return Draft(_by_weight(faults), resolve(loaded.protocol, self._values))
        except MissingProfileValueError:
            return Draft(_by_weight(faults), None, loaded.protocol)
        except ProtocolError as error:
            what, _, fix = str(error).partition(" — ")
            unusable = Fault(str(self.path), 1, 1, "profile-value", "error", what, fix)
            return Draft(_by_weight([*faults, unusable]), None, loaded.protocol)


def _lint(path: Path) -> list[Fault]:
    from checklist.protocol.linting.lint import lint_each

    return [fault for _, faults in lint_each([path]) for fault in faults]


def _by_weight(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda one: (_SEVERE.index(one.severity), one.line, one.column)))
