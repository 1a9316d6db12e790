"""A scanner at the full screen: what it sends fills the fields, acts on nothing, and is recorded as scanned."""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from textual.events import Key

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run.marks import Status
from tests.support.code128 import code128
from tests.support.labels import GS, gtin, hibc, written
from tests.support.making import bring_into_force, header
from tests.support.pictures import qr, seen
from tests.support.terminal import Terminal, end_all

GTIN = gtin("0950600013435")
YEAR = datetime.now(UTC).year + 5
DATE = ("17", f"{YEAR % 100:02}0300")
CARTRIDGE = [("01", GTIN), DATE, ("10", "A12-3"), ("21", "77/4")]
READ = {"gtin": GTIN, "lot": "A12-3", "expiry": f"{YEAR}-03-31"}
Station = Callable[..., Any]


async def at_the_scan(nurse: Any) -> None:
    """Walk to the step that asks for a cartridge."""
    await nurse.start("every")
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.sees("STEP 1 OF")
    await nurse.press("enter")
    await nurse.type("4.1")
    await nurse.press("enter", "enter", "1", "enter", "enter", "enter")
    await nurse.until(lambda: nurse.step == "cartridge")
    await nurse.sees("> GTIN")


async def scan(nurse: Any, code: str, end: str = "enter") -> None:
    """Send a code as a keyboard wedge does, each separator as the key that it is on a terminal; some end with none."""
    await nurse.burst(code.replace(GS, "␝"), end=end)


def entries(nurse: Any) -> int:
    return int(nurse.desk.storage.saved.size)


def recorded(folder: Folder, nurse: Any) -> tuple[object, object]:
    """The value of the step, and how it came."""
    run = nurse.walk.page.state.run
    with Clinic.open(folder) as clinic:
        done = [one for one in clinic.run_entries(run) if one.step == "cartridge" and one.kind == "step.done"]
        return clinic.run(run).steps["cartridge"].value, done[-1].data["input"]


@pytest.mark.parametrize(
    ("code", "read", "end"),
    [
        (seen(qr(written(CARTRIDGE)), "QRCODE"), READ, "enter"),
        (seen(code128(GS + written(CARTRIDGE)), "CODE128"), READ, "tab"),
        (seen(qr(hibc(f"+A99912345/$$3{YEAR % 100:02}033110X3")), "QRCODE"),
         {"ref": "1234", "lot": "10X3", "expiry": f"{YEAR}-03-31"}, "enter"),
    ],
    ids=["gs1-qr", "gs1-128", "hibc"],
)  # fmt: skip
async def test_a_scanned_code_fills_the_fields_and_waits_for_a_signature(
    station: Station, folder: Folder, code: str, read: dict[str, str], end: str
) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        before = entries(nurse)
        await scan(nurse, code, end)
        await nurse.sees("UNDERSTOOD")
        assert (nurse.step, entries(nurse)) == ("cartridge", before), "the scanner's own key signs nothing"
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == (read, "scanned")


@pytest.mark.parametrize("end", ["enter", "tab", ""])
async def test_a_scan_where_no_label_is_asked_for_is_told_and_changes_nothing(
    station: Station, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    rung: list[int] = []
    async with station() as nurse:
        monkeypatch.setattr(nurse.desk, "bell", lambda: rung.append(1))
        await nurse.start("every")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("STEP 1 OF")
        before = entries(nurse)
        await scan(nurse, written(CARTRIDGE), end)
        await nurse.sees("That scan was not taken")
        assert (nurse.step, entries(nurse), bool(rung)) == ("wipe", before, True)
        nurse.clock.seconds += 5
        await nurse.press("enter")
        await nurse.type("4.1")
        await nurse.press("enter")
        await nurse.sees("UNDERSTOOD  4.1")
        await scan(nurse, written(CARTRIDGE), end)
        await nurse.sees("That scan was not taken")
        nurse.clock.seconds += 5
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "seal")
        assert nurse.walk.page.state.steps["temperature"].value == "4.1"
        before = entries(nurse)
        await scan(nurse, f"(01){GTIN}", end)
        assert nurse.walk.response.options.chosen is None, "a digit of a code chooses nothing"
        await nurse.press("1", "enter")
        await nurse.sees("UNDERSTOOD  whole")
        await scan(nurse, f"(01){GTIN}2", end)
        await nurse.sees("That scan was not taken")
        assert (nurse.walk.taken, nurse.step, entries(nurse)) == ("whole", "seal", before)


