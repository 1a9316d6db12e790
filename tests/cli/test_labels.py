"""`checklist labels load`: labels of loads that the record knows and that may be used, and of no others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run.commands import Assign, Give, Sign
from checklist.run.reading import Refusal
from tests.cli.conftest import SECRETS
from tests.cli.test_tracing import LOADS
from tests.support.making import bring_into_force, header

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Answer, Run, Who

OPENED = (
    header("opened", "Open a pack", "session")
    + """
[[steps]]
id = "pack"
kind = "scan"
do = "Scan the pack."
captures = ["load", "pack"]
use = "consumes"
"""
)

KEPT = (
    LOADS.replace("[[steps]]", 'valid_for = "30d"\n[[steps]]', 1)
    + """
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""
)


@pytest.fixture
def made(clinic: Path) -> date:
    """A load of Steriliser 1, number S1-01, whose packs keep for 30 days; the day on which it was made."""
    with Clinic.open(Folder(clinic)) as opened:
        ada = opened.staff.prove("Ada", SECRETS["ada"], "line")
        assert isinstance(ada, SignedIn)
        bring_into_force(opened, ada, "loads", KEPT)
        state = opened.begin("loads", "equipment=S1", ada, "line")
        assert not isinstance(state, Refusal)
        for command in (
            Give("indicator", "lot=A12"),
            Assign("number", {}),
            Sign("release", ada.person, "released", ""),
        ):
            state = opened.do(state.run, command, ada, "line")
            assert not isinstance(state, Refusal)
        assert state.ended is not None
        return date.fromisoformat(state.ended[:10])


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages).replace("\u200b", "")


def test_a_sheet_says_what_the_record_says(run: Run, made: date, tmp_path: Path) -> None:
    out = tmp_path / "sheet.pdf"
    answer = run("labels", "load", "S1-01", "--count", 3, "--out", out)
    assert (answer.code, answer.out, answer.err) == (0, f"{out}: 3 labels.\n", "")
    text = text_of(out)
    for words in ("S1-01", "Steriliser 1", f"Made {made}", f"Use by {made + timedelta(days=30)}"):
        assert text.count(words) == 3, words


def test_without_more_it_is_one_label_on_the_paper_of_the_place(
    run: Run, made: date, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = clinic / "clinic.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('jurisdiction = "strictest"', 'jurisdiction = "us"'), "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert run("labels", "load", "S1-01", "S1-01", "--code", "code128").out == "labels.pdf: 1 label.\n"
    assert round(float(PdfReader("labels.pdf").pages[0].mediabox.width)) == 612
    assert str(made) in text_of(tmp_path / "labels.pdf")


@pytest.mark.usefixtures("made")
def test_a_load_that_nobody_made_or_that_is_recalled_has_no_labels(run: Run, bo: Who, tmp_path: Path) -> None:
    out = tmp_path / "sheet.pdf"
    assert "knows no load “S9-01”" in run("labels", "load", "S1-01", "S9-01", "--out", out).told
    assert run("recall", "load", "S1-01", "--because", "other: it leaked", *bo).code == 0
    assert "is recalled" in run("labels", "load", "S1-01", "--out", out).told
    assert not out.exists()


@pytest.mark.usefixtures("made")
def test_nothing_that_is_no_pdf_is_overwritten(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "patients.txt"
    out.write_text("kept", "utf-8")
    assert "is no PDF" in run("labels", "load", "S1-01", "--out", out).told
    assert out.read_text("utf-8") == "kept"
    own = tmp_path / "labels.pdf"
    assert [run("labels", "load", "S1-01", "--out", own).code for _ in range(2)] == [0, 0], "its own it replaces"


@pytest.mark.usefixtures("made")
def test_packs_are_numbered_on_and_never_with_a_number_that_was_opened(run: Run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.pdf"

    def sheet(first: int) -> Answer:
        return run("labels", "load", "S1-01", "--count", 4, "--packs-from", first, "--out", out)

    printed = sheet(1)
    assert printed.code == 0
    assert "a further sheet goes on with --packs-from 5." in printed.out
    with Clinic.open(Folder(clinic)) as opened:
        ada = opened.staff.prove("Ada", SECRETS["ada"], "line")
        assert isinstance(ada, SignedIn)
        bring_into_force(opened, ada, "opened", OPENED)
        visit = opened.session("new", ada, "line")
        assert not isinstance(visit, Refusal)
        state = opened.begin("opened", f"session={visit}", ada, "line", visit)
        assert not isinstance(state, Refusal)
        state = opened.do(state.run, Give("pack", "load=S1-01 pack=S1-01-03"), ada, "line")
        assert not isinstance(state, Refusal)
    out.unlink()
    refused = sheet(1)
    assert refused.code == 2
    assert "Pack S1-01-03 was opened already" in refused.told
    assert "from 4 or later" in refused.told
    assert not out.exists()
    assert sheet(5).code == 0
    assert text_of(out).count("S1-01-05") == 1
