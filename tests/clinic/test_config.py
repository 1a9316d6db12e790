"""clinic.toml: whatever is wrong with it is said in one sentence, and whatever a clinic is called comes back."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.clinic.config import MAX_BYTES, Config, Scanner, load, new_config, origin_from, read
from checklist.clinic.errors import ConfigError
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
[clinic]
name = "Riverside"
origin = "riverside.clinic"
station = "a"
"""


def parsed(text: str) -> Config:
    return read(text.encode(), "clinic.toml")


def sentence(data: bytes) -> str:
    """What is said about a bad file."""
    with pytest.raises(ConfigError) as fault:
        read(data, "clinic.toml")
    said = str(fault.value)
    assert said.startswith("clinic.toml: ")
    assert said.endswith(".")
    assert said.isprintable()
    assert len(said) < 600
    return said


def test_the_least_that_a_clinic_says_is_enough() -> None:
    settings = parsed(GOOD)
    assert settings.clinic.timezone == "UTC"
    assert settings.rooms == ()
    assert settings.subjects("clinic") == [("clinic", "Riverside")]
    assert settings.subjects("session") == []
    assert settings.subjects("room") == []


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read(b"\xef\xbb\xbf" + GOOD.encode(), "clinic.toml").clinic.station == "a"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('name = "Riverside"', "name = 5", "clinic.name"),
        ('name = "Riverside"', 'name = ["a"]', "clinic.name"),
        ('name = "Riverside"\n', "", "clinic.name"),
        ('station = "a"', 'station = ""', "clinic.station"),
        ('station = "a"', 'station = "A"', "clinic.station"),
        ('station = "a"', 'station = "../x"', "clinic.station"),
        ('station = "a"', 'station = "a\\n"', "clinic.station"),
        ('origin = "riverside.clinic"', 'origin = "a b"', "clinic.origin"),
        ('origin = "riverside.clinic"', 'origin = "+x"', "clinic.origin"),
        ('station = "a"', 'station = "a"\ncolour = "red"', "clinic.colour"),
        ('station = "a"', 'station = "a"\n"\\u001b[31m" = 1', "clinic.[31m"),
        ('station = "a"', 'station = "a"\ntimezone = "No/Where"', "clinic.timezone"),
        ('station = "a"', 'station = "a"\ntimezone = "Europe"', "clinic.timezone"),
        ('station = "a"', 'station = "a"\ntimezone = ""', "clinic.timezone"),
        ('station = "a"', 'station = "a"\ntimezone = "../../etc/passwd"', "clinic.timezone"),
        ('station = "a"', 'station = "a"\ntimezone = "a\\u0000b"', "clinic.timezone"),
        ('station = "a"', 'station = "a"\ntimezone = "\\u001b]0;x"', "clinic.timezone"),
        ('station = "a"', 'station = "a"\ntimezone = 1', "clinic.timezone"),
    ],
)
def test_what_is_wrong_with_the_clinic_itself_is_named_with_its_place(old: str, new: str, place: str) -> None:
    assert old in GOOD
    assert sentence(GOOD.replace(old, new).encode()).startswith(f"clinic.toml: {place}: ")


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ('[[rooms]]\nid = "room 1"\ntitle = "x"', "rooms.0.id"),
        ('[[rooms]]\nid = "room-1"', "rooms.0.title"),
        ('[[rooms]]\nid = "r"\ntitle = "x"\n[[rooms]]\nid = "r"\ntitle = "y"', "rooms"),
        ('[[equipment]]\nid = "S1"\ntitle = "x"', "equipment.0.kind"),
        (
            '[[equipment]]\nid = "S1"\ntitle = "x"\nkind = "k"\n[[equipment]]\nid = "S1"\ntitle = "y"\nkind = "k"',
            "equipment",
        ),
        ("rooms = 3", "rooms"),
        ('[rooms]\nid = "x"', "rooms"),
        ('[[schedule]]\nprotocol = "Day Open"\nevery = "day"', "schedule.0.protocol"),
        ('[[schedule]]\nprotocol = "day-open"\nevery = "hour"', "schedule.0.every"),
        ('[[schedule]]\nprotocol = "day-open"\nevery = "day"\nby = "8:30"', "schedule.0.by"),
        ('[[schedule]]\nprotocol = "day-open"\nevery = "day"\nby = "24:00"', "schedule.0.by"),
        ('[[schedule]]\nprotocol = "day-open"\nevery = "day"\nby = "08:30\\n"', "schedule.0.by"),
        ('[[schedule]]\nprotocol = "day-open"\nevery = "day"\nby = 830', "schedule.0.by"),
        ('[security]\nidle_lock = "0m"', "security.idle_lock"),
        ('[security]\nidle_lock = "11m"', "security.idle_lock"),
        ('[security]\nidle_lock = "14s"', "security.idle_lock"),
        ('[security]\nidle_lock = "99999999999s"', "security.idle_lock"),
        ("[security]\nidle_lock = 3", "security.idle_lock"),
        ('[people]\nretention = "10"', "people.retention"),
        ('[people]\nretention = "0d"', "people.retention"),
        ('[people]\nretention = "101y"', "people.retention"),
        ('[people]\nretention = "36501d"', "people.retention"),
        ('[people]\nretention = "10Y"', "people.retention"),
        ('[people]\nretention = "10y\\n"', "people.retention"),
        ("[people]\nretention = 10", "people.retention"),
        ('[people]\nkeep = "10y"', "people.keep"),
        ("[extra]\nx = 1", "extra"),
    ],
)
def test_what_is_wrong_with_the_rest_is_named_with_its_place(more: str, place: str) -> None:
    head = f"{more}\n{GOOD}" if more.startswith("rooms") else f"{GOOD}{more}\n"
    assert sentence(head.encode()).startswith(f"clinic.toml: {place}: ")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[clinic",
        b"\xff\xfe\x00",
        b'[clinic]\nname = "\xe9"',
        b"x = " + b"[" * 100_000,
        b"x = " + b"{a = " * 50_000,
        b"a" * (MAX_BYTES + 1),
        b"[clinic]\nname = 'a'\nname = 'b'",
        b"x = inf\n",
        b'x = "\x1b[2J"',
        b"x." * 20_000 + b"y = 1",
    ],
)
def test_what_is_no_clinic_file_at_all_is_refused_in_a_sentence(data: bytes) -> None:
    sentence(data)


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(data: bytes) -> None:
    sentence(data)


