"""Places in the record, named as a range where they lie side by side."""

from __future__ import annotations

from checklist.audit.places import ranges


def test_places_that_follow_one_another_are_named_as_one() -> None:
    assert ranges([]) == []
    assert ranges(["a#3"]) == ["a#3"]
    assert ranges(["a#3", "a#4", "a#6", "b#7", "b#8", "b#9"]) == ["a#3 to a#4 (2)", "a#6", "b#7 to b#9 (3)"]
