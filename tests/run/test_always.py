"""What must always hold, whatever protocol is walked, whoever asks for whatever, and whatever the clocks do.

A second, simpler book is kept beside the run (who started a timer when, which reading was given by whom), and
every accepted command is held against it and against design §4 and §8, points 4 to 6.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from checklist.run import commands as c
from checklist.run.events import REASON_CODES, Reason
from checklist.run.look import look
from checklist.run.marks import Outcome, Status
from checklist.run.reading import Refusal
from checklist.run.walk import decide
from tests.run.conftest import Clock

if TYPE_CHECKING:
    from random import Random

    from checklist.ledger.entry import Draft, Entry
    from checklist.protocol.model import Protocol, Step
    from checklist.run.state import RunState
    from tests.run.conftest import Kit, Someone, StepTable, Walk

HOUR_MS = 3_600_000
KINDS = (
    *("confirm", "measure", "pressure", "choice", "timer", "scan", "assign", "witness", "sign", "text", "attach"),
    *("measure", "choice", "timer", "witness", "witness", "witness"),  # where most can go wrong
    *("label", "timer", "scan"),
)
HOSTILE = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", " ", "\x00", "\ud800", "\x1b[2J", "\u202e", "s0", "agree", "lot=", "=", "9" * 600]),
)
TYPED = st.one_of(
    HOSTILE,
    st.sampled_from(["134", "134,0", "138.5", "120", "-1", "304", "200", "turned", "not turned", "2", "3"]),
    st.sampled_from(["lot=A1 expiry=2026-11-22", "lot=A1 expiry=2026-11-21", "lot=A1 expiry=2030-01"]),
    st.dictionaries(st.sampled_from(["lot", "expiry", "ref", "\x07"]), HOSTILE, max_size=3),
)
REASONS = st.builds(
    Reason, st.sampled_from([*REASON_CODES, "", "nonsense"]), st.sampled_from([None, "words-commitment"])
)
GOOD_REASONS = (Reason("mistake"), Reason("other", "words-commitment"))
DICE = st.randoms(use_true_random=True)


# -- random protocols --------------------------------------------------------------------------------------


def a_step(dice: Random, kit: Kit, at: int, before: list[StepTable]) -> StepTable:
    kind = dice.choice(KINDS)
    more: StepTable = {}
    if dice.randint(0, 3) == 0:
        more["hold"] = True
    if dice.randint(0, 3) == 0:
        more["on_fail"] = {"stop": dice.choice([True, False]), "open": "steriliser-recall"}
    if dice.randint(0, 4) == 0:
        more["roles"] = [dice.choice(["staff", "reprocessing", "release"])]
    if dice.randint(0, 6) == 0:
        more["credentials"] = ["laser"]
    asked = [table for table in before if table["kind"] in {"choice", "sign", "measure", "confirm"}]
    if asked and dice.randint(0, 2) == 0:
        of = dice.choice(asked)
        answers = {"choice": ["turned", "half turned"], "sign": ["released", "quarantined"]}
        more["when"] = {"step": of["id"], "is": dice.choice(answers.get(str(of["kind"]), ["134"]))}
    if kind == "timer":
        more["at_least"] = dice.choice(["1s", "3m", "59m", "1h"])
        if dice.choice([True, False]):
            more["at_most"] = "10m" if more["at_least"] in {"1s", "3m"} else "2h"
        labels = [table["id"] for table in before if table.get("unit") == "s"]
        if labels and dice.randint(0, 3):
            more["at_least_as"] = dice.choice(labels)
    if kind == "label":
        return kit.a.measure(f"s{at}", unit="s", expected=None, limit={"min": 1, "max": 900}, decimals=0, **more)
    if kind == "scan":
        more["use"] = dice.choice(["consumes", "produces", None])
    if kind == "witness":
        doable = [str(table["id"]) for table in before if table["kind"] not in {"witness", "sign"}]
        return kit.a.witness(f"s{at}", dice.choice(doable), **more) if doable else kit.a.confirm(f"s{at}", **more)
    make: Any = getattr(kit.a, kind)
    table: StepTable = make(f"s{at}", **more)
    return table


def a_protocol(dice: Random, kit: Kit) -> Protocol:
    tables: list[StepTable] = []
    for at in range(dice.randint(1, 6)):
        tables.append(a_step(dice, kit, at, tables))
    temperatures = [table["id"] for table in tables if table.get("unit") == "Cel"]
    pressures = [table["id"] for table in tables if table.get("unit") == "kPa"]
    labels = [table["id"] for table in tables if table["kind"] == "scan"]
    checks: list[StepTable] = []
    if temperatures and pressures:
        steam = {"temperature": temperatures[0], "pressure": pressures[0], "tolerance": 2}
        checks.append({"kind": "saturated-steam", **steam})
    if len(labels) > 1:
        checks.append({"kind": "same-identifier", "of": "lot", "steps": labels})
    header: StepTable = {}
    valid_for = dice.choice([None, None, None, None, None, None, "today", "4h", "7d"])
    if valid_for:
        header["valid_for"] = valid_for
    if dice.randint(0, 3) == 0:
        header["roles"] = ["staff", "release"]
    if dice.randint(0, 5) == 0:
        header["credentials"] = ["laser"]
    if dice.randint(0, 2) == 0:
        header["category"] = "emergency"
    return kit.protocol(*tables, checks=tuple(checks), **header)


def protocols(kit: Kit) -> st.SearchStrategy[Protocol]:
    return DICE.map(lambda dice: a_protocol(dice, kit))


@st.composite
def commands(draw: st.DrawFn, kit: Kit, protocol: Protocol) -> c.Command:
    """Any command at all, for any step or none, in good form or bad."""
    step = draw(st.one_of(st.sampled_from([one.id for one in protocol.steps]), HOSTILE))
    person = draw(st.sampled_from(kit.staff.all)).person
    reason = draw(REASONS)
    every: list[c.Command] = [
        c.Confirm(step),
        c.Give(step, draw(TYPED)),
        c.StartTimer(step),
        c.EndTimer(step),
        c.Tick(),
        c.Assign(step, draw(st.sampled_from([{}, {"load": "7"}, {"lot": "7"}]))),
        c.Sign(step, person, draw(st.sampled_from(["released", "performed", ""])), "name-commitment"),
        c.Witness(step, person, draw(st.one_of(st.none(), TYPED))),
        c.Remark(step, draw(st.sampled_from(["", "words-commitment"]))),
        c.Skip(step, reason),
        c.NotApplicable(step, reason),
        c.Fail(step, reason),
        c.Defer(step, draw(st.one_of(HOSTILE, st.just("2026-11-23T10:00:00Z"))), reason),
        c.Override(step, reason, person),
        c.Correct(step, reason),
        c.Pause(),
        c.Resume(),
        c.Abandon(reason),
        c.Attribute(person, "name-commitment"),
    ]
    return draw(st.sampled_from(every))


def fitting(dice: Random, kit: Kit, state: RunState, step: Step) -> c.Command:
    """A command that suits the current step: mostly what it asks for, sometimes a reading that it must not
    take."""
    own = state.steps[step.id]
    if own.owed and dice.randint(0, 3):
        return c.Remark(step.id, "words-commitment")
    person = dice.choice(kit.staff.all).person
    match step.kind:
        case "confirm":
            return c.Confirm(step.id)
        case "measure":
            readings = {
                "Cel": ["134", "135,5", "138.5", "141"],
                "kPa": ["304", "204", "90"],
                "s": ["2", "200", "900", "0"],
            }
            return c.Give(step.id, dice.choice(readings[step.unit]))
        case "choice":
            return c.Give(step.id, dice.choice(["turned", "half turned", "not turned"]))
        case "scan":
            expiry = dice.choice(["2030-01", "2026-11-22", "2026-11-21"])
            return c.Give(step.id, f"lot={dice.choice(['A1', 'A1', 'B2'])} expiry={expiry}")
        case "timer":
            return c.StartTimer(step.id) if own.started is None else c.EndTimer(step.id)
        case "assign":
            return c.Assign(step.id, {"load": "20261122-01"})
        case "sign":
            meaning = dice.choice(["released", "quarantined"])
            return c.Sign(step.id, person, meaning, "name-commitment")
        case "witness":
            first = state.steps[step.of].value
            others = {"measure": "138.5", "choice": "turned", "scan": "lot=A2 expiry=2030-01"}
            other = others.get(state.protocol.step(step.of).kind)
            seen = dice.choice([first, first, other, None])
            return c.Witness(step.id, person, seen)
        case _:
            return c.Give(step.id, "ab" * 32)


# -- what design §4 says, said once more -------------------------------------------------------------------


def outcome_by_design(statuses: list[Status]) -> Outcome:
    if Status.FAILED in statuses:
        return Outcome.FAILED
    if Status.DEFERRED in statuses:
        return Outcome.COMPLETE_EXCEPT_DEFERRED
    return Outcome.COMPLETE


class Walkers(RuleBasedStateMachine):
    """Several people, one run, and a clock that nobody can trust."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.kit = kit
        self.walk: Walk
        # The second book: by step, who did it last, and when its timer was truly started.
        self.doers: dict[str, str | None] = {}
        self.timers: dict[str, tuple[str | None, int, int, datetime, int]] = {}
        self.commented: set[str] = set()

    @initialize(dice=DICE)
    def begin(self, dice: Random) -> None:
        self.a_run_begins(dice)
        self.an_hour_passes(dice, deeds=60)

    def a_run_begins(self, dice: Random) -> None:
        protocol = a_protocol(dice, self.kit)
        able = [who for who in self.kit.staff.all if who.roles.intersection(protocol.roles or {"staff"})]
        able = [who for who in able if holds(who, protocol.credentials, Clock())]
        if protocol.category == "emergency":
            able += [self.kit.staff.nobody] * 3
        self.walk = type(self.kit.walk(self.kit.a.confirm("x")))(protocol, dice.choice(able))
        self.doers, self.timers, self.commented = {}, {}, set()

    # -- rules -----------------------------------------------------------------------------------------

    @rule(data=st.data())
    def anybody_asks_for_anything(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self.kit.staff.all), label="who")
        command = data.draw(commands(self.kit, self.walk.protocol), label="command")
        assume(not isinstance(command, c.Abandon) or data.draw(st.integers(0, 7)) == 0)
        self.carry_out(command, who)

    @rule(dice=DICE)
    def a_busy_hour(self, dice: Random) -> None:
        self.an_hour_passes(dice, deeds=25)

    def an_hour_passes(self, dice: Random, deeds: int) -> None:
        """Many deeds in a row: mostly the walk goes on, now and then something comes between."""
        ways = [
            *[self.the_walker_answers] * 8,
            *[self.the_clocks_do_something] * 3,
            *[self.somebody_is_out_of_turn] * 2,
            self.the_walker_leaves_the_step_out,
            self.somebody_corrects,
            self.somebody_resumes,
            self.somebody_puts_their_name_to_it,
        ]
        for _ in range(deeds):
            if not self.walk.state.open and dice.randint(0, 5) == 0:
                self.a_run_begins(dice)
            dice.choice(ways)(dice)
            self.every_attempt_is_kept()
            self.an_open_run_stands_at_exactly_one_step()

    def the_walker_answers(self, dice: Random) -> None:
        if (step := self.walk.state.current) is None:
            return
        if self.walk.state.paused and dice.randint(0, 2):
            self.carry_out(c.Resume(), self.walker())
        self.carry_out(fitting(dice, self.kit, self.walk.state, step), self.walker())

    def somebody_is_out_of_turn(self, dice: Random) -> None:
        """The right key at the wrong step, at the wrong time, or by somebody else."""
        state = self.walk.state
        command = fitting(dice, self.kit, state, dice.choice(state.protocol.steps))
        others: list[c.Command] = [c.Pause(), c.Abandon(GOOD_REASONS[0])] if dice.randint(0, 3) == 0 else []
        who = dice.choice([self.walker(), self.walker(), dice.choice(self.kit.staff.all)])
        self.carry_out(dice.choice([command, *others]), who)

    def the_walker_leaves_the_step_out(self, dice: Random) -> None:
        step, reason = self.walk.at or "", dice.choice(GOOD_REASONS)
        lead = dice.choice([self.kit.staff.lea, self.kit.staff.ben]).person
        ways: list[c.Command] = [
            c.Skip(step, reason),
            c.NotApplicable(step, reason),
            c.Defer(step, "2026-11-23T10:00:00Z", reason),
            c.Override(step, reason, lead),
            c.Fail(step, reason),
        ]
        self.carry_out(dice.choice(ways), self.walker())

    def somebody_corrects(self, dice: Random) -> None:
        closed = [name for name, own in self.walk.state.steps.items() if own.closed]
        if closed:
            who = dice.choice([self.walker(), self.walker(), self.kit.staff.ben])
            self.carry_out(c.Correct(dice.choice(closed), dice.choice(GOOD_REASONS)), who)

    def somebody_resumes(self, dice: Random) -> None:
        self.carry_out(c.Resume(), dice.choice(self.kit.staff.all))

    def somebody_puts_their_name_to_it(self, dice: Random) -> None:
        who = dice.choice(self.kit.staff.all)
        if dice.randint(0, 3) == 0:
            self.carry_out(who.attributes, who)

    def the_clocks_do_something(self, dice: Random) -> None:
        clock = self.walk.clock
        span = dice.choice([1, 60, 179, 180, 601, 3540, 3600, 7201])
        moves = [
            clock.advance,
            clock.advance,
            clock.suspend,
            clock.jump,
            clock.set_back,
            clock.reboot,
        ]
        dice.choice(moves)(span)
        if dice.randint(0, 2):
            self.carry_out(c.Tick(), self.walker())

    @rule()
    def time_is_looked_at(self) -> None:
        self.carry_out(c.Tick(), self.walker())

    @rule(seconds=st.sampled_from([0.5, 1, 60, 179, 180, 3540, 3600, 7200, 10_801]))
    def time_passes(self, seconds: float) -> None:
        self.walk.clock.advance(seconds)

    @rule(seconds=st.sampled_from([1, 200, 3600, 20_000]))
    def the_machine_sleeps(self, seconds: float) -> None:
        self.walk.clock.suspend(seconds)

    @rule(seconds=st.sampled_from([-100_000, -3600, -1, 1, 3600, 20_000]))
    def somebody_sets_the_clock(self, seconds: float) -> None:
        self.walk.clock.jump(seconds)

    @rule(seconds=st.sampled_from([1, 60, 3600]))
    def the_machine_restarts(self, seconds: float) -> None:
        self.walk.clock.reboot(seconds)

    # -- carrying out, and the second book -------------------------------------------------------------

    def walker(self) -> Someone:
        return next(who for who in self.kit.staff.all if who.id == self.walk.state.holder)

    def carry_out(self, command: c.Command, who: Someone) -> None:
        before = self.walk.state
        count = len(self.walk.entries)
        decision = self.walk.decide(command, who)
        assert self.walk.state == before, "deciding changes nothing"
        if isinstance(decision, Refusal):
            assert decision.code
            assert decision.message
            return
        old = list(self.walk.entries)
        new = self.walk.record(decision)
        assert self.walk.entries[:count] == old, "entries are only ever appended"
        if [draft.kind for draft in decision] == ["run.expired"]:
            self.it_expired(before, decision[0])
            return
        self.who_is_named(command, who, before, decision)
        self.the_run_allows_it(command, who, before, decision)
        state = before
        for entry in new:
            self.one_entry(command, state, entry)
            state = self.after(state, entry)
        self.the_end(before, new)

    def after(self, state: RunState, entry: Entry) -> RunState:
        from checklist.run.fold import apply

        return apply(state, entry)

    def it_expired(self, before: RunState, draft: Draft) -> None:
        assert (draft.actor, draft.via) == (None, "system")
        assert before.open
        assert not before.completed_once
        valid, now = before.protocol.valid_for, datetime.fromisoformat(self.walk.clock.now().at)
        began = datetime.fromisoformat(before.started.at)
        assert valid is not None
        if valid == "today":
            assert now.date() > began.date() or now.hour >= 22
        else:
            assert str(valid) in {"4h", "7d"}
            assert now - began >= timedelta(hours=4 if str(valid) == "4h" else 7 * 24)
        assert self.walk.state.outcome is Outcome.EXPIRED

    def who_is_named(self, command: c.Command, who: Someone, before: RunState, drafts: tuple[Draft, ...]) -> None:
        """Design §8, point 4."""
        for draft in drafts:
            if isinstance(command, c.Tick):
                assert (draft.actor, draft.via) == (None, "system")
            elif isinstance(command, c.Sign):
                assert draft.kind in {"signed", "step.done", "run.completed"}
                assert draft.actor == command.signer.operator
                assert command.signer.roles - {"auditor"}
            elif draft.kind == "witnessed":
                assert isinstance(command, c.Witness)
                assert draft.actor == command.witness.operator
            else:
                assert draft.actor == who.id
            if draft.actor == self.kit.staff.otto.id:
                pytest.fail("an auditor leaves nothing in a run")
            if draft.kind == "run.handed-over":
                assert draft.data["to"] == who.id
            named = draft.data.get("witness")
            if named is not None:
                assert isinstance(command, c.Witness | c.Override)
                assert named == command.witness.operator
        if isinstance(command, c.Override):
            assert command.witness.operator != who.id
            assert who.id is not None, "one secret is not two people"
            assert "lead" in who.roles | command.witness.roles
            assert command.witness.roles - {"auditor"}
        if isinstance(command, c.Witness):
            step = before.protocol.step(command.step)
            assert step.kind == "witness"
            first = self.doers[step.of]
            assert command.witness.operator != (first or before.attributed or who.id)
            stands = before.steps[step.of].entry or 0
            tried = [each for each in before.steps[step.id].attempts if each.verdict == "fail" and each.entry > stands]
            differed = {each.witness for each in tried}
            assert command.witness.operator not in differed, "of two values they would only say the other one"
            assert not step.roles or command.witness.roles.intersection(step.roles)
        if isinstance(command, c.Attribute):
            assert drafts[0].kind == "run.attributed"
            assert command.person
            assert command.person.operator == who.id
            assert before.unsigned
            assert before.attributed is None, "it is said once"
        elif who.id is None and not isinstance(command, c.Tick):
            assert before.protocol.category == "emergency"
            assert (before.holder, before.attributed) == (None, None), "nothing unsigned follows in anybody's name"

    def the_run_allows_it(self, command: c.Command, who: Someone, before: RunState, drafts: tuple[Draft, ...]) -> None:
        if not drafts:
            return
        if not before.open:
            again = isinstance(command, c.Resume) and before.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
            assert isinstance(command, c.Correct | c.Attribute) or again
            assert who.id is not None
            # Whoever did it unsigned says so, however it ended.
            assert isinstance(command, c.Attribute) or before.outcome not in {Outcome.ABANDONED, Outcome.EXPIRED}
        elif not isinstance(command, c.Tick | c.Resume | c.Attribute):
            assert who.id == before.holder
        if before.paused:
            allowed = (c.Tick, c.Resume, c.Remark, c.Correct, c.Abandon, c.Attribute)
            assert isinstance(command, allowed)
        touched = {draft.step for draft in drafts} - {None}
        if not isinstance(command, c.Tick | c.Correct | c.Resume | c.Pause | c.Abandon | c.Attribute):
            bound = {step.id for step in before.protocol.steps if step.kind == "timer" and step.at_least_as}
            assert touched - (bound if isinstance(command, c.Give) else set()) <= {command.step}
            assert command.step in touched
        if not isinstance(command, c.Correct | c.Remark | c.Give):
            assert touched <= {before.current.id if before.current else None}

    def one_entry(self, command: c.Command, before: RunState, entry: Entry) -> None:
        if entry.step is None:
            return
        step = self.walk.protocol.step(entry.step)
        match entry.kind:
            case "step.started":
                clock = self.walk.clock
                self.timers[step.id] = (
                    entry.actor, clock.awake_ms, clock.boottime_ms, clock.wall, clock.boots
                )  # fmt: skip
            case "step.noted":
                if entry.data["about"] == "comment":
                    assert before.steps[step.id].owed == "comment"
                    self.commented.add(step.id)
            case "step.attempted":
                assert before.steps[step.id].owed is None
                assert entry.data["verdict"] in {"unexpected", "fail"}
            case "step.done":
                self.was_rightly_done(before, step, entry)
            case "step.skipped" | "step.not-applicable" | "step.deferred":
                assert not step.hold
                assert entry.data["reason"] in REASON_CODES
                attempts = before.steps[step.id].attempts
                assert not attempts or attempts[-1].verdict != "fail"
            case "step.overridden":
                assert isinstance(command, c.Override)
                assert entry.data["reason"] in REASON_CODES
            case "step.corrected":
                self.commented.discard(step.id)
                assert entry.data["of"] == {
                    "station": "a",
                    "index": before.steps[step.id].entry,
                    "leaf": before.steps[step.id].leaf,
                }
            case _:
                pass
        if entry.kind in {
            "step.done", "step.failed", "step.skipped", "step.not-applicable", "step.deferred", "step.overridden"
        }:  # fmt: skip
            self.no_hold_was_passed(before, step)
            started_by = self.timers[step.id][0] if step.id in self.timers else None
            self.doers[step.id] = started_by if entry.via == "system" else entry.actor
            self.timers.pop(step.id, None)
            if entry.kind != "step.deferred":  # a comment stands while the step waits
                self.commented.discard(step.id)

    def no_hold_was_passed(self, before: RunState, step: Step) -> None:
        """Design §8, point 6: whatever is closed, every hold before it was cleared or overridden."""
        for earlier in before.protocol.steps[: before.protocol.index(step.id)]:
            if earlier.hold and before.applies(earlier):
                own = before.steps[earlier.id]
                assert own.status in {Status.DONE, Status.OVERRIDDEN}
                if own.status is Status.OVERRIDDEN:
                    assert own.reason
                    assert own.witness
                    assert own.witness != own.by

    def was_rightly_done(self, before: RunState, step: Step, entry: Entry) -> None:
        """Design §8, points 5 and 6: what is done was within limits, and took its time."""
        assert before.steps[step.id].owed is None
        doer = next((who for who in self.kit.staff.all if who.id is not None and who.id == entry.actor), None)
        if doer is not None and step.kind not in {"witness", "sign"}:
            assert not step.roles or doer.roles.intersection(step.roles)
            assert holds(doer, (*before.protocol.credentials, *step.credentials), self.walk.clock)
        if step.kind == "sign":
            assert doer is not None, "nobody signs without their secret"
            assert holds(doer, step.credentials, self.walk.clock)
        value, data = entry.data.get("value"), entry.data
        match step.kind:
            case "measure":
                number = Decimal(str(value))
                low, high = {"Cel": (130, 140), "kPa": (100, 400), "s": (1, 900)}[step.unit]
                assert low <= number <= high
                if (step.unit == "Cel" and not 134 <= number <= 137) or "check" in data:
                    assert data["verdict"] == "unexpected"
                    assert step.id in self.commented
                else:
                    assert "verdict" not in data
            case "choice":
                assert value in {"turned", "half turned"}
            case "scan":
                named = data.get("consumed") or data.get("scanned")
                if isinstance(named, dict):
                    local = datetime.fromisoformat(self.walk.clock.now().at) + timedelta(hours=1)
                    assert date.fromisoformat(str(named["expiry"])) >= local.date()
                if "check" in data:
                    assert data["verdict"] == "unexpected"
                    assert step.id in self.commented
            case "timer":
                self.the_timer_ran(before, step.id, entry)
            case "witness":
                first = before.steps[step.of]
                if first.status is Status.DONE and before.protocol.step(step.of).kind in {"measure", "choice"}:
                    assert value == first.value
                assert data["witness"] != first.by
            case _:
                pass

    def the_timer_ran(self, before: RunState, name: str, entry: Entry) -> None:
        step = self.walk.protocol.step(name)
        assert step.kind == "timer"
        _, awake, through, wall, boots = self.timers[name]
        clock = self.walk.clock
        least, most = _ms(str(step.at_least)), None if step.at_most is None else _ms(str(step.at_most))
        label = before.steps[step.at_least_as] if step.at_least_as is not None else None
        read = int(str(label.value)) * 1000 if label is not None and label.status is Status.DONE else 0
        if most is not None and read >= most:
            most += read - least
        least = max(least, read)
        if boots == clock.boots:
            assert clock.awake_ms - awake >= least, "a minimum is time that the machine was awake"
            if most is not None:
                assert clock.boottime_ms - through <= most, "a maximum includes sleep"
            assert "clock" not in entry.data
        else:
            assert least >= HOUR_MS, "a short timer does not live through a restart"
            assert entry.data["clock"] == "wall"
            assert (clock.wall - wall) / timedelta(milliseconds=1) + 1 >= least

    def the_end(self, before: RunState, new: list[Entry]) -> None:
        state = self.walk.state
        completed = [entry for entry in new if entry.kind == "run.completed"]
        if not completed:
            return
        assert completed == new[-1:], "completion comes last, and once"
        data = completed[0].data
        assert data["deviations"] == state.deviations == sum(own.deviates for own in state.steps.values())
        assert data["outcome"] == state.outcome == outcome_by_design([own.status for own in state.steps.values()])
        if state.outcome is not Outcome.FAILED:
            for step in state.protocol.steps:
                assert state.status(step) is not Status.PENDING
        assert before.open or before.outcome in {
            Outcome.COMPLETE, Outcome.COMPLETE_EXCEPT_DEFERRED, Outcome.FAILED
        }  # fmt: skip

    # -- invariants ------------------------------------------------------------------------------------

    @invariant()
    def an_open_run_stands_at_exactly_one_step(self) -> None:
        state = self.walk.state
        current = [step for step in state.protocol.steps if state.status(step) is Status.CURRENT]
        assert len(current) == (1 if state.open else 0)
        assert [step.id for step in current] == ([self.walk.at] if state.open else [])

    @invariant()
    def every_attempt_is_kept(self) -> None:
        state = self.walk.state
        for step in state.protocol.steps:
            if step.kind in {"witness", "sign"}:
                continue  # asked again, through no fault of their own, when what they vouched for is corrected
            given = [e.index for e in self.walk.entries if e.step == step.id and e.kind in _GIVEN]
            assert [attempt.entry for attempt in state.steps[step.id].attempts] == given

    @invariant()
    def no_timer_is_shorter_than_what_was_read_of_it(self) -> None:
        for step in self.walk.protocol.steps:
            if step.kind == "timer" and step.at_least_as is not None:
                timer, label = self.walk.state.steps[step.id], self.walk.state.steps[step.at_least_as]
                if timer.status is Status.DONE and label.status is Status.DONE:
                    assert Decimal(str(timer.value)) >= Decimal(str(label.value))

    @invariant()
    def every_step_has_a_look_and_a_blind_reading_stays_hidden(self) -> None:
        state, now = self.walk.state, self.walk.clock.now()
        for step in state.protocol.steps:
            look(state, step, now)
            unseen = not state.steps[step.id].revealed
            if step.kind == "witness" and unseen and state.status(step) in {Status.CURRENT, Status.PENDING}:
                assert step.of in state.concealed

    @invariant()
    def nobody_is_the_second_person_to_themselves(self) -> None:
        state = self.walk.state
        for step in state.protocol.steps:
            own = state.steps[step.id]
            if step.kind == "witness" and own.status is Status.DONE:
                assert own.witness != (state.steps[step.of].by or state.attributed)


