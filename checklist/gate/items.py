"""Whether what a visit consumes may be used: each load, lot, pack and serial number of it.

What is single-use follows from its kind. A pack and a consumed serial number are one thing, and serve one visit. A
load and a lot are many things under one number, and may serve several visits; so may a batch, unless it was made in
a visit's own run (a tube of blood, a specimen): then it is that patient's and nobody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.gate import say
from checklist.gate.clearance import Judged, joined, met, unknown, unmet
from checklist.gate.facts import Damaged
from checklist.gate.question import known

if TYPE_CHECKING:
    from checklist.gate.facts import Item
    from checklist.gate.question import Question
    from checklist.gate.requirement import ItemsUsable

SINGLE_USE: Final = frozenset({"pack", "serial"})

ANOTHER: Final = "Put it aside, take another, and correct the scan."


def judge_items(q: Question, wanted: ItemsUsable) -> Judged:
    """A requirement about identifiers, judged."""
    if q.asked.session is None:
        why = f"Which {wanted.identifier}s are used is not known: no visit was named."
        return unmet(wanted.id, why, fix="Name the visit that this is for.")
    items = known(q.facts.items, wanted.identifier)
    if isinstance(items, Damaged):
        return unknown(wanted.id, f"Which {wanted.identifier}s this visit uses cannot be looked up. {items.why}")
    if not items and wanted.may_be_none:
        return met(
            wanted.id,
            f"No {_none(wanted.identifier)} is scanned in this visit; scan it where there is one.",
        )
    if not items:
        why = f"No {wanted.identifier} has been scanned for this visit."
        return unmet(wanted.id, why, fix=f"Scan the {wanted.identifier} of everything that is used.")
    judged = joined(wanted.id, [_judge_item(q, wanted, item) for item in items])
    if not judged.met:
        return judged
    named = say.listed([item.value for item in items])
    said = f"are {wanted.state}" if wanted.state else "may be used"
    verb = said if len(items) > 1 else said.replace("are ", "is ")
    return met(wanted.id, f"{_name(wanted.identifier, len(items))} {named} {verb}.", judged.evidence)


def _judge_item(q: Question, wanted: ItemsUsable, item: Item) -> Judged:
    name = f"{_name(item.kind, 1)} {item.value}"
    if against := _against(q, item):
        return unmet(wanted.id, f"{name} {against}", (item.evidence,), ANOTHER)
    if item.passed:
        why = f"{name} was used behind an override that nobody has reviewed."
        return unmet(wanted.id, why, (item.evidence,), "A lead reviews the override.")
    if item.state == "unknown":
        return unknown(wanted.id, f"Whether {name} may be used is not on record.", (item.evidence,))
    if wanted.state is not None and item.state != wanted.state:
        fix = f"Somebody who may declares it {wanted.state}, or another is taken and the scan corrected."
        return unmet(wanted.id, f"{name} is not {wanted.state}.", (item.evidence,), fix)
    return met(wanted.id, f"{name} may be used.", (item.evidence,))


def _against(q: Question, item: Item) -> str:
    """What speaks against using it, whatever it was declared; "" for nothing."""
    if item.state in ("recalled", "quarantined"):
        return f"may not be used: its {item.through} is {item.state}." if item.through else f"is {item.state}."
    if item.expiry is not None and item.expiry < q.today:
        return f"expired on {say.day(item.expiry, q.today)}."
    if item.until is not None and item.until <= q.now:
        return f"expired {q.clock(item.until)}."
    if item.state == "expired":
        return "has expired."
    if item.belongs is not None and item.belongs != q.asked.session:
        return "was made for another patient's visit."
    if item.kind in SINGLE_USE and any(one != q.asked.session for one in item.elsewhere):
        return "was already used in another visit."
    return ""


def _none(kind: str) -> str:
    """What there is none of: the serial number of a machine or a handpiece, which is used again, is none of these."""
    return f"{'serial number' if kind == 'serial' else kind} of anything that is used up"


def _name(kind: str, count: int) -> str:
    plural = {"batch": "batches", "expiry": "expiries", "gtin": "GTINs"}.get(kind, f"{kind}s")
    words = kind if count == 1 else plural
    return words[0].upper() + words[1:]
