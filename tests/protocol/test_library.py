"""The shipped protocols are found, and every one of them is sound."""

from pathlib import Path

import pytest

from checklist.protocol.errors import ShippedProtocolsMissingError
from checklist.protocol.library import FOLDERS, library_of, shipped, shipped_folder
from checklist.protocol.lint import lint
from checklist.protocol.show import as_text


def test_the_library_lies_inside_the_package_or_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "checklist"
    package.mkdir()
    with pytest.raises(ShippedProtocolsMissingError, match="install checklist again"):
        library_of(package)
    (tmp_path / "protocols").mkdir()
    assert library_of(package) == tmp_path / "protocols"
    (package / "_protocols").mkdir()
    assert library_of(package) == package / "_protocols"


def test_every_shipped_file_is_sound() -> None:
    assert [str(fault) for fault in lint([shipped_folder()])] == []


def test_shipped_protocols_are_found_by_their_id() -> None:
    files = [path for folder in FOLDERS for path in (shipped_folder() / folder).glob("*.toml")]
    assert set(shipped()) == {path.stem for path in files}


def test_every_shipped_protocol_lies_in_the_folder_of_its_category() -> None:
    for protocol_id, loaded in shipped().items():
        assert (shipped_folder() / loaded.protocol.category / f"{protocol_id}.toml").is_file()
        assert as_text(loaded.protocol).startswith(loaded.protocol.title)


def test_the_library_is_read_once_and_cannot_be_changed() -> None:
    assert shipped() is shipped()
    with pytest.raises(TypeError):
        shipped()["x"] = None  # type: ignore[index]