def holds(who: Someone, asked: tuple[str, ...], clock: Clock) -> bool:
    """Whether somebody may do today what asks for these credentials."""
    today = (clock.wall + timedelta(hours=1)).date().isoformat()
    held = [who.credentials.get(one) for one in asked]
    return all(until is not None and (until == "" or today <= until) for until in held)


_GIVEN = {"step.attempted", "step.done"}


def _ms(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]] * 1000


def test_whatever_people_do_and_whatever_the_clocks_say(kit: Kit) -> None:
    run_state_machine_as_test(
        lambda: Walkers(kit),  # type: ignore[arg-type]  # any factory will do, the documentation says
        settings=settings(
            max_examples=200,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


# -- deciding never raises ---------------------------------------------------------------------------------


@st.composite
def raw_commands(draw: st.DrawFn, kit: Kit, protocol: Protocol) -> c.Command:
    """Any command, with hostile text also where the program itself would put a commitment."""
    command = draw(commands(kit, protocol))
    dirty = draw(HOSTILE)
    match command:
        case c.Give():
            return replace(command, input=dirty)
        case c.Sign():
            return replace(command, name=dirty, meaning=draw(HOSTILE))
        case c.Remark():
            return replace(command, words=dirty)
        case c.Skip() | c.NotApplicable() | c.Fail() | c.Defer() | c.Override() | c.Correct() | c.Abandon():
            return replace(command, reason=Reason(draw(st.one_of(HOSTILE, st.just("other"))), dirty))
        case c.Assign():
            return replace(command, values={draw(HOSTILE): draw(HOSTILE)})
        case _:
            return command


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_command_is_a_fault_at_any_point_of_any_run(kit: Kit, data: st.DataObject) -> None:
    protocol = data.draw(protocols(kit))
    walk = type(kit.walk(kit.a.confirm("x")))(protocol, kit.staff.lea)
    for _ in range(len(protocol.steps) + 1):
        for _ in range(4):
            command = data.draw(raw_commands(kit, protocol))
            who = data.draw(st.sampled_from(kit.staff.all))
            decision = decide(walk.state, command, who.author, walk.clock.now())
            assert isinstance(decision, tuple | Refusal)
        step = walk.state.current
        if step is None:
            break
        decision = walk.decide(fitting(data.draw(DICE), kit, walk.state, step))
        if not isinstance(decision, Refusal):
            walk.record(decision)
