"""What must be true before a ledger is written to, or built on; all of it costs the same however long the ledger is.

Knows which parts of the file must agree with each other, with the key and with the high-water file. The whole record
is judged by `verify`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.ledger import schema
from checklist.ledger.errors import BadNote, Damaged, LedgerTruncated, WrongKey
from checklist.ledger.highwater import HighWater
from checklist.ledger.merkle import leaf_hash
from checklist.ledger.note import Checkpoint, Note

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.ledger.note import VerifierKey
    from checklist.ledger.reader import Reader


def check_opening(reader: Reader, key: VerifierKey, high_water: Path) -> None:
    """Raise Damaged, LedgerTruncated or WrongKey where the ledger cannot be gone on with."""
    mark = HighWater.read(high_water)  # first: others may append, and the ledger must not seem to be behind
    with reader.snapshot():
        _check_parts(reader, mark)
        if reader.origin != key.name or reader.vkey != str(key):
            raise WrongKey(f"The record of {reader.origin} was not begun with the key of {key.name}.")
        try:
            Note.parse(reader.checkpoint()).verify([key])
        except BadNote as error:
            raise Damaged(f"The newest checkpoint is not valid: {error}.") from error


def check_reading(reader: Reader, origin: str, high_water: Path) -> None:
    """The same for who only looks: all but the signature, for which a key is needed. Raises Damaged, LedgerTruncated or
    WrongKey where the ledger must not be built on."""
    mark = HighWater.read(high_water)
    with reader.snapshot():
        _check_parts(reader, mark)
        if reader.origin != origin:
            raise WrongKey(f"The record is of {reader.origin}, and not of {origin}.")


def _check_parts(reader: Reader, mark: HighWater | None) -> None:
    """The protection of the tables, and where the record ends: the last entry, the stored hashes and the newest
    checkpoint must be one, and not before where it once was."""
    altered = schema.altered_objects(reader.query(schema.OBJECTS_QUERY))
    if altered:
        raise Damaged(f"The protection of the record was changed: {', '.join(altered)}.")
    head, last = reader.head(), reader.last()
    if last is None or last.index + 1 != head.size or leaf_hash(last.to_leaf()) != head.last_leaf:
        raise Damaged("The last entry is not where the record says it ends.")
    try:
        note = Note.parse(reader.checkpoint())
    except (BadNote, IndexError) as error:
        raise Damaged(f"The newest checkpoint is not valid: {error}.") from error
    if note.text != str(Checkpoint(reader.origin, head.size, reader.root())):
        raise Damaged("The newest checkpoint is not of the last entry.")
    _check_high_water(reader, mark)


def _check_high_water(reader: Reader, mark: HighWater | None) -> None:
    if mark is None:
        return
    size = reader.size
    if mark.size > size:
        raise LedgerTruncated(f"The record has {size} entries, but it once had {mark.size}: this is a rollback.")
    if reader.leaf_hash(mark.size - 1).hex() != mark.leaf:
        raise LedgerTruncated(f"Entry {mark.size - 1} is not the one that once was there: this is a rollback.")
