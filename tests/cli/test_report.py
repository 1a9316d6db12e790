"""`checklist report`: the file, the entry that says so, and every way in which it is refused."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import stat
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.ledger.entry import Draft
from checklist.ledger.reader import open_read_only
from tests.support.reported import BO, MARKUP, reported_clinic

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reported_clinic(tmp_path_factory.mktemp("report") / "clinic")


@pytest.fixture
def clinic(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(made, tmp_path / "clinic")
    monkeypatch.setenv("CHECKLIST_CLINIC", str(copy))
    return copy


def exported(clinic: Path) -> list[dict[str, object]]:
    with open_read_only(clinic / "ledger.db") as reader:
        return [dict(entry.data) for entry in reader.entries_of_kind("exported") if entry.actor is None]


def text_of(path: Path) -> str:
    pages = PdfReader(BytesIO(path.read_bytes())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_page_is_made_and_the_record_says_so(run: Run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    answer = run("report", "--html", out)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.endswith(f"SHA-256 {digest}\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert exported(clinic) == [
        {
            "what": "report",
            "format": "html",
            "size": out.stat().st_size,
            "sha256": digest,
            "filtered": False,
            "names": False,
        }
    ]
    page = out.read_text("utf-8")
    assert BO not in page
    assert MARKUP not in page
    assert "/O\\" in page


def test_the_same_record_gives_the_same_bytes(run: Run, clinic: Path, made: Path, tmp_path: Path) -> None:
    for ending in ("html", "pdf"):
        first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
        assert run("report", f"--{ending}", first).code == 0
        again = shutil.copytree(made, tmp_path / f"again-{ending}")
        assert run("report", f"--{ending}", second, "--clinic", again).code == 0
        assert first.read_bytes() == second.read_bytes()
        shutil.rmtree(clinic)
        shutil.copytree(made, clinic)


@pytest.mark.usefixtures("clinic")
def test_a_report_is_the_same_after_it_was_recorded_that_one_was_made(run: Run, tmp_path: Path) -> None:
    for more in ((), ("--verify",)):
        made = [tmp_path / f"{number}{len(more)}.html" for number in range(3)]
        for out in made:
            assert run("report", "--html", out, *more).code == 0
        assert len({out.read_bytes() for out in made}) == 1


def test_whoever_reads_the_record_moves_no_period_and_no_age(run: Run, clinic: Path, tmp_path: Path) -> None:
    first = run("report", "--html", tmp_path / "first.html")
    with Clinic.open(Folder(clinic)) as opened:
        opened.record(Draft("anchored", {"size": 1, "how": "paper"}, None, "line"))
        opened.record(Draft("verified", {"size": 1, "result": "clean"}, None, "line"))
        today = opened.now().at[:10]
    second = run("report", "--html", tmp_path / "second.html")
    period = first.out.partition(".html: ")[2].partition(", SHA")[0]
    assert period[-10:] < today
    assert second.out.partition(".html: ")[2].startswith(f"{period}, SHA")


def test_a_pdf_is_made_with_names_and_a_verification(run: Run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert run("report", "--pdf", out, "--names", "--verify").code == 0
    told = text_of(out)
    assert BO in told
    assert MARKUP in told
    assert "Verified for this report clean, over" in told
    assert exported(clinic)[-1]["names"] is True


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_nothing_is_ever_replaced_neither_another_file_nor_an_earlier_report(
    run: Run, clinic: Path, tmp_path: Path, form: str
) -> None:
    out = tmp_path / f"report.{form}"
    assert run("report", f"--{form}", out).code == 0
    first, told = out.read_bytes(), exported(clinic)
    answer = run("report", f"--{form}", out, "--protocol", "seal")
    assert (answer.code, answer.out) == (2, "")
    assert "is there already; name a file that does not exist yet" in answer.err
    assert out.read_bytes() == first
    assert exported(clinic) == told


@pytest.mark.usefixtures("clinic")
def test_an_empty_period_is_a_report_that_says_so(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    answer = run("report", "--html", out, "--from", "2001-01-01", "--to", "2001-02-01")
    assert answer.code == 0
    assert answer.err == "Nothing was begun in this period and scope: the report has no runs to tell of.\n"
    assert "Nothing was begun in this period and scope" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--html PATH or --pdf PATH, one of the two"),
        (("--html", "a", "--pdf", "b"), "one of the two"),
        (("--html", "report.html", "--from", "monday"), "“monday” is no day"),
        (("--html", "report.html", "--from", "2027-02-01", "--to", "2027-01-01"), "turn the two days round"),
        (("--html", "report.html", "--from", "2090-01-01"), "--from 2090-01-01 lies after the last entry, of "),
        (("--html", "report.html", "--to", "9999-12-31"), "“9999-12-31” is too far away"),
        (("--html", "report.html", "--to", "0001-01-01"), "too far away; name a day of the years 1900 to 2999"),
        (("--html", "report.html", "--protocol", "seel"), "did you mean “seal”?"),
        (("--html", "report.html", "--room", "<b>"), "There is no room “<b>” here"),
        (("--html", "no-such-folder/report.html"), "its folder does not exist"),
        (("--html", "."), "is there already"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    run: Run, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in run("report", *words).told
    assert sorted(each.name for each in tmp_path.iterdir()) == ["clinic"]
    assert exported(clinic) == []


def test_a_damaged_entry_is_said_and_the_rest_is_told(run: Run, clinic: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(clinic / "ledger.db", isolation_level=None)) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f'DROP TRIGGER "{name}"')
        ((index,),) = db.execute("SELECT max(idx) FROM entry WHERE instr(leaf, 'step.overridden')")
        db.execute("UPDATE entry SET leaf = x'00' WHERE idx = ?", (index,))
        for _, guard in guards:
            db.execute(guard)
    out = tmp_path / "report.html"
    answer = run("report", "--html", out, "--verify")
    assert answer.code == 1
    assert f"One entry of the record cannot be read; the first is a#{index}: it is" in answer.err
    assert "By its verification, the record cannot be read whole, or is not what was signed (tampered)" in answer.err
    assert ".." not in answer.err
    page = out.read_text("utf-8")
    assert page.index(f"a#{index}: it is another") < page.index("Rules went through every entry that can be read")
    assert "1 entry of the record could not be read and is not in this report" in page
    assert f"a#{index}" in page
    assert "did not find the record clean" in page
    top, found = page.index("TAMPERED, as verified"), page.index("What to look at")
    assert top < found < page.index("TAMPERED, in the word of") < page.index(">tampered<")
    assert "Runs begun" in page


def test_a_record_that_cannot_be_gone_on_with_is_still_told(run: Run, clinic: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(clinic / "ledger.db", isolation_level=None)) as db:
        db.execute("DROP TRIGGER entry_update")
    out = tmp_path / "report.html"
    answer = run("report", "--html", out)
    assert answer.code == 1
    assert "The record is damaged, and does not say that this report was made" in answer.err
    assert exported(clinic) == []
    page = out.read_text("utf-8")
    assert "Not all of the record is in this report: The protection of the record was changed" in page
    assert "/O\\" in page


@pytest.mark.usefixtures("clinic")
def test_on_a_terminal_a_line_tells_how_far_it_is(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    told = run("report", "--html", tmp_path / "report.html", "--verify").err
    assert [word for word in ("Laid out", "Verified", "Asked", "Written 13 of 13") if word not in told] == []
