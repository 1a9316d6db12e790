"""Time never goes back in a ledger, and a clock that was moved is written down."""

from __future__ import annotations

from checklist.ledger.clock import unix_us, utc_text
from checklist.ledger.entry import Moment
from checklist.ledger.timeline import Timeline

NOON = unix_us("2026-11-22T12:00:00.000000Z")


def moment(wall_s: float, boottime_s: float, boot: str = "one") -> Moment:
    """So many seconds after noon, and after boot."""
    ms = int(boottime_s * 1000)
    return Moment(utc_text(NOON + int(wall_s * 1_000_000)), "UTC", boot, ms, ms)


def test_clocks_that_go_on_together_are_no_jump_however_long_it_took() -> None:
    timeline, now, jump = Timeline().seen_by(moment(0, 100)).advance(moment(86_400, 86_500))
    assert (now, jump) == (moment(86_400, 86_500), None)
    assert timeline.advance(moment(86_402, 86_501))[2] is None


def test_a_wall_clock_that_was_put_forward_is_noticed() -> None:
    _, now, jump = Timeline().seen_by(moment(0, 100)).advance(moment(3600, 101))
    assert now == moment(3600, 101)
    assert jump is not None
    assert (jump.kind, jump.actor, jump.via) == ("clock.jumped", None, "system")
    assert jump.data == {"wall_ms": 3_600_000, "mono_ms": 1000}


def test_a_wall_clock_that_was_put_back_does_not_take_the_ledger_back() -> None:
    timeline, now, jump = Timeline().seen_by(moment(0, 100)).advance(moment(-3600, 101))
    assert now.at == moment(0, 0).at
    assert now.boottime_ms == 101_000
    assert jump is not None
    assert jump.data == {"wall_ms": -3_600_000, "mono_ms": 1000}
    timeline, now, jump = timeline.advance(moment(-3590, 111))
    assert (now.at, jump) == (moment(0, 0).at, None)


def test_after_a_reboot_the_clocks_cannot_be_compared() -> None:
    _, now, jump = Timeline().seen_by(moment(0, 100)).advance(moment(3600, 5, "two"))
    assert (now, jump) == (moment(3600, 5, "two"), None)


def test_what_another_process_wrote_later_holds_too() -> None:
    timeline = Timeline().seen_by(moment(0, 100)).seen_by(moment(10, 110))
    _, now, jump = timeline.advance(moment(9, 109))
    assert (now.at, jump) == (moment(10, 0).at, None)
