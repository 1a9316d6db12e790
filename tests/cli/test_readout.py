"""`checklist readout`: a printout as lines and as JSON, and everything that cannot be read as one line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.printouts import READER, as_bytes, printout

DAC = """ DAC Universal
Serien Nr:  601362
Programm:   Universal/134C/3min
Zyklus:     21
Dat.(T-M-J) 16-03-2026
Zeit(H-M-S) 10:00:00
Start              10:00:10 Ok
10:05:30           135.3    3.18
Dauer (m-s)        03-11
Zyklusende         10:12:08 Ok
"""


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    """A printout of a machine that the program knows."""
    path = tmp_path / "cycle.txt"
    path.write_text(DAC.replace("Programm", "Deckel:     Standard\nProgramm"), encoding="latin-1")
    return path


@pytest.fixture
def own_reader(clinic: Path) -> Path:
    """A reader of the clinic's own."""
    folder = clinic / "protocols" / "readers"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "made-up.toml"
    path.write_text(READER, encoding="utf-8")
    return path


@pytest.mark.usefixtures("clinic")
def test_a_complete_cycle_is_0_and_said_in_lines(run: Run, printed: Path) -> None:
    answer = run("readout", printed)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "DAC Universal 601362, cycle 21, Universal/134C/3min"
    assert "  10:05:30  135.3 °C  318 kPa" in lines
    assert "Hold time: 191 s" in lines
    assert lines[-1] == "Result: complete"


@pytest.mark.usefixtures("clinic")
def test_scripts_get_the_stable_keys(run: Run, printed: Path) -> None:
    answer = run("readout", printed, "--json")
    assert answer.code == 0
    assert answer.data["cycle"] == 21
    assert answer.data["series"] == [{"at": "2026-03-16T10:05:30", "temperature": "135.3", "pressure": "318"}]
    assert answer.data["hold_seconds"] == 191
    assert answer.data["result"] == "complete"


@pytest.mark.usefixtures("clinic")
def test_an_aborted_cycle_is_1(run: Run, printed: Path) -> None:
    printed.write_text(printed.read_text().replace("10:12:08 Ok", "10:12:08 FEHL\nError code 97\nDoor open"))
    answer = run("readout", printed)
    assert answer.code == 1
    assert answer.out.splitlines()[-3:-1] == ["Error: 97", "Not understood: Door open"]
    assert answer.out.endswith("Result: aborted\n")


@pytest.mark.usefixtures("clinic")
def test_no_clinic_is_needed(run: Run, printed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHECKLIST_CLINIC", str(tmp_path / "nowhere"))
    assert run("readout", printed).code == 0


def test_a_reader_of_the_clinic_is_found_named_or_given_as_a_file(run: Run, own_reader: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes(as_bytes(printout()))
    for more in ((), ("--reader", "made-up"), ("--reader", own_reader)):
        answer = run("readout", path, *more, "--json")
        assert answer.code == 0
        assert answer.data["machine"] == "Made Up 1"


def test_a_broken_reader_is_told_and_hides_no_other(run: Run, own_reader: Path, printed: Path) -> None:
    own_reader.write_text("[reader", encoding="utf-8")
    answer = run("readout", printed)
    assert answer.code == 0
    assert "made-up.toml:1:" in answer.err
    assert "made-up.toml:1:" in run("readout", printed, "--reader", own_reader).told


def test_two_readers_for_one_machine_have_to_be_told_apart(run: Run, own_reader: Path, printed: Path) -> None:
    own_reader.write_text(READER.replace("MADE UP 1 Nr. {serial}", "DAC Universal"), encoding="utf-8")
    assert "--reader" in run("readout", printed).told


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "not a text file"),
        (b"milk\n", "no reader knows"),
        (DAC.encode() + DAC.encode(), "more than one cycle"),
        (DAC.encode()[:-40], "breaks off"),
        (DAC.replace("134C", "134 °C").encode(), "not written in latin-1"),
    ],
)
def test_what_cannot_be_read_is_2_and_one_line(run: Run, tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "cycle.txt"
    path.write_bytes(data.replace(b"Programm", b"Deckel: S\nProgramm"))
    assert words in run("readout", path).told


@pytest.mark.usefixtures("clinic")
def test_a_wrong_name_is_2_and_one_line(run: Run, tmp_path: Path, printed: Path) -> None:
    assert "No such file" in run("readout", tmp_path / "none.txt").told
    assert "not a regular file" in run("readout", tmp_path).told
    assert "dac-universal" in run("readout", printed, "--reader", "none").told
    assert "none.toml" in run("readout", printed, "--reader", "none.toml").told
