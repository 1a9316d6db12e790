"""Faults are injected into the real program: the clinic is that of the journeys."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checklist.clinic.demo.building import build
from checklist.clinic.folder import Folder
from tests.support.making import Worker, made_clinic
from tests.support.place import ANNA, ANNAS, Place, place_of


@pytest.fixture(scope="session")
def one_lead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_clinic(tmp_path_factory.mktemp("faults") / "clinic", Worker(ANNA, ANNAS)).root


@pytest.fixture
def place(one_lead: Path, tmp_path: Path) -> Place:
    return place_of(one_lead, tmp_path)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day of work, made once. Nobody writes to it."""
    root = tmp_path_factory.mktemp("damaged") / "clinic"
    root.mkdir()
    today = datetime.now(UTC).date()
    build(Folder(root), days=1, last=today - timedelta(days=1 + (today.weekday() - 3) % 7))  # a Wednesday
    return root
