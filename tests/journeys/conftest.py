"""What the journeys share: a clinic made once, and copied for each story."""

import shutil
from pathlib import Path

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.clinic.service import Clinic, SignedIn
from checklist.people.operator import Operator
from tests.support.place import ANNA, ANNAS, BEN, BENS, Place


@pytest.fixture(scope="session")
def finished_clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("journeys") / "clinic"
    make(Folder(root), "Riverside Skin", ANNA, ANNAS, "line")
    with Clinic.open(Folder(root)) as clinic:
        lead = clinic.sign_in(ANNA, ANNAS, "line")
        assert isinstance(lead, SignedIn)
        assert isinstance(clinic.add_operator(BEN, ["staff", "release"], BENS, lead, "line"), Operator)
    return root


@pytest.fixture
def place(finished_clinic: Path, tmp_path: Path) -> Place:
    shutil.copytree(finished_clinic, tmp_path / "clinic")
    there = Place(tmp_path / "clinic")
    for name, secret in ((ANNA, ANNAS), (BEN, BENS)):
        there.secret_of(name).write_text(secret + "\n")
        there.secret_of(name).chmod(0o600)
    return there
