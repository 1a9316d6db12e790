"""The lines of stories and of findings at 80 cells: what is to be read is not cut off."""

from __future__ import annotations

from checklist.audit.rules.ruleset import RULES
from checklist.tui.auditing.findings import group_item
from checklist.tui.auditing.findings_reads import Group
from checklist.tui.auditing.story_reads import Elsewhere
from checklist.tui.auditing.story_rows import elsewhere_items

NARROW = 78


def test_every_rule_is_named_whole_in_the_list_of_findings_with_its_newest_day() -> None:
    for rule in RULES.values():
        for width in (NARROW, 118):
            item = group_item(Group(rule.id, True, 1234, "2027-01-01", "2027-03-31", rule.title, "", "", "", ""), width)
            assert rule.title in item.text.plain
            assert "2027-03-31" in item.text.plain
            assert "1,234" in item.text.plain


def test_the_same_step_elsewhere_shows_the_time_the_tries_and_who() -> None:
    one = Elsewhere(7, "a#7", "", "done", "not turned", None, 249.0, 2, "Dr. Dan Muster", "session=a-1")
    (here,) = elsewhere_items([one], 7, ["2027-03-31 09:00"], NARROW)
    (other,) = elsewhere_items([one], 8, ["2027-03-31 09:00"], NARROW)
    for item in (here, other):
        assert "4 min 9 s  2 tries" in item.text.plain
        assert item.text.cell_length <= NARROW
    assert "not turned" in other.text.plain
    assert "Dr. Dan Muster" in other.text.plain
    assert "HERE" in here.text.plain
    assert "HERE" not in other.text.plain
