"""How long something took, in words, and whether that is credible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.lasting import lasted, too_fast
from checklist.run.marks import Status

if TYPE_CHECKING:
    from tests.run.conftest import Kit


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (5.171, "5.1 s"),
        (18, "18 s"),
        (59.96, "59.9 s"),
        (60, "1 min"),
        (210.9, "3 min 30 s"),
        (7200, "2 h"),
        (90061.5, "1 d 1 h 1 min 1 s"),
    ],
)
def test_what_was_not_reached_is_not_said(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


def test_what_was_done_sooner_than_is_credible_is_said_with_both_times(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("act", at_least="3m"), kit.a.confirm("other"))
    walk.do(c.Confirm("act"))
    step, own = walk.state.protocol.step("act"), replace(walk.step("act"), ms=1640)
    assert too_fast(step, own) == "1.6 s; it takes at least 3 min"
    assert too_fast(step, replace(own, ms=180_000)) == ""
    assert too_fast(step, replace(own, ms=None)) == "", "what was entered from paper was not timed"
    assert too_fast(step, replace(own, status=Status.SKIPPED)) == ""
    walk.do(c.Confirm("other"))
    assert too_fast(walk.state.protocol.step("other"), walk.step("other")) == ""
