"""A clinic's people.db and pepper in a folder of their own, and a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checklist.people.store import PeopleStore


@pytest.fixture(scope="module", autouse=True)
def as_dear_as_they_are(cost_of_secrets: int) -> Iterator[None]:
    """Here secrets cost what they cost in a clinic."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("checklist.people.secret.MEMORY_KIB", cost_of_secrets)
        yield


@pytest.fixture
def pepper() -> bytes:
    return bytes(range(32))


@pytest.fixture
def today() -> datetime:
    return datetime(2026, 11, 22, 10, 11, 12, 345678, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "people.db"


@pytest.fixture
def store(database: Path) -> Iterator[PeopleStore]:
    with PeopleStore.create(database) as opened:
        yield opened
