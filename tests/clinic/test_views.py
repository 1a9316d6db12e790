"""The tables behind the questions: after any walk they are what the entries say, live and built anew."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.folding import looked_over
from checklist.clinic.plan.board import board
from checklist.clinic.views import VIEWS
from checklist.ledger.entry import Draft
from checklist.people.operator import added, changed, disabled
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.marks import Outcome
from checklist.run.reading import Refusal
from tests.support.asked import logged
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from tests.clinic.conftest import House, Kit


def some_command(kit: Kit, clinic: Clinic, step: str, chance: random.Random, printout: Path) -> c.Command:
    """Any command about this step, fitting or not."""
    word = chance.choice(["turned", "not turned", "25", "35", "99", "released", "lot=1 expiry=2032-01", str(printout)])
    reason = Reason(chance.choice(["other", "mistake", "not-needed"]), chance.choice(["because", None]))
    rita = kit.who(clinic, chance.choice(["Rita", "Ben", "Lea"])).person
    rarely: c.Command = c.Fail(step, reason) if chance.random() < 0.5 else c.Abandon(reason)
    rarely = rarely if chance.random() < 0.5 else c.Tick()
    commands: list[c.Command] = [
            c.Confirm(step), c.Give(step, word), c.Give(step, word), c.StartTimer(step), c.EndTimer(step), c.Tick(),
            c.Assign(step, {}), c.Sign(step, rita, chance.choice(["released", "quarantined"]), ""),
            c.Witness(step, rita, chance.choice(["turned", "not turned", "agree", None])), c.Remark(step, "words"),
            c.Skip(step, reason), c.NotApplicable(step, reason), c.Defer(step, "2031-03-11", reason),
            c.Override(step, reason, rita), c.Correct(step, Reason("mistake")), c.Pause(), c.Resume(),
            rarely,
    ]  # fmt: skip
    return chance.choice(commands)


def check(clinic: Clinic, runs: list[str]) -> None:
    """The views equal their rebuild, the table of runs says what the fold of each run says, and a look at a run through
    the outline of its protocol says the same as the whole reading."""
    assert rebuild_views(clinic.ledger, VIEWS) == []
    for run in runs:
        state = clinic.run(run)
        looked = looked_over(clinic.library, run, clinic.run_entries(run))
        assert replace(looked, protocol=state.protocol) == state
        for glimpsed, step in zip(looked.protocol.steps, state.protocol.steps, strict=True):
            assert looked.applies(glimpsed) == state.applies(step)
            assert looked.status(glimpsed) == state.status(step)
        (row,) = clinic.ledger.query(
            "SELECT outcome, ended, holder, deviations, subject, session FROM run WHERE run = ?", (run,)
        )
        assert row[:3] == (state.outcome.value, state.ended, state.holder)
        assert row[4:] == (state.subject, state.session)
        if not state.open and state.outcome not in (Outcome.ABANDONED, Outcome.EXPIRED):
            assert row[3] == state.deviations


@pytest.mark.parametrize("seed", range(6))
def test_random_walks_leave_the_same_tables_live_and_rebuilt(
    house: House, clinic: Clinic, kit: Kit, printout: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same walks every time
    protocols = [("everything", "equipment=S1"), ("load", "equipment=S1"), ("blind", "room=room-1"), ("today", "")]
    runs = [kit.begin(clinic, name, subject) for name, subject in protocols]
    walkers = [kit.who(clinic, name) for name in ("Lea", "Ben", "Lea")]
    accepted = 0
    for _ in range(150):
        run = chance.choice(runs)
        state = clinic.run(run)
        step = state.current.id if state.current and chance.random() < 0.9 else chance.choice(list(state.steps))
        who = chance.choice(walkers)
        found = clinic.do(run, some_command(kit, clinic, step, chance, printout), who, "tui")
        accepted += not isinstance(found, Refusal)
        house.clock.advance(chance.choice([1, 30, 200]))
    assert accepted > 20
    check(clinic, runs)
    again = house.open()
    assert all(again.run(run) == clinic.run(run) for run in runs)
    check(again, runs)


def test_the_whole_life_of_a_run_is_in_its_row(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Defer("wash", "2031-03-11", kit.because))
    check(clinic, [run])
    assert kit.do(clinic, run, c.Confirm("look")).outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    check(clinic, [run])
    assert kit.do(clinic, run, c.Resume(), by="Ben").holder == kit.who(clinic, "Ben").id
    check(clinic, [run])
    assert kit.do(clinic, run, c.Confirm("wash"), by="Ben").outcome is Outcome.COMPLETE
    check(clinic, [run])
    kit.do(clinic, run, c.Correct("look", kit.mistake), by="Lea")
    check(clinic, [run])
    kit.do(clinic, run, c.Abandon(kit.because), by="Lea")
    check(clinic, [run])


def test_strange_entries_do_no_harm(clinic: Clinic, kit: Kit) -> None:
    """Entries of other versions of the program, and of those who write by hand."""
    odd: list[tuple[str, dict[str, Json], str | None, str | None]] = [
        ("run.started", {}, None, None),
        ("run.started", {"protocol": "x", "subject": 5, "session": []}, None, None),
        ("run.completed", {"outcome": 7, "deviations": "many"}, "a#1", None),
        ("run.whatever", {}, "a#1", None),
        ("run.attributed", {"to": 3}, "a#1", None),
        ("step.done", {"produced": ["x"], "consumed": {"lot": 5}}, "a#1", "x"),
        ("step.done", {"value": "quarantined"}, "a#1", "x"),
        ("signed", {"meaning": "released"}, "a#1", "x"),
        ("signed", {"meaning": "quarantined"}, None, None),
        ("step.corrected", {}, None, "x"),
        ("operator.added", {"operator": 3}, None, None),
        ("operator.added", {"operator": "u_x"}, None, None),
        ("operator.changed", {"operator": "u_x", "roles": "staff"}, None, None),
        ("operator.whatever", {"operator": "u_x"}, None, None),
        ("protocol.adopted", {}, None, None),
        ("session.opened", {}, None, None),
        ("whatever.else", {"words": ["x"], "name": "ab" * 32}, None, None),
    ]
    for kind, data, run, step in odd:
        clinic.record(Draft(kind, data, None, "system", run, step))
    endings: list[dict[str, Json]] = [{}, {"outcome": "splendid"}, {"outcome": 7}]
    for data in endings:
        begun = kit.begin(clinic, "short")
        clinic.record(Draft("run.completed", data, None, "system", begun))
        assert clinic.run(begun).outcome is Outcome.FAILED
    assert rebuild_views(clinic.ledger, VIEWS) == []
    shown = board(clinic)
    assert [ended.outcome for ended in shown.ended] == [Outcome.FAILED] * 3
    assert (shown.open, len(shown.faults)) == ((), 2)
    assert len(logged(clinic)) == clinic.ledger.size


def test_people_change_and_leave(house: House, clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben").id
    clinic.record(changed(ben, actor=None, via="tui", roles=["staff", "release"]))
    clinic.record(added(ben, ["lead"], "ef" * 32, actor=None, via="tui"))
    clinic.record(disabled(ben, actor=None, via="tui"))
    (row,) = clinic.ledger.query("SELECT roles, name != ?, disabled FROM operator WHERE id = ?", ("ef" * 32, ben))
    assert row == ('["release", "staff"]', 1, 1)
    assert rebuild_views(clinic.ledger, VIEWS) == []
    clinic.ledger.mark()
    assert verify_clinic(house.folder).views == "same"
