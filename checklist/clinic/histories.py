"""The ledgers of one folder: those that a restore left, and the one in use. Opened for reading only.

The tables of one that another version of the program kept are built anew first: they are derived, and take no key.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from checklist.clinic.views import VIEWS
from checklist.ledger.errors import LedgerError
from checklist.ledger.reader import open_read_only
from checklist.ledger.renewing import renew_views
from checklist.ledger.views import digest
from checklist.run.events import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.folder import Folder
    from checklist.ledger.reader import Reader


@contextmanager
def opened_to_read(folder: Folder) -> Iterator[tuple[list[Reader], list[str]]]:
    """All ledgers of a folder, the one in use last, and a sentence for each that cannot be read. Needs no key. Raises
    LedgerError where the one in use cannot be opened."""
    archives, faults = open_archives(folder)
    try:
        with open_read_only(folder.ledger) as own:
            yield [*archives, own], faults
    finally:
        for archive in archives:
            archive.close()


def open_archives(folder: Folder) -> tuple[list[Reader], list[str]]:
    """The ledgers that a restore left here, oldest first, and a sentence for each that cannot be read, or not by the
    tables of this program: the work goes on without it."""
    readers, faults = [], []
    for path in folder.archives:
        try:
            reader = open_read_only(path)
            if reader.station != path.stem.removeprefix("ledger-"):
                # somebody's copy of another ledger: counted with it, everything would be there twice
                reader.close()
                faults.append(f"{path.name}: holds another station's record; move it elsewhere.")
                continue
            if reader.head().views != digest(VIEWS):
                reader.close()
                renew_views(path, VIEWS)
                reader = open_read_only(path)
            reader.query("SELECT count(*) FROM run WHERE outcome = 'open'")
        except LedgerError as error:
            faults.append(f"{path.name}: {error} {error.advice}")
            continue
        readers.append(reader)
    return _in_order(readers), faults


def _in_order(archives: list[Reader]) -> list[Reader]:
    """As they followed one another: each names the one that it goes on from. By name `a-10` comes before `a-2`."""
    came_from = {reader.station: _came_from(reader) for reader in archives}

    def steps(reader: Reader) -> int:
        """How many came before it."""
        before, station = set[str](), came_from[reader.station]
        while station is not None and station not in before:
            before.add(station)
            station = came_from.get(station)
        return len(before)

    return sorted(archives, key=steps)


def _came_from(reader: Reader) -> str | None:
    """The station that a ledger goes on from; None for the first, and where that cannot be read."""
    with suppress(LedgerError, LookupError):
        came = reader.entry(0).data.get("from")
        return text_of(came, "station") if isinstance(came, dict) else None
    return None
