"""The report on a record tells everything it has to, in words that say what was seen, and plainly what it lacks."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from checklist.audit.numbers import done
from checklist.audit.numbers.scope import share, year_to
from checklist.audit.report.contents import document
from checklist.audit.report.document import Chart, Facts, Heading, Note, Paragraph, Table
from checklist.audit.report.known import Anchor, Credential, Look, Verified, count, duration, some, value
from checklist.clinic import auditing, reporting
from checklist.clinic.folder import Folder
from checklist.clinic.reporting import Asked, ReportError
from checklist.clinic.service import Clinic
from tests.support.reported import ADA, BO, CLEO, MARKUP, reported_clinic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.audit.report.document import Document
    from checklist.audit.report.known import Known

PARTS = [
    "findings",
    "coverage",
    "plan",
    "put-off",
    "deviations",
    "overrides",
    "times",
    "readings",
    "gate",
    "recalls",
    "shares",
    "credentials",
    "integrity",
    "words",
]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with closing(Clinic.open(Folder(reported_clinic(tmp_path_factory.mktemp("contents") / "clinic")))) as opened:
        yield opened


@pytest.fixture(scope="module")
def known(clinic: Clinic) -> Iterator[Known]:
    with auditing.opened(clinic) as catalogue:
        reporting.judge(clinic, catalogue)
        yield reporting.known_of(clinic, catalogue.db, Asked())


@pytest.fixture(scope="module")
def report(known: Known) -> Document:
    return document(known)


def found_in(known: Known, since: str, until: str) -> dict[str, tuple[str, ...]]:
    """What a report on a period lists among its findings, by rule."""
    scope = replace(known.scope, since=since, until=until)
    return {row[0]: row for row in cells(part(document(replace(known, scope=scope)), "findings")) if row[1][:2] == "20"}


def test_what_stood_open_before_the_period_is_told_in_it(known: Known) -> None:
    db, today = known.db, known.today
    ((n, day),) = db.execute("SELECT n, day FROM entry ORDER BY n LIMIT 1").fetchall()
    rules = ("unanchored-long", "override-unreviewed", "deferred-overdue", "left-open", "too-fast")
    db.execute("SAVEPOINT planted")
    db.execute("DELETE FROM finding")
    for rule in rules:
        row = (rule, n, "2020-01-01", f"{rule} since {day}", rule)
        db.execute("INSERT INTO finding(rule, severity, n, day, why, key) VALUES (?, 'act', ?, ?, ?, ?)", row)
    try:
        assert set(found_in(known, today, today)) == {*rules} - {"too-fast"}
        assert set(found_in(known, "2019-01-01", "2019-12-31")) == set()
        assert set(found_in(known, "2019-01-01", "2020-12-31")) == {*rules}
        # A time without an anchor ends with the next one.
        ((last,),) = db.execute("SELECT max(n) FROM entry").fetchall()
        db.execute("UPDATE entry SET kind = 'anchored', day = '2020-06-01' WHERE n = ?", (last,))
        assert "unanchored-long" in found_in(known, "2020-05-01", "2020-07-01")
        assert "unanchored-long" not in found_in(known, "2020-07-01", today)
    finally:
        db.execute("ROLLBACK TO planted")
        db.execute("RELEASE planted")


def test_who_looked_at_a_finding_and_for_how_long_is_told(known: Known) -> None:
    look = Look("u_0123456789", "2027-03-31T10:00:00.000000Z", "shown for 12.0 s")
    db = known.db
    ((n, day),) = db.execute("SELECT n, day FROM entry ORDER BY n LIMIT 1").fetchall()
    db.execute("SAVEPOINT planted")
    row = (n, day, n)
    db.execute(
        "INSERT INTO finding(rule, severity, n, day, why, reviewed, key) VALUES ('burst', 'look', ?, ?, 'w', ?, 'k')",
        row,
    )
    db.execute("UPDATE overriding SET reviewed = ?", (n,))
    try:
        told = document(replace(known, looks={n: look}))
    finally:
        db.execute("ROLLBACK TO planted")
        db.execute("RELEASE planted")
    said = f"u_0123456789, {known.moment(look.at)}, shown for 12.0 s"
    assert said in [row[-1] for row in cells(part(told, "findings"))]
    assert said in [row[-1] for row in cells(part(told, "overrides"))]


def test_by_which_plan_each_day_is_judged_is_said_beside_its_numbers(known: Known, report: Document) -> None:
    def said(told: str = "") -> str:
        if told:
            known.db.execute("UPDATE made SET value = ? WHERE key = 'plans'", (told,))
        blocks = part(document(known) if told else report, "plan")
        return " ".join(block.text for block in blocks if isinstance(block, Paragraph | Note))

    assert "the rooms and the machines that the record says were in force when it began." in said()
    ((before,),) = known.db.execute("SELECT value FROM made WHERE key = 'plans'").fetchall()
    day = known.scope.until
    try:
        told = said(json.dumps({"since": day, "changed": [day], "lost": [day], "unrecorded": True}))
        assert f"They were changed on {day}." in told
        assert f"What the plan was before {day} is not on record" in told
        assert f"The plan that was recorded on {day} is missing" in told
        assert "nothing is judged by what it says now" in told
        assert "The record does not say what the plan was" in said("{}")
    finally:
        known.db.execute("UPDATE made SET value = ? WHERE key = 'plans'", (before,))


def part(report: Document, key: str) -> list[object]:
    """The blocks under one heading."""
    keys = [block.key if isinstance(block, Heading) and block.level == 2 else None for block in report.blocks]
    at = keys.index(key)
    after = next((n for n, other in enumerate(keys) if n > at and other), len(keys))
    return list(report.blocks[at + 1 : after])


def cells(blocks: list[object]) -> list[tuple[str, ...]]:
    tables = [block.table if isinstance(block, Chart) else block for block in blocks]
    return [row for table in tables if isinstance(table, Table) for row in table.rows]


def told(blocks: list[object]) -> str:
    lines = [block.text for block in blocks if isinstance(block, Paragraph | Note)]
    lines += [" ".join(row) for row in cells(blocks)]
    lines += [f"{name}: {words}" for block in blocks if isinstance(block, Facts) for name, words in block.facts]
    return "\n".join(lines)


def test_findings_come_first_and_what_vouches_for_it_at_the_end(report: Document) -> None:
    parts = [block.key for block in report.blocks if isinstance(block, Heading) and block.level == 2]
    assert parts == PARTS


def test_findings_are_counted_by_rule_and_told_one_by_one(report: Document) -> None:
    blocks = part(report, "findings")
    assert "override-unreviewed" in told(blocks)
    by_rule, each = (block for block in blocks if isinstance(block, Table))
    counts = {row[0]: row[3] for row in by_rule.rows}
    assert counts["too-fast"] == "7"
    assert {row[0] for row in each.rows} == counts.keys()
    assert each.rows[0][0] == "override-unreviewed", "what to act on stands first"


def test_every_override_is_marked_with_both_people_and_whether_it_was_reviewed(report: Document, known: Known) -> None:
    rows = cells(part(report, "overrides"))
    assert len(rows) == 2
    ((_, actor, witness),) = known.db.execute("SELECT n, actor, witness FROM overriding LIMIT 1").fetchall()
    for row in rows:
        assert row[0].startswith("/O\\ a#")
        assert row[4:6] == (actor, witness)
        assert row[7] == "not reviewed"
    assert "2 overrides were not reviewed" in told(part(report, "overrides"))


def test_people_are_ids_unless_names_are_asked_for(clinic: Clinic, known: Known, report: Document) -> None:
    whole = "\n".join(told(part(report, key)) for key in PARTS)
    assert not [name for name in (ADA, BO, CLEO) if name in whole]
    named = document(replace(known, name_of=clinic.name_of))
    assert {row[0] for row in cells(part(named, "shares"))} == {ADA, BO, CLEO}
    assert ADA in told(part(named, "overrides"))
    one = next(each.operator for each in known.credentials or ())
    assert replace(known, name_of=clinic.name_of).named(f"27 of 32 by {one}") == f"27 of 32 by {BO}"
    assert known.named(f"27 of 32 by {one}") == f"27 of 32 by {one}"


def test_each_picture_has_its_figures_in_a_table(report: Document) -> None:
    charts = [block for block in report.blocks if isinstance(block, Chart)]
    assert len(charts) >= 8
    assert [chart.title for chart in charts if not (chart.table.rows and chart.description)] == []


def test_readings_say_their_limit_and_how_many_lay_outside(report: Document) -> None:
    (row,) = cells(part(report, "readings"))
    assert row[1:] == ("8", "5.375 °C", "4", "9", "2 to 8", "1")
    assert row[0] == f"temperature at F1 · Look at the fridge {MARKUP}"


def test_what_was_called_back_and_what_stood_in_the_way_is_told(report: Document) -> None:
    assert f"recalled lot {MARKUP.upper()}" in told(part(report, "recalls"))
    assert "Microneedling 0 2 0 1" in told(part(report, "gate"))


def test_credentials_tell_what_ends_soon_as_of_the_newest_entry(known: Known, report: Document) -> None:
    assert "microneedling" in told(part(report, "credentials"))
    over = replace(known, today="2999-01-01")
    assert "1 of them is over" in told(part(document(over), "credentials"))
    endless = replace(known, credentials=(Credential("u_1", "microneedling", ""),))
    assert "0 of them are over and 0 end" in told(part(document(endless), "credentials"))


def test_integrity_says_what_is_anchored_and_what_was_not_verified(known: Known, report: Document) -> None:
    plain = told(part(report, "integrity"))
    assert f"Size: {count(known.integrity.size)} entries" in plain
    assert f"Root: {known.integrity.root}" in plain
    assert "No checkpoint of this record is known to be kept elsewhere" in plain
    assert "Last recorded verification: none" in plain
    assert "Verified for this report: not verified for this report" in plain
    assert "tamper-evident, not tamper-proof" in plain
    stands = replace(
        known.integrity,
        anchor=Anchor(known.last, 40, "paper"),
        verified=Verified(known.last, 50, "clean"),
        now=Verified("", known.integrity.size, "tampered", ("entry 7: it was changed",)),
        earlier=("a",),
    )
    checked = told(part(document(replace(known, integrity=stands)), "integrity"))
    assert "Anchored: the first 40 entries" in checked
    assert f"Not anchored: {known.integrity.size - 40} entries: all that came after the first 40" in checked
    assert "clean, over 50 entries" in checked
    assert "did not find the record clean" in checked
    assert "entry 7: it was changed" in checked
    assert "Goes on from: a" in checked


def test_what_may_stand_among_what_cannot_be_read_is_not_called_none(known: Known) -> None:
    lacks = replace(known.integrity, lacks=frozenset({"anchored", "verified"}), root="")
    unread = told(part(document(replace(known, integrity=lacks)), "integrity"))
    for named in ("Root", "Anchored", "Not anchored", "Last recorded verification"):
        assert f"{named}: cannot be read" in unread
    some = replace(lacks, anchor=Anchor(known.last, 40, "paper"), verified=Verified(known.last, 50, "clean"))
    both = told(part(document(replace(known, integrity=some)), "integrity"))
    assert "(paper); whether a later one is kept, cannot be read" in both
    assert f"Not anchored: at most {known.integrity.size - 40} entries" in both
    assert "clean, over 50 entries; whether there was a later one, cannot be read" in both


def test_pictures_of_readings_go_by_the_clinics_clock(known: Known, report: Document) -> None:
    assert replace(known, zone="Asia/Tokyo").by_clock("2027-03-01T20:30:00.000000Z") == "2027-03-02T05:30:00Z"
    assert known.by_clock("2027-03-01") == "2027-03-01"
    elsewhere = document(replace(known, zone="Pacific/Kiritimati"))

    def drawn(by: Document) -> list[str]:
        return [block.svg for block in part(by, "readings") if isinstance(block, Chart)]

    assert drawn(elsewhere) != drawn(report) != []


def test_a_verification_for_the_report_is_told(clinic: Clinic, known: Known) -> None:
    from checklist.clinic.checking import verify_clinic

    with_it = reporting.known_of(clinic, known.db, Asked(), verify_clinic(clinic.folder))
    assert f"Verified for this report: clean, over {with_it.integrity.size} entries" in told(
        part(document(with_it), "integrity")
    )


def test_an_empty_period_says_so_and_is_a_whole_report(clinic: Clinic, known: Known) -> None:
    empty = document(reporting.known_of(clinic, known.db, Asked(since="2001-01-01", until="2001-12-31")))
    assert "Nothing was begun in this period and scope" in told(part(empty, "coverage"))
    found = told(part(empty, "findings"))
    assert "The record holds nothing of this period: it goes from " in found
    assert "None of the" not in found
    assert [block for block in empty.blocks if isinstance(block, Chart)] == []
    assert [key for key in PARTS if not part(empty, key)] == []


def test_what_damage_keeps_back_is_said(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(done, "planned_to", lambda _: "")
    less = document(
        replace(known, credentials=None, integrity=replace(known.integrity, unreadable=("The end is gone.",)))
    )
    assert "Not all of the record is in this report: The end is gone." in told(list(less.blocks[:2]))
    assert "Rules went through every entry that can be read" in told(part(less, "findings"))
    assert "What the plan asked for could not be made out" in told(part(less, "plan"))
    assert "could not be read" in told(part(less, "credentials"))


def test_a_scope_is_said_and_kept_to(clinic: Clinic, known: Known) -> None:
    one = document(reporting.known_of(clinic, known.db, Asked(protocol="seal", room="room-1")))
    assert "protocol Seal the tray (seal); room Treatment room 1" in told(part(one, "coverage"))
    assert "Runs begun: 1, of 1 protocol" in told(part(one, "coverage"))
    assert "not of the one protocol, but of the whole period" in told(part(one, "gate"))
    assert "of the whole period and clinic, whatever the scope" in told(part(one, "recalls"))


def test_the_period_is_the_twelve_months_up_to_the_last_work(known: Known) -> None:
    assert known.scope.until == known.today == known.last[:10]
    since, until = date.fromisoformat(known.scope.since), date.fromisoformat(known.scope.until)
    assert (until - since).days in (364, 365)
    assert year_to(date(2028, 2, 28)) == date(2027, 3, 1)
    assert year_to(date(2027, 12, 31)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(since="2027-02-01", until="2027-01-01"), "ends on 2027-01-01 before it begins"),
        (Asked(since="yesterday"), "“yesterday” is no day"),
        (Asked(protocol="seel"), "did you mean “seal”?"),
        (Asked(room="room-9"), "There is no room “room-9” here"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(clinic: Clinic, known: Known, asked: Asked, said: str) -> None:
    with pytest.raises(ReportError, match=r"^[“A-Z].*[.?]$") as caught:
        reporting.known_of(clinic, known.db, asked)
    assert said in str(caught.value)


def test_progress_is_told_part_by_part(known: Known) -> None:
    seen: list[tuple[int, int]] = []
    document(known, lambda done, whole: seen.append((done, whole)))
    assert seen[0] == (0, 13)
    assert seen[-1] == (13, 13)


def test_numbers_are_told_as_people_read_them() -> None:
    assert [share(part, whole) for part, whole in ((0, 9), (9, 9), (1, 3), (1, 5000), (4999, 5000), (0, 0))] == [
        "0 %",
        "100 %",
        "33.3 %",
        "< 0.1 %",
        "> 99.9 %",
        "–",
    ]
    assert [duration(seconds) for seconds in (0.04, 9.96, 42, 59.7, 60, 195, 2037, 3600, 7384)] == [
        "0.0 s",
        "10.0 s",
        "42 s",
        "60 s",
        "1 min",
        "3 min 15 s",
        "34 min",
        "1 h 00 min",
        "2 h 03 min",
    ]
    assert [value(number) for number in (134.25, 0.05, 10_130, -2000.4)] == ["134.2", "0.05", "10,130", "-2,000"]
    assert [some(1, "entry", "entries"), some(1200, "run")] == ["1 entry", "1,200 runs"]
