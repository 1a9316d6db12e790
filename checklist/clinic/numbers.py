"""The numbers that the program makes: the next free one of a pattern, found under the ledger's lock, so that no
number is left out and none is given twice."""

from collections.abc import Mapping, Sequence

from checklist.ledger.entry import Moment
from checklist.ledger.reader import Reader
from checklist.protocol.model import Step
from checklist.run.state import RunState
from checklist.run.timing import calendar_day


def next_numbers(readers: Sequence[Reader], step: Step, state: RunState, now: Moment) -> dict[str, str]:
    """What an `assign` step produces next, by kind of identifier; nothing for any other step.

    `readers` are all ledgers of the folder: a number given before a restore is not given again.
    """
    if step.kind != "assign":
        return {}
    subject = state.subject.partition("=")[2] or state.subject
    fields = {
        "equipment": subject,
        "room": subject,
        "station": state.station,
        "date": f"{calendar_day(now):%Y%m%d}",
    }
    return {made.identifier: _next(readers, made.identifier, made.template, fields) for made in step.produces}


def _next(readers: Sequence[Reader], kind: str, template: str, fields: Mapping[str, str]) -> str:
    number = 1
    while True:
        value = template.format(n=number, **fields)
        taken = any(
            reader.query("SELECT 1 FROM identifier WHERE kind = ? AND value = ? LIMIT 1", (kind, value))
            for reader in readers
        )
        if not taken or "{n" not in template:
            return value
        number += 1
