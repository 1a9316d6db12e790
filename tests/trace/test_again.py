"""What was typed from a label is typed once more, in part and unseen; a scan needs none of it."""

import pytest

from checklist.protocol.loader import parse
from checklist.protocol.model import Protocol
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
    ("value", "sure", "kind"),
    [
        (WHOLE, {}, "lot"),
        ({"load": "S1-01", "lot": "A12"}, {}, "load"),
        ({"ref": "X-9", "expiry": "2027-03-31"}, {}, "ref"),
        (WHOLE, {"gtin": WHOLE["gtin"], "lot": "A12"}, "expiry"),
        (WHOLE, {**WHOLE, "lot": "A13"}, "lot"),
        (WHOLE, WHOLE, None),
        ({"session": "a-20261122-01"}, {}, None),
    ],
)
def test_the_best_of_what_was_typed_is_typed_again(
    value: dict[str, str], sure: dict[str, str], kind: str | None
) -> None:
    assert to_repeat(protocol(), "label", value, sure) == kind


def test_not_in_an_emergency_nor_where_a_second_person_reads_it() -> None:
    assert to_repeat(protocol(category="emergency"), "label", WHOLE, {}) is None
    assert to_repeat(protocol(WITNESS), "label", WHOLE, {}) is None


@pytest.mark.parametrize(
    ("kind", "first", "typed", "same"),
    [
        ("lot", "A12", " A12 ", True),
        ("lot", "A12", "lot=A12", True),
        ("lot", "A12", "a12", False),
        ("lot", "A12", "A21", False),
        ("lot", "A12", "", False),
        ("expiry", "2027-03-31", "2027-03", True),
        ("expiry", "2027-03-31", "2027-03-30", False),
        ("expiry", "2027-03-31", "soon", False),
        ("gtin", "09506000134352", "9506000134352", True),
        ("gtin", "00000000000000", "", False),
    ],
)
def test_both_agree_or_they_do_not(kind: str, first: str, typed: str, *, same: bool) -> None:
    assert repeats(kind, first, typed) is same
