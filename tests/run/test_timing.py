"""Timers and validity: no clock that somebody can set shortens a minimum or stretches a maximum."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.ledger.entry import Moment
from checklist.protocol.model import Duration, ProfileRef
from checklist.run import commands as c
from checklist.run.marks import Look, Outcome, Status
from checklist.run.timing import (
    LONG_TIMER_MS,
    Phase,
    calendar_day,
    elapsed_ms,
    expires_at,
    milliseconds,
    read_timer,
    wall_ms,
)

if TYPE_CHECKING:
    from tests.run.conftest import Kit


# -- timers without a maximum end by themselves ------------------------------------------------------------


def test_a_timer_is_started_runs_and_ends_by_itself(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"), kit.a.confirm("end"))
    assert walk.tick() == []
    assert walk.refused(c.EndTimer("wet")) == "not-started"
    [started] = walk.do(c.StartTimer("wet"))
    assert (started.kind, started.actor) == ("step.started", "u_anna")
    assert walk.refused(c.StartTimer("wet")) == "running"
    walk.clock.advance(179.999)
    assert walk.tick() == []
    assert walk.refused(c.EndTimer("wet")) == "too-early"
    walk.clock.advance(0.001)
    [done] = walk.do(c.Tick())
    assert (done.kind, done.actor, done.via) == ("step.done", None, "system")
    assert walk.last("step.done") == {
        "value": "180.0",
        "unit": "s",
        "input": "sensed",
        "attempts": 1,
        "ms": 180_000,
    }
    assert walk.at == "end"


def test_how_much_is_left_is_said_in_whole_seconds_and_never_too_few(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(178.5)
    timer = walk.state.timer(walk.protocol.step("wet"), walk.clock.now())
    assert timer
    assert (timer.phase, timer.elapsed_ms, timer.left_ms) == (Phase.RUNNING, 178_500, 1_500)
    decision = walk.decide(c.EndTimer("wet"))
    assert "2 s are left" in str(decision)


def test_a_timer_without_a_maximum_may_also_be_ended_by_hand(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(1000)
    walk.do(c.EndTimer("wet"))
    assert walk.state.outcome is Outcome.COMPLETE


def test_sleep_and_a_wall_clock_set_forward_do_not_count_towards_a_minimum(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"))
    walk.do(c.StartTimer("wet"))
    walk.clock.suspend(3600)
    walk.clock.jump(86_400)
    assert walk.refused(c.EndTimer("wet")) == "too-early"
    assert walk.tick() == []
    walk.clock.jump(-10 * 86_400)
    walk.clock.advance(180)
    assert walk.tick() == ["step.done", "run.completed"]


def test_a_short_timer_starts_again_after_a_restart(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet", at_least="59m"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(3500)
    walk.clock.reboot(7200)
    assert walk.tick() == []
    assert walk.refused(c.EndTimer("wet")) == "lost"
    assert walk.look("wet") is Look.CURRENT
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(59 * 60 - 1)
    assert walk.tick() == []
    walk.clock.advance(1)
    assert walk.tick() == ["step.done", "run.completed"]


def test_an_incubation_goes_on_by_the_wall_clock_after_a_restart_and_says_so(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("incubate", at_least="1h"))
    walk.do(c.StartTimer("incubate"))
    walk.clock.advance(600)
    walk.clock.reboot(60)
    walk.clock.advance(2939)
    assert walk.tick() == []
    walk.clock.advance(1)
    assert walk.tick() == ["step.done", "run.completed"]
    data = walk.last("step.done")
    assert (data["clock"], data["value"]) == ("wall", "3600.0")


def test_a_wall_clock_that_went_back_over_a_restart_makes_an_incubation_longer_not_shorter(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("incubate", at_least="1h"))
    walk.do(c.StartTimer("incubate"))
    walk.clock.jump(-7200)
    walk.clock.reboot()
    walk.clock.advance(3600)
    assert walk.refused(c.EndTimer("incubate")) == "too-early"


# -- timers with a maximum ---------------------------------------------------------------------------------


def test_a_timer_with_a_maximum_waits_to_be_ended(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet", at_most="10m"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(180)
    assert walk.tick() == []
    assert walk.look("wet") is Look.WAITING
    walk.clock.advance(420)
    assert walk.tick() == []
    walk.do(c.EndTimer("wet"))
    assert walk.last("step.done")["value"] == "600.0"
    assert walk.step("wet").by == "u_anna"


@pytest.mark.parametrize("by_hand", [True, False])
def test_past_its_maximum_a_timer_has_failed_and_begins_anew_after_a_remedy(kit: Kit, by_hand: bool) -> None:
    walk = kit.walk(kit.a.timer("wet", at_most="10m"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(600.001)
    walk.do(c.EndTimer("wet") if by_hand else c.Tick())
    assert walk.last("step.attempted") == {"value": "600.0", "unit": "s", "input": "sensed", "verdict": "fail"}
    assert walk.tick() == []
    assert walk.refused(c.StartTimer("wet")) == "owed"
    walk.remark("wet", "wetted again")
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(200)
    walk.do(c.EndTimer("wet"))
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}


def test_sleep_counts_towards_a_maximum(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet", at_most="10m"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(60)
    walk.clock.suspend(541)
    assert walk.tick() == ["step.attempted"]
    assert walk.last("step.attempted")["value"] == "601.0"


def test_a_wall_clock_set_back_does_not_stretch_a_maximum(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet", at_most="10m"))
    walk.do(c.StartTimer("wet"))
    walk.clock.jump(-86_400)
    walk.clock.advance(601)
    assert walk.tick() == ["step.attempted"]


def test_a_long_timer_over_a_restart_is_over_by_the_wall_clock(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("incubate", at_least="1h", at_most="2h", on_fail={"stop": True}))
    walk.do(c.StartTimer("incubate"))
    walk.clock.reboot(7201)
    assert walk.tick() == ["step.attempted", "step.failed", "run.completed"]
    assert walk.step("incubate").by == "u_anna", "the start names the person; the program only told the end"


def test_a_timer_goes_on_while_the_run_is_paused(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"), kit.a.confirm("end"))
    walk.do(c.StartTimer("wet"))
    walk.do(c.Pause())
    walk.clock.advance(180)
    assert walk.tick() == ["step.done"]
    assert walk.state.paused
    assert walk.refused(c.Confirm("end")) == "paused"


def test_leaving_a_running_timer_out_or_correcting_it_forgets_its_start(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet"), kit.a.confirm("end"))
    walk.do(c.StartTimer("wet"))
    walk.do(c.Defer("wet", "2026-11-23", kit.because))
    walk.do(c.Confirm("end"))
    walk.clock.advance(600)
    walk.do(c.Resume())
    assert walk.tick() == []
    assert walk.refused(c.EndTimer("wet")) == "not-started"
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(180)
    walk.tick()
    walk.do(c.Correct("wet", kit.mistake))
    assert walk.refused(c.EndTimer("wet")) == "not-started"
    assert walk.status("wet") is Status.CURRENT


# -- the functions themselves ------------------------------------------------------------------------------


def moment(at: str = "2026-11-22T10:00:00.000000Z", boot: str = "b", mono: int = 0, through: int = 0) -> Moment:
    return Moment(at, "Europe/Berlin", boot, mono, through)


def test_a_value_of_the_profile_has_no_length_before_it_is_known() -> None:
    assert milliseconds(Duration.parse("90s")) == 90_000
    with pytest.raises(TypeError, match="rest-time"):
        milliseconds(ProfileRef("rest-time"))


def test_the_clinics_calendar_day_is_not_that_of_greenwich() -> None:
    assert calendar_day(moment("2026-11-22T22:59:59.999999Z")) == date(2026, 11, 22)
    assert calendar_day(moment("2026-11-22T23:00:00.000000Z")) == date(2026, 11, 23)
    assert calendar_day(moment("2026-07-22T22:00:00.000000Z")) == date(2026, 7, 23)


def test_validity_is_a_duration_or_the_rest_of_the_clinics_day() -> None:
    start = moment("2026-10-24T23:30:00.000000Z")  # 01:30 in Berlin on the day that has 25 hours
    assert expires_at(start, Duration.parse("4h")) == datetime(2026, 10, 25, 3, 30, tzinfo=UTC)
    assert expires_at(start, "today") == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert expires_at(moment("2026-12-31T12:00:00.000000Z"), "today") == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_time_between_two_boots_goes_by_the_wall_and_is_never_negative() -> None:
    start, later = moment(mono=500_000), moment("2026-11-22T10:00:01.500000Z", "other", 10)
    assert elapsed_ms(start, later) == 1_500
    assert elapsed_ms(later, start) == 0
    assert wall_ms(later, start) == -1_500
    assert elapsed_ms(moment(mono=10), moment(mono=5)) == 0


clocks = st.integers(min_value=0, max_value=10 * LONG_TIMER_MS)


@given(clocks, clocks, clocks, st.one_of(st.none(), clocks), st.booleans())
def test_a_timer_is_ready_only_after_its_minimum_and_over_only_after_its_maximum(
    awake: int, asleep: int, least: int, more: int | None, rebooted: bool
) -> None:
    most = None if more is None else least + more
    start = moment()
    end = moment("2026-11-22T14:00:00.000000Z", "c" if rebooted else "b", awake, awake + asleep)
    timer = read_timer(start, least, most, end)
    assert timer.left_ms >= 0
    assert timer.elapsed_ms >= 0
    if rebooted:
        assert (timer.phase is Phase.LOST) is (least < LONG_TIMER_MS)
        assert timer.by_wall is (timer.phase is not Phase.LOST)
    else:
        over = most is not None and awake + asleep > most
        assert (timer.phase is Phase.OVER) is over
        assert (timer.phase is Phase.READY) is (not over and awake >= least)
    assert (timer.left_ms == 0) is (timer.phase in {Phase.READY, Phase.OVER} or least == 0)
