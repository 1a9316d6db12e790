"""`checklist protocol new`: a text to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, TEXT, clinic_folder, clinic_option, named_clinic, refuse, say

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.protocol.header import Category, Subject

GUIDE = "AUTHORING.md"
# As the model has them; it is too slow to be loaded before it is needed.
CATEGORIES = ("clinic", "sterilisation", "treatment", "emergency")
SUBJECTS = ("clinic", "room", "equipment", "session")


@click.command()
@click.argument("name", type=TEXT, metavar="ID")
@click.option(
    "--category", type=click.Choice(CATEGORIES), default="clinic", show_default=True, help="Where it belongs."
)
@click.option("--subject", type=click.Choice(SUBJECTS), help="What each run is about; by default what is usual.")
@click.option("--title", type=TEXT, help="What staff call it; by default the id in words.")
@click.option("--out", type=PATH, metavar="FILE", help="Where to write it; by default the clinic's protocols folder.")
@clinic_option
@click.pass_context
def new(
    ctx: click.Context, *, name: str, category: Category, subject: Subject | None, title: str | None, out: Path | None
) -> int:
    """Write a new protocol to start from. Nothing is overwritten, and nothing is in force before a lead adopts it."""
    from checklist.protocol.library import shipped_folder
    from checklist.protocol.loader import parse
    from checklist.protocol.plain import tidy
    from checklist.protocol.template import text_for
    from checklist.protocol.values import TITLE_LIMIT

    _refuse_taken(ctx, name)
    text = text_for(name, category, subject, title).encode()
    path = out or clinic_folder(ctx).protocols / f"{name}.toml"
    if path.name != f"{name}.toml":
        refuse(f"{path}: a protocol's file has the name of its id; write {name}.toml.")
    if title is not None and len(tidy(title)) > TITLE_LIMIT:
        refuse(f"The title is too long: write at most {TITLE_LIMIT} characters.")
    faults = parse(text, name=f"{name}.toml")
    if isinstance(faults, list):
        refuse(f"This cannot be a protocol: {faults[0].message} — {faults[0].fix}.")
    _write(path, text)
    shown = _short(path)
    say(f"Written: {shown}", "Put your own words in, then:")
    say(f"  checklist protocol lint {shown}", f"  checklist protocol preview {shown}")
    if out is None:
        say(f"  checklist protocol adopt {name} --as NAME")
    else:
        say(f"  checklist protocol simulate {shown}")
    say(f"Step by step: {shipped_folder() / GUIDE}")
    return 0


def _refuse_taken(ctx: click.Context, name: str) -> None:
    """Say no to what cannot be an id, and to one that comes with the program or is in force, whatever its kind."""
    import re

    from checklist.clinic.folder import find
    from checklist.clinic.histories import opened_to_read
    from checklist.clinic.texts.kinds import shipped_kinds
    from checklist.clinic.texts.library import Library
    from checklist.protocol.library import shipped, shipped_folder
    from checklist.protocol.values import ID_PATTERN

    if not re.fullmatch(ID_PATTERN, name):
        refuse(f"“{name}” cannot be an id: use only a to z, 0 to 9 and -, at most 64 of them.")
    if name in shipped():
        file = f"{shipped_folder() / shipped()[name].protocol.category / name}.toml"
        refuse(f"“{name}” comes with the program: choose another id, or copy {file} and change the copy.")
    if name in shipped_kinds():
        refuse(f"“{name}” is the id of a {shipped_kinds()[name]} that comes with the program: choose another id.")
    folder = find(named_clinic(ctx))
    if not folder.made:
        return
    with opened_to_read(folder) as (readers, _):
        in_force = Library(folder).text_in_force(readers[-1], name)
    if in_force is not None:
        refuse(f"“{name}” is the id of a {in_force.kind} in force here, and it stays as it is: choose another id.")


def _write(path: Path, text: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(text)
    except OSError as error:
        if path.exists():
            refuse(f"{path}: there is such a file already, and it stays as it is; choose another id.")
        refuse(f"{path}: cannot be written ({error.strerror}); name another file with --out.")


def _short(path: Path) -> str:
    """The path as somebody who stands in this folder would write it."""
    import shlex
    from pathlib import Path

    try:
        shown = path.absolute().relative_to(Path.cwd())
    except (OSError, ValueError):
        shown = path
    return shlex.quote(str(shown))
