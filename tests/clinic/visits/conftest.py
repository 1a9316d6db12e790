"""A clinic for whose procedure every kind of requirement is asked, made once and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.run.reading import Refusal
from tests.support.gate_protocols import PROCEDURE, PROTOCOLS
from tests.support.making import copy_of, furnish

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.making import Made
    from tests.clinic.conftest import Kit


@pytest.fixture(scope="session")
def practice(template: Made, kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic in which the procedure is in force; nobody writes to it."""
    house = kit.new_house(Folder(copy_of(template.folder.root, tmp_path_factory.mktemp("practice"))))
    machine = '[[equipment]]\nid = "S2"\nkind = "steriliser"\ntitle = "Steriliser 2"\n'
    house.configure('[[equipment]]\nid = "F1"', machine + '[[equipment]]\nid = "F1"')
    with house.stack:
        clinic = house.open()
        lead = kit.who(clinic, "Lea")
        furnish(clinic, lead, (), PROTOCOLS)
        folder = house.folder.protocols / "procedures"
        folder.mkdir()
        (folder / "walked.toml").write_text(PROCEDURE, "utf-8")
        assert isinstance(adopt(clinic, "walked", lead, "tui"), Adopted)
        assert not isinstance(
            clinic.personnel.set_roles(kit.who(clinic, "Rita").id, ["staff", "lead"], lead, "tui"), Refusal
        )
    return house.folder.root
