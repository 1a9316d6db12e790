"""A printout becomes one cycle with all its values, or a fault that says what to do."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.trace.printout import MAX_BYTES, MAX_LINE, MAX_LINES, knows, parse_readout
from checklist.trace.readout import Extreme, Phase, ReadFault, Reading, Readout
from tests.support.printouts import READER, ROWS, as_bytes, made_up, printout, reader_of, shipped_reader

REAL = Path(__file__).parents[3] / "shared" / "data" / "steriliser"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real printouts of others lie beside the project only")


def read(text: str) -> Readout:
    """The cycle of a printout of the made-up machine."""
    found = parse_readout(as_bytes(text), made_up())
    assert isinstance(found, Readout), found
    return found


def fault(data: bytes) -> str:
    """The code of the fault of what is no printout of one cycle."""
    found = parse_readout(data, made_up())
    assert isinstance(found, ReadFault), found
    assert found.message.endswith(".")
    assert found.message[0].isupper()
    return found.code


def at(text: str) -> datetime:
    """A moment by the machine's clock."""
    return datetime.fromisoformat(text)


def row(moment: str, temperature: str, pressure: str) -> Reading:
    """One line of a series."""
    return Reading(at(moment), Decimal(temperature), Decimal(pressure))


def real(name: str) -> Readout:
    """The cycle of a real printout."""
    found = parse_readout((REAL / name).read_bytes(), shipped_reader("dac-universal"))
    assert isinstance(found, Readout), found
    return found


@needs_real
def test_a_real_complete_cycle_comes_out_whole() -> None:
    found = real("DACLogOK.TXT")
    assert found == Readout(
        reader="dac-universal",
        machine="DAC Universal",
        serial="601362",
        cycle=13,
        programme="Universal/134?C/3min",
        started=at("2016-03-16T00:53:20"),
        phases=(
            Phase("Start", at("2016-03-16T00:53:52"), "ok"),
            Phase("Dichtheitspruefung", at("2016-03-16T00:54:27"), "ok"),
            Phase("Innenreinigung", at("2016-03-16T00:54:47"), "ok"),
            Phase("Schmierung", at("2016-03-16T00:55:21"), "ok"),
            Phase("Aussenreinigung", at("2016-03-16T01:03:43"), "ok"),
            Phase("Back flush", at("2016-03-16T01:04:52"), "ok"),
            Phase("Beginn Haltezeit", at("2016-03-16T01:05:22"), "ok"),
            Phase("Sterilisation", at("2016-03-16T01:08:33"), "ok"),
            Phase("Ausblasen", None, "off"),
            Phase("Prozessende", at("2016-03-16T01:10:01"), "ok"),
            Phase("Bestaetigung", at("2016-03-16T01:12:08"), "ok"),
            Phase("Zyklusende", at("2016-03-16T01:12:08"), "ok"),
        ),
        series=(
            row("2016-03-16T01:05:30", "135.3", "318"),
            row("2016-03-16T01:06:01", "135.4", "319"),
            row("2016-03-16T01:06:31", "135.4", "319"),
            row("2016-03-16T01:07:01", "135.3", "318"),
            row("2016-03-16T01:07:31", "135.3", "318"),
            row("2016-03-16T01:08:02", "135.4", "318"),
            row("2016-03-16T01:08:32", "135.4", "321"),
        ),
        hold_seconds=191,
        result="complete",
        error=None,
        highest=Extreme(Decimal("135.4"), Decimal(321)),
        lowest=Extreme(Decimal("135.3"), Decimal(317)),
        details={"lid": "Standard"},
    )


