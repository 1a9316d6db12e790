"""The one maker of small clinics: a folder with its people and protocols, made once and copied for each test."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.people.operator import Operator
from tests.support.machine_tests import ask_for_no_machine_test

NO_PROTOCOLS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Worker:
    """Somebody who works there; the first lead needs no roles here."""

    name: str
    secret: str
    roles: tuple[str, ...] = ()


def made_clinic(
    root: Path,
    lead: Worker,
    others: Iterable[Worker] = (),
    protocols: Mapping[str, str] = NO_PROTOCOLS,
    name: str = "Riverside Skin",
    *,
    machine_tests: bool = True,
) -> Folder:
    """A clinic with these people and, beside the shipped ones, these protocols in force. `machine_tests`: whether its
    procedures ask for the test of a machine, without which no load is released."""
    folder = make(Folder(root), name, lead.name, lead.secret, "line").folder
    with Clinic.open(folder) as clinic:
        found = clinic.staff.prove(lead.name, lead.secret, "line")
        assert isinstance(found, SignedIn)
        furnish(clinic, found, others, protocols)
        if not machine_tests:
            ask_for_no_machine_test(clinic, found)
    return folder


def furnish(clinic: Clinic, lead: SignedIn, others: Iterable[Worker], protocols: Mapping[str, str]) -> None:
    """Add people and protocols to a clinic."""
    for other in others:
        assert isinstance(clinic.personnel.add(other.name, other.roles, other.secret, lead, "line"), Operator)
    for name, text in protocols.items():
        bring_into_force(clinic, lead, name, text)


def bring_into_force(clinic: Clinic, lead: SignedIn, name: str, text: str) -> Adopted:
    """Put a protocol of the clinic's own into force."""
    (clinic.folder.protocols / f"{name}.toml").write_text(text, "utf-8")
    adopted = adopt(clinic, name, lead, "line")
    assert isinstance(adopted, Adopted), adopted
    return adopted


def copy_of(made: Path, folder: Path) -> Path:
    """A clinic of one's own, beside whatever else lies in `folder`."""
    return shutil.copytree(made, folder / "clinic")


def write_secret(path: Path, secret: str, mode: int = 0o600) -> Path:
    """A secret in a file, as people give it to the program."""
    path.touch()
    path.chmod(mode)
    path.write_text(f"{secret}\n", "utf-8")
    return path


def header(
    name: str,
    title: str,
    subject: str = "clinic",
    style: str = "read-do",
    more: str = "",
    category: str = "clinic",
) -> str:
    """The `[protocol]` table of a short protocol; `more` are further lines of it."""
    return (
        f'[protocol]\nid = "{name}"\ntitle = "{title}"\nversion = "1.0.0"\npurpose = "Try it out."\n'
        f'category = "{category}"\nstyle = "{style}"\nsubject = "{subject}"\n{more}\n'
    )
