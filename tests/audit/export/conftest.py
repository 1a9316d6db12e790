"""The clinic with the freezer, made once and copied, its ledgers and its catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic import auditing
from checklist.clinic.folder import Folder
from checklist.clinic.judging import judged
from checklist.clinic.service import Clinic
from tests.support import freezer
from tests.support.making import copy_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue


@pytest.fixture(scope="session")
def _freezer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return freezer.made(tmp_path_factory.mktemp("freezer") / "clinic").root


@pytest.fixture
def clinic(_freezer: Path, tmp_path: Path) -> Iterator[Clinic]:
    with Clinic.open(Folder(copy_of(_freezer, tmp_path))) as opened:
        yield opened


@pytest.fixture
def catalogue(clinic: Clinic) -> Iterator[Catalogue]:
    with auditing.opened(clinic) as tables:
        judged(clinic, tables)
        yield tables
