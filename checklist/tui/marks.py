"""The marks of design §2 with their words and inks: shape first, then the word, then the colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.marks import MARKS, Look, Outcome
from checklist.tui.say import say

if TYPE_CHECKING:
    from textual.content import Content

STYLES = {
    Look.PENDING: "$ink-calm",
    Look.CURRENT: "$ink-now bold",
    Look.WAITING: "$ink-wait bold",
    Look.WITNESS: "$ink-witness bold",
    Look.DONE: "$ink-done",
    Look.DEVIATION: "$ink-wait reverse",
    Look.SKIPPED: "$ink-calm",
    Look.NOT_APPLICABLE: "$ink-calm",
    Look.DEFERRED: "$ink-wait",
    Look.FAILED: "$ink-bad reverse",
    Look.BLOCKED: "$ink-bad reverse",
    Look.OVERRIDDEN: "$ink-wait reverse",
    Look.UNKNOWN: "$ink-calm reverse",
}

WORDS = {
    Look.PENDING: "",
    Look.CURRENT: "NOW",
    Look.WAITING: "WAIT",
    Look.WITNESS: "WITNESS",
    Look.DONE: "DONE",
    Look.DEVIATION: "DONE, DEVIATION",
    Look.SKIPPED: "SKIPPED",
    Look.NOT_APPLICABLE: "NOT APPLICABLE",
    Look.DEFERRED: "PUT OFF",
    Look.FAILED: "FAILED",
    Look.BLOCKED: "STOP",
    Look.OVERRIDDEN: "OVERRIDDEN",
    Look.UNKNOWN: "UNKNOWN",
}

OUTCOMES = {
    Outcome.OPEN: (Look.CURRENT, "OPEN"),
    Outcome.COMPLETE: (Look.DONE, "COMPLETE"),
    Outcome.COMPLETE_EXCEPT_DEFERRED: (Look.DEFERRED, "COMPLETE EXCEPT WHAT WAS PUT OFF"),
    Outcome.FAILED: (Look.FAILED, "FAILED"),
    Outcome.ABANDONED: (Look.FAILED, "GIVEN UP"),
    Outcome.EXPIRED: (Look.UNKNOWN, "EXPIRED"),
}


def mark(look: Look) -> Content:
    """The mark of a state."""
    return say(MARKS[look], STYLES[look])


def outcome_mark(outcome: Outcome, deviations: int) -> tuple[Content, str]:
    """The mark of a run's outcome, and the word beside it."""
    look, word = OUTCOMES[outcome]
    if outcome is Outcome.COMPLETE and deviations:
        return mark(Look.DEVIATION), f"{word}, {deviations} DEVIATION{'S' if deviations > 1 else ''}"
    return mark(look), word
