"""The command line carried out in this process, and a clinic to carry it out on."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest

from checklist.cli.entrance import enter
from tests.support import freezer
from tests.support.making import Worker, copy_of, header, made_clinic, write_secret

SECRETS = {"ada": "three blind mice", "bo": "four blind cats"}

SHORT = (
    header("short", "Short")
    + """
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
)


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
        return write_secret(tmp_path / f"secret-{abs(hash(secret))}", secret, mode)

    return write


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli") / "clinic"
    bo = Worker("Bo", SECRETS["bo"], ("staff",))
    return made_clinic(
        root, Worker("Ada", SECRETS["ada"]), [bo], {"short": SHORT}, "Riverside", machine_tests=False
    ).root


@pytest.fixture
def clinic(_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clinic of one's own with Ada (a lead), Bo (staff) and a short protocol; CHECKLIST_CLINIC names it."""
    copy = copy_of(_made, tmp_path)
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


@pytest.fixture(scope="session")
def _freezer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return freezer.made(tmp_path_factory.mktemp("freezer") / "clinic").root


@pytest.fixture
def frozen(_freezer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clinic of one's own with three looks at a freezer, each of which gave somebody something to look at."""
    copy = copy_of(_freezer, tmp_path)
    monkeypatch.setenv("CHECKLIST_CLINIC", str(copy))
    return copy


@pytest.fixture
def lea(secret_file: SecretFile) -> Who:
    """The lead of the clinic with the freezer."""
    return ("--as", freezer.LEA, "--secret-file", secret_file(freezer.LEAS))


@pytest.fixture
def otto(secret_file: SecretFile) -> Who:
    """The auditor there."""
    return ("--as", freezer.OTTO, "--secret-file", secret_file(freezer.OTTOS))
