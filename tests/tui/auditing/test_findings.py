"""What to look at: by rule, one by one, and the review that comes after the looking."""

from collections.abc import Callable
from typing import Any

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.ledger.entry import Draft, Json
from tests.support.audited import overridden


async def finding(nurse: Any, log: Callable[..., Any]) -> None:
    """The newest of what the rule of credible times points at."""
    await log(nurse)
    await nurse.press("f2")
    await nurse.sees(" wait, ")
    while "too-fast" not in nurse.desk.face.chosen:
        await nurse.press("down")
    await nurse.press("enter")
    await nurse.sees("FINDINGS   too-fast")
    await nurse.press("enter")
    await nurse.sees("WHAT MAY HONESTLY ACCOUNT FOR IT")


async def test_a_lead_reviews_only_what_was_opened_and_the_record_says_for_how_long(
    station: Callable[..., Any], folder: Folder, runs: list[str], log: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await finding(nurse, log)
        await nurse.press("f3")
        await nurse.sees("Open what was flagged first")
        await nurse.press("enter")
        await nurse.sees(f"RUN {runs[-1]}")
        await nurse.press("escape", "f3")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("REVIEW OF too-fast")
        await nurse.type("the door has a spring")
        await nurse.press("enter", "enter")
        await nurse.sees("The review is recorded")
        await nurse.press("escape")
        await nurse.sees("FINDINGS   too-fast")
        assert nurse.text().count(runs[-1]) == 0
        await nurse.press("escape")
        await nurse.sees("1 were looked at")
    with Clinic.open(folder) as clinic:
        (review,) = clinic.ledger.entries_of_kind("reviewed")
        assert review.data["rule"] == "too-fast"
        dwell = review.data["dwell_ms"]
        assert isinstance(dwell, int)
        assert dwell >= 0


async def test_an_auditor_may_only_remark(station: Callable[..., Any], folder: Folder, log: Callable[..., Any]) -> None:
    async with station() as nurse:
        await finding(nurse, log)
        await nurse.press("f4")
        await nurse.sees("ENTRY a#")
        await nurse.press("escape", "f3")
        await nurse.sign_in_as("dora", "five yellow words")
        await nurse.sees("F2 leaves a remark.")
        await nurse.press("f2")
        await nurse.press("1", "enter")
        await nurse.type("seen")
        await nurse.press("enter", "enter")
        await nurse.sees("Recorded, as entry")
    with Clinic.open(folder) as clinic:
        assert clinic.ledger.entries_of_kind("reviewed") == []
        assert len(clinic.ledger.entries_of_kind("remarked")) == 1


async def test_runs_that_no_rule_points_at_have_passed_a_version_and_no_more(
    station: Callable[..., Any], log: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        await nurse.press("f2")
        await nurse.sees("no rule points at them")
        await nurse.press("f2")
        await nurse.sees("THE RULE")
        await nurse.press("escape", "end", "enter")
        await nurse.sees("They have passed the rules of version")


async def test_an_override_waits_in_the_queue_and_whoever_gave_it_does_not_review_it(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any]
) -> None:
    with Clinic.open(folder) as clinic:
        overridden(clinic, ("Anna Berg", "three blue words"), ("Carl Dahl", "four green words"))
    async with station() as nurse:
        await log(nurse)
        await nurse.press("f2")
        await nurse.sees("An override that nobody has reviewed")
        await nurse.press("home")
        while nurse.desk.face.chosen != "override-unreviewed":
            await nurse.press("down")
        await nurse.press("enter", "enter")
        await nurse.sees("was passed though it was not done")
        await nurse.press("enter", "escape", "f3")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.type("it was right")
        await nurse.press("enter", "enter")
        await nurse.sees("Somebody else reviews what you have overridden")


async def test_a_review_of_an_override_is_counted_among_what_was_looked_at(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any]
) -> None:
    with Clinic.open(folder) as clinic:
        run = overridden(clinic, ("Anna Berg", "three blue words"), ("Carl Dahl", "four green words"))
        (place,) = (entry.place for entry in clinic.ledger.run_entries(run) if entry.kind == "step.overridden")
        at = int(place.partition("#")[2])
        of: Json = {"station": "a", "index": at, "leaf": clinic.ledger.entry(at).leaf}
        clinic.record(Draft("reviewed", {"rule": "override", "of": of, "words": "0" * 64}, None, "tui"))
    async with station() as nurse:
        await log(nurse)
        await nurse.press("f2")
        await nurse.sees("1 were looked at")


async def test_who_leaves_a_finding_with_the_lock_leaves_all_of_the_log(
    station: Callable[..., Any], log: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await finding(nurse, log)
        await nurse.press("f4")
        await nurse.sees("ENTRY a#")
        await nurse.press("escape", "f3")
        await nurse.sign_in_as("dora", "five yellow words")
        await nurse.sees("F2 leaves a remark.")
        await nurse.press("f7")
        await nurse.sees("BOARD")
        await nurse.idle()
        assert "The log was left" not in nurse.text()
