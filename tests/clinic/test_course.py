"""A run that was put off, paused, handed over, corrected and left tells all of it, each at its place and in the name
of whoever did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checklist.clinic.record import show
from checklist.clinic.story import Told, said_line, story
from checklist.run import commands as c
from checklist.run.events import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

UNTIL = "2099-01-01T11:00:00Z"


def step_of(clinic: Clinic, run: str, step: str) -> Told:
    return next(each for each in story(clinic, show(clinic, run)).steps if each.id == step)


def key_of(clinic: Clinic, run: str, step: str) -> Mapping[str, Any]:
    steps: Any = show(clinic, run)["steps"]
    found: Mapping[str, Any] = next(each for each in steps if each["id"] == step)
    return found


def test_what_was_put_off_and_done_since_keeps_who_put_it_off_until_when_and_why(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Defer("wash", UNTIL, Reason("not-available", "after the last visit")))
    kit.do(clinic, run, c.Confirm("look"))
    waits = step_of(clinic, run, "wash")
    (put_off,) = key_of(clinic, run, "wash")["put_off"]
    said = "PUT OFF until 2099-01-01 12:00:00 by Lea Linden: not-available: after the last visit"
    assert (waits.state, waits.closing) == ("deferred", ())
    assert (waits.more[0][0], waits.more[0][-1]) == (said, f"entry a#{put_off['entry']}")
    assert len(waits.more) == 1
    assert (put_off["until"], put_off["by"], put_off["reason"]) == (
        UNTIL,
        lea.id,
        "not-available: after the last visit",
    )

    house.clock.advance(3600)
    kit.do(clinic, run, c.Resume(), by="Ben")
    kit.do(clinic, run, c.Confirm("wash"), by="Ben")
    done = step_of(clinic, run, "wash")
    assert done.state == "done"
    assert f"by {ben.name}" in done.closing
    assert not any("not-available" in part for part in done.closing)
    assert [line[0] for line in done.more] == [said]
    assert key_of(clinic, run, "wash")["put_off"] == [put_off]


def test_pauses_and_hand_overs_stand_between_the_steps_where_they_were(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Pause())
    kit.do(clinic, run, c.Resume(), by="Ben")
    before = [line[0] for line in step_of(clinic, run, "look").before]
    assert before == [], "nobody has been at that step yet"
    assert next(line[0] for line in story(clinic, show(clinic, run)).after) == "PAUSED by Lea Linden"
    kit.do(clinic, run, c.Confirm("look"), by="Ben")
    told: Any = show(clinic, run)
    before = [line[0] for line in step_of(clinic, run, "look").before]
    assert before[0] == "PAUSED by Lea Linden"
    assert before[-1] == f"HANDED OVER from Lea Linden to {ben.name}"
    assert step_of(clinic, run, "wash").before == story(clinic, told).after == ()
    assert {each["before"] for each in told["turns"]} == {"look"}
    assert told["ending"]["what"] == "completed"
    assert not any("completed" in each["what"] for each in told["turns"]), "the end itself is told as the outcome"


def test_an_abandoned_run_says_who_left_it_and_why(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    assert show(clinic, run)["ending"] is None
    kit.do(clinic, run, c.Abandon(Reason("interrupted", "wrong room chosen")), by="Lea")
    told: Any = show(clinic, run)
    (line,) = story(clinic, told).head
    assert line.startswith("ABANDONED by Lea Linden, ")
    assert line.endswith(f": interrupted: wrong room chosen (entry a#{told['ending']['entry']})")
    assert told["ending"]["reason"] == "interrupted: wrong room chosen"


def test_a_correction_says_what_was_left_out_before_and_why(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Skip("wash", Reason("not-available", "no soap")))
    assert step_of(clinic, run, "wash").more == (("reason: not-available: no soap",),)
    kit.do(clinic, run, c.Correct("wash", Reason("mistake", "there was some")))
    kit.do(clinic, run, c.Confirm("wash"))
    corrected = step_of(clinic, run, "wash").more
    assert not any(line[0].startswith("reason: ") for line in corrected)
    assert corrected[-1][0] == "CORRECTED: was skipped (not-available: no soap), now done"
    assert "mistake: there was some" in corrected[-1]


def test_a_review_says_for_how_long_it_was_read_or_that_it_was_not_read_here(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    said = {"about": "review", "of": "a#1", "entry": "a#2", "rule": "too-fast", "words": "fine", "own": False}
    said |= {"by": lea.id, "at": "2027-03-31T08:00:00Z"}
    assert "10:00:00, shown for 0.0 s: fine" in said_line(clinic, {**said, "shown": "shown for 0.0 s"})
    assert said_line(clinic, {**said, "shown": ""}).endswith("10:00:00: fine")
