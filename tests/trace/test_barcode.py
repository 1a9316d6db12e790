"""What a scanner sends becomes identifiers, or asks a person to read the label; nothing is guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.protocol.model import Scan
from checklist.run.reading import read_identifiers
from checklist.trace.barcode import read_label
from checklist.trace.label import Label, Partial, Unread, for_step, together
from checklist.trace.wedge import unfit_substitute
from tests.support.labels import GS, gtin, hibc, written

TODAY = date(2026, 11, 22)
GTIN = "09506000134352"
CARTRIDGE = [("01", GTIN), ("17", "270331"), ("10", "A12-3"), ("21", "77/4")]
READ = {"gtin": GTIN, "expiry": "2027-03-31", "lot": "A12-3", "serial": "77/4"}
SET_82 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!\"%&'()*+,-./:;<=>?_"


def label(text: str, *substitutes: str) -> Label:
    """A label of which all was read."""
    found = read_label(text, TODAY, substitutes)
    assert isinstance(found, Label), found
    return found


def partial(text: str) -> Partial:
    """A label of which a part was read."""
    found = read_label(text, TODAY)
    assert isinstance(found, Partial), found
    return found


def unread(text: str) -> Unread:
    """No label."""
    found = read_label(text, TODAY)
    assert isinstance(found, Unread), found
    assert found.message.endswith(".")
    return found


@pytest.mark.parametrize("prefix", ["", "]C1", "]d2", "]Q3", "]e0", "]J1", f"]C1{GS}", GS])
@pytest.mark.parametrize("suffix", ["", "\r", "\n", "\r\n", "\t", GS])
def test_a_gs1_label_is_read_with_what_scanners_put_around_it(prefix: str, suffix: str) -> None:
    found = label(prefix + written(CARTRIDGE) + suffix)
    assert found.form == "gs1"
    assert found.identifiers == READ
    assert found.others == ()


@pytest.mark.parametrize("sent", ["|", "^", "~", "\\F", "{GS}", "<GS>", "\\x1d", "^]", "#", "␝"])
def test_what_a_scanner_sends_for_the_separator_is_set_by_the_clinic(sent: str) -> None:
    assert unfit_substitute(sent) is None
    assert label("]d2" + written(CARTRIDGE, sent), sent, "@@").identifiers == READ


@pytest.mark.parametrize("sent", ["", "A", "29", "-", "029", "GS1", "123456789"])
def test_what_may_stand_in_a_lot_cannot_stand_for_the_separator(sent: str) -> None:
    assert unfit_substitute(sent)
    assert label("]d2" + written(CARTRIDGE), sent).identifiers == READ


def test_brackets_as_printed_under_the_bars_are_read_too() -> None:
    assert label(f"(01){GTIN}(17)270331(10)A12-3(21)77/4").identifiers == READ


def test_day_00_is_the_last_of_the_month() -> None:
    assert label(written([("01", GTIN), ("17", "280200"), ("10", "A1")])).identifiers["expiry"] == "2028-02-29"


def test_a_use_by_time_gives_its_day_and_keeps_the_hour() -> None:
    found = label(written([("01", GTIN), ("7003", "2703311630")]))
    assert found.identifiers == {"gtin": GTIN, "expiry": "2027-03-31"}
    assert found.others == (("7003", "2703311630"),)


def test_what_the_program_has_no_word_for_is_kept() -> None:
    found = label(written([("01", GTIN), ("11", "260100"), ("91", "pouch 7".replace(" ", "_")), ("240", "REF-9")]))
    assert found.identifiers == {"gtin": GTIN}
    assert found.others == (("11", "2026-01-31"), ("91", "pouch_7"), ("240", "REF-9"))


def test_an_unknown_number_is_left_to_the_person_and_hides_nothing_else() -> None:
    found = partial("]d2" + f"01{GTIN}17270331" + f"05XYZ{GS}10A1")
    assert found.identifiers == {"gtin": GTIN, "expiry": "2027-03-31", "lot": "A1"}
    assert found.pieces == ("05XYZ",)
    assert found.unread == ()
    assert "Read the rest from the label" in found.message


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (f"01{GTIN}17271331{GS}10A1", "expiry"),  # there is no month 13
        (f"01{GTIN}17270231{GS}10A1", "expiry"),  # nor a 31st of February
        (f"01{GTIN}17270331{GS}10{'A' * 21}", "lot"),
        (f"01{GTIN}17270331{GS}10A 1", "lot"),
        (f"01{GTIN}10A1{GS}10B1", "lot"),
        (f"01{GTIN}17270331{GS}7003280331", "expiry"),
    ],
)
def test_what_cannot_be_is_not_read(text: str, missing: str) -> None:
    found = partial("]d2" + text)
    assert found.unread == (missing,)
    assert missing not in found.identifiers
    assert found.identifiers["gtin"] == GTIN
    assert found.message.startswith("The ")


@pytest.mark.parametrize(
    "tail",
    ["10ABC21X9", "10ABC17270331", "10ABC11260101", f"10AB01{GTIN}", "21X910ABC", "10A240REF", "10A17270331" + "21X"],
)
def test_without_separators_a_lot_that_may_run_on_is_read_by_a_person(tail: str) -> None:
    found = partial(f"]d201{GTIN}{tail}")
    assert found.unread in (("lot",), ("serial",))
    assert found.identifiers == {"gtin": GTIN}
    sure = read_label(f"]d201{GTIN}{tail}", TODAY, separators_sure=True)
    assert isinstance(sure, Label)  # a test has shown that this scanner sends them, so that is one lot


@pytest.mark.parametrize("lot", ["A12-3", "1", "17999999", "A11991301", "AB0112", "2112", "10"])
def test_without_separators_a_lot_that_cannot_run_on_is_read(lot: str) -> None:
    assert label(f"01{GTIN}1727033110{lot}").identifiers["lot"] == lot


def test_a_wrong_check_digit_makes_everything_doubtful() -> None:
    assert unread(f"]d201{GTIN[:-1]}3{GS}10A1").code == "check"
    assert unread("]E09506000134353").code == "check"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("]E09506000134352", GTIN),
        ("]E4" + gtin("0000009638507")[-8:], gtin("0000009638507")),
        ("]E3950600013435212", GTIN),
        ("]I1" + GTIN, GTIN),
        ("9506000134352", GTIN),
        (GTIN, GTIN),
    ],
)
def test_the_code_of_a_shop_is_a_gtin(sent: str, expected: str) -> None:
    assert label(sent).identifiers == {"gtin": expected}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("\r\n", "empty"),
        ("]d2", "empty"),
        ("]d2 ", "empty"),
        ("A" * 501, "too-long"),
        ("10001", "plain"),  # a plain number is no lot 001
        ("2112", "plain"),
        ("Ana Rivera", "plain"),
        ("]C0" + written(CARTRIDGE), "plain"),  # the scanner says that it is not GS1
        ("https://example.org/01/09506000134352", "plain"),
        ("]D2" + written(CARTRIDGE).lower(), "caps-lock"),
        ("]q3" + written(CARTRIDGE), "caps-lock"),
        ("]d201ä", "layout"),
        ("]d2\x1b[2J", "layout"),
        ("]d2ZZ", "unknown"),
        ("load=", "plain"),
        ("size=4", "plain"),
        ("load=A load=B", "plain"),
    ],
)
def test_what_is_no_label_says_so(text: str, code: str) -> None:
    assert unread(text).code == code


def test_digits_that_can_be_read_in_two_ways_are_not_read() -> None:
    both = next(
        text
        for serial in range(1000)
        if gtin((text := f"172703311{serial:05}"[:14])[:13]) == text and text[8:10] == "10"
    )
    assert unread(both).code == "unclear"
    assert label("]C1" + both).identifiers == {"expiry": "2027-03-31", "lot": both[10:]}


def test_the_second_code_of_a_carton_has_no_gtin() -> None:
    assert label("1727033110A12").identifiers == {"expiry": "2027-03-31", "lot": "A12"}
    assert label(f"10A1{GS}21X").identifiers == {"lot": "A1", "serial": "X"}


def test_the_label_of_a_pallet_is_read_without_a_word_for_it() -> None:
    found = label(written([("00", "106141411234567897"), ("10", "A1")]))
    assert (found.identifiers, found.others) == ({"lot": "A1"}, (("00", "106141411234567897"),))


def test_a_label_of_the_clinic_is_written_as_it_could_be_typed() -> None:
    found = label("load=S1-20261122-03\r")
    assert found.form == "typed"
    assert found.identifiers == {"load": "S1-20261122-03"}


def test_two_codes_of_one_label_become_one() -> None:
    first, second = label(f"01{GTIN}"), label("]C11727033110A12-3")
    both = together(first, second)
    assert isinstance(both, Label)
    assert both.identifiers == {"gtin": GTIN, "expiry": "2027-03-31", "lot": "A12-3"}
    assert together(both, both) == both
    doubtful = together(partial(f"]d201{GTIN}10ABC21X9"), second)
    assert isinstance(doubtful, Label)
    still = together(partial(f"]d201{GTIN}10ABC21X9"), label(f"01{GTIN}"))
    assert isinstance(still, Partial)
    assert still.unread == ("lot",)


def test_two_codes_of_different_things_are_refused() -> None:
    found = together(label("]C11727033110A12"), label("]C11727033110A13"))
    assert isinstance(found, Unread)
    assert "lot A12 and A13" in found.message


def test_a_step_takes_what_it_asks_for() -> None:
    found = label("]d2" + written(CARTRIDGE))
    taken, lacking = for_step(found, ("gtin", "lot", "pack"))
    assert taken == {"gtin": GTIN, "lot": "A12-3"}
    assert lacking == ("pack",)
    ref, lacking = for_step(label(hibc("+A99912345")), ("gtin",))
    assert (ref, lacking) == ({"ref": "1234"}, ())


def test_a_run_takes_what_was_read() -> None:
    step = Scan(id="cartridge", kind="scan", do="Scan.", captures=("gtin", "lot", "expiry", "serial"))
    taken, lacking = for_step(label("]d2" + written(CARTRIDGE)), step.captures)
    assert lacking == ()
    assert read_identifiers(step, taken) == READ


variable = st.text(alphabet=SET_82, min_size=1, max_size=20)
days = st.dates(date(1977, 1, 1), date(2076, 12, 31))


@given(
    st.integers(0, 10**13 - 1),
    st.none() | days,
    st.none() | variable,
    st.none() | variable,
    st.sampled_from(["", "]C1", "]d2", "]Q3"]),
    st.sampled_from([GS, "|", "{GS}"]),
)
def test_what_is_written_is_read(
    number: int, day: date | None, lot: str | None, serial: str | None, prefix: str, separator: str
) -> None:
    code = gtin(f"{number:013}")
    elements = [("01", code), *([("17", f"{day:%y%m%d}")] if day else [])]
    elements += [("10", lot)] if lot else []
    elements += [("21", serial)] if serial else []
    expected = {"gtin": code, "expiry": day and day.isoformat(), "lot": lot, "serial": serial}
    found = read_label(prefix + written(elements, separator), TODAY, ["|", "{GS}"], separators_sure=True)
    assert found == Label("gs1", {kind: text for kind, text in expected.items() if text})


HOSTILE = st.one_of(
    st.text(max_size=80),
    st.text(alphabet=f"0123456789{GS}|]dC1Q3E+/$ADS().=- ", max_size=60),
    st.builds(lambda number, rest: f"]d2{number}{rest}", st.integers(0, 9999), st.text(alphabet=SET_82, max_size=40)),
    st.sampled_from(["\ud800", "]d2" + GS * 400, "9" * 400, "]d2" + "10" * 240, "(01)" * 100, "+" * 400]),
)


@given(HOSTILE, st.dates(date(1, 1, 1), date(9900, 12, 31)), st.lists(st.text(max_size=9), max_size=3))
def test_whatever_comes_there_is_an_answer(text: str, today: date, substitutes: list[str]) -> None:
    found = read_label(text, today, substitutes)
    assert isinstance(found, Label | Partial | Unread)
    if not isinstance(found, Unread):
        assert all(found.identifiers.values())
        date.fromisoformat(found.identifiers.get("expiry", "2000-01-01"))
