"""A scanner at the program in line mode: pictures of codes, decoded by a decoder that knows nothing of us, and typed
into a real terminal as a scanner or as a person does."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pexpect
import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt
from tests.line.conftest import SECRET
from tests.support.code128 import code128
from tests.support.labels import GS, gtin, hibc, written
from tests.support.making import header
from tests.support.pictures import qr, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from checklist.run.events import Value
    from tests.line.conftest import SecretFile

    Start = Callable[[], "pexpect.spawn[str]"]

GTIN = gtin("0950600013435")
YEAR = datetime.now(UTC).year + 5
SHORT = f"{YEAR % 100:02}"
CARTRIDGE = [("01", GTIN), ("17", f"{SHORT}0300"), ("10", "A12-3"), ("21", "77/4")]
READ = {"gtin": GTIN, "lot": "A12-3", "expiry": f"{YEAR}-03-31"}
CODES = {
    "gs1-qr": (seen(qr(written(CARTRIDGE)), "QRCODE"), READ),
    "gs1-128": (seen(code128(GS + written(CARTRIDGE)), "CODE128"), READ),
    "gs1-aim": ("]d2" + seen(qr(written(CARTRIDGE)), "QRCODE"), READ),
    "hibc": (
        seen(qr(hibc(f"+A99912345/$$3{SHORT}033110X3")), "QRCODE"),
        {"ref": "1234", "lot": "10X3", "expiry": f"{YEAR}-03-31"},
    ),
}
SCANS = (
    header("scans", "Scans")
    + """
