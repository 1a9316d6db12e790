"""What a lead reads before adopting a changed procedure: what the gate asks no more stands first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from checklist.clinic.texts.procedures import shipped_procedures
from checklist.gate.diff import as_text, diff
from checklist.gate.procedure import LoadedProcedure, Procedure
from checklist.gate.reading import parse

if TYPE_CHECKING:
    from checklist.protocol.comparing.changes import Change

TEXT: Final = """\
[procedure]
id = "peel"
title = "Peel"
version = "1.0.0"

[[requires]]
id = "room"
protocol = "room-turnover"
same = ["room", "session"]
within = "4h"
tolerates = ["photo"]

[[requires]]
id = "packs"
identifier = "pack"
state = "released"

[[requires]]
id = "may"
credential = "peels"
attribute = { depth = { at_most = 2 }, years = { at_least = 1 } }

[[requires]]
id = "consent"
answer = { protocol = "screen", step = "consent", is = ["given"] }

[[closes]]
id = "shut"
none_open = ["spill", "fall"]
"""


def procedure(text: str) -> Procedure:
    found = parse(text.encode(), name="peel.toml")
    assert isinstance(found, LoadedProcedure), found
    return found.procedure


def changed(old: str, new: str) -> tuple[Change, ...]:
    assert old in TEXT
    return diff(procedure(TEXT), procedure(TEXT.replace(old, new, 1)))


PACKS: Final = '[[requires]]\nid = "packs"\nidentifier = "pack"\nstate = "released"\n'


@pytest.mark.parametrize(
    ("old", "new", "step", "words", "weight"),
    [
        (PACKS, "", "packs", "was taken out: every pack that is used may be used, released", "looser"),
        ("[[closes]]", PACKS.replace("packs", "more") + "[[closes]]", "more", "is new, before the start: ", "stricter"),
        ('[[requires]]\nid = "packs"', '[[closes]]\nid = "packs"', "packs", "before the start → before", "looser"),
        ('"4h"', '"8h"', "room", "done within: 4 h → 8 h", "looser"),
        ('"4h"', '"2h"', "room", "done within: 4 h → 2 h", "stricter"),
        ('within = "4h"\n', "", "room", "4 h → no limit of its own", "looser"),
        ('["photo"]', '["photo", "wash"]', "room", "may now be left out, put off or overridden: wash", "looser"),
        ('tolerates = ["photo"]\n', "", "room", "may no longer be left out, put off or overridden: photo", "stricter"),
        ('["room", "session"]', '["room"]', "room", "need no longer be of the same: session", "looser"),
        ('["photo"]', '["photo"]\nthrough = "wipe"', "room", "counts from: its end → the step “wipe”", "looser"),
        ('state = "released"\n', "", "packs", "must be: released → nothing speaks against it", "looser"),
        ('state = "released"', "may_be_none = true", "packs", "is now met where there is none", "looser"),
        ("at_most = 2", "at_most = 3", "may", "depth at most 2 → depth at most 3", "looser"),
        ("at_least = 1", "at_least = 2", "may", "years at least 1 → years at least 2", "stricter"),
        (", years = { at_least = 1 }", "", "may", "need no longer say: years at least 1", "looser"),
        ('["given"]', '["given", "later"]', "consent", "an answer that is now enough: later", "looser"),
        ('["spill", "fall"]', '["spill"]', "shut", "something may now be open of: fall", "looser"),
        ('none_open = ["spill", "fall"]', "cleared = true", "shut", "asks for something else", "other"),
        ('"1.0.0"', '"1.1.0"', None, "Version: 1.0.0 → 1.1.0", "other"),
    ],
)
def test_each_change_is_said_in_clinical_words(old: str, new: str, step: str | None, words: str, weight: str) -> None:
    found = changed(old, new)
    assert any(each.step == step and words in each.text and each.weight == weight for each in found), found


def test_the_loosest_stands_first_and_nothing_is_said_of_what_is_the_same() -> None:
    text = TEXT.replace("4h", "8h").replace("1.0.0", "1.1.0").replace("at_least = 1", "at_least = 2")
    assert [each.weight for each in diff(procedure(TEXT), procedure(text))] == ["looser", "stricter", "other"]
    for one in shipped_procedures().values():
        assert diff(one.procedure, one.procedure) == ()


def test_no_requirement_goes_or_comes_in_silence() -> None:
    """Of every shipped procedure: one requirement fewer, one more, and another order."""
    for one in (each.procedure for each in shipped_procedures().values()):
        for index, gone in enumerate(one.requires):
            less = replace(one, requires=one.requires[:index] + one.requires[index + 1 :])
            assert [(each.step, each.weight) for each in diff(one, less)] == [(gone.id, "looser")]
            assert [(each.step, each.weight) for each in diff(less, one)] == [(gone.id, "stricter")]
            assert f"[{gone.id}]" in as_text(one)
        assert [each.weight for each in diff(one, replace(one, requires=one.requires[::-1]))] == ["other"]
