"""`checklist log` and `checklist show`: reading the record. Nobody has to sign in for it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from checklist.cli.shared import (
    TEXT,
    clinic_folder,
    clinic_option,
    json_option,
    refuse,
    say,
    say_json,
    say_json_list,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checklist.clinic.service import Clinic


@click.command()
@click.option("--run", type=TEXT, metavar="RUN", help="Only entries of this run.")
@click.option("--kind", type=TEXT, metavar="KIND", help="Only entries of this kind, such as step.done.")
@click.option("--protocol", type=TEXT, metavar="ID", help="Only entries about this protocol.")
@click.option("--step", type=TEXT, metavar="ID", help="Only entries at this step.")
@click.option("--actor", type=TEXT, metavar="OPERATOR", help="Only entries of this person: a name or id.")
@click.option("--since", type=TEXT, metavar="TIME", help="Only from this day or time on, such as 2027-03-31.")
@click.option("--until", type=TEXT, metavar="TIME", help="Only before this time, or to the end of this day.")
@json_option
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line.")
@clinic_option
@click.pass_context
def log(
    ctx: click.Context,
    *,
    run: str | None,
    kind: str | None,
    protocol: str | None,
    step: str | None,
    actor: str | None,
    since: str | None,
    until: str | None,
    as_json: bool,
    jsonl: bool,
) -> int:
    """Read the record, filtered, oldest first.

    Exit code 0: entries were found; 1: none.
    """
    from checklist.clinic.record import LogFilter
    from checklist.clinic.record import log as entries_of
    from checklist.clinic.service import Clinic

    with Clinic.open(clinic_folder(ctx)) as opened:
        zone = opened.settings.clinic.timezone
        wanted = LogFilter(
            run=run,
            kind=kind,
            protocol=protocol,
            step=step,
            actor=_operator(opened, actor),
            since=_time("--since", since, zone, end=False),
            until=_time("--until", until, zone, end=True),
        )
        entries = entries_of(opened, wanted)
        count = say_json_list(entries) if as_json and not jsonl else _each(opened, entries, jsonl=jsonl)
    return 0 if count else 1


@click.command()
@click.argument("run", type=TEXT, metavar="RUN")
@json_option
@clinic_option
@click.pass_context
def show(ctx: click.Context, *, run: str, as_json: bool) -> int:
    """Show one run with every step.

    Exit code 0: found; 1: there is none.
    """
    from checklist.clinic.errors import UnknownRunError
    from checklist.clinic.record import show as story_of
    from checklist.clinic.service import Clinic

    with Clinic.open(clinic_folder(ctx)) as opened:
        try:
            found = story_of(opened, run)
        except UnknownRunError as error:
            print(error, file=sys.stderr)
            return 1
        if as_json:
            say_json(found)
        else:
            say(*_story(opened, found))
    return 0


def _each(clinic: Clinic, entries: Iterator[dict[str, object]], *, jsonl: bool) -> int:
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007 - the count is the answer
        if jsonl:
            print(json.dumps(entry))
        else:
            say(_line(clinic, entry))
    return count


def _line(clinic: Clinic, entry: Mapping[str, object]) -> str:
    actor = entry["actor"]
    who = clinic.staff.name_of(actor if isinstance(actor, str) else None)
    about = " ".join(str(entry[key]) for key in ("run", "protocol", "step") if entry[key])
    data = json.dumps(entry["data"], ensure_ascii=False)
    return f"{entry['station']}#{entry['index']} {entry['at']} {entry['kind']} {about} by {who} ({entry['via']}) {data}"


def _operator(clinic: Clinic, named: str | None) -> str | None:
    """An operator's id from their name or id; what nobody is called stays as it is, and finds nothing."""
    if named is None:
        return None
    person = clinic.people.person_by(named)
    return person.id if person else named


def _time(option: str, typed: str | None, zone: str, *, end: bool) -> str | None:
    """A day or time by the clinic's clock as it stands in the record. A day alone means its beginning, or its end."""
    if typed is None:
        return None
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(typed)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        if end and len(typed) == len("2027-03-31"):
            moment += timedelta(days=1)
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}".rjust(27, "0")
    except (ValueError, OverflowError):
        refuse(f"{option}: “{typed[:40]}” is no time; write it like 2027-03-31 or 2027-03-31T08:30.")


def _story(clinic: Clinic, found: Mapping[str, object]) -> Iterator[str]:
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
    for each in _listed(found["overrides"]):
        two = f"by {clinic.name_of(each['by'])} with {clinic.name_of(each['witness'])}"
        yield f"OVERRIDDEN: {each['step']} in “{each['title']}” ({each['run']}), {two}, {_local(clinic, each['at'])}"
    for step in _listed(found["steps"]):
        yield ", ".join(_step_facts(clinic, step, later))
        yield from _signature(clinic, step)
        yield from _tries(clinic, step)
    for finding in _listed(found["findings"]):
        yield f"Finding: {finding['rule']}: {finding['why']}"


def _listed(found: object) -> list[dict[str, Any]]:
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
    for each in _listed(step["signed_before"]):
        yield f"    {each['meaning']} by {each['name']} at {_local(clinic, each['at'])}, {_why_again(each)}"
    signed = step["signed"]
    if isinstance(signed, dict):
        proof = " and ".join(signed["factors"]) or "nothing"
        yield f"    signed: {signed['name']}, {_local(clinic, signed['at'])}, {signed['meaning']} (proved by {proof})"


def _tries(clinic: Clinic, step: Mapping[str, object]) -> Iterator[str]:
    """What was given before the value that stands, and under each what was said about it before the next."""
    notes = _listed(step["notes"])
    for each in _listed(step["tries"]):
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
