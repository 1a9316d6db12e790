"""`checklist protocol print`: sheets to fall back on, on the paper of the place, whole or not at all."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

from pypdf import PdfReader

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Run


def width(path: Path) -> int:
    return round(float(PdfReader(path).pages[0].mediabox.width))


def test_one_protocol_is_printed_under_its_own_name(
    run: Run, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("protocol", "print", "short")
    assert (answer.code, answer.out, answer.err) == (0, "short.pdf: 1 protocol on 1 page.\n", "")
    assert "Do one." in PdfReader(tmp_path / "short.pdf").pages[0].extract_text()
    assert width(tmp_path / "short.pdf") == 595
    assert run("protocol", "print", "short").code == 0, "its own sheet may be printed again"
    assert clinic.is_dir()


def test_several_are_printed_into_one_file_each_once(run: Run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheets.pdf"
    assert run("protocol", "print", "short", "faint", "short", "--out", out).out == f"{out}: 2 protocols on 3 pages.\n"
    assert clinic.is_dir()


def test_all_that_are_in_force_are_printed_with_the_clinics_own(run: Run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.pdf"
    assert run("protocol", "print", "--all", "--out", out, "--paper", "letter").code == 0
    whole = "".join(page.extract_text() for page in PdfReader(out).pages)
    assert "Do one." in whole
    assert "checklist walk faint" in whole
    assert width(out) == 612
    assert clinic.is_dir()


def test_the_paper_is_that_of_the_place(run: Run, clinic: Path, tmp_path: Path) -> None:
    config = clinic / "clinic.toml"
    lines = [line for line in config.read_text("utf-8").splitlines() if not line.startswith("jurisdiction")]
    lines.insert(lines.index("[clinic]") + 1, 'jurisdiction = "us"')
    config.write_text("\n".join(lines), "utf-8")
    out = tmp_path / "sheet.pdf"
    assert run("protocol", "print", "short", "--out", out).code == 0
    assert width(out) == 612
    assert run("protocol", "print", "short", "--out", out, "--paper", "a4").code == 0
    assert width(out) == 595


def test_what_no_font_shows_is_said(run: Run, clinic: Path, tmp_path: Path) -> None:
    text = (clinic / "protocols" / "short.toml").read_text("utf-8").replace("Do one.", "Do 手 one.")
    file = tmp_path / "short.toml"
    file.write_text(text, "utf-8")
    answer = run("protocol", "print", file, "--out", tmp_path / "sheet.pdf")
    assert answer.code == 0
    assert "No font here shows 手" in answer.err


def test_what_cannot_be_printed_is_told_and_nothing_is_overwritten(run: Run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "notes.txt"
    out.write_text("mine")
    assert "is no PDF" in run("protocol", "print", "short", "--out", out).told
    assert "no protocol" in run("protocol", "print", "nonsense", "--out", tmp_path / "a.pdf").told.casefold()
    assert "or give --all" in run("protocol", "print").told
    assert "or give --all" in run("protocol", "print", "short", "--all").told
    assert "choose another place" in run("protocol", "print", "short", "--out", tmp_path / "no" / "a.pdf").told
    assert out.read_text() == "mine"
    assert clinic.is_dir()


def test_a_full_disk_leaves_no_half_a_sheet(clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "sheet.pdf"
    out.parent.mkdir()

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-m", "checklist", "protocol", "print", "anaphylaxis", "--out", str(out)],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "CHECKLIST_CLINIC": str(clinic)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_disk,
    )
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert list(out.parent.iterdir()) == []
