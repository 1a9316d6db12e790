"""Where something came from and where it went: the questions of a recall, asked of the views.

Reads every ledger of the folder, never a whole one. What follows from what is in `trace.follow`; what is known of
rooms, machines, visits, people and days is in `about`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from checklist.clinic.identifiers.apart import set_apart
from checklist.clinic.identifiers.trace_views import QUARANTINED, RELEASED
from checklist.trace.follow import Identifier, Use, back, forward, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.trace.follow import How

ABOUT: Final = ("room", "equipment", "session", "day", "operator")
"""What runs are about or by, or when they were: these are no identifiers."""

_BESIDE: Final = 100
"""So many on either side: whoever mistypes a number mostly gets its beginning right."""

_RUN_COLUMNS: Final = (
    "SELECT run.run, protocol, coalesce(title, protocol), subject, session, started, ended, outcome, holder, moment"
)
_RUN: Final = f"{_RUN_COLUMNS} FROM run LEFT JOIN edition USING (sha256)"
_OF_EACH: Final = (
    "FROM json_each(?) AS asked CROSS JOIN identifier"
    " WHERE kind = json_extract(asked.value, '$[0]') AND identifier.value = json_extract(asked.value, '$[1]')"
)
"""What stands of each of some identifiers (`_listed`), by one join however many they are."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that something passed through. `holder` is an operator's id, times are ISO 8601 UTC."""

    run: str
    protocol: str
    title: str
    subject: str
    session: str | None
    started: str
    ended: str | None
    outcome: str
    holder: str | None
    moment: str
    """When it counts from: on paper, when the paper says so; no correction makes it younger."""

    def data(self) -> dict[str, Json]:
        """The stable keys of `trace --json`."""
        keys = ("run", "protocol", "subject", "session", "started", "ended", "outcome")
        return {key: getattr(self, key) for key in keys} | {"by": self.holder}


@dataclass(frozen=True, slots=True)
class Trace:
    """All that the record knows of one identifier.

    `produced_by` made it, or made what it was made with; `consumed_by` used it or saw it, or used what was made with
    it. `sessions` are the visits that it reached, the newest first, `unused` are identifiers made with it that no visit
    has reached yet. `made` are the loads of a machine, the newest first. `used` is what came to a visit, each with its
    state by now, and `rooms` are those that its gate was asked about. `corrected` are runs in which it, or what was
    made with it, was scanned, and that scan was corrected since. `cut`: there is more, which was not followed.
    """

    kind: str
    value: str
    state: str
    since: str | None
    produced_by: tuple[Run, ...]
    consumed_by: tuple[Run, ...]
    sessions: tuple[str, ...]
    procedures: tuple[str, ...]
    unused: tuple[Identifier, ...]
    corrected: tuple[Run, ...] = ()
    made: tuple[Identifier, ...] = ()
    used: tuple[tuple[Identifier, str], ...] = ()
    rooms: tuple[str, ...] = ()
    cut: bool = False

    @property
    def found(self) -> bool:
        """Whether the record knows it at all."""
        return bool(self.produced_by or self.consumed_by or self.corrected) or self.state != "unknown"

    def data(self) -> dict[str, Json]:
        """The stable keys of `trace --json`."""
        return {
            "kind": self.kind,
            "value": self.value,
            "state": self.state,
            "since": self.since,
            "produced_by": [run.data() for run in self.produced_by],
            "consumed_by": [run.data() for run in self.consumed_by],
            "sessions": list(self.sessions),
            "procedures": list(self.procedures),
            "unused": [f"{one.kind}={one.value}" for one in self.unused],
            "corrected": [run.data() for run in self.corrected],
            "made": [f"{one.kind}={one.value}" for one in self.made],
            "used": [{"kind": one.kind, "value": one.value, "state": state} for one, state in self.used],
            "complete": not self.cut,
        }


