"""The rules by themselves: each is explained, blames nobody, keeps still in an honest year and sees what is planted."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from checklist.audit.rules.rule import Rule
from checklist.audit.rules.ruleset import CHECKS, RULES, VERSION, explained, page
from tests.support.invented import CONTEXT
from tests.support.planted import PLANTS, judged

HANDED_IN = {"views-differ", "attributed-without", "tampered", "closed-day-worked"}
GUILT = re.compile(r"\b(fraud|cheat|guilt|lied|liar|forge|fake|dishonest|suspect|culprit|falsif)", re.IGNORECASE)


def test_every_rule_says_all_there_is_to_say() -> None:
    assert len(RULES) == len(CHECKS) >= 22
    for rule in RULES.values():
        texts = {each.name: getattr(rule, each.name) for each in fields(Rule)}
        assert all(texts.values()), rule.id
        assert re.fullmatch(r"[a-z][a-z0-9-]*", rule.id)
        assert all(text in explained(rule) for text in texts.values())


def test_what_must_be_acted_on_is_told_first() -> None:
    severities = [check.rule.severity for check in CHECKS]
    assert severities == sorted(severities)
    assert set(severities) == {"act", "look"}


def test_the_page_of_rules_is_the_one_in_the_documents() -> None:
    told = Path(__file__).parents[3] / "docs" / "findings.md"
    assert told.read_text(encoding="utf-8") == page()
    assert VERSION in page()


def test_no_rule_speaks_of_guilt() -> None:
    assert not GUILT.search(page())
    assert not any(GUILT.search(one.why) for one in judged(1, fraud=True).found)


def test_every_rule_has_something_planted() -> None:
    assert {rule for rule, _ in PLANTS.values()} | HANDED_IN == set(RULES)


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found_where_it_is(name: str) -> None:
    assert all(judged(1, fraud=True).places(name))
    assert judged(1, fraud=False).of(PLANTS[name][0]) == []


def test_what_only_the_clinic_knows_is_told_as_it_is_handed_in() -> None:
    year = judged(1, fraud=False)
    context = replace(
        CONTEXT,
        views_differ=("the table run differs",),
        attributed_without={7: "had no role"},
        tampered=((9, "it is another"), (None, "a file is missing")),
        closed=frozenset({"2026-01-05", "2026-01-11"}),
        planned=frozenset({"day-open"}),
    )
    told = {check.rule.id: [*check.find(year.db, context)] for check in CHECKS if check.rule.id in HANDED_IN}
    assert [(one.n, one.run, one.why) for one in told["views-differ"]] == [(None, None, "the table run differs")]
    assert [(one.n, one.run, one.why) for one in told["attributed-without"]] == [(7, 7, "had no role")]
    assert [(one.n, one.why) for one in told["tampered"]] == [(9, "it is another"), (None, "a file is missing")]
    opened = year.db.execute("SELECT n FROM run WHERE day = '2026-01-05' AND protocol = 'day-open'").fetchall()
    assert [(one.n,) for one in told["closed-day-worked"]] == opened
    assert "a run of the plan's own protocols on 2026-01-05" in told["closed-day-worked"][0].why
