"""A clinic with something to be looked at, and the way to its log."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from tests.support.audited import fridge_runs
from tests.support.making import copy_of

ANNAS = "three blue words"


@pytest.fixture(scope="session")
def audited(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_of(template, tmp_path_factory.mktemp("audited"))
    fridge_runs(Folder(root), "Anna Berg", ANNAS)
    return root


@pytest.fixture
def folder(audited: Path, tmp_path: Path) -> Folder:
    return Folder(copy_of(audited, tmp_path))


@pytest.fixture
def runs(folder: Folder) -> list[str]:
    """The runs of the fridge, oldest first; the last one has a deviation and a correction."""
    with Clinic.open(folder) as clinic:
        return [str(run) for (run,) in clinic.ledger.query("SELECT run FROM run ORDER BY idx")]


@pytest.fixture
def log() -> Callable[[Any], Any]:
    """Open the log from the board, and wait until it is filled."""

    async def opened(nurse: Any) -> None:
        await nurse.press("f8")
        await nurse.sees(" found")

    return opened


@pytest.fixture
def sign() -> Callable[[Any, str, str], Any]:
    """Press a key of one sign, and wait for what it leads to."""

    async def pressed(nurse: Any, key: str, words: str) -> None:
        await nurse.type(key)
        await nurse.sees(words)
        await nurse.idle()

    return pressed
