"""`checklist review`: what waits to be looked at, and who looked and said what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    TEXT,
    accepted,
    as_option,
    at_desk,
    clinic_option,
    credentials,
    json_option,
    on_terminal,
    refuse,
    say,
    say_json,
    via,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.audit.queue import Flagged
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from checklist.line.console import Console

_YES = ("y", "yes")
_SHOWN = 100


@click.command()
@click.argument("finding", type=TEXT, metavar="[FINDING]", required=False)
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@click.option("--clean", is_flag=True, help="List the runs that no rule points at.")
@click.option("--seen", is_flag=True, help="Do not ask: it was read elsewhere. The record then says no time.")
@json_option
@as_option
@clinic_option
@click.pass_context
def review(
    ctx: click.Context,
    *,
    finding: str | None,
    words: tuple[str, ...],
    clean: bool,
    seen: bool,
    as_json: bool,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Look at what was flagged, and say what came of it. The record itself stays as it is.

    Alone: what waits, by rule, and the questions that nobody has answered. With the id of a rule: what waits by that
    rule. With a FINDING such as too-fast@a#123, or the place of an override: its whole story is shown, then a lead says
    in WORDS what came of it; how long the story was shown is recorded with the words. Without a terminal, where nobody
    reads it here, --seen says that it was read elsewhere.

    Exit code of a list: 0: nothing waits; 1: something does.
    """
    if finding is not None and not clean and (words or operator is not None or "#" in finding):
        _looked_at(ctx, finding, " ".join(words), operator, secret_file, seen=seen)
        return 0
    if operator is not None or (clean and finding is not None):
        refuse("Give the FINDING that you looked at; “checklist review” alone lists what waits.")
    rule = None if finding is None else _rule(finding)
    from checklist.cli.exporting import catalogue, reading
    from checklist.cli.findings import tell_lost

    with reading(ctx) as opened, catalogue(opened, fresh=clean) as tables:
        if clean:
            tell_lost(tables.db)
            return _clean(tables, as_json=as_json)
        return _queue(opened, tables, as_json=as_json) if rule is None else _of(opened, tables, rule, as_json=as_json)


def _rule(named: str) -> str:
    """The id of the rule that is called that. Raises MisuseError where there is none."""
    from checklist.audit.rules.ruleset import id_of, unknown

    found = id_of(named)
    if found is None:
        refuse(f"{unknown(named)} A finding is called like too-fast@a#123.")
    return found


def _queue(opened: Clinic, tables: Catalogue, *, as_json: bool) -> int:
    from checklist.audit import queue
    from checklist.clinic.remarks import unanswered
    from checklist.clinic.reviewing import looks

    groups, asked = queue.groups(tables.db), unanswered(opened)
    rest, own = queue.placeless(tables.db), [place for place, look in looks(opened).items() if look.own]
    if as_json:
        told: dict[str, Json] = {
            "rules": [group.data() for group in groups],
            "questions": [said.data() for said in asked],
            "elsewhere": rest,
            "own": [*own],
        }
        say_json(told)
        return 1 if groups or asked else 0
    for group in groups:
        span = group.first if group.first == group.last else f"{group.first} to {group.last}"
        say(f"{group.count:>6}  {group.severity:<4}  {group.rule}  ({span})")
    for said in asked:
        say(f"Question {said.entry} about {said.of}, by {opened.name_of(said.by)}: {said.words or '(words erased)'}")
        say(f"    checklist remark --answers {said.entry} WORDS")
    if rest:
        say(f"{rest} more point at no entry, and end when what they ask for is done: checklist findings")
    if own:
        say(f"{len(own)} looked at by somebody who had a hand in it: {', '.join(own[:_SHOWN])}")
    if groups:
        say("checklist review RULE lists what waits by one rule.")
    if not groups and not asked:
        say("Nothing waits to be looked at.")
    return 1 if groups or asked else 0


