"""What an auditor asks about people, signatures and secrets by 21 CFR 11, section by section.

Each test is named after a section and does what an auditor would do to test it: with the commands of the program on a
folder of its own, and with SQLite, SHA-256 and JSON alone on what the program has left there. What the roles may do
(11.10(d) and (g)) is tried in test_rights_everywhere; what happens at a full screen that is left alone, in tests/tui.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.ledger.entry import Draft
from checklist.run.state import RunState
from tests.support.at_terminal import Person
from tests.support.auditing import ANNA, BEN, CLEO, OTTO, SECRETS, Auditor, made_for_auditor
from tests.support.in_process import at_a_terminal, cheap_secrets
from tests.support.making import copy_of
from tests.support.outside import all_bytes, leaves, opened
from tests.support.text import by_the_clinics_clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cheap_secrets():
        yield made_for_auditor(tmp_path_factory.mktemp("auditor") / "clinic")


@pytest.fixture
def auditor(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Auditor:
    monkeypatch.setenv("CHECKLIST_CLINIC", str(tmp_path / "clinic"))
    return Auditor(copy_of(made, tmp_path))


def without_triggers(root: Path, statement: str, values: tuple[object, ...] = ()) -> None:
    """What somebody does to the file who is not held up by its triggers."""
    with contextlib.closing(sqlite3.connect(root / "ledger.db")) as ledger:
        for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {name}")
        ledger.execute(statement, values)
        ledger.commit()


# -- 21 CFR 11.10 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE idx = 1) WHERE idx = 2",
        "UPDATE entry SET idx = 1000 WHERE idx = 2",
        "DELETE FROM entry WHERE idx = 2",
        "INSERT OR REPLACE INTO entry SELECT idx, id, X'00' FROM entry WHERE idx = 2",
        "REPLACE INTO entry SELECT 1000, id, leaf FROM entry WHERE idx = 2",
        "UPDATE checkpoint SET note = 'another'",
        "DELETE FROM checkpoint",
        "INSERT OR REPLACE INTO checkpoint SELECT size, 'another' FROM checkpoint",
    ],
)
def test_11_10_d_g_nobody_changes_an_entry_with_sql(auditor: Auditor, statement: str) -> None:
    auditor.walks_the_trolley()
    before = leaves(auditor.root)
    with contextlib.closing(sqlite3.connect(auditor.root / "ledger.db")) as ledger:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            ledger.execute(statement)
        ledger.rollback()
    assert leaves(auditor.root) == before
    assert auditor.verified()[0] == 0
    without_triggers(auditor.root, statement)
    code, report = auditor.verified()
    assert (code, report["result"]) == (1, "tampered")


def test_11_10_e_a_correction_keeps_the_old_value_and_says_why(auditor: Auditor) -> None:
    run = auditor.walks_the_trolley()
    old = next(leaf for leaf in leaves(auditor.root, "step.done") if leaf.fields["step"] == "indicator")
    resume = ("resume", run, *auditor.as_(ANNA), *auditor.beside(BEN))
    unreasoned = auditor.does(*resume, said="/correct indicator\n")
    assert "Say why" in unreasoned.text
    assert leaves(auditor.root, "step.corrected") == []

    auditor.does(*resume, said="/correct indicator mistake: it was the other tray\nturned\nturned\nreleased\n")
    (corrected,) = leaves(auditor.root, "step.corrected")
    assert leaves(auditor.root)[old.index] == old
    assert corrected.data["of"] == {"station": "a", "index": old.index, "leaf": old.hash}
    assert (corrected.data["was"], corrected.data["reason"]) == ("turned", "mistake")
    assert opened(auditor.root, corrected.data["words"]) == {"words": "it was the other tray"}
    assert corrected.fields["actor"] == auditor.id_of(ANNA)
    assert corrected.fields["at"] > old.fields["at"]
    indicator = next(step for step in auditor.reads("show", run)["steps"] if step["id"] == "indicator")
    assert indicator["reason"] == "mistake: it was the other tray"
    assert [each["entry"] for each in indicator["tries"]] == [old.index, indicator["entry"]]
    assert "mistake: it was the other tray" in auditor.does("show", run).text
    assert auditor.verified()[0] == 0


# -- 21 CFR 11.50 and 11.70: signatures ---------------------------------------------------------------------


def test_11_50_name_time_and_meaning_are_shown_and_are_those_of_the_leaf(auditor: Auditor) -> None:
    run = auditor.walks_the_trolley()
    (signed,) = auditor.signed()
    name = opened(auditor.root, signed.data["name"])
    assert name == {"operator": signed.fields["actor"], "name": ANNA}
    assert signed.data["meaning"] == "released"
    shown = next(step["signed"] for step in auditor.reads("show", run)["steps"] if step["signed"])
    assert (shown["name"], shown["at"], shown["meaning"]) == (ANNA, signed.fields["at"], "released")
    printed = next(line for line in auditor.does("show", run).text.splitlines() if "signed:" in line)
    assert printed.strip().startswith(
        f"signed: {ANNA}, {by_the_clinics_clock(auditor.root, signed.fields['at'])}, released"
    )


def test_11_70_a_signature_names_its_record_and_is_in_the_same_tree(auditor: Auditor) -> None:
    auditor.walks_the_trolley()
    (signed,) = auditor.signed()
    of = signed.data["of"]
    target = leaves(auditor.root)[of["index"]]
    assert (of["station"], of["leaf"]) == ("a", target.hash)
    chain = leaves(auditor.root)
    assert [leaf.fields.get("prev") for leaf in chain[1:]] == [leaf.hash for leaf in chain[:-1]]


def test_11_70_a_signature_leaf_copied_under_another_record_is_found(auditor: Auditor) -> None:
    auditor.walks_the_trolley()
    auditor.walks_the_trolley()
    first, second = auditor.signed()
    without_triggers(auditor.root, "UPDATE entry SET leaf = ? WHERE idx = ?", (first.raw, second.index))
    code, report = auditor.verified()
    assert (code, report["result"]) == (1, "tampered")
    assert report["first_bad"]["index"] == second.index


def test_11_70_a_signature_copied_by_who_holds_the_stations_key_is_found_by_name(auditor: Auditor) -> None:
    auditor.walks_the_trolley()
    (signed,) = auditor.signed()
    told = auditor.does("walk", "tidy", "--subject", "room=room-1", *auditor.as_(ANNA), said="")
    other = f"a#{leaves(auditor.root, 'run.started')[-1].index}"
    assert other in told.text
    assert auditor.verified()[0] == 0
    with Clinic.open(Folder(auditor.root)) as clinic:
        copied = Draft("signed", signed.data, signed.fields["actor"], "line", run=other, step="look")
        place = clinic.record(copied).index
    code, report = auditor.verified()
    assert (code, report["result"], report["first_bad"]) == (1, "tampered", None)
    assert {(found["rule"], found["entry"]) for found in report["findings"]} == {("signature", place)}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("UPDATE person SET name = CASE name WHEN ? THEN ? ELSE name END", "name"),
        ("UPDATE opening SET fields = replace(fields, ?, ?)", "altered-opening"),
    ],
)
def test_11_70_a_name_put_in_the_place_of_the_signers_is_found_by_name(
    auditor: Auditor, change: str, rule: str
) -> None:
    auditor.walks_the_trolley()
    with contextlib.closing(sqlite3.connect(auditor.root / "people.db")) as people:
        people.execute(change, (ANNA, "Zoe Zander"))
        people.commit()
    code, report = auditor.verified()
    assert (code, report["result"]) == (1, "tampered")
    assert rule in {found["rule"] for found in report["findings"]}


# -- 21 CFR 11.100 to 11.300: people and their secrets ------------------------------------------------------


def test_11_100_an_id_belongs_to_one_person_and_is_never_given_again(auditor: Auditor) -> None:
    first = auditor.id_of(BEN)
    assert auditor.does("people", "disable", BEN, *auditor.as_(ANNA)).code == 0
    again = (
        "people",
        "add",
        "--name",
        BEN,
        "--role",
        "staff",
        "--new-secret-file",
        auditor.file("new", "six red owls"),
    )
    assert auditor.does(*again, *auditor.as_(ANNA)).code == 0
    listed = {one["operator"]: one for one in auditor.reads("people", "list") if one["name"] == BEN}
    assert len(listed) == 2
    assert listed[first]["disabled"]
    added = leaves(auditor.root, "operator.added")
    ids = [leaf.data["operator"] for leaf in added]
    assert len(ids) == len(set(ids)) == 5
    cards = [opened(auditor.root, leaf.data["name"]) for leaf in added]
    assert [card["operator"] for card in cards] == ids
    assert auditor.does("walk", "tidy", *auditor.as_(first, SECRETS[BEN])).code == 2


def test_11_200_a_1_both_components_at_first_then_the_secret_until_the_line_was_left_alone(auditor: Auditor) -> None:
    badge = auditor.file("badge", "BADGE-0042")
    assert auditor.does("people", "badge", ANNA, "--badge-file", badge, *auditor.as_(CLEO)).code == 0
    with Clinic.open(Folder(auditor.root)) as clinic:
        anna = clinic.staff.sign_in(ANNA, SECRETS[ANNA], "line")
        assert isinstance(anna, SignedIn)
        run = clinic.begin("thrice", "", anna, "line")
        assert isinstance(run, RunState)
        both = [("Who signs, name or badge: ", "BADGE-0042"), ("Their secret: ", SECRETS[ANNA])]
        alone = [("> ", "+600"), (f"This line was left alone. Secret of {ANNA}: ", SECRETS[ANNA])]
        person = Person(
            clinic,
            [("> ", "reviewed"), *both, ("> ", "reviewed"), (f"Secret of {ANNA}: ", SECRETS[ANNA]), *alone,
             ("> ", "reviewed"), *both],
            anna,
        )  # fmt: skip
        try:
            ended = person.walk(run.run)
        finally:
            person.close()
    assert (ended.outcome, person.answers) == ("complete", [])
    signed = auditor.signed()
    assert [leaf.data["factors"] for leaf in signed] == [["badge", "secret"], ["secret"], ["badge", "secret"]]
    assert {leaf.fields["actor"] for leaf in signed} == {auditor.id_of(ANNA)}


def test_11_200_a_1_nothing_is_signed_without_the_secret(auditor: Auditor) -> None:
    sign = [("Name or badge: ", ANNA), ("Your secret: ", SECRETS[ANNA]), ("> ", "reviewed"),
            ("Who signs, name or badge: ", ANNA), ("Their secret: ", SECRETS[BEN]), ("> ", "/pause")]  # fmt: skip
    told = at_a_terminal(["walk", "thrice", "--line"], sign)
    assert "do not belong together" in told.text
    assert auditor.signed() == []
    assert [leaf.data["operator"] for leaf in leaves(auditor.root, "sign-in.failed")] == [auditor.id_of(ANNA)]


def test_11_200_a_3_a_lead_alone_neither_knows_nor_replaces_the_secret_of_somebody_who_works_here(
    auditor: Auditor,
) -> None:
    new = auditor.file("new", "six red owls")
    reset = ("people", "reset", BEN, "--new-secret-file", new, *auditor.as_(ANNA))
    before = len(leaves(auditor.root))
    for more in ([], auditor.beside(ANNA), auditor.beside(BEN), auditor.beside(OTTO),
                 ["--recovery-code-file", auditor.file("code", "AAAA-BBBB-CCCC-DDDD")]):  # fmt: skip
        assert auditor.does(*reset, *more).code == 2
    assert auditor.does("people", "secret", "--new-secret-file", new, *auditor.as_(BEN, SECRETS[ANNA])).code == 2
    kinds = {leaf.kind for leaf in leaves(auditor.root)[before:]}
    # And that clinic.toml was edited since somebody last worked by it.
    assert kinds == {"signed-in", "signed-out", "sign-in.failed", "clinic.configured"}
    assert auditor.does("walk", "thrice", *auditor.as_(BEN, "six red owls"), said="reviewed\n").code == 2
    held = all_bytes(auditor.root)
    assert [path for path, content in held.items() if SECRETS[BEN].encode() in content] == []

    assert auditor.does(*reset, *auditor.beside(CLEO)).code == 0
    changed = leaves(auditor.root, "operator.changed")[-1]
    assert changed.fields["actor"] == auditor.id_of(ANNA)
    assert (changed.data["operator"], changed.data["secret"]) == (auditor.id_of(BEN), "reset")
    assert changed.data["witness"] == auditor.id_of(CLEO)
    assert auditor.does("walk", "thrice", *auditor.as_(BEN), said="reviewed\n").code == 2


def test_11_300_wrong_secrets_lock_are_recorded_and_are_told_to_a_lead(auditor: Auditor) -> None:
    tidy = ("walk", "tidy", "--subject", "room=room-1")
    for _ in range(5):
        assert "do not belong together" in auditor.does(*tidy, *auditor.as_(BEN, "not their secret")).text
    ben = auditor.id_of(BEN)
    failed, locked = leaves(auditor.root, "sign-in.failed"), leaves(auditor.root, "sign-in.locked")
    assert [leaf.data for leaf in failed] == [{"operator": ben}] * 5
    assert [(leaf.data, leaf.fields["actor"]) for leaf in locked] == [({"operator": ben, "minutes": 1}, None)]
    refused = auditor.does(*tidy, *auditor.as_(BEN))
    assert refused.code == 2
    assert "locked until" in refused.text
    assert leaves(auditor.root, "signed-in") == []
    (listed,) = [one for one in auditor.reads("people", "list") if one["name"] == BEN]
    assert listed["locked"]
    assert f"LOCKED after wrong secrets: {BEN}" in auditor.does(*tidy, *auditor.as_(ANNA)).text
    assert f"LOCKED after wrong secrets: {BEN}" not in auditor.does(*tidy, *auditor.as_(OTTO)).text
    assert auditor.does("people", "unlock", BEN, *auditor.as_(CLEO)).code == 0
    (unlocked,) = leaves(auditor.root, "sign-in.unlocked")
    assert (unlocked.fields["actor"], unlocked.data) == (auditor.id_of(CLEO), {"operator": ben})
    assert auditor.does(*tidy, *auditor.as_(BEN), said="tidy\n").code == 0


def test_11_300_a_lost_badge_is_revoked_and_opens_nothing_any_more(auditor: Auditor) -> None:
    lead = auditor.as_(ANNA)
    assert auditor.does("people", "badge", BEN, "--badge-file", auditor.file("badge", "BADGE-0042"), *lead).code == 0
    tidy = ("walk", "tidy", "--subject", "room=room-1", "--as", "BADGE-0042", "--secret-file")
    assert auditor.does(*tidy, auditor.file("badge", "BADGE-0042")).code == 2  # a badge is no secret
    assert auditor.does(*tidy, auditor.file("bens", SECRETS[BEN]), said="tidy\n").code == 0
    assert leaves(auditor.root, "signed-in")[-1].data["factors"] == ["badge", "secret-file"]
    assert auditor.does("people", "badge", BEN, "--take", *lead).code == 0
    assert auditor.does(*tidy, auditor.file("bens", SECRETS[BEN])).code == 2
    changed = [leaf.data.get("badge") for leaf in leaves(auditor.root, "operator.changed")]
    assert changed == ["given", "taken"]
    held = all_bytes(auditor.root)
    assert [name for name, content in held.items() if b"BADGE-0042" in content] == []