@needs_real
def test_a_real_cycle_that_was_broken_off_before_its_hold() -> None:
    found = real("DACLogFehler.TXT")
    assert (found.result, found.cycle, found.started) == ("aborted", 14, at("2016-04-05T21:58:02"))
    assert [(phase.name, phase.result) for phase in found.phases] == [
        ("Start", "ok"),
        ("Dichtheitspruefung", "ok"),
        ("Innenreinigung", "ok"),
        ("Schmierung", "ok"),
        ("Aussenreinigung", "failed"),
        ("Prozessende", "failed"),
        ("Bestaetigung", "failed"),
        ("Zyklusende", "failed"),
    ]
    assert found.phases[4].at == at("2016-04-05T22:01:16")
    assert (found.series, found.hold_seconds, found.error, found.unread) == ((), None, "97", ())


@needs_real
def test_a_real_cycle_that_was_broken_off_in_its_hold() -> None:
    found = real("DACLogFehlerII.TXT")
    assert (found.result, found.cycle, found.started) == ("aborted", 456, at("2017-03-26T16:27:31"))
    assert found.series == (row("2017-03-26T16:40:08", "135.3", "321"),)
    assert (found.hold_seconds, found.error, found.errors, found.unread) == (21, "93", ("93", "72"), ())
    assert found.highest == Extreme(Decimal("135.4"), Decimal(322))
    assert found.lowest == Extreme(Decimal("135.3"), Decimal(317))
    assert (len(found.phases), found.phases[-1]) == (11, Phase("Zyklusende", at("2017-03-26T16:44:30"), "failed"))


def test_gauge_pressure_decimal_commas_and_midnight_are_understood() -> None:
    found = read(printout())
    assert (found.machine, found.serial, found.cycle, found.programme) == ("Made Up 1", "4711-B", 7, "Prionen 134 °C")
    assert found.started == at("2026-06-30T23:40:00")
    assert (found.result, found.hold_seconds, found.error, found.unread) == ("complete", 210, None, ())
    assert found.series[0] == row("2026-06-30T23:58:00", "134.9", "312.9")  # 211.6 kPa over 101.325
    assert found.series[4].at == at("2026-07-01T00:00:30")
    assert found.phases == (
        Phase("Vakuum", at("2026-06-30T23:45:00"), "ok"),
        Phase("Trocknen", at("2026-07-01T00:08:00"), "ok"),
        Phase("Ende", at("2026-07-01T00:09:00"), "ok"),
    )


def test_the_answer_for_scripts_has_its_stable_keys() -> None:
    found = read(printout()).as_json()
    stable = [
        "machine",
        "serial",
        "cycle",
        "programme",
        "started",
        "phases",
        "series",
        "hold_seconds",
        "result",
        "error",
    ]
    assert set(stable) <= found.keys()
    assert found["started"] == "2026-06-30T23:40:00"
    assert isinstance(found["series"], list)
    assert found["series"][0] == {"at": "2026-06-30T23:58:00", "temperature": "134.9", "pressure": "312.9"}
    assert isinstance(found["phases"], list)
    assert found["phases"][0] == {"name": "Vakuum", "at": "2026-06-30T23:45:00", "result": "ok"}


def test_the_air_pressure_of_the_place_counts_where_it_is_given() -> None:
    high = reader_of(READER.replace("gauge = true", "gauge = true\natmosphere = 83"))
    found = parse_readout(as_bytes(printout()), high)
    assert isinstance(found, Readout)
    assert found.series[0].pressure == Decimal("294.6")


@pytest.mark.parametrize(
    ("end", "more"),
    [
        ("Ende  00:09:00 FEHLER", ()),
        ("Ende  00:09:00 OK", ("Störung E-12",)),
        ("Ende  00:09:00 OK", ("ABBRUCH",)),
        ("ABBRUCH", ()),
        ("Ende  00:09:00 OK", ("Haltephase 00:02:00 FEHLER",)),
    ],
)
def test_whatever_went_wrong_makes_a_cycle_an_aborted_one(end: str, more: tuple[str, ...]) -> None:
    found = read(printout(end=end, more=more))
    assert found.result == "aborted"
    assert found.error == ("E-12" if "Störung E-12" in more else None)


