"""A printout attached in a clinic: read by its machine's reader, laid beside every cycle before it, and kept whatever
it is. What it says stands in the record, and in a table that can be rebuilt from it."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.errors import EvidenceError
from checklist.clinic.identifiers.about import traced
from checklist.clinic.identifiers.loads import with_state
from checklist.clinic.identifiers.tracing import Trace
from checklist.clinic.record import show
from checklist.clinic.texts.library import Library
from checklist.run import commands as c
from checklist.run.marks import Outcome, Status
from checklist.run.reading import Refusal
from checklist.trace.printout import MAX_BYTES
from tests.support.asked import logged
from tests.support.printouts import READER, ROWS, as_bytes, printout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.run.state import Attempt, RunState
    from tests.clinic.conftest import House, Kit

LOAD = """\
[[steps]]
id = "number"
kind = "assign"
produces = { load = "{equipment}-{date}-{n:02}" }
[[steps]]
id = "printout"
kind = "attach"
do = "Attach the printout."
printout = true
hold = true
[[steps]]
id = "temperature"
kind = "measure"
do = "Read the lowest temperature."
unit = "Cel"
limit = { min = 134.0, max = 138.0 }
decimals = 1
sensed = "temperature"
[[steps]]
id = "indicator"
kind = "confirm"
do = "Look at the indicator."
expect = "turned"
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""

SECOND = '[[steps]]\nid = "second"\nkind = "witness"\nof = "temperature"\ndo = "Read it again."\n'
OTHER_ROWS = tuple(row.replace("134,9", "135,0") for row in ROWS)


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    """A clinic whose steriliser has a reader."""
    (house.folder.protocols / "readers").mkdir()
    (house.folder.protocols / "readers" / "made-up.toml").write_text(READER, "utf-8")
    house.configure('kind = "steriliser"', 'kind = "steriliser"\nreader = "made-up"')
    opened = house.open()
    text = kit.protocol_text("cycle", "equipment", 'valid_for = "7d"', LOAD)
    house.add_protocol("cycle", text, opened, kit.who(opened, "Lea"))
    return opened


@pytest.fixture
def load(clinic: Clinic, kit: Kit, tmp_path: Path) -> Callable[..., Load]:
    """Begins the run of a load and attaches what it is given."""

    def begin(data: bytes | str | None = None) -> Load:
        found = Load(clinic, kit, tmp_path)
        if data is not None:
            found.attach(data)
        return found

    return begin


class Load:
    """One load under way."""

    def __init__(self, clinic: Clinic, kit: Kit, folder: Path, equipment: str = "S1") -> None:
        self.clinic, self.kit, self.file = clinic, kit, folder / "DAC LOG.TXT"
        self.run = kit.begin(clinic, "cycle", f"equipment={equipment}")
        state = self.do(c.Assign("number", {}))
        self.number = str(state.steps["number"].value)

    def do(self, command: c.Command) -> RunState:
        return self.kit.do(self.clinic, self.run, command)

    def attach(self, data: bytes | str) -> Attempt:
        self.file.write_bytes(data if isinstance(data, bytes) else as_bytes(data))
        return self.do(c.Give("printout", str(self.file))).steps["printout"].attempts[-1]

    def rules(self) -> list[str]:
        attempts = self.clinic.run(self.run).steps["printout"].attempts
        return [each.rule for attempt in attempts for each in attempt.findings]

    def finish(self, temperature: str = "134.9") -> RunState:
        self.do(c.Give("temperature", temperature))
        self.do(c.Confirm("indicator"))
        return self.do(c.Sign("release", self.kit.who(self.clinic, "Lea").person, "released", ""))

    def traced(self) -> str:
        readers = self.clinic.histories()
        found = traced(readers, "load", self.number, "Europe/Berlin")
        assert isinstance(found, Trace)
        return with_state(found, readers, Library(self.clinic.folder), self.clinic.now()).state


