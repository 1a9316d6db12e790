"""Labels of the Health Industry Bar Code: product, lot, serial number and date, in one code or in two."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.trace.barcode import read_label
from checklist.trace.label import Label, Partial, Unread, together
from tests.support.labels import hibc

TODAY = date(2026, 11, 22)


def read(text: str) -> Label | Partial | Unread:
    """What a code with its check character says."""
    return read_label(hibc(text), TODAY)


def identifiers(text: str) -> dict[str, str]:
    """What a code says of which all was read."""
    found = read(text)
    assert isinstance(found, Label), found
    assert found.form == "hibc"
    return dict(found.identifiers)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("$10X3", {"lot": "10X3"}),
        ("$+77D", {"serial": "77D"}),
        ("$$032710X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$0327", {"expiry": "2027-03-31"}),
        ("$$122810X3", {"lot": "10X3", "expiry": "2028-12-31"}),
        ("$$203312710X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$327033110X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$42703311610X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$52709010X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$6270901610X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$710X3", {"lot": "10X3"}),
        ("$$+327033177D", {"serial": "77D", "expiry": "2027-03-31"}),
        ("$$+777D", {"serial": "77D"}),
        ("$$824327033110X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$824X3", {"lot": "X3"}),
        ("$$900024032710X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$$900024", {}),
        ("2709010X3", {"lot": "10X3", "expiry": "2027-03-31"}),
        ("$10X3/14D20270331/16D20250101/S77D/Q500", {"lot": "10X3", "expiry": "2027-03-31", "serial": "77D"}),
    ],
)
def test_lot_serial_and_date_are_read_behind_a_product_and_alone(flags: str, expected: dict[str, str]) -> None:
    assert identifiers(f"+A99912345/{flags}") == {"ref": "1234", **expected}
    assert identifiers(f"+{flags}L") == expected


def test_codes_known_from_the_standard_and_its_users_are_read() -> None:
    for sent, lot in (("+A99912345/$$52001510X33", "10X3"), ("+$$0624J139276%5", "J139276")):
        found = read_label(sent, TODAY)
        assert isinstance(found, Label)
        assert found.identifiers["lot"] == lot


def test_a_product_alone_keeps_its_maker_and_its_check_character() -> None:
    found = read("+A999ABC1235")
    assert isinstance(found, Label)
    assert found.identifiers == {"ref": "ABC123"}
    assert dict(found.others) == {"maker": "A999", "unit": "5", "check": hibc("+A999ABC1235")[-1]}


def test_two_codes_of_one_label_belong_together_by_the_link_character() -> None:
    product = hibc("+A999ABC1235")
    first = read_label(product, TODAY)
    own, other = read(f"+$$032710X3{product[-1]}"), read("+$$032710X3" + ("A" if product[-1] != "A" else "B"))
    assert isinstance(first, Label)
    assert isinstance(own, Label)
    assert isinstance(other, Label)
    for both in (together(first, own), together(own, first)):
        assert isinstance(both, Label)
        assert both.identifiers == {"ref": "ABC123", "lot": "10X3", "expiry": "2027-03-31"}
    for apart in (together(first, other), together(other, first)):
        assert isinstance(apart, Unread)
        assert apart.code == "different"


@pytest.mark.parametrize("wrong", ["+A99912345/$$52001510X3Z", "+A99912345", "+", "++", "+A", "+A99912345/$10*3Z"])
def test_without_its_check_character_nothing_is_read(wrong: str) -> None:
    found = read_label(wrong, TODAY)
    assert isinstance(found, Unread)
    assert found.code == "check"


def test_a_check_character_that_is_a_space_counts_and_is_not_made_up() -> None:
    sent = next(code for lot in range(10_000) if (code := hibc(f"+A99912345/${lot:04}Z")).endswith(" "))
    assert isinstance(read_label(sent + "\r", TODAY), Label)
    lost = read_label(sent.rstrip(), TODAY)
    assert isinstance(lost, Unread)
    assert lost.code == "check"


def test_caps_lock_is_named() -> None:
    found = read_label(hibc("+A99912345/$10X3").swapcase(), TODAY)
    assert isinstance(found, Unread)
    assert found.code == "caps-lock"


@pytest.mark.parametrize(
    ("text", "unread", "sure"),
    [
        ("+A99912345/$$313999910X3", ("expiry", "lot"), {"ref": "1234"}),
        ("+A99912345/$$1327X", ("expiry", "lot"), {"ref": "1234"}),
        ("+A99912345/$$X", ("expiry", "lot"), {"ref": "1234"}),
        ("+A99912345/$$8X", ("expiry", "lot"), {"ref": "1234"}),
        ("+A99912345/$$42703312510X3", ("expiry", "lot"), {"ref": "1234"}),
        ("+A99912345/$", ("lot",), {"ref": "1234"}),
        ("+A99912345/$" + "A" * 19, ("lot",), {"ref": "1234"}),
        ("+A99912345/$A1/S", ("serial",), {"ref": "1234", "lot": "A1"}),
        ("+A99912345/$$0327A1/14D20280101", ("expiry",), {"ref": "1234", "lot": "A1"}),
        ("+A99912345/27400A1", ("expiry",), {"ref": "1234", "lot": "A1"}),
        ("+A999/$A1", ("ref",), {"lot": "A1"}),
        ("+A99912345/ZZ", (), {"ref": "1234"}),
    ],
)
def test_what_cannot_be_read_is_left_to_the_person(text: str, unread: tuple[str, ...], sure: dict[str, str]) -> None:
    found = read(text)
    assert isinstance(found, Partial), found
    assert found.unread == unread
    assert found.identifiers == sure
    assert found.pieces


def test_a_code_with_nothing_in_it_is_no_label() -> None:
    found = read("+$")
    assert isinstance(found, Unread)
    assert found.code == "empty"


@given(st.text(alphabet="0123456789ABCDQS-. $/+%", max_size=40))
def test_whatever_has_a_right_check_character_gets_an_answer(text: str) -> None:
    found = read(f"+{text}")
    assert isinstance(found, Label | Partial | Unread)
    if not isinstance(found, Unread):
        assert all(found.identifiers.values())
