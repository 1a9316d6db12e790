"""The page beside the protocols is true: its examples are read, and what it names exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import tomli

from checklist.clinic import config as configuration
from checklist.clinic.folder import Folder
from checklist.clinic.texts.linting import around
from checklist.gate.requirement import KINDS
from checklist.protocol.library import shipped, shipped_folder
from checklist.protocol.linting.lint import has_errors, lint

if TYPE_CHECKING:
    from pathlib import Path

PAGE: Final = (shipped_folder() / "README.md").read_text(encoding="utf-8")
EXAMPLES: Final[list[str]] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PROCEDURE: Final = next(text for text in EXAMPLES if text.startswith("[procedure]"))
CLINIC: Final = next(text for text in EXAMPLES if text.startswith("[[equipment]]"))


def test_the_procedure_is_read_and_shows_every_kind_of_requirement(tmp_path: Path) -> None:
    file = tmp_path / "protocols" / "procedures" / "facial-peel.toml"
    file.parent.mkdir(parents=True)
    file.write_text(PROCEDURE, encoding="utf-8")
    found = around(Folder(tmp_path), [file])
    faults = lint([file], found.found, found.readers)
    assert not has_errors(faults), faults
    document = tomli.loads(PROCEDURE)
    shown = [kind for one in (*document["requires"], *document["closes"]) for kind in KINDS if kind in one]
    assert set(shown) == set(KINDS)


def test_the_tables_of_clinic_toml_are_read(tmp_path: Path) -> None:
    new = configuration.new_config("Riverside", "Europe/Berlin")
    kept = re.sub(r"^\[(calendar|scanner)\]\n(?:[a-z_]+ = .*\n)+", "", new, flags=re.MULTILINE)
    file = tmp_path / "clinic.toml"
    file.write_text(kept + CLINIC, encoding="utf-8")
    found = configuration.load(file)
    assert found.equipment[-1].reader == "dac-universal"
    assert [line.protocol for line in found.schedule[-3:]] == ["steriliser-daily", "bi-test", "reprocess-weekly"]
    assert found.calendar.weekdays == {5, 6}
    assert all((found.hooks.on_overdue, found.hooks.on_failure, found.hooks.on_recall))
    assert found.scanner.substitutes == ("|",)


def test_every_protocol_has_its_line_with_how_long_it_counts() -> None:
    rows = re.findall(r"^\| `\w+/([a-z-]+)\.toml` \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert {name for name, _ in rows} == set(shipped())
    assert {name for name, counts in rows if counts == "–"} == {
        name for name, one in shipped().items() if one.protocol.valid_for is None
    }


def test_every_event_that_ends_a_completion_is_named() -> None:
    named = {event for one in shipped().values() for event in one.protocol.voided_by}
    sentence = PAGE[PAGE.index("Events that end a completion") : PAGE.index("Whoever is there says so")]
    assert set(re.findall(r"`([a-z-]+)`", sentence)) == named
