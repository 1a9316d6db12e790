"""A clinic for the stories: two people who work there, and the program as a person starts it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from tests.support.making import bring_into_force, copy_of, write_secret

ANNA, ANNAS = "Anna Berg", "three blue horses"
BEN, BENS = "Ben Carter", "seven green doors"


@dataclass(frozen=True)
class Place:
    """One clinic folder, with the two people who work there."""

    root: Path

    @property
    def folder(self) -> Folder:
        return Folder(self.root)

    def secret_of(self, name: str) -> Path:
        return self.root.parent / f"{name.split()[0].lower()}.secret"

    def environment(self) -> dict[str, str]:
        kept = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_START", "PYTHONPATH", "XDG_CACHE_HOME")
        return {name: os.environ[name] for name in kept if name in os.environ} | {
            "CHECKLIST_CLINIC": str(self.root),
            "LANG": "C.UTF-8",
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "checklist", *words]

    def call(self, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), input=said, env=self.environment(), capture_output=True, text=True, check=False
        )

    def as_(self, name: str) -> list[str]:
        return ["--as", name, "--secret-file", str(self.secret_of(name))]

    def adopt(self, name: str, text: str) -> None:
        """Put a protocol of the clinic's own into force."""
        with Clinic.open(self.folder) as clinic:
            lead = clinic.staff.sign_in(ANNA, ANNAS, "line")
            assert isinstance(lead, SignedIn)
            bring_into_force(clinic, lead, name, text)


def place_of(made: Path, folder: Path) -> Place:
    """A copy of a clinic in `folder`, with the secrets of both people in files beside it."""
    there = Place(copy_of(made, folder))
    for name, secret in ((ANNA, ANNAS), (BEN, BENS)):
        write_secret(there.secret_of(name), secret)
    return there
