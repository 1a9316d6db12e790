"""How far the ledger once was: a small file beside the key, so that an older copy of the ledger is noticed.

Knows the file. Behind the ledger is normal (it is written after the screen has said saved); ahead is a rollback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from checklist.ledger import canonical
from checklist.ledger.durable import replace
from checklist.ledger.errors import CannotOpen, NotCanonical

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES = 200


@dataclass(frozen=True, slots=True)
class HighWater:
    """The size of the ledger and the leaf hash of its last entry, in hex."""

    size: int
    leaf: str

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What the file says; None where there is none. Raises CannotOpen where it cannot be understood."""
        try:
            with path.open("rb") as file:
                value = canonical.decode(file.read(_MAX_BYTES))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CannotOpen(f"{path} cannot be read: {error.strerror}.") from error
        except NotCanonical:
            value = None
        match value:
            case {"leaf": str(leaf), "size": int(size)} if size > 0:
                return cls(size, leaf)
        raise CannotOpen(
            f"{path} is damaged.", advice="Run `checklist verify`; if the record is clean, remove this file."
        )

    def write(self, path: Path) -> None:
        """Replace the file, durable when this returns. Raises OSError."""
        replace(path, canonical.encode({"size": self.size, "leaf": self.leaf}))
