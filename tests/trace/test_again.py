"""What was typed from a label and has no check of its own is typed once more, unseen; a scan needs none of it."""

import pytest

from checklist.protocol.loader import parse
from checklist.protocol.model import Protocol, Scan
from checklist.trace.again import repeats, to_repeat
from tests.support.making import header

SCAN = '[[steps]]\nid = "label"\nkind = "scan"\ndo = "Scan."\ncaptures = ["gtin", "lot", "expiry"]\n'
WITNESS = '[[steps]]\nid = "second"\nkind = "witness"\ndo = "Read it too."\nof = "label"\n'
WHOLE = {"gtin": "09506000134352", "lot": "A12", "expiry": "2027-03-31"}


def protocol(more: str = "", category: str = "treatment") -> Protocol:
    found = parse((header("p", "P", category=category) + SCAN + more).encode(), name="p.toml")
    assert not isinstance(found, list), found
    return found.protocol


@pytest.mark.parametrize(
    ("value", "sure", "kinds"),
    [
        (WHOLE, {}, ("lot", "expiry")),
        ({"load": "S1-01", "lot": "A12", "serial": "7"}, {}, ("load", "lot", "serial")),
        ({"ref": "X-9", "batch": "B1", "expiry": "2027-03-31", "pack": "P1"}, {}, ("ref", "batch", "expiry", "pack")),
        (WHOLE, {"gtin": WHOLE["gtin"], "lot": "A12"}, ("expiry",)),
        (WHOLE, {**WHOLE, "lot": "A13"}, ("lot",)),
        (WHOLE, WHOLE, ()),
        ({"gtin": WHOLE["gtin"]}, {}, ()),
        ({"session": "a-20261122-01"}, {}, ()),
    ],
)
def test_what_was_typed_and_has_no_check_of_its_own_is_typed_again(
    value: dict[str, str], sure: dict[str, str], kinds: tuple[str, ...]
) -> None:
    assert to_repeat(protocol(), "label", value, sure) == kinds


def test_not_in_an_emergency_nor_where_a_second_person_reads_it() -> None:
    assert to_repeat(protocol(category="emergency"), "label", WHOLE, {}) == ()
    assert to_repeat(protocol(WITNESS), "label", WHOLE, {}) == ()


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ({"lot": " A12 ", "expiry": "2027-03"}, True),
        ({"lot": "A12", "expiry": "2027-03-31", "gtin": "9506000134352"}, True),
        ({"lot": "a12", "expiry": "2027-03-31"}, False),
        ({"lot": "A21", "expiry": "2027-03-31"}, False),
        ({"lot": "", "expiry": "2027-03-31"}, False),
        ({"lot": "A12", "expiry": "2028-03-31"}, False),
        ({"lot": "A12", "expiry": "2027-03-30"}, False),
        ({"lot": "A12", "expiry": "soon"}, False),
        ({"lot": "A12", "expiry": "2027-03", "gtin": "09506000134369"}, False),
        ({"lot": "A12", "expiry": "2027-03", "ref": "X-9"}, False),
    ],
)
def test_both_agree_or_they_do_not(typed: dict[str, str], *, same: bool) -> None:
    step = protocol().steps[0]
    assert isinstance(step, Scan)
    assert repeats(step, WHOLE, typed) is same
