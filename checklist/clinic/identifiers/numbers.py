"""The numbers that the program makes: the next free one of a pattern, found under the ledger's lock, so that no
number is left out and none is given twice."""

from collections.abc import Mapping, Sequence

from checklist.ledger.entry import Moment
from checklist.ledger.reader import Reader
from checklist.protocol.model import Step
from checklist.run.state import RunState
from checklist.run.timing import calendar_day
from checklist.trace.follow import key


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
    def taken(number: int) -> bool:
        question = "SELECT 1 FROM identifier WHERE kind = ? AND value = ? LIMIT 1"
        return any(reader.query(question, (kind, key(kind, template.format(n=number, **fields)))) for reader in readers)

    if "{n" not in template or not taken(1):
        return template.format(n=1, **fields)
    # Numbers are given without gaps, so the first free one is found by halving: the cost does not grow with the
    # record. `high` is free at every moment, whatever else was recorded by hand.
    low, high = 1, 2
    while taken(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if taken(middle) else (low, middle)
    return template.format(n=high, **fields)
