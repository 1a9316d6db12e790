"""What counts as differing between two runs, and what is only told."""

from dataclasses import replace

import pytest

from checklist.clinic.beside import Side, differing, named, told_too

ONE = Side("done", "5 Cel", "limit 2 to 8 °C", 1, 20.0, ("u_1", None))


@pytest.mark.parametrize(
    ("other", "counts", "told"),
    [
        (ONE, (), ()),
        (replace(ONE, seconds=21.5), (), ()),
        (replace(ONE, seconds=49.0), (), ()),
        (replace(ONE, seconds=50.0), (), ("seconds",)),
        (replace(ONE, people=("u_2", None)), (), ("people",)),
        (replace(ONE, value="6 Cel"), ("value",), ()),
        (replace(ONE, wanted="limit 2 to 9 °C"), ("wanted",), ()),
        (replace(ONE, attempts=2), ("attempts",), ()),
        (replace(ONE, state="skipped", value=None), ("state", "value"), ()),
        (None, ("state", "value", "wanted", "attempts"), ()),
    ],
)
def test_times_and_people_are_told_but_do_not_count(
    other: Side | None, counts: tuple[str, ...], told: tuple[str, ...]
) -> None:
    assert differing(ONE, other) == differing(other, ONE) == counts
    assert told_too(ONE, other) == told_too(other, ONE) == told


def test_long_times_are_far_apart_only_where_one_is_twice_the_other() -> None:
    assert told_too(replace(ONE, seconds=300.0), replace(ONE, seconds=400.0)) == ()
    assert told_too(replace(ONE, seconds=300.0), replace(ONE, seconds=600.0)) == ("seconds",)


def test_a_finding_has_the_name_that_the_rules_give_it() -> None:
    assert named({"rule": "series-repeated"}) == {"rule": "cloned-printout"}
    assert named({"rule": "too-fast"}) == {"rule": "too-fast"}
