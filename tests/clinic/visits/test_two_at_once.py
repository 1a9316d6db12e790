"""Two programs that ask the gate for one room at the same moment: one patient goes in, and never two."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from checklist.clinic.checking import verify_clinic
from tests.support.tiny_visit import ALL, look, open_packs, ready, tiny_clinic, visit

if TYPE_CHECKING:
    from tests.clinic.conftest import House, Kit

_PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.visits import clearing
from checklist.ledger.clock import SystemClock
from checklist.run.events import Person

root, session, at = sys.argv[1:4]
read = SystemClock.__call__
SystemClock.__call__ = lambda clock: replace(read(clock), at=at)
with Clinic.open(Folder(Path(root))) as clinic:
    (lea,) = [each for each in clinic.staff.operators() if each.name == "Lea Linden"]
    who = SignedIn(Person(lea.id, lea.roles, ("secret",)), "Lea Linden")
    asked = clearing.asked_of(clinic, "tiny", "room-1", session)
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    print("ready", flush=True)
    sys.stdin.readline()
    print(clearing.clear(clinic, procedure, asked, who, "line").clearance.decision)
"""


def test_one_room_that_was_made_ready_once_is_go_for_one_visit(house: House, kit: Kit) -> None:
    clinic = tiny_clinic(house, kit)
    first = ready(kit, clinic)
    second = visit(kit, clinic)
    open_packs(kit, clinic, second, "C-2")
    assert look(clinic, first) == look(clinic, second) == ALL
    house.clock.advance(1)
    commands = [
        [sys.executable, "-c", _PROGRAM, str(house.folder.root), one, clinic.now().at] for one in (first, second)
    ]
    programs = [subprocess.Popen(each, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for each in commands]
    for program in programs:
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin
        program.stdin.write("go\n")
        program.stdin.flush()
    answers = [program.communicate(timeout=60)[0].strip() for program in programs]
    assert sorted(answers) == ["GO", "NO-GO"]
    assert clinic.ledger.query("SELECT count(*) FROM clearance WHERE decision = 'GO'") == [(1,)]
    assert verify_clinic(house.folder).result == "clean"