WET = """
[[steps]]
id = "wet"
kind = "timer"
do = "Keep it wet."
at_least = "2s"
[[steps]]
id = "reading"
kind = "measure"
do = "Read the thermometer."
unit = "Cel"
limit = { min = 3, max = 600 }
"""


async def test_a_timer_that_runs_down_in_the_middle_of_a_stray_scan_stops_nothing(
    station: Station, folder: Folder
) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        bring_into_force(clinic, lead, "wet", header("wet", "Wet") + WET)
    async with station() as nurse:
        await nurse.start("wet")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.until(lambda: nurse.step == "wet")
        await nurse.press("enter")
        nurse.clock.seconds += 5
        for signs, step in (("(01)04", "wet"), ("0123", "reading")):
            await nurse.until(lambda step=step: nurse.step == step)
            for sign in signs:
                nurse.clock.seconds += 0.002
                nurse.letter(sign)
            await nurse.idle()
        await nurse.sees("That scan was not taken")
        assert not nurse.walk.page.state.steps["reading"].closed


async def test_what_is_missing_is_typed_twice_and_the_whole_counts_as_typed(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        await scan(nurse, written([("01", GTIN), DATE]))
        await nurse.sees("The lot is not in this code.")
        await nurse.sees("> LOT")
        await nurse.type("A12")
        await nurse.press("enter")
        await nurse.sees("> LOT AGAIN")
        await nurse.type("A12")
        await nurse.press("enter")
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == ({**READ, "lot": "A12"}, "typed")


async def test_the_other_code_of_the_label_completes_it(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        await scan(nurse, "]C1" + written([("01", GTIN)]))
        await nurse.sees("The lot and the use-by date are not in this code.")
        await scan(nurse, "]C1" + written([("10", "A12-3"), DATE]))
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == (READ, "scanned")


async def test_a_code_that_comes_after_the_first_esc_is_taken_like_any_other(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        await nurse.press("escape")
        await nurse.sees("Esc once more pauses this run")
        await scan(nurse, "]C1" + written([("01", GTIN)]))
        await nurse.sees("The lot and the use-by date are not in this code.")
        await nurse.press("escape")
        await nurse.sees("What you typed is not recorded.")
        await scan(nurse, written(CARTRIDGE))
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == (READ, "scanned")


async def test_the_line_of_a_scanned_step_tells_lot_and_date_whole_and_says_where_it_is_cut(station: Station) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        await scan(nurse, written(CARTRIDGE))
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        await nurse.sees(f"lot=A12-3 expiry={YEAR}-03-31 g")
        line = next(line for line in nurse.text().splitlines() if "lot=A12-3" in line)
        assert "… " in line


async def test_a_code_takes_the_place_of_what_was_half_typed_in_its_field(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        await nurse.press("down", "down")
        await nurse.sees("> LOT")
        await nurse.type("A1")
        await nurse.press("escape")
        await nurse.sees("What you typed is not recorded.")
        await scan(nurse, written(CARTRIDGE))
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == (READ, "scanned")


@pytest.mark.parametrize(("lot", "expiry"), [("A21", f"{YEAR}-03"), ("A12", f"{YEAR + 1}-03")])
async def test_two_entries_that_differ_are_both_dropped(station: Station, lot: str, expiry: str) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        before = entries(nurse)
        for text in (GTIN, "A12", f"{YEAR}-03"):
            await nurse.type(text)
            await nurse.press("enter")
        await nurse.sees("> LOT AGAIN")
        await nurse.type(lot)
        await nurse.press("enter")
        await nurse.sees("> EXPIRY AGAIN")
        await nurse.type(expiry)
        await nurse.press("enter")
        await nurse.sees("The two do not agree")
        await nurse.sees("> GTIN")
        assert set(nurse.walk.response.values().values()) == {""}
        assert (nurse.step, entries(nurse)) == ("cartridge", before)


async def test_a_mistyped_gtin_is_refused_and_stays_to_be_mended(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        for text in (f"{GTIN[:-1]}3", "A12", f"{YEAR}-03"):
            await nurse.type(text)
            await nurse.press("enter")
        await nurse.sees("The GTIN was mistyped")
        await nurse.sees("> GTIN")
        await nurse.press("backspace")
        await nurse.type(GTIN[-1])
        await nurse.press("enter")
        await nurse.sees("> LOT AGAIN")
        for text in ("A12", f"{YEAR}-03-31"):
            await nurse.type(text)
            await nurse.press("enter")
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == ({**READ, "lot": "A12"}, "typed")


async def test_a_code_found_after_all_takes_the_place_of_what_was_typed(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        for text in (GTIN, "B7", f"{YEAR}-03"):
            await nurse.type(text)
            await nurse.press("enter")
        await nurse.sees("> LOT AGAIN")
        await scan(nurse, written(CARTRIDGE))
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == (READ, "scanned")


async def test_a_code_that_is_no_label_leaves_nothing_half_read(station: Station) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        await scan(nurse, written(CARTRIDGE))
        await nurse.sees("UNDERSTOOD")
        await scan(nurse, "HELLO-42")
        await nurse.sees("Not read: HELLO-42")
        assert set(nurse.walk.response.values().values()) == {""}
        await scan(nurse, written(CARTRIDGE))
        await nurse.sees("UNDERSTOOD")


async def test_what_a_scanner_filled_in_and_a_person_changed_is_typed(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        await scan(nurse, written(CARTRIDGE))
        await nurse.sees("UNDERSTOOD")
        await nurse.press("tab", "tab", "backspace")
        await nurse.type("4")
        await nurse.press("enter")
        await nurse.sees("> LOT AGAIN")
        await nurse.type("A12-4")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == ({**READ, "lot": "A12-4"}, "typed")


@pytest.mark.parametrize(("code", "end"), [("123456789", "enter"), (f"01{GTIN}", "tab"), ("␝␝␝␝␝", "enter")])
async def test_no_code_acts_as_a_key(station: Station, code: str, end: str) -> None:
    async with station() as nurse:
        await at_the_scan(nurse)
        before = entries(nurse)
        await scan(nurse, code, end)
        await scan(nurse, code, end)
        assert (nurse.step, entries(nurse)) == ("cartridge", before)


async def test_a_substitute_of_the_clinic_s_scanner_separates(station: Station, folder: Folder) -> None:
    text = folder.config.read_text("utf-8")
    folder.config.write_text(text.replace("substitutes = []", 'substitutes = ["|"]'), "utf-8")
    async with station() as nurse:
        await at_the_scan(nurse)
        await scan(nurse, written([("10", "A12-3"), ("01", GTIN), DATE], "|"))
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "remarks")
        assert recorded(folder, nurse) == (READ, "scanned")


LABELS = (
    header("labels", "Labels")
    + """
[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["gtin", "lot", "expiry"]

[[steps]]
id = "done"
kind = "confirm"
do = "Go on."
expect = "gone on"
"""
)
TWICE = (
    header("twice", "Read twice")
    + """
[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["gtin", "lot", "expiry", "serial"]
optional = ["serial"]

[[steps]]
id = "again"
kind = "witness"
of = "cartridge"
do = "A second person reads the label."
"""
)
ONCE = TWICE[: TWICE.rindex("[[steps]]")].replace("twice", "once")


async def begin(nurse: Any, folder: Folder, name: str, text: str) -> None:
    """Bring a protocol into force, and begin it."""
    with Clinic.open(folder) as clinic:
        anna = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(anna, SignedIn)
        bring_into_force(clinic, anna, name, text)
    await nurse.start(name)
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.until(lambda: nurse.step == "cartridge")


@pytest.mark.parametrize("end", ["enter", "tab"])
async def test_a_second_person_may_scan_the_label_instead_of_typing_it(
    station: Station, folder: Folder, end: str
) -> None:
    label = written([("01", GTIN), DATE, ("10", "A12-3")])
    async with station() as nurse:
        await begin(nurse, folder, "twice", TWICE)
        await scan(nurse, label)
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "again")
        await nurse.press("enter")
        await nurse.sees("SECOND PERSON")
        await nurse.press("enter")
        await nurse.type("four green words")
        await nurse.press("enter")
        await scan(nurse, "no label at all")
        await nurse.sees("This is no label of GS1 or HIBC")
        await scan(nurse, label, end)
        await nurse.sees("Press Enter once more: SIGN AS SECOND PERSON.")
        await nurse.press("enter")
        await nurse.sees("COMPLETE")
        own = nurse.walk.page.state.steps["again"]
    assert own.witness is not None
    assert own.status is Status.DONE


async def test_what_not_every_label_has_is_left_empty_with_enter(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await begin(nurse, folder, "once", ONCE)
        for typed in (GTIN, "A12-3", f"{YEAR}-03-31"):
            await nurse.type(typed)
            await nurse.press("enter")
        await nurse.sees("> SERIAL")
        await nurse.press("enter")
        await nurse.sees("> LOT AGAIN")
        assert "SERIAL AGAIN" not in nurse.text(), "there is none to type once more"
        await nurse.type("A12-3")
        await nurse.press("enter")
        await nurse.sees("> EXPIRY AGAIN")
        await nurse.press("enter")
        await nurse.sees("Type the use-by date once more")
        await nurse.type(f"{YEAR}-03-31")
        await nurse.press("enter")
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")
        await nurse.sees("COMPLETE")
        assert nurse.walk.page.state.steps["cartridge"].value == READ


async def test_a_screen_that_is_slow_to_take_the_signs_tears_no_code(station: Station, folder: Folder) -> None:
    async with station() as nurse:
        await begin(nurse, folder, "once", ONCE)
        nurse.clock.seconds += 5
        began = nurse.clock.seconds
        code = written([("10", "A12-3"), ("01", GTIN), DATE])
        signs = [Key("ctrl+right_square_bracket", None) if sign == GS else Key(sign, sign) for sign in code]
        for count, sign in enumerate((*signs, Key("enter", None))):
            sign.time = began + 0.002 * count
            nurse.clock.seconds += 0.3
            await nurse.desk.on_event(sign)
        await nurse.sees("UNDERSTOOD")
        await nurse.sees("A12-3")
        nurse.clock.seconds += 5
        await nurse.press("enter")
        await nurse.sees("COMPLETE")
        value, came = recorded(folder, nurse)
    assert (value, came) == (READ, "scanned")


PROGRAM = """
import sys
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.tui.app import run_app
sys.exit(run_app(Folder(Path(sys.argv[1]))))
"""


@pytest.fixture
def terminal(folder: Folder) -> Iterator[Terminal]:
    """The program in a terminal of 80 by 24, with a short protocol in force."""
    with Clinic.open(folder) as clinic:
        anna = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(anna, SignedIn)
        bring_into_force(clinic, anna, "labels", LABELS)
    yield Terminal([sys.executable, "-c", PROGRAM, str(folder.root)], os.environ)
    end_all()


def test_a_scanner_that_types_into_a_real_terminal_keeps_its_separators(terminal: Terminal, folder: Folder) -> None:
    terminal.wait_for("LOG OK")
    terminal.type("labels")
    terminal.wait_for("START A PROTOCOL")
    terminal.enter()
    terminal.wait_for("WHO IS AT THIS SCREEN?")
    terminal.type("anna")
    terminal.enter()
    terminal.wait_for("> SECRET")
    terminal.answer("three blue words")
    terminal.wait_for("> GTIN")
    terminal.key(written([("10", "A12-3"), ("01", GTIN), DATE]).encode() + b"\r")
    terminal.wait_for("UNDERSTOOD", "A12-3", "STEP 1 OF 2")
    terminal.enter()
    terminal.wait_for("STEP 2 OF 2")
    with Clinic.open(folder) as clinic:
        run = str(clinic.ledger.query("SELECT run FROM run ORDER BY idx DESC LIMIT 1")[0][0])
        (done,) = [one for one in clinic.run_entries(run) if one.kind == "step.done"]
        assert (clinic.run(run).steps["cartridge"].value, done.data["input"]) == (READ, "scanned")
