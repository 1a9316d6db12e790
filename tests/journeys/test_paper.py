"""The power is out: the protocol is walked on its printed sheet, and the sheet is entered afterwards, by name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pexpect
import pytest
from pypdf import PdfReader

from checklist.run.paper import Paper, from_paper
from tests.support.making import header
from tests.support.place import ANNA, ANNAS, BEN, BENS, Place
from tests.support.terminal import Terminal, end_all

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = ZoneInfo("Africa/Lagos")  # where no hour comes twice

PROTOCOL = (
    header("soaked", "Soak the tray")
    + """
[[steps]]
id = "wash"
kind = "confirm"
do = "Wash the tray."
expect = "clean"
at_least = "5m"

[[steps]]
id = "soak"
kind = "timer"
do = "Let it soak."
at_least = "3m"
at_most = "10m"

[[steps]]
id = "strip"
kind = "choice"
do = "Look at the strip."
options = [{ value = "dark", verdict = "pass" }, { value = "pale", verdict = "fail" }]

[[steps]]
id = "second"
kind = "witness"
of = "strip"
do = "A second person looks at the strip."

[[steps]]
id = "ready"
kind = "sign"
do = "Say that it is ready."
meanings = ["performed"]
"""
)


@pytest.fixture
def clinic(place: Place) -> Iterator[Place]:
    """A clinic in that zone with that protocol in force."""
    config = place.folder.config
    lines = config.read_text("utf-8").splitlines()
    config.write_text(
        "\n".join(f'timezone = "{ZONE}"' if line.startswith("timezone") else line for line in lines), "utf-8"
    )
    place.adopt("soaked", PROTOCOL)
    yield place
    end_all()


@pytest.fixture
def paper() -> Paper:
    """The 25 minutes until just now."""
    ended = datetime.now(UTC).replace(second=0, microsecond=0)
    began, until = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (ended - timedelta(minutes=25), ended))
    return Paper(began, until)


@pytest.fixture
def written(paper: Paper) -> str:
    """The same by the clinic's clock, as it stands on the sheet."""
    began, ended = (datetime.fromisoformat(each).astimezone(ZONE) for each in (paper.began, paper.ended))
    return f"{began:%Y-%m-%d %H:%M}/{ended:%Y-%m-%d %H:%M}"


def foot(clinic: Place, name: str) -> str:
    """What stands for the version at the foot of the sheet, on every page."""
    out = clinic.root.parent / "sheet.pdf"
    assert clinic.call("protocol", "print", name, "--out", str(out)).returncode == 0
    found = [re.findall(r"--sheet ([0-9a-f]{12})", page.extract_text()) for page in PdfReader(out).pages]
    assert found == [found[0]] * len(found)
    (digest,) = found[0]
    return str(digest)


def test_a_sheet_is_printed_filled_and_entered_in_lines(clinic: Place, paper: Paper, written: str) -> None:
    told_on_screen = from_paper(paper, str(ZONE))
    digest = foot(clinic, "soaked")
    assert "Let it soak." in PdfReader(clinic.root.parent / "sheet.pdf").pages[0].extract_text()

    words = clinic.command("walk", "soaked", "--from-paper", written, "--line")
    child = pexpect.spawn(words[0], words[1:], env=clinic.environment(), encoding="utf-8", timeout=30)
    child.delaybeforesend = 0.5
    told = [
        ("Name or badge: ", ANNA),
        ("Your secret: ", ANNAS),
        ("SHA-256 at the foot of the sheet: ", digest),
        (f"{re.escape(told_on_screen)}.*Step 1 of 5: wash.*> ", ""),
        ("Type the time that was measured, like 3:20.*> ", "29:00"),
        ("The whole sheet took less time than that: read it again.*> ", "2:40"),
        ("2 min 40 s is too short: it takes at least 3 minutes.*Say what was done about it.*> ", "soaked again"),
        ("Type the time that was measured.*> ", "3:20"),
        ("Saved /!. soak: 3 min 20 s, 2 attempts.*strip.*> ", "dark"),
        ("Read for yourself.*> ", "dark"),
        ("Second person's name or badge: ", BEN),
        ("Their secret: ", BENS),
        ("Type what the signature means.*> ", "performed"),
        ("Who signs, name or badge: ", ANNA),
        ("Their secret: ", ANNAS),
    ]
    for wanted, typed in told:
        child.expect(wanted)
        child.sendline(typed)
    child.expect("The run has ended: complete")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0

    entries = json.loads(clinic.call("log", "--json").stdout)
    (started,) = [entry for entry in entries if entry["kind"] == "run.started"]
    run = f"{started['station']}#{started['index']}"
    assert started["data"]["paper"] == paper.data()
    assert {entry["via"] for entry in entries if entry["run"] == run} == {"transcribed"}
    shown = json.loads(clinic.call("show", run, "--json").stdout)
    assert shown["paper"] == started["data"]["paper"]
    assert [step["seconds"] for step in shown["steps"]] == [None] * 5
    assert shown["findings"] == [], "how fast it was typed is nobody's finding"
    assert shown["steps"][3]["witness"] != shown["steps"][3]["by"]
    assert told_on_screen in clinic.call("show", run).stdout
    assert json.loads(clinic.call("verify", "--json").stdout)["result"] == "clean"
    again = clinic.call("walk", "soaked", "--from-paper", written, "--sheet", digest, *clinic.as_(BEN))
    assert again.returncode == 2
    assert f"This sheet was entered before, as run {run}" in again.stderr