@given(
    st.sampled_from(["clinic", "rooms", "schedule", "security", "people", "equipment", "anchors", "hub"]),
    st.text(max_size=40),
)
def test_no_line_in_a_table_brings_the_reader_down(table: str, line: str) -> None:
    said = ""
    try:
        read(f"{GOOD}[{table}]\n{line}\n".encode("utf-8", "surrogatepass"), "clinic.toml")
    except ConfigError as fault:
        said = str(fault)
    assert said.isprintable()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "clinic.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_what_people_read_is_cleaned_at_the_door() -> None:
    settings = parsed(
        GOOD + '[[rooms]]\nid = "r"\ntitle = "\\u001b[2Jred\\u202e"\n'
        '[[equipment]]\nid = "S1"\nkind = "\\u001bsteriliser"\ntitle = "x\\ty"\nclass = "\\u0007B"\n'
        '[[schedule]]\nprotocol = "p"\nevery = "week"\nby = 08:30:00\nsubject = "equipment=S1\\u001b"\n'
    )
    assert settings.subjects("room") == [("room=r", "[2Jred")]
    assert settings.subjects("equipment") == [("equipment=S1", "x y")]
    assert (settings.equipment[0].kind, settings.equipment[0].class_) == ("steriliser", "B")
    assert (settings.schedule[0].subject, settings.schedule[0].by) == ("equipment=S1", time(8, 30))


@pytest.mark.parametrize("lock", [("15s", 15), ("10m", 600), ("600s", 600), ("3m", 180)])
def test_the_screen_locks_within_bounds(lock: tuple[str, int]) -> None:
    assert parsed(f'{GOOD}[security]\nidle_lock = "{lock[0]}"\n').security.idle_seconds == lock[1]


