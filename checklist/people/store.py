"""people.db: names, hashed secrets, and the openings of commitments. Erasable, and not the record.

A name or an opening is durable here before the entry that relies on it is recorded, so a crash never leaves
an entry without its opening; what no entry came to name is swept. What is deleted leaves no byte in the file.
A store belongs to the thread that opened it. Knows nothing of roles, sign-ins or the ledger.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Final, Self, cast

from checklist.ledger import canonical
from checklist.ledger.errors import NotCanonical
from checklist.people import database
from checklist.people.commitment import REFERENCE, Opening, clean_fields, encode_fields, opens
from checklist.people.errors import CommitmentError, PersonError, StoreError
from checklist.people.operator import check_name, clean_name, is_operator_id, name_key
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

_PAGE_OF_OPENINGS: Final = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """One row of people.db. `secret` is a PHC string, or None for a person who cannot sign in; `badge` is the HMAC of
    their badge, without which a secret that is a `pin` is of no use to them."""

    id: str
    name: str
    secret: str | None = field(repr=False)
    pin: bool = False
    badge: bytes | None = field(default=None, repr=False)


class PeopleStore:
    """An open people.db. Every method raises StoreError (or one of its kinds) when the file fails."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use `create` or `open`."""
        self._path = path
        self._db = connection

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new people.db of mode 0600, durable on return. Raises StoreError, and leaves no file."""
        return cls(path, database.create(path))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a people.db that exists and is ours alone. Raises StoreError (StoreExposedError)."""
        return cls(path, database.open_existing(path))

    def __enter__(self) -> Self:
        """Give the store itself; it is closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        self._db.close()

    def backup(self, target: Path) -> None:
        """Copy everything to a new file of mode 0600 at `target`, checked and durable on return."""
        database.copy(self._db, self._path, target)

    def add_person(
        self,
        id: str,
        name: str,
        phc: str | None,
        *,
        at: datetime,
        active: Collection[str] = (),
    ) -> Kept:
        """Keep a new person's cleaned name and hashed secret; durable on return.

        `active` are the ids of the operators who are not disabled. Raises PersonError when the id is taken or
        malformed, or when the name breaks the rules or is that of somebody active.
        """
        if not is_operator_id(id):
            raise PersonError("The operator's id is malformed: let the program choose it.")
        key, person = name_key(name), Kept(id, clean_name(name), phc)
        with database.writing(self._db, self._path):
            if self._people("WHERE id = ?", id):
                raise PersonError("This operator's id is taken: ids are never given to a second person.")
            same = [other.name for other in self._people("WHERE key = ?", key) if other.id in active]
            refusal = check_name(name, same)
            if refusal is not None:
                raise PersonError(refusal)
            self._db.execute(
                "INSERT INTO person(id, name, key, secret, at) VALUES (?, ?, ?, ?, ?)",
                (id, person.name, key, phc, _stamp(at)),
            )
        return person

    def person_by(self, name_or_id: str, active: Collection[str] | None = None) -> Kept | None:
        """Find the person with this id or, among the ids in `active` where given, this name.

        None stands for nobody, and for a name that two people share. An id is found whoever is active:
        whether its operator may still act is for the record to say.
        """
        if is_operator_id(name_or_id):
            found = self._people("WHERE id = ?", name_or_id)
        else:
            called = self._people("WHERE key = ?", name_key(name_or_id))
            found = [person for person in called if active is None or person.id in active]
        return found[0] if len(found) == 1 else None

    def person_with_badge(self, badge: bytes) -> Kept | None:
        """Whose badge has this HMAC."""
        found = self._people("WHERE badge = ?", badge)
        return found[0] if found else None

    def set_secret(self, id: str, phc: str | None, *, pin: bool) -> None:
        """Give somebody another hashed secret, or take it (None); durable on return."""
        with database.writing(self._db, self._path):
            self._db.execute("UPDATE person SET secret = ?, pin = ? WHERE id = ?", (phc, pin, id))

    def set_badge(self, id: str, badge: bytes | None) -> None:
        """Give somebody a badge by its HMAC, or take it; durable on return. Raises PersonError for another's badge."""
        try:
            with database.writing(self._db, self._path):
                self._db.execute("UPDATE person SET badge = ? WHERE id = ?", (badge, id))
        except StoreError as fault:
            if isinstance(fault.__cause__, sqlite3.IntegrityError):
                raise PersonError("This is somebody else's badge: take it from them first.") from fault
            raise

    def forget(self, id: str, commitments: Iterable[str]) -> None:
        """Delete somebody, and the openings of these commitments: no byte of either is left. Again does no harm."""
        with database.writing(self._db, self._path):
            self._db.execute("DELETE FROM person WHERE id = ?", (id,))
            self._db.executemany("DELETE FROM opening WHERE commitment = ?", [(each,) for each in commitments])
            self._db.execute("UPDATE upkeep SET scrub = 1")
        self.scrub()

    def people(self) -> list[Kept]:
        """Everybody, in the order in which names are compared."""
        return self._people("ORDER BY key, id")

    def name(self, id: str) -> str | None:
        """The name of the person with this id, or None when it is not known (any more)."""
        found = self._people("WHERE id = ?", id)
        return found[0].name if found else None

    def keep(self, openings: Iterable[Opening], *, at: datetime) -> None:
        """Keep openings in a commit of their own, durable on return; record what names them only then.

        `at` is the time of the entries to come. After a StoreError it is safe to call this again with the
        same openings. Raises CommitmentError, and keeps none, when one does not open its commitment.
        """
        kept = list(openings)
        if not all(opens(opening) for opening in kept):
            raise CommitmentError("An opening does not fit its commitment: nothing was kept.")
        rows = [
            (one.commitment, one.kind, encode_fields(one.kind, one.fields).decode(), one.salt, _stamp(at))
            for one in kept
        ]
        with database.writing(self._db, self._path):
            self._db.executemany(
                "INSERT INTO opening(commitment, kind, fields, salt, at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT(commitment) DO NOTHING",
                rows,
            )

    def opening(self, commitment: str) -> Opening | None:
        """What is kept for a commitment, or None. Check that it `opens` before believing it."""
        rows = self._rows("SELECT kind, fields, salt FROM opening WHERE commitment = ?", commitment)
        if not rows:
            return None
        kind, fields, salt = rows[0]
        return Opening(commitment, str(kind), _read_fields(str(fields)), cast("bytes", salt))

    def words(self, commitment: str) -> str | None:
        """The words (reference, name) that a commitment commits to; None when erased, lost or altered."""
        found = self.opening(commitment)
        if found is None or not opens(found):
            return None
        text = next(value for key, value in found.fields.items() if key != "operator")
        return clean(text, limit=4 * len(text) + 1)

    def references(self, reference: str) -> list[str]:
        """Find the commitments to one of the clinic's own references, oldest first."""
        fields = encode_fields(REFERENCE, clean_fields({"reference": reference})).decode()
        rows = self._rows(
            "SELECT commitment FROM opening WHERE kind = 'reference' AND fields = ? ORDER BY at, commitment",
            fields,
        )
        return [str(row[0]) for row in rows]

    def saying(self, text: str) -> list[str]:
        """Find the commitments to words and references in which a text stands; letters A to Z match in either case."""
        like = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = self._rows(
            "SELECT commitment FROM opening WHERE kind IN ('words', 'reference') AND json_valid(fields)"
            " AND json_extract(fields, '$.' || kind) LIKE ? ESCAPE '\\'",
            f"%{like}%",
        )
        return [str(row[0]) for row in rows]

    def sweep_orphans(self, known: Callable[[str], bool], older_than: datetime) -> int:
        """Delete the openings kept before `older_than` whose commitment no entry names; say how many.

        `known` says whether an entry of any ledger of the folder names a commitment. Leave a day: a writer
        may be between an opening and its entry. What an earlier sweep went past is not looked at again.
        """
        until, swept = _stamp(older_than), 0
        place = (str(self._rows("SELECT swept_until FROM upkeep")[0][0]), "")
        while page := self._unswept(place, until):
            # No lock is held while `known` looks things up.
            orphans = [(commitment,) for _, commitment in page if not known(commitment)]
            self._delete("DELETE FROM opening WHERE commitment = ?", orphans)
            swept, place = swept + len(orphans), page[-1]
        with database.writing(self._db, self._path):
            self._db.execute("UPDATE upkeep SET swept_until = max(swept_until, ?)", (until,))
        self.scrub()
        return swept

    def sweep_people(self, known: Callable[[str], bool], older_than: datetime) -> int:
        """Delete the people kept before `older_than` whom no entry made an operator; say how many."""
        rows = self._rows("SELECT id FROM person WHERE at < ?", _stamp(older_than))
        orphans = [(str(row[0]),) for row in rows if not known(str(row[0]))]
        self._delete("DELETE FROM person WHERE id = ?", orphans)
        self.scrub()
        return len(orphans)

    def name_openings(self, id: str) -> list[str]:
        """The commitments to the name of the person with this id, of which each of their signatures has its own."""
        # The operator's id is the last of a name's fields, which are canonical JSON.
        end = f'"operator":"{id}"}}'
        question = "SELECT commitment FROM opening WHERE kind = 'name' AND substr(fields, ?) = ? ORDER BY commitment"
        rows = self._rows(question, -len(end), end)
        return [str(row[0]) for row in rows]

    def scrub(self) -> None:
        """Leave no byte of what was deleted, also where an earlier deletion was cut off before that."""
        database.scrub(self._db, self._path)

    def _delete(self, statement: str, rows: list[tuple[str]]) -> None:
        if not rows:
            return
        with database.writing(self._db, self._path):
            self._db.executemany(statement, rows)
            self._db.execute("UPDATE upkeep SET scrub = 1")

    def _people(self, where: str, *values: str | bytes) -> list[Kept]:
        rows = self._rows(f"SELECT id, name, secret, pin, badge FROM person {where}", *values)  # noqa: S608 - our own text
        return [_person(*row) for row in rows]

    def _unswept(self, after: tuple[str, str], until: str) -> list[tuple[str, str]]:
        rows = self._rows(
            "SELECT at, commitment FROM opening WHERE (at, commitment) > (?, ?) AND at < ?"
            " ORDER BY at, commitment LIMIT ?",
            *after, until, _PAGE_OF_OPENINGS,
        )  # fmt: skip
        return [(str(at), str(commitment)) for at, commitment in rows]

    def _rows(self, query: str, *values: str | bytes | int) -> list[tuple[object, ...]]:
        with database.faults(self._path):
            return self._db.execute(query, values).fetchall()


def _person(id: object, name: object, secret: object, pin: object, badge: object) -> Kept:
    return Kept(str(id), clean_name(str(name)), cast("str | None", secret), bool(pin), cast("bytes | None", badge))


def _read_fields(stored: str) -> dict[str, str]:
    """The fields of an opening; none at all when they are damaged, so that the opening does not open."""
    try:
        value = canonical.decode(stored.encode())
    except NotCanonical:
        return {}
    return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _stamp(moment: datetime) -> str:
    """UTC to the microsecond, of fixed width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
