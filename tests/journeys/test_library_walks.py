"""Every shipped protocol walked to its end in a real clinic, as the simulator says that it can be: the quickest run
without deviations, by two people who hold the roles it asks for, on a clock that moves as long as each act takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.folder import Folder
from checklist.clinic.visits.using import makes_load
from checklist.people.operator import AUDITOR, ROLES
from checklist.protocol.library import STRICTEST, shipped, shipped_profiles
from checklist.protocol.model import resolve
from checklist.run import commands as c
from checklist.run.marks import Outcome
from checklist.run.simulate import Path as Walk
from checklist.run.simulate import simulate
from checklist.run.state import RunState
from tests.clinic.conftest import House, who
from tests.support.making import Worker, copy_of, made_clinic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.protocol.model import Protocol
    from checklist.run.rehearsal import Act

FIRST, SECOND = "Mara Moss", "Nils North"
PROBE = '[[equipment]]\nid = "P1"\nkind = "probe"\ntitle = "Probe 1"\n\n'


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic with two people of every role but the auditor's, each with every credential that is asked for."""
    roles = tuple(role for role in ROLES if role != AUDITOR)
    workers = [Worker(name, f"four brown foxes {name}", roles) for name in (FIRST, SECOND)]
    lead = Worker("Lea Linden", "three green bottles")
    folder = made_clinic(tmp_path_factory.mktemp("library") / "clinic", lead, workers)
    house = House(folder)
    house.configure("[security]", PROBE + "[security]")
    with house.stack:
        clinic = house.open()
        for name in (FIRST, SECOND):
            for credential in sorted(_asked()):
                someone, granting = who(clinic, name), who(clinic, "Lea")
                clinic.personnel.grant(someone.id, credential, None, {}, granting, "line")
    return folder.root


def _asked() -> set[str]:
    protocols = [found.protocol for found in shipped().values()]
    steps = [step for protocol in protocols for step in protocol.steps]
    return {each for one in (*protocols, *steps) for each in one.credentials}


@pytest.fixture
def house(staffed: Path, tmp_path: Path) -> Iterator[House]:
    mine = House(Folder(copy_of(staffed, tmp_path)))
    mine.clock.advance(60)
    with mine.stack:
        yield mine


def as_written(name: str) -> tuple[Protocol, Walk]:
    """A shipped protocol by the strictest profile, and the quickest run of it without deviations."""
    protocol = resolve(shipped()[name].protocol, shipped_profiles()[STRICTEST].profile.values)
    path = simulate(protocol).as_written
    assert path is not None
    return protocol, path


def begun(clinic: Clinic, protocol: Protocol, by: SignedIn) -> str:
    """A run about the first room or machine there is, or a new visit."""
    session = clinic.session("new", by, "line") if protocol.subject == "session" else None
    assert session is None or isinstance(session, str)
    subject = "" if session else clinic.settings.subjects(protocol.subject, protocol.equipment)[0][0]
    state = clinic.begin(protocol.id, subject, by, "line", session)
    assert isinstance(state, RunState), state
    return state.run


def in_this_clinic(act: Act, protocol: Protocol, first: SignedIn, second: SignedIn, file: Path) -> c.Command:
    """A command of the model with the people of this clinic, and a file to attach."""
    match act.command:
        case c.Sign() as sign:
            return replace(sign, signer=first.person, name="")
        case c.Witness() as read:
            return replace(read, witness=second.person)
        case c.Give() as given if protocol.step(given.step).kind == "attach":
            return replace(given, value=str(file))
        case _:
            return act.command


def walked(house: House, clinic: Clinic, protocol: Protocol, path: Walk) -> RunState:
    file = house.folder.root.parent / "printout.txt"
    file.write_text("134.2 C 3:30 min\n", "utf-8")
    first, second = who(clinic, FIRST), who(clinic, SECOND)
    run = begun(clinic, protocol, first)
    for act in path.acts:
        house.clock.advance(act.wait_ms / 1000)
        command = in_this_clinic(act, protocol, first, second, file)
        state = clinic.do(run, command, None if isinstance(command, c.Tick) else first, "line")
        assert isinstance(state, RunState), (act, state)
    return clinic.run(run)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_protocol_is_walked_to_completion(name: str, house: House) -> None:
    protocol, path = as_written(name)
    clinic = house.open()
    if makes_load(protocol):  # which nobody may release before the machine was tested that day
        walked(house, clinic, *as_written("steriliser-daily"))
    began = house.clock.mono_ms
    state = walked(house, clinic, protocol, path)
    assert state.outcome is Outcome.COMPLETE
    assert state.deviations == 0
    closed = [(step.id, state.steps[step.id].status) for step in protocol.steps if state.steps[step.id].closed]
    assert closed == [(each.step, each.state) for each in path.steps]
    assert house.clock.mono_ms - began == path.seconds * 1000
    entries = clinic.run_entries(state.run)
    assert entries[-1].kind == "run.completed"
    assert entries[-1].data == {"outcome": "complete", "deviations": 0}
    clinic.close()
    assert verify_clinic(house.folder).result == "clean"
