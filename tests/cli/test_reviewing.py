"""`checklist review`: what waits, whole before the eyes of a lead, and what came of it; and what nothing points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.audit.rules.ruleset import RULES, VERSION
from tests.support.freezer import BEN, BENS, LEA, LEAS, SECRET_WORDS
from tests.support.in_process import at_a_terminal
from tests.support.outside import leaves, opened

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, SecretFile, Who


def rules(run: Run) -> dict[str, int]:
    answer = run("review", "--json")
    found = {each["rule"]: each["count"] for each in answer.data["rules"]}
    assert answer.code == (1 if found or answer.data["questions"] else 0)
    return found


@pytest.fixture
def quick(run: Run, frozen: Path) -> str:
    """The name of something that waits."""
    assert frozen.is_dir()
    return str(run("review", "too-fast", "--json").data[-1]["finding"])


def test_what_waits_is_listed_by_rule_and_by_name(run: Run, quick: str) -> None:
    found = rules(run)
    assert (found["too-fast"], found["override-unreviewed"]) == (3, 1)
    lines = run("review").out.splitlines()
    assert any(line.split()[:3] == ["3", "look", "too-fast"] for line in lines)
    assert quick.startswith("too-fast@a#")
    listed = run("review", "too-fast")
    assert listed.code == 1
    assert any(line.startswith(f"{quick}  ") and "at least 60 s" in line for line in listed.out.splitlines())
    none = run("review", "cloned-run")
    assert (none.code, "Nothing waits" in none.out) == (0, True)


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("line", [("review", "to-fast"), ("findings", "--rule", "to-fast"), ("log", "finding:to-fast")])
def test_a_rule_that_there_is_not_is_refused_with_those_that_are_spelled_like_it(
    run: Run, line: tuple[str, ...]
) -> None:
    assert "There is no rule “to-fast”; did you mean too-fast?" in run(*line).told
    assert "there are: tampered, override-unreviewed, " in run(*line[:-1], line[-1].replace("to-fast", "x")).told


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("called", ["override", "override-unreviewed"])
def test_what_the_record_calls_a_rule_is_another_word_for_its_name(run: Run, called: str) -> None:
    (waits,) = run("review", called, "--json").data
    assert waits["finding"] == f"override-unreviewed@{waits['entry']}"
    assert run("findings", "--rule", called).code in (0, 1)
    assert run("log", f"finding:{called}").err == "Nothing matches “finding:override-unreviewed”.\n"


def test_a_lead_sees_the_whole_story_and_says_what_came_of_it(run: Run, frozen: Path, quick: str, lea: Who) -> None:
    before = leaves(frozen)
    answer = run("review", quick, "asked", "Ben:", "the", "seal", "is", "new", "--seen", *lea)
    assert answer.code == 0, answer
    assert "Run a#" in answer.err
    assert SECRET_WORDS in answer.err
    after = leaves(frozen)
    assert [leaf.raw for leaf in after[: len(before)]] == [leaf.raw for leaf in before]
    (entry,) = leaves(frozen, "reviewed")
    place = quick.partition("@")[2]
    about = before[int(place.partition("#")[2])]
    assert entry.data["rule"] == "too-fast"
    assert entry.data["of"] == {"station": "a", "index": about.index, "leaf": about.hash}
    assert "dwell_ms" not in entry.data, "nobody read it here"
    assert f"Reviewed: {quick}, not read on a screen, as entry a#{entry.index} says." in answer.out
    assert opened(frozen, entry.data["words"]) == {"words": "asked Ben: the seal is new"}
    assert rules(run)["too-fast"] == 2
    assert "Nothing waits that is called" in run("review", quick, "again", "--seen", *lea).err
    story = run("show", about.fields["run"]).out
    assert f"At {place}: review of too-fast (a#{entry.index}) by {LEA}, who had a hand in it, 20" in story
    assert ", not read on a screen: asked Ben: the seal is new\n" in story
    assert f"(reviewed by {LEA}, not read on a screen)" in run("findings", "--all", "--rule", "too-fast").out
    (looked,) = [one["looked"] for one in run("findings", "--all", "--json").data if one["looked"]]
    assert (looked["dwell_ms"], looked["shown"]) == (None, "not read on a screen")
    assert ", not read on a screen: asked Ben" in run("log", f"run:{about.fields['run']}").out
    assert run("verify").code == 0


def test_at_a_terminal_it_asks_after_it_has_shown(frozen: Path, run: Run, quick: str) -> None:
    proved = [("Your secret: ", LEAS)]
    left = at_a_terminal(["review", quick, "--as", LEA], [*proved, ("What came of it: ", "ok"), ("Record it", "no")])
    assert left.code == 2
    assert "Nothing was recorded." in left.text
    assert leaves(frozen, "reviewed") == []
    done = at_a_terminal(
        ["review", quick, "--as", LEA], [*proved, ("What came of it: ", "all is well"), ("Record it", "yes")]
    )
    assert done.code == 0, done.text
    assert done.text.index("Run a#") < done.text.index("What came of it: ")
    seen = run("review", "too-fast", "--json").data[-1]["finding"]
    quiet = at_a_terminal(["review", seen, "well", "--seen", "--as", LEA], proved)
    assert quiet.code == 0, quiet.text
    assert [leaf.fields["via"] for leaf in leaves(frozen, "reviewed")] == ["line", "line"]
    shown, elsewhere = leaves(frozen, "reviewed")
    assert shown.data["dwell_ms"] >= 0
    assert "dwell_ms" not in elsewhere.data
    assert ", shown for 0." in run("show", "a#{index}".format(**shown.data["of"])).out


def test_without_a_terminal_whoever_reviews_says_that_they_read_it_elsewhere(
    run: Run, frozen: Path, quick: str, lea: Who
) -> None:
    answer = run("review", quick, "all", "fine", *lea)
    assert answer.code == 2
    assert "--seen says that it was read elsewhere" in answer.err
    assert leaves(frozen, "reviewed") == []


def test_an_override_is_reviewed_by_its_name_by_somebody_who_did_not_give_it(
    run: Run, frozen: Path, lea: Who, secret_file: SecretFile
) -> None:
    (override,) = run("review", "override", "--json").data
    assert "shut" in override["why"]
    assert "Somebody else reviews" in run("review", override["finding"], "fine", "--seen", *lea).err
    ben = ("--as", BEN, "--secret-file", secret_file(BENS))
    assert "lead" in run("review", override["entry"], "fine", "--seen", *ben).err
    added = ("people", "add", "--name", "Cleo", "--role", "lead", "--new-secret-file", secret_file("six green bottles"))
    assert run(*added, *lea).code == 0
    cleo = ("--as", "Cleo", "--secret-file", secret_file("six green bottles"))
    assert run("review", override["finding"], "the hinge is mended", "--seen", *cleo).code == 0
    assert "override-unreviewed" not in rules(run)
    (entry,) = leaves(frozen, "reviewed")
    assert (entry.data["rule"], "dwell_ms" in entry.data) == ("override", False)


def test_an_auditor_does_not_review_and_empty_or_unknown_is_refused(
    run: Run, frozen: Path, quick: str, lea: Who, otto: Who
) -> None:
    assert "lead" in run("review", quick, "fine", "--seen", *otto).err
    for wrong in ([quick], [quick, " "], [], ["x@a#1", "y"], ["a#99999", "y"], [quick, "x" * 600], ["--clean", quick]):
        assert run("review", *wrong, "--seen", *lea).code == 2, wrong
    assert leaves(frozen, "reviewed") == []


def test_questions_wait_until_they_are_answered(run: Run, frozen: Path, otto: Who, lea: Who) -> None:
    (started, *_) = leaves(frozen, "run.started")
    about = f"a#{started.index}"
    asked = run("remark", "--asks", about, "Why", "so", "quick?", *otto)
    assert asked.code == 0
    place = asked.out.split()[-1].rstrip(".")
    (question,) = run("review", "--json").data["questions"]
    assert (question["entry"], question["of"], question["words"]) == (place, about, "Why so quick?")
    assert f"checklist remark --answers {place} WORDS" in run("review").out
    assert "Nobody asks anything" in run("remark", "--answers", about, "because", *lea).told
    assert "not both" in run("remark", "--asks", "--answers", place, "because", *lea).told
    assert run("remark", "--answers", place, "It", "was", "new.", *lea).code == 0
    assert run("review", "--json").data["questions"] == []
    told = run("show", about, "--json").data["remarks"]
    assert [(one["about"], one["words"]) for one in told] == [("question", "Why so quick?"), ("answer", "It was new.")]
    lines = run("log").out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"    question ({place}) by Otto Oak"))
    assert lines[at - 1].startswith(f"{about} ")
    assert "answer (a#" in lines[at + 1]
    assert b"so quick" not in (frozen / "ledger.db").read_bytes()


@pytest.mark.usefixtures("frozen")
def test_what_nothing_points_at_has_passed_the_rules_and_no_more_is_said(run: Run) -> None:
    told = run("review", "--clean")
    assert told.code == 0
    assert f"passed {len(RULES)} rules in version {VERSION}" in told.out
    assert "verified" not in told.out
    data = run("review", "--clean", "--json").data
    assert (data["rules"], data["version"], data["runs"]) == ([*RULES], VERSION, [])
