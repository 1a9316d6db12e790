"""The authoring guide is true: a new clinic follows it line by line, and the program answers as the guide says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from checklist.cli.protocols import protocol as group
from checklist.clinic import config as configuration
from checklist.people.operator import ROLES
from checklist.protocol.linting.lint import lint
from checklist.protocol.linting.surroundings import ROLES as KNOWN_TO_LINT
from checklist.protocol.loader import LoadedProtocol, parse
from checklist.protocol.steps import KINDS
from checklist.protocol.template import CATEGORIES
from checklist.protocol.units import UNITS
from tests.support.in_process import at_a_terminal, cheap_secrets
from tests.support.making import header

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE: Final = (Path(__file__).parents[2] / "protocols" / "AUTHORING.md").read_text(encoding="utf-8")
BLOCKS: Final[list[tuple[str, str]]] = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
PROTOCOL, SECOND_READER, BRANCH, SCHEDULE = (text for kind, text in BLOCKS if kind == "toml")
EDITS: Final[list[tuple[str, str]]] = re.findall(r"`([^`]+)` becomes `([^`]+)`", re.sub(r"\s+", " ", GUIDE))
SECRET: Final = "three blind mice"


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    with cheap_secrets():
        yield


def test_whoever_follows_the_guide_has_their_protocol_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHECKLIST_CLINIC", raising=False)
    monkeypatch.chdir(tmp_path)
    file = Path("protocols/eyewash-weekly.toml")
    edited = False
    for command, expected in commands():
        if command[0] == "cd":
            monkeypatch.chdir(command[1])
            continue
        if command[1:3] == ["protocol", "lint"]:  # step 2 was done before step 3
            file.write_text(PROTOCOL, encoding="utf-8")
        if command[1:3] == ["protocol", "diff"]:
            file.write_text(changed(), encoding="utf-8")
            edited = True
        told = at_a_terminal(command[1:], [("ecret", SECRET), ("nce more", SECRET)])
        paused = command[1] == "walk"  # nobody answers there, and a pause is not complete
        assert told.code == (1 if paused else 0), told.text
        lines = told.text.splitlines()
        assert [line for line in expected if line not in lines] == []
    assert edited
    told = at_a_terminal(["log", "--kind", "protocol.adopted"], [])
    assert [version in told.text for version in ("1.0.0", "1.1.0")] == [True, True]
    assert at_a_terminal(["verify"], []).code == 0


def test_the_list_in_the_guide_has_nothing_to_be_said_against_it(tmp_path: Path) -> None:
    file = tmp_path / "eyewash-weekly.toml"
    file.write_text(PROTOCOL, encoding="utf-8")
    assert lint([file]) == []
    for example in (SECOND_READER, BRANCH):
        found = parse((header("small", "Small") + example).encode(), name="small.toml")
        assert isinstance(found, LoadedProtocol), found


def test_the_line_for_clinic_toml_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text(configuration.new_config("Riverside", "Europe/Berlin") + SCHEDULE, encoding="utf-8")
    found = configuration.load(file).schedule[-1]
    assert found.protocol == "eyewash-weekly"
    assert found.rhythm is not None
    assert found.rhythm.every == "week"


def test_every_command_kind_and_category_that_is_named_exists() -> None:
    assert set(re.findall(r"checklist protocol (\w+)", GUIDE)) <= set(group.places)
    rows = re.findall(r"^\| `([a-z-]+)`", GUIDE, re.MULTILINE)
    assert {row for row in rows if row in KINDS} == set(KINDS)
    assert {row for row in rows if row in CATEGORIES} == set(CATEGORIES)


def test_every_unit_and_every_role_is_listed() -> None:
    listed = GUIDE[GUIDE.index("Units are UCUM codes") : GUIDE.index("`printout = true` says")]
    units, roles = listed[: listed.index("Who may do it")], listed[listed.index("Every clinic has") :]
    assert set(re.findall(r"`([^`]+)`", units)) == set(UNITS)
    assert tuple(re.findall(r"`([a-z]+)`", roles)[: len(ROLES)]) == ROLES == KNOWN_TO_LINT


def commands() -> Iterator[tuple[list[str], list[str]]]:
    """Each command line of the guide, and the lines that it must print."""
    for kind, text in BLOCKS:
        if kind != "console":
            continue
        for piece in text.split("$ ")[1:]:
            line, *expected = piece.splitlines()
            yield shlex.split(line), expected


def changed() -> str:
    """The list after the change that the guide makes."""
    text, edits = PROTOCOL, [(old, new) for old, new in EDITS if old != "version"]
    assert len(edits) == 2
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text.replace('version = "1.0.0"', 'version = "1.1.0"')
