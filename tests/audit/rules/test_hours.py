"""Odd hours are told by what the record has of others; paper is weighed against all runs of the same 30 days."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from checklist.audit.findings import judge
from tests.support.invented import CONTEXT, honest_year, laid_out
from tests.support.planted import judged


def test_an_evening_of_paper_is_weighed_against_the_whole_month_not_against_itself() -> None:
    year = honest_year(4, turnovers=4, loads=0)
    runs = year.of("room-turnover")
    last = runs[len(runs) // 2]
    evening = runs[len(runs) // 2 - 11 : len(runs) // 2 + 1]
    for minutes, run in enumerate(evening):
        run.via, run.at = "transcribed", last.at + timedelta(minutes=minutes)
    db = laid_out(year)
    since = f"{evening[-1].at - timedelta(days=30):%Y-%m-%dT%H:%M}"
    count = "SELECT count(*) FROM run WHERE protocol = 'room-turnover' AND at BETWEEN ? AND ?"
    ((whole,),) = db.execute(count, (since, f"{evening[-1].at:%Y-%m-%dT%H:%M:%S.%fZ}"))
    assert whole > 5 * len(evening)
    assert [one.why for one in judge(db, CONTEXT) if one.rule == "entered-late"] == []


@pytest.mark.parametrize(("every", "found"), [(4, True), (6, False)])
def test_a_habit_of_paper_names_the_share_of_all_runs(every: int, *, found: bool) -> None:
    year = honest_year(4, turnovers=4, loads=0)
    runs = year.of("room-turnover")
    for run in runs[::every]:
        run.via = "transcribed"
    told = [one for one in judge(laid_out(year), CONTEXT) if one.rule == "entered-late"]
    assert bool(told) is found
    for one in told:
        count, whole = (int(word) for word in one.why.split() if word.isdigit() and word != "30")
        assert f"{count} of all {whole} runs of “room-turnover” in the 30 days up to this one" in one.why
        assert whole - every <= every * count <= whole + every


def test_an_odd_hour_and_weekday_is_said_in_numbers_of_runs() -> None:
    told = {one.why for one in judged(1, fraud=True).of("odd-hours")}
    hours = [
        re.search(r"outside the hours in which (\d+) of this clinic's (\d+) runs at the machine are made$", why)
        for why in told
    ]
    weekdays = [
        re.search(r"on a Sunday; (\d+) of this clinic's (\d+) runs at the machine are made on that weekday$", why)
        for why in told
    ]
    assert all(hour or weekday for hour, weekday in zip(hours, weekdays, strict=True))
    assert {0.9 < int(found[1]) / int(found[2]) < 1 for found in hours if found} == {True}
    assert {0 < int(found[1]) / int(found[2]) < 0.1 for found in weekdays if found} == {True}
