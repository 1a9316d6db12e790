"""A reader file says how a machine's printout is read; what is wrong with one is told with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.protocol.library import shipped_folder
from checklist.trace.forms import MAX_FORM, FormError, form
from checklist.trace.reader import Reader, parse_reader
from tests.support.printouts import READER, made_up, reader_of


def test_every_shipped_reader_is_sound() -> None:
    files = sorted((shipped_folder() / "readers").glob("*.toml"))
    assert files
    for path in files:
        assert isinstance(parse_reader(path.read_bytes(), name=str(path)), Reader)


def test_a_form_is_a_line_as_printed() -> None:
    row = form("{hour}:{minute}   {temperature} °C {pressure}")
    assert row.read("9:05 134,6 °C -0.12") == {
        "hour": "9",
        "minute": "05",
        "temperature": "134,6",
        "pressure": "-0.12",
    }
    assert row.read("9:05 134,6 °F 1") is None
    assert row.read("9:05 134,6 °C 1 more") is None
    assert form("Dat.(T-M-J) {day}").read("Dat.(T-M-J) 16") == {"day": "16"}
    assert form("Dat.(T-M-J) {day}").read("DatX(T-M-J) 16") is None
    assert form("Head {any} {any}").read("Head a ü") == {}
    assert form("{phase} {result}", ("Ok", "F.")).read("Back flush Ok") == {"phase": "Back flush", "result": "Ok"}
    assert form("{phase} {result}", ("Ok", "F.")).read("Back flush Fx") is None
    assert form("{phase} {result}").read("Back flush Ok") is None  # no words, no result


@pytest.mark.parametrize(
    "text",
    ["", "  ", "x" * (MAX_FORM + 1), "a {", "a }", "{Cycle}", "{cycle} {cycle}", "{lid} {basket}", "{cycle}{day}"],
)
def test_a_form_that_could_mislead_is_refused(text: str) -> None:
    with pytest.raises(FormError):
        form(text)


@given(st.text(alphabet="ab .*+?()[]{}|\\^$<>P=#\x00\n{phase}{any}{cycle}", max_size=MAX_FORM), st.text(max_size=300))
def test_no_form_is_taken_for_a_pattern(text: str, line: str) -> None:
    try:
        made = form(text)
    except FormError:
        return
    line = " ".join(line.split())
    found = made.read(line)
    assert found is None or found.keys() == {name for name in made.names if name != "any"}
    if not made.names:
        assert (found is not None) == (line == made.text)


HARD = [
    ("{any} " * 15 + "{words} x", "a " * 140 + "y"),
    ("{any}-" * 15 + "{words} x", "-" * 300),
    ("{second}1{minute}1{day}1{month}1{cycle}1{temperature}1{pressure}1{words} x", "1" * 300),
    ("{serial}a{error}a{words}a{result}", "a" * 300),
    ("{words} {any} x", "a " * 149 + "b"),
]


@pytest.mark.parametrize(("text", "line"), HARD)
def test_the_worst_form_gives_up_on_the_worst_line_at_once(text: str, line: str) -> None:
    # A pattern that tries again in more than one place would not come back within a lifetime.
    assert form(text, ("Ok", "Okay")).read(line) is None


def test_the_longest_word_for_a_result_is_taken() -> None:
    assert form("Ende {result}", ("Ok", "Ok (2)")).read("Ende Ok (2)") == {"result": "Ok (2)"}


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ('encoding = "cp850"', 'encoding = "latin-9"', "literal-error", 7),
        ("gauge = true", "gauge = 1", "bool-type", 12),
        ("gauge = true", "gauge = false\natmosphere = 100", "atmosphere", 9),
        ("gauge = true", "gauge = true\natmosphere = 300", "less-than-equal", 13),
        ('ok = ["OK", "IN ORDNUNG"]', "ok = []", "empty", 1),
        ('aborted = ["ABBRUCH"]', 'aborted = ["{"]', "form", 25),
        ('aborted = ["ABBRUCH"]', 'oborted = ["ABBRUCH"]', "unknown-key", 25),
        ("Charge {cycle}", "Charge", "facts", 1),
        ('errors = ["Störung {error}"]', 'errors = ["Störung"]', "form", 1),
        ('id = "made-up"', 'id = "made-upper"', "file-name", 3),
        ("[phases]", "[phases", "syntax", 27),
        ('last = "Ende"', "", "required", 27),
    ],
)
def test_what_is_wrong_with_a_reader_has_a_place(old: str, new: str, rule: str, line: int) -> None:
    assert old in READER
    found = parse_reader(READER.replace(old, new).encode(), name="made-up.toml")
    assert isinstance(found, list)
    assert (found[0].rule, found[0].line) == (rule, line)
    assert found[0].fix


def test_results_are_told_apart() -> None:
    reader = made_up()
    assert [reader.result(word) for word in ("OK", "IN ORDNUNG", "FEHLER")] == ["ok", "ok", "failed"]
    off = reader_of(READER.replace('failed = ["FEHLER"]', 'failed = ["FEHLER"]\noff = ["AUS"]'))
    assert off.result("AUS") == "off"


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_there_is_an_answer(data: bytes) -> None:
    assert isinstance(parse_reader(data, name="made-up.toml"), list)
