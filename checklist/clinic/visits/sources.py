"""Where the facts for the gate are: the ledgers of a folder, its texts, and whose rules hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.texts.library import Library
    from checklist.ledger.reader import Reader


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the facts are: all ledgers of the folder, the one in use last; its texts; the clinic's jurisdiction.

    `unreadable` says which ledgers of the folder could not be read.
    """

    readers: Sequence[Reader]
    library: Library
    jurisdiction: str
    unreadable: Sequence[str] = ()

    @property
    def own(self) -> Reader:
        """The ledger in use."""
        return self.readers[-1]
