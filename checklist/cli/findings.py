"""`checklist findings`: what the rules say an auditor should look at. Nobody has to sign in for it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from checklist.cli.exporting import progress
from checklist.cli.shared import (
    TAKES_FILTER,
    TEXT,
    clinic_folder,
    clinic_option,
    json_option,
    refuse,
    say,
    say_json_list,
    tell,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.audit.catalogue import Catalogue
    from checklist.audit.findings import Finding
    from checklist.clinic.service import Clinic

_SHOWN: Final = 5
"""So many of each rule, unless one rule is asked for."""
_OPERATOR: Final = re.compile(r"\bu_[0-9a-z]+\b")
_SEVERITY: Final = {"act": "To act on", "look": "To look at"}


@click.command(context_settings=TAKES_FILTER)
@click.argument("words", nargs=-1, type=TEXT, metavar="[FILTER]...")
@click.option("--rule", type=TEXT, metavar="RULE", help="Only findings of this rule, all of them.")
@click.option("--rules", is_flag=True, help="Print the page of all rules, and nothing else.")
@click.option("--all", "also_reviewed", is_flag=True, help="Also those that somebody has reviewed.")
@click.option("--verify", "verifying", is_flag=True, help="Verify the record first, and say where tables differ.")
@json_option
@clinic_option
@click.pass_context
def findings(
    ctx: click.Context,
    *,
    words: tuple[str, ...],
    rule: str | None,
    rules: bool,
    also_reviewed: bool,
    verifying: bool,
    as_json: bool,
) -> int:
    """Say what an auditor should look at: what was seen in the record, by rules that are all explained (--rules).

    FILTER is as in “checklist log”, such as protocol:steriliser-load since:2027-03-01.
    Exit code 0: nothing; 1: something.
    """
    from checklist.audit.rules.ruleset import RULES, page

    if rule is not None and rule not in RULES:
        refuse(f"There is no rule “{rule}”; there are: {', '.join(RULES)}.")
    if rules:
        from checklist.audit.rules.ruleset import explained

        say(*(page() if rule is None else explained(RULES[rule])).splitlines())
        return 0
    from checklist.clinic import auditing

    clinic, faults = auditing.open_to_read(clinic_folder(ctx))
    tell(*faults)
    with clinic as opened, _catalogue(opened) as catalogue:
        found = _judged(opened, catalogue, verifying=verifying)
        found = [one for one in found if rule in (None, one.rule) and (also_reviewed or one.reviewed is None)]
        found = _of(opened, catalogue.db, " ".join(words), found)
        _tell_damage(catalogue.db)
        if as_json:
            say_json_list(_data(catalogue.db, one) for one in found)
        else:
            say(*_lines(opened, catalogue.db, found, capped=rule is None))
    return 1 if found else 0


def _catalogue(clinic: Clinic) -> Catalogue:
    from checklist.clinic import auditing

    with progress("Laid out") as count:
        return auditing.opened(clinic, progress=count)


def _judged(clinic: Clinic, catalogue: Catalogue, *, verifying: bool) -> list[Finding]:
    from checklist.clinic.checking import verify_clinic
    from checklist.clinic.judging import judged

    verified = None
    if verifying:
        with progress("Verified") as count:
            verified = verify_clinic(clinic.folder, progress=count)
    with progress("Asked") as count:
        return judged(clinic, catalogue, count, verified=verified)


def _of(clinic: Clinic, db: sqlite3.Connection, line: str, found: list[Finding]) -> list[Finding]:
    """Those whose entry, or whose run, a filter takes."""
    if not line.strip():
        return found
    from checklist.audit import query
    from checklist.clinic import auditing

    wanted = query.parse(line, auditing.today(clinic), auditing.operator(clinic))
    said = auditing.said(clinic)
    asked = {n for one in found for n in (one.n, one.run) if n is not None}
    taken = {n for n in query.entries(db, wanted, said=said) if n in asked}
    taken |= {row.n for row in query.runs(db, wanted, said=said) if row.n is not None and row.n in asked}
    return [one for one in found if one.n in taken or one.run in taken]


def _tell_damage(db: sqlite3.Connection) -> None:
    """What could not be read, and was judged without."""
    count, first = db.execute("SELECT count(*), min(n) FROM damage").fetchone()
    if not count:
        return
    from checklist.ledger.entry import format_place

    station, index, why = db.execute("SELECT station, idx, why FROM damage WHERE n = ?", (first,)).fetchone()
    entries = "One entry" if count == 1 else f"{count} entries"
    tell(
        f"{entries} of the record cannot be read; the first is {format_place(station, index)}: it {why}."
        " All others were judged. “checklist verify” says more."
    )


def _data(db: sqlite3.Connection, one: Finding) -> Mapping[str, object]:
    from checklist.audit.places import place_of

    place = {key: None if n is None else place_of(db, n) for key, n in _numbers(one).items()}
    return {"rule": one.rule, "severity": one.severity, **place, "why": one.why, "day": one.day}


def _numbers(one: Finding) -> dict[str, int | None]:
    return {"run": one.run, "entry": one.n, "reviewed": one.reviewed}


def _lines(clinic: Clinic, db: sqlite3.Connection, found: Sequence[Finding], *, capped: bool) -> Iterator[str]:
    from checklist.audit.rules.ruleset import RULES

    order = {rule: at for at, rule in enumerate(RULES)}
    counts = Counter(one.rule for one in found)
    by_rule = sorted(found, key=lambda one: order.get(one.rule, len(order)))
    severity = ""
    for rule, same in groupby(by_rule, lambda one: one.rule):
        listed = [*same]
        if listed[0].severity != severity:
            severity = listed[0].severity
            yield f"{_SEVERITY[severity]}:"
        yield f"  {rule} ({counts[rule]}): {RULES[rule].title}"
        newest = listed[-_SHOWN:] if capped else listed
        for one in reversed(newest):
            yield f"    {one.day} {_where(db, one)}: {_named(clinic, one.why)}{' (reviewed)' if one.reviewed else ''}"
        if len(newest) < len(listed):
            yield f"    and {len(listed) - len(newest)} more: checklist findings --rule {rule}"
    if not found:
        yield "Nothing to look at by these rules."
    else:
        many = "1 finding" if len(found) == 1 else f"{len(found)} findings"
        yield f"{many}. What each rule looks at, and what may honestly account for it: checklist findings --rules"


def _where(db: sqlite3.Connection, one: Finding) -> str:
    from checklist.audit.places import place_of

    if one.n is None:
        return "the whole record"
    place = place_of(db, one.n)
    run = None if one.run is None else place_of(db, one.run)
    return place if run in (None, place) else f"{place} in run {run}"


def _named(clinic: Clinic, why: str) -> str:
    """The sentence with people's names in place of their ids."""
    return _OPERATOR.sub(lambda match: clinic.staff.name_of(match[0]), why)
