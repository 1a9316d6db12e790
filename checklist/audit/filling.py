"""Taking entries into the catalogue: what each kind of entry puts into which table.

Knows the shapes of data as the clinic writes them, and takes nothing for granted: what has another shape leaves no row
but its own. Rows are gathered and written many at a time. How a run's rows change is in `runs`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.audit import runs
from checklist.audit.runs import Day, RunRow, StepRow, Taken
from checklist.ledger.entry import format_place, parse_place
from checklist.run.events import Kind, number_of, strings_of, text_of
from checklist.run.printout import ABORTED, findings_of, printout_of
from checklist.trace.follow import key as key_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from checklist.audit.places import Spans
    from checklist.ledger.entry import Json
    from checklist.protocol.model import Protocol

_COMMITMENT: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_COMMITTED: Final = ("words", "name", "reference")
_USES: Final = {"produced": "produces", "consumed": "consumes", "scanned": "seen"}
_ADOPTED: Final = {"protocol.adopted": "protocol", "procedure.adopted": "procedure", "profile.adopted": "profile"}
_SET_APART: Final = frozenset({"quarantined", "quarantine.ended", "recalled"})
_PROVED: Final = frozenset({"signed", "witnessed", "step.overridden", "clearance.overridden", "run.attributed"})
_OPEN_RUNS: Final = 2000
"""So many runs are kept at hand while they go on; of more, the oldest are read back when they do."""

_INSERTS: Final = {
    "entry": "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "attempt": "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "identifier": "INSERT OR IGNORE INTO identifier VALUES (?, ?, ?, ?, ?, ?, 0)",
    "clearance": "INSERT INTO clearance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
    "refusal": "INSERT OR IGNORE INTO refusal VALUES (?, ?, ?)",
    "overriding": "INSERT INTO overriding VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
    "witnessing": "INSERT INTO witnessing VALUES (?, ?, ?, ?, ?, ?)",
    "cycle": "INSERT INTO cycle VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "said": "INSERT OR IGNORE INTO said VALUES (?, ?)",
    "noticed": "INSERT OR IGNORE INTO noticed VALUES (?, ?, ?)",
    "about": "INSERT INTO about VALUES (?, ?)",
    "looked": "INSERT INTO looked VALUES (?, ?, ?, ?)",
    "text": "INSERT OR REPLACE INTO text VALUES (?, ?, ?, ?, ?, ?)",
    "value": "INSERT OR IGNORE INTO value VALUES (?, ?, ?)",
    "damage": "INSERT INTO damage VALUES (?, ?, ?, ?)",
}


class Filling:
    """Takes in entries, one after the other; nothing is in the tables before `flush`."""

    def __init__(self, db: sqlite3.Connection, zone: str, spans: Spans, text: Callable[[str], Protocol | None]) -> None:
        """`text` gives the protocol of these bytes, None where it is not to be had."""
        self._db = db
        self._spans = spans
        self._text = lru_cache(maxsize=256)(text)
        self._runs: dict[str, RunRow] = {}
        self._touched: dict[str, RunRow] = {}
        self._rows: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._values: set[tuple[str, str, str]] = set()
        self._shapes: dict[str, int] = {}
        self._crews: dict[frozenset[str], int] = {}
        clock = ZoneInfo(zone)

        @lru_cache(maxsize=4096)
        def day(ten_minutes: str) -> Day:  # no clock of a time zone changes within ten minutes
            local = datetime.fromisoformat(f"{ten_minutes}0:00+00:00").astimezone(clock)
            return Day(local.date().isoformat(), local.hour, local.weekday())

        self._day = day

    def damaged(self, n: int, station: str, index: int, why: str) -> None:
        """Take note of an entry that cannot be read."""
        self._rows["damage"].append((n, station, index, why))

    def take(self, n: int, station: str, index: int, match: re.Match[bytes], data: Mapping[str, Json]) -> None:
        """Take in the next entry from its checked leaf (see `checklist.ledger.entry.check_leaf`), which says that it
        stands there."""
        actor, at, kind, named, step, via = match.group("actor", "at", "kind", "run", "step", "via")
        entry = Taken(
            n,
            station,
            index,
            at.decode(),
            kind.decode(),
            None if step is None else step.decode(),
            None if actor is None else actor.decode(),
            via.decode(),
            data,
        )
        try:
            when = self._day(entry.at[:15])
        except (ValueError, OverflowError):  # a day that the clinic's clock has not
            when = Day(entry.at[:10], 0, 0)
        run: RunRow | None = None
        if named is not None:
            run = self._run_of(named.decode())
        elif entry.kind == Kind.RUN_STARTED:
            run = runs.begun(entry, format_place(entry.station, entry.place), when)
            self._runs[run.run] = run
        if run is not None:
            self._touched[run.run] = run
            protocol: str | None = run.protocol
            subject = session = None
            self._in_run(run, entry)
        else:
            protocol = strings_of(data, "procedure").get("id") if "procedure" in data else text_of(data, "id")
            subject, session = text_of(data, "subject"), text_of(data, "session")
            self._alone(entry, when)
        of = None if run is None else run.n
        row = (
            n, station, index, entry.at, when.day, entry.kind, of, protocol, entry.step, entry.actor, entry.via,
            subject, session,
        )  # fmt: skip
        self._rows["entry"].append(row)
        for key in _COMMITTED:
            if key in data:
                said = data[key]
                if isinstance(said, str) and _COMMITMENT.fullmatch(said):
                    self._rows["said"].append((said, n))

    def flush(self) -> None:
        """Write what was gathered."""
        for run in self._touched.values():
            self._rows["run"].append(runs.run_values(run, self._shape(run), self._crew(run)))
            self._rows["step"] += [runs.step_values(run, step) for _, step in sorted(run.steps.items())]
        self._touched.clear()
        self._runs = {place: run for place, run in self._runs.items() if run.ended is None}
        for place in [*self._runs][:-_OPEN_RUNS]:
            del self._runs[place]
        self._rows["value"] = [*sorted(self._values)]
        self._values.clear()
        for table, insert in (*_INSERTS.items(), ("run", runs.INSERT_RUN), ("step", runs.INSERT_STEP)):
            if rows := self._rows.pop(table, None):
                self._db.executemany(insert, rows)

    def _run_of(self, named: str) -> RunRow | None:
        """The run that an entry says it belongs to; None where there is none, so that the entry stands for itself."""
        run = self._runs.get(named)
        place = parse_place(named) if run is None else None
        n = self._spans.n(*place) if place else None
        if n is not None:
            run = runs.read_back(self._db, n)
            if run is not None:
                self._runs[named] = run
        return run

    def _in_run(self, run: RunRow, entry: Taken) -> None:
        if entry.kind == Kind.STEP_CORRECTED:
            self._withdraw(run, entry)
        runs.take(run, entry, self._text)
        if entry.kind == Kind.STEP_DONE and entry.step is not None:
            self._done(run, run.steps[entry.step], entry)
        elif entry.kind == Kind.STEP_ATTEMPTED:
            self._attempt(run, entry)
        elif entry.kind == Kind.STEP_OVERRIDDEN:
            self._overriding(entry, run.n, None)
        elif entry.kind == Kind.WITNESSED:
            self._witnessing(run, entry)
        if "readout" in entry.data:
            self._cycle(run, entry)
        self._notice(entry)

    def _done(self, run: RunRow, step: StepRow, entry: Taken) -> None:
        if step.value is not None:
            self._values.add((step.value, run.protocol, step.step))
        for how, use in _USES.items():
            if how in entry.data:
                for kind, named in strings_of(entry.data, how).items():
                    self._identifier(kind, named, entry.n, run.n, step.step, use)
        if "verdict" in entry.data:
            self._attempt(run, entry)

    def _attempt(self, run: RunRow, entry: Taken) -> None:
        value = runs.value_of(entry.data)
        if value is not None:
            self._values.add((value, run.protocol, entry.step or ""))
        told, unit = text_of(entry.data, "verdict") or "fail", text_of(entry.data, "unit")
        input_, number = text_of(entry.data, "input"), runs.number(value)
        row = (entry.n, run.n, entry.step or "", value, number, unit, told, input_, entry.at, entry.actor)
        self._rows["attempt"].append(row)

    def _witnessing(self, run: RunRow, entry: Taken) -> None:
        about = self._about(entry)
        first = next((step for step in run.steps.values() if step.n == about), None) if about is not None else None
        agrees = entry.data.get("agrees")
        told = int(agrees) if isinstance(agrees, bool) and "value" in entry.data else None
        step, actor = (first.step, first.actor) if first else (entry.step or "", None)
        self._rows["witnessing"].append((entry.n, run.n, step, actor, entry.actor, told))

    def _cycle(self, run: RunRow, entry: Taken) -> None:
        told = printout_of(entry.data)
        if told is None or entry.kind not in (Kind.STEP_ATTEMPTED, Kind.STEP_DONE):
            return
        self._withdraw_cycle(run, entry)
        what = (told.machine, told.serial, told.cycle, told.started, told.series, told.result)
        self._rows["cycle"].append((entry.n, *what, run.n, entry.step or ""))

    def _withdraw(self, run: RunRow, entry: Taken) -> None:
        """What a step read is not so any more once it is corrected."""
        self._write("identifier")
        self._db.execute("UPDATE identifier SET withdrawn = 1 WHERE run = ? AND step = ?", (run.n, entry.step))
        self._withdraw_cycle(run, entry)

    def _withdraw_cycle(self, run: RunRow, entry: Taken) -> None:
        self._write("cycle")
        where = (run.n, entry.step or "", ABORTED)
        self._db.execute("DELETE FROM cycle WHERE run = ? AND step = ? AND result <> ?", where)

    def _alone(self, entry: Taken, when: Day) -> None:
        """An entry of no run."""
        data = entry.data
        if entry.kind in _ADOPTED:
            told = [text_of(data, key) or "" for key in ("sha256", "id", "version", "title", "category")]
            self._rows["text"].append((told[0], _ADOPTED[entry.kind], *told[1:]))
        elif entry.kind in _SET_APART:
            self._identifier(text_of(data, "kind") or "", text_of(data, "value") or "", entry.n, None, None, "seen")
        elif entry.kind == "cleared":
            self._cleared(entry, when)
        elif "of" in data and (about := self._about(entry)) is not None:
            self._speaks_of(entry, about)
        self._notice(entry)

    def _cleared(self, entry: Taken, when: Day) -> None:
        data = entry.data
        decision, procedure = text_of(data, "decision") or "UNKNOWN", strings_of(data, "procedure").get("id", "")
        session, performer = text_of(data, "session"), text_of(data, "performer")
        about = text_of(data, "subject") or ""
        row = (entry.n, procedure, decision, about, session, performer, entry.at, when.day, entry.actor)
        self._rows["clearance"].append(row)
        judged = data.get("requirements")
        for each in judged if isinstance(judged, list) else ():
            if isinstance(each, dict) and each.get("met") is not True:
                met = "no" if each.get("met") is False else "unknown"
                self._rows["refusal"].append((entry.n, text_of(each, "id") or "", met))

    def _speaks_of(self, entry: Taken, about: int) -> None:
        self._rows["about"].append((entry.n, about))
        if entry.kind == "clearance.overridden":
            self._overriding(entry, None, about)
            self._write("clearance")
            self._db.execute("UPDATE clearance SET overridden = ? WHERE n = ?", (entry.n, about))
        elif entry.kind == "reviewed":
            rule = text_of(entry.data, "rule") or ""
            self._rows["looked"].append((entry.n, rule, about, text_of(entry.data, "finding")))
            if rule == "override":
                self._write("clearance", "overriding")
                self._db.execute("UPDATE overriding SET reviewed = ? WHERE n = ?", (entry.n, about))
                self._db.execute(
                    "UPDATE clearance SET reviewed = ? WHERE n = (SELECT clearance FROM overriding WHERE n = ?)",
                    (entry.n, about),
                )

    def _overriding(self, entry: Taken, run: int | None, clearance: int | None) -> None:
        witness, reason = text_of(entry.data, "witness"), text_of(entry.data, "reason")
        row = (entry.n, run, entry.step, clearance, entry.actor, witness, entry.at, reason)
        self._rows["overriding"].append(row)

    def _identifier(self, kind: str, value: str, n: int, run: int | None, step: str | None, use: str) -> None:
        same = key_of(kind, value)
        self._rows["identifier"].append((kind, same, n, run, step, use))

    def _notice(self, entry: Taken) -> None:
        data, rows = entry.data, self._rows["noticed"]
        if "findings" in data:
            rows += [(entry.n, each.rule, each.why) for each in findings_of(data)]
        if entry.kind in _PROVED:
            factors = data.get("factors")
            if isinstance(factors, list) and "secret-file" in factors:
                rows.append((entry.n, "secret-from-file", ""))
        elif entry.kind == "clock.jumped":
            rows.append((entry.n, "clock-jumped", str(number_of(data, "wall_ms") - number_of(data, "mono_ms"))))

    def _about(self, entry: Taken) -> int | None:
        """The number of the entry that this one speaks of; None where it names none that came before it."""
        match entry.data.get("of"):
            case {"station": str(station), "index": int(index)} if index >= 0:
                n = self._spans.n(station, index)
                return n if n is not None and n < entry.n else None
            case _:
                return None

    def _write(self, *tables: str) -> None:
        """Write the rows of these tables now: what comes next changes them."""
        for table in tables:
            if rows := self._rows.pop(table, None):
                self._db.executemany(_INSERTS[table], rows)

    def _shape(self, run: RunRow) -> int:
        said = runs.shape_of(run)
        known = self._shapes.get(said)
        if known is None:
            fresh = self._db.execute(
                "INSERT OR IGNORE INTO shape(sha256, said) VALUES (?, ?)", (run.sha256, said)
            ).rowcount
            ((known,),) = self._db.execute("SELECT id FROM shape WHERE said = ?", (said,)).fetchall()
            self._shapes[said] = int(known)
            if fresh:
                steps = [(known, step.step, step.state, step.off) for step in run.steps.values()]
                self._db.executemany("INSERT INTO shape_step VALUES (?, ?, ?, ?)", steps)
                words = [("kind", kind, known) for kind in run.kinds] + [("via", via, known) for via in run.vias]
                self._db.executemany("INSERT INTO shape_entry VALUES (?, ?, ?)", words)
        return int(known)

    def _crew(self, run: RunRow) -> int:
        members = frozenset(run.crew)
        known = self._crews.get(members)
        if known is None:
            said = json.dumps(sorted(members))
            fresh = self._db.execute("INSERT OR IGNORE INTO crew(said) VALUES (?)", (said,)).rowcount
            ((known,),) = self._db.execute("SELECT id FROM crew WHERE said = ?", (said,)).fetchall()
            self._crews[members] = int(known)
            if fresh:
                self._db.executemany("INSERT INTO crew_member VALUES (?, ?)", [(name, known) for name in members])
        return int(known)
