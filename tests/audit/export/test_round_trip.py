"""From the JSON Lines alone, on another machine: the same findings and the same numbers, also over two ledgers."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from checklist.audit.catalogue import open_catalogue
from checklist.audit.export import jsonl
from checklist.audit.findings import judge
from checklist.audit.numbers import apart, done, measured
from checklist.audit.numbers.scope import Scope
from checklist.audit.rules.rule import Context
from checklist.clinic import auditing
from checklist.clinic.copies import Copied, backup, restore
from checklist.clinic.exporting import as_lines
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.ledger.reader import open_read_only
from checklist.ledger.verify import verify_file
from tests.support import freezer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

EVER = Scope("2000-01-01", "2999-12-31")


def numbers(db: sqlite3.Connection, zone: str) -> list[object]:
    """All that is counted and found in the record itself; the plan stands in clinic.toml."""
    readings = measured.readings(db, EVER)
    return [
        done.coverage(db, EVER),
        done.shares(db, EVER),
        *(
            asked(db, EVER)
            for asked in (apart.deviating, apart.deviations, apart.overrides, apart.answers, apart.unmet)
        ),
        apart.called_back(db, EVER),
        measured.times(db, EVER),
        readings,
        [measured.points(db, EVER, each) for each in readings],
        judge(db, Context(datetime(2099, 1, 1, tzinfo=UTC), zone)),
    ]


@pytest.fixture
def twice(clinic: Clinic, tmp_path: Path) -> Iterator[Clinic]:
    """The clinic after a restore: an earlier ledger, and one that goes on."""
    lea = freezer.who(clinic, freezer.LEA)
    assert isinstance(backup(clinic, tmp_path / "backup", lea, "line"), Copied)
    restored = restore(tmp_path / "backup", Folder(tmp_path / "again"), "line")
    with Clinic.open(restored.folder) as again:
        freezer.walk(again, 1)
        yield again


@pytest.mark.parametrize("which", ["clinic", "twice"])
def test_the_numbers_and_the_findings_are_the_same(request: pytest.FixtureRequest, tmp_path: Path, which: str) -> None:
    clinic: Clinic = request.getfixturevalue(which)
    zone = clinic.settings.clinic.timezone
    with auditing.opened(clinic) as tables:
        told = as_lines(clinic, tmp_path / "record.jsonl", "line")
        ours = numbers(tables.db, zone)
    (tmp_path / "elsewhere").mkdir()
    found = jsonl.take(tmp_path / "record.jsonl", tmp_path / "elsewhere")
    assert told.count == sum(len(leaves_in(path)) for path in found.ledgers)
    assert len(found.ledgers) == (1 if which == "clinic" else 2)
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(open_read_only(path)) for path in found.ledgers]
        again = stack.enter_context(open_catalogue(None, readers, zone, found.protocol))
        theirs = numbers(again.db, zone)
    for one, other in zip(ours, theirs, strict=True):
        assert one == other
    assert ours[-1]


def leaves_in(path: Path) -> list[int]:
    with open_read_only(path) as reader:
        return [entry.index for entry in reader.entries()]


def test_the_ledger_that_is_made_again_is_verified_clean(clinic: Clinic, tmp_path: Path) -> None:
    as_lines(clinic, tmp_path / "record.jsonl", "line")
    (tmp_path / "elsewhere").mkdir()
    found = jsonl.take(tmp_path / "record.jsonl", tmp_path / "elsewhere")
    report = verify_file(found.ledgers[0], vkey=clinic.ledger.vkey)
    assert (report.result, report.entries) == ("clean", clinic.ledger.size - 1)
