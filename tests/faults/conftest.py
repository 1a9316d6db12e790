"""Faults are injected into the real program: the clinic is that of the journeys."""

import shutil
from pathlib import Path

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from tests.support.place import ANNA, ANNAS, Place


@pytest.fixture(scope="session")
def one_lead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("faults") / "clinic"
    make(Folder(root), "Riverside Skin", ANNA, ANNAS, "line")
    return root


@pytest.fixture
def place(one_lead: Path, tmp_path: Path) -> Place:
    shutil.copytree(one_lead, tmp_path / "clinic")
    there = Place(tmp_path / "clinic")
    there.secret_of(ANNA).write_text(ANNAS + "\n")
    there.secret_of(ANNA).chmod(0o600)
    return there
