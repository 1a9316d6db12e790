"""Filters that are kept under a name, in a file of their own."""

from pathlib import Path

import pytest

from checklist.clinic.errors import ClinicError
from checklist.clinic.folder import Folder
from checklist.tui.auditing.kept import keep, kept, path


def test_a_filter_is_kept_whatever_signs_it_has_and_an_empty_one_takes_its_name_away(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert kept(folder) == {}
    keep(folder, 'Anna\'s "own"\x1b[31m', 'operator:"Ana Rivera" -state:done \\ é')
    keep(folder, "second", "is:missed")
    assert kept(folder) == {'Anna\'s "own"[31m': 'operator:"Ana Rivera" -state:done \\ é', "second": "is:missed"}
    keep(folder, "second", "")
    assert [*kept(folder)] == ['Anna\'s "own"[31m']


def test_what_cannot_be_read_or_written_is_one_sentence(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with pytest.raises(ClinicError, match="Give it a name"):
        keep(folder, "  ", "is:missed")
    path(folder).write_bytes(b"\xff not TOML")
    with pytest.raises(ClinicError, match="is no list of filters"):
        kept(folder)
    path(folder).write_text("filters = 3", "utf-8")
    assert kept(folder) == {}
    with pytest.raises(ClinicError, match="cannot be written"):
        keep(Folder(tmp_path / "gone"), "one", "is:missed")
