"""The walk itself: show the step, hear a line, carry out what it means, say what was saved.

Knows when to wait and when to ask again. Decides nothing about a run, and says nothing is saved before it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.errors import EvidenceError
from checklist.ledger.errors import CannotOpen, CannotRead, NotCanonical, NotSaved
from checklist.line.change import changes
from checklist.line.console import Heard
from checklist.line.following import carried_lines
from checklist.line.label import Sent
from checklist.line.parse import (
    Asked,
    Do,
    ToAttribute,
    ToComplete,
    ToCorrect,
    ToOverride,
    ToSign,
    ToWitness,
    understand,
)
from checklist.line.render import (
    CORRECTABLE,
    HELP,
    ending,
    list_lines,
    opening,
    override_lines,
    step_lines,
    why_lines,
)
from checklist.line.stopping import stops_by
from checklist.line.timers import OtherTimers
from checklist.line.twice import typed_twice
from checklist.line.words import length
from checklist.people.errors import StoreError
from checklist.protocol.text import MAX_VALUE
from checklist.run import commands as c
from checklist.run.reading import Refusal
from checklist.run.timing import LONG_TIMER_MS, Phase
from checklist.run.walk import expired

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.line.console import Console
    from checklist.line.desk import Desk
    from checklist.line.parse import Meaning
    from checklist.protocol.model import Step
    from checklist.run.state import RunState
    from checklist.trace.scan import Scanned

_MAY_BE_TRIED_AGAIN = (NotSaved, CannotOpen, CannotRead, StoreError)


class Walker:
    """One person walking one run in lines."""

    def __init__(self, clinic: Clinic, console: Console, desk: Desk, via: str) -> None:
        self._clinic = clinic
        self._console = console
        self._desk = desk
        self._via = via
        self._zone = clinic.settings.clinic.timezone
        self._others: OtherTimers | None = None
        self._heard_at = 0
        self._shown: object = None
        self._leaving = False
        self._burst: bool | None = None
        self._label: Scanned | None = None

    def walk(self, run: str) -> RunState:
        """Walk an open run until it ends, is paused, or the input ends; or correct one that has ended.

        Raises the faults of `Clinic.do` where nothing could be saved and nobody is there to try again.
        """
        state = self._clinic.run(run)
        self._others = OtherTimers(self._clinic, run) if self._console.terminal else None
        self._heard_at = self._clinic.now().mono_ms
        self._console.say(*opening(state), *carried_lines(self._clinic, state))
        if not state.open:
            state = self._corrected(state)
        while not self._leaving and state.open and not state.paused and self._mine(state):
            state = self._onward(state)
        if state.open:
            self._console.say(f"Not finished. To go on: checklist resume {state.run}")
        else:
            self._console.say(*ending(state, self._zone), *self._overridden(state))
        return state

    def _mine(self, state: RunState) -> bool:
        if state.holder == self._desk.holder:
            return True
        self._console.say("Somebody else has taken this run over.")
        return False

    def _corrected(self, state: RunState) -> RunState:
        """An ended run until a correction opens it again, or nobody wants one."""
        if state.outcome not in CORRECTABLE:
            return state
        self._console.say(
            f"This run has ended: {state.outcome}.",
            "/list shows its steps; /correct STEP WORDS opens one again; an empty line leaves.",
        )
        while not state.open:
            heard = self._console.ask()
            if not isinstance(heard, str):
                return state
            meaning = understand(heard, state, self._clinic.now())
            if meaning is Asked.LEAVE:
                return state
            state = self._carried_out(state, meaning)
        return state

    def _onward(self, state: RunState) -> RunState:
        """One turn: a line, or the time that a timer takes."""
        step = state.current
        if step is None or self._console.stopped is not None:
            return self._left(state)
        timer = state.timer(step, self._clinic.now())
        phase = timer.phase if timer else None
        self._show(state, step, phase)
        if phase is Phase.RUNNING:
            return self._waited(state, step)
        if phase is Phase.OVER or (phase is Phase.READY and not _ended_by_hand(step)):
            return self._ticked(state)
        if step.kind == "scan" and not state.steps[step.id].owed:
            with self._console.sign_by_sign() as signs:
                heard = self._heard(state, step, phase)
                self._burst = signs.burst if signs is not None else None
        else:
            heard, self._burst = self._heard(state, step, phase), None
        if heard is Heard.TIME:
            return self._ticked(state)
        if heard is Heard.LONG:
            self._console.say(f"That line is too long (at most {MAX_VALUE} characters); nothing was taken.")
            return state
        if not isinstance(heard, str):
            return self._left(state)
        if (gone := self._left_alone()) is not None:
            self._console.say(gone.message, "What was typed was not taken.")
            return state
        if not heard.strip() and self._console.hasty():
            self._console.say("That came too fast; press Enter again.")
            return state
        hidden = step.id in state.concealed and not state.steps[step.id].owed
        if hidden and heard.strip() and not heard.startswith("/"):
            self._console.cover()
        sent = Sent(self._burst, self._clinic.settings.scanner, self._label)
        return self._carried_out(state, understand(heard, state, self._clinic.now(), sent))

    def _show(self, state: RunState, step: Step, phase: Phase | None) -> None:
        """Say the step once, and again whenever something about it has changed."""
        own = state.steps[step.id]
        now_shown = (step.id, own.owed, len(own.attempts), own.started, own.reason, phase)
        if now_shown != self._shown:
            self._console.say(*self._overridden(state), *step_lines(state, step, self._clinic.now()))
            self._console.say(*(self._others.running() if self._others else ()))
            self._shown = now_shown
            self._console.appeared()

    def _overridden(self, state: RunState) -> list[str]:
        return override_lines(self._clinic.overrides(state), self._clinic.name_of, self._zone)

    # -- timers -------------------------------------------------------------------------------------------

    def _heard(self, state: RunState, step: Step, phase: Phase | None) -> str | Heard:
        """The next line. Where a timer waits to be ended, time that runs out is heard too."""
        watches = phase is Phase.READY or self._others is not None
        heard = self._console.ask(seconds=1.0 if watches else None)
        while heard is Heard.TIME:
            later = state.timer(step, self._clinic.now())
            if phase is Phase.READY and (later is None or later.phase is not Phase.READY):
                break
            heard = self._rung() or self._console.line(1.0)
        return heard

    def _rung(self) -> str | Heard | None:
        """Ring for the timers of other runs that have run down, and ask again; None where there are none."""
        told = self._others.rung() if self._others else []
        if not told:
            return None
        self._console.ring()
        self._console.say("", *told)
        return self._console.ask(seconds=1.0)

    def _left_alone(self) -> Refusal | None:
        """Why the line that was just heard may be somebody else's; None if it is not."""
        before, self._heard_at = self._heard_at, self._clinic.now().mono_ms
        if self._heard_at - before < 1000 * self._clinic.settings.security.idle_seconds:
            return None
        return self._desk.still_here()

    def _waited(self, state: RunState, step: Step) -> RunState:
        """The run once its timer has run down. The time left is said now and then at a terminal."""
        said = None
        while True:
            timer = state.timer(step, self._clinic.now())
            if timer is None or timer.phase is not Phase.RUNNING:
                self._console.ring()
                return self._ticked(state)
            # Nobody is left to end it, or it runs for so long that no program needs to wait for it.
            if self._console.exhausted and (_ended_by_hand(step) or timer.left_ms >= LONG_TIMER_MS):
                return self._left(state)
            said = self._counted_down(timer.left_ms, said)
            heard = self._heard_meanwhile(min(1.0, timer.left_ms / 1000 + 0.01))
            if heard is Heard.STOP:
                return self._left(state)
            if isinstance(heard, str) and (gone := self._left_alone()) is not None:
                self._console.say(gone.message, "What was typed was not taken.")
            elif isinstance(heard, str):
                return self._carried_out(state, understand(heard, state, self._clinic.now()))
            state = self._clinic.run(state.run)
            if state.current is None or state.current.id != step.id:
                return state

    def _heard_meanwhile(self, seconds: float) -> str | Heard:
        """What comes while a timer runs: at a terminal it is answered at once; a pipe's lines wait for their step."""
        if self._console.terminal and not self._console.exhausted:
            return self._console.line(seconds)
        return Heard.TIME if self._console.rest(seconds) else Heard.STOP

    def _counted_down(self, left_ms: int, said: int | None) -> int:
        """Say the time left at each full minute, at half a minute and at ten seconds; the mark reached last."""
        left = -(-left_ms // 1000)
        mark = next(mark for mark in (10, 30, 60 * -(-left // 60)) if left <= mark)
        if said is not None and mark != said and self._console.terminal:
            self._console.say(f"{length(left)} to go.")
        return mark

    def _ticked(self, state: RunState) -> RunState:
        """The run after what ends or fails by itself has been recorded."""
        step, now = state.current, self._clinic.now()
        timer = state.timer(step, now) if step is not None else None
        ends = timer is not None and timer.phase in {Phase.READY, Phase.OVER}
        return self._done(state, c.Tick(), None) if ends or expired(state, now) else self._clinic.run(state.run)

    # -- what a line leads to -----------------------------------------------------------------------------

    def _carried_out(self, state: RunState, meaning: Meaning) -> RunState:
        match meaning:
            case Refusal():
                self._label = None if meaning.code == "label-different" else self._label
                self._console.say(meaning.message)
                return state
            case ToComplete():
                self._label = meaning.found
                lacking = " ".join(f"{kind}=…" for kind in meaning.found.lacking)
                self._console.say(meaning.found.message, f"To type it: {lacking}")
                return state
            case Do() if stops_by(state, meaning.command, self._desk.who, self._clinic.now()) and not self._meant():
                return state
            case Do(c.Give(input="typed")) if not typed_twice(
                self._console, state, meaning.command, self._label, self._left_alone
            ):
                return state
            case Asked():
                self._console.say(*self._told(state, meaning))
                return state
            case Do():
                return self._done(state, meaning.command, self._desk.who)
            case ToSign() | ToWitness() | ToOverride() | ToCorrect():
                return self._with_person(state, meaning)
            case ToAttribute():
                return self._attributed(state)

    def _meant(self) -> bool:
        """Whether an answer that stops the run is given once more. A pipe is not asked."""
        if not self._console.terminal:
            return True
        self._console.appeared()
        self._console.say("That answer stops the run: it fails. Is that right?")
        heard = self._console.ask("Enter: yes. Anything else takes it back: ")
        if (gone := self._left_alone()) is not None:
            self._console.say(gone.message, "It was taken back; nothing was recorded.")
            return False
        if heard == "" and not self._console.hasty():
            return True
        self._console.say("It was taken back; nothing was recorded." if heard != "" else "That came too fast.")
        self._shown = None
        return False

    def _told(self, state: RunState, asked: Asked) -> list[str]:
        match asked:
            case Asked.WHY:
                return why_lines(state, state.current) if state.current else ["This run has ended."]
            case Asked.LIST:
                return list_lines(state, self._clinic.now())
            case Asked.HELP:
                return [*HELP]
            case Asked.LEAVE:
                return []

    def _with_person(self, state: RunState, meaning: ToSign | ToWitness | ToOverride | ToCorrect) -> RunState:
        """Ask for the person whom this needs, and carry it out with them."""
        proved = self._desk.signer(meaning.step) if isinstance(meaning, ToSign) else self._desk.second()
        if isinstance(proved, Refusal):
            self._console.say(proved.message)
            # Said again, so that nobody goes on typing a name and a secret where the step's own answer is asked for.
            self._shown = None if self._console.terminal else self._shown
            return state
        command: c.Command
        match meaning:
            case ToSign():
                command = c.Sign(meaning.step.id, proved.person, meaning.meaning, "")
            case ToWitness():
                command = c.Witness(meaning.step.id, proved.person, meaning.value)
            case ToOverride():
                command = c.Override(meaning.step.id, meaning.reason, proved.person)
            case ToCorrect():
                command = c.Correct(meaning.step.id, meaning.reason, proved.person)
        return self._done(state, command, self._desk.who)

    def _attributed(self, state: RunState) -> RunState:
        """The run once somebody has said that they did what nobody had signed in for. They hold it from then on."""
        proved = self._desk.attributor()
        if isinstance(proved, Refusal):
            self._console.say(proved.message)
            return state
        after = self._done(state, c.Attribute(), proved)
        if after.open and after.holder != proved.id:
            self._desk.leave()
        return after

    def _done(self, state: RunState, command: c.Command, who: SignedIn | None) -> RunState:
        """The run after a command; what came of it has been said."""
        self._label = None
        try:
            after = self._saved(state.run, command, who)
        except EvidenceError as error:
            self._console.say(str(error))
            return state
        except NotCanonical as error:
            self._console.say(f"{error} {error.advice}")
            return state
        if isinstance(after, Refusal):
            self._console.say(after.message)
            return self._clinic.run(state.run)
        self._console.say(*changes(state, after, self._zone))
        return after

    def _saved(self, run: str, command: c.Command, who: SignedIn | None) -> RunState | Refusal:
        """Carry out a command. What could not be saved is tried again when a person at the terminal says so."""
        while True:
            try:
                return self._clinic.do(run, command, who, self._via)
            except _MAY_BE_TRIED_AGAIN as error:
                if not self._console.terminal:
                    raise
                self._console.say(str(error), "Nothing was saved: write it on paper and go on there.")
                if self._console.ask("Press Enter to try again: ") in {Heard.END, Heard.STOP}:
                    raise

    def _left(self, state: RunState) -> RunState:
        """The run paused, because nobody answers any more."""
        self._leaving = True
        state = self._clinic.run(state.run)
        if not state.open or state.paused or state.holder != self._desk.holder:
            return state
        after = self._clinic.do(state.run, c.Pause(), self._desk.who, self._via)
        if isinstance(after, Refusal):
            self._console.say(after.message)
            return self._clinic.run(state.run)
        self._console.say(*changes(state, after, self._zone))
        return after


def _ended_by_hand(step: Step) -> bool:
    return step.kind == "timer" and step.at_most is not None
