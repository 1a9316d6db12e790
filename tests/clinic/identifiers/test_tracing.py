"""A load is followed from its steriliser to the visits it reached; a recall blocks it, and lists what can be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.cli.traced import recalled
from checklist.clinic.checking import verify_clinic
from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.about import traced
from checklist.clinic.identifiers.loads import with_state
from checklist.clinic.identifiers.reaching import Left
from checklist.clinic.identifiers.tracing import Records, Trace
from checklist.clinic.plan.glance import glance
from checklist.clinic.texts.library import Library
from checklist.clinic.views import VIEWS
from checklist.clinic.visits.sessions import find_or_open
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal
from checklist.trace import follow
from checklist.trace.follow import Identifier
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from checklist.clinic.identifiers.recalling import Recall
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

OPENING = """\
[[steps]]
id = "pack"
kind = "scan"
do = "Scan the pack."
captures = ["load"]
use = "consumes"
"""
SPORES = """\
[[steps]]
id = "load"
kind = "scan"
do = "Scan the load that the test lay in."
captures = ["load"]
[[steps]]
id = "control"
kind = "confirm"
do = "Look at the control."
expect = "it grew"
"""
FAULT = Reason("equipment-fault", "the spore test grew")
FIRST, SECOND, THIRD = (f"S1-20310310-0{number}" for number in (1, 2, 3))


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    opened = house.open()
    lead = kit.who(opened, "Lea")
    house.add_protocol("opening", kit.protocol_text("opening", "session", "", OPENING), opened, lead)
    spores = kit.protocol_text("bi-test", "equipment", "", SPORES).replace(
        '"1.0.0"', '"9.0.0"'
    )  # above the shipped one
    house.add_protocol("bi-test", spores, opened, lead)
    return opened


def use(kit: Kit, clinic: Clinic, load: str, visit: str) -> str:
    """Open a pack of this load for a visit; the run."""
    session = find_or_open(clinic, visit, kit.who(clinic, "Lea"), "tui")
    assert isinstance(session, str)
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", f"load={load}"))
    return run


def spore_test(kit: Kit, clinic: Clinic, load: str, last: c.Command | None = None) -> None:
    run = kit.begin(clinic, "bi-test", "equipment=S1")
    kit.do(clinic, run, c.Give("load", f"load={load}"))
    kit.do(clinic, run, last or c.Confirm("control"))


def asked(clinic: Clinic, kind: str, value: str) -> Trace:
    found = traced(clinic.histories(), kind, value, "Europe/Berlin")
    assert isinstance(found, Trace)
    return found


def state(clinic: Clinic, load: str) -> str:
    return Records(clinic.histories()).state_of(Identifier("load", load))[0]


def done(found: Recall | Refusal) -> Recall:
    assert not isinstance(found, Refusal), found
    return found


def test_a_load_is_followed_forward_to_the_visit_and_the_visit_back_to_the_load(clinic: Clinic, kit: Kit) -> None:
    made = kit.walk_load(clinic)
    used = use(kit, clinic, FIRST, "new")
    found = asked(clinic, "load", FIRST)
    assert (found.state, [run.run for run in found.produced_by]) == ("released", [made.run])
    assert [run.run for run in found.consumed_by] == [used]
    assert found.sessions == ("a-20310310-01",)
    back = asked(clinic, "session", found.sessions[0])
    assert [run.run for run in back.produced_by] == [made.run]
    assert set(found.data()) >= {"kind", "value", "state", "produced_by", "consumed_by", "sessions", "procedures"}


def test_rooms_machines_people_and_days_are_asked_for_too(clinic: Clinic, kit: Kit) -> None:
    made = kit.walk_load(clinic)
    lea = kit.who(clinic, "Lea").id
    for kind, value in (("equipment", "S1"), ("day", "2031-03-10"), ("operator", lea)):
        assert made.run in [run.run for run in asked(clinic, kind, value).consumed_by], kind
    assert not asked(clinic, "day", "2031-03-11").found
    assert not asked(clinic, "room", "room-1").found
    for never in ("yesterday", "9999-12-31", "0001-01-01"):
        assert isinstance(traced(clinic.histories(), "day", never, "Europe/Berlin"), Refusal)
        assert isinstance(traced(clinic.histories(), "room", "room-1", "Europe/Berlin", never), Refusal)
    assert isinstance(traced(clinic.histories(), "colour", "red", "UTC"), Refusal)


def test_a_scan_that_was_corrected_was_not_used(clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    kit.walk_load(clinic)
    run = use(kit, clinic, FIRST, "new")
    kit.do(clinic, run, c.Correct("pack", kit.mistake))
    kit.do(clinic, run, c.Give("pack", f"load={SECOND}"))
    assert asked(clinic, "load", FIRST).sessions == ()
    assert [each.run for each in asked(clinic, "load", FIRST).corrected] == [run]
    found = done(recalling.recall(clinic, "load", FIRST, FAULT, kit.who(clinic, "Lea"), "tui"))
    assert f"Scanned, then corrected, in: Opening, session=a-20310310-01, run {run}" in "\n".join(
        recalled(found, clinic.settings.clinic.timezone)
    )
    assert asked(clinic, "load", SECOND).sessions == ("a-20310310-01",)
    assert rebuild_views(clinic.ledger, VIEWS) == []


def test_a_correction_in_the_run_of_a_load_takes_its_release_back(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_load(clinic).run
    assert state(clinic, FIRST) == "released"
    kit.do(clinic, run, c.Correct("verdict", kit.mistake))
    assert state(clinic, FIRST) == "running"
    kit.do(clinic, run, c.Give("verdict", "released"))
    kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "quarantined", ""))
    assert state(clinic, FIRST) == "quarantined"


def test_a_load_whose_run_was_abandoned_is_set_apart_by_that_alone(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Abandon(kit.because))
    assert state(clinic, FIRST) == "quarantined"


def test_a_quarantine_is_ended_by_a_lead_and_the_release_stands_again(clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert not isinstance(recalling.quarantine(clinic, "load", FIRST, FAULT, ben, "tui"), Refusal)
    assert state(clinic, FIRST) == "quarantined"
    (shown,) = glance(clinic.histories(), clinic.settings, clinic.now()).quarantined
    assert (shown.kind, shown.value) == ("load", FIRST)
    refused = recalling.end_quarantine(clinic, "load", FIRST, FAULT, ben, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "role"
    assert not isinstance(recalling.end_quarantine(clinic, "load", FIRST, FAULT, lea, "tui"), Refusal)
    assert state(clinic, FIRST) == "released"
    again = recalling.end_quarantine(clinic, "load", FIRST, FAULT, lea, "tui")
    assert isinstance(again, Refusal)


def test_what_was_recalled_stays_recalled_whatever_is_signed_afterwards(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_load(clinic).run
    lea = kit.who(clinic, "Lea")
    found = done(recalling.recall(clinic, "load", FIRST, FAULT, lea, "tui"))
    assert found.known
    assert found.left == (Left(Identifier("load", FIRST), 0),)
    kit.do(clinic, run, c.Correct("verdict", kit.mistake))
    kit.do(clinic, run, c.Give("verdict", "released"))
    kit.do(clinic, run, c.Sign("release", lea.person, "released", ""))
    assert state(clinic, FIRST) == "recalled"
    assert rebuild_views(clinic.ledger, VIEWS) == []
    assert verify_clinic(clinic.folder).result == "clean"


def test_a_positive_spore_test_recalls_every_load_since_the_last_negative_one(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    kit.walk_load(clinic)
    spore_test(kit, clinic, FIRST)
    for _ in range(2):
        house.clock.advance(3600)
        kit.walk_load(clinic)
    use(kit, clinic, SECOND, "new")
    found = done(recalling.recall_since_negative(clinic, "S1", FAULT, kit.who(clinic, "Lea"), "tui"))
    assert found.things == (("equipment", "S1"), ("load", SECOND), ("load", THIRD))
    assert found.left == (Left(Identifier("load", THIRD), 0), Left(Identifier("load", SECOND), 1))
    assert found.sessions == ("a-20310310-01",)
    assert (state(clinic, FIRST), state(clinic, SECOND), state(clinic, THIRD)) == ("released", "recalled", "recalled")
    assert rebuild_views(clinic.ledger, VIEWS) == []
    assert found.data()["left"] == [
        {"kind": "load", "value": THIRD, "opened": 0},
        {"kind": "load", "value": SECOND, "opened": 1},
    ]


def test_what_was_made_by_whoever_only_looked_at_a_load_is_not_called_back(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    """The list of a recall scans the load and makes a number of its own; the paper of that number was put into a
    visit's folder."""
    kit.walk_load(clinic)
    lea = kit.who(clinic, "Lea")
    paper = SPORES + '[[steps]]\nid = "paper"\nkind = "assign"\nproduces = { batch = "recall-{date}-{n:02}" }\n'
    house.add_protocol("paper", kit.protocol_text("paper", "equipment", "", paper), clinic, lea)
    folder = OPENING.replace('["load"]', '["batch"]')
    house.add_protocol("folder", kit.protocol_text("folder", "session", "", folder), clinic, lea)
    looked = kit.begin(clinic, "paper", "equipment=S1")
    for command in (c.Give("load", f"load={FIRST}"), c.Confirm("control"), c.Assign("paper", {})):
        kit.do(clinic, looked, command)
    kept = kit.begin(clinic, "folder", session=str(find_or_open(clinic, "new", lea, "tui")))
    kit.do(clinic, kept, c.Give("pack", "batch=recall-20310310-01"))
    found = done(recalling.recall(clinic, "load", FIRST, FAULT, lea, "tui"))
    assert [run.run for run in found.reach.runs] == [looked]
    assert (found.left, found.sessions) == ((Left(Identifier("load", FIRST), 0),), ())


