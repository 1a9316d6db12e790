"""What is answered at each kind of step in the made-up year, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.demo.clock import ms_between, seconds
from checklist.clinic.demo.run import Run
from checklist.clinic.demo.words import COMMENTS, words_of
from checklist.protocol.plain import SECONDS_IN

if TYPE_CHECKING:
    from checklist.clinic.demo.facts import Fact
    from checklist.clinic.demo.people import Member
    from checklist.clinic.demo.texts import Asked
    from checklist.ledger.entry import Json
    from checklist.run.events import Value


class Answering(Run):
    """A run whose steps are answered as the protocol asks."""

    def _answered(self, step: Asked) -> None:
        match step.kind:
            case "confirm":
                self._done(step, {})
            case "timer":
                self._timed(step)
            case "sign":
                self._signed(step)
            case "witness":
                self._witnessed(step)
            case "attach":
                self._attached(step)
            case _:
                value, data = self._answer(step)
                self._done(step, data, value=value)

    def _answer(self, step: Asked) -> tuple[Value | None, dict[str, Json]]:
        world, chance = self.world, self.world.chance
        given = self.given.get(step.id)
        match step.kind:
            case "measure":
                number = given if isinstance(given, str) else self._read(step)
                data: dict[str, Json] = {"value": number, "unit": step.unit, "input": "typed"}
                if self.printout is not None and step.sensed:
                    data["sensed"] = self.printout.sensed[step.sensed]
                return number, data
            case "choice":
                option = given if isinstance(given, str) else world.readings.option(step, chance)
                return option, {"value": option, "input": "typed"}
            case "text":
                spoken = given if isinstance(given, str) else words_of(step.id, chance)
                return None, {"words": world.said(spoken), "input": "typed"}
            case "assign":
                made = {kind: world.number(template, self.subject) for kind, template in step.produces}
                return " ".join(made.values()), {
                    "value": " ".join(made.values()),
                    "input": "assigned",
                    "produced": {**made},
                }
            case _:
                label = given if isinstance(given, dict) else world.readings.label(self.text.id, step, chance)
                if "batch" in step.captures:
                    label = {"batch": next(str(self.values[one.id]) for one in self.text.steps if one.produces)}
                typed = chance.random() < 0.06 or self.paper is not None or self.via == "line"
                return label, {step.role: {**label}, "input": "typed" if typed else "scanned"}

    def _read(self, step: Asked) -> str:
        world, chance = self.world, self.world.chance
        if self.printout is not None and step.sensed:
            sensed = float(self.printout.sensed[step.sensed])
            return f"{sensed:.{step.places or 0}f}"
        machine = world.machines.get(self.subject.partition("=")[2])
        if step.id == "test-temperature" and machine is not None:
            return f"{chance.gauss(135.1 + machine.warmer, 0.25):.1f}"
        if step.id == "test-pressure":
            return world.readings.steam(float(str(self.values["test-temperature"])), chance)
        found = world.readings.number(step, chance, self.values)
        if self.rounded and step.places == 1:
            halves = f"{round(float(found) * 2) / 2:.1f}"
            return halves if step.verdict(halves) == "pass" else found
        return found

    def _timed(self, step: Asked) -> None:
        chance, least = self.world.chance, self._least(step)
        if self.paper is not None:
            spent = str(round(least * chance.uniform(1.05, 1.3)) + 2)
            self._done(step, {"value": spent, "unit": "s", "input": "typed"}, value=spent)
            return
        begun = self.at
        self._record([self._fact("step.started", {}, step=step)])
        if step.most:
            usual = min(least * 1.04 + chance.lognormvariate(1.6, 0.7) + 1, step.most * 0.9)
            ends = self.took[f"{step.id}/"] = max(self.takes.get(f"{step.id}/", usual), least)
            self.at += seconds(ends)
        else:
            self.at += seconds(least + chance.uniform(0.002, 0.25))
        spent = f"{ms_between(begun, self.at) / 1000:.1f}"
        data: dict[str, Json] = {"value": spent, "unit": "s", "input": "sensed"}
        self._done(step, data, value=spent, system=not step.most)

    def _least(self, step: Asked) -> float:
        """How long a timer must run: as long as the label says, where that is longer than its own time."""
        read = self.values.get(step.as_read) if self.status.get(step.as_read) == "done" else None
        if not isinstance(read, str):
            return step.least
        return max(step.least, float(read) * SECONDS_IN[self.text.by_id[step.as_read].unit])

    def _signed(self, step: Asked) -> None:
        who = self.who
        if not who.id or (step.roles and not who.may(step.roles)) or (step.another and who.id in self.doers):
            who = self.world.other(self.doers if step.another else set(), step.roles) or who
        given = self.given.get(step.id)
        meaning = given if isinstance(given, str) else step.meanings[0]
        name = self.world.signature(who)
        signed = self._fact("signed", {"meaning": meaning, "factors": ["secret"], "name": name}, who, step)
        signed.of = self.last
        self._done(step, {"value": meaning, "input": "typed"}, value=meaning, by=who, before=[signed])

    def _second(self, step: Asked) -> Member:
        first = self.closed.get(step.of)
        not_these = {self.who.id, first.actor or "" if first is not None else ""}
        return self.world.witness(not_these, step.roles)

    def _witnessed(self, step: Asked) -> None:
        value = self.values.get(step.of) if self._reads(step) else None
        fact, data = self._reading(step, self._second(step), value, agrees=True)
        witness = fact.actor
        self._done(step, {**data, "witness": witness}, value=value, before=[fact])

    def _reads(self, step: Asked) -> bool:
        asked = self.text.by_id[step.of]
        return self.status.get(step.of) == "done" and asked.kind in ("measure", "choice", "scan")

    def _reading(
        self, step: Asked, second: Member, value: Value | None, *, agrees: bool
    ) -> tuple[Fact, dict[str, Json]]:
        given: dict[str, Json] = {} if value is None else {"value": value if isinstance(value, str) else {**value}}
        about: dict[str, Json] = {"agrees": agrees, "blind": self.paper is None, "factors": ["secret"]}
        fact = self._fact("witnessed", {**given, **about}, second, step)
        fact.of = self.closed.get(step.of)
        return fact, given

    def _attached(self, step: Asked) -> None:
        if not step.printout:
            data: dict[str, Json] = {
                "value": self.world.printouts.file(self.text.id, step.id, self.at),
                "input": "typed",
            }
            self._done(step, data, value=str(data["value"]))
            return
        machine = self.world.machines[self.subject.partition("=")[2]]
        attached = self.world.printouts.next(machine, self.at, self.start)
        data = {"value": attached.sha256, "input": "typed", "readout": attached.data}
        if attached.findings:
            data["findings"] = [*attached.findings]
            self._tries[step.id] = self._tries.get(step.id, 0) + 1
            self._record([self._fact("step.attempted", {**data, "verdict": "unexpected"}, step=step)])
            self._noted(step, "comment", COMMENTS)
            data["verdict"] = "unexpected"
        self.printout = attached
        self._done(step, data, value=attached.sha256)
