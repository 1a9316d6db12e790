"""What of a visit is still open when it is to be closed: in a closed visit nothing more is scanned, so such a run could
never be finished. Knows nothing of what a procedure asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic.visits.events import time_of
from checklist.clinic.visits.using import AFTERWARDS
from checklist.gate import say
from checklist.gate.clearance import Begin, decision_of, joined, unmet
from checklist.run.timing import utc

if TYPE_CHECKING:
    from checklist.gate.clearance import Clearance
    from checklist.ledger.entry import Moment
    from checklist.ledger.reader import Reader

NAME: Final = "nothing-unfinished"


def with_unfinished(own: Reader, found: Clearance, now: Moment) -> Clearance:
    """What the gate says of closing a visit, and beside it every run of the visit that is open and that nothing in the
    answer names; what shows later may go on later. Of a start it is what the gate says."""
    if found.stage != "close" or found.session is None:
        return found
    rows = own.query(
        "SELECT run, protocol, coalesce(edition.title, protocol), run.subject, started FROM run"
        " LEFT JOIN edition USING (sha256) LEFT JOIN in_force ON in_force.id = protocol"
        " WHERE session = ? AND outcome = 'open' AND coalesce(category, '') NOT IN (?, ?) ORDER BY run.idx",
        (found.session, *sorted(AFTERWARDS)),
    )
    named = {place for one in found.missing for place in one.evidence}
    parts = [
        unmet(
            NAME,
            f"“{title}”, begun {say.clock(time_of(str(started)), utc(now), ZoneInfo(now.zone))}, is not finished.",
            (str(run),),
            "Finish it, or give it up.",
            Begin(str(protocol), str(subject), str(run)),
        )
        for run, protocol, title, subject, started in rows
        if run not in named
    ]
    if not parts:
        return found
    requirements = (*found.requirements, joined(NAME, parts))
    return replace(found, requirements=requirements, decision=decision_of(requirements))
