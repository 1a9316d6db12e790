"""Made-up years to look at: short ones, each made once for all tests that only read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.demo.building import Built, build
from checklist.clinic.folder import Folder
from checklist.ledger.reader import open_read_only
from tests.support.in_process import cheap_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from checklist.ledger.entry import Entry

LAST = date(2026, 5, 29)
DAYS = 20


@dataclass(frozen=True)
class Year:
    """A made-up clinic, and what is known of it."""

    folder: Folder
    built: Built

    def entries(self) -> list[Entry]:
        with open_read_only(self.folder.ledger) as reader:
            return list(reader.entries())


def made(root: Path, days: int = DAYS, seed: int = 1, plants: Mapping[str, int] | None = None) -> Year:
    """A year of so many days; honest only where nothing is to be planted."""
    folder = Folder(root)
    with cheap_secrets():
        return Year(folder, build(folder, seed=seed, days=days, last=LAST, plants=plants or {}))


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """A month with one of each kind of pattern in it."""
    from checklist.clinic.demo.plants import DEFAULT

    return made(tmp_path_factory.mktemp("planted") / "demo", 30, 2, dict.fromkeys(DEFAULT, 1))
