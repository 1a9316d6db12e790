"""A clinic for the stories: two people who work there, and the program as a person starts it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from checklist.clinic.adopting import Adopted, adopt
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn

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
        kept = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_START", "PYTHONPATH")
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
        (self.root / "protocols" / f"{name}.toml").write_text(text, "utf-8")
        with Clinic.open(self.folder) as clinic:
            lead = clinic.sign_in(ANNA, ANNAS, "line")
            assert isinstance(lead, SignedIn)
            assert isinstance(adopt(clinic, name, lead, "line"), Adopted)


def header(name: str, title: str, subject: str = "clinic") -> str:
    """The `[protocol]` table of a short protocol."""
    return (
        f'[protocol]\nid = "{name}"\ntitle = "{title}"\nversion = "1.0.0"\npurpose = "A short walk for a story."\n'
        f'category = "clinic"\nstyle = "read-do"\nsubject = "{subject}"\n'
    )
