"""The rules for people: each finds what it is about and nothing else, and the page says what they are."""

from pathlib import Path

import pytest

from checklist.protocol.errors import Fault
from checklist.protocol.library import shipped, shipped_folder
from checklist.protocol.linting.lint import judged, lint
from checklist.protocol.linting.rule import Rule, whole
from checklist.protocol.linting.ruleset import RULES, page
from checklist.protocol.linting.surroundings import Surroundings
from checklist.protocol.loader import LoadedProtocol, parse

EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


def read(example: str) -> LoadedProtocol:
    """Read an example of a rule."""
    result = parse(whole(example).encode(), name="example.toml")
    assert isinstance(result, LoadedProtocol), result
    return result


def told(rule: Rule, example: str) -> list[Fault]:
    """What is said about an example, beside the shipped protocols and the text before it."""
    before = {"example": read(rule.before)} if rule.before else {}
    around = Surroundings(frozenset(shipped()), before, held=frozenset())
    return judged(read(example), "example.toml", around)


@EVERY_RULE
def test_the_bad_example_breaks_this_rule_alone(rule: Rule) -> None:
    (fault,) = told(rule, rule.bad)
    assert (fault.rule, fault.severity) == (rule.id, rule.level)
    assert fault.line > 1
    assert fault.message
    assert fault.fix


@EVERY_RULE
def test_the_good_example_breaks_none(rule: Rule) -> None:
    assert told(rule, rule.good) == []


@EVERY_RULE
def test_every_rule_says_why_and_who_says_so(rule: Rule) -> None:
    assert rule.why
    assert rule.source
    assert f"## {rule.id}\n" in page()


def test_the_page_beside_the_protocols_is_the_one_that_is_printed() -> None:
    # After a change: checklist protocol lint --rules > protocols/RULES.md
    assert (shipped_folder() / "RULES.md").read_text(encoding="utf-8") == page()


def test_the_shipped_library_breaks_no_rule() -> None:
    found = lint([shipped_folder()], Surroundings(known=frozenset()))
    assert [str(fault) for fault in found] == []


def test_a_text_read_from_the_shipped_library_follows_itself(tmp_path: Path) -> None:
    spill = shipped()["spill"]
    (tmp_path / "spill.toml").write_bytes(spill.data + b"\n# a remark changes nothing that is walked\n")
    assert lint([tmp_path], Surroundings(before={"spill": spill})) == []
