"""Clinics whose procedures ask for no test of the machine: where a test is about something else, its loads may be
released without one."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.clinic.texts.procedures import shipped_procedures

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn


def ask_for_no_machine_test(clinic: Clinic, lead: SignedIn) -> None:
    """Have the shipped procedures in force without what they ask of machines."""
    folder = clinic.folder.protocols / "procedures"
    folder.mkdir()
    for name, loaded in shipped_procedures().items():
        head, *blocks = re.split(r"(?=^\[\[(?:requires|closes)\]\])", loaded.data.decode(), flags=re.MULTILINE)
        kept = [one for one in blocks if 'same = ["equipment"]' not in one]
        assert len(kept) == len(blocks) - 1, name
        head = re.sub(r'^version = ".*"$', 'version = "9.0.0"', head, flags=re.MULTILINE)
        (folder / f"{name}.toml").write_text(head + "".join(kept), "utf-8")
        assert isinstance(adopt(clinic, name, lead, "tui"), Adopted)
    shutil.rmtree(folder)
