"""The shortest honest time at a glance: cheap, and never more than the quickest run really takes."""

from collections.abc import Callable

import pytest

from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.model import Protocol, resolve
from checklist.protocol.showing.minimum import at_least_words, minimum_seconds
from checklist.run.simulate import simulate

ASKED = """
[[steps]]
id = "look"
kind = "choice"
do = "Look."
at_least = "10s"
options = [
  { value = "short", verdict = "pass" },
  { value = "long", verdict = "pass" },
  { value = "broken", verdict = "fail" },
]

[[steps]]
id = "short-soak"
kind = "timer"
do = "Soak."
at_least = "5m"
when = { step = "look", is = "short" }

[[steps]]
id = "long-soak"
kind = "timer"
do = "Soak."
at_least = "1h"
when = { step = "look", is = "long" }

[[steps]]
id = "dry"
kind = "timer"
do = "Dry."
at_least = { profile = "dry-time" }
"""


def test_of_every_answer_the_quickest_that_passes_counts(small: Callable[..., Protocol]) -> None:
    protocol = small(ASKED)
    assert minimum_seconds(protocol) == 10 + 300
    assert minimum_seconds(resolve(protocol, {"dry-time": "2m"})) == 10 + 300 + 120


def test_a_long_chain_of_conditions_is_reckoned_too(small: Callable[..., Protocol]) -> None:
    steps = [
        f'[[steps]]\nid = "s{at}"\nkind = "choice"\ndo = "Say."\nat_least = "1s"\n'
        'options = [{ value = "yes", verdict = "pass" }]\n'
        + (f'when = {{ step = "s{at - 1}", is = "yes" }}\n' if at else "")
        for at in range(280)
    ]
    assert minimum_seconds(small("".join(steps))) == 280


def test_no_shipped_protocol_promises_more_time_than_its_quickest_run_takes() -> None:
    values = shipped_profiles()["uk"].profile.values
    promised = 0
    for loaded in shipped().values():
        protocol = resolve(loaded.protocol, values)
        quickest = simulate(protocol).as_written
        assert quickest is not None, protocol.id
        assert minimum_seconds(loaded.protocol) <= minimum_seconds(protocol) <= quickest.seconds, protocol.id
        promised += minimum_seconds(protocol) > 0
    assert promised > len(shipped()) / 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "no least time is stated"),
        (50, "at least 50 s"),
        (250, "at least 4 min"),
        (3600, "at least 1 h"),
        (5400, "at least 1 h 30 min"),
        (86_400, "at least 1 d"),
        (93_700, "at least 1 d 2 h"),
    ],
)
def test_it_is_told_rounded_down(seconds: int, words: str) -> None:
    assert at_least_words(seconds) == words