def test_a_recall_names_first_what_nobody_opened_and_of_the_visits_the_newest_each_once(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    kit.walk_load(clinic)
    kit.walk_load(clinic)
    visits = []
    for reference in ("4711-A", "4711-B", "4711-A"):
        run = use(kit, clinic, FIRST, reference)
        visits.append(clinic.run(run).session)
        house.clock.advance(60)
    lea = kit.who(clinic, "Lea")
    again = kit.begin(clinic, "opening", session=str(find_or_open(clinic, "4711-B", lea, "tui")))
    kit.do(clinic, again, c.Give("pack", f"load={FIRST}"))
    found = done(recalling.recall_since_negative(clinic, "S1", FAULT, lea, "tui"))
    assert found.left == (Left(Identifier("load", SECOND), 0), Left(Identifier("load", FIRST), 2))
    assert found.sessions == (visits[1], visits[0])
    assert asked(clinic, "load", FIRST).sessions == found.sessions
    assert f"load {SECOND}, load {FIRST} (used 2 times)" in "\n".join(recalled(found, "Europe/Berlin"))


def test_a_lot_whose_use_by_date_has_passed_has_expired(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    scan = OPENING.replace('["load"]', '["gtin", "lot", "expiry"]')
    house.add_protocol("cream", kit.protocol_text("cream", "session", "", scan), clinic, lea)
    run = kit.begin(clinic, "cream", session=str(find_or_open(clinic, "new", lea, "tui")))
    kit.do(clinic, run, c.Give("pack", "gtin=09506000134352 lot=AB12 expiry=2031-03-10"))

    def stands(kind: str, value: str) -> str:
        found = with_state(asked(clinic, kind, value), clinic.histories(), Library(clinic.folder), clinic.now())
        return found.state

    assert stands("lot", "ab12") == "used", "it may be used on its last day"
    house.clock.advance(86_400)
    assert stands("lot", "ab12") == "expired"
    assert stands("gtin", "09506000134352") == "used", "other lots of the same product have other dates"
    assert not isinstance(recalling.recall(clinic, "lot", "AB12", FAULT, lea, "tui"), Refusal)
    assert stands("lot", "AB12") == "recalled"


def test_a_test_that_left_a_step_out_was_not_negative(house: House, clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    house.clock.advance(3600)
    spore_test(kit, clinic, FIRST, c.Skip("control", kit.because))
    found = done(recalling.recall_since_negative(clinic, "S1", FAULT, kit.who(clinic, "Lea"), "tui"))
    assert (found.since, found.last_negative) == (None, None)
    assert ("load", FIRST) in found.things


def test_a_machine_is_blocked_and_all_its_loads_however_many_they_are(
    clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalling, "BATCH", 2)
    monkeypatch.setattr(recalling, "LISTED", 2)
    for _ in range(4):
        kit.walk_load(clinic)
    found = done(recalling.recall_since_negative(clinic, "S1", FAULT, kit.who(clinic, "Lea"), "tui"))
    assert len(found.things) == 5
    assert len(found.left) == 4
    assert [each.value for each in found.traces] == [FIRST]
    first = clinic.ledger.query("SELECT kind, value FROM set_apart WHERE state = 'recalled' ORDER BY idx")
    assert first[0] == ("equipment", "S1")
    assert len(first) == 5
    assert "and 3 more" in "\n".join(recalled(found, clinic.settings.clinic.timezone))


def test_what_a_recall_could_not_follow_to_its_end_it_says(
    clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.walk_load(clinic)
    for _ in range(2):
        use(kit, clinic, FIRST, "new")
    monkeypatch.setattr(follow, "LIMIT", 1)
    found = done(recalling.recall(clinic, "load", FIRST, FAULT, kit.who(clinic, "Lea"), "tui"))
    assert found.data()["complete"] is False
    assert "there are more visits" in "\n".join(recalled(found, clinic.settings.clinic.timezone))


def test_a_test_of_another_machines_load_says_nothing_of_this_one(house: House, clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    house.clock.advance(3600)
    other = kit.walk_load(clinic, subject="equipment=F1")
    ((load,),) = clinic.ledger.query("SELECT value FROM identifier WHERE run = ? AND kind = 'load'", (other.run,))
    spore_test(kit, clinic, str(load))
    found = done(recalling.recall_since_negative(clinic, "S1", FAULT, kit.who(clinic, "Lea"), "tui"))
    assert found.things == (("equipment", "S1"), ("load", FIRST))
    assert found.last_negative is None


def test_a_negative_test_without_a_load_speaks_of_what_was_begun_before_it(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    bare = kit.protocol_text("bi-test", "equipment", "", SPORES[SPORES.index("[[steps]]", 1) :])
    house.add_protocol("bi-test", bare.replace('"1.0.0"', '"9.0.1"'), clinic, kit.who(clinic, "Lea"))
    kit.walk_load(clinic)
    house.clock.advance(3600)
    run = kit.begin(clinic, "bi-test", "equipment=S1")
    kit.do(clinic, run, c.Confirm("control"))
    house.clock.advance(3600)
    kit.walk_load(clinic)
    found = done(recalling.recall_since_negative(clinic, "S1", FAULT, kit.who(clinic, "Lea"), "tui"))
    assert found.things == (("equipment", "S1"), ("load", SECOND))


def test_a_thing_is_the_same_however_it_was_typed(house: House, clinic: Clinic, kit: Kit) -> None:
    scan = OPENING.replace('["load"]', '["lot", "gtin"]')
    house.add_protocol("cream", kit.protocol_text("cream", "session", "", scan), clinic, kit.who(clinic, "Lea"))
    lea = kit.who(clinic, "Lea")

    def visit() -> str:
        return kit.begin(clinic, "cream", session=str(find_or_open(clinic, "new", lea, "tui")))

    kit.do(clinic, visit(), c.Give("pack", "lot=aB12 gtin=09506000134352"))
    assert [asked(clinic, "lot", typed).sessions for typed in ("AB12", "ab12")] == [("a-20310310-01",)] * 2
    named = Records(clinic.histories()).named_in(asked(clinic, "lot", "AB12").consumed_by[0].run)
    assert Identifier("lot", "aB12") in [each for each, _ in named]  # shown as it was typed
    assert done(recalling.recall(clinic, "gtin", "9506000134352", FAULT, lea, "tui")).sessions == ("a-20310310-01",)
    assert kit.refused(clinic, visit(), c.Give("pack", "lot=X gtin=09506000134352")) == "recalled"
    assert not isinstance(recalling.quarantine(clinic, "lot", "q7", FAULT, lea, "tui"), Refusal)
    assert kit.refused(clinic, visit(), c.Give("pack", "lot=Q7 gtin=04012345123456")) == "quarantined"
    assert not isinstance(recalling.end_quarantine(clinic, "lot", "Q7", FAULT, lea, "tui"), Refusal)
    kit.do(clinic, visit(), c.Give("pack", "lot=Q7 gtin=04012345123456"))
    assert rebuild_views(clinic.ledger, VIEWS) == []


@pytest.mark.parametrize(
    ("kind", "value", "reason", "by", "code"),
    [
        ("colour", "red", FAULT, "Lea", "kind"),
        ("lot", "two words", FAULT, "Lea", "value"),
        ("lot", "A12", Reason("because", None), "Lea", "reason"),
        ("lot", "A12", FAULT, "Otto", "role"),
        ("lot", "A12", Reason("other", "x" * 5000), "Lea", "too-long"),
    ],
)
def test_a_recall_that_cannot_be_is_refused_in_words(
    clinic: Clinic, kit: Kit, kind: str, value: str, reason: Reason, by: str, code: str
) -> None:
    size = clinic.ledger.size
    found = recalling.recall(clinic, kind, value, reason, kit.who(clinic, by), "tui")
    assert isinstance(found, Refusal)
    assert (found.code, clinic.ledger.size) == (code, size)


def test_a_lot_that_nobody_scanned_yet_is_blocked_all_the_same(clinic: Clinic, kit: Kit) -> None:
    found = done(recalling.recall(clinic, "lot", "A12", FAULT, kit.who(clinic, "Ben"), "tui"))
    assert not found.known
    assert asked(clinic, "lot", "A12").state == "recalled"


def test_what_happened_is_recorded_about_what_there_is(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    for event, subject, code in (("Fire!", "clinic", "event"), ("power-loss", "equipment=S9", "subject")):
        refused = recalling.happened(clinic, event, subject, "", lea, "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == code
    assert not isinstance(recalling.happened(clinic, "power-loss", "equipment=S1", "storm", lea, "tui"), Refusal)
    assert clinic.ledger.query("SELECT event, subject, actor FROM happened") == [("power-loss", "equipment=S1", lea.id)]
    assert rebuild_views(clinic.ledger, VIEWS) == []