[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["gtin", "lot", "expiry"]
use = "consumes"

[[steps]]
id = "pack"
kind = "scan"
do = "Scan the pack."
captures = ["load"]

[[steps]]
id = "done"
kind = "confirm"
do = "Go on."
expect = "gone on"
"""
)
BETWEEN_SIGNS_S = 0.06
"""A person's pace; nobody types faster than 0.035 s a sign."""


@pytest.fixture
def start(root: Path, secret_file: SecretFile) -> Iterator[Start]:
    """The program at the first scan of a walk, in a terminal of 80 columns."""
    with Clinic.open(Folder(root)) as clinic:
        ada = clinic.staff.prove("Ada", SECRET, "line")
        assert isinstance(ada, SignedIn)
        (root / "protocols" / "scans.toml").write_text(SCANS, "utf-8")
        assert isinstance(adopt(clinic, "scans", ada, "line"), Adopted)
    children: list[pexpect.spawn[str]] = []

    def started() -> pexpect.spawn[str]:
        environment = {**os.environ, "CHECKLIST_CLINIC": str(root), "TERM": "xterm", "PYTHONUTF8": "1"}
        program = [sys.executable, "-m", "checklist", "walk", "scans", "--line", "--as", "Ada", "--secret-file"]
        child = pexpect.spawn(
            program[0], [*program[1:], secret_file(SECRET)], env=environment, encoding="utf-8", timeout=20,
            dimensions=(24, 80),
        )  # fmt: skip
        child.delaybeforesend = 0.5  # nobody scans the moment that a step is shown
        child.expect("Step 1 of 3: cartridge.*> ")
        children.append(child)
        return child

    yield started
    for child in children:
        child.close(force=True)


def types(child: pexpect.spawn[str], text: str) -> None:
    """Type as a person does, with Enter at the end."""
    before, child.delaybeforesend = child.delaybeforesend, BETWEEN_SIGNS_S
    time.sleep(before or 0)
    for sign in f"{text}\r":
        child.send(sign)
    child.delaybeforesend = before


def recorded(root: Path, step: str) -> tuple[Value | None, str | None]:
    """What the last run holds of a step: the value, and how it came."""
    with Clinic.open(Folder(root)) as clinic:
        run = str(clinic.ledger.query("SELECT run FROM run ORDER BY idx DESC LIMIT 1")[0][0])
        own = clinic.run(run).steps[step]
        entries = [entry for entry in clinic.run_entries(run) if entry.step == step and entry.kind == "step.done"]
        return own.value, str(entries[-1].data["input"]) if entries else None


@pytest.mark.parametrize(("code", "end"), [*((code, "\r") for code in CODES), ("gs1-qr", "\t")])
def test_a_scanned_code_is_recorded_as_scanned(root: Path, start: Start, code: str, end: str) -> None:
    child, (sent, read) = start(), CODES[code]
    child.send(sent + end)
    child.expect("Saved .x. cartridge.*Step 2 of 3: pack.*> ")
    child.send(seen(qr("load=S1-20261122-03"), "QRCODE") + end)
    child.expect("Saved .x. pack.*Step 3 of 3")
    assert recorded(root, "cartridge") == (read, "scanned")
    assert recorded(root, "pack") == ({"load": "S1-20261122-03"}, "scanned")
    assert recorded(root, "done") == (None, None), "the scanner's own Enter confirmed nothing"


def test_what_is_typed_is_typed_once_more_out_of_sight(root: Path, start: Start) -> None:
    child = start()
    types(child, f"gtin={GTIN} lot=A12 expiry=2098-03")
    child.expect_exact("(hidden)")
    child.expect("type the lot and the use-by date once more, from the label.*lot: ")
    types(child, "A12")
    child.expect("use-by date: ")
    types(child, "2099-03")
    child.expect("The two do not agree.*> ")
    assert recorded(root, "cartridge") == (None, None)
    types(child, f"gtin={GTIN} lot=A12 expiry=2099-03")
    child.expect("once more, from the label.*lot: ")
    types(child, "A21")
    child.expect("The two do not agree.*> ")
    types(child, f"gtin={GTIN} lot=A12 expiry=2099-03")
    child.expect("once more, from the label.*lot: ")
    types(child, "")
    child.expect("lot: ")
    types(child, "A12")
    child.expect("use-by date: ")
    types(child, "2099-03-31")
    child.expect("Saved .x. cartridge")
    assert recorded(root, "cartridge") == ({"gtin": GTIN, "lot": "A12", "expiry": "2099-03-31"}, "typed")


def test_what_could_not_be_read_is_asked_for_and_the_rest_is_kept(root: Path, start: Start) -> None:
    child = start()
    child.send(seen(code128(f"01{GTIN}17{SHORT}0300"), "CODE128") + "\r")
    child.expect("The lot is not in this code.*To type it: lot=….*> ")
    types(child, "lot=A12")
    child.expect("type the lot once more, from the label.*lot: ")
    types(child, "A12")
    child.expect("Saved .x. cartridge")
    assert recorded(root, "cartridge") == ({**READ, "lot": "A12"}, "typed")


def test_a_mistyped_gtin_is_refused_and_all_may_be_typed_in_one_line_as_before(root: Path, start: Start) -> None:
    child = start()
    types(child, f"gtin={GTIN[:-1]}3 lot=A12 expiry=2099-03")
    child.expect("The GTIN was mistyped.*> ")
    types(child, f"gtin={GTIN} lot=A12 expiry=2099-03")
    child.expect("once more, from the label.*lot: ")
    types(child, "lot=A12 expiry=2099-03")
    child.expect("Saved .x. cartridge")
    assert recorded(root, "cartridge") == ({"gtin": GTIN, "lot": "A12", "expiry": "2099-03-31"}, "typed")


@pytest.mark.parametrize("code", ["/abandon other: x", "/pause", "HELLO-42"])
def test_no_code_is_a_command(root: Path, start: Start, code: str) -> None:
    child = start()
    child.send(f"{code}\r")
    child.expect("(read the label|scan again|scan the right one|label).*> ")
    child.send(f"{CODES['gs1-qr'][0]}\r")
    child.expect("Step 2 of 3")
    assert recorded(root, "cartridge") == (READ, "scanned")
