"""A tiny list by which a machine that was called back returns: a test that anybody reads, and a lead's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run import commands as c
from checklist.run.state import RunState
from tests.support.making import bring_into_force, header

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn

NAME = "coming-back"
COMING_BACK = (
    header(NAME, "Let a machine come back", "equipment")
    + """
[[steps]]
id = "tested"
kind = "choice"
do = "Read the test after the repair."
options = [{ value = "negative", verdict = "pass" }, { value = "positive", verdict = "fail" }]
[[steps]]
id = "unit"
kind = "sign"
do = "Sign whether it goes back into use."
meanings = ["released", "quarantined"]
roles = ["lead"]
"""
)


def walk_back(clinic: Clinic, machine: str, lead: SignedIn, tester: SignedIn, meaning: str = "released") -> RunState:
    """The list about this machine, from its beginning to its end."""
    if clinic.library.in_force(clinic.ledger).get(NAME) is None:
        bring_into_force(clinic, lead, NAME, COMING_BACK)
    run = clinic.begin(NAME, f"equipment={machine}", tester, "tui", None)
    assert isinstance(run, RunState), run
    for command in (c.Give("tested", "negative"), c.Sign("unit", lead.person, meaning, "")):
        done = clinic.do(run.run, command, tester, "tui")
        assert isinstance(done, RunState), done
        run = done
    return run
