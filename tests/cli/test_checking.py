"""`checklist verify` and `checklist doctor`."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

KEYS = {"result", "station", "entries", "root", "first_bad", "views", "anchored_to", "unanchored", "findings"}


def change_a_leaf(clinic: Path) -> None:
    with sqlite3.connect(clinic / "ledger.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'Z', 'Y') AS BLOB) WHERE idx = 3")
    db.close()


def test_a_clean_record_is_zero_wherever_it_lies(run: Run, clinic: Path) -> None:
    answer = run("verify", "--json")
    assert answer.code == 0
    assert set(answer.data) >= KEYS
    assert answer.data["result"] == "clean"
    assert "CLEAN" in run("verify").out
    assert run("verify", clinic).code == 0
    assert run("verify", clinic / "ledger.db").code == 0
    assert run("verify", "--since-last").code == 0


def test_a_changed_record_is_one_and_says_where(run: Run, clinic: Path) -> None:
    change_a_leaf(clinic)
    answer = run("verify", clinic / "ledger.db", "--json")
    assert answer.code == 1
    assert answer.data["result"] == "tampered"
    assert answer.data["first_bad"]["index"] == 3
    assert "TAMPERED" in run("verify", clinic).out


def test_what_cannot_be_checked_is_two(run: Run, clinic: Path) -> None:
    (clinic / "other").write_text("not a ledger", encoding="utf-8")
    for path in (clinic / "other", clinic / "nowhere", clinic / "protocols"):
        answer = run("verify", path, "--json")
        assert answer.code == 2
        assert answer.data["result"] == "cannot-check"


def test_the_result_is_recorded_when_asked_by_somebody_who_signs_in(run: Run, clinic: Path, ada: Who) -> None:
    assert "--as" in run("verify", "--record").told
    assert "no PATH" in run("verify", clinic, "--record", *ada).told
    assert run("verify", "--record", *ada).code == 0
    (entry,) = run("log", "--kind", "verified", "--json").data
    assert entry["data"]["result"] == "clean"
    assert entry["actor"] is not None
    assert run("verify", "--since-last", "--json").data["result"] == "clean"


def test_verify_without_record_writes_nothing(run: Run, clinic: Path) -> None:
    before = (clinic / "ledger.db").read_bytes()
    assert run("verify").code == 0
    assert (clinic / "ledger.db").read_bytes() == before


def test_the_doctor_says_what_was_looked_at(run: Run, clinic: Path) -> None:
    answer = run("doctor", "--json")
    assert answer.code == 0
    assert {"record", "people", "space"} <= {one["name"] for one in answer.data}
    (clinic / "ledger.db").unlink()
    answer = run("doctor")
    assert answer.code == 1
    assert "fault: record" in answer.out
