"""Timers and validity: no clock that somebody can set shortens a minimum or stretches a maximum."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
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
    Bounds,
    Phase,
    calendar_day,
    elapsed_ms,
    expires_at,
    milliseconds,
    read_timer,
    time_read,
    wall_ms,
)

if TYPE_CHECKING:
    from tests.run.conftest import Kit, Walk


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


# -- timers that a reading binds ---------------------------------------------------------------------------


def labelled(kit: Kit, read: str, unit: str = "s", **more: object) -> Walk:
    """A label whose time is read, and a timer that lasts as long at least: 30 s to 15 min by itself."""
    label = kit.a.measure("label", unit=unit, limit=None, expected={"min": 1, "max": 9999}, decimals=1)
    timer = kit.a.timer("wet", **{"at_least": "30s", "at_most": "15m", "at_least_as": "label", **more})
    walk = kit.walk(label, timer, kit.a.confirm("end"), kit.a.sign("signed"), by=kit.staff.lea)
    walk.give("label", read)
    return walk


@pytest.mark.parametrize(
    ("read", "unit", "least", "most"),
    [
        ("60", "s", 60, 930),  # the longest time moves by as much as the shortest
        ("1.5", "min", 90, 960),
        ("10", "s", 30, 900),  # the floor counts
        ("899", "s", 899, 1769),
        ("900", "s", 900, 1770),
        ("20", "min", 1200, 2070),
    ],
)
def test_a_timer_lasts_as_long_as_the_label_says(kit: Kit, read: str, unit: str, least: int, most: int) -> None:
    walk = labelled(kit, read, unit)
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(least - 0.1)
    assert walk.refused(c.EndTimer("wet")) == "too-early"
    walk.clock.advance(0.1 + most - least)
    walk.do(c.EndTimer("wet"))
    assert walk.last("step.done")["value"] == f"{most}.0"


@pytest.mark.parametrize(("read", "most"), [("10", 900), ("899", 1769), ("1200", 2070)])
def test_past_the_longest_time_that_a_label_has_moved_a_timer_has_failed(kit: Kit, read: str, most: int) -> None:
    walk = labelled(kit, read)
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(most)
    assert walk.tick() == []
    walk.clock.advance(0.001)
    assert walk.tick() == ["step.attempted"]


def test_a_timer_that_ends_by_itself_waits_for_the_label_too(kit: Kit) -> None:
    walk = labelled(kit, "60", at_most=None)
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(59.9)
    assert walk.tick() == []
    walk.clock.advance(0.1)
    assert walk.tick() == ["step.done"]


def test_a_label_that_was_left_out_or_does_not_apply_leaves_the_floor(kit: Kit) -> None:
    asked = {"when": {"step": "route", "is": "half turned"}}
    label = kit.a.measure("label", unit="s", limit=None, expected={"min": 1}, **asked)
    for answer in ("turned", "half turned"):
        walk = kit.walk(kit.a.choice("route"), label, kit.a.timer("wet", at_least="30s", at_least_as="label"))
        walk.give("route", answer)
        if answer == "half turned":
            walk.do(c.Skip("label", kit.because))
        walk.do(c.StartTimer("wet"))
        walk.clock.advance(30)
        assert walk.tick()[0] == "step.done"


def test_a_label_corrected_while_the_timer_runs_counts_at_once(kit: Kit) -> None:
    walk = labelled(kit, "60")
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(61)
    walk.do(c.Correct("label", kit.mistake))
    walk.give("label", "120")
    assert walk.refused(c.EndTimer("wet")) == "too-early"
    walk.clock.advance(59)
    walk.do(c.EndTimer("wet"))
    assert walk.last("step.done")["value"] == "120.0"


def test_a_label_corrected_to_more_than_the_timer_ran_opens_it_again(kit: Kit) -> None:
    walk = labelled(kit, "30")
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(34)
    walk.do(c.EndTimer("wet"))
    walk.do(c.Confirm("end"))
    walk.do(c.Sign("signed", kit.staff.lea.person, "released", "name"))
    assert walk.state.outcome is Outcome.COMPLETE
    walk.do(c.Correct("label", kit.mistake))
    assert [entry.kind for entry in walk.give("label", "60")] == ["step.done", "step.corrected"]
    assert (walk.last("step.corrected")["was"], walk.last("step.corrected")["reason"]) == ("34.0", "mistake")
    assert (walk.at, walk.status("signed")) == ("wet", Status.PENDING)
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(60)
    walk.do(c.EndTimer("wet"))
    assert walk.step("wet").deviates
    assert walk.at == "signed"


def test_nobody_unsigned_reads_a_longer_time_where_a_second_person_has_seen_the_timer_end(kit: Kit) -> None:
    label = kit.a.measure("label", unit="s", limit=None, expected={"min": 1}, decimals=0)
    timer = kit.a.timer("wet", at_least="30s", at_least_as="label")
    steps = (label, timer, kit.a.witness("seen", "wet"), kit.a.confirm("end"))
    walk = kit.walk(*steps, by=kit.staff.nobody, category="emergency")
    walk.give("label", "30")
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(34)
    walk.tick()
    walk.do(c.Witness("seen", kit.staff.ben.person, None))
    assert walk.refused(c.Correct("label", kit.mistake)) == "sign-in"


@pytest.mark.parametrize("read", ["20", "34", "34.0"])
def test_a_label_corrected_to_what_the_timer_ran_opens_nothing(kit: Kit, read: str) -> None:
    walk = labelled(kit, "30")
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(34)
    walk.do(c.EndTimer("wet"))
    walk.do(c.Correct("label", kit.mistake))
    walk.give("label", read)
    assert walk.at == "end"


@pytest.mark.parametrize(("value", "unit"), [("soon", "s"), (None, "s"), ("60", "h"), ({"lot": "A"}, "s")])
def test_what_is_no_time_binds_no_timer(value: object, unit: str) -> None:
    assert time_read(value, unit) == 0


@pytest.mark.parametrize(
    ("most", "seconds", "words"),
    [
        (600, "90", "too short: it takes at least 2 minutes"),
        (600, "1500", "too long: it takes at most 10 minutes"),
        (600, "600.0", "too long: it takes at most 10 minutes"),
        (None, "90", "too short: it takes at least 2 minutes"),
        (None, "1500", ""),
        (600, "300", ""),
    ],
)
def test_a_time_is_too_short_or_too_long_and_never_either(most: int | None, seconds: str, words: str) -> None:
    bounds = Bounds(120_000, most and most * 1000)
    assert bounds.off_words(Decimal(seconds)) == words


def test_a_time_in_words_is_as_short_as_it_can_be() -> None:
    told = [Bounds(ms, None).off_words(Decimal(0)) for ms in (1_000, 59_001, 60_000, 61_000, 3_600_000)]
    shortest = [each.removeprefix("too short: it takes at least ") for each in told]
    assert shortest == ["1 second", "1 minute", "1 minute", "61 seconds", "1 hour"]


@given(st.integers(1, 7200), st.none() | st.integers(1, 7200), st.integers(0, 20_000))
def test_a_reading_never_shortens_a_timer_and_never_leaves_it_no_time_to_end(
    least: int, room: int | None, read: int
) -> None:
    own = Bounds(least * 1000, None if room is None else (least + room) * 1000)
    bound = own.with_reading(read * 1000)
    assert bound.least == max(own.least, read * 1000)
    if own.most is None or bound.most is None:
        assert own.most is bound.most
    else:
        assert own.most <= bound.most > bound.least


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
    timer = read_timer(start, Bounds(least, most), end)
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
