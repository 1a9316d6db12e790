"""What a line says at a step that asks for a label, sent by a scanner, typed by a person, or nobody can tell."""

from datetime import date

import pytest

from checklist.clinic.config import Scanner
from checklist.line.label import Sent, read_line
from checklist.protocol.model import Scan
from checklist.run.commands import Give
from checklist.run.reading import Refusal
from checklist.trace.scan import Scanned
from tests.support.labels import GS, gtin, written

TODAY = date(2026, 11, 22)
GTIN = gtin("0950600013435")
WHOLE = written([("01", GTIN), ("17", "270300"), ("10", "A1"), ("21", "7")])
READ = {"gtin": GTIN, "lot": "A1", "expiry": "2027-03-31"}
SCANNED, TYPED, PIPED = Sent(burst=True), Sent(burst=False), Sent()


def step(*captures: str) -> Scan:
    return Scan.model_validate({"id": "s", "kind": "scan", "do": "Scan.", "captures": captures})


CARTRIDGE, LOAD = step("gtin", "lot", "expiry"), step("load")
PACK = step("load", "pack").model_copy(update={"optional": ("pack",)})


@pytest.mark.parametrize("sent", [SCANNED, PIPED])
def test_a_code_of_gs1_is_scanned(sent: Sent) -> None:
    assert read_line(CARTRIDGE, WHOLE, TODAY, sent) == Give("s", READ, "scanned")


def test_the_same_typed_sign_by_sign_is_typed() -> None:
    assert read_line(CARTRIDGE, f"(01){GTIN}(17)270300(10)A1", TODAY, TYPED) == Give("s", READ, "typed")


def test_a_separator_at_the_end_and_a_substitute_are_kept_until_they_are_read() -> None:
    sent = Sent(burst=True, scanner=Scanner(("|",), separators_tested=True))
    assert read_line(CARTRIDGE, WHOLE.replace(GS, "|") + "|", TODAY, sent) == Give("s", READ, "scanned")


@pytest.mark.parametrize("text", ["load=S1-20261122-03", "S1-20261122-03"])
@pytest.mark.parametrize("asked", [LOAD, PACK])
def test_a_label_of_the_clinic_is_scanned_only_where_it_came_as_a_burst(text: str, asked: Scan) -> None:
    assert read_line(asked, text, TODAY, SCANNED) == Give("s", {"load": "S1-20261122-03"}, "scanned")
    for sent in (TYPED, PIPED):
        found = read_line(asked, text, TODAY, sent)
        assert isinstance(found, Give)
        assert found.input == "typed"


def test_what_a_scanner_read_in_part_is_completed_by_typing() -> None:
    first = read_line(CARTRIDGE, f"]d201{GTIN}17270300", TODAY, SCANNED)
    assert isinstance(first, Scanned)
    assert first.lacking == ("lot",)
    found = read_line(CARTRIDGE, "lot=A1", TODAY, Sent(burst=False, before=first))
    assert found == Give("s", READ, "typed")
    both = Sent(burst=True, scanner=Scanner(separators_tested=True), before=first)
    assert read_line(CARTRIDGE, "]C110A1", TODAY, both) == Give("s", READ, "scanned")


@pytest.mark.parametrize("sent", [TYPED, PIPED])
def test_what_is_neither_is_given_as_typed_to_be_refused_with_how_it_is_typed(sent: Sent) -> None:
    for text in ("lot=A lot=B", "cartridge 7", "Ana Rivera"):
        assert read_line(CARTRIDGE, text, TODAY, sent) == Give("s", text)


def test_what_a_scanner_sends_that_is_no_label_is_refused() -> None:
    found = read_line(CARTRIDGE, "/abandon other: x", TODAY, SCANNED)
    assert isinstance(found, Refusal)
    assert found.code == "label-plain"
