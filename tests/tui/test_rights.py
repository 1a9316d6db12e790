"""What each role may do at the full screen. Whoever may not is told why, or is not among those to choose and turned
away with their badge; the record says what came of it.

One screen is opened for each act, and one person after the other comes to it, of each kind of role that the table
tells apart: a lead, an auditor, and anybody else, by a role of the clinic's own. Every role there is, is tried at the
doors that cost less (see tests/journeys/test_rights_everywhere).
"""

import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.identifiers.recalling import quarantine
from checklist.clinic.service import SignedIn
from checklist.run import rights
from checklist.run.events import Reason
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.tui.form import Form
from tests.support.every_role import BEN, LEAD, OWN, Scene, made_for_rights, name_of, secret_of
from tests.support.in_process import cheap_secrets

Try: TypeAlias = Callable[[Any, str, bool], Awaitable[None]]
"""Tries something as the person with this role, who may or may not."""

SIGN_INS = {"signed-in", "signed-out"}
ROLES = ("auditor", OWN, "lead")
BEARERS = (BEN, *map(name_of, ROLES))


def badge_of(name: str) -> str:
    return f"BADGE-{BEARERS.index(name):04}"


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clinic with somebody of each role, who has a badge; a visit, and lots that Ben has set apart."""
    with cheap_secrets():
        root = made_for_rights(tmp_path_factory.mktemp("rights") / "clinic").root
        scene = Scene(root, "lead")
        with scene.clinic() as clinic:
            lead = clinic.staff.prove(LEAD, secret_of(LEAD), "tui")
            assert isinstance(lead, SignedIn)
            for one in clinic.staff.operators():
                if one.name in BEARERS:
                    assert clinic.staff.give_badge(one.id, badge_of(one.name), lead, "tui") is None
            ben = clinic.staff.prove(BEN, secret_of(BEN), "tui")
            assert isinstance(ben, SignedIn)
            assert isinstance(clinic.session("new", ben, "tui"), str)
            for role in ROLES:
                torn = Reason("other", "a torn box")
                assert not isinstance(quarantine(clinic, "lot", f"E-{role.upper()}", torn, ben, "tui"), Refusal)
        yield root


# -- what there is to try -----------------------------------------------------------------------------------


async def comes_with_badge(nurse: Any, name: str, may: bool) -> None:
    """At a field that asks for a person: their badge and their secret, or they are turned away."""
    await nurse.badge(badge_of(name))
    if may:
        await nurse.sees("> SECRET")
        await nurse.type(secret_of(name))
        await nurse.press("enter")
    else:
        await nurse.sees("Whoever has this badge cannot do this")
        assert name not in nurse.text()


def asked_who(nurse: Any) -> bool:
    """Whether somebody was turned away, and the next one may come."""
    return isinstance(nurse.desk.screen, Form)


async def told_why(nurse: Any) -> None:
    await nurse.sees("Auditors read everything and leave remarks; they do not")


async def walks(nurse: Any, _role: str, may: bool) -> None:
    await nurse.start("plain")
    if not may:
        await told_why(nurse)
        return
    await nurse.press("1", "enter", "enter")
    await nurse.sees("COMPLETE")


async def opens_a_visit(nurse: Any, _role: str, may: bool) -> None:
    await nurse.start("short visit")
    await nurse.opens_a_visit()
    if may:
        await nurse.sees("STEP 1 OF 1")
    else:
        await told_why(nurse)


async def signs(nurse: Any, role: str, may: bool) -> None:
    if not asked_who(nurse):
        await nurse.start("signed")
        await nurse.press("enter", "1", "enter")
    await comes_with_badge(nurse, name_of(role), may)
    if may:
        await nurse.sees(f"RELEASED  {name_of(role)}")


async def reads_again(nurse: Any, role: str, may: bool) -> None:
    if not asked_who(nurse):
        await nurse.start("blind")
        await nurse.press("1", "enter", "enter", "enter")
    await comes_with_badge(nurse, name_of(role), may)
    if may:
        await nurse.press("1", "enter")
        await nurse.sees("COMPLETE")


async def at_a_hold(nurse: Any) -> None:
    """What is asked before the second person is."""
    await nurse.start("held")
    await nurse.press("f2", "4", "enter")
    await nurse.type("the lamp is broken")
    await nurse.press("enter", "enter")
    await nurse.sees("SECOND PERSON")


async def vouches_for_a_hold(nurse: Any, role: str, may: bool) -> None:
    if not asked_who(nurse):
        await at_a_hold(nurse)
    await comes_with_badge(nurse, name_of(role), may)
    if may:
        await nurse.sees("/O\\ OVERRIDDEN")


async def passes_a_hold(nurse: Any, role: str, may: bool) -> None:
    """With Ben, who is no lead."""
    if not rights.may(Act.WALK, {role}):
        await nurse.start("held")
        await told_why(nurse)
        return
    await at_a_hold(nurse)
    await comes_with_badge(nurse, BEN, may)
    if may:
        await nurse.sees("/O\\ OVERRIDDEN")


async def vouches_for_another_try(nurse: Any, role: str, may: bool) -> None:
    """What stopped the run is opened again."""
    if not asked_who(nurse):
        await nurse.start("held")
        await nurse.press("f3", "1", "enter", "4", "enter")
        await nurse.type("the lamp is broken")
        await nurse.press("enter", "enter")
        await nurse.sees("FAILED")
        await nurse.press("f4", "1", "enter")
        await nurse.type("the wrong lamp")
        await nurse.press("enter", "enter")
        await nurse.sees("SECOND PERSON")
    await comes_with_badge(nurse, name_of(role), may)
    if may:
        await nurse.sees("STEP 1 OF 1")


async def stands_for_an_emergency(nurse: Any, role: str, may: bool) -> None:
    if not asked_who(nurse):
        await nurse.press("f9")
        await nurse.sees("WHICH ONE")
        found = re.search(r"(\d)  Siren", nurse.text())
        assert found, nurse.text()
        await nurse.press(found[1], "enter")
        await nurse.sees("NOT SIGNED IN: sign afterwards")
        await nurse.press("f5")
        await nurse.sees("WHO DID THIS?")
    await comes_with_badge(nurse, name_of(role), may)
    if may:
        await nurse.until(lambda: nurse.desk.who is not None)


async def asks_the_gate(nurse: Any) -> None:
    """About the first procedure and room, and the visit that there is."""
    await nurse.press("f3")
    await nurse.sees("MAY IT START?  WHAT, WHERE")
    if nurse.desk.face.at == 0:  # the same procedure and room as before are proposed
        await nurse.press("1", "enter", "1", "enter")
    await nurse.press("1", "enter")
    await nurse.sees("Asked at")


async def has_the_answer_recorded(nurse: Any, _role: str, may: bool) -> None:
    await asks_the_gate(nurse)
    await nurse.press("f6")
    await (nurse.sees("is recorded, as entry") if may else told_why(nurse))


async def vouches_at_the_gate(nurse: Any, role: str, may: bool) -> None:
    if not asked_who(nurse):
        await asks_the_gate(nurse)
        await nurse.press("f2")
        await gives_a_reason(nurse)
        await nurse.sees("SECOND PERSON")
    await comes_with_badge(nurse, name_of(role), may)
    if may:
        await nurse.sees("the override is recorded")


async def follows(nurse: Any, lot: str) -> None:
    await nurse.press("f4")
    await nurse.sees("WHAT IS IT ABOUT?")
    await nurse.type(lot)
    await nurse.press("enter", "enter")
    if "What is it?" in nurse.text():
        await nurse.press("4", "enter")
    await nurse.sees(f"lot {lot}")


async def gives_a_reason(nurse: Any) -> None:
    await nurse.press("4", "enter")
    await nurse.type("the box is torn")
    await nurse.press("enter", "enter")


async def blocks(nurse: Any, role: str, may: bool) -> None:
    await follows(nurse, f"C-{role.upper()}")
    await nurse.press("f2")
    if may:
        await gives_a_reason(nurse)
        await nurse.sees("QUARANTINED SINCE")
    else:
        await told_why(nurse)


async def lets_go(nurse: Any, role: str, may: bool) -> None:
    await follows(nurse, f"E-{role.upper()}")
    await nurse.press("f2")
    if may:
        await gives_a_reason(nurse)
        await nurse.sees("may be used again")
    else:
        await nurse.sees("Only a lead ends a quarantine")


async def calls_back(nurse: Any, role: str, may: bool) -> None:
    await follows(nurse, f"C-{role.upper()}")
    await nurse.press("f3")
    if may:
        await gives_a_reason(nurse)
        await nurse.sees(f"RECALLED: lot C-{role.upper()}")
    else:
        await told_why(nurse)


async def says_what_happened(nurse: Any, _role: str, may: bool) -> None:
    await nurse.press("f4", "f6")
    if not may:
        await told_why(nurse)
        return
    await nurse.sees("WHAT HAS HAPPENED?")
    await nurse.type("power")
    await nurse.press("enter", "1", "enter", "enter", "enter")
    await nurse.sees("Power loss is recorded")


@dataclass(frozen=True)
class Case:
    """One thing to try, and the kind of entry that it leaves. `here` is who stands at the screen: the person
    themselves, Ben, beside whom they come, or nobody."""

    act: Act
    tries: Try
    leaves: str
    here: str = ""
    as_second: bool = False


NOBODY = "nobody"
CASES = [
    Case(Act.WALK, walks, "step.done"),
    Case(Act.OPEN_SESSION, opens_a_visit, "session.opened"),
    Case(Act.SIGN, signs, "signed", here=BEN),
    Case(Act.WITNESS, reads_again, "witnessed", here=BEN),
    Case(Act.VOUCH, vouches_for_a_hold, "step.overridden", here=BEN, as_second=True),
    Case(Act.VOUCH, vouches_for_another_try, "step.corrected", here=BEN, as_second=True),
    Case(Act.VOUCH, passes_a_hold, "step.overridden"),
    Case(Act.ATTRIBUTE, stands_for_an_emergency, "run.attributed", here=NOBODY),
    Case(Act.CLEAR, has_the_answer_recorded, "cleared"),
    Case(Act.VOUCH, vouches_at_the_gate, "clearance.overridden", here=BEN, as_second=True),
    Case(Act.QUARANTINE, blocks, "quarantined"),
    Case(Act.END_QUARANTINE, lets_go, "quarantine.ended"),
    Case(Act.RECALL, calls_back, "recalled"),
    Case(Act.HAPPENED, says_what_happened, "happened"),
]


OF_PEOPLE = {Act.MANAGE_PEOPLE, Act.RESET, Act.CHANGE_OWN_SECRET}
"""Acts of the screen of people, which opens for a lead only what changes others."""
BY_COMMAND = {Act.ADOPT, Act.BACKUP, Act.RECORD_VERIFIED, Act.REMARK, Act.REVIEW}
"""Acts that have no key."""


def test_no_act_is_without_a_try() -> None:
    assert {case.act for case in CASES} == set(Act) - OF_PEOPLE - BY_COMMAND


# -- trying -------------------------------------------------------------------------------------------------


async def stands_here(nurse: Any, name: str) -> None:
    """Only this person is signed in at the board, or nobody."""
    while asked_who(nurse):
        await nurse.press("escape")
    if nurse.walk_face() is not None:
        await nurse.press("ctrl+q")
    while nurse.desk.face is not nurse.desk.board:
        await nurse.press("escape")
    who = nurse.desk.who
    if name == NOBODY:
        if who is not None:
            await nurse.press("f7")
            await nurse.until(lambda: nurse.desk.who is None)
    elif who is None or who.name != name:
        await nurse.press("f5")
        await nurse.sees("WHO IS AT THIS SCREEN?")
        await comes_with_badge(nurse, name, may=True)
        await nurse.until(lambda: nurse.desk.who is not None and nurse.desk.who.name == name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.tries.__name__)
async def test_the_table_of_rights_decides(
    station: Callable[..., Any], peopled: Path, tmp_path: Path, case: Case
) -> None:
    root = shutil.copytree(peopled, tmp_path / "peopled")
    async with station(at=Folder(root)) as nurse:
        for role in ROLES:
            scene, may = Scene(root, role), rights.may(case.act, {role})
            if not (case.here and asked_who(nurse)):
                await stands_here(nurse, case.here or scene.name)
            scene.begin_watching()
            await case.tries(nurse, role, may)
            judge(scene, case, may)


def judge(scene: Scene, case: Case, may: bool) -> None:
    """Who may has left it in their own name; who may not has left nothing of it, nor is named in it."""
    left, who = scene.entries(), scene.id(scene.name)
    done = [entry for entry in left if entry["kind"] == case.leaves]
    if may:
        assert [entry["data"].get("witness") if case.as_second else entry["actor"] for entry in done] == [who]
        return
    assert done == []
    theirs = {entry["kind"] for entry in left if entry["actor"] == who} - SIGN_INS
    assert theirs <= ({"run.started", "step.started"} if rights.may(Act.WALK, {scene.role}) else set())
    assert not [entry for entry in left for key in ("witness", "to") if entry["data"].get(key) == who]


async def test_every_role_changes_its_own_secret_and_leads_manage(
    station: Callable[..., Any], peopled: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(peopled, tmp_path / "peopled")
    async with station(at=Folder(root)) as nurse:
        for role in ROLES:
            await stands_here(nurse, name_of(role))
            before = nurse.desk.storage.saved.size
            await nurse.press("f2")
            for key, opens in (("f6", "> NAME"), ("enter", f"CHANGE {LEAD}")):
                await nurse.press(key)
                if rights.may(Act.MANAGE_PEOPLE, {role}):
                    await nurse.sees(opens)
                    await nurse.press("escape")
                else:
                    await nurse.sees("Only a lead adds or changes people")
                    assert opens not in nurse.text()
            await nurse.press("f4")
            await nurse.sees("CHANGE YOUR SECRET")
            await nurse.press("escape", "escape")
            assert nurse.desk.storage.saved.size == before


async def test_an_auditor_looks_at_a_run_and_takes_none_over(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("STEP 1 OF 3")
        await nurse.press("ctrl+q", "f5")
        await nurse.sign_in_as("dora", "five yellow words")
        await nurse.go_to("Three acts")
        await nurse.press("enter")
        await nurse.sees("Anna Berg walks this run")
        before = nurse.desk.storage.saved.size
        await nurse.press("enter")
        await nurse.sees("they do not walk protocols")
        for key in ("f2", "f3"):
            await nurse.press(key)
            await nurse.sees("press Enter to take it over first")
        assert nurse.desk.storage.saved.size == before
        await nurse.press("f8")
        await nurse.sees("READ ONLY")