def test_the_full_screen_enters_a_sheet_too(clinic: Place, paper: Paper, written: str) -> None:
    screen = Terminal(clinic.command("walk", "soaked", "--from-paper", written), clinic.environment())
    screen.wait_for("WHO IS AT THIS SCREEN?", ANNA)
    screen.answer("anna")
    screen.wait_for(f"NAME OR BADGE  {ANNA}")
    screen.answer(ANNAS)
    screen.wait_for("WHICH SHEET IS IT?")
    for typed, told in (("0" * 12, "read the foot of the sheet"), (foot(clinic, "soaked"), "STEP 1 OF 5")):
        screen.answer("\x7f" * 12 + typed)
        screen.wait_for(typed, "Press Enter once more")
        screen.enter()
        screen.wait_for(told)
    screen.wait_for("STEP 1 OF 5", from_paper(paper, str(ZONE)).upper())
    screen.enter()
    screen.wait_for("STEP 2 OF 5", "TIME", "minutes:seconds")
    screen.answer("3:20")
    screen.wait_for("UNDERSTOOD", "Enter signs it")
    screen.enter()
    screen.wait_for("STEP 3 OF 5", "Look at the strip.")
    (run,) = [one["run"] for one in json.loads(clinic.call("board", "--json").stdout)["open"]]
    soaked = json.loads(clinic.call("show", run, "--json").stdout)["steps"][1]
    assert (soaked["value"], soaked["unit"], soaked["via"]) == ("200", "s", "transcribed")
    assert "from paper" in clinic.call("board").stdout


def test_a_time_that_cannot_be_is_refused_before_anybody_types_a_secret(clinic: Place, written: str) -> None:
    for typed, told in (
        ("14:10", "is no time of a sheet"),
        (f"{written[:10]} 14:35/14:10", "cannot end before it began"),
        ("2099-01-01 10:00/10:10", "in the future"),
    ):
        answer = clinic.call("walk", "soaked", "--from-paper", typed, *clinic.as_(ANNA))
        assert (answer.returncode, answer.stdout) == (2, "")
        assert told in answer.stderr
    for sheet, told in (
        (("--from-paper", written), "after SHA-256 at its foot (--sheet)"),
        (("--from-paper", written, "--sheet", "0" * 12), "was adopted here"),
        (("--sheet", foot(clinic, "soaked")), "give --from-paper with it"),
    ):
        answer = clinic.call("walk", "soaked", *sheet, *clinic.as_(ANNA))
        assert (answer.returncode, answer.stdout) == (2, "")
        assert told in answer.stderr
    kinds = [entry["kind"] for entry in json.loads(clinic.call("log", "--json").stdout)]
    assert "run.started" not in kinds


def test_a_sheet_of_an_emergency_is_entered_by_name(clinic: Place, written: str) -> None:
    sheet = ("--from-paper", written, "--sheet", foot(clinic, "faint"))
    assert clinic.call("walk", "faint", *sheet).returncode == 2
    answer = clinic.call("walk", "faint", *sheet, *clinic.as_(ANNA))
    assert answer.returncode == 1
    assert "entered from paper" in answer.stdout
    assert "NOT SIGNED IN" not in answer.stdout
