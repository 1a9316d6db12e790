"""What the queue of findings is made of, read in the reading thread: by rule, then one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit import queue
from checklist.audit.places import n_of
from checklist.audit.rules.ruleset import RULES, VERSION
from checklist.clinic import remarks, reviewing
from checklist.clinic.judging import judged
from checklist.tui.auditing.story_reads import when

if TYPE_CHECKING:
    from checklist.audit.queue import Flagged
    from checklist.clinic.remarks import Said
    from checklist.tui.auditing.shelf import Laid

MOST: Final = 500
"""So many of one rule are shown, the newest."""


@dataclass(frozen=True, slots=True)
class Group:
    """What waits by one rule: how much, from when to when, and what the rule says of itself."""

    rule: str
    act: bool
    count: int
    first: str
    last: str
    title: str
    looks_at: str
    why: str
    honest: str
    source: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that waits, by rule; findings at no entry; and what no rule has anything to say about."""

    groups: tuple[Group, ...]
    placeless: tuple[str, ...]
    clean: int
    reviewed: int
    version: str


def waiting(laid: Laid) -> Waiting:
    """Have the rules look, where they have not yet, and tell what waits."""
    judged(laid.clinic, laid.catalogue, laid.progress)
    rows = laid.db.execute("SELECT rule, why FROM finding WHERE n IS NULL ORDER BY severity, rule")
    ((reviewed,),) = laid.db.execute(
        "SELECT (SELECT count(*) FROM finding WHERE reviewed IS NOT NULL AND rule <> ?)"
        " + (SELECT count(*) FROM overriding WHERE reviewed IS NOT NULL)",
        (queue.OVERRIDE,),
    )
    return Waiting(
        groups=tuple(_group(one) for one in queue.groups(laid.db)),
        placeless=tuple(f"{rule}: {why}" for rule, why in rows),
        clean=sum(one.runs for one in queue.passed(laid.db)),
        reviewed=reviewed,
        version=VERSION,
    )


def _group(one: queue.Group) -> Group:
    rule = RULES[one.rule]
    told = rule.title, rule.looks_at, rule.why, rule.honest, rule.source
    return Group(one.rule, one.severity == "act", one.count, one.first, one.last, *told)


def by_rule(laid: Laid, rule: str) -> tuple[tuple[Flagged, str], ...]:
    """What waits by one rule, the newest first, each with what was seen in the names of people."""
    found = queue.waiting(laid.db, rule=rule, limit=MOST)
    return tuple((one, reviewing.named(laid.clinic, one.why)) for one in found)


def clean_runs(laid: Laid) -> tuple[queue.Passed, ...]:
    """The runs that no rule points at, by protocol."""
    return tuple(queue.passed(laid.db))


def run_number(laid: Laid, run: str) -> int | None:
    """The n of a run's first entry."""
    return n_of(laid.db, run)


def said_at(laid: Laid, place: str) -> tuple[tuple[Said, str], ...]:
    """What was said about an entry, and by whom and when."""
    said = remarks.said_at(remarks.said_about(laid.clinic), place)
    return tuple((one, f"{laid.clinic.name_of(one.by)}, {when(laid, one.at)[:16]}") for one in said)