def test_a_load_from_its_printout_to_its_release(load: Callable[..., Load], clinic: Clinic, house: House) -> None:
    one = load()
    assert one.traced() == "running"
    attempt = one.attach(printout())
    assert attempt.printout is not None
    assert (attempt.printout.cycle, attempt.printout.result) == (7, "complete")
    assert attempt.findings == ()
    assert one.traced() == "running"
    one.do(c.Give("temperature", "134.9"))
    assert one.traced() == "awaiting"
    one.do(c.Confirm("indicator"))
    state = one.do(c.Sign("release", one.kit.who(clinic, "Lea").person, "released", ""))
    assert (state.outcome, state.deviations) == (Outcome.COMPLETE, 0)
    assert one.traced() == "released"
    house.clock.advance(7 * 86400)
    assert one.traced() == "expired"
    _, file, reading, *_ = json.loads(json.dumps(show(clinic, one.run)["steps"]))
    assert file["printout"]["sensed"] == {"temperature": "134.9", "pressure": "312.9", "hold": "210"}
    assert (reading["value"], reading["sensed"]) == ("134.9", "134.9")
    clinic.close()
    assert verify_clinic(house.folder).result == "clean"


def test_what_is_typed_beside_the_printout_is_a_finding_of_the_run(load: Callable[..., Load], clinic: Clinic) -> None:
    one = load(printout())
    one.do(c.Give("temperature", "135.9"))
    one.do(c.Remark("temperature", "I read the highest"))
    one.do(c.Give("temperature", "135.9"))
    assert show(clinic, one.run)["findings"] == [
        {
            "rule": "sensed-differs",
            "run": one.run,
            "entry": clinic.run(one.run).steps["temperature"].entry,
            "why": "135.9 °C was typed, the printout says 134.9 °C (the lowest temperature of the hold).",
        }
    ]


