"""A clinic's texts of all kinds, looked at together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from checklist.clinic.folder import Folder
from checklist.clinic.texts.linting import around, shipped_around
from checklist.protocol.library import shipped_folder
from checklist.protocol.linting.lint import has_errors, lint
from tests.support.making import header
from tests.support.mutated import mutated

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.protocol.errors import Fault

PEEL = """\
[procedure]
id = "peel"
title = "Peel"
version = "1.0.0"
purpose = "Say when a peel may begin."

[[requires]]
id = "ready"
protocol = "peel-ready"
within = "1h"
"""
READY = (
    header("peel-ready", "Ready to peel")
    + '[[steps]]\nid = "skin"\nkind = "text"\ndo = "Type what the skin is like."\n'
)


@pytest.fixture
def own(tmp_path: Path) -> Folder:
    """The folder of a clinic that has not been made yet, with one procedure."""
    folder = Folder(tmp_path)
    (folder.protocols / "procedures").mkdir(parents=True)
    (folder.protocols / "procedures" / "peel.toml").write_text(PEEL, encoding="utf-8")
    return folder


def told(folder: Folder, *paths: Path) -> list[Fault]:
    """What is said about these files, or about all of the clinic's own."""
    looked_at = paths or (folder.protocols,)
    found = around(folder, looked_at)
    assert found.unread == ""
    return lint(looked_at, found.found, found.readers)


def test_the_shipped_texts_of_all_kinds_have_neither_errors_nor_warnings() -> None:
    found = shipped_around()
    faults = lint([shipped_folder()], found.found, found.readers)
    assert [str(fault) for fault in faults if fault.severity != "advice"] == []


def test_a_procedure_is_looked_at_beside_the_protocols_it_names(own: Folder) -> None:
    (fault,) = told(own)
    assert (fault.rule, fault.severity) == ("unknown-protocol", "error")
    assert fault.file.endswith("peel.toml")
    (own.protocols / "peel-ready.toml").write_text(READY, encoding="utf-8")
    assert told(own) == []
    assert told(own, own.protocols / "procedures" / "peel.toml") == []


def test_a_draft_elsewhere_is_looked_at_beside_its_neighbours(own: Folder, tmp_path: Path) -> None:
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "peel.toml").write_text(PEEL, encoding="utf-8")
    (drafts / "peel-ready.toml").write_text(READY, encoding="utf-8")
    assert told(own, drafts) == []


def test_all_kinds_share_their_ids(own: Folder) -> None:
    (own.protocols / "peel-ready.toml").write_text(READY, encoding="utf-8")
    (own.protocols / "peel.toml").write_text(READY.replace("peel-ready", "peel"), encoding="utf-8")
    assert [fault.rule for fault in told(own)] == ["duplicate-id"]


def test_a_procedure_with_a_fault_hides_nothing(own: Folder) -> None:
    (own.protocols / "procedures" / "peel.toml").write_text("[procedure]\nid = 1\n", encoding="utf-8")
    (own.protocols / "peel-ready.toml").write_text("=", encoding="utf-8")
    assert {"syntax", "required"} <= {fault.rule for fault in told(own)}


def test_a_file_in_a_folder_of_another_kind_is_told_where_it_belongs(own: Folder) -> None:
    home = own.protocols / "procedures" / "peel.toml"
    home.rename(own.protocols / "peel.toml")
    (own.protocols / "procedures" / "peel-ready.toml").write_text(READY, encoding="utf-8")
    for path, belongs in (("peel.toml", home), ("procedures/peel-ready.toml", own.protocols / "peel-ready.toml")):
        (fault,) = told(own, own.protocols / path)
        assert (fault.rule, fault.severity) == ("misplaced", "error")
        assert fault.fix == f"move the file to {belongs}"


@settings(deadline=None)
@given(mutated())
def test_whatever_a_file_of_any_kind_says_the_answer_is_a_list_of_faults(data: bytes) -> None:
    found = shipped_around()
    for reader in found.readers.values():
        checked = reader(data, "spill.toml", found.found)
        assert all(fault.line >= 1 and fault.column >= 1 and fault.fix for fault in checked.faults)
        assert checked.id is not None or has_errors(checked.faults)


@pytest.mark.parametrize(("name", "kind"), [("microneedling", "procedure"), ("uk", "profile")])
def test_an_id_of_a_shipped_text_of_another_kind_is_taken(own: Folder, name: str, kind: str) -> None:
    (own.protocols / "procedures" / "peel.toml").unlink()
    (own.protocols / f"{name}.toml").write_text(READY.replace("peel-ready", name), encoding="utf-8")
    (fault,) = told(own)
    assert (fault.rule, fault.severity, fault.line) == ("duplicate-id", "error", 2)
    assert f"the id of a {kind}" in fault.message
