"""The rules about words: what they find, and above all what they leave alone."""

import pytest

from checklist.protocol.linting.rule import whole
from checklist.protocol.linting.wording import judge
from checklist.protocol.loader import LoadedProtocol, parse


def found(example: str) -> set[str]:
    """The rules that an example breaks, out of those about words."""
    result = parse(whole(example).encode(), name="example.toml")
    assert isinstance(result, LoadedProtocol), result
    return {problem.rule for problem in judge(result.protocol)}


def confirm(do: str, expect: str = "the lid is shut", name: str = "one", more: str = "") -> str:
    """A step that is confirmed."""
    return f"[[steps]]\nid = '{name}'\nkind = 'confirm'\ndo = \"{do}\"\nexpect = \"{expect}\"\n{more}\n"


def measure(do: str, unit: str = "Cel", limit: str = "min = 134, max = 137", expect: str = "") -> str:
    """A step in which a number is read."""
    words = f'expect = "{expect}"\n' if expect else ""
    return f"[[steps]]\nid = 'one'\nkind = 'measure'\ndo = \"{do}\"\nunit = '{unit}'\nlimit = {{ {limit} }}\n{words}"


def choice(do: str, passing: str = "turned", failing: str = "not turned") -> str:
    """A step in which one of two answers is chosen."""
    options = f"[{{ value = '{passing}', verdict = 'pass' }}, {{ value = '{failing}', verdict = 'fail' }}]"
    return f"[[steps]]\nid = 'one'\nkind = 'choice'\ndo = \"{do}\"\noptions = {options}\n"


@pytest.mark.parametrize(
    "do",
    [
        "Close the lid and start the bath.",
        "Close the lid; then start the bath.",
        "Close the lid. Start the bath.",
        "Take the probe out and wipe it.",
        "Assistant: open the pack, then put on new gloves.",
        "Wash hands and put on gloves.",
        "Open the pack, remove tape.",
    ],
)
def test_two_acts_are_seen_however_they_are_joined(do: str) -> None:
    assert found(confirm(do)) == {"two-acts"}


@pytest.mark.parametrize(
    "do",
    [
        "Close the lid.",
        "Lay out gauze, saline and new gloves.",
        "Wipe the top and the sides of the trolley.",
        "Look along the seal; replace any part that is cracked.",
        "Look at the clock; set it if it is wrong.",
        "While it runs, read the display.",
        "Take the vial out and let it cool.",
        "Tag the unit with the label and seal of the maker.",
        "Push the fridge door and pull at it.",
        "Check the seal and label of each pack.",
        "Check the lid and fill level.",
    ],
)
def test_one_act_is_left_alone(do: str) -> None:
    assert found(confirm(do)) == set()


def test_whoever_reads_or_chooses_may_prepare_first() -> None:
    assert found(choice("Open the test and read the colour.")) == set()


def test_emergency_lists_may_join_acts() -> None:
    header = whole("").replace('"clinic"\nstyle', '"emergency"\nstyle')
    assert found(header + confirm("Lay the patient flat and raise the legs.")) == set()


@pytest.mark.parametrize(
    "expect", ["checked", "OK.", "set and verified", "done, complete", "as it should be", "All good."]
)
def test_a_vague_response_is_seen(expect: str) -> None:
    assert found(confirm("Look at the seal.", expect)) == {"vague-response"}


@pytest.mark.parametrize("expect", ["set to 134", "checked against the list", "complete: all nine strips"])
def test_a_status_or_value_is_no_vague_response(expect: str) -> None:
    assert found(confirm("Look at the seal.", expect)) == set()


def test_an_answer_to_choose_can_be_vague_too() -> None:
    assert found(choice("Look at the seal.", "ok", "torn")) == {"vague-response"}
    assert found(choice("Look at the seal.", "all good", "torn")) == {"vague-response"}
    assert found(choice("Ask about an allergy.", "no", "yes")) == set()


@pytest.mark.parametrize(
    "step",
    [
        measure("Read the temperature, 134 °C."),
        measure("Read the temperature (134-137 °C)."),
        measure("Read the temperature.", expect="it must be 135"),
        measure("Read the temperature; it should be at least 134,5."),
        measure("Enter the hold time of 180 s.", "s", "min = 180"),
        measure("Count the open runs; there must be 0.", "{count}", "max = 0"),
        choice("Look at the indicator; it must have turned."),
        choice("Make sure that it has turned."),
    ],
)
def test_what_tells_the_answer_is_seen(step: str) -> None:
    assert found(step) == {"reveals-answer"}


@pytest.mark.parametrize(
    "step",
    [
        measure("Read the temperature of programme 134."),
        measure("Read the temperature after 10 min."),
        measure("Read the temperature, warmed to 20 °C before."),
        measure("Take 3 readings, enter the lowest.", "{count}", "min = 1"),
        measure("Read the rise since 12.134 °C."),
        choice("Look whether it has turned."),
        choice("Say whether it must be turned or not turned."),
        choice("Read your law: must it be turned?"),
    ],
)
def test_what_tells_no_answer_is_left_alone(step: str) -> None:
    assert found(step) == set()


def test_a_range_that_the_profile_gives_is_not_known_here() -> None:
    assert found(measure("Read 134 °C.", limit="min = { profile = 'coldest' }")) == set()


def test_a_question_needs_an_answer_to_choose() -> None:
    assert found(confirm("Is the lid shut?")) == {"question-without-answer"}
    assert found(choice("Has it turned?")) == set()


@pytest.mark.parametrize("words", ["TODO", "see XXX", "the ???", "call <name of the maker>"])
def test_what_was_left_for_later_is_seen(words: str) -> None:
    assert found(confirm("Shut the lid.", words)) == {"unfinished"}
    assert found(whole("").replace("Show one rule.", words) + confirm("Shut the lid.")) == {"unfinished"}


def test_signs_of_less_and_more_are_not_unfinished() -> None:
    assert found(confirm("Shut the lid.", "gap < 2 mm, > 1 mm")) == set()


@pytest.mark.parametrize("words", ["rinsed properly", "wiped if needed", "gloves and/or apron", "gloves, apron, etc."])
def test_unclear_words_are_seen(words: str) -> None:
    assert found(confirm("Look at the lid.", words)) == {"unclear-word"}


def test_a_word_that_names_its_measure_is_clear() -> None:
    assert found(confirm("Look at the lid.", "sealed as required by its maker")) == set()


def test_the_same_words_in_two_branches_or_phases_are_no_fault() -> None:
    again = confirm("Shut the lid."), confirm("Shut  the lid!", name="two")
    assert found("".join(again)) == {"duplicate-wording"}
    assert found(again[0] + again[1] + "phase = 'Later'\n") == set()
    asked = choice("Look at it.", "red", "none").replace("'one'", "'colour'").replace("'fail'", "'pass'")
    when = [f"when = {{ step = 'colour', is = '{colour}' }}\n" for colour in ("red", "none")]
    assert found(asked + again[0] + when[0] + again[1] + when[1]) == set()
    assert found(asked + again[0] + when[0] + again[1] + when[0]) == {"duplicate-wording"}
    assert found(asked + again[0] + when[0] + again[1]) == {"duplicate-wording"}
