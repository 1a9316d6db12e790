"""GO only where everything is met on sound facts; each reason is told, with what would mend it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from checklist.gate.clearance import Begin
from checklist.gate.facts import Asked, Damaged, Facts, Run, RunOutcome, Stage, Start, Step
from checklist.gate.needs import needs
from checklist.gate.requirement import RunDone
from tests.support.gating import OTHER, ROOM, SESSION, Gate, a_run, ago, shipped_procedure, shipped_rules

SCREEN = "microneedling-screen"


def test_go_tells_every_requirement_with_its_evidence(gate: Gate) -> None:
    clearance = gate.clear()
    assert clearance.decision == "GO"
    assert clearance.missing == ()
    assert {"a#10", "a#30", "a#40", "a#50", "a#51", "a#52", "a#60", "a#70", "a#5"} <= {*clearance.evidence}


def test_the_answer_has_the_keys_that_scripts_rely_on(gate: Gate) -> None:
    told = gate.with_run("room-turnover").clear().as_json()
    assert json.loads(json.dumps(told)) == told
    assert [*told] == [
        "decision", "procedure", "subject", "session", "at", "stage", "performer", "requirements", "receipt",
    ]  # fmt: skip
    assert (told["decision"], told["procedure"], told["subject"]) == ("NO-GO", "microneedling", ROOM)
    assert (told["session"], told["at"], told["receipt"]) == (SESSION, "2026-11-22T11:00:00.000000Z", None)
    requirements = told["requirements"]
    assert isinstance(requirements, list)
    assert requirements[2] == {
        "id": "room",
        "met": False,
        "why": "The room turnover has not been done for this room.",
        "evidence": [],
        "fix": "Walk “Make the treatment room ready for the next patient”.",
        "start": {"protocol": "room-turnover", "subject": ROOM, "run": None},
    }


def test_what_is_not_met_settles_it_and_what_is_unknown_does_not(gate: Gate) -> None:
    lost = gate.telling(events=Damaged())
    assert lost.decision == "UNKNOWN"
    assert lost.with_run("room-turnover").decision == "NO-GO"


def test_a_damaged_record_never_says_go(gate: Gate) -> None:
    damaged = gate.telling(damage=Damaged("Entry 12 was changed."))
    assert damaged.decision == "UNKNOWN"
    assert damaged.judged("room").why.endswith(" But entry 12 was changed.")
    assert damaged.with_run("room-turnover").decision == "NO-GO"


def test_knowing_nothing_is_never_go(gate: Gate) -> None:
    assert gate.telling(**{name: getattr(Facts(), name) for name in Facts.__slots__}).decision == "UNKNOWN"


def test_an_answer_that_nobody_has_given_is_named_by_its_own_question(gate: Gate) -> None:
    bare = gate.with_run("microneedling-screen")
    assert [bare.judged(name).why for name in ("screening", "fit", "sun")] == [
        "The screening has not been done for this visit.",
        "The decision after looking at the skin is not known: the screening has not been done for this visit.",
        "Recent sun on the area is not known: the screening has not been done for this visit.",
    ]
    assert bare.judged("fit").fix.endswith("It asks for the decision after looking at the skin; only “fit” counts.")
    assert bare.judged("sun").fix.endswith("It asks for recent sun on the area; only “no” or “yes” counts.")
    assert bare.judged("fit").start == bare.judged("screening").start


@pytest.mark.parametrize(
    "name", ["microneedling", "prp-microneedling", "minor-surgery", "podiatry-nail-care", "piercing"]
)
@pytest.mark.parametrize("stage", ["start", "close"])
def test_on_the_first_morning_every_requirement_says_something_else(name: str, stage: Stage) -> None:
    """Of a visit for which nothing was done, no two sentences are the same, and each says what would make it true."""
    procedure = shipped_procedure(name).procedure
    rules = shipped_rules()
    facts = Facts(
        rules, dict.fromkeys(rules, ()), dict.fromkeys(("load", "lot", "serial", "pack", "batch"), ()), {}, ()
    )
    missing = Gate(facts, procedure, Asked(name, ROOM, SESSION, stage=stage)).clear().missing
    assert missing
    assert len({one.why for one in missing}) == len(missing), [one.why for one in missing]
    assert all(one.fix for one in missing)


def test_the_answer_must_be_the_one_that_is_asked_for(gate: Gate) -> None:
    steps = (Step("recent-sun", "done", "yes"), Step("decision", "done", "defer"))
    answered = gate.changed_run("microneedling-screen", steps=steps)
    assert answered.judged("sun").met is True
    judged = answered.judged("fit")
    assert judged.why == "The decision after looking at the skin: the answer is “defer”; “fit” is needed."
    assert judged.start == Begin("microneedling-screen", f"session={SESSION}")
    unread = gate.changed_run("microneedling-screen", steps=(Step("recent-sun", "done", "no"),))
    assert unread.judged("fit").met is None


def test_an_answer_at_a_step_that_was_passed_is_no_answer(gate: Gate) -> None:
    """Also where the requirement for its run tolerates that."""
    requires = tuple(
        replace(one, tolerates=("decision",)) if isinstance(one, RunDone) and one.protocol == SCREEN else one
        for one in gate.procedure.requires
    )
    tolerant = replace(gate, procedure=replace(gate.procedure, requires=requires))
    steps = (Step("recent-sun", "done", "no"), Step("decision", "overridden", "fit"))
    passed = tolerant.changed_run(SCREEN, steps=steps, reviewed=True)
    assert passed.judged("screening").met is True
    assert passed.judged("fit").met is None


def test_an_answer_in_a_run_that_does_not_count_is_no_answer(gate: Gate) -> None:
    failed = gate.changed_run("microneedling-screen", outcome="failed")
    assert failed.judged("sun").why == "Recent sun on the area is not known: the screening failed at 11:20."


@pytest.mark.parametrize(
    ("protocol", "subject", "session", "met"),
    [
        ("spill", "clinic", None, False),
        ("adverse-event", f"session={SESSION}", SESSION, False),
        ("adverse-event", f"session={OTHER}", OTHER, True),
        ("steriliser-recall", "equipment=S1", None, False),
        ("steriliser-recall", "equipment=S2", None, True),
    ],
)
def test_an_incident_that_is_open_here_stops_everything(
    gate: Gate, protocol: str, subject: str, session: str | None, *, met: bool
) -> None:
    waiting = gate.with_run(protocol, Run("a#81", subject, session, "open", ago(9)))
    assert waiting.judged("no-incident").met is met


@pytest.mark.parametrize(("begun", "start"), [(True, "a#81"), (False, None)])
def test_a_list_that_was_asked_for_and_not_begun_is_begun_and_not_gone_on_with(
    gate: Gate, *, begun: bool, start: str | None
) -> None:
    judged = gate.with_run("spill", Run("a#81", "clinic", None, "open", ago(9), begun=begun)).judged("no-incident")
    assert judged.start is not None
    assert (judged.met, judged.start.run, "was not begun" in judged.why) == (False, start, not begun)


def test_an_incident_at_any_machine_may_be_at_that_of_a_load_from_nowhere(gate: Gate) -> None:
    waiting = gate.with_run("steriliser-recall", Run("a#81", "equipment=S2", None, "open", ago(9)))
    assert waiting.judged("no-incident").met is True
    assert waiting.changed_item("load", machine=None).judged("no-incident").met is False


@pytest.mark.parametrize(
    ("outcome", "met"),
    [
        ("complete", True),
        ("complete-except-deferred", True),
        ("failed", False),
        ("abandoned", False),
        ("expired", False),
        ("unknown", None),
    ],
)
def test_an_incident_is_over_when_its_list_is_complete(gate: Gate, outcome: RunOutcome, met: object) -> None:
    spill = a_run("a#81", "clinic", ago(30))
    ended = gate.with_run("spill", replace(spill, outcome=outcome))
    assert ended.judged("no-incident").met is met
    if met is False:
        assert ended.also_run("spill", a_run("a#82", "clinic", ago(10))).decision == "GO"


def test_the_visit_is_closed_only_behind_a_cleared_start(gate: Gate) -> None:
    gate = gate.asking(stage="close")
    assert gate.telling(starts=()).decision == "NO-GO"
    override = Start(ago(2), "a#81", overridden=True)
    assert gate.telling(starts=(override,)).judged("cleared").met is False
    assert gate.telling(starts=(Start(ago(1), "a#82"), override)).judged("cleared").met is False
    assert gate.telling(starts=(replace(override, reviewed=True),)).decision == "GO"
    assert gate.telling(starts=Damaged()).decision == "UNKNOWN"


def test_needs_name_what_must_be_looked_up_and_no_more(gate: Gate) -> None:
    asked = needs(gate.procedure, gate.asked)
    wanted = {one.protocol: one for one in asked.runs}
    assert wanted.keys() == {
        "day-open", "emergency-kit-weekly", "room-turnover", "microneedling-screen", "microneedling-setup",
        "microneedling-timeout", "pack-open", "steriliser-daily", "adverse-event", "spill", "steriliser-recall",
    }  # fmt: skip
    assert wanted["microneedling-screen"].steps == {"decision", "recent-sun"}
    assert wanted["microneedling-setup"].steps == {"declared"}
    assert wanted["microneedling-timeout"].steps == {"depth"}
    assert {name for name, one in wanted.items() if one.machines} == {"steriliser-daily"}
    unfinished = {name for name, one in wanted.items() if one.unfinished}
    assert unfinished == {"pack-open", "adverse-event", "spill", "steriliser-recall"}
    assert asked.items == ("lot", "serial", "load")
    assert (asked.credentials, asked.starts) == (True, False)


def test_the_close_needs_less(gate: Gate) -> None:
    asked = needs(gate.procedure, replace(gate.asked, stage="close"))
    assert [one.protocol for one in asked.runs] == ["microneedling-signout", "adverse-event"]
    assert (asked.credentials, asked.starts) == (False, True)


def test_where_no_step_is_named_every_signature_of_the_first_list_is_needed(gate: Gate) -> None:
    asked = needs(shipped_procedure("minor-surgery").procedure, gate.asked)
    assert [one.protocol for one in asked.runs if one.signatures] == ["minor-surgery-prep"]
    assert next(one for one in asked.runs if one.protocol == "minor-surgery-prep").steps == {"time-out-second"}


def test_what_needs_names_is_all_that_the_answer_rests_on(gate: Gate) -> None:
    """With nothing else looked up, the answer is the same."""
    asked = needs(gate.procedure, gate.asked)
    names = {one.protocol for one in asked.runs}
    runs = {name: found for name, found in gate.facts.runs.items() if name in names}
    rules = {name: found for name, found in gate.facts.rules.items() if name in names}
    only = gate.telling(runs=runs, rules=rules, starts=Damaged())
    assert only.clear() == gate.clear()
