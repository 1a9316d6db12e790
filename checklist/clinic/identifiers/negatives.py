"""The last negative spore test of a steriliser, and the loads that were begun since: what a failed one puts in doubt
(domain.md §1.7). Knows nothing of what is done about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.clinic.identifiers.apart import EQUIPMENT
from checklist.clinic.identifiers.tracing import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checklist.ledger.reader import Reader
    from checklist.trace.follow import How

TESTED_BY: Final = "bi-test"
"""The protocol whose completion says that a steriliser's loads were sterile."""

_TESTS: Final = 20
"""So many of the newest tests are looked at: if none of these was negative, none before them helps."""

_MADE: Final[frozenset[How]] = frozenset({"produced"})


@dataclass(frozen=True, slots=True)
class Negative:
    """A negative spore test: its run, the load that it lay in where that was scanned, and when that load was begun
    (or the test, ISO 8601 UTC)."""

    run: str
    load: str | None
    since: str


def last_negative(readers: Sequence[Reader], machine: str, *, clean_run: Callable[[str], bool]) -> Negative | None:
    """The newest completed spore test of a machine of which `clean_run` says that no step was passed over; None where
    there is none. A test that lay only in loads of other machines says nothing of this one."""
    records, subject = Records(readers), f"{EQUIPMENT}={machine}"
    for run in records.completed(TESTED_BY, subject, _TESTS):
        if not clean_run(run.run):
            continue
        tested = [named for named, use in records.named_in(run.run) if named.kind == "load" and use.how != "produced"]
        made = [(named, made) for named in tested for made in records.runs(records.runs_with([named], _MADE))]
        own = [(named.value, made.started) for named, made in made if made.subject == subject]
        if own:
            return Negative(run.run, *own[-1])
        if not made:
            return Negative(run.run, None, run.started)
    return None


def loads_since(readers: Sequence[Reader], machine: str, negative: Negative | None) -> list[str]:
    """The loads of this machine that were begun after the one a negative test lay in, oldest first; all of them where
    there never was such a test."""
    found = [
        str(row[0])
        for reader in readers
        for row in reader.query(
            "SELECT DISTINCT coalesce(shown, value) FROM run CROSS JOIN identifier USING (run)"
            " WHERE subject = ? AND run.started >= ? AND +kind = 'load' AND use = 'produced' ORDER BY run.started",
            (f"{EQUIPMENT}={machine}", negative.since if negative else ""),
        )
    ]
    return [load for load in dict.fromkeys(found) if negative is None or load != negative.load]
