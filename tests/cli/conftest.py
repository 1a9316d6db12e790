"""The command line carried out in this process, and a clinic to carry it out on."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest

from checklist.cli.entrance import enter

SECRETS = {"ada": "three blind mice", "bo": "four blind cats"}

SHORT = """\
[protocol]
id = "short"
title = "Short"
version = "1.0.0"
purpose = "Try it out."
category = "clinic"
style = "read-do"
subject = "clinic"

[[steps]]
id = "one"
kind = "confirm"
do = "Do one."
expect = "one is done"
at_least = "1m"

[[steps]]
id = "two"
kind = "measure"
do = "Read two."
unit = "Cel"
limit = { min = 2.0, max = 8.0 }
"""


@dataclass
class Answer:
    """What a command left: its exit code, what it printed, what it said on stderr."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What was printed as JSON, whatever it is."""
        return json.loads(self.out)

    @property
    def told(self) -> str:
        """The one line of a fault or misuse, exit code 2."""
        assert self.code == 2, self
        assert self.out == "", self
        assert self.err.endswith("\n"), self
        assert self.err.count("\n") == 1, self
        assert "Traceback" not in self.err
        return self.err.strip()


Who: TypeAlias = tuple[object, ...]
"""The options that say who asks."""


class Run(Protocol):
    """Carries out a command line."""

    def __call__(self, *arguments: object) -> Answer: ...


class SecretFile(Protocol):
    """Writes a secret to a file of that mode."""

    def __call__(self, secret: str, mode: int = 0o600) -> Path: ...


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Carry out a command line."""

    def carry_out(*arguments: object) -> Answer:
        capfd.readouterr()
        code = enter([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return carry_out


@pytest.fixture
def secret_file(tmp_path: Path) -> SecretFile:
    """A secret in a file of mode 0600."""

    def write(secret: str, mode: int = 0o600) -> Path:
        path = tmp_path / f"secret-{abs(hash(secret))}"
        path.touch()
        path.chmod(mode)
        path.write_text(f"{secret}\n", encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    files = {}
    for name, secret in SECRETS.items():
        files[name] = folder / name
        files[name].touch(mode=0o600)
        files[name].write_text(secret, encoding="utf-8")
    clinic = folder / "clinic"
    ada = ("--as", "Ada", "--secret-file", str(files["ada"]), "--clinic", str(clinic))
    assert enter(["init", str(clinic), "--name", "Riverside", "--lead", "Ada", "--secret-file", str(files["ada"])]) == 0
    (clinic / "protocols" / "short.toml").write_text(SHORT, encoding="utf-8")
    assert enter(["people", "add", "--name", "Bo", "--role", "staff", "--new-secret-file", str(files["bo"]), *ada]) == 0
    assert enter(["protocol", "adopt", "short", *ada]) == 0
    return clinic


@pytest.fixture
def clinic(_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clinic of one's own with Ada (a lead), Bo (staff) and a short protocol; CHECKLIST_CLINIC names it."""
    copy = tmp_path / "clinic"
    shutil.copytree(_made, copy)
    monkeypatch.setenv("CHECKLIST_CLINIC", str(copy))
    return copy


@pytest.fixture
def ada(secret_file: SecretFile) -> Who:
    """The options that say who asks: the lead."""
    return ("--as", "Ada", "--secret-file", secret_file(SECRETS["ada"]))


@pytest.fixture
def bo(secret_file: SecretFile) -> Who:
    """The options that say who asks: staff."""
    return ("--as", "bo", "--secret-file", secret_file(SECRETS["bo"]))
