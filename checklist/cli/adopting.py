"""`checklist protocol adopt` and `diff`: bringing a text into force, and what that changes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    TEXT,
    accepted,
    as_option,
    at_desk,
    clinic_folder,
    clinic_option,
    credentials,
    json_option,
    named_clinic,
    on_terminal,
    refuse,
    say,
    say_json,
    tell,
    via,
)

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.texts.adopting import Adopted
    from checklist.clinic.texts.adoption import Loaded
    from checklist.clinic.texts.difference import Difference
    from checklist.protocol.model import Protocol

_DIGEST = "sha256:"


@click.command()
@click.argument("name", type=TEXT, metavar="ID")
@as_option
@clinic_option
@click.pass_context
def adopt(
    ctx: click.Context,
    name: str,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Bring a protocol, a procedure or a profile into force by your signature; only a lead may. Prints what changes,
    and asks nothing more: your secret is the signature."""
    from checklist.clinic.texts.adopting import adopt as adopted_by

    given, name = credentials(operator, secret_file), _id_of(ctx, name)
    shown = _shown(ctx, name) if secret_file is None and on_terminal() else None
    with at_desk(ctx, given) as (opened, who, _desk):
        adopted = accepted(adopted_by(opened, name, who, via(), shown))
    if shown is None:
        _say_coming(adopted)
    say(f"In force from now on, signed by {who.name}: {adopted.id} {adopted.version}")
    say(f"SHA-256 {adopted.found.sha256}")
    return 0


def _id_of(ctx: click.Context, name: str) -> str:
    """The id that was given, or that of the file in the clinic's folder whose path was given."""
    from pathlib import Path

    if not name.endswith(".toml"):
        return name
    path, home = Path(name), clinic_folder(ctx).protocols
    places = [home / folder / path.name for folder in ("", "procedures", "profiles")]
    if path.resolve() not in [place.resolve() for place in places]:
        refuse(f"{name}: only what lies in {home} is adopted; move it there, then give the id: {path.stem}.")
    return path.stem


def _shown(ctx: click.Context, name: str) -> Adopted:
    """What adopting brings, printed before anybody is asked to sign. Raises MisuseError where it cannot be adopted."""
    from checklist.clinic.service import Clinic
    from checklist.clinic.texts.adopting import candidate, unfit

    with Clinic.open(clinic_folder(ctx)) as opened:
        coming = candidate(opened, name)
        if refusal := unfit(opened, coming):
            refuse(refusal.message)
    _say_coming(coming)
    say("Your secret signs this.")
    sys.stdout.flush()
    return coming


@click.command()
@click.argument("old", type=TEXT, metavar="NAME")
@click.argument("new", type=TEXT, metavar="[NEW]", required=False)
@json_option
@clinic_option
@click.pass_context
def diff(ctx: click.Context, *, old: str, new: str | None, as_json: bool) -> int:
    """Say in clinical words what is different, what makes it looser first.

    NAME alone: between what is in force and what adopting would bring (or a file). NAME and NEW: between two texts,
    each an id (of what is in force, or else of the clinic's own file or a shipped one), a file, or sha256:… of one that
    was ever adopted.
    """
    if new is None:
        adopted = _coming(ctx, old)
        if not as_json:
            _say_coming(adopted)
            return 0
        return _say_json(adopted.difference)
    from checklist.clinic.texts.difference import difference

    found = difference(_text(ctx, old), _text(ctx, new), _protocols(ctx))
    if as_json:
        return _say_json(found)
    say(*(found.lines or ("No difference.",)))
    return 0


def _coming(ctx: click.Context, name: str) -> Adopted:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.clinic.texts.adopting import candidate, compared

    with Clinic.open(clinic_folder(ctx)) as opened:
        return compared(opened, _file(Path(name))) if name.endswith(".toml") else candidate(opened, name)


def _file(path: Path) -> Loaded:
    from checklist.clinic.texts.procedures import load_procedure
    from checklist.protocol.linting.lint import kind_of
    from checklist.protocol.loader import contents, load, load_profile

    data = contents(path)
    kind = "protocol" if isinstance(data, list) else kind_of(data)
    return load_procedure(path) if kind == "procedure" else load_profile(path) if kind == "profile" else load(path)


def _text(ctx: click.Context, name: str) -> Loaded:
    from pathlib import Path

    from checklist.cli.found import found
    from checklist.clinic.folder import find
    from checklist.clinic.service import Clinic
    from checklist.clinic.texts.adopting import adopted_text
    from checklist.clinic.texts.procedures import shipped_procedures
    from checklist.protocol.library import shipped_profiles

    if name.endswith(".toml"):
        return _file(Path(name))
    if not name.startswith(_DIGEST) and not find(named_clinic(ctx)).made:
        return shipped_profiles().get(name) or shipped_procedures().get(name) or found(ctx, name)
    with Clinic.open(clinic_folder(ctx)) as opened:
        if name.startswith(_DIGEST):
            return adopted_text(opened, name.removeprefix(_DIGEST))
        one = opened.library.text_in_force(opened.ledger, name)
        return opened.library.text(one) if one is not None else opened.library.candidate(name)


def _protocols(ctx: click.Context) -> list[Protocol]:
    """Those of which it is said what a profile's value moves in them: those in force, or else the shipped ones."""
    from checklist.clinic.folder import find
    from checklist.clinic.service import Clinic
    from checklist.clinic.texts.adopting import in_force
    from checklist.protocol.library import shipped

    folder = find(named_clinic(ctx))
    if not folder.made:
        return [one.protocol for one in shipped().values()]
    with Clinic.open(folder) as opened:
        return [*in_force(opened)]


def _say_coming(adopted: Adopted) -> None:
    say(*(adopted.difference.lines or ("No difference.",)))
    if adopted.same_version and adopted.difference.lines:
        tell(f"Warning: the text has changed and the version is still {adopted.version}: raise it.")
    if adopted.lower_version and adopted.was is not None:
        tell(f"Warning: {adopted.was.version} is in force; {adopted.version} is lower and cannot be adopted: raise it.")
    if adopted.unfinished:
        tell(f"Warning: {adopted.unfinished}: put your own words there.")
    tell(*(f"Warning: {sentence}." for sentence in adopted.unheld))
    say(*adopted.keeping)


def _say_json(found: Difference) -> int:
    say_json([{"step": each.step, "weight": each.weight, "text": each.text} for each in found.changes])
    return 0
