"""Every key has a line and a column, however it is written."""

import pytest
import tomli

from checklist.protocol.locate import Locator

TEXT = '''\
# a comment = "no key"
top = 1
dotted.one."two three" = 'x'
list = [ "a", [1, 2], { k = 3 },   # ] not a bracket
  "b" ]
many = """
[not.a.table]
k = 1
"""
raw = \'\'\'
[[steps]]\'\'\'
inline = { a.b = 1, c = { d = [ { e = 5 } ] } }
"esc\\u0061pe" = 1

[table]
key = 1979-05-27 07:32:00

[table.sub]
key = 2
[[steps]]
id = "one"
  [steps.limit]
  min = 1
[[steps]]
id = "two"
[[steps.parts]]
n = 1
[[steps.parts]]
n = 2
[ "quoted" . 'table' ]
last = true
'''


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("top",), (2, 1)),
        (("dotted", "one"), (3, 8)),
        (("dotted", "one", "two three"), (3, 12)),
        (("list", 0), (4, 10)),
        (("list", 1, 1), (4, 19)),
        (("list", 2, "k"), (4, 25)),
        (("list", 3), (5, 3)),
        (("many",), (6, 1)),
        (("raw",), (10, 1)),
        (("inline", "a", "b"), (12, 14)),
        (("inline", "c", "d", 0, "e"), (12, 35)),
        (("escape",), (13, 1)),
        (("table", "key"), (16, 1)),
        (("table", "sub", "key"), (19, 1)),
        (("steps", 0), (20, 1)),
        (("steps", 0, "id"), (21, 1)),
        (("steps", 0, "limit"), (22, 3)),
        (("steps", 0, "limit", "min"), (23, 3)),
        (("steps", 1, "id"), (25, 1)),
        (("steps", 1, "parts", 1, "n"), (29, 1)),
        (("quoted", "table", "last"), (31, 1)),
    ],
)
def test_a_key_path_is_found(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    assert Locator(TEXT).place(path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [((), (1, 1)), (("absent",), (1, 1)), (("steps", 1, "absent", "x"), (24, 1)), (("top", "x"), (2, 1))],
)
def test_an_unknown_path_is_at_its_nearest_parent(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    assert Locator(TEXT).place(path) == place


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path, *(found for key, one in value.items() for found in _paths(one, (*path, key)))]
    if isinstance(value, list):
        return [path, *(found for index, one in enumerate(value) for found in _paths(one, (*path, index)))]
    return [path]


def test_every_path_of_a_document_is_found_at_its_key(example: str) -> None:
    """Where a value is named by a key, that key stands there; and no two of them stand at one place."""
    for text in (TEXT, example):
        locator, lines = Locator(text), text.splitlines()
        named = [path for path in _paths(tomli.loads(text)) if path and isinstance(path[-1], str)]
        places = {path: locator.place(path) for path in named}
        leaves = [path for path in named if not any(other[: len(path)] == path for other in named if other != path)]
        for path in leaves:
            line, column = places[path]
            key = lines[line - 1][column - 1 :].split("=")[0].replace("\\u0061", "a")  # as one of them is written
            assert str(path[-1]) in key, path
        assert len({places[path] for path in leaves}) == len(leaves)


def test_thousands_of_dotted_keys_cost_no_more_than_their_length() -> None:
    longer = Locator(".".join(["a"] * 8000) + " = 1\n")
    assert longer.place(("a",) * 8000) == (1, 2 * 8000 - 1)
    assert Locator("x = " + "[" * 300 + "]" * 300).place(("x", 0, 0)) == (1, 7)


def test_windows_line_ends_do_not_shift_lines() -> None:
    assert Locator("a = 1\r\n\r\n[t]\r\nb = 2\r\n").place(("t", "b")) == (4, 1)
