"""What happened to a run beside its steps being done: put off, paused, resumed, handed over, ended. Read from its
entries, oldest first; how it is told is for `story`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.run.events import CLOSING, Kind, number_of, reason_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checklist.ledger.entry import Entry
    from checklist.run.events import Reason

    InWords = Callable[[Reason | None], str | None]

_TURNS: Final = {
    Kind.RUN_PAUSED: "paused",
    Kind.RUN_RESUMED: "resumed",
    Kind.RUN_HANDED_OVER: "handed-over",
    Kind.RUN_COMPLETED: "completed",
}
_ENDS: Final = {Kind.RUN_COMPLETED: "completed", Kind.RUN_ABANDONED: "abandoned", Kind.RUN_EXPIRED: "expired"}


def put_off(entries: Sequence[Entry], step: str, in_words: InWords) -> list[dict[str, object]]:
    """Every time a step was put off: until when, by whom, when and why, also where it was done since."""
    return [
        {
            "until": text_of(entry.data, "until"),
            "by": entry.actor,
            "at": entry.at,
            "seconds": number_of(entry.data, "ms") / 1000 if "ms" in entry.data else None,
            "reason": in_words(reason_of(entry.data)),
            "entry": entry.index,
        }
        for entry in entries
        if entry.kind == Kind.STEP_DEFERRED and entry.step == step
    ]


def turns(entries: Sequence[Entry]) -> list[dict[str, object]]:
    """Every pause, resumption and hand-over, and every end that was not the last one. `before` is the step whose entry
    came next, None where none did; `from` and `to` are who held the run before a hand-over and since."""
    holder = entries[0].actor if entries else None
    told: list[dict[str, object]] = []
    for at, entry in enumerate(entries):
        what = _TURNS.get(Kind(entry.kind)) if entry.kind in _TURNS else None
        if what is None or (what == "completed" and not any(each.kind in _TURNS for each in entries[at + 1 :])):
            continue
        to = text_of(entry.data, "to")
        told.append(
            {
                "what": what,
                "by": entry.actor,
                "from": holder if what == "handed-over" else None,
                "to": to,
                "outcome": text_of(entry.data, "outcome"),
                "at": entry.at,
                "via": entry.via,
                "entry": entry.index,
                "before": next((each.step for each in entries[at + 1 :] if each.step is not None), None),
            }
        )
        holder = to if what == "handed-over" else holder
    return told


def ending(entries: Sequence[Entry], in_words: InWords) -> dict[str, object] | None:
    """By which entry a run that has ended did: what it says, who, when and why."""
    last = next((entry for entry in reversed(entries) if entry.kind in _ENDS), None)
    if last is None:
        return None
    why = in_words(reason_of(last.data))
    told = {"what": _ENDS[Kind(last.kind)], "by": last.actor, "at": last.at, "via": last.via}
    return {**told, "reason": why, "entry": last.index}


def closed_at(entries: Sequence[Entry], index: int | None, in_words: InWords) -> dict[str, object]:
    """How a step stood after the entry at that place of the ledger, and the reason that was given then."""
    found = next((each for each in entries if each.index == index and each.kind in CLOSING), None)
    if found is None:
        return {"was_state": None, "was_reason": None}
    return {"was_state": CLOSING[Kind(found.kind)].value, "was_reason": in_words(reason_of(found.data))}