@pytest.mark.parametrize(
    ("written", "left", "ends"),
    [
        ('[people]\nretention = "10y"\n', date(2031, 3, 10), date(2041, 3, 10)),
        ("", date(2031, 3, 10), date(2041, 3, 10)),
        ('[people]\nretention = "1y"\n', date(2032, 2, 29), date(2033, 3, 1)),
        ('[people]\nretention = "4y"\n', date(2032, 2, 29), date(2036, 2, 29)),
        ('[people]\nretention = "30d"\n', date(2032, 2, 15), date(2032, 3, 16)),
        ('[people]\nretention = "100y"\n', date(2031, 3, 10), date(2131, 3, 10)),
    ],
)
def test_names_are_kept_for_as_long_as_the_clinic_says(written: str, left: date, ends: date) -> None:
    assert parsed(GOOD + written).people.retention.ends(left) == ends


def test_a_new_clinic_keeps_names_for_ten_years_and_is_told_that_this_is_no_law() -> None:
    text = new_config("Riverside", "UTC")
    assert parsed(text).people.retention.ends(date(2031, 3, 10)) == date(2041, 3, 10)
    assert "not a law" in text


@given(st.text(min_size=1, max_size=200))
def test_whatever_a_new_clinic_is_called_comes_back_clean(name: str) -> None:
    settings = parsed(new_config(name, "Europe/Berlin"))
    assert settings.clinic.name == clean(name, limit=120)
    assert settings.clinic.origin == origin_from(name)


@pytest.mark.parametrize(
    "name",
    [
        'Say "Ah"', "back\\slash", "two\nlines", "\x1b[31mred", "🦷 Zahn", "'''", '"""', "]\n[clinic]", "#", "\\u0041",
        "\x7f", "a" * 500, "..", "ÄÖÜ", "日本", "\ud800",
    ],
)  # fmt: skip
def test_a_hostile_name_stays_a_name(name: str) -> None:
    settings = parsed(new_config(name, "UTC"))
    assert settings.clinic.name == clean(name, limit=120)
    assert settings.clinic.station == "a"
    assert len(settings.rooms) == 2


def test_an_origin_is_made_of_plain_letters() -> None:
    assert origin_from("Haut & Laser Zentrum") == "haut-laser-zentrum.clinic"
    assert origin_from("日本") == "clinic.clinic"
    assert parsed(new_config("x" * 59 + " yy", "UTC")).clinic.origin == "x" * 59 + "-.clinic"


def test_a_scanner_is_as_it_comes_or_as_it_was_set_and_tested() -> None:
    assert parsed(GOOD).scanner == Scanner((), separators_tested=False)
    told = parsed(f'{GOOD}\n[scanner]\nsubstitutes = ["|", "{{GS}}"]\nseparators_tested = true\n')
    assert told.scanner == Scanner(("|", "{GS}"), separators_tested=True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('substitutes = "|"', "write a list"),
        ("substitutes = [29]", "in quotes"),
        ('substitutes = ["-"]', "can stand in a lot number itself"),
        ('substitutes = [""]', "1 to 8 signs"),
        ('separators_tested = "yes"', "true or false"),
        ("speed = 3", "is not known here"),
    ],
)
def test_a_scanner_that_cannot_be_is_refused(line: str, words: str) -> None:
    said = sentence(f"{GOOD}\n[scanner]\n{line}\n".encode())
    assert "scanner." in said
    assert words in said


def test_a_machine_may_name_the_reader_of_its_printouts() -> None:
    machine = '[[equipment]]\nid = "S1"\ntitle = "Steriliser 1"\nkind = "steriliser"\n'
    assert parsed(GOOD + machine).equipment[0].reader == ""
    assert parsed(GOOD + machine + 'reader = "dac-universal"\n').equipment[0].reader == "dac-universal"
    assert "equipment.0.reader" in sentence((GOOD + machine + 'reader = "../DAC"\n').encode())
