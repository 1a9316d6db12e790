"""A moment as the tables keep it. Knows no clock."""

from __future__ import annotations

from datetime import UTC, datetime

from checklist.ledger.errors import Damaged


def time_of(text: str) -> datetime:
    """A moment of the tables (ISO 8601) in UTC. Raises Damaged where it is none: no entry made that row."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Damaged("The tables of the record do not fit together: run checklist verify.") from None
