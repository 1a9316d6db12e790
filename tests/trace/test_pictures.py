"""Pictures of barcodes, read by a decoder that knows nothing of us, come out as what was put in."""

import pytest

from checklist.trace.barcode import read_label
from checklist.trace.label import Label
from tests.support.code128 import code128
from tests.support.labels import GS, gtin, hibc, written
from tests.support.pictures import qr, seen
from tests.trace.test_barcode import TODAY

GTIN = gtin("0950600013435")
CARTRIDGE = [("01", GTIN), ("17", "270300"), ("10", "A12-3"), ("21", "77/4")]
READ = {"gtin": GTIN, "expiry": "2027-03-31", "lot": "A12-3", "serial": "77/4"}


def read(text: str) -> Label:
    """A label of which all was read."""
    found = read_label(text, TODAY, ["|"])
    assert isinstance(found, Label), found
    return found


@pytest.mark.parametrize("separator", [GS, "|"])
def test_a_gs1_label_as_qr(separator: str) -> None:
    assert read(seen(qr(written(CARTRIDGE, separator)), "QRCODE")).identifiers == READ


def test_a_hibc_label_as_qr() -> None:
    found = read(seen(qr(hibc("+A99912345/$$327033110X3")), "QRCODE"))
    assert found.identifiers == {"ref": "1234", "lot": "10X3", "expiry": "2027-03-31"}


@pytest.mark.parametrize("text", ["load=S1-20261122-03", "pack=S1-20261122-03/7", f"01{GTIN}1727030010A12-3"])
def test_a_label_as_code_128(text: str) -> None:
    assert seen(code128(text), "CODE128") == text
    assert read(text).identifiers


def test_a_carton_as_gs1_128() -> None:
    # The decoder leaves the first function sign out and gives a separator for the others, as scanners do.
    sent = seen(code128(GS + written(CARTRIDGE)), "CODE128")
    assert read(sent).identifiers == READ


def test_a_label_of_the_clinic_as_qr() -> None:
    found = read(seen(qr("load=S1-20261122-03"), "QRCODE"))
    assert found.identifiers == {"load": "S1-20261122-03"}