def _of(opened: Clinic, tables: Catalogue, rule: str, *, as_json: bool) -> int:
    from checklist.audit import queue
    from checklist.clinic.reviewing import named

    waiting = queue.waiting(tables.db, rule=rule)
    if as_json:
        say_json([each.data() for each in waiting])
        return 1 if waiting else 0
    for each in waiting[:_SHOWN]:
        say(f"{each.name}  {each.day}  {f'run {each.run}: ' if each.run else ''}{named(opened, each.why)}")
    if len(waiting) > _SHOWN:
        say(f"and {len(waiting) - _SHOWN} older ones; --json lists them all.")
    if not waiting:
        say(f"Nothing waits by the rule “{rule}”; checklist review lists the rules by which something does.")
    return 1 if waiting else 0


def _clean(tables: Catalogue, *, as_json: bool) -> int:
    """What no rule has anything to say about: passed by so many rules of that version, which is not to say verified."""
    from checklist.audit import queue
    from checklist.audit.rules.ruleset import RULES, VERSION

    found = queue.passed(tables.db)
    if as_json:
        told: dict[str, Json] = {
            "rules": [*RULES],
            "version": VERSION,
            "protocols": [each.data() for each in found],
            "runs": [*queue.passed_runs(tables.db)],
        }
        say_json(told)
        return 0
    for each in found:
        say(f"{each.runs:>6}  {each.protocol}  ({each.first} to {each.last})")
    count = sum(each.runs for each in found)
    say(f"{count} runs passed {len(RULES)} rules in version {VERSION}: no rule points at them; nobody looked.")
    return 0


def _looked_at(
    ctx: click.Context, named: str, words: str, operator: str | None, secret_file: Path | None, *, seen: bool
) -> None:
    from checklist.clinic.acting import barred
    from checklist.clinic.remarks import shown_for
    from checklist.clinic.reviewing import review as reviewed
    from checklist.run.rights import Act

    own = credentials(operator, secret_file)
    if not words and not on_terminal():
        refuse("Say in words what came of it, after the FINDING.")
    if not seen and not on_terminal():
        refuse("Here nobody reads it on a screen: --seen says that it was read elsewhere, and the record says no time.")
    with at_desk(ctx, own) as (opened, who, desk):
        accepted(barred(opened, opened.ledger, Act.REVIEW, who))
        flagged = _flagged(opened, named)
        shown = None if seen else opened.now()
        desk.say(*_story(opened, flagged))
        if on_terminal():
            words = words or _asked(desk, "What came of it: ")
            if not seen and _asked(desk, "Is that what you have seen? Record it (yes or no): ").casefold() not in _YES:
                refuse("Nothing was recorded.")
        entry = accepted(reviewed(opened, flagged, words, shown, who, via()))
    say(f"Reviewed: {flagged.name}, {shown_for(entry)}, as entry {entry.place} says.")


def _asked(desk: Console, prompt: str) -> str:
    heard = desk.ask(prompt)
    return heard.strip() if isinstance(heard, str) else ""


def _flagged(opened: Clinic, named: str) -> Flagged:
    """What is meant. An override is found without asking the rules, and however long ago somebody else looked at it."""
    from checklist.audit import queue
    from checklist.audit.report.known import day_of
    from checklist.cli.exporting import catalogue
    from checklist.clinic.remarks import entry_at
    from checklist.clinic.reviewing import meant

    rule, at, place = named.rpartition("@")
    rule = _rule(rule) if at else rule
    entry = entry_at(opened, place) if rule in ("", queue.OVERRIDE) else None
    if entry is not None and entry.kind in ("step.overridden", "clearance.overridden"):
        why, day = "two people passed it all the same", day_of(entry.at, opened.settings.clinic.timezone)
        return queue.Flagged(queue.OVERRIDE, "act", entry.place, entry.run, day, why)
    with catalogue(opened) as tables:
        waiting = queue.waiting(tables.db, place=place.partition(".")[0])
        return accepted(meant(waiting, f"{rule}{at}{place}"))


def _story(opened: Clinic, flagged: Flagged) -> Iterator[str]:
    """What was flagged, whole: the run; or the entry itself, and what it speaks of."""
    from checklist.cli.story import outside, story
    from checklist.clinic.record import show
    from checklist.clinic.reviewing import named

    yield f"{flagged.rule} at {flagged.place}: {named(opened, flagged.why)}"
    if flagged.run is not None:
        yield from story(opened, show(opened, flagged.run))
    else:
        yield from outside(opened, flagged.place)
