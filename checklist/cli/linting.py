"""`checklist protocol lint`: what is wrong with the texts of what is to be done, and what would serve staff better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, TEXT, clinic_option, json_option, named_clinic, refuse, say, say_json, tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from checklist.clinic.texts.linting import Around
    from checklist.protocol.errors import Fault

_KEYS = ("file", "line", "column", "rule", "severity", "message", "fix")
_GITHUB = {"error": "error", "warning": "warning", "advice": "notice"}


@click.command()
@click.argument("paths", metavar="[PATHS]", type=PATH, nargs=-1)
@click.option("--format", "style", type=click.Choice(["text", "json", "github"]), default="text", help="How to print.")
@click.option("--rules", is_flag=True, help="Print the page of all rules for people, and nothing else.")
@click.option("--explain", type=TEXT, metavar="RULE", help="Print what there is to say about one rule.")
@json_option
@clinic_option
@click.pass_context
def lint(
    ctx: click.Context, *, paths: tuple[Path, ...], style: str, rules: bool, explain: str | None, as_json: bool
) -> int:
    """Say what is wrong with files of protocols, procedures and profiles: those that come with the program and the
    clinic's own, or PATHS.

    Exit code 0: no errors; 1: errors. Warnings and advice stop nobody.
    """
    if rules or explain is not None:
        return _explained(explain)
    from checklist.protocol.linting.lint import has_errors, lint_each

    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        refuse(f"{missing}: there is no such file or folder; give the path of a protocol file.")
    sets = _sets(ctx, list(paths))
    looked_at = [one for some, around in sets for one in lint_each(some, around.found, around.readers)]
    faults = [fault for _, found in looked_at for fault in found]
    if not looked_at:
        refuse("There is no protocol file in what was named; give the path of a file that ends in .toml.")
    if as_json or style == "json":
        say_json([{key: getattr(fault, key) for key in _KEYS} for fault in faults])
    else:
        say(
            *((_annotation if style == "github" else line_of)(fault) for fault in faults),
            _count(len(looked_at), faults),
        )
    return 1 if has_errors(faults) else 0


def _sets(ctx: click.Context, paths: list[Path]) -> Iterator[tuple[list[Path], Around]]:
    from checklist.clinic.folder import find
    from checklist.clinic.texts.linting import around, shipped_around
    from checklist.protocol.library import shipped_folder

    folder = find(named_clinic(ctx))
    if not paths:
        # A clinic's file takes the place of a shipped one with the same id, so the two sets are looked at apart.
        yield [shipped_folder()], shipped_around()
        if not folder.protocols.is_dir():
            return
        paths = [folder.protocols]
    surroundings = around(folder, paths)
    if surroundings.unread:
        tell(surroundings.unread)
    yield paths, surroundings


def _explained(name: str | None) -> int:
    from checklist.protocol.linting.ruleset import RULES, explained, page

    if name is not None and name not in RULES:
        refuse(f"There is no rule “{name}”; there are: {', '.join(RULES)}.")
    say(*(page() if name is None else explained(RULES[name])).splitlines())
    return 0


def line_of(fault: Fault) -> str:
    """A fault in a line: where it is, how grave, by which rule, and what would be right."""
    where = f"{fault.file}:{fault.line}:{fault.column}"
    return f"{where}: {fault.severity} {fault.rule}: {fault.message} — {fault.fix}"


def _annotation(fault: Fault) -> str:
    """A fault as a workflow command of GitHub, which shows it beside the line."""
    properties = {"file": fault.file, "line": fault.line, "col": fault.column, "title": fault.rule}
    listed = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in properties.items())
    return f"::{_GITHUB[fault.severity]} {listed}::{_escaped(f'{fault.message} — {fault.fix}')}"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(char):02X}" if char in f"%\r\n{more}" else char for char in text)


def _count(files: int, faults: Iterable[Fault]) -> str:
    levels = [fault.severity for fault in faults]
    errors, warnings = levels.count("error"), levels.count("warning")
    told = (_many(errors, "error"), _many(warnings, "warning"), f"{levels.count('advice') or 'no'} advice")
    return f"{_many(files, 'file')}: {', '.join(told)}."


def _many(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
