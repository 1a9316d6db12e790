"""A clinic with something to be looked at: runs with a failed reading, a correction, a step that was too fast, and a
plan that was not kept."""

import sqlite3
from pathlib import Path

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState
from tests.support.making import bring_into_force, header

_INTERIOR = 5
"""The kind of a page that leads to others, in the format of SQLite's files."""

FRIDGE = (
    header("fridge", "Read the fridge", "room")
    + """
[[steps]]
id = "temperature"
kind = "measure"
do = "Read the fridge's thermometer."
unit = "Cel"
limit = { min = 2.0, max = 8.0 }
decimals = 1

[[steps]]
id = "door"
kind = "confirm"
do = "Keep the door shut."
expect = "shut"
at_least = "30s"

[[steps]]
id = "words"
kind = "text"
do = "Say what you saw."
"""
)


def fridge_runs(folder: Folder, name: str, secret: str, rooms: int = 2) -> list[str]:
    """Some runs, the newest of them with a reading out of its limit and a correction; their names, oldest first."""
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove(name, secret, "tui")
        assert isinstance(lead, SignedIn)
        bring_into_force(clinic, lead, "fridge", FRIDGE)
        found = [_run(clinic, lead, f"room=room-{number % 2 + 1}", f"{4 + number}.5") for number in range(rooms)]
        return [*found, _run(clinic, lead, "room=room-1", "9.9", "7.1", corrected="7.2")]


HOLD = (
    header("hold", "Wait for the seal")
    + """
[[steps]]
id = "seal"
kind = "confirm"
do = "Look at the seal."
expect = "whole"
hold = true
"""
)


def overridden(clinic: Clinic, first: tuple[str, str], second: tuple[str, str]) -> str:
    """A hold that two people passed, each given by name and secret; the run."""
    who, witness = (clinic.staff.prove(*pair, "tui") for pair in (first, second))
    assert isinstance(who, SignedIn)
    assert isinstance(witness, SignedIn)
    bring_into_force(clinic, who, "hold", HOLD)
    state = clinic.begin("hold", "", who, "tui")
    assert isinstance(state, RunState), state
    _do(clinic, state.run, c.Override("seal", Reason("not-available", "no seal here"), witness.person), who)
    return state.run


def _run(clinic: Clinic, who: SignedIn, subject: str, *readings: str, corrected: str = "") -> str:
    state = clinic.begin("fridge", subject, who, "tui")
    assert isinstance(state, RunState), state
    for reading in readings:
        if reading != readings[0]:
            _do(clinic, state.run, c.Remark("temperature", "the door was open"), who)
        _do(clinic, state.run, c.Give("temperature", reading), who)
    if corrected:
        _do(clinic, state.run, c.Correct("temperature", Reason("mistake", "read upside down")), who)
        _do(clinic, state.run, c.Give("temperature", corrected), who)
    _do(clinic, state.run, c.Confirm("door"), who)
    _do(clinic, state.run, c.Give("words", "nothing unusual"), who)
    return state.run


def _do(clinic: Clinic, run: str, command: c.Command, who: SignedIn) -> None:
    done = clinic.do(run, command, who, "tui")
    assert isinstance(done, RunState), done


def damage(ledger: Path, index: int, word: str = "typed", other: str = "taped") -> None:
    """Change one entry behind the program's back: a word in it."""
    db = sqlite3.connect(ledger)
    try:
        kept = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'entry'"
        triggers = db.execute(kept).fetchall()
        for name, _ in triggers:
            db.execute(f'DROP TRIGGER "{name}"')
        changed = "CAST(replace(CAST(leaf AS TEXT), ?, ?) AS BLOB)"
        db.execute(f"UPDATE entry SET leaf = {changed} WHERE idx = ?", (word, other, index))  # noqa: S608 - our words
        for _, made in triggers:
            db.execute(made)
        db.commit()
    finally:
        db.close()


def spoil_pages(ledger: Path) -> None:
    """Write over the oldest and the newest page of the entries in the file itself, as a failing disk does."""
    db = sqlite3.connect(ledger)
    ((size,),) = db.execute("PRAGMA page_size").fetchall()
    ((root,),) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'entry'").fetchall()
    db.close()
    data = bytearray(ledger.read_bytes())
    start = (root - 1) * size
    assert data[start] == _INTERIOR, "entries on more than one page"
    first = start + int.from_bytes(data[start + 12 : start + 14], "big")
    for pointer in (first, start + 8):
        page = int.from_bytes(data[pointer : pointer + 4], "big")
        data[(page - 1) * size : page * size] = b"\xff" * size
    ledger.write_bytes(data)
