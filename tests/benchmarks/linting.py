"""Looking at protocol files: the whole shipped library, and a thousand generated ones, against only reading the TOML.

The goals are in seconds, after imports: half a second for the library, ten for the thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import tomli

from checklist.clinic.texts.linting import shipped_around
from checklist.protocol.library import shipped, shipped_folder
from checklist.protocol.linting.lint import lint
from tests.benchmarks.figures import Row, Samples, interleaved, timed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.clinics import Workshop

ROUNDS = 11
THOUSAND = 1000
ROUNDS_OF_THOUSAND = 3


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    library = shipped_folder()
    generated = _generated(workshop.root / "generated")
    return [
        _row("lint the shipped library : read its TOML", library, ROUNDS, 0.5),
        _row(f"lint {THOUSAND:,} generated protocols : read their TOML", generated, ROUNDS_OF_THOUSAND, 10),
    ]


def _row(name: str, folder: Path, rounds: int, most: float) -> Row:
    around = shipped_around()
    ours, yardstick = interleaved(
        rounds,
        lambda: timed(lambda: lint([folder], around.found, around.readers)),
        lambda: timed(lambda: _only_read(folder)),
    )
    return _against(name, ours, yardstick, most)


def _against(name: str, ours: Samples, yardstick: Samples, most: float) -> Row:
    ratio = f"{ours.median / yardstick.median:.2f}x"
    unit, factor = ("ms", 1e3) if most < 1 else ("s", 1)
    told = ours.times(factor).text(unit), yardstick.times(factor).text(unit)
    return Row(name, len(ours.values), *told, ratio, f"<= {most:g} s", ours.median <= most)


def _only_read(folder: Path) -> None:
    for path in folder.rglob("*.toml"):
        tomli.loads(path.read_text(encoding="utf-8"))


def _generated(folder: Path) -> Path:
    """A thousand files, each a shipped one under an id of its own."""
    folder.mkdir()
    texts = [(name, loaded.data.decode()) for name, loaded in shipped().items()]
    for number in range(THOUSAND):
        name, text = texts[number % len(texts)]
        new = f"{name}-{number}"
        (folder / f"{new}.toml").write_text(
            text.replace(f'\nid = "{name}"\n', f'\nid = "{new}"\n', 1), encoding="utf-8"
        )
    return folder
