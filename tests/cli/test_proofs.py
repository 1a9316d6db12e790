"""`checklist people secret | reset | unlock | recover | badge`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.people.recovery import renew
from checklist.people.secret import load_pepper
from tests.cli.conftest import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from tests.cli.conftest import Answer, Run, SecretFile, Who

    Terminal: TypeAlias = Callable[..., pexpect.spawn[str]]

pytestmark = pytest.mark.usefixtures("clinic")

NEW = "six blind owls"


@pytest.fixture
def code(clinic: Path) -> str:
    """The recovery code as it stands on paper."""
    keys = Folder(clinic).keys
    return renew(keys, load_pepper(keys))


@pytest.fixture
def cy(run: Run, ada: Who, secret_file: SecretFile) -> tuple[object, ...]:
    """A second lead, as the options that name one."""
    theirs = secret_file("eight blind bats")
    assert run("people", "add", "--name", "Cy", "--role", "lead", "--new-secret-file", theirs, *ada).code == 0
    return ("--witness", "Cy", "--witness-secret-file", theirs)


@pytest.fixture
def terminal(clinic: Path) -> Iterator[Terminal]:
    """The program at a terminal."""
    children: list[pexpect.spawn[str]] = []

    def start(*words: str) -> pexpect.spawn[str]:
        environment = {**os.environ, "CHECKLIST_CLINIC": str(clinic), "PYTHONUTF8": "1"}
        child = pexpect.spawn(
            sys.executable, ["-m", "checklist", *words], env=environment, encoding="utf-8", timeout=20
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def code_of(child: pexpect.spawn[str]) -> int | None:
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus


def lets_in(run: Run, name: str, secret: Path) -> bool:
    """Whether somebody can begin a walk with this secret: a walk that nobody answers is paused."""
    return run("walk", "short", "--as", name, "--secret-file", secret).code == 1


def printed_code(answer: Answer) -> str:
    return answer.out.partition("New recovery code: ")[2].splitlines()[0]


def test_one_changes_ones_own_secret_with_the_old_one(run: Run, bo: Who, secret_file: SecretFile) -> None:
    new = secret_file(NEW)
    secret = ("people", "secret", "--new-secret-file")
    assert "too short" in run(*secret, secret_file("abc"), *bo).told
    assert "that you have" in run(*secret, secret_file(SECRETS["bo"]), *bo).told
    assert "--new-secret-file" in run("people", "secret", *bo).told
    assert run(*secret, new, *bo).out == "The secret of Bo is changed; the old one is void.\n"
    assert lets_in(run, "Bo", new)
    assert "do not belong together" in run("walk", "short", *bo).told


def test_at_a_terminal_everything_is_typed_and_nothing_shown(
    run: Run, terminal: Terminal, secret_file: SecretFile
) -> None:
    child = terminal("people", "secret")
    for asked, typed in (
        ("Name or badge: ", "bo"), ("Your secret: ", SECRETS["bo"]), ("as it is now, once more: ", SECRETS["bo"]),
        ("Your new secret: ", NEW), ("Once more: ", NEW),
    ):  # fmt: skip
        child.expect(asked)
        assert NEW not in str(child.before)
        child.sendline(typed)
    child.expect("The secret of Bo is changed")
    assert code_of(child) == 0
    assert lets_in(run, "Bo", secret_file(NEW))


def test_two_leads_give_somebody_a_new_secret(
    run: Run, ada: Who, cy: tuple[object, ...], secret_file: SecretFile
) -> None:
    new = secret_file(NEW)
    reset = ("people", "reset", "Bo", "--new-secret-file", new)
    ada_too = ("--witness", "Ada", "--witness-secret-file", ada[3])
    bo_too = ("--witness", "Bo", "--witness-secret-file", secret_file(SECRETS["bo"]))
    assert "two different leads" in run(*reset, *ada, *ada_too).told
    assert "lead" in run(*reset, *ada, *bo_too).told
    assert "two leads" in run(*reset, *ada).told
    assert "says no name" in run(*reset, *ada, *cy[2:]).told
    assert "do not belong together" in run(*reset, *ada, *cy[:3], secret_file("one wrong word")).told
    assert not lets_in(run, "Bo", new)
    assert run(*reset, *ada, *cy).out == "Bo has a new secret; the old one is void.\n"
    assert lets_in(run, "Bo", new)
    entry = run("log", "--kind", "operator.changed", "--json").data[-1]
    assert entry["data"]["secret"] == "reset"
    assert entry["data"]["witness"] != entry["actor"]


def test_one_lead_and_the_recovery_code_do_too_and_the_code_is_good_for_once(
    run: Run, ada: Who, code: str, secret_file: SecretFile, cy: tuple[object, ...]
) -> None:
    reset = ("people", "reset", "Bo", *ada, "--new-secret-file")
    paper = ("--recovery-code-file", secret_file(code))
    assert "not both" in run(*reset, secret_file(NEW), *paper, *cy).told
    assert "not the recovery code" in run(*reset, secret_file(NEW), paper[0], secret_file("AAAA-BBBB-CCCC-DDDD")).told
    done = run(*reset, secret_file(NEW), *paper)
    assert done.code == 0
    assert lets_in(run, "Bo", secret_file(NEW))
    assert "not the recovery code" in run(*reset, secret_file("seven blind elks"), *paper).told
    again = run(*reset, secret_file("seven blind elks"), paper[0], secret_file(printed_code(done)))
    assert again.code == 0


def test_the_recovery_code_is_typed_where_no_second_lead_is_named(
    terminal: Terminal, ada: Who, code: str, run: Run, secret_file: SecretFile
) -> None:
    child = terminal("people", "reset", "Bo", *map(str, ada))
    for asked, typed in (
        ("empty: the recovery code", ""), ("Recovery code: ", code.lower()), ("New secret of Bo: ", NEW),
        ("Once more: ", NEW),
    ):  # fmt: skip
        child.expect(asked)
        child.sendline(typed)
    child.expect("New recovery code: ")
    assert code_of(child) == 0
    assert lets_in(run, "Bo", secret_file(NEW))


def test_a_lead_whom_nobody_can_unlock_uses_the_paper(run: Run, ada: Who, code: str, secret_file: SecretFile) -> None:
    wrong = ("walk", "short", "--as", "Ada", "--secret-file", secret_file("one wrong word"))
    for _ in range(5):
        run(*wrong)
    assert "locked until" in run("walk", "short", *ada).told
    recover = ("people", "recover")
    assert "--recovery-code-file" in run(*recover, *ada).told
    assert "do not belong together" in run(*recover, *ada, "--recovery-code-file", secret_file("AAAA-BBBB")).told
    done = run(*recover, *ada, "--recovery-code-file", secret_file(code))
    assert done.code == 0
    assert printed_code(done) != code
    assert run("walk", "short", *ada).code == 1


def test_nobody_unlocks_themselves(run: Run, ada: Who) -> None:
    assert "Nobody ends their own lock" in run("people", "unlock", "Ada", *ada).told


def test_a_badge_lets_a_pin_be_the_secret_and_only_with_it(
    run: Run, ada: Who, bo: Who, secret_file: SecretFile, terminal: Terminal
) -> None:
    pin, text = secret_file("275831"), secret_file("BADGE-0042")
    assert "PIN" in run("people", "secret", "--new-secret-file", pin, *bo).told
    badge = ("people", "badge", "Bo", *ada)
    assert "--badge-file" in run(*badge).told
    assert "no --badge-file" in run(*badge, "--take", "--badge-file", text).told
    assert run(*badge, "--badge-file", text).out == "Bo has a new badge from now on.\n"
    assert "badge of Bo" in run("people", "badge", "Ada", *ada, "--badge-file", text).told
    assert run("people", "secret", "--new-secret-file", pin, *bo).code == 0
    assert "badge" in run("walk", "short", "--as", "Bo", "--secret-file", pin).told
    child = terminal("walk", "short", "--line")
    child.expect("Name or badge: ")
    child.sendline("BADGE-0042")
    child.expect("Your secret: ")
    child.sendline("275831")
    child.expect("Signed in: Bo.")
    child.expect("> ")
    child.close(force=True)
    assert "a passphrase first" in run(*badge, "--take").told
    with_badge = ("--as", "BADGE-0042", "--secret-file", pin)
    assert run("people", "secret", "--new-secret-file", secret_file(NEW), *with_badge).code == 0
    assert run(*badge, "--take").out == "Bo has no badge from now on.\n"


def test_a_badge_is_scanned_without_being_shown(terminal: Terminal, ada: Who) -> None:
    child = terminal("people", "badge", "Bo", *map(str, ada))
    child.expect("Scan the badge of Bo")
    child.sendline("BADGE-0042")
    child.expect("Bo has a new badge")
    assert "BADGE-0042" not in str(child.before)
    assert code_of(child) == 0
