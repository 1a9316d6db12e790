"""What `log` and `show` print: an entry in a line, a run as a story, two runs beside each other."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from checklist.run.lasting import lasted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.audit.query import Row
    from checklist.clinic.service import Clinic


def entry_line(clinic: Clinic, entry: Mapping[str, object]) -> str:
    """An entry, with the keys of `log --json`, in one line."""
    actor = entry["actor"]
    who = clinic.staff.name_of(actor if isinstance(actor, str) else None)
    about = " ".join(str(entry[key]) for key in ("run", "protocol", "step") if entry[key])
    data = json.dumps(entry["data"], ensure_ascii=False)
    return f"{entry['station']}#{entry['index']} {entry['at']} {entry['kind']} {about} by {who} ({entry['via']}) {data}"


def story(clinic: Clinic, found: Mapping[str, object]) -> Iterator[str]:
    """What `show` knows of a run, as lines."""
    from checklist.run.paper import Paper, from_paper

    protocol = found["protocol"]
    if isinstance(protocol, dict):
        yield f"Run {found['run']}: {protocol['id']} {protocol['version']}, about {found['subject']}"
    yield f"Outcome: {found['outcome']}, deviations: {found['deviations']}"
    yield f"Began {_local(clinic, found['started'])} ({clinic.settings.clinic.timezone})" + (
        f", ended {_local(clinic, found['ended'])}" if found["ended"] else ""
    )
    paper = found["paper"]
    if isinstance(paper, dict):
        written = Paper(str(paper["began"]), str(paper["ended"]))
        yield f"This run was {from_paper(written, clinic.settings.clinic.timezone)}."
    attributed = found["attributed"]
    later = attributed["name"] if isinstance(attributed, dict) else None
    if isinstance(attributed, dict):
        yield f"Done without signing in; {later} said so of themselves (attributed afterwards), " + _local(
            clinic, attributed["at"]
        )
    for each in objects(found["overrides"]):
        two = f"by {clinic.name_of(each['by'])} with {clinic.name_of(each['witness'])}"
        yield f"OVERRIDDEN: {each['step']} in “{each['title']}” ({each['run']}), {two}, {_local(clinic, each['at'])}"
    for step in objects(found["steps"]):
        yield ", ".join(_step_facts(clinic, step, later))
        yield from _signature(clinic, step)
        yield from _tries(clinic, step)
    yield from (_corrected(clinic, each) for each in objects(found["corrections"]))
    for finding in objects(found["findings"]):
        yield f"Finding: {finding['rule']}: {finding['why']}"
    yield from (f"At {each['of']}: {said_line(clinic, each)}" for each in objects(found["remarks"]))


def said_line(clinic: Clinic, said: Mapping[str, Any]) -> str:
    """A remark, question, answer or review in one line."""
    rule = f" of {said['rule']}" if said["rule"] else ""
    words = said["words"] or "(words erased)"
    own = ", who had a hand in it" if said["own"] else ""
    return f"{said['about']}{rule} ({said['entry']}) by {clinic.name_of(said['by'])}{own}: {words}"


def objects(found: object) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _local(clinic: Clinic, at: object) -> str:
    """A time of the record by the clinic's clock, to the second."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(clinic.settings.clinic.timezone)
    return f"{datetime.fromisoformat(str(at)).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _amount(value: object, unit: object) -> str:
    """A value with its unit, as people write it."""
    from checklist.protocol.units import display

    return f"{value} {display(unit) if isinstance(unit, str) else ''}".strip()


def _signature(clinic: Clinic, step: Mapping[str, object]) -> Iterator[str]:
    """The signatures as they are printed: those that were asked for again, then the one in force with what it was
    proved by."""
    for each in objects(step["signed_before"]):
        yield f"    {each['meaning']} by {each['name']} at {_local(clinic, each['at'])}, {_why_again(each)}"
    signed = step["signed"]
    if isinstance(signed, dict):
        proof = " and ".join(signed["factors"]) or "nothing"
        yield f"    signed: {signed['name']}, {_local(clinic, signed['at'])}, {signed['meaning']} (proved by {proof})"


