"""A record read by an auditor who has none of our code: SQLite, SHA-256 and JSON, and nothing of this package."""

import contextlib
import hashlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Leaf:
    """One entry as its bytes say it."""

    index: int
    raw: bytes

    @property
    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def kind(self) -> str:
        return str(self.fields["kind"])

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.fields["data"]
        return found

    @property
    def hash(self) -> str:
        """The leaf hash of RFC 6962."""
        return hashlib.sha256(b"\0" + self.raw).hexdigest()


def leaves(root: Path, kind: str | None = None) -> list[Leaf]:
    """The entries of a clinic's ledger, or those of one kind."""
    with contextlib.closing(sqlite3.connect(root / "ledger.db")) as ledger:
        found = [Leaf(index, raw) for index, raw in ledger.execute("SELECT idx, leaf FROM entry ORDER BY idx")]
    return [leaf for leaf in found if kind in (None, leaf.kind)]


def opened(root: Path, commitment: str) -> dict[str, str]:
    """What a commitment commits to, by its row in people.db; the hash is made anew from kind, salt and fields."""
    with contextlib.closing(sqlite3.connect(root / "people.db")) as people:
        question = "SELECT kind, fields, salt FROM opening WHERE commitment = ?"
        kind, fields, salt = people.execute(question, (commitment,)).fetchone()
    said: dict[str, str] = json.loads(fields)
    body = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    made = hashlib.sha256(b"checklist/commitment/v1\n" + kind.encode() + b"\0" + salt + body).hexdigest()
    assert made == commitment
    return said


def all_bytes(root: Path) -> dict[str, bytes]:
    """Every file of a clinic's folder."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