def test_an_aborted_cycle_is_never_released(load: Callable[..., Load], clinic: Clinic, kit: Kit) -> None:
    one = load()
    assert one.attach(printout(end="ABBRUCH", more=["Störung E17"])).verdict == "fail"
    one.do(c.Remark("printout", "run again"))
    one.do(c.Override("printout", kit.because, kit.who(clinic, "Ben").person))
    one.do(c.Give("temperature", "134.9"))
    one.do(c.Confirm("indicator"))
    lea = kit.who(clinic, "Lea")
    refused = clinic.do(one.run, c.Sign("release", lea.person, "released", ""), lea, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "aborted"
    assert "cycle 7 was aborted, error E17" in refused.message
    one.do(c.Sign("release", lea.person, "quarantined", ""))
    assert one.traced() == "quarantined"
    # Nor is it by a cleaner copy of the same cycle in another run.
    two = load()
    assert two.attach(printout()).verdict == "fail"
    assert two.rules() == ["cycle-aborted-before"]


def test_a_cycle_number_that_is_repeated_missing_or_late_is_found_at_once(load: Callable[..., Load]) -> None:
    assert load(printout()).rules() == []
    assert load(printout(OTHER_ROWS, cycle=8)).rules() == []
    again = load(printout(OTHER_ROWS, cycle=8))
    assert again.rules() == ["cycle-repeated"]
    assert again.clinic.run(again.run).steps["printout"].owed == "comment"
    gap = load(printout(ROWS[1:], cycle=11))
    assert gap.rules() == ["cycle-missing"]
    (finding,) = gap.clinic.run(gap.run).steps["printout"].attempts[-1].findings
    assert finding.why == "No printout of cycles 9 to 10 of this machine is on record."
    late = load(printout(ROWS[2:], cycle=9))
    assert late.rules() == ["cycle-out-of-order"]
    assert load(printout(ROWS[:-1], cycle=13)).rules() == ["cycle-missing"]


def test_a_machine_that_counts_anew_is_told_of_and_not_held_to_an_aborted_cycle_of_before(
    load: Callable[..., Load],
) -> None:
    assert load(printout(end="ABBRUCH")).rules() == ["cycle-aborted"]
    later = load(printout().replace("30.06.26", "30.06.27"))
    assert later.rules() == ["cycle-repeated", "series-repeated"]


def test_a_printout_of_another_machine_is_told_and_counts_for_itself(load: Callable[..., Load]) -> None:
    load(printout())
    other = load(printout(OTHER_ROWS, cycle=40).replace("4711-B", "4711-C"))
    (attempt,) = other.clinic.run(other.run).steps["printout"].attempts
    assert (other.rules(), attempt.verdict) == (["printout-other-machine"], "unexpected")
    told = "The printout is of the machine 4711-C; this one has had the serial number 4711-B."
    assert attempt.findings[0].why == told
    # One strange printout makes no other machine of it; a machine that was replaced is told of until it is the usual.
    assert load(printout(ROWS[1:], cycle=8)).rules() == []
    later = [printout(ROWS[:-1], cycle=41), printout(OTHER_ROWS[:-1], cycle=42), printout(ROWS[1:-1], cycle=43)]
    found = [load(one.replace("4711-B", "4711-C")).rules() for one in later]
    assert found == [["printout-other-machine"], ["printout-other-machine"], []]


def test_a_serial_number_is_known_of_its_own_equipment_only(
    clinic: Clinic, house: House, kit: Kit, tmp_path: Path
) -> None:
    clinic.close()
    second = '[[equipment]]\nid = "S2"\nkind = "steriliser"\nreader = "made-up"\ntitle = "Steriliser 2"\n\n'
    house.configure("[security]", second + "[security]")
    opened = house.open()
    Load(opened, kit, tmp_path).attach(printout())
    other = Load(opened, kit, tmp_path, "S2")
    other.attach(printout(OTHER_ROWS, cycle=40).replace("4711-B", "4711-C"))
    assert other.rules() == []


def test_readings_that_are_equal_to_those_of_another_cycle_are_a_finding(load: Callable[..., Load]) -> None:
    load(printout())
    copied = load(printout(cycle=8))
    assert copied.rules() == ["series-repeated"]
    (finding,) = copied.clinic.run(copied.run).steps["printout"].attempts[-1].findings
    assert finding.why.startswith("All readings are equal to those of cycle 7 (Made Up 1) in run a#")


def test_the_same_file_may_be_given_again_in_its_own_run(load: Callable[..., Load]) -> None:
    load(printout())
    gap = load(printout(OTHER_ROWS, cycle=9))
    gap.do(c.Remark("printout", "cycle 8 was a test"))
    gap.attach(printout(OTHER_ROWS, cycle=9))
    assert gap.rules() == ["cycle-missing", "cycle-missing"]
    assert gap.clinic.run(gap.run).steps["printout"].status is Status.DONE
    assert gap.finish("135.0").outcome is Outcome.COMPLETE


def test_a_file_of_another_run_that_was_corrected_counts_no_more(load: Callable[..., Load], kit: Kit) -> None:
    wrong = load(printout(cycle=7))
    wrong.do(c.Correct("printout", kit.mistake))
    assert load(printout(cycle=7)).rules() == []
    assert wrong.attach(printout(OTHER_ROWS, cycle=8)).findings == ()


def test_an_aborted_cycle_is_not_taken_back_by_a_correction(load: Callable[..., Load], clinic: Clinic) -> None:
    one = load(printout(end="ABBRUCH"))
    one.do(c.Remark("printout", "that was another file"))
    one.attach(printout(OTHER_ROWS, cycle=8))
    rows = clinic.ledger.query("SELECT cycle, result FROM cycle WHERE run = ? ORDER BY idx", (one.run,))
    assert rows == [(7, "aborted"), (8, "complete")]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x01", "This is not a text file"),
        (b"A" * (MAX_BYTES + 1), "The file is larger than"),
        (as_bytes(printout())[:200], "export it again"),
        (printout().encode("utf-16"), "not a text file"),
        (b"\n".join([as_bytes(printout())] * 2), "more than one cycle"),
    ],
)
def test_what_cannot_be_read_is_kept_and_the_values_are_typed(
    load: Callable[..., Load], clinic: Clinic, data: bytes, told: str
) -> None:
    one = load()
    attempt = one.attach(data)
    assert (attempt.printout, attempt.verdict) == (None, "unexpected")
    (finding,) = attempt.findings
    assert finding.rule == "printout-unread"
    assert told in finding.why
    assert finding.why.endswith("Type the values from the printout yourself.")
    assert (clinic.folder.evidence / hashlib.sha256(data).hexdigest()).read_bytes() == data
    one.do(c.Remark("printout", "the card is broken"))
    one.attach(data)
    assert one.finish("135.7").outcome is Outcome.COMPLETE


