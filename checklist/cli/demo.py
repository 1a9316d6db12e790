"""`checklist demo`: a made-up clinic with a year of history, to explore."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, on_terminal, output_is_terminal, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.clinic.demo.building import Built
    from checklist.clinic.folder import Folder

_YEAR = 365


@click.command()
@click.argument("folder", metavar="[DIR]", type=PATH, required=False)
@click.option("--build-only", is_flag=True, help="Make it, and do not open it.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Another year for each.")
@click.option("--days", type=click.IntRange(1, _YEAR), default=_YEAR, show_default=True, help="A shorter year.")
def demo(folder: Path | None, *, build_only: bool, seed: int, days: int) -> int:
    """Make a throw-away clinic with a year of history in DIR, an empty folder, and open it.

    Without DIR it is made in a temporary folder, and taken away when the screen is closed.
    """
    import shutil
    import tempfile
    from pathlib import Path

    from checklist.clinic.demo.building import refuse_taken
    from checklist.clinic.folder import Folder

    opens = on_terminal() and output_is_terminal() and not build_only
    if folder is not None:
        place = Folder(folder.absolute())
        refuse_taken(place)
        _made(place, seed, days)
        return _opened(place) if opens else 0
    root = Path(tempfile.mkdtemp(prefix="checklist-demo-"))
    try:
        _made(Folder(root), seed, days)
        if opens:
            return _opened(Folder(root))
    finally:
        if opens:
            shutil.rmtree(root, ignore_errors=True)
    return 0


def _made(place: Folder, seed: int, days: int) -> None:
    from checklist.clinic.demo.building import build

    progress = _progress()
    try:
        built = build(place, seed=seed, days=days, progress=progress)
    finally:
        if progress is not None:
            print(file=sys.stderr)
    say(*_lines(place, built))


def _lines(place: Folder, built: Built) -> list[str]:
    from checklist.clinic.demo.named import LINE, SECRET

    return [
        f"{LINE}: {built.entries} entries from {built.first} to {built.last}, in {place.root}.",
        f"Everybody in it has the secret “{SECRET}”: sign in as {built.lead}, who is the lead, or as anybody else.",
        f"Open it with: checklist --clinic {place.root}",
    ]


def _opened(place: Folder) -> int:
    from checklist.tui.app import run_app

    return run_app(place)


def _progress() -> Callable[[int, int], None] | None:
    """A bar, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def count(done: int, whole: int) -> None:
        filled = 30 * done // whole
        bar = "#" * filled + "." * (30 - filled)
        print(f"\rMaking the demo clinic [{bar}] day {done} of {whole}", end="", file=sys.stderr, flush=True)

    return count
