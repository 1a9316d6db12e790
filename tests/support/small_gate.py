"""A clinic with a small procedure: a room that was turned over, a pack of a released load, somebody who may."""

from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.run import commands as c
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.making import bring_into_force, header

LOOK = """
[[steps]]
id = "look"
kind = "confirm"
do = "Look around."
expect = "tidy"
"""
PACK = """
[[steps]]
id = "pack"
kind = "scan"
do = "Scan the pack."
captures = ["load"]
accepts = ["typed"]
use = "consumes"
"""
LOAD = """
[[steps]]
id = "number"
kind = "assign"
produces = { load = "{equipment}-{date}-{n:02}" }
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""
PROCEDURE = """
[procedure]
id = "small"
title = "A small procedure"
version = "1.0.0"
[[requires]]
id = "packs"
identifier = "load"
state = "released"
[[requires]]
id = "room"
what = "The room turnover"
protocol = "turn-over"
same = ["room"]
within = "4h"
[[requires]]
id = "opening"
what = "The opening of the packs"
protocol = "open-packs"
same = ["session"]
[[requires]]
id = "performer"
credential = "small"
[[closes]]
id = "cleared"
cleared = true
"""


def add_small_gate(clinic: Clinic, lead: SignedIn) -> None:
    """Bring the procedure and what it asks for into force; the lead holds the credential."""
    more = 'voided_by = ["spill", "patient-entered"]'
    bring_into_force(clinic, lead, "turn-over", header("turn-over", "Turn the room over", "room", more=more) + LOOK)
    opening = header("open-packs", "Open the packs", "session", more='voided_by = ["power-loss"]')
    bring_into_force(clinic, lead, "open-packs", opening + PACK)
    bring_into_force(clinic, lead, "small-load", header("small-load", "Run a small load", "equipment") + LOAD)
    folder = clinic.folder.protocols / "procedures"
    folder.mkdir(exist_ok=True)
    (folder / "small.toml").write_text(PROCEDURE, "utf-8")
    assert isinstance(adopt(clinic, "small", lead, "tui"), Adopted)
    assert not isinstance(clinic.personnel.grant(lead.id, "small", None, {}, lead, "tui"), Refusal)


def a_load(clinic: Clinic, who: SignedIn) -> str:
    """A load that was made and released; its number."""
    run = _begun(clinic, "small-load", "equipment=S1", who)
    _done(clinic, run, c.Assign("number", {}), who)
    _done(clinic, run, c.Sign("release", who.person, "released", ""), who)
    return str(clinic.ledger.query("SELECT value FROM identifier WHERE run = ?", (run,))[0][0])


def a_visit(clinic: Clinic, who: SignedIn, load: str, reference: str = "new") -> str:
    """A visit in which a pack of that load was opened; its id."""
    session = clinic.session(reference, who, "tui")
    assert isinstance(session, str)
    _done(clinic, _begun(clinic, "open-packs", "", who, session), c.Give("pack", f"load={load}"), who)
    return session


def _begun(clinic: Clinic, protocol: str, subject: str, who: SignedIn, session: str | None = None) -> str:
    begun = clinic.begin(protocol, subject, who, "tui", session)
    assert isinstance(begun, RunState), begun
    return begun.run


def _done(clinic: Clinic, run: str, command: c.Command, who: SignedIn) -> RunState:
    done = clinic.do(run, command, who, "tui")
    assert isinstance(done, RunState), done
    return done