def test_a_file_that_is_not_there_or_no_file_is_no_answer(load: Callable[..., Load], tmp_path: Path) -> None:
    one = load()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "gone.txt", tmp_path, tmp_path / "pipe"):
        with pytest.raises(EvidenceError):
            one.do(c.Give("printout", str(path)))
    assert one.clinic.run(one.run).steps["printout"].attempts == ()


def test_a_file_that_changes_meanwhile_is_read_as_it_was_kept(load: Callable[..., Load], house: House) -> None:
    one = load()
    one.file.write_bytes(as_bytes(printout()))

    def written_again() -> None:
        one.file.write_bytes(as_bytes(printout(end="ABBRUCH")))

    house.clock.after = 1  # once it has been asked whether the file may be given, and before it is recorded
    house.clock.hook = written_again
    attempt = one.do(c.Give("printout", str(one.file))).steps["printout"].attempts[-1]
    assert b"ABBRUCH" in one.file.read_bytes()
    assert attempt.printout is not None
    assert attempt.printout.result == "complete"
    assert attempt.value == hashlib.sha256(as_bytes(printout())).hexdigest()


@pytest.mark.parametrize(
    ("reader", "rule", "verdict", "told"),
    [
        ("nobody-s", "printout-unread", "unexpected", "there is no reader “nobody-s” for Steriliser 1."),
        ("dac-universal", "printout-unread", "unexpected", "no printout of a DAC Universal"),
    ],
)
def test_a_machine_without_its_reader_keeps_the_file(
    clinic: Clinic, house: House, kit: Kit, tmp_path: Path, reader: str, rule: str, verdict: str, told: str
) -> None:
    clinic.close()
    house.configure('reader = "made-up"', f'reader = "{reader}"')
    attempt = Load(house.open(), kit, tmp_path).attach(printout())
    assert attempt.verdict == verdict
    assert [each.rule for each in attempt.findings] == [rule]
    assert told in attempt.findings[0].why


def test_a_machine_for_which_no_reader_is_set_is_read_by_the_only_one_that_knows_its_printouts(
    clinic: Clinic, house: House, kit: Kit, tmp_path: Path
) -> None:
    clinic.close()
    house.configure('reader = "made-up"', 'reader = ""')
    one = Load(house.open(), kit, tmp_path)
    attempt = one.attach(b"a picture of the display")
    assert attempt.verdict == "pass"
    assert [each.rule for each in attempt.findings] == ["printout-without-reader"]
    assert "No reader is set for Steriliser 1, and none knows it." in attempt.findings[0].why
    aborted = Load(house.open(), kit, tmp_path).attach(printout(end="ABBRUCH"))
    assert aborted.verdict == "fail"
    assert aborted.printout is not None
    assert aborted.printout.result == "aborted"


def test_two_programs_give_one_cycle_to_two_loads_and_one_of_them_is_told(
    load: Callable[..., Load], clinic: Clinic, house: House, kit: Kit
) -> None:
    one = load()
    two = load()
    one.file.write_bytes(as_bytes(printout()))
    other = house.open()

    def attached_there() -> None:
        kit.do(other, two.run, c.Give("printout", str(one.file)))

    house.clock.hook = attached_there  # after this program has looked, and before it records
    attempt = one.do(c.Give("printout", str(one.file))).steps["printout"].attempts[-1]
    assert [each.rule for each in attempt.findings] == ["cycle-repeated"]
    assert (two.rules(), clinic.run(two.run).steps["printout"].status) == ([], Status.DONE)


def test_a_second_reader_is_not_told_by_the_printout(clinic: Clinic, house: House, kit: Kit, tmp_path: Path) -> None:
    steps = LOAD.replace('[[steps]]\nid = "indicator"', SECOND + '[[steps]]\nid = "indicator"')
    house.add_protocol("cycle", kit.protocol_text("cycle", "equipment", "", steps), clinic, kit.who(clinic, "Lea"))
    one = Load(clinic, kit, tmp_path)
    one.attach(printout())
    one.do(c.Give("temperature", "134.9"))
    for told in (show(clinic, one.run), logged(clinic, run=one.run)):
        assert "134.9" not in str(told)
    one.do(c.Witness("second", kit.who(clinic, "Ben").person, "134.9"))
    for told in (show(clinic, one.run), logged(clinic, run=one.run)):
        assert "134.9" in str(told)