def test_a_line_that_no_form_fits_is_kept() -> None:
    found = read(printout(more=["T\u00dcR OFFEN", "Ende 25 OK"]))
    assert found.unread == ("TÜR OFFEN", "Ende 25 OK")
    assert found.result == "complete"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\r\n \x1a", "empty"),
        (b"\x00" * 40, "empty"),
        (b"%PDF-1.7\x00\x01\x02", "binary"),
        (printout().encode("utf-16"), "binary"),
        (b"\x1b@" + as_bytes(printout()), "binary"),
        (printout().encode(), "encoding"),
        (b"x" * (MAX_BYTES + 1), "too-large"),
        (b"x" * (MAX_LINE + 1), "too-long"),
        (b"x\n" * (MAX_LINES + 1), "too-long"),
        (b"a shopping list\n", "not-this-machine"),
        (as_bytes(printout() + printout(cycle=8)), "several"),
        (as_bytes(printout() + printout()), "several"),
        (as_bytes(printout(more=["Charge 0008 am 30.06.26 um 23:40"])), "several"),
        (as_bytes(printout(end="")), "truncated"),
        (as_bytes(printout(rows=())), "incomplete"),
        (as_bytes(printout(hold="")), "incomplete"),
        (as_bytes(printout().replace("Programm", "Pgm")), "incomplete"),
        (as_bytes(printout().replace("Charge", "Ch")), "incomplete"),
        (as_bytes(printout().replace("30.06.26", "31.06.26")), "time"),
        (as_bytes(printout().replace("um 23:40", "um 24:40")), "time"),
        (as_bytes(printout(rows=[ROWS[1], ROWS[0]])), "time"),
        (as_bytes(printout(rows=[ROWS[4], ROWS[3]])), "time"),  # after midnight, and before it
        (as_bytes(printout(more=["Luft 00:61:00 OK"])), "time"),
    ],
)
def test_what_is_no_printout_of_one_cycle_is_named(data: bytes, code: str) -> None:
    assert fault(data) == code


def test_a_truncated_file_is_never_a_complete_cycle() -> None:
    whole, lengths = as_bytes(printout()), []
    for length in range(len(whole)):
        found = parse_readout(whole[:length], made_up())
        if isinstance(found, Readout):
            lengths.append(length)
    assert lengths == [len(whole) - 2, len(whole) - 1]  # only the last line break is missing


def test_a_reader_knows_the_printouts_of_its_machine() -> None:
    assert knows(as_bytes(printout()), made_up())
    assert not knows(as_bytes(printout()), shipped_reader("dac-universal"))
    assert not knows(b"\x00\x01", made_up())


def test_utf_8_and_utf_16_are_read_where_the_reader_says_so() -> None:
    for encoding in ("utf-8", "utf-16"):
        other = reader_of(READER.replace("cp850", encoding))
        for written in {encoding, "utf-8-sig" if encoding == "utf-8" else encoding}:
            assert isinstance(parse_readout(printout().encode(written), other), Readout)
    wrong = parse_readout(as_bytes(printout()), reader_of(READER.replace("cp850", "utf-8")))
    assert isinstance(wrong, ReadFault)
    assert wrong.code == "encoding"


LINES = st.lists(
    st.one_of(st.sampled_from(printout(more=["Störung 1", "ABBRUCH"]).split("\r\n")), st.text(max_size=30)), max_size=30
)


@given(st.one_of(st.binary(max_size=300), LINES.map(lambda lines: "\n".join(lines).encode("cp850", "replace"))))
def test_whatever_the_file_holds_there_is_an_answer(data: bytes) -> None:
    found = parse_readout(data, made_up())
    assert isinstance(found, Readout | ReadFault)


@given(st.text(alphabet="0123456789: ,.OK°Cmbar-Ende", max_size=MAX_LINE))
def test_any_line_is_read_or_kept(line: str) -> None:
    found = parse_readout(as_bytes(printout(more=[line])), made_up())
    assert isinstance(found, Readout | ReadFault)
