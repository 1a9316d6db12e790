"""Facts of a protocol in words."""

from checklist.protocol.library import shipped
from checklist.protocol.showing.facts import checks, facts


def test_a_timer_says_what_it_must_last_as_long_as() -> None:
    turnover = shipped()["room-turnover"].protocol
    told = [str(fact) for fact in facts(turnover, turnover.step("wet-time"))]
    assert "Wait at least: 30 seconds, and as long as label-time says" in told


def test_labels_that_must_agree_are_told() -> None:
    (told,) = checks(shipped()["bi-test"].protocol)
    assert str(told) == "Checked: test-vial and control-vial have the same lot."
