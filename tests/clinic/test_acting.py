"""Whoever is disabled while they act records nothing: they are asked once more under the ledger's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import record_verified, verify_clinic
from checklist.clinic.copies import backup
from checklist.clinic.errors import CopyError
from checklist.clinic.texts import adoption
from checklist.clinic.texts.adopting import adopt
from checklist.people.operator import disabled, erased
from checklist.run.reading import Refusal
from tests.support.making import bring_into_force

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from checklist.clinic.service import Clinic, SignedIn
    from tests.clinic.conftest import House, Kit


@pytest.fixture
def rita(clinic: Clinic, kit: Kit) -> SignedIn:
    """A second lead, signed in."""
    found = clinic.personnel.set_roles(kit.who(clinic, "Rita").id, ["staff", "lead"], kit.who(clinic, "Lea"), "tui")
    assert not isinstance(found, Refusal)
    return kit.who(clinic, "Rita")


def leaves(house: House, rita: SignedIn) -> Callable[[], None]:
    """Another program that disables her at the right moment."""
    other = house.open()
    return lambda: do(other.record, disabled(rita.id, actor=None, via="tui"))


def do(act: Callable[..., object], *args: object) -> None:
    act(*args)


def test_who_is_disabled_meanwhile_leaves_no_remark(house: House, clinic: Clinic, rita: SignedIn) -> None:
    house.clock.hook = leaves(house, rita)  # when the words are kept, before the lock
    assert_refused(clinic, clinic.remark("a#0", "hm", rita, "tui"), "remarked")


def test_who_is_disabled_meanwhile_opens_no_visit(house: House, clinic: Clinic, rita: SignedIn) -> None:
    house.clock.hook = leaves(house, rita)
    assert_refused(clinic, clinic.session("Karte 77", rita, "tui"), "session.opened")


def test_who_is_disabled_meanwhile_brings_nothing_into_force(
    house: House, clinic: Clinic, kit: Kit, rita: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_into_force(clinic, kit.who(clinic, "Lea"), "mine", kit.protocol_text("mine", "clinic", "", kit.short))
    (clinic.folder.protocols / "mine.toml").write_text(
        kit.protocol_text("mine", "clinic", "", kit.short).replace("1.0.0", "1.0.1"), "utf-8"
    )
    gone = leaves(house, rita)

    def keep(folder: Path, texts: Mapping[str, bytes]) -> None:
        gone()
        adoption.keep_bytes(folder, texts)

    monkeypatch.setattr("checklist.clinic.texts.adopting.keep_bytes", keep)
    size = clinic.ledger.size
    found = adopt(clinic, "mine", rita, "tui")
    assert isinstance(found, Refusal)
    assert (found.code, clinic.ledger.size) == ("disabled", size + 1)


def test_who_is_disabled_meanwhile_keeps_no_backup(
    house: House, clinic: Clinic, rita: SignedIn, tmp_path: Path
) -> None:
    gone = [leaves(house, rita)]
    found = backup(clinic, tmp_path / "copy", rita, "tui", lambda *_: gone.pop()() if gone else None)
    assert_refused(clinic, found, "backed-up")
    assert not (tmp_path / "copy").exists()


def test_a_backup_never_lacks_a_name_that_its_record_does_not_call_erased(
    house: House, clinic: Clinic, rita: SignedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is erased after the record was copied, and before the names are."""
    names = clinic.people.backup

    def copied(target: Path) -> None:
        do(house.open().ledger.append, lambda _: erased(rita.id, (), actor=None, via="tui"))
        names(target)

    monkeypatch.setattr(clinic.people, "backup", copied)
    with pytest.raises(CopyError, match="make it again"):
        backup(clinic, tmp_path / "copy", rita, "tui")
    assert not (tmp_path / "copy").exists()


def test_who_was_disabled_records_no_verification(house: House, clinic: Clinic, rita: SignedIn) -> None:
    report = verify_clinic(house.folder)
    leaves(house, rita)()
    assert_refused(clinic, record_verified(clinic, report, rita, "tui"), "verified")


def assert_refused(clinic: Clinic, found: object, kind: str) -> None:
    assert isinstance(found, Refusal), found
    assert found.code == "disabled"
    assert clinic.ledger.entries_of_kind(kind) == []
