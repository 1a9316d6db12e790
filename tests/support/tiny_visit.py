"""A clinic with a tiny procedure: one room, one load and one cartridge; and visits for which that was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.texts.adopting import adopt
from checklist.clinic.visits import clearing
from checklist.clinic.visits.sessions import find_or_open
from checklist.gate.facts import Asked
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.clinic.visits.clearing import Answer
    from checklist.gate.facts import Stage
    from tests.clinic.conftest import House, Kit

OPENING = """\
[[steps]]
id = "pack"
kind = "scan"
do = "Scan the pack."
captures = ["load"]
use = "consumes"
[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["serial", "expiry"]
use = "consumes"
"""
TINY = """\
[procedure]
id = "tiny"
title = "A tiny procedure"
version = "1.0.0"
[[requires]]
id = "room"
protocol = "turnover"
same = ["room"]
within = "4h"
[[requires]]
id = "opening"
protocol = "opening"
same = ["session"]
within = "60m"
[[requires]]
id = "packs"
identifier = "load"
state = "released"
[[requires]]
id = "cartridges"
identifier = "serial"
[[closes]]
id = "cleared"
cleared = true
"""
WHY = Reason("clinical-decision", "the patient cannot wait")


def tiny_clinic(house: House, kit: Kit) -> Clinic:
    opened = house.open()
    lead = kit.who(opened, "Lea")
    text = kit.protocol_text("opening", "session", 'voided_by = ["power-loss"]', OPENING)
    house.add_protocol("opening", text, opened, lead)
    text = kit.protocol_text("turnover", "room", 'voided_by = ["patient-entered"]', kit.blind)
    house.add_protocol("turnover", text, opened, lead)
    folder = house.folder.protocols / "procedures"
    folder.mkdir()
    (folder / "tiny.toml").write_text(TINY, "utf-8")
    assert not isinstance(adopt(opened, "tiny", lead, "tui"), Refusal)
    return opened


def turn_over(kit: Kit, clinic: Clinic, room: str = "room-1") -> str:
    run = kit.begin(clinic, "turnover", f"room={room}")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    return kit.do(clinic, run, c.Confirm("look")).run


def visit(kit: Kit, clinic: Clinic) -> str:
    found = find_or_open(clinic, "new", kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, str)
    return found


def open_packs(kit: Kit, clinic: Clinic, session: str, serial: str = "C-1", expiry: str = "2032-01") -> str:
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-01"))
    kit.do(clinic, run, c.Give("cartridge", f"serial={serial} expiry={expiry}"))
    return run


def ready(kit: Kit, clinic: Clinic) -> str:
    """A visit for which everything was done."""
    kit.walk_load(clinic)
    turn_over(kit, clinic)
    session = visit(kit, clinic)
    open_packs(kit, clinic, session)
    return session


def asked(clinic: Clinic, session: str | None, stage: Stage = "start", room: str = "room-1") -> Asked:
    found = clearing.asked_of(clinic, "tiny", room, session, stage)
    assert isinstance(found, Asked), found
    return found


def look(clinic: Clinic, session: str | None, stage: Stage = "start", room: str = "room-1") -> dict[str, bool | None]:
    """What the gate says of every requirement; nothing is recorded."""
    size = clinic.ledger.size
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    found = clearing.ask(clearing.sources_of(clinic), procedure, asked(clinic, session, stage, room), clinic.now())
    assert clinic.ledger.size == size
    return {one.id: one.met for one in found.requirements}


def clear(kit: Kit, clinic: Clinic, session: str, stage: Stage = "start", by: str = "Lea") -> Answer | Refusal:
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    return clearing.clear(clinic, procedure, asked(clinic, session, stage), kit.who(clinic, by), "tui")


def override(kit: Kit, clinic: Clinic, session: str, by: str = "Lea", second: str = "Ben") -> Answer | Refusal:
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    who, other = kit.who(clinic, by), kit.who(clinic, second).person
    return clearing.override(clinic, procedure, asked(clinic, session), WHY, who, other, "tui")


ALL = {"room": True, "opening": True, "packs": True, "cartridges": True}
