"""Whether the record as a whole, and the clock, can be relied on at a gate: then every fact in it counts, else none.

What is wrong with a single fact is for whoever looks that up.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.gate.facts import Damaged
from checklist.gate.runs import SKEW
from checklist.ledger.entry import format_place
from checklist.ledger.errors import LedgerError
from checklist.run.events import number_of, text_of
from checklist.run.timing import utc

if TYPE_CHECKING:
    from checklist.clinic.visits.sources import Sources
    from checklist.ledger.entry import Moment
    from checklist.ledger.reader import Reader


def untrusted(sources: Sources, now: Moment) -> Damaged | None:
    """Why nothing of it can be relied on, as a sentence; None where all can."""
    if sources.unreadable:
        return Damaged(f"The record is damaged: {sources.unreadable[0]}")
    try:
        return set_back(sources.own, now) or next(
            filter(None, (_torn_off(sources, one) for one in sources.readers)), None
        )
    except (LedgerError, LookupError) as fault:
        return Damaged(f"The record is damaged: {fault}")


def set_back(own: Reader, now: Moment) -> Damaged | None:
    """The sentence about a clock behind its own record, by which nothing has ended yet that has: a completion, a
    credential, a lot. None where it is not."""
    until = utc(now) + SKEW
    last = own.last()
    if last is None or datetime.fromisoformat(last.at) <= until:
        return None
    first = entries_until(own, until)
    when = datetime.fromisoformat(own.entry(first).at).astimezone(ZoneInfo(now.zone))
    entry = f"{format_place(own.station, first)}, {when:%Y-%m-%d %H:%M}"
    return Damaged(
        f"The clock is behind the record ({entry}). If this computer's clock is wrong, set it right. If it is right, "
        f"that entry came from the future: an administrator goes on in a new ledger (checklist backup, then "
        "checklist restore), or everybody waits until then."
    )


def entries_until(reader: Reader, until: datetime) -> int:
    """How many entries a record has up to a moment: time never goes back in it, so whatever came after an entry of the
    future bears its time as well."""
    return bisect_right(range(reader.size), until, key=lambda index: datetime.fromisoformat(reader.entry(index).at))


def _torn_off(sources: Sources, reader: Reader) -> Damaged | None:
    """The ledger that one goes on from holds recalls and what was used: it must lie here, and be all of it."""
    came = reader.entry(0).data.get("from")
    if not isinstance(came, dict):
        return None
    station = text_of(came, "station") or ""
    older = next((one for one in sources.readers if one.station == station), None)
    if older is None:
        return Damaged(f"The earlier record ledger-{station}.db is not here: put it back from a backup.")
    if (older.size, older.root().hex()) != (number_of(came, "size"), text_of(came, "root")):
        return Damaged(f"ledger-{station}.db is not what the record goes on from: put it back from a backup.")
    return None
