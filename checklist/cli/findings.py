"""`checklist findings`: what the rules say an auditor should look at. Nobody has to sign in for it."""

from __future__ import annotations

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
    from datetime import date

    from checklist.audit.catalogue import Catalogue
    from checklist.audit.findings import Finding
    from checklist.audit.losses import Lost
    from checklist.clinic.reviewing import Look
    from checklist.clinic.service import Clinic
    from checklist.ledger.report import Report

_SHOWN: Final = 5
"""So many of each rule, unless one rule is asked for."""
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
    Exit code 0: nothing; 1: something, or a part of the record could not be read, or --verify found it changed.
    """
    from checklist.audit.rules.ruleset import RULES, id_of, page, unknown

    if rule is not None and (rule := id_of(asked := rule)) is None:
        refuse(unknown(asked))
    if rules:
        from checklist.audit.rules.ruleset import explained

        say(*(page() if rule is None else explained(RULES[rule])).splitlines())
        return 0
    from checklist.audit.losses import plans_lost, texts_lost
    from checklist.clinic import auditing
    from checklist.clinic.judging import judged

    clinic, faults = auditing.open_to_read(clinic_folder(ctx))
    tell(*faults)
    with clinic as opened, _catalogue(opened, fresh=verifying) as catalogue:
        verified = told_by_verifying(opened) if verifying else None
        with progress("Asked") as count:
            found = judged(opened, catalogue, count, verified=verified)
        found = [one for one in found if rule in (None, one.rule) and (also_reviewed or one.reviewed is None)]
        found = _of(opened, catalogue, " ".join(words), found)
        unread = [*opened.unreadable()]
        tell(*unread)
        lost = tell_lost(catalogue.db)
        if lost is not None and lost.whole:
            refuse("Nothing of the record can be read.")
        looked = _looks(opened)
        if as_json:
            also = [] if lost is None else [_unreadable(lost, auditing.today(opened))]
            say_json_list(_data(catalogue.db, one, looked) for one in [*found, *also])
        else:
            said = _lines(opened, catalogue.db, found, looked, capped=rule is None)
            say(*said if found or lost is None else ["Nothing to look at by these rules in what could be read."])
        texts = texts_lost(catalogue.db) or plans_lost(catalogue.db)
    sound = not unread and lost is None and texts is None and (verified is None or verified.result == "clean")
    return 0 if sound and not found else 1


def tell_lost(db: sqlite3.Connection) -> Lost | None:
    """Say in one line what could not be read, and was judged without, and in others of which texts and plans; None
    where every entry could be read."""
    from checklist.audit.losses import lost, plans_lost, texts_lost

    found = lost(db)
    tell(*(f"{each} “checklist verify” says which." for each in (texts_lost(db), plans_lost(db)) if each is not None))
    if found is not None:
        rest = "" if found.whole else " All others were judged."
        tell(f"{found.why}.{rest} “checklist verify” says more.")
    return found


def _unreadable(lost: Lost, today: date) -> Finding:
    from checklist.audit.findings import Finding
    from checklist.audit.losses import RULE

    return Finding(RULE, "act", None, lost.first, today.isoformat(), lost.why)


def _catalogue(clinic: Clinic, *, fresh: bool) -> Catalogue:
    from checklist.clinic import auditing

    with progress("Laid out") as count:
        return auditing.opened(clinic, progress=count, fresh=fresh)


def told_by_verifying(clinic: Clinic) -> Report:
    """What a verification says now; where the record is not what was recorded, that is told in a sentence."""
    from checklist.clinic.checking import verify_clinic

    with progress("Verified") as count:
        report = verify_clinic(clinic.folder, progress=count)
    if report.result != "clean":
        tampered = "cannot be read whole, or is not what was signed (tampered)"
        result = tampered if report.result == "tampered" else "cannot be checked"
        bad = report.first_bad
        first = "" if bad is None else f"; first: {bad.why.removesuffix('.')}"
        tell(f"By its verification, the record {result}{first}. “checklist verify” says more.")
    return report


def _of(clinic: Clinic, catalogue: Catalogue, line: str, found: list[Finding]) -> list[Finding]:
    """Those whose entry, or whose run, a filter takes."""
    if not line.strip():
        return found
    from checklist.audit import query
    from checklist.cli.unmatched import unknown
    from checklist.clinic import auditing

    db = catalogue.db
    wanted = query.parse(line, auditing.today(clinic), auditing.operator(clinic))
    said = auditing.said(clinic)
    asked = {n for one in found for n in (one.n, one.run) if n is not None}
    taken = {n for n in query.entries(db, wanted, said=said) if n in asked}
    taken |= {row.n for row in query.runs(db, wanted, said=said) if row.n is not None and row.n in asked}
    left = [one for one in found if one.n in taken or one.run in taken]
    if "missed" in wanted.values("is"):
        tell("What was missed is no finding of a rule: “checklist log --runs is:missed” lists it.")
    if not left and (names := unknown(clinic, catalogue, wanted)):
        tell(f"Nothing matches “{wanted.line}”: {names}.")
    return left


def _looks(clinic: Clinic) -> Mapping[str, Look]:
    """Who looked, by the place of the review; nothing where the record does not say."""
    from checklist.clinic.reviewing import looks
    from checklist.ledger.errors import LedgerError

    try:
        return looks(clinic)
    except LedgerError:
        return {}


def _data(db: sqlite3.Connection, one: Finding, looked: Mapping[str, Look]) -> Mapping[str, object]:
    from checklist.audit.places import place_of

    place = {key: None if n is None else place_of(db, n) for key, n in _numbers(one).items()}
    look = looked.get(place["reviewed"] or "")
    told = {"rule": one.rule, "severity": one.severity, **place, "why": one.why, "day": one.day}
    return {**told, "looked": None if look is None else look.data()}


def _numbers(one: Finding) -> dict[str, int | None]:
    return {"run": one.run, "entry": one.n, "reviewed": one.reviewed}


def _lines(
    clinic: Clinic, db: sqlite3.Connection, found: Sequence[Finding], looked: Mapping[str, Look], *, capped: bool
) -> Iterator[str]:
    from checklist.audit.rules.ruleset import RULES
    from checklist.clinic.reviewing import named

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
            yield f"    {one.day} {_where(db, one)}: {named(clinic, one.why)}{_reviewed(clinic, db, one, looked)}"
        if len(newest) < len(listed):
            yield f"    and {len(listed) - len(newest)} more: checklist findings --rule {rule}"
    if not found:
        yield "Nothing to look at by these rules."
    else:
        many = "1 finding" if len(found) == 1 else f"{len(found)} findings"
        yield f"{many}. What each rule looks at, and what may honestly account for it: checklist findings --rules"


def _reviewed(clinic: Clinic, db: sqlite3.Connection, one: Finding, looked: Mapping[str, Look]) -> str:
    """Who looked, and for how long it was shown to them; nothing where nobody did."""
    from checklist.audit.places import place_of

    if one.reviewed is None:
        return ""
    look = looked.get(place_of(db, one.reviewed))
    return " (reviewed)" if look is None else f" (reviewed by {clinic.name_of(look.by)}, {look.shown})"


def _where(db: sqlite3.Connection, one: Finding) -> str:
    from checklist.audit.places import place_of

    if one.n is None:
        return "the whole record"
    place = place_of(db, one.n)
    run = None if one.run is None else place_of(db, one.run)
    return place if run in (None, place) else f"{place} in run {run}"
