"""What is known of anything that can be traced: an identifier is followed, and a room, a machine, a visit, a person or
a day is known by its runs; a machine also by its loads, and where those went.
"""

from __future__ import annotations

from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, get_args
from zoneinfo import ZoneInfo

from checklist.clinic.identifiers.apart import EQUIPMENT
from checklist.clinic.identifiers.tracing import ABOUT, Records, Trace, trace
from checklist.clinic.nearest import nearest
from checklist.protocol.plain import Identifier as KnownKind
from checklist.run.reading import Refusal
from checklist.trace.follow import NEVER_SPREADS, Identifier, back, forward, key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.config import Config
    from checklist.clinic.identifiers.tracing import Run
    from checklist.ledger.reader import Reader

TRACEABLE: Final = (*get_args(KnownKind), *(kind for kind in ABOUT if kind != "session"))
NEWEST: Final = 1000
"""So many runs about a room, a machine, a person or a day are told at most, the newest."""


def traced(readers: Sequence[Reader], kind: str, value: str, zone: str, since: str = "") -> Trace | Refusal:
    """All that these ledgers know of one thing of a `TRACEABLE` kind, of what has runs only those from the day `since`
    on; days are of the clinic's own `zone`."""
    if kind not in TRACEABLE:
        return Refusal("kind", f"This cannot be traced; name one of: {', '.join(TRACEABLE)}.")
    if since and (kind not in ABOUT or kind == "day"):
        return Refusal("since", "Only a room, a machine, a visit or a person is traced since a day.")
    if kind not in ABOUT:
        return trace(readers, kind, value)
    if not all(is_day(one) for one in (since or "2026-11-22", value if kind == "day" else "2026-11-22")):
        return Refusal("day", "Write the day as year-month-day, like 2026-11-22.")
    records = Records(readers)
    runs = runs_about(records, kind, value, zone, NEWEST, since)
    state, at = records.state_of(Identifier(kind, value))
    sessions = dict.fromkeys(run.session for run in runs if run.session is not None)
    cut = len(runs) == NEWEST
    produced_by: tuple[Run, ...] = ()
    loads: tuple[Identifier, ...] = ()
    used: dict[Identifier, str] = {}
    if kind == "room":  # what was done in a room is known by what was cleared for it
        sessions |= dict.fromkeys(records.sessions_cleared(f"room={value}", _begin(since, zone)))
    elif kind == EQUIPMENT:  # by the loads that it made, of the newest first
        loads, reached, more = loads_and_visits(records, runs)
        sessions |= dict.fromkeys(reached)
        cut = cut or more
    elif kind == "session":  # what came to this visit, and where that was made
        came = (named for run in runs for named, use in records.named_in(run.run) if use.how != "produced")
        used = {one: records.state_of(one)[0] for one in dict.fromkeys(came) if one.kind not in NEVER_SPREADS}
        produced_by = records.runs(back(records, [*used]).runs)
    known = "seen" if runs and state == "unknown" else state
    return Trace(
        kind=kind,
        value=value,
        state=known,
        since=at,
        produced_by=produced_by,
        consumed_by=runs,
        sessions=tuple(sessions),
        procedures=records.procedures_of(tuple(sessions)),
        unused=(),
        made=loads,
        used=tuple(used.items()),
        rooms=records.rooms_of(value) if kind == "session" else (),
        cut=cut,
    )


def near(readers: Sequence[Reader], settings: Config, kind: str, value: str) -> str | None:
    """A thing of this kind that the record or clinic.toml does know, and that was probably meant."""
    if kind in ("room", EQUIPMENT):
        known = [name.partition("=")[2] for name, _ in settings.subjects(kind)]
    elif kind in ABOUT:
        known = []
    else:
        known = Records(readers).beside(Identifier(kind, value))
    return nearest(key(kind, value), known)


def loads_and_visits(records: Records, runs: Sequence[Run]) -> tuple[tuple[Identifier, ...], tuple[str, ...], bool]:
    """The loads that these runs of a machine made, and the visits that these reached, both in the order of the runs;
    and whether they went farther than was followed."""
    made = records.named_by([run.run for run in runs], "produced")
    went = forward(records, made)
    visits = dict.fromkeys(run.session for run in records.runs(went.runs) if run.session is not None)
    return tuple(one for one in made if one.kind == "load"), tuple(visits), went.cut


def is_day(text: str) -> bool:
    """Whether this is a day that a record can have, written year-month-day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and 1000 <= day.year < MAXYEAR  # before and after it there are days as well


def runs_about(records: Records, kind: str, value: str, zone: str, limit: int, since: str = "") -> tuple[Run, ...]:
    """The newest runs about a room, a machine or a visit, by an operator, or of a day in the clinic's own `zone`; of
    all but a day those from the day `since` on."""
    match kind:
        case "operator":
            return records.runs_of(value, limit, _begin(since, zone))
        case "day":
            return records.runs_between(_begin(value, zone), _begin(value, zone, later=1), limit)
        case _:
            return records.runs_about(f"{kind}={value}", limit, _begin(since, zone))


def _begin(day: str, zone: str, *, later: int = 0) -> str:
    """When a day begins, or one so many days later, as the record writes it; of no day the beginning of all."""
    if not day:
        return ""
    begin = datetime.combine(date.fromisoformat(day) + timedelta(days=later), time(), tzinfo=ZoneInfo(zone))
    return f"{begin.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000000Z"
