"""What `log` and `show` print: an entry in a line, a run as a story, two runs beside each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checklist.clinic.story import amount, local, said_line
from checklist.clinic.story import story as told_of
from checklist.run.lasting import lasted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.audit.query import Row
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Entry


def entry_line(clinic: Clinic, entry: Mapping[str, object]) -> str:
    """An entry, with the keys of `log --json`, in one line."""
    actor = entry["actor"]
    who = clinic.staff.name_of(actor if isinstance(actor, str) else None)
    about = " ".join(str(entry[key]) for key in ("run", "protocol", "step") if entry[key])
    data = json.dumps(entry["data"], ensure_ascii=False)
    at = local(clinic, entry["at"], named=True)
    return f"{entry['station']}#{entry['index']} {at} {entry['kind']} {about} by {who} ({entry['via']}) {data}"


def outside(clinic: Clinic, place: str) -> Iterator[str]:
    """An entry outside of runs, and what it speaks of, with what was said about it. What has no words of its own is
    told as it stands in the record."""
    from checklist.clinic.remarks import entry_at, said_about, said_at
    from checklist.clinic.reviewing import told
    from checklist.clinic.visits.visit_views import about_of
    from checklist.ledger.entry import format_place

    about, entry = said_about(clinic), entry_at(clinic, place)
    while entry is not None:
        yield from told(clinic, entry) or [entry_line(clinic, _fields(entry))]
        yield from (f"    {said_line(clinic, each.data())}" for each in said_at(about, entry.place))
        passed = about_of(entry)
        entry = entry_at(clinic, format_place(passed.station, passed.index)) if passed is not None else None


def _fields(entry: Entry) -> dict[str, object]:
    """An entry with the keys of `log --json`, as far as it says them itself."""
    told: dict[str, object] = {"run": entry.run, "protocol": None, "step": entry.step, "data": dict(entry.data)}
    told |= {"station": entry.station, "index": entry.index, "at": entry.at, "kind": entry.kind}
    return told | {"actor": entry.actor, "via": entry.via}


def story(clinic: Clinic, found: Mapping[str, Any]) -> Iterator[str]:
    """What `show` knows of a run, as lines."""
    from checklist.clinic.reviewing import named

    told, protocol = told_of(clinic, found), found["protocol"]
    yield f"Run {found['run']}: {protocol['id']} {protocol['version']}, about {found['subject']}"
    yield f"Outcome: {found['outcome']}, deviations: {found['deviations']}"
    ended = f", ended {local(clinic, found['ended'])}" if found["ended"] else ""
    began = f"Began {local(clinic, found['started'])} ({clinic.settings.clinic.timezone}){ended}"
    yield f"{began}, via {found['via']}, text {protocol['sha256'][:12]}…"
    yield from told.head
    yield from told.overridden
    for step in told.steps:
        yield from map(", ".join, step.before)
        about = f"{step.id} ({step.title})" if step.title else step.id
        yield ", ".join((f"{about}: {step.state}", *step.closing))
        if step.wanted:
            yield f"    asked: {step.wanted}"
        yield from (f"    {', '.join(line)}" for line in step.more)
    yield from map(", ".join, told.after)
    for finding in found["findings"]:
        yield f"Finding: {finding['rule']}: {named(clinic, str(finding['why']))}"
    yield from told.said


def objects(found: object) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def run_line(clinic: Clinic, row: Row, instead: Sequence[tuple[str, str]] = ()) -> str:
    """A run in one line, for a list of many; also one that is missing, which has no place in the record: `instead` are
    the places and outcomes of those that were begun on that day and do not count."""
    if row.what == "missed":
        begun = "".join(f"; begun that day: {run}, {outcome}" for run, outcome in instead)
        about = f"(missed) {local(clinic, row.at, named=True)} {row.protocol} {row.subject}"
        return f"{about}: planned by then, and no run of it counts{begun}"
    deviations = f", {_many(row.deviations, 'deviation')}" if row.deviations else ""
    findings = f", {_many(row.findings, 'finding')}" if row.findings else ""
    about = f"{row.place} {local(clinic, row.at, named=True)} {row.protocol} {row.subject}"
    return f"{about} by {clinic.name_of(row.actor or row.attributed)}: {row.outcome}{deviations}{findings}"


def run_data(row: Row) -> dict[str, object]:
    """The stable keys of a run in `log --runs --json`. Of one that is missing `run` and `started` are null, and `due`
    says by when it was planned."""
    missed = row.what == "missed"
    return {
        "run": None if missed else row.place,
        "protocol": row.protocol,
        "subject": row.subject,
        "session": row.session,
        "outcome": "missed" if missed else row.outcome,
        "deviations": row.deviations,
        "findings": row.findings,
        "started": None if missed else row.at,
        "due": row.at if missed else None,
        "ended": row.ended,
        "seconds": row.seconds,
        "by": row.actor,
        "attributed": row.attributed,
        "via": row.via,
    }


def side_by_side(
    one: Mapping[str, object], other: Mapping[str, object], steps: Sequence[Mapping[str, Any]], clinic: Clinic
) -> Iterator[str]:
    """Two runs that were shown, step by step; `*` marks where they differ, `~` what is told but does not count."""
    from checklist.clinic.beside import FAR, TOO

    for mark, run in (("A", one), ("B", other)):
        protocol = run["protocol"]
        named = f"{protocol['id']} {protocol['version']}" if isinstance(protocol, dict) else "?"
        began = local(clinic, run["started"], named=True)
        yield f"{mark}: {run['run']}: {named}, about {run['subject']}, {began}: {run['outcome']}"
    for step in steps:
        too = "".join(f"  ~ {TOO[each]}" for each in step["too"])
        yield f"{'*' if step['differs'] else ' '} {step['id']} ({step['title']}){too}"
        for mark, side in (("A", step["one"]), ("B", step["other"])):
            yield f"    {mark}: {_side(clinic, side)}"
    differing = sum(bool(step["differs"]) for step in steps)
    yield f"{differing} of {_many(len(steps), 'step')} {'differs' if differing == 1 else 'differ'} (*)."
    yield f"What stands after ~ does not count. {FAR}"


def _side(clinic: Clinic, side: Mapping[str, Any] | None) -> str:
    if side is None:
        return "has no such step"
    value = "" if side["value"] is None else f" {amount(side['value'], side['unit'])}"
    tries = f", {side['attempts']} attempts" if side["attempts"] > 1 else ""
    took = "" if side["seconds"] is None else f", {lasted(side['seconds'])}"
    who = f", by {clinic.name_of(side['by'])}" if side["by"] else ""
    second = f" with {clinic.name_of(side['witness'])}" if side["witness"] else ""
    return f"{side['state']}{value}{tries}{took}{who}{second}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
