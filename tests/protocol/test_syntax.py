"""A line that is no TOML, told in the words of whoever wrote it."""

import pytest

from checklist.protocol.loader import parse


def told(text: str) -> tuple[int, int, str, str]:
    """The one fault of a file that cannot be taken apart."""
    faults = parse(text.encode(), name="short.toml")
    assert isinstance(faults, list)
    (fault,) = faults
    assert fault.rule == "syntax"
    return fault.line, fault.column, fault.message.removeprefix("not valid TOML: "), fault.fix


@pytest.mark.parametrize(
    ("line", "column", "what", "fix"),
    [
        ('title = "Fridge', 16, "the quote is not closed on this line", "on the line it begins on"),
        ('roles = ["staff", "lead]', 25, "the quote is not closed on this line", "on the line it begins on"),
        ('title = "Fridge”', 17, 'begins with " and ends with ”', "straight quotes"),
        ("title = “Fridge”", 9, "“ is a typographic quote", "straight quotes"),
        ("min = 1,5 # kPa", 8, "written with a comma", "a decimal point, not a comma"),
        ("limit = { min = 1,5 }", 21, "written with a comma", "a decimal point, not a comma"),
        ("limit = { min = 1,5, max = 3 }", 20, "written with a comma", "a decimal point, not a comma"),
        ('do = "Press "start" now."', 14, "a quote inside the text", "put a \\ before"),
    ],
)
def test_the_common_slips_are_told_plainly(line: str, column: int, what: str, fix: str) -> None:
    for ending in ("\n", "\r\n"):
        found = told(f"[protocol]{ending}{line}{ending}version = 1{ending}")
        assert found[:2] == (2, column)
        assert what in found[2]
        assert fix in found[3]


@pytest.mark.parametrize("line", ['a = "b" c = "d"', 'a = "b"c = "d"', "a = x", "limit = { min = 1, max 2 }", "= 1,5"])
def test_what_could_mean_several_things_keeps_the_parsers_words(line: str) -> None:
    assert "compare it with a shipped protocol" in told(f"{line}\n")[3]
