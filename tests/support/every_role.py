"""A clinic with somebody of every role, and everything there is to do: what the tests of rights try their acts on."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.visits import clearing
from checklist.gate.facts import Asked
from checklist.people.operator import ROLES, Operator
from checklist.run.events import Reason
from tests.support.in_process import days_ago
from tests.support.making import Worker, header, made_clinic, write_secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.clinic.visits.clearing import Answer
    from checklist.run.reading import Refusal

OWN = "receptionist"  # a clinic may add roles
EVERY_ROLE = (*ROLES, OWN)
LEAD, BEN, MAX, GONE = "Ada", "Ben", "Max", "Gil"
"""The lead who made the clinic; a colleague who is no lead; who is changed; and who left long ago."""
WORDS = {"new": "six blind owls", "newest": "eight blind bats", "badge": "BADGE-0042"}

_LOOK = (
    '[[steps]]\nid = "look"\nkind = "choice"\ndo = "Look."\n'
    'options = [{ value = "yes", verdict = "pass" }, { value = "no", verdict = "fail" }]\n'
)
_READ = '[[steps]]\nid = "read"\nkind = "witness"\nof = "look"\ndo = "Read it again."\n'
_SIGN = '[[steps]]\nid = "ready"\nkind = "sign"\ndo = "Say that it is ready."\nmeanings = ["released"]\n'
PROTOCOLS = {
    "plain": header("plain", "Plain") + _LOOK,
    "signed": header("signed", "Signed") + _SIGN,
    "blind": header("blind", "Blind") + _LOOK + _READ,
    "held": header("held", "Held") + _LOOK + "hold = true\n",
    "siren": header("siren", "Siren", category="emergency") + _LOOK,
    "visit": header("visit", "Short visit", subject="session") + _LOOK,
}
SIREN_OF_OUR_OWN = PROTOCOLS["siren"].replace('id = "siren"', 'id = "other"')


def secret_of(name: str) -> str:
    """The secret of one of these people."""
    return f"{name} has a secret"


def worker(name: str, role: str) -> Worker:
    return Worker(name, secret_of(name), (role,))


def name_of(role: str) -> str:
    """What the person is called who has this role and no other."""
    return f"Person of {role}"


def made_for_rights(root: Path) -> Folder:
    """The clinic, made some days ago. Somebody left it so long ago that they can be erased."""
    others = [worker(name_of(role), role) for role in EVERY_ROLE]
    others += [worker(name, "staff") for name in (BEN, MAX, GONE)]
    with days_ago(4):
        folder = made_clinic(root, Worker(LEAD, secret_of(LEAD)), others, PROTOCOLS)
        with Clinic.open(folder) as clinic:
            lead = clinic.staff.prove(LEAD, secret_of(LEAD), "line")
            assert isinstance(lead, SignedIn)
            assert isinstance(clinic.personnel.disable(_id(clinic, GONE), lead, "line"), Operator)
            assert not isinstance(clinic.personnel.grant(_id(clinic, MAX), "laser", None, {}, lead, "line"), str)
    text = folder.config.read_text("utf-8").replace('retention = "10y"', 'retention = "2d"')
    folder.config.write_text(text, "utf-8")
    (folder.protocols / "other.toml").write_text(SIREN_OF_OUR_OWN, "utf-8")
    return folder


def _id(clinic: Clinic, name: str) -> str:
    return next(one.id for one in clinic.staff.operators() if one.name == name)


PROCEDURE, ROOM = "microneedling", "room-1"
"""What nobody gets a GO for here: no visit was opened."""


def asked_of_the_gate(clinic: Clinic, who: SignedIn, second: SignedIn | None = None) -> Answer | Refusal:
    """The gate's answer on record, or overridden where a second person vouches."""
    procedure = clinic.library.procedure(clinic.ledger, PROCEDURE)
    asked = clearing.asked_of(clinic, PROCEDURE, ROOM, None)
    assert isinstance(asked, Asked)
    if second is None:
        return clearing.clear(clinic, procedure, asked, who, "tui")
    reason = Reason("clinical-decision", "it cannot wait")
    return clearing.override(clinic, procedure, asked, reason, who, second.person, "tui")


@dataclass
class Scene:
    """A clinic of one's own, and the person of one role who tries something in it."""

    root: Path
    role: str
    run: str = ""
    """One that was there before: an emergency that nobody has put their name to, or somebody else's."""
    override: str = ""
    """The place of an override that nobody has reviewed."""
    _before: int = 0
    _kept: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return name_of(self.role)

    @property
    def copy(self) -> Path:
        return self.root.parent / "copy"

    @contextlib.contextmanager
    def clinic(self) -> Iterator[Clinic]:
        with Clinic.open(Folder(self.root)) as clinic:
            yield clinic

    def id(self, name: str) -> str:
        with self.clinic() as clinic:
            return _id(clinic, name)

    def file(self, name: str, content: str) -> str:
        """A file with a secret in it, as the program takes one."""
        return str(write_secret(self.root.parent / name.replace(" ", "-"), content))

    def as_(self, name: str) -> list[str]:
        return ["--as", name, "--secret-file", self.file(f"own-{name}", secret_of(name))]

    def beside(self, name: str) -> list[str]:
        return ["--witness", name, "--witness-secret-file", self.file(f"second-{name}", secret_of(name))]

    def begin_watching(self) -> None:
        """What is there by now was there before the act."""
        self._before, self._kept = len(self._entries()), self._people()

    def entries(self) -> list[dict[str, Any]]:
        """What was recorded since, as it stands in the leaves."""
        return self._entries()[self._before :]

    def people_changed(self) -> list[str]:
        """What of people.db is there now and was not, or was and is not."""
        return sorted(set(self._people()) ^ set(self._kept))

    def _entries(self) -> list[dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(self.root / "ledger.db")) as ledger:
            return [json.loads(leaf) for (leaf,) in ledger.execute("SELECT leaf FROM entry ORDER BY idx")]

    def _people(self) -> list[str]:
        """Names, secrets, badges and words; when they were swept last is nobody's act."""
        with contextlib.closing(sqlite3.connect(self.root / "people.db")) as people:
            return [line for line in people.iterdump() if "upkeep" not in line]
