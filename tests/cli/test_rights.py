"""Every act that a command carries out, as every role: the table of rights is obeyed at this door.

Signing, witnessing and vouching are acts of a walk: tests/line tries them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.visits.clearing import Answer
from checklist.run import rights
from checklist.run.rights import RIGHTS, Act
from tests.support.every_role import asked_of_the_gate
from tests.support.in_process import cheap_secrets
from tests.support.making import Worker, copy_of, header, made_clinic, write_secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

ROLES = ("staff", "reprocessing", "release", "prescriber", "lead", "auditor", "porter")
LEAD, LEADS = "Ada", "three blind mice"
STEP = '[[steps]]\nid = "call"\nkind = "confirm"\ndo = "Call."\nexpect = "called"\n'
SIREN = header("siren", "Siren", category="emergency") + STEP
VISIT = header("visit", "Visit", subject="session") + STEP
ACTS: list[tuple[Act, list[str]]] = [
    (Act.WALK, ["walk", "siren"]),
    (Act.ATTRIBUTE, ["attribute", "{run}"]),
    (Act.OPEN_SESSION, ["walk", "visit", "--session", "new"]),
    (Act.MANAGE_PEOPLE, ["people", "add", "--name", "Di", "--role", "staff", "--new-secret-file", "{new}"]),
    (Act.MANAGE_PEOPLE, ["people", "roles", "Max", "--role", "release"]),
    (Act.MANAGE_PEOPLE, ["people", "badge", "Max", "--badge-file", "{badge}"]),
    (Act.MANAGE_PEOPLE, ["people", "badge", "Max", "--take"]),
    (Act.MANAGE_PEOPLE, ["people", "credential", "grant", "Max", "first-aid"]),
    (Act.RESET, ["people", "reset", "Max", "--new-secret-file", "{newer}", "--witness", LEAD,
                 "--witness-secret-file", "{lead}"]),
    (Act.MANAGE_PEOPLE, ["people", "disable", "Max"]),
    (Act.ADOPT, ["protocol", "adopt", "other"]),
    (Act.CLEAR, ["clear", "microneedling", "--room", "room-1"]),
    (Act.REVIEW, ["review", "{override}", "seen", "--seen"]),
    (Act.QUARANTINE, ["quarantine", "lot", "C77"]),
    (Act.RECALL, ["recall", "lot", "C78"]),
    (Act.RECALL, ["recall", "steriliser", "S1", "--since-last-negative"]),
    (Act.HAPPENED, ["happened", "power-loss"]),
    (Act.BACKUP, ["backup", "{copy}"]),
    (Act.RECORD_VERIFIED, ["verify", "--record"]),
    (Act.REMARK, ["remark", "a#1", "seen"]),
    (Act.CHANGE_OWN_SECRET, ["people", "secret", "--new-secret-file", "{newest}"]),
]  # fmt: skip
# These take something that is there first: the table is asked before that is looked at.
REFUSED_ONLY: list[tuple[Act, list[str]]] = [
    (Act.MANAGE_PEOPLE, ["people", "erase", "Max"]),
    (Act.MANAGE_PEOPLE, ["people", "unlock", "Max"]),
    (Act.MANAGE_PEOPLE, ["people", "credential", "end", "Max", "first-aid"]),
    (Act.END_QUARANTINE, ["quarantine", "lot", "C77", "--end"]),
]


@pytest.fixture(scope="module")
def _peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clinic with somebody of each role, an emergency that nobody has put their name to, and a gate overridden."""
    with cheap_secrets():
        yield _made(tmp_path_factory.mktemp("rights") / "clinic")


def _made(root: Path) -> Path:
    others = [Worker(role.capitalize(), f"{role} has a secret", (role,)) for role in ROLES]
    others.append(Worker("Max", "nine blind hens", ("staff",)))
    folder = made_clinic(root, Worker(LEAD, LEADS), others, {"siren": SIREN, "visit": VISIT}, "Riverside")
    (folder.protocols / "other.toml").write_text(SIREN.replace("siren", "other"), "utf-8")
    with Clinic.open(folder) as clinic:
        clinic.begin("siren", "", None, "line")
        lead, second = clinic.staff.prove(LEAD, LEADS, "line"), clinic.staff.prove("Max", "nine blind hens", "line")
        assert isinstance(lead, SignedIn)
        assert isinstance(second, SignedIn)
        assert isinstance(asked_of_the_gate(clinic, lead, second), Answer)
    return root


@pytest.fixture
def words(_peopled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A clinic of one's own, and what stands for the names in the commands."""
    root = copy_of(_peopled, tmp_path)
    monkeypatch.setenv("CHECKLIST_CLINIC", str(root))
    with Clinic.open(Folder(root)) as clinic:
        run = str(clinic.ledger.query("SELECT run FROM run")[0][0])
        (overridden,) = clinic.ledger.entries_of_kind("clearance.overridden")
    secrets = {
        "new": "six blind owls", "newer": "seven blind elks", "newest": "eight blind bats", "badge": "BADGE-0042",
        "lead": LEADS,
    }  # fmt: skip
    files = {name: str(write_secret(tmp_path / name, secret)) for name, secret in secrets.items()}
    return {**files, "run": run, "override": overridden.place, "copy": str(tmp_path / "copy")}


@pytest.mark.parametrize("role", ROLES)
def test_every_act_is_open_to_a_role_as_the_table_says(
    run: Run, words: dict[str, str], tmp_path: Path, role: str
) -> None:
    secret = write_secret(tmp_path / "own", f"{role} has a secret")
    sentences = {right.refused for right in RIGHTS.values() if right.refused}
    wrong = []
    for act, command in [*REFUSED_ONLY, *ACTS]:
        given = [part.format(**words) for part in command]
        answer = run(*given, "--as", role, "--secret-file", secret)
        may = rights.may(act, {role})
        # Who may not walk is told so before a visit is opened for it.
        refused = answer.code == 2 and answer.err.strip() in sentences
        done = answer.code in {0, 1}
        if refused is may or (done is not may and (act, command) in ACTS):
            wrong.append((command, answer))
    assert wrong == []
