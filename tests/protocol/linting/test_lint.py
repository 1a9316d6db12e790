"""Linting a clinic's files before anyone adopts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from checklist.protocol.errors import Fault
from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.linting.lint import READERS, Checked, check_protocol, has_errors, kind_of, lint, lint_each
from checklist.protocol.linting.surroundings import Surroundings
from tests.support.mutated import mutated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = """\
[protocol]
id = "ID"
title = "One step"
version = "1.0.0"
purpose = "Show one thing."
category = "clinic"
style = "read-do"
subject = "clinic"
sources = [{ id = "label", title = "The label" }]
"""
STEP = """
[[steps]]
id = "door"
kind = "confirm"
do = "Push the door shut."
expect = "shut, seal lies all round"
"""
RESULT = """
[[steps]]
id = "result"
kind = "choice"
do = "Read the result."
options = [{ value = "negative", verdict = "pass" }, { value = "positive", verdict = "fail" }]
on_fail = { open = "OTHER" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write a protocol of that id, with one sound step and whatever else is given."""

    def write(name: str, more: str = "", folder: str = "") -> Path:
        (tmp_path / folder).mkdir(exist_ok=True)
        path = tmp_path / folder / f"{name}.toml"
        path.write_text(HEADER.replace('"ID"', f'"{name}"') + STEP + more, encoding="utf-8")
        return path

    return write


def test_good_files_have_no_faults(file: Callable[..., Path]) -> None:
    assert lint([file("sound")]) == []
    assert not has_errors([])


def test_the_example_of_the_format_has_no_errors(example_path: Path) -> None:
    assert not has_errors(lint([example_path]))


def test_a_folder_is_read_with_all_its_folders_but_those_that_nobody_can_read(
    tmp_path: Path, file: Callable[..., Path]
) -> None:
    for folder in ("profiles", "procedures", "readers", "sterilisation"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "broken.toml").write_text("=")
    file("sound")
    faults = lint([tmp_path])
    assert [fault.file for fault in faults] == [
        str(tmp_path / name / "broken.toml") for name in ("profiles", "sterilisation")
    ]
    assert has_errors(faults)


def test_another_kind_of_text_is_read_by_its_own_reader(tmp_path: Path, file: Callable[..., Path]) -> None:
    (tmp_path / "procedures").mkdir()
    peel = tmp_path / "procedures" / "peel.toml"
    peel.write_text("# what must be true\n[procedure]\nid = 'peel'\n", encoding="utf-8")
    file("sound")
    fault = Fault(str(peel), 3, 1, "requires", "error", "nothing is required", "say what must be true")
    readers = {**READERS, "procedure": lambda _data, _name, _around: Checked("peel", (fault,))}
    assert lint([tmp_path], readers=readers) == [fault]
    assert lint([tmp_path]) == []
    assert kind_of(b"") == "protocol"


def test_a_profile_is_linted_like_a_protocol(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text("[profile]\nid = 'fr'\n", encoding="utf-8")
    faults = lint([tmp_path])
    assert "file-name" in {fault.rule for fault in faults}
    assert not {"unknown-key"} & {fault.rule for fault in faults}


def test_a_file_named_twice_is_read_once(tmp_path: Path, file: Callable[..., Path]) -> None:
    path = file("sound")
    assert lint([path, path, tmp_path]) == []


def test_each_file_is_named_with_its_own_faults(tmp_path: Path, file: Callable[..., Path]) -> None:
    good, bad = file("sound"), tmp_path / "zebra.toml"
    bad.write_text("=")
    (first, faults), (second, others) = lint_each([tmp_path])
    assert (first, faults, second) == (good, [], bad)
    assert [fault.file for fault in others] == [str(bad)]


def test_a_file_that_cannot_be_opened_does_not_hide_the_others(tmp_path: Path, file: Callable[..., Path]) -> None:
    bad = file("sound", "\n[[steps]]\n")
    (tmp_path / "link.toml").symlink_to(bad)
    assert {fault.rule for fault in lint([tmp_path])} == {"unreadable", "required"}


def test_two_files_cannot_have_the_same_id(tmp_path: Path, file: Callable[..., Path]) -> None:
    first, second = file("sound", folder="a"), file("sound", folder="b")
    (fault,) = lint([tmp_path])
    assert (fault.file, fault.rule, fault.line, fault.column) == (str(second), "duplicate-id", 2, 1)
    assert str(first) in fault.message


def test_advice_is_no_error() -> None:
    assert not has_errors([Fault("x.toml", 1, 1, "wording", "advice", "is long", "say it shorter")])


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ('\n[[steps]]\nid = "a"\nkind = "measure"\ndo = "Read."\nunit = "grad"\nlimit = { min = 1 }\n', "unit"),
        ('\n[[steps]]\nid = "a"\nkind = "text"\ndo = "Type."\nsource = "who"\n', "unknown-source"),
        ('\n[[steps]]\nid = "a"\nkind = "text"\ndo = "Type."\nwhen = { step = "a", is = "x" }\n', "when-cycle"),
        ('\n[[steps]]\nid = "door"\nkind = "text"\ndo = "Type."\n', "duplicate-id"),
    ],
)
def test_what_cannot_be_walked_is_an_error(file: Callable[..., Path], more: str, rule: str) -> None:
    faults = lint([file("broken", more)])
    assert rule in {fault.rule for fault in faults}
    assert has_errors(faults)


def test_a_value_that_no_profile_gives_is_an_error(file: Callable[..., Path]) -> None:
    path = file("timed", '\n[[steps]]\nid = "a"\nkind = "timer"\ndo = "Wait."\nat_least = { profile = "none" }\n')
    around = Surroundings(profiles=tuple(shipped_profiles().values()))
    assert "unknown-profile-value" in {fault.rule for fault in lint([path], around)}
    assert "unknown-profile-value" not in {fault.rule for fault in lint([path])}


def test_a_follow_up_must_be_among_the_files_or_known(tmp_path: Path, file: Callable[..., Path]) -> None:
    first = file("test-run", RESULT.replace("OTHER", "recall-run"))
    nothing = Surroundings(known=frozenset())
    (fault,) = lint([first], nothing)
    assert (fault.rule, fault.severity) == ("unknown-follow-up", "warning")
    assert lint([first]) == []  # nobody said what else there is
    assert lint([first], Surroundings(known=frozenset({"recall-run"}))) == []
    file("recall-run")
    assert lint([tmp_path], nothing) == []


def test_two_protocols_may_open_each_other(tmp_path: Path, file: Callable[..., Path]) -> None:
    """A failed test opens the recall, and the recall repeats the test: each opening is a person's own decision, so
    that nothing goes round by itself. A test that failed may also be begun anew."""
    file("test-run", RESULT.replace("OTHER", "recall-run"))
    file("recall-run", RESULT.replace("OTHER", "test-run"))
    file("again", RESULT.replace("OTHER", "again"))
    assert lint([tmp_path], Surroundings(known=frozenset())) == []


@given(mutated())
def test_whatever_a_file_says_the_answer_is_a_list_of_faults(data: bytes) -> None:
    around = Surroundings(frozenset(), shipped(), tuple(shipped_profiles().values()))
    for reader in {check_protocol, *READERS.values()}:
        checked = reader(data, "spill.toml", around)
        assert all(fault.line >= 1 and fault.column >= 1 and fault.fix for fault in checked.faults)
        assert checked.id is not None or has_errors(checked.faults)
