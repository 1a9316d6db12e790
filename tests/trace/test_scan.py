"""What a scan gives to a step: a value, or a sentence on what the person does instead."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.protocol.model import Scan
from checklist.run.reading import Refusal, read_identifiers
from checklist.trace.scan import Scanned, scanned
from tests.support.labels import GS, gtin, hibc, written

TODAY = date(2026, 11, 22)
GTIN = gtin("0950600013435")


def step(*captures: str, accepts: tuple[str, ...] = ("gs1", "hibc", "typed")) -> Scan:
    """A step that asks for these."""
    return Scan.model_validate({"id": "s", "kind": "scan", "do": "Scan.", "captures": captures, "accepts": accepts})


def test_a_whole_label_is_the_steps_value() -> None:
    sent = "]d2" + written([("01", GTIN), ("17", "270300"), ("10", "A1"), ("91", "own")]) + "\r"
    assert scanned(step("gtin", "lot", "expiry"), sent, TODAY) == Scanned(
        {"gtin": GTIN, "lot": "A1", "expiry": "2027-03-31"}
    )
    assert scanned(step("lot"), sent.replace(GS, "~"), TODAY, ["~"]) == Scanned({"lot": "A1"})


def test_the_maker_s_reference_stands_for_a_gtin() -> None:
    assert scanned(step("gtin", "lot"), hibc("+A99912345/$10X3"), TODAY) == Scanned({"ref": "1234", "lot": "10X3"})


@pytest.mark.parametrize(
    ("sent", "words"), [(f"01{GTIN}10A21X1", "could not be read"), (f"01{GTIN}", "is not in this code")]
)
def test_what_is_missing_is_read_from_the_label(sent: str, words: str) -> None:
    found = scanned(step("gtin", "lot"), sent, TODAY)
    assert isinstance(found, Scanned)
    assert found.identifiers == {"gtin": GTIN}
    assert found.lacking == ("lot",)
    assert found.message.startswith(f"The lot {words}")


def test_what_not_every_label_has_is_taken_where_it_is_there_and_never_asked_for() -> None:
    own = step("lot", "serial").model_copy(update={"optional": ("serial",)})
    assert scanned(own, "]d210A1", TODAY) == Scanned({"lot": "A1"})
    assert scanned(own, f"]d210A1{GS}21X7", TODAY) == Scanned({"lot": "A1", "serial": "X7"})
    assert read_identifiers(own, "lot=A1") == {"lot": "A1"}
    assert read_identifiers(own, "lot=A1 serial=X7") == {"lot": "A1", "serial": "X7"}
    assert isinstance(read_identifiers(own, "serial=X7"), Refusal)
    lost = scanned(
        step("gtin", "lot", "serial").model_copy(update={"optional": ("serial",)}), f"01{GTIN}10A21X1", TODAY
    )
    assert isinstance(lost, Scanned)
    assert "lot" in lost.lacking


def test_two_codes_of_one_label_are_taken_together() -> None:
    first = scanned(step("gtin", "lot", "expiry"), f"]d201{GTIN}", TODAY)
    assert isinstance(first, Scanned)
    assert first.message.startswith("The lot and the use-by date are not in this code.")
    both = scanned(step("gtin", "lot", "expiry"), "]C11727033110A1", TODAY, separators_sure=True, before=first)
    assert both == Scanned({"gtin": GTIN, "lot": "A1", "expiry": "2027-03-31"})


def test_a_code_that_is_read_whole_settles_what_could_not_be_read_in_the_one_before() -> None:
    own = step("gtin", "lot", "expiry", "serial").model_copy(update={"optional": ("serial",)})
    lost = scanned(own, f"01{GTIN}1727033121SER1099X", TODAY)
    assert isinstance(lost, Scanned)
    assert lost.lacking == ("lot", "serial")
    whole = {"gtin": GTIN, "lot": "A1", "expiry": "2027-03-31"}
    assert scanned(own, f"]d201{GTIN}1727033110A1", TODAY, separators_sure=True, before=lost) == Scanned(whole)
    with_serial = f"]d201{GTIN}1727033110A1{GS}21S7"
    assert scanned(own, with_serial, TODAY, before=lost) == Scanned({**whole, "serial": "S7"})
    piece = scanned(own, f"]d201{GTIN}1727033110A1{GS}21{'X' * 30}", TODAY)
    assert isinstance(piece, Scanned)
    assert piece.lacking == ("serial",)
    assert scanned(own, with_serial, TODAY, before=piece) == Scanned({**whole, "serial": "S7"})


def test_the_product_s_own_code_says_nothing_of_a_serial_number_that_was_lost() -> None:
    own = step("gtin", "serial").model_copy(update={"optional": ("serial",)})
    lost = scanned(own, f"]d201{GTIN}21{'X' * 30}", TODAY)
    assert isinstance(lost, Scanned)
    again = scanned(own, f"]d201{GTIN}", TODAY, before=lost)
    assert isinstance(again, Scanned)
    assert again.lacking == ("serial",)


def test_another_thing_s_code_settles_nothing_however_well_it_was_read() -> None:
    own = step("gtin", "lot", "expiry", "serial").model_copy(update={"optional": ("serial",)})
    lost = scanned(own, f"01{GTIN}1727033121SER1099X", TODAY)
    assert isinstance(lost, Scanned)
    other = scanned(own, f"]d201{GTIN}1728033110A1{GS}21S7", TODAY, before=lost)
    assert isinstance(other, Refusal)
    assert other.code == "label-different"


def test_the_codes_of_two_things_are_not() -> None:
    first = scanned(step("gtin", "lot"), f"]d201{GTIN}", TODAY)
    assert isinstance(first, Scanned)
    other = scanned(step("gtin", "lot"), f"]d201{gtin('0950600013436')}10A1", TODAY, before=first)
    assert isinstance(other, Refusal)
    assert other.code == "label-different"


@pytest.mark.parametrize("text", ["load=S1-20261122-03", "S1-20261122-03", "S1-20261122-03\r\n"])
def test_a_label_of_the_clinic_is_the_load_itself(text: str) -> None:
    assert scanned(step("load"), text, TODAY) == Scanned({"load": "S1-20261122-03"})
    packs = step("load", "pack").model_copy(update={"optional": ("pack",)})
    assert scanned(packs, text, TODAY) == Scanned({"load": "S1-20261122-03"}), "not every label numbers its packs"


@pytest.mark.parametrize(
    ("asked", "sent", "code"),
    [
        (step("lot"), "S1-20261122-03", "label-plain"),  # any code would do for a lot
        (step("load", "pack"), "S1-20261122-03", "label-plain"),
        (step("load", accepts=("gs1",)), "S1-20261122-03", "label-plain"),
        (step("load"), "Ana Rivera", "label-plain"),
        (step("lot", accepts=("hibc",)), f"]C1{GS}10A1", "label-form"),
        (step("lot", "expiry"), f"01{GTIN}", "label-other"),
        (step("lot"), "", "label-empty"),
        (step("gtin"), f"]d201{GTIN[:-1]}{(int(GTIN[-1]) + 1) % 10}", "label-check"),
    ],
)
def test_what_does_not_fit_is_refused(asked: Scan, sent: str, code: str) -> None:
    found = scanned(asked, sent, TODAY)
    assert isinstance(found, Refusal)
    assert found.code == code
    assert found.message.endswith(".")


@given(st.text(max_size=60), st.sampled_from([step("load"), step("gtin", "lot", "expiry"), step("session")]))
def test_whatever_was_scanned_there_is_an_answer(text: str, asked: Scan) -> None:
    assert isinstance(scanned(asked, text, TODAY), Scanned | Refusal)
