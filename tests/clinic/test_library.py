"""What is in force: adopted by a lead, kept to the byte, and replaced only on purpose."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.adopting import Adopted, adopt
from checklist.clinic.errors import ClinicError, UnknownProtocolError
from checklist.ledger.entry import Draft
from checklist.protocol.errors import ProtocolFileError
from checklist.protocol.library import shipped
from checklist.run import commands as c
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def test_an_edited_file_changes_nothing_until_a_lead_adopts_it(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    run = kit.begin(clinic, "short")
    was = clinic.run(run).sha256
    text = kit.protocol_text("short", "clinic", "", kit.short.replace("Look around", "Look under the chair"))
    (house.folder.protocols / "short.toml").write_text(text, "utf-8")
    assert clinic.library.named(clinic.ledger, "short").sha256 == was
    refused = adopt(clinic, "short", kit.who(clinic, "Ben"), "tui")
    assert isinstance(refused, Refusal)
    found = adopt(clinic, "short", lea, "tui")
    assert isinstance(found, Adopted)
    assert (found.was, found.found.sha256) == (was, hashlib.sha256(text.encode()).hexdigest())
    assert "Look under the chair" in found.difference
    assert "Wash your hands" not in found.difference
    assert (house.folder.adopted / f"{found.found.sha256}.toml").read_bytes() == text.encode()
    last = clinic.ledger.last()
    assert last is not None
    assert last.data == {
        "id": "short",
        "version": "1.0.0",
        "sha256": found.found.sha256,
        "was": was,
        "title": "Short",
        "subject": "clinic",
        "category": "clinic",
    }
    # The open run goes on in the version with which it began; a new one takes the new version.
    assert house.open().run(run).sha256 == was
    assert clinic.run(kit.begin(clinic, "short")).sha256 == found.found.sha256
    again = adopt(clinic, "short", lea, "tui")
    assert isinstance(again, Refusal)
    assert again.code == "in-force"


def test_the_clinic_s_own_file_takes_the_place_of_the_shipped_one(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    name = next(iter(shipped()))
    refused = adopt(clinic, name, lea, "tui")
    assert isinstance(refused, Refusal)
    own = shipped()[name].data + b"\n# ours\n"
    (house.folder.protocols / f"{name}.toml").write_bytes(own)
    found = adopt(clinic, name, lea, "tui")
    assert isinstance(found, Adopted)
    assert found.found.data == own
    (house.folder.protocols / f"{name}.toml").unlink()
    back = adopt(clinic, name, lea, "tui")
    assert isinstance(back, Adopted)
    assert back.found.sha256 == shipped()[name].sha256
    assert set(clinic.library.in_force(clinic.ledger)) >= set(shipped())


@pytest.mark.parametrize("name", ["nowhere", "../keys/pepper", "", "x" * 400, "a\0b", "\x1b[2J"])
def test_what_does_not_exist_cannot_be_adopted(clinic: Clinic, kit: Kit, name: str) -> None:
    with pytest.raises(UnknownProtocolError) as fault:
        adopt(clinic, name, kit.who(clinic, "Lea"), "tui")
    assert str(fault.value).isprintable()


def test_a_file_with_faults_is_refused_with_their_places(house: House, clinic: Clinic, kit: Kit) -> None:
    (house.folder.protocols / "bad.toml").write_text("[protocol]\nid = 3\n", "utf-8")
    size = clinic.ledger.size
    with pytest.raises(ProtocolFileError, match=r"bad\.toml:"):
        adopt(clinic, "bad", kit.who(clinic, "Lea"), "tui")
    assert clinic.ledger.size == size


def test_a_lost_text_can_be_replaced_by_adopting_another(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    (house.folder.adopted / f"{clinic.run(run).sha256}.toml").unlink()
    fresh = house.open()
    text = kit.protocol_text("short", "clinic", "", kit.short, title="Short and new")
    found = house.add_protocol("short", text, fresh, kit.who(fresh, "Lea"))
    assert "Short and new" in found.difference
    assert kit.walk_short(fresh).protocol.title == "Short and new"


def test_a_text_that_this_program_cannot_read_any_more_is_a_fault_in_words(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    data = b"[protocol]\nid = 'old'\n"
    sha256 = hashlib.sha256(data).hexdigest()
    (house.folder.adopted / f"{sha256}.toml").write_bytes(data)
    clinic.record(Draft("protocol.adopted", {"id": "old", "version": "1", "sha256": sha256, "was": None}, None, "tui"))
    with pytest.raises(ProtocolFileError):
        clinic.begin("old", "", kit.who(clinic, "Lea"), "tui")
    run = kit.begin(clinic, "short")
    assert kit.do(clinic, run, c.Confirm("wash")).open


def test_bytes_that_cannot_be_kept_are_not_adopted(house: House, clinic: Clinic, kit: Kit) -> None:
    house.folder.adopted.rename(house.folder.root / "away")
    house.folder.adopted.write_text("in the way")
    size = clinic.ledger.size
    with pytest.raises(ClinicError, match="nothing was adopted"):
        house.add_protocol("new", kit.protocol_text("new", "clinic", "", kit.short), clinic, kit.who(clinic, "Lea"))
    assert clinic.ledger.size == size
