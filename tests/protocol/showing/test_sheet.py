"""What stands on a sheet of paper: every step with its box, its words, and room for what is written in."""

from collections.abc import Callable

import pytest

from checklist.protocol.errors import Fault
from checklist.protocol.library import shipped
from checklist.protocol.loader import parse
from checklist.protocol.model import Protocol
from checklist.protocol.showing.sheet import HOW, HOW_URGENT, Blank, Note, Row, Sheet, sheet

SHA256 = "ab" * 32
Small = Callable[..., Protocol | list[Fault]]


@pytest.fixture
def load(example: str) -> Sheet:
    """The sheet of the full example."""
    found = parse(example.encode(), name="steriliser-load.toml")
    assert not isinstance(found, list)
    return sheet(found.protocol, found.sha256)


def row(of: Sheet, step: str) -> Row:
    return next(one for one in of.rows if one.id == step)


def only_row(built: Protocol | list[Fault]) -> Row:
    assert isinstance(built, Protocol), built
    return sheet(built, SHA256).rows[-1]


def test_the_head_says_what_and_who_and_where(load: Sheet) -> None:
    assert (load.id, load.version, load.where, load.urgent) == ("steriliser-load", "2.1.0", "Machine", False)
    assert "reprocessing" in load.who
    assert load.how == HOW
    command = f'checklist walk steriliser-load --from-paper "DATE BEGAN/ENDED" --sheet {load.sha256[:12]}'
    assert load.later == f"{command} --subject equipment=MACHINE"
    assert len(load.sha256) == 64


@pytest.mark.parametrize(
    ("name", "about"),
    [("day-open", ""), ("room-turnover", " --subject room=ROOM"), ("microneedling-timeout", " --session VISIT")],
)
def test_the_command_at_the_foot_is_whole(name: str, about: str) -> None:
    found = shipped()[name]
    assert sheet(found.protocol, found.sha256).later.endswith(f"--sheet {found.sha256[:12]}{about}")


def test_every_kind_of_step_has_room_for_its_answer(load: Sheet) -> None:
    assert row(load, "inspect").blanks == ()
    assert row(load, "exposure-temperature").blanks == (
        Blank("", "°C", "side"),
        Blank("what you did about it", size="line"),
    )
    assert row(load, "wet-time").blanks == (
        Blank("start"),
        Blank("end"),
        Blank("took", "min:s"),
        Blank("what you did about it", size="line"),
    )
    about = "what you did about it"
    assert [one.label for one in row(load, "cartridge").blanks] == ["GTIN or REF", "lot", "expiry", about]
    assert [one.label for one in row(load, "load-number").blanks] == ["load"]
    assert row(load, "inside-indicator").options == ("turned", "not turned")
    assert row(load, "second-reader").options == ("turned", "not turned")
    assert [one.label for one in row(load, "second-reader").blanks] == ["name", "signature", "time", about]
    assert row(load, "release").options == ("released", "quarantined")
    assert [one.label for one in row(load, "release").blanks] == ["name", "signature", "time"]


def test_limits_stand_with_their_units_and_failures_with_what_to_do(load: Sheet) -> None:
    notes = row(load, "exposure-temperature").notes
    assert Note("plain", "Limit", "134.0 to 138.0 °C") in notes
    assert Note("plain", "Expected", "134.0 to 137.0 °C") in notes
    assert Note("fail", "Outside the limit", "STOP; end here. Go on with the sheet “steriliser-recall”.") in notes
    assert Note("plain", "Time", "at least 3 min, at most 10 min") in row(load, "wet-time").notes
    assert row(load, "inside-indicator").hold
    cover = Note("plain", "Second person", "Cover the answer of step 10, look for yourself, and write down your own.")
    assert cover in row(load, "second-reader").notes


def test_a_timer_names_the_step_that_says_how_long() -> None:
    found = shipped()["room-turnover"]
    of = sheet(found.protocol, found.sha256)
    at = row(of, "label-time").number
    words = f"at least 30 s, and at least the time written at step {at}, at most 15 min"
    assert Note("plain", "Time", words) in row(of, "wet-time").notes


def test_the_foot_says_what_is_compared_at_entry() -> None:
    told = {name: sheet(shipped()[name].protocol, SHA256).checks for name in ("bi-test", "microneedling-signout")}
    assert told["bi-test"] == ("The program checks at entry that steps 1 and 2 have the same lot.",)
    assert told["microneedling-signout"][0].endswith("are the same number.")


def test_a_branch_says_which_step_it_hangs_on(small: Small) -> None:
    built = small(
        '[[steps]]\nid = "a"\nkind = "choice"\ndo = "Say it."\noptions = [{ value = "yes", verdict = "pass" }, '
        '{ value = "no", verdict = "pass" }]\n[[steps]]\nid = "b"\nkind = "confirm"\ndo = "Do it."\nexpect = "done"\n'
        'when = { step = "a", is = "yes" }\n'
    )
    assert only_row(built).notes[0] == Note("only", "Only if", "step 1 is “yes”.")
    assert isinstance(built, Protocol)
    first = sheet(built, SHA256).rows[0]
    assert not [note for note in first.notes if note.kind == "fail"], "where no answer fails, nothing follows"


def test_words_and_files_have_a_place_to_be_written_and_kept(small: Small) -> None:
    assert only_row(small('[[steps]]\nid = "a"\nkind = "text"\ndo = "Say it."\n')).blanks == (Blank("", size="line"),)
    kept = only_row(small('[[steps]]\nid = "a"\nkind = "attach"\ndo = "Keep it."\n'))
    assert kept.blanks == (Blank("kept where", size="long"),)
    assert Note("plain", "", "Keep the picture or printout with this sheet.") in kept.notes


def test_what_has_no_date_cannot_be_past_it(small: Small) -> None:
    step = '[[steps]]\nid = "a"\nkind = "scan"\ndo = "Scan it."\nuse = "consumes"\ncaptures = ["lot"{}]\n'
    assert only_row(small(step.format(""))).notes == ()
    assert only_row(small(step.format(', "expiry"'))).notes == (Note("fail", "Past its date", "take another."),)


def test_a_phase_stands_once_where_it_begins(small: Small) -> None:
    step = '[[steps]]\nid = "{}"\nkind = "confirm"\ndo = "Do {}."\nexpect = "done"\nphase = "Begin"\n'
    built = small("".join(step.format(name, name) for name in "ab"))
    assert isinstance(built, Protocol)
    assert [one.phase for one in sheet(built, SHA256).rows] == ["Begin", ""]


def test_in_an_emergency_every_step_has_a_time_and_help_comes_first() -> None:
    found = shipped()["anaphylaxis"]
    told = sheet(found.protocol, found.sha256)
    assert told.urgent
    assert told.how == HOW_URGENT
    assert all(any(blank.label == "time" for blank in one.blanks) for one in told.rows)
