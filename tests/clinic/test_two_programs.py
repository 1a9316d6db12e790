"""Two programs at one folder, as processes that really run side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from checklist.clinic.checking import verify_clinic

if TYPE_CHECKING:
    from checklist.clinic.folder import Folder
    from tests.clinic.conftest import House, Kit

_PROGRAM = """
import json, sys
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Person, Reason
from checklist.run.reading import Refusal

root, job, run = sys.argv[1:4]
with Clinic.open(Folder(Path(root))) as clinic:
    (lea,) = [each for each in clinic.staff.operators() if each.name == "Lea Linden"]
    who = SignedIn(Person(lea.id, lea.roles, ("secret",)), "Lea Linden")
    print("ready", flush=True)
    sys.stdin.readline()
    out = []
    if job == "numbers":
        for _ in range(6):
            run = clinic.begin("load", "equipment=S1", who, "line").run
            out.append(clinic.do(run, c.Assign("number", {}), who, "line").steps["number"].value)
    elif job == "sessions":
        for number in range(4):
            out.append(clinic.session(f"card {number}", who, "line"))
            clinic.session("new", who, "line")
    elif job == "cartridges":
        for number in range(6):
            run = clinic.begin("opening", "", who, "line", clinic.session("new", who, "line")).run
            found = clinic.do(run, c.Give("cartridge", f"serial=C-{number}"), who, "line")
            out.append(found.code if isinstance(found, Refusal) else f"C-{number}")
    else:
        for number in range(20):
            for command in (c.Confirm("wash"), c.Correct("wash", Reason("mistake", "again"))):
                found = clinic.do(run, command, who, "line")
                out.append(found.code if isinstance(found, Refusal) else "done")
    print(json.dumps(out))
"""


def side_by_side(folder: Folder, job: str, run: str = "") -> list[list[str]]:
    """What two programs answer that begin the same job at the same moment."""

    command = [sys.executable, "-c", _PROGRAM, str(folder.root), job, run]
    programs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for program in programs:
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin
        program.stdin.write("go\n")
        program.stdin.flush()
    answers = [program.communicate(timeout=60)[0] for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    return [json.loads(answer) for answer in answers]


def test_numbers_are_given_once_and_without_gaps(house: House) -> None:
    given = [number for answers in side_by_side(house.folder, "numbers") for number in answers]
    assert len(given) == 12
    assert len(set(given)) == 12
    days = {number[:-3] for number in given}
    for day in days:
        counters = sorted(int(number.rpartition("-")[2]) for number in given if number.startswith(day))
        assert counters == list(range(1, len(counters) + 1))
    assert verify_clinic(house.folder).findings == ()


def test_one_reference_is_one_session(house: House) -> None:
    one, two = side_by_side(house.folder, "sessions")
    assert one == two
    clinic = house.open()
    opened = [str(entry.data["session"]) for entry in clinic.ledger.entries_of_kind("session.opened")]
    assert len(opened) == len(set(opened)) == 12
    assert verify_clinic(house.folder).result == "clean"


def test_every_act_is_recorded_once(house: House, kit: Kit) -> None:
    clinic = house.open()
    run = kit.begin(clinic, "short")
    one, two = side_by_side(house.folder, "acts", run)
    done = [entry.kind for entry in clinic.run_entries(run)][1:]
    assert len(done) == (one + two).count("done")
    assert set(one + two) <= {"done", "not-current", "not-closed"}
    # An act and its correction take turns: neither was ever applied twice.
    expected = ["step.done", "step.corrected"] * len(done)
    assert done == expected[: len(done)]
    assert clinic.run(run) == house.open().run(run)


def test_one_thing_is_never_handed_to_two_visits(house: House, kit: Kit) -> None:
    clinic = house.open()
    steps = '[[steps]]\nid = "cartridge"\nkind = "scan"\ndo = "Scan it."\ncaptures = ["serial"]\nuse = "consumes"\n'
    text = kit.protocol_text("opening", "session", "", steps)
    house.add_protocol("opening", text, clinic, kit.who(clinic, "Lea"))
    answers = [answer for each in side_by_side(house.folder, "cartridges") for answer in each]
    assert sorted(answer for answer in answers if answer != "used") == [f"C-{number}" for number in range(6)]
    assert answers.count("used") == 6
