"""What a lead reads before adopting a changed profile: each value by its name, and what it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from checklist.protocol.comparing.diff_profile import diff
from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.loader import LoadedProfile, LoadedProtocol, parse, parse_profile
from tests.protocol.conftest import HEADER

if TYPE_CHECKING:
    from checklist.protocol.comparing.changes import Change
    from checklist.protocol.profile import Profile

VALUE: Final = """
[[values]]
name = "%s"
value = %s
title = "%s"
source = "law"
sure = "read"
"""
PROFILE: Final = (
    '[profile]\nid = "nl"\ntitle = "Here"\nversion = "1.0.0"\nsources = [{ id = "law", title = "A law" }]\n'
    + VALUE % ("wait", '"3m"', "How long it soaks")
    + VALUE % ("leak", '1.3\nunit = "mbar/min"', "The most air")
    + VALUE % ("bag", '"the red bag"', "Where it goes")
)
STEPS: Final = """
[[steps]]
id = "soak"
kind = "timer"
do = "Soak it."
at_least = { profile = "wait" }

[[steps]]
id = "leak"
kind = "measure"
do = "Read the leak."
unit = "mbar/min"
limit = { max = { profile = "leak" } }
"""


def profile(*pieces: tuple[str, str]) -> Profile:
    text = PROFILE
    for old, new in pieces:
        assert old in text, old
        text = text.replace(old, new, 1)
    found = parse_profile(text.encode(), name="nl.toml")
    assert isinstance(found, LoadedProfile), found
    return found.profile


def changed(*pieces: tuple[str, str]) -> tuple[Change, ...]:
    loaded = parse((HEADER + STEPS).encode(), name="small.toml")
    assert isinstance(loaded, LoadedProtocol), loaded
    return diff(profile(), profile(*pieces), [loaded.protocol])


@pytest.mark.parametrize(
    ("old", "new", "words", "weight"),
    [
        ('"3m"', '"2m"', "How long it soaks (wait): 2 minutes; moves “small” (step “soak”)", "looser"),
        ('"3m"', '"4m"', "How long it soaks (wait): 4 minutes; moves “small” (step “soak”)", "stricter"),
        ("1.3", "2.0", "The most air (leak): 2.0 mbar/min; moves “small” (step “leak”)", "looser"),
        ("red", "blue", "Where it goes (bag): the blue bag; no protocol here takes it", "other"),
        ('sure = "read"', 'sure = "unsure"', "How long it soaks (wait): how it is known: read → unsure", "other"),
        ('title = "A law"', 'title = "Another"', "Source “law”: title: A law → Another", "other"),
        (VALUE % ("bag", '"the red bag"', "Where it goes"), "", "Where it goes (bag) was taken out", "other"),
    ],
)
def test_each_change_is_said_with_what_it_moves(old: str, new: str, words: str, weight: str) -> None:
    (found,) = changed((old, new))
    before, _, after = words.partition("): ")
    assert before in found.text, found
    assert after in found.text, found
    assert found.weight == weight


def test_what_is_looser_comes_first() -> None:
    found = changed(("red", "blue"), ('"3m"', '"2m"'), ('"1.0.0"', '"1.1.0"'))
    assert [each.weight for each in found] == ["looser", "other", "other"]
    assert found[0].text.startswith("How long it soaks (wait): 3 minutes → 2 minutes;")


def test_between_any_two_shipped_profiles_no_value_that_differs_is_silent() -> None:
    profiles = [one.profile for one in shipped_profiles().values()]
    protocols = [one.protocol for one in shipped().values()]
    for one in profiles:
        assert diff(one, one, protocols) == ()
        for other in profiles:
            texts = " ".join(each.text for each in diff(one, other, protocols))
            different = [name for name, value in other.values.items() if one.values.get(name) != value]
            assert [name for name in different if f"({name})" not in texts] == []
