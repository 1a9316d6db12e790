"""Remarks, questions and answers: words at any entry of the record, by anybody here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.audit.queue import Flagged
from checklist.clinic.record import show
from checklist.clinic.remarks import said_about, said_at, unanswered
from checklist.clinic.reviewing import review
from checklist.ledger.entry import Entry
from checklist.people.operator import disabled
from checklist.protocol.text import MAX_VALUE
from checklist.run.reading import Refusal
from tests.support.asked import logged

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import Kit


def remarked(clinic: Clinic, kit: Kit, place: str, words: str, by: str = "Otto") -> Entry:
    found = clinic.remark(place, words, kit.who(clinic, by), "tui")
    assert isinstance(found, Entry), found
    return found


def test_an_auditor_leaves_words_at_a_run(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_short(clinic).run
    entry = remarked(clinic, kit, run, "  Why so fast?\n")
    about = clinic.ledger.entry(int(run.partition("#")[2]))
    assert (entry.kind, entry.actor, entry.run) == ("remarked", kit.who(clinic, "Otto").id, None)
    assert entry.data["of"] == {"station": "a", "index": about.index, "leaf": about.leaf}
    assert clinic.words(str(entry.data["words"])) == "Why so fast?"
    assert [each["index"] for each in logged(clinic, kind="remarked")] == [entry.index]


def test_the_words_themselves_are_not_in_the_record(clinic: Clinic, kit: Kit) -> None:
    remarked(clinic, kit, "a#0", "Frau Müller was here", by="Lea")
    assert b"Frau" not in clinic.folder.ledger.read_bytes()


@pytest.mark.parametrize("place", ["", "a#99999", "b#1", "a", "a#-1", "a#1\x1b[2J", "short"])
def test_where_there_is_no_entry_there_is_no_remark(clinic: Clinic, kit: Kit, place: str) -> None:
    refused = clinic.remark(place, "hm", kit.who(clinic, "Otto"), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "no-entry"
    assert "\x1b" not in refused.message


@pytest.mark.parametrize(("words", "code"), [("", "empty"), (" \n\x00", "empty"), ("x" * (MAX_VALUE + 1), "too-long")])
def test_nothing_and_too_much_are_refused(clinic: Clinic, kit: Kit, words: str, code: str) -> None:
    size = clinic.ledger.size
    refused = clinic.remark("a#0", words, kit.who(clinic, "Otto"), "tui")
    assert isinstance(refused, Refusal)
    assert (refused.code, clinic.ledger.size) == (code, size)


def test_who_was_disabled_leaves_none(clinic: Clinic, kit: Kit) -> None:
    otto = kit.who(clinic, "Otto")
    clinic.record(disabled(otto.id, actor=None, via="tui"))
    refused = clinic.remark("a#0", "hm", otto, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "disabled"


def test_a_question_waits_until_somebody_answers_it(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_short(clinic).run
    otto, lea = kit.who(clinic, "Otto"), kit.who(clinic, "Lea")
    question = clinic.remark(run, "Who was there?", otto, "tui", "question")
    assert isinstance(question, Entry)
    assert question.data["asks"] is True
    assert [(each.entry, each.of, each.words) for each in unanswered(clinic)] == [
        (question.place, run, "Who was there?")
    ]
    for place in (run, "a#99999"):
        refused = clinic.remark(place, "Nobody.", lea, "tui", "answer")
        assert isinstance(refused, Refusal)
        assert refused.code in ("no-question", "no-entry")
    remarked(clinic, kit, question.place, "I wonder, too.", by="Ben")
    assert len(unanswered(clinic)) == 1
    answer = clinic.remark(question.place, "Ben and I.", lea, "tui", "answer")
    assert isinstance(answer, Entry)
    assert answer.data["answers"] is True
    assert unanswered(clinic) == []


def test_what_was_said_stands_under_its_entry_with_its_words_as_long_as_there_are_any(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_short(clinic).run
    otto, lea = kit.who(clinic, "Otto"), kit.who(clinic, "Lea")
    question = clinic.remark(run, "Who?", otto, "tui", "question")
    assert isinstance(question, Entry)
    clinic.remark(question.place, "I.", lea, "tui", "answer")
    late = remarked(clinic, kit, run, "Thank you.")
    quick = Flagged("too-fast", "look", run, None, "2031-03-10", "x")
    seen = review(clinic, quick, "All is well.", clinic.now(), lea, "tui")
    assert isinstance(seen, Entry)
    found = said_at(said_about(clinic), run)
    assert [(each.about, each.words) for each in found] == [
        ("question", "Who?"), ("answer", "I."), ("remark", "Thank you."), ("review", "All is well."),
    ]  # fmt: skip
    assert (found[-1].rule, found[-1].dwell_ms, found[-1].by) == ("too-fast", 0, lea.id)
    assert show(clinic, run)["remarks"] == [each.data() for each in found]
    clinic.people.forget(otto.id, [str(late.data["words"])])
    assert said_at(said_about(clinic), run)[2].words is None
    assert said_at(said_about(clinic), "a#0") == []
