"""Every act as every role, wherever it can be tried: by the service, by commands, and at a terminal in lines. (What
each kind of role may do at the full screen is tried in tests/tui/test_rights.)

Whatever the door, the record alone says what came of it: who may has left an entry in their own name; who may not was
told so in the words of the table of rights, and has left nothing but that they signed in and out.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from checklist.run import rights
from checklist.run.rights import RIGHTS, Act
from tests.support.attempts import ATTEMPTS, OF_A_WALK, Attempt
from tests.support.every_role import EVERY_ROLE, Scene, made_for_rights
from tests.support.in_process import cheap_secrets
from tests.support.ways import Door

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGN_INS = {"signed-in", "signed-out", "station.started", "station.stopped"}
OF_THE_WALK = {Act.WALK, Act.SIGN, Act.WITNESS, Act.VOUCH, Act.ATTRIBUTE, Act.OPEN_SESSION}
"""Acts that are done in the midst of a walk, and so at a terminal in lines as well."""


@pytest.mark.parametrize("door", Door)
def test_no_act_is_without_an_attempt(door: Door) -> None:
    wanted = OF_THE_WALK if door is Door.LINE else set(Act)
    assert {attempt.act for attempt in ATTEMPTS if door in attempt.ways} == wanted


# -- trying ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The clinic that every attempt has a copy of."""
    with cheap_secrets():
        yield made_for_rights(tmp_path_factory.mktemp("rights") / "clinic").root


TRIED = [
    pytest.param(door, attempt, id=f"{door}-{attempt.name.replace(' ', '-')}")
    for attempt in ATTEMPTS
    for door in attempt.ways
]


@pytest.mark.parametrize("role", EVERY_ROLE)
@pytest.mark.parametrize(("door", "attempt"), TRIED)
def test_the_table_of_rights_decides(
    peopled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: Door, attempt: Attempt, role: str
) -> None:
    scene = Scene(shutil.copytree(peopled, tmp_path / "clinic"), role)
    monkeypatch.setenv("CHECKLIST_CLINIC", str(scene.root))
    who = scene.id(scene.name)
    attempt.prepare(scene)
    scene.begin_watching()

    told = str(attempt.ways[door](scene))

    left = scene.entries()
    theirs = [entry for entry in left if entry["actor"] == who and entry["kind"] not in SIGN_INS]
    refused = [act for act, right in RIGHTS.items() if right.refused and right.refused in told]
    if rights.may(attempt.act, {role}):
        assert not refused, told
        done = [entry for entry in left if entry["kind"] == attempt.leaves]
        assert done, told
        named = done[0]["data"].get("witness") if attempt.as_second else done[0]["actor"]
        assert named == who
    else:
        assert refused, told
        assert attempt.leaves not in {entry["kind"] for entry in left}
        assert {entry["kind"] for entry in left} <= SIGN_INS | attempt.others
        begun = OF_A_WALK if rights.may(Act.WALK, {role}) and not attempt.as_second else set()
        assert {entry["kind"] for entry in theirs} <= begun
        assert who not in [entry["data"].get(key) for entry in left for key in ("witness", "to")]
        assert not scene.people_changed()
        assert not scene.copy.exists()