class Records:
    """The ledgers of one folder, asked for what stands in them."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        """`readers` are all ledgers of the folder, the one in use last."""
        self._readers = readers

    def uses_of(self, identifier: Identifier) -> Sequence[Use]:
        """Every step that names it and was not corrected since, oldest first."""
        rows = self._all(
            "SELECT run, step, use, idx FROM identifier WHERE kind = ? AND value = ? AND withdrawn = 0 ORDER BY idx",
            (identifier.kind, key(*identifier)),
        )
        return [_use(row) for row in rows]

    def named_in(self, run: str) -> Sequence[tuple[Identifier, Use]]:
        """Every identifier of a run, oldest first."""
        rows = self._all(
            "SELECT run, step, use, idx, kind, coalesce(shown, value) FROM identifier"
            " WHERE run = ? AND withdrawn = 0 ORDER BY idx",
            (run,),
        )
        return [(Identifier(str(row[4]), str(row[5])), _use(row)) for row in rows]

    def runs_with(self, identifiers: Sequence[Identifier], hows: frozenset[How]) -> Sequence[str]:
        """See `follow.Index`."""
        rows = self._all(
            f"SELECT run {_OF_EACH} AND withdrawn = 0 AND use IN (SELECT value FROM json_each(?))"  # noqa: S608 - a constant of this module
            " AND run IS NOT NULL ORDER BY asked.key, idx",
            (_listed(identifiers), json.dumps([*hows])),
        )
        return [str(row[0]) for row in rows]

    def named_by(self, runs: Sequence[str], how: How) -> Sequence[Identifier]:
        """See `follow.Index`."""
        rows = self._all(
            "SELECT kind, coalesce(shown, identifier.value) FROM json_each(?) AS asked CROSS JOIN identifier"
            " WHERE identifier.run = asked.value AND use = ? AND withdrawn = 0 ORDER BY asked.key, idx",
            (json.dumps(runs), how),
        )
        return [Identifier(str(kind), str(value)) for kind, value in rows]

    def beside(self, identifier: Identifier) -> list[str]:
        """What the record knows of this kind that would stand beside it in an alphabetical list."""
        found: list[str] = []
        for way in (">= ? ORDER BY value", "< ? ORDER BY value DESC"):
            question = f"SELECT DISTINCT value FROM identifier WHERE kind = ? AND value {way} LIMIT ?"  # noqa: S608 - ours
            found += [str(row[0]) for row in self._all(question, (identifier.kind, key(*identifier), _BESIDE))]
        return found

    def opened(self, identifiers: Sequence[Identifier]) -> list[int]:
        """In how many visits each of these was used up, in the same order; a run outside of any counts by itself."""
        counts = [0] * len(identifiers)
        visit = "coalesce((SELECT session FROM run WHERE run.run = identifier.run), identifier.run)"
        question = f"SELECT asked.key, count(DISTINCT {visit}) {_OF_EACH} AND withdrawn = 0 AND use = 'consumed'"
        question += " GROUP BY asked.key"
        for place, count in self._all(question, (_listed(identifiers),)):
            counts[int(str(place))] += int(str(count))
        return counts

    def corrected(self, identifiers: Sequence[Identifier]) -> tuple[Run, ...]:
        """The runs in which one of these was scanned, and that scan was corrected since."""
        rows = self._all(
            f"SELECT run {_OF_EACH} AND withdrawn > 0 AND use <> 'produced' ORDER BY asked.key, idx",
            (_listed(identifiers),),
        )
        return self.runs(dict.fromkeys(str(row[0]) for row in rows))

    def expiry_of(self, identifier: Identifier) -> str | None:
        """The use-by date that was read from the same label (year-month-day): of two dates the first."""
        rows = self._all(
            "SELECT beside.value FROM identifier AS named CROSS JOIN identifier AS beside"
            " ON beside.run = named.run AND beside.step = named.step AND +beside.kind = 'expiry'"
            " WHERE named.kind = ? AND named.value = ? AND named.withdrawn = 0 AND beside.withdrawn = 0"
            " ORDER BY beside.value LIMIT 1",
            (identifier.kind, key(*identifier)),
        )
        return min((str(row[0]) for row in rows), default=None)

    def spent_in(self, identifier: Identifier) -> tuple[Run, ...]:
        """The runs that have used it up; also where that was corrected only after their visit had been started."""
        rows = self._all(
            "SELECT run FROM identifier WHERE kind = ? AND value = ? AND use = 'consumed' AND (withdrawn = 0 OR EXISTS"
            " (SELECT 1 FROM run CROSS JOIN clearance USING (session) WHERE run.run = identifier.run"
            " AND stage = 'start' AND clearance.idx < withdrawn"
            " AND (decision = 'GO' OR overridden < withdrawn))) ORDER BY idx",
            (identifier.kind, key(*identifier)),
        )
        return self.runs(dict.fromkeys(str(row[0]) for row in rows))

    def runs(self, names: Iterable[str]) -> tuple[Run, ...]:
        """These runs, in the same order."""
        rows = self._all(
            f"{_RUN_COLUMNS}, asked.key FROM json_each(?) AS asked CROSS JOIN run ON run.run = asked.value"
            " LEFT JOIN edition USING (sha256)",
            (json.dumps([*names]),),
        )
        return tuple(_run(row) for row in sorted(rows, key=lambda row: int(str(row[10]))))

    def completed(self, protocol: str, subject: str, limit: int) -> tuple[Run, ...]:
        """The newest completed runs of a protocol about something, of those that somebody stands for."""
        return self._newest(
            f"{_RUN} WHERE protocol = ? AND subject = ? AND outcome = 'complete' AND unattributed = 0"
            " ORDER BY run.idx DESC LIMIT ?",
            (protocol, subject, limit),
            limit,
        )

    def runs_about(self, subject: str, limit: int, since: str = "") -> tuple[Run, ...]:
        """The newest runs about a room, a machine or a visit that were begun from `since` on (ISO 8601 UTC)."""
        which = "WHERE subject = ? AND started >= ? ORDER BY started DESC LIMIT ?"
        return self._newest(f"{_RUN} {which}", (subject, since, limit), limit)

    def runs_of(self, operator: str, limit: int, since: str = "") -> tuple[Run, ...]:
        """The newest runs that an operator holds or held to the end, begun from `since` on."""
        which = "WHERE holder = ? AND started >= ? ORDER BY started DESC LIMIT ?"
        return self._newest(f"{_RUN} {which}", (operator, since, limit), limit)

    def runs_between(self, begin: str, end: str, limit: int) -> tuple[Run, ...]:
        """The newest runs that were begun from `begin` on and before `end`, both ISO 8601 UTC."""
        return self._newest(
            f"{_RUN} WHERE started >= ? AND started < ? ORDER BY started DESC LIMIT ?", (begin, end, limit), limit
        )

    def state_of(self, identifier: Identifier) -> tuple[str, str | None]:
        """How an identifier stands by now, and since when: recalled, quarantined, released, made (a load that nobody
        has released yet), used, or unknown."""
        same = key(*identifier)
        for apart in set_apart(self._readers, identifier).values():
            return apart
        uses = self.uses_of(identifier)
        made = [use for use in uses if use.how == "produced"]
        if identifier.kind == "load":
            released = self._all("SELECT at FROM released WHERE value = ?", (same,))
            if released and not (made and self._failed(made[-1].run)):
                return RELEASED, str(released[-1][0])
            if made:
                return self._unreleased(made[-1].run)
        return ("used" if any(use.how == "consumed" for use in uses) else "seen" if uses else "unknown"), None

    def _failed(self, run: str) -> bool:
        """Whether a step of it failed: then no signature releases what it made."""
        return self._all("SELECT outcome FROM run WHERE run = ?", (run,)) == [("failed",)]

    def _unreleased(self, run: str) -> tuple[str, str | None]:
        """A load whose run has failed is set apart by that alone: nobody need say so."""
        (one,) = self.runs([run])
        if one.outcome == "open":
            return "running", one.started
        whole = one.outcome in ("complete", "complete-except-deferred")
        return ("awaiting" if whole else QUARANTINED), one.ended

    def procedures_of(self, sessions: Sequence[str]) -> tuple[str, ...]:
        """The procedures that these visits were cleared for."""
        rows = self._all(
            "SELECT DISTINCT asked.key, procedure FROM json_each(?) AS asked CROSS JOIN clearance"
            " ON clearance.session = asked.value ORDER BY asked.key, clearance.idx",
            (json.dumps([*sessions]),),
        )
        return tuple(dict.fromkeys(str(row[1]) for row in rows))

    def sessions_cleared(self, subject: str, since: str = "") -> tuple[str, ...]:
        """The visits that the gate was asked about for a room, from `since` on (ISO 8601 UTC)."""
        rows = self._all(
            "SELECT DISTINCT session FROM clearance WHERE subject = ? AND session IS NOT NULL AND at >= ? ORDER BY idx",
            (subject, since),
        )
        return tuple(str(row[0]) for row in rows)

    def rooms_of(self, session: str) -> tuple[str, ...]:
        """The rooms (`room=…`) that the gate was asked about for a visit, each once."""
        rows = self._all(
            "SELECT subject FROM clearance WHERE session = ? AND subject LIKE 'room=%' ORDER BY idx", (session,)
        )
        return tuple(dict.fromkeys(str(row[0]) for row in rows))

    def _newest(self, question: str, values: Sequence[object], limit: int) -> tuple[Run, ...]:
        rows = sorted((_run(row) for row in self._all(question, values)), key=lambda run: run.started, reverse=True)
        return tuple(rows[:limit])

    def _all(self, question: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        return [row for reader in self._readers for row in reader.query(question, values)]


def trace(readers: Sequence[Reader], kind: str, value: str) -> Trace:
    """All that these ledgers know of one identifier."""
    records, asked = Records(readers), Identifier(kind, value)
    towards, behind = forward(records, [asked]), back(records, [asked])
    reached = towards.identifiers
    consumed = records.runs(towards.runs)
    sessions = visits_of(consumed)
    state, since = records.state_of(asked)
    return Trace(
        kind=kind,
        value=value,
        state=state,
        since=since,
        produced_by=records.runs(behind.runs),
        consumed_by=consumed,
        sessions=sessions,
        procedures=records.procedures_of(sessions),
        unused=tuple(one for one, count in zip(reached, records.opened(reached), strict=True) if not count),
        corrected=records.corrected(reached),
        cut=towards.cut or behind.cut,
    )


def visits_of(runs: Iterable[Run]) -> tuple[str, ...]:
    """The visits that these runs belong to, each once; first the one in which something was begun last."""
    last: dict[str, tuple[str, str]] = {}
    for run in runs:
        if run.session is not None:
            last[run.session] = max(last.get(run.session, ("", "")), (run.started, run.session))
    return tuple(sorted(last, key=last.__getitem__, reverse=True))


def _listed(identifiers: Iterable[Identifier]) -> str:
    return json.dumps([[one.kind, key(*one)] for one in identifiers])


def _use(row: tuple[object, ...]) -> Use:
    how = cast("Literal['produced', 'consumed', 'seen']", str(row[2]))
    return Use(str(row[0]), str(row[1]), how, int(str(row[3])))


def _run(row: tuple[object, ...]) -> Run:
    session, ended, holder = (None if row[place] is None else str(row[place]) for place in (4, 6, 8))
    texts = [str(row[place]) for place in (0, 1, 2, 3, 5, 7)]
    return Run(texts[0], texts[1], texts[2], texts[3], session, texts[4], ended, texts[5], holder, str(row[9]))