def _tries(clinic: Clinic, step: Mapping[str, object]) -> Iterator[str]:
    """What was given before the value that stands, and under each what was said about it before the next."""
    notes = objects(step["notes"])
    for each in objects(step["tries"]):
        while notes and notes[0]["entry"] < each["entry"]:
            yield _noted(clinic, notes.pop(0))
        at = _local(clinic, each["at"])
        stands = each["entry"] == step["entry"]
        if each["verdict"] != "pass":
            again = f", {_why_again(each)}" if each["corrected"] else ""
            wrong = f", {each['why']}" if each["why"] else ""
            yield f"    {each['verdict']}: {_amount(each['value'], step['unit'])}{wrong}, {at}{again}"
        elif not stands and not step["signed_before"]:  # a signature that was asked for again has its own line
            given = "done" if each["value"] is None else _amount(each["value"], step["unit"])
            second = f" with {clinic.name_of(each['witness'])}" if each["witness"] else ""
            yield f"    {given} by {clinic.name_of(each['by'])}{second} at {at}, {_why_again(each)}"
    yield from (_noted(clinic, each) for each in notes)


def _noted(clinic: Clinic, note: Mapping[str, Any]) -> str:
    return f"    {note['about']}: {note['words'] or '(words erased)'}, by {clinic.name_of(note['by'])}"


def _why_again(each: Mapping[str, object]) -> str:
    """Why what was said or signed no longer stands."""
    return f"corrected: {each['corrected']}" if each["corrected"] else "asked again for what had been put off"


def _step_facts(clinic: Clinic, step: Mapping[str, object], later: str | None) -> Iterator[str]:
    """One fact after the other. `later`: who said afterwards that they did what has nobody's name."""
    yield f"{step['id']} ({step['title']}): {step['state']}" if step["title"] else f"{step['id']}: {step['state']}"
    if step["value"] is not None:
        yield _amount(step["value"], step["unit"])
    if step["sensed"] is not None:
        yield f"the printout says {_amount(step['sensed'], step['unit'])}"
    if isinstance(step["attempts"], int) and step["attempts"] > 1:
        yield f"{step['attempts']} attempts"
    if step["reason"]:
        yield str(step["reason"])
    if isinstance(step["by"], str):
        yield f"by {clinic.name_of(step['by'])}"
    elif step["entry"] is not None:
        yield f"by {later} (attributed afterwards)" if later else "by nobody who signed in"
    if isinstance(step["witness"], str):
        yield f"with {clinic.name_of(step['witness'])}"
    if step["at"]:
        yield _local(clinic, step["at"])
    if isinstance(step["seconds"], int | float):
        yield f"took {lasted(step['seconds'])}"


def _corrected(clinic: Clinic, each: Mapping[str, Any]) -> str:
    now = each["now"] if each["now"] is not None else "not given yet" if each["state"] is None else each["state"]
    who = f"by {clinic.name_of(each['by'])}" + (f" with {clinic.name_of(each['witness'])}" if each["witness"] else "")
    was = "done" if each["was"] is None else each["was"]
    return f"Corrected: {each['step']}: was {was}, now {now}, {who}, {_local(clinic, each['at'])}: {each['reason']}"


def run_line(clinic: Clinic, row: Row, instead: Sequence[tuple[str, str]] = ()) -> str:
    """A run in one line, for a list of many; also one that is missing, which has no place in the record: `instead` are
    the places and outcomes of those that were begun on that day and do not count."""
    if row.what == "missed":
        begun = "".join(f"; begun that day: {run}, {outcome}" for run, outcome in instead)
        about = f"(missed) {_local(clinic, row.at)} {row.protocol} {row.subject}"
        return f"{about}: planned by then, and no run of it counts{begun}"
    deviations = f", {_many(row.deviations, 'deviation')}" if row.deviations else ""
    findings = f", {_many(row.findings, 'finding')}" if row.findings else ""
    about = f"{row.place} {_local(clinic, row.at)} {row.protocol} {row.subject}"
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
        began = _local(clinic, run["started"])
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
    value = "" if side["value"] is None else f" {_amount(side['value'], side['unit'])}"
    tries = f", {side['attempts']} attempts" if side["attempts"] > 1 else ""
    took = "" if side["seconds"] is None else f", {lasted(side['seconds'])}"
    who = f", by {clinic.name_of(side['by'])}" if side["by"] else ""
    second = f" with {clinic.name_of(side['witness'])}" if side["witness"] else ""
    return f"{side['state']}{value}{tries}{took}{who}{second}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
