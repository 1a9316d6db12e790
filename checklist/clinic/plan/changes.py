"""What a plan in the record says, and what it changed of the one before, in sentences.

Knows the two plans that an entry names. Refuses to know what was made of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.plan.configured import read_plan
from checklist.clinic.plan.schedule import WEEKDAYS, AfterEvent, AfterRuns
from checklist.run.events import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from checklist.clinic.config import Config
    from checklist.clinic.plan.plan_tables import Schedule
    from checklist.ledger.entry import Entry


def told_plan(adopted: Path, entry: Entry) -> Iterator[str]:
    """What an entry that says what the plan is adds to the one before it and takes out; of the first, all of it."""
    sha256, was = text_of(entry.data, "sha256") or "", text_of(entry.data, "was")
    plan, before = read_plan(adopted, sha256), None if was is None else read_plan(adopted, was)
    yield f"The plan, as adopted/{sha256}.toml has it."
    for of, settings in ((sha256, plan), (was, before)):
        if of is not None and settings is None:
            yield f"What was changed cannot be told: adopted/{of}.toml is missing or was changed."
            return
    if plan is not None:
        yield from _changed(before, plan) if before is not None else _whole(plan)


def _whole(plan: Config) -> Iterator[str]:
    yield "It is the first one in the record of this station:"
    for head, said in _parts(plan):
        yield from (f"{head}: {each}" for each in said)


def _changed(before: Config, plan: Config) -> Iterator[str]:
    yield "What was changed holds from the next day on:"
    found = False
    for (head, old), (_, new) in zip(_parts(before), _parts(plan), strict=True):
        for mark, these, others in (("taken out", old, new), ("added", new, old)):
            for each in these:
                if each not in others:
                    found = True
                    yield f"{head}, {mark}: {each}"
    if not found:
        yield "Nothing that anything is judged by was changed: only what the clinic or its station is called."


def _parts(plan: Config) -> tuple[tuple[str, Sequence[str]], ...]:
    """Everything that something is judged by, by what it is, in words."""
    days = [WEEKDAYS[each] for each in sorted(plan.calendar.weekdays)]
    return (
        ("Asked for", [_line(line) for line in plan.schedule]),
        ("Closed", [*days, *(day.isoformat() for day in sorted(plan.calendar.days))]),
        ("Room", [f"{room.id} ({room.title})" for room in plan.rooms]),
        (
            "Machine",
            [
                ", ".join(filter(None, (f"{one.id} ({one.title})", one.kind, one.class_, one.reader)))
                for one in plan.equipment
            ],
        ),
        ("Time zone", [plan.clinic.timezone]),
    )


def _line(line: Schedule) -> str:
    match line.after:
        case AfterRuns(runs, of):
            when = f"after {runs} runs of {of}"
        case AfterEvent(event):
            when = f"after {event}"
        case _:
            on = line.rhythm.on if line.rhythm is not None else None
            day = "" if on is None else f" on {WEEKDAYS[on - 1]}" if line.every == "week" else f" on day {on}"
            when = f"every {line.every}{day}"
    by = "" if line.by is None else f" by {line.by.isoformat() if line.by.second else f'{line.by:%H:%M}'}"
    return f"{line.protocol}{f' of {line.subject}' if line.subject else ''} {when}{by}"
