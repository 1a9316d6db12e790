"""A small clinic with something for every table: readings, an out-of-limit one, a lot, an override, a skipped step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.service import Clinic, SignedIn
from checklist.ledger.entry import Entry
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState
from tests.support.making import Worker, header, made_clinic

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.folder import Folder

LEA, LEAS = "Lea Linden", "three green bottles"
BEN, BENS = "Ben Beech", "four green bottles"
OTTO, OTTOS = "Otto Oak", "five green bottles"
FORMULA = "-2+3"
"""What a hostile label says its lot is."""
SECRET_WORDS = "the sample of Frau Winterhalter"

FREEZER = (
    header("freezer", "Read the freezer", "equipment")
    + """
[[steps]]
id = "look"
kind = "confirm"
do = "Look at the seal."
expect = "it is whole"
at_least = "1m"
[[steps]]
id = "cold"
kind = "measure"
do = "Read the temperature."
unit = "Cel"
limit = { min = -25.0, max = -15.0 }
decimals = 1
[[steps]]
id = "label"
kind = "scan"
do = "Scan the label."
accepts = ["typed"]
captures = ["lot"]
use = "consumes"
[[steps]]
id = "inside"
kind = "text"
do = "Say what is in it."
[[steps]]
id = "tidy"
kind = "confirm"
do = "Tidy up."
expect = "tidy"
[[steps]]
id = "shut"
kind = "confirm"
do = "Shut the door."
expect = "shut"
hold = true
"""
)


def made(root: Path, runs: int = 3) -> Folder:
    """The clinic, with that many runs of which the first has an override and all have something."""
    others = [Worker(BEN, BENS, ("staff",)), Worker(OTTO, OTTOS, ("auditor",))]
    folder = made_clinic(root, Worker(LEA, LEAS), others, {"freezer": FREEZER})
    with Clinic.open(folder) as clinic:
        for number in range(runs):
            walk(clinic, number)
    return folder


def who(clinic: Clinic, name: str) -> SignedIn:
    """One of the three, proved."""
    found = clinic.staff.prove(name, {LEA: LEAS, BEN: BENS, OTTO: OTTOS}[name], "line")
    assert isinstance(found, SignedIn)
    return found


def walk(clinic: Clinic, number: int) -> RunState:
    """One look at the freezer. The first was passed by two though its door stood open."""
    ben, lea = who(clinic, BEN), who(clinic, LEA)
    state = clinic.begin("freezer", "equipment=F1", ben, "line")
    assert isinstance(state, RunState), state
    last: c.Command = c.Confirm("shut")
    if number == 0:
        last = c.Override("shut", Reason("other", "the hinge is broken"), lea.person)
    for command in (
        c.Confirm("look"),
        c.Give("cold", "-12.0"),
        c.Remark("cold", "the door stood open"),
        c.Give("cold", f"-18.{number}"),
        c.Give("label", f"lot={FORMULA}"),
        c.Give("inside", SECRET_WORDS),
        c.Skip("tidy", Reason("interrupted", "the bell rang")),
        last,
    ):
        done = clinic.do(state.run, command, ben, "line")
        assert isinstance(done, RunState), (command, done)
        state = done
    return state


def remarked(found: object) -> Entry:
    """An entry, and no refusal."""
    assert isinstance(found, Entry), found
    return found
