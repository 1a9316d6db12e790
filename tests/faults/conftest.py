"""Faults are injected into the real program: the clinic is that of the journeys."""

from pathlib import Path

import pytest

from tests.support.making import Worker, made_clinic
from tests.support.place import ANNA, ANNAS, Place, place_of


@pytest.fixture(scope="session")
def one_lead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_clinic(tmp_path_factory.mktemp("faults") / "clinic", Worker(ANNA, ANNAS)).root


@pytest.fixture
def place(one_lead: Path, tmp_path: Path) -> Place:
    return place_of(one_lead, tmp_path)
