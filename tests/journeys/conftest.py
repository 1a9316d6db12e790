"""What the journeys share: a clinic made once, and copied for each story."""

from pathlib import Path

import pytest

from tests.support.making import Worker, made_clinic
from tests.support.place import ANNA, ANNAS, BEN, BENS, Place, place_of


@pytest.fixture(scope="session")
def finished_clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("journeys") / "clinic"
    return made_clinic(root, Worker(ANNA, ANNAS), [Worker(BEN, BENS, ("staff", "release"))], machine_tests=False).root


@pytest.fixture
def place(finished_clinic: Path, tmp_path: Path) -> Place:
    return place_of(finished_clinic, tmp_path)
