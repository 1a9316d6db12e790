"""Linting a clinic's files before anyone adopts them."""

from pathlib import Path

from checklist.protocol.errors import Fault
from checklist.protocol.lint import has_errors, lint, lint_each


def test_good_files_have_no_faults(example_path: Path) -> None:
    assert lint([example_path]) == []
    assert not has_errors([])


def test_a_folder_is_read_with_all_its_folders_but_those_of_other_kinds(tmp_path: Path, example: str) -> None:
    for folder in ("sterilisation", "procedures", "profiles", "readers"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "broken.toml").write_text("=")
    (tmp_path / "steriliser-load.toml").write_text(example, encoding="utf-8")
    faults = lint([tmp_path])
    assert [fault.file for fault in faults] == [str(tmp_path / "sterilisation" / "broken.toml")]
    assert has_errors(faults)


def test_a_file_named_twice_is_read_once(tmp_path: Path, example: str) -> None:
    path = tmp_path / "steriliser-load.toml"
    path.write_text(example, encoding="utf-8")
    assert lint([path, path, tmp_path]) == []


def test_each_file_is_named_with_its_own_faults(tmp_path: Path, example: str) -> None:
    good, bad = tmp_path / "steriliser-load.toml", tmp_path / "zebra.toml"
    good.write_text(example, encoding="utf-8")
    bad.write_text("=")
    (first, faults), (second, others) = lint_each([tmp_path])
    assert (first, faults, second) == (good, [], bad)
    assert [fault.file for fault in others] == [str(bad)]


def test_two_files_cannot_have_the_same_id(tmp_path: Path, example: str) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "steriliser-load.toml").write_text(example, encoding="utf-8")
    (fault,) = lint([tmp_path])
    assert (fault.rule, fault.line, fault.column) == ("duplicate-id", 3, 1)
    assert str(tmp_path / "a" / "steriliser-load.toml") in fault.message


def test_advice_is_no_error() -> None:
    assert not has_errors([Fault("x.toml", 1, 1, "wording", "advice", "is long", "say it shorter")])
