"""One run as it is walked in the made-up year: a light model that leaves the entries the program itself would leave.

Follows a protocol's order, and lets go amiss what does go amiss. A test folds its runs with the program's own fold,
which must come to the same end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.demo.answers import Answering
from checklist.clinic.demo.clock import seconds
from checklist.clinic.demo.facts import DAY
from checklist.clinic.demo.words import COMMENTS, REASONS, REMEDIES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from checklist.clinic.demo.people import Member
    from checklist.clinic.demo.texts import Asked
    from checklist.ledger.entry import Json

_SAID: Final = frozenset({"value", "unit", "input", "words", "scanned", "consumed", "produced", "sensed"})
"""What of an answer is said again when both have looked again."""


class Walk(Answering):
    """A run that somebody walks."""

    def go(self, until: str = "") -> Self:
        """Walk on, to the end or until this step is done."""
        while self._next < len(self.text.steps) and self.open:
            step = self.text.steps[self._next]
            self._next += 1
            if self.applies(step):
                self._at(step)
            if step.id == until:
                return self
        if self.open:
            self._complete()
        return self

    def resume(self, at: int, who: Member, otherwise: Mapping[str, str]) -> Self:
        """Take up what was put off; whoever does so holds the run from then on."""
        self.at = at
        facts = [self._fact("run.resumed", {}, who)]
        if who is not self.who:
            facts.append(self._fact("run.handed-over", {"to": who.id}, who))
        self.who, self.via, self.otherwise = who, who.via, dict(otherwise)
        self._record(facts)
        self.since, self.outcome = at, ""
        self.doers.add(who.id)
        for name in [name for name, status in self.status.items() if status == "deferred"]:
            del self.status[name]
            self._vouchers_again(name)
        for step in self.text.steps:
            if self.open and step.id not in self.status and self.applies(step):
                self._at(step)
        if self.open:
            self._complete()
        return self

    def _vouchers_again(self, name: str) -> None:
        """Whoever signed without this step, or read it, is asked again."""
        behind = False
        for step in self.text.steps:
            behind = behind or step.id == name
            if (step.of == name or (behind and step.kind == "sign")) and self.status.get(step.id) == "done":
                del self.status[step.id]
                self._tries.pop(step.id, None)

    def _at(self, step: Asked) -> None:
        chance = self.world.chance
        taken = self.took[step.id] = self.takes.get(step.id) or self._usual(step)
        self.at += seconds(taken)
        how = self.otherwise.get(step.id, "") or self._troubled(step)
        match how:
            case "skip" | "not-applicable":
                kind = "step.skipped" if how == "skip" else "step.not-applicable"
                self._left_out(step, kind, how, "not-needed" if chance.random() < 0.3 else "not-available")
            case "defer":
                self._left_out(step, "step.deferred", how, "not-available", days=1)
            case "overridden":
                self._overridden(step)
            case "fail":
                self._failed(step)
            case "again" | "unexpected":
                if not self._tried(step, "fail" if how == "again" else "unexpected"):
                    self._answered(step)
            case "correct":
                self._answered(step)
                self._corrected(step)
            case "differs":
                self._differing(step)
            case "pause" | "hand-over":
                self._interrupted(how)
                self._answered(step)
            case _ if how.startswith("defer "):
                self._left_out(step, "step.deferred", "defer", "not-available", days=int(how[6:]))
            case _:
                self._answered(step)

    def _interrupted(self, how: str) -> None:
        chance = self.world.chance
        other = self.world.other({self.who.id}, self.text.roles)
        if how == "pause" or other is None:
            self.pause(chance.uniform(120, 900))
        else:
            self.hand_over(other, chance.uniform(30, 300))

    def _usual(self, step: Asked) -> float:
        taken = self.world.pace.taken(self.text.id, step, self.who.pace * self.speed, self.world.chance)
        return taken if not self.paper else self.world.chance.uniform(3, 9)

    def _troubled(self, step: Asked) -> str:
        """What goes amiss at this step, where it is the one."""
        if not self.trouble or self._next <= self._from or not self._may(self.trouble, step):
            return ""
        how, self.trouble = self.trouble, ""
        return how

    def _may(self, how: str, step: Asked) -> bool:
        match how:
            case "again":
                bad = (step.kind == "choice" and step.failing) or (
                    step.kind == "measure" and step.limit != (None, None)
                )
                return bool(bad) and not step.fails and not step.opens and not step.sensed and step.id not in self.given
            case "unexpected":
                fits = step.kind == "measure" and step.expected != (None, None) and not step.fails
                return fits and not step.opens and not step.sensed and not step.id.startswith("test-")
            case "skip" | "not-applicable" | "defer":
                return step.kind in ("confirm", "text") and not step.hold and step.id not in self.text.asked_of
            case "correct":
                return step.kind in ("measure", "text") and step.id not in self.text.asked_of and not step.sensed
            case "differs":
                return step.kind == "witness" and self.text.by_id[step.of].kind in ("measure", "choice")
            case _:
                return step.kind != "assign"

    def _differing(self, step: Asked) -> None:
        """The second reading differs, so both look again."""
        asked, world = self.text.by_id[step.of], self.world
        other = world.readings.otherwise(asked, self.values.get(step.of), world.chance)
        if other is None or not self._reads(step):
            self._witnessed(step)
            return
        second = self._second(step)
        fact, data = self._reading(step, second, other, agrees=False)
        self._tries[step.id] = self._tries.get(step.id, 0) + 1
        self._record([fact, self._fact("step.attempted", {**data, "input": "typed", "verdict": "fail"}, step=step)])
        self.at += seconds(world.chance.uniform(15, 60))
        self._reopened(asked, "differ")
        self.at += seconds(world.chance.uniform(8, 30))
        self._witnessed(step)

    def _tried(self, step: Asked, verdict: str) -> bool:
        """An answer that is not taken at once; whether it was in the end."""
        world, chance = self.world, self.world.chance
        beyond = world.readings.beyond(step, chance, verdict) if step.kind == "measure" else None
        value = chance.choice(step.failing) if step.kind == "choice" else beyond
        if value is None:
            return False
        data: dict[str, Json] = {"value": value, "input": "typed", "verdict": verdict}
        if step.kind == "measure":
            data["unit"] = step.unit
        if verdict == "fail" and step.opens:
            data["open"] = step.opens
        self._tries[step.id] = self._tries.get(step.id, 0) + 1
        self._record([self._fact("step.attempted", data, step=step)])
        self._noted(step, *(("comment", COMMENTS) if verdict == "unexpected" else ("remedy", REMEDIES)))
        if verdict == "unexpected" and chance.random() < 0.6:  # it stays so
            self.at += seconds(chance.uniform(4, 12))
            self._done(step, {**data}, value=value)
            return True
        self.at += seconds(chance.uniform(20, 240))
        return False

    def _corrected(self, step: Asked) -> None:
        if step.id not in self.closed:
            return
        self.at += seconds(self.world.chance.uniform(6, 45))
        self._reopened(step, "correct")

    def _reopened(self, step: Asked, why: str) -> None:
        """What a step says is corrected, and said anew."""
        world, closed = self.world, self.closed[step.id]
        was: Json = {"words": closed.data["words"]} if step.kind == "text" else closed.data.get("value")
        data: dict[str, Json] = {
            "was": was,
            "reason": "mistake",
            "words": world.said(world.chance.choice(REASONS[why])),
        }
        corrected = self._fact("step.corrected", data, step=step)
        corrected.of = closed
        self._record([corrected])
        self.since = self.at
        self._tries[step.id] = self._tries.get(step.id, 0) + 1
        self.deviating.add(step.id)
        self.at += seconds(world.chance.uniform(4, 20))
        if why == "correct":
            self.given.pop(step.id, None)
            self._answered(step)
        else:
            self._done(step, {key: one for key, one in closed.data.items() if key in _SAID}, value=self.values[step.id])

    def _left_out(self, step: Asked, kind: str, how: str, code: str, days: int = 0) -> None:
        data: dict[str, Json] = {"reason": code, "words": self.world.said(self.world.chance.choice(REASONS[how]))}
        if days:
            data["until"] = self.world.instant(self.at + days * DAY)
        self._close(
            step, kind, data, {"step.skipped": "skipped", "step.deferred": "deferred"}.get(kind, "not-applicable")
        )

    def _overridden(self, step: Asked) -> None:
        world = self.world
        roles = () if "lead" in self.who.roles else ("lead",)
        second = world.witness({self.who.id}, roles)
        words = world.said(world.chance.choice(REASONS["override"]))
        data: dict[str, Json] = {
            "reason": "clinical-decision",
            "words": words,
            "witness": second.id,
            "factors": ["secret"],
        }
        self._close(step, "step.overridden", data, "overridden")

    def _failed(self, step: Asked) -> None:
        """A reading that ends the run."""
        world = self.world
        given = self.given.get(step.id)
        found = (
            world.chance.choice(step.failing)
            if step.kind == "choice"
            else world.readings.beyond(step, world.chance, "fail")
        )
        value = given if isinstance(given, str) else found
        data: dict[str, Json] = {"value": value, "input": "typed", "verdict": "fail"}
        told: dict[str, Json] = {"attempts": self._tries.get(step.id, 0) + 1, "cause": "limit"}
        if step.kind == "measure":
            data["unit"] = step.unit
        if step.opens:
            data["open"] = told["open"] = step.opens
        attempted = self._fact("step.attempted", data, step=step)
        self._close(step, "step.failed", told, "failed", before=[attempted])
        self._complete()
