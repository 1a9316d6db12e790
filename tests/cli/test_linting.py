"""`checklist protocol lint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.protocol.library import shipped_folder
from checklist.protocol.linting.ruleset import RULES, page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

KEYS = {"file", "line", "column", "rule", "severity", "message", "fix"}


def own(clinic: Path, old: str = "", new: str = "") -> Path:
    """The clinic's own short protocol, with one piece of it replaced."""
    path = clinic / "protocols" / "short.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return path


def line_of(path: Path, begins: str) -> int:
    """The first line that begins so, counted from 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(begins))


def test_the_shipped_files_have_neither_errors_nor_warnings(run: Run) -> None:
    answer = run("protocol", "lint", shipped_folder())
    assert answer.code == 0
    assert answer.out.splitlines()[-1].endswith("no errors, no warnings, no advice.")


def test_without_paths_the_clinics_own_files_are_looked_at_too(run: Run, clinic: Path) -> None:
    files = len([fault for fault in shipped_folder().rglob("*.toml") if "readers" not in fault.parts])
    assert run("protocol", "lint").out.splitlines()[-1].startswith(f"{files + 1} files: no errors")
    found = run("protocol", "lint", "--json").data
    assert {fault["file"] for fault in found} == {str(clinic / "protocols" / "short.toml")}


def test_what_is_wrong_has_a_place_a_rule_and_a_remedy(run: Run, clinic: Path) -> None:
    bad = clinic / "protocols" / "bad.toml"
    bad.write_text('[protocol]\nid = "other"\n', encoding="utf-8")
    answer = run("protocol", "lint")
    assert answer.code == 1
    assert f"{bad}:2:1: error file-name: " in answer.out
    assert " — " in answer.out
    found = run("protocol", "lint", bad, "--json").data
    assert all(set(fault) >= KEYS for fault in found)
    assert found == run("protocol", "lint", bad, "--format", "json").data


def test_warnings_and_advice_stop_nobody(run: Run, clinic: Path) -> None:
    path = own(clinic, "one is done", "checked")
    answer = run("protocol", "lint", path)
    assert answer.code == 0
    assert f"{path}:{line_of(path, 'expect')}:1: warning vague-response: " in answer.out
    assert answer.out.splitlines()[-1] == "1 file: no errors, 4 warnings, no advice."


def test_github_shows_each_fault_beside_its_line(run: Run, clinic: Path) -> None:
    folder = clinic / "protocols" / "50%,new: 1"
    folder.mkdir()
    path = own(clinic, "Do one.", "Do one, 50% properly.").rename(folder / "short.toml")
    lines = run("protocol", "lint", path, "--format", "github").out.splitlines()
    escaped = str(path).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    place = f"file={escaped},line={line_of(path, 'do')},col=1,title=unclear-word"
    advice = next(line for line in lines if line.startswith("::notice "))
    assert advice.startswith(f'::notice {place}::step 1 "one": "properly" means')
    assert any(line.startswith("::warning ") and "title=limit-without-source::" in line for line in lines)
    (folder / "short.toml").write_text("100% = ", encoding="utf-8")
    (error, _) = run("protocol", "lint", path, "--format", "github").out.splitlines()
    assert error.startswith(f"::error file={escaped},line=1,col=4,title=syntax::")


def test_a_changed_file_is_compared_with_the_version_in_force(run: Run, clinic: Path, ada: Who) -> None:
    path = own(clinic)
    assert "version-not-raised" not in run("protocol", "lint", path).out
    own(clinic, "Do one.", "Do one twice.")
    assert f"{path}:4:1: warning version-not-raised: " in run("protocol", "lint", path).out
    assert "version-not-raised" in run("protocol", "lint").out
    elsewhere = clinic / "short.toml"
    elsewhere.write_bytes(path.read_bytes())
    assert "version-not-raised" not in run("protocol", "lint", elsewhere).out
    own(clinic, "1.0.0", "1.1.0")
    assert "version-not-raised" not in run("protocol", "lint", path).out
    assert run("protocol", "adopt", "short", *ada).code == 0
    own(clinic, "1.1.0", "1.0.9")
    assert "version-not-raised" in run("protocol", "lint", path).out


def test_a_record_that_cannot_be_read_does_not_hide_the_files(run: Run, clinic: Path) -> None:
    (clinic / "ledger.db").write_bytes(b"no record")
    path = own(clinic, "one is done", "checked")
    answer = run("protocol", "lint", path)
    assert answer.code == 0
    assert "vague-response" in answer.out
    assert "no version was compared" in answer.err


def test_a_follow_up_is_looked_for_among_the_shipped_and_the_clinics_own(run: Run, clinic: Path) -> None:
    path = own(clinic, "[[steps]]\nid = ", '[[steps]]\non_fail = { open = "short-two" }\nid = ')
    assert "unknown-follow-up" in run("protocol", "lint", path).out
    (clinic / "protocols" / "short-two.toml").write_text("", encoding="utf-8")
    assert "unknown-follow-up" not in run("protocol", "lint", path).out


def test_the_rules_explain_themselves(run: Run) -> None:
    assert run("protocol", "lint", "--rules").out == page()
    one = run("protocol", "lint", "--explain", "two-acts").out
    assert one.startswith("## two-acts\n")
    assert RULES["two-acts"].why in one
    assert "two-acts" in run("protocol", "lint", "--explain", "nonsense").told


def test_a_path_that_is_not_there_is_a_misuse(run: Run, clinic: Path) -> None:
    assert "no such file" in run("protocol", "lint", clinic / "nowhere.toml").told


def test_a_folder_without_protocols_is_a_misuse(run: Run, tmp_path: Path) -> None:
    assert "no protocol file" in run("protocol", "lint", tmp_path).told


def test_a_role_that_nobody_here_has_is_told(run: Run, clinic: Path, ada: Who) -> None:
    path = own(clinic, 'id = "one"', 'id = "one"\nroles = ["lead", "nurze"]\ncredentials = ["laser"]')
    own(clinic, "1.0.0", "1.1.0")
    found = [fault for fault in run("protocol", "lint", path, "--json").data if fault["rule"] == "unheld-role"]
    assert [(one["line"], one["message"]) for one in found] == [
        (line_of(path, "roles"), 'step 1 "one" asks for the role "nurze", which nobody here has'),
        (line_of(path, "credentials"), 'step 1 "one" asks for the credential "laser", which nobody here has'),
    ]
    assert all("checklist people " in one["fix"] for one in found)
    answer = run("protocol", "adopt", "short", *ada)
    assert answer.code == 0
    assert [line.split(", which")[0] for line in answer.err.splitlines()] == [
        'Warning: step 1 "one" asks for the role "nurze"',
        'Warning: step 1 "one" asks for the credential "laser"',
    ]
    assert run("people", "credential", "grant", "bo", "laser", *ada).code == 0
    assert run("people", "roles", "bo", "--role", "nurze", *ada).code == 0
    assert "unheld-role" not in run("protocol", "lint", path).out
    elsewhere = clinic / "short.toml"
    elsewhere.write_bytes(path.read_bytes())
    assert "unheld-role" not in run("protocol", "lint", elsewhere).out
