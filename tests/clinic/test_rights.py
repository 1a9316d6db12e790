"""Rights at the one door: every act by every role, and the table decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.adopting import adopt
from checklist.clinic.copies import backup
from checklist.clinic.service import SignedIn
from checklist.people.credential import granted
from checklist.people.operator import ROLES, changed
from checklist.run import commands as c
from checklist.run import rights
from checklist.run.events import Person
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

    Deed = Callable[["Scene"], object]

OWN_ROLE = "receptionist"  # a clinic may add roles
AT_THE_FACES = {Act.RECORD_VERIFIED}
"""Acts that are no business of the clinic: their tests are with those who offer them."""


class Scene:
    """Lea with one role only, and everything that there is to do. Ben is the other person wherever one is needed."""

    def __init__(self, house: House, clinic: Clinic, kit: Kit, role: str) -> None:
        self.clinic, self.kit, self.house = clinic, kit, house
        lea = kit.who(clinic, "Lea")
        clinic.record(changed(lea.id, roles=[*ROLES, OWN_ROLE], actor=None, via="system"))
        self.who = SignedIn(Person(lea.id, frozenset({role}), ("secret",)), lea.name)
        self.ben = kit.who(clinic, "Ben")

    def run(self, protocol: str, subject: str, *commands: c.Command) -> str:
        run = self.kit.begin(self.clinic, protocol, subject, by="Ben")
        for command in commands:
            self.kit.do(self.clinic, run, command, by="Ben")
        return run

    def by_ben(self, run: str, command: c.Command) -> object:
        return self.clinic.do(run, command, self.ben, "tui")


def walks(scene: Scene) -> object:
    return scene.clinic.begin("short", "", scene.who, "tui")


def signs(scene: Scene) -> object:
    run = scene.run("load", "equipment=S1", c.Assign("number", {}), c.Give("verdict", "released"))
    return scene.by_ben(run, c.Sign("release", scene.who.person, "released", ""))


def witnesses(scene: Scene) -> object:
    run = scene.run("blind", "room=room-1", c.Give("indicator", "turned"))
    return scene.by_ben(run, c.Witness("second", scene.who.person, "turned"))


def vouches(scene: Scene) -> object:
    return scene.by_ben(scene.run("short", ""), c.Override("wash", scene.kit.because, scene.who.person))


def attributes(scene: Scene) -> object:
    begun = scene.clinic.begin("spill", "", None, "tui")
    assert not isinstance(begun, Refusal)
    return scene.clinic.do(begun.run, c.Attribute(), scene.who, "tui")


def opens_a_session(scene: Scene) -> object:
    return scene.clinic.session("new", scene.who, "tui")


def adopts(scene: Scene) -> object:
    text = scene.kit.protocol_text("short", "clinic", "", scene.kit.short.replace("tidy", "neat"))
    (scene.house.folder.protocols / "short.toml").write_text(text, "utf-8")
    return adopt(scene.clinic, "short", scene.who, "tui")


def backs_up(scene: Scene) -> object:
    return backup(scene.clinic, scene.house.folder.root.parent / "copy", scene.who, "tui")


def remarks(scene: Scene) -> object:
    return scene.clinic.remark("a#0", "looked at", scene.who, "tui")


def resets(scene: Scene) -> object:
    return scene.clinic.staff.reset(scene.ben.id, "three blue kettles", scene.who, "no such code", "tui")


def changes_their_secret(scene: Scene) -> object:
    return scene.clinic.staff.change_secret(scene.who, scene.kit.secret, "three blue kettles", "tui")


def adds(scene: Scene) -> object:
    return scene.clinic.personnel.add("Nora North", ["staff"], "three blue kettles", scene.who, "tui")


def gives_roles(scene: Scene) -> object:
    return scene.clinic.personnel.set_roles(scene.ben.id, ["staff"], scene.who, "tui")


def disables(scene: Scene) -> object:
    return scene.clinic.personnel.disable(scene.ben.id, scene.who, "tui")


def grants(scene: Scene) -> object:
    return scene.clinic.personnel.grant(scene.ben.id, "laser", None, {}, scene.who, "tui")


def ends_a_credential(scene: Scene) -> object:
    scene.clinic.record(granted(scene.ben.id, "laser", None, {}, actor=None, via="system"))
    return scene.clinic.personnel.end(scene.ben.id, "laser", scene.who, "tui")


def erases(scene: Scene) -> object:
    return scene.clinic.personnel.erase(scene.ben.id, scene.who, "tui")


def unlocks(scene: Scene) -> object:
    return scene.clinic.staff.unlock(scene.ben.id, scene.who, "tui")


def gives_a_badge(scene: Scene) -> object:
    return scene.clinic.staff.give_badge(scene.ben.id, "0123456789", scene.who, "tui")


DEEDS: list[tuple[Act, Deed]] = [
    (Act.WALK, walks),
    (Act.SIGN, signs),
    (Act.WITNESS, witnesses),
    (Act.VOUCH, vouches),
    (Act.ATTRIBUTE, attributes),
    (Act.OPEN_SESSION, opens_a_session),
    (Act.ADOPT, adopts),
    (Act.BACKUP, backs_up),
    (Act.REMARK, remarks),
    (Act.RESET, resets),
    (Act.CHANGE_OWN_SECRET, changes_their_secret),
    *((Act.MANAGE_PEOPLE, deed) for deed in (adds, gives_roles, disables, grants, ends_a_credential, erases)),
    *((Act.MANAGE_PEOPLE, deed) for deed in (unlocks, gives_a_badge)),
]


def test_every_act_is_tried() -> None:
    assert {act for act, _ in DEEDS} == set(Act) - AT_THE_FACES


@pytest.mark.parametrize("role", [*ROLES, OWN_ROLE])
@pytest.mark.parametrize(("act", "deed"), DEEDS, ids=lambda part: getattr(part, "__name__", str(part)))
def test_the_table_decides(house: House, clinic: Clinic, kit: Kit, act: Act, deed: Deed, role: str) -> None:
    scene = Scene(house, clinic, kit, role)
    found = deed(scene)
    refused = isinstance(found, Refusal) and found.code == "role"
    assert refused == (not rights.may(act, {role})), found
    if refused:
        assert all(entry.actor != scene.who.id for entry in clinic.ledger.entries(clinic.ledger.size - 1))
