"""A real clinic in which much happens, and the book in which the same is written down in plainer words.

Every deed is done through the service that the faces use. Where the book foretells a refusal, there must be one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from checklist.clinic.copies import Copied, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.visits import clearing
from checklist.clinic.visits.clearing import Answer
from checklist.gate.facts import Asked
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.gate_book import ZONE, Book, Load, Visit, Walked

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.gate.clearance import Judged
    from checklist.gate.facts import Stage
    from tests.clinic.conftest import House, Kit

ROOMS, MACHINES = ("room-1", "room-2"), ("S1", "S2")
LOTS = {f"L{number}": date(2031, 3, 9 + number) for number in range(1, 7)}
WHY = Reason("clinical-decision", "it has to be")
AT_ONCE = Reason("mistake", "the wrong room")
LATER = "2031-04-01T10:00:00.000000Z"


@dataclass
class World:
    """One clinic folder, its people, and the dice by which things happen in it."""

    house: House
    kit: Kit
    dice: Random
    clinic: Clinic
    copies: Path
    book: Book = field(default_factory=Book)
    trail: list[str] = field(default_factory=list)
    serials: int = 0
    station: int = 0
    last_days: dict[str, date] = field(default_factory=lambda: dict(LOTS))
    """The last day of each lot and serial number, the same on every scan."""

    # -- the service, and the clock ------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.house.clock.wall.astimezone(UTC)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    def who(self, name: str) -> SignedIn:
        return self.kit.who(self.clinic, name)

    def able(self, *names: str) -> bool:
        return not self.book.disabled.intersection(names)

    def tell(self, *words: object) -> None:
        self.trail.append(f"{self.now:%d %H:%M:%S} " + " ".join(map(str, words)))

    def hold(self, right: bool, *words: object) -> None:
        """Something must be so; if not, what happened is told from the beginning."""
        assert right, "\n".join([*self.trail, " ".join(map(str, words))])

    def begin(self, protocol: str, subject: str = "", session: str | None = None) -> Walked | Refusal:
        self.house.clock.advance(1)
        found = self.clinic.begin(protocol, subject, self.who("Lea"), "tui", session)
        return found if isinstance(found, Refusal) else Walked(found.run, self.now, moment=self.now)

    def begun(self, protocol: str, subject: str = "", session: str | None = None) -> Walked:
        found = self.begin(protocol, subject, session)
        assert isinstance(found, Walked), found
        return found

    def tried(self, run: str, command: c.Command) -> RunState | Refusal:
        self.house.clock.advance(1)
        return self.clinic.do(run, command, self.who("Lea"), "tui")

    def do(self, run: str, *commands: c.Command) -> None:
        for command in commands:
            done = self.tried(run, command)
            assert isinstance(done, RunState), (command, done)

    def close_run(self, walked: Walked, way: str) -> None:
        """Its step `look`, in one of the ways that a step comes to an end; or it is left there."""
        ways: dict[str, c.Command] = {
            "done": c.Confirm("look"),
            "skipped": c.Skip("look", WHY),
            "not applicable": c.NotApplicable("look", WHY),
            "put off": c.Defer("look", LATER, WHY),
            "failed": c.Fail("look", WHY),
            "abandoned": c.Abandon(AT_ONCE),
        }
        if way in ways:
            self.do(walked.run, ways[way])
        if way == "done":
            walked.done(self.now)
        elif way in ways:
            walked.spoiled(self.now)

    def a_way(self, done: float = 0.8) -> str:
        others = ["skipped", "not applicable", "put off", "failed", "abandoned", "left open"]
        return "done" if self.dice.random() < done else self.dice.choice(others)

    # -- the gate --------------------------------------------------------------------------------------------

    def asked(self, visit: Visit, room: str, stage: Stage = "start") -> Asked | Refusal:
        return clearing.asked_of(self.clinic, "walked", room, visit.id, stage)

    def judged(self, visit: Visit, room: str, stage: Stage = "start") -> tuple[str, tuple[Judged, ...]]:
        """What the gate says; nothing is recorded."""
        asked = self.asked(visit, room, stage)
        assert isinstance(asked, Asked), asked
        procedure = self.clinic.library.procedure(self.clinic.ledger, "walked")
        found = clearing.look(self.clinic, procedure, asked).clearance
        return found.decision, found.requirements

    def clear(self, visit: Visit, stage: Stage) -> None:
        asked = self.asked(visit, visit.room, stage)
        assert isinstance(asked, Asked), asked
        self.house.clock.advance(1)
        procedure = self.clinic.library.procedure(self.clinic.ledger, "walked")
        answer = clearing.clear(self.clinic, procedure, asked, self.who("Lea"), "tui")
        assert isinstance(answer, Answer), answer
        go = answer.clearance.decision == "GO"
        self.tell("cleared", visit.id, stage, answer.clearance.decision)
        if stage == "close":
            visit.closed = go
            return
        visit.go = visit.go or go
        self.book.entered.append((visit.room, self.now, visit.id))

    def override(self, visit: Visit) -> None:
        asked = self.asked(visit, visit.room)
        assert isinstance(asked, Asked), asked
        self.house.clock.advance(1)
        procedure = self.clinic.library.procedure(self.clinic.ledger, "walked")
        ben = self.who("Ben").person
        answer = clearing.override(self.clinic, procedure, asked, WHY, self.who("Lea"), ben, "tui")
        if isinstance(answer, Refusal):
            assert answer.code == "go"
            return
        found = self.clinic.ledger.query("SELECT max(overridden) FROM clearance")
        visit.overrides[self._place(found)] = False
        self.book.entered.append((visit.room, self.now, visit.id))
        self.tell("overridden", visit.id)

    def review(self, overrides: dict[str, bool]) -> None:
        for place in [one for one, reviewed in overrides.items() if not reviewed]:
            done = clearing.review(self.clinic, place, "looked into it", self.who("Rita"), "tui")
            assert not isinstance(done, Refusal), done
            overrides[place] = True
            self.tell("reviewed", place)

    def override_step(self, walked: Walked, step: str, overrides: dict[str, bool]) -> None:
        self.do(walked.run, c.Override(step, WHY, self.who("Ben").person))
        found = self.clinic.ledger.query("SELECT max(idx) FROM overridden WHERE run = ?", (walked.run,))
        overrides[self._place(found)] = False

    def _place(self, rows: list[tuple[object, ...]]) -> str:
        return f"{self.clinic.settings.clinic.station}#{rows[0][0]}"

    # -- machines and loads ----------------------------------------------------------------------------------

    def test(self, machine: str, way: str) -> None:
        walked = self.begun("machine-test", f"equipment={machine}")
        self.close_run(walked, way)
        if way != "abandoned":  # before anything was done
            self.book.tests.setdefault(machine, []).append(walked)
        self.tell("test", machine, way)

    def load(self, machine: str, meaning: str | None, look: str = "done") -> None:
        walked = self.begin("sterilise", f"equipment={machine}")
        if isinstance(walked, Refusal):
            assert ("equipment", machine) in self.book.apart, walked
            return
        assert ("equipment", machine) not in self.book.apart, "a load was begun in a machine that is set apart"
        self.do(walked.run, c.Assign("number", {}))
        ((number,),) = self.clinic.ledger.query("SELECT value FROM identifier WHERE run = ?", (walked.run,))
        made = self.book.loads[str(number)] = Load(machine, walked)
        if look == "overridden":
            self.override_step(walked, "look", made.overrides)
        else:
            self.do(walked.run, c.Confirm("look"))
        if meaning is not None:
            self.sign_load(made, meaning)
        if meaning == "quarantined":
            self.book.set_apart(("load", str(number)), meaning, self.now)
        self.tell("load", number, meaning, look)

    def sign_load(self, load: Load, meaning: str) -> None:
        signed = self.tried(load.walked.run, c.Sign("release", self.who("Lea").person, meaning, ""))
        never = meaning == "released" and self.book.never_released(load)
        refused = isinstance(signed, Refusal)
        self.hold(never is None or refused == never, "sign", load, meaning)
        if refused:
            return
        load.walked.done(self.now)
        load.released = meaning == "released"

    def spore_test(self, number: str, result: str) -> None:
        machine = self.book.loads[number].machine
        walked = self.begun("bi-test", f"equipment={machine}")
        self.do(walked.run, c.Give("pack", f"load={number}"), c.Give("result", result))
        if result == "negative":
            self.book.negatives[machine] = number
        else:
            self.do(walked.run, c.Abandon(WHY))
        self.tell("spore test", number, result)

    # -- rooms and visits ------------------------------------------------------------------------------------

    def turn_over(self, room: str, way: str) -> None:
        walked = self.begun("turnover", f"room={room}")
        self.close_run(walked, way)
        if way not in ("abandoned", "left open"):
            walked.wiped = self.book.wipes_to_take()
            self.do(walked.run, c.Give("wipe", f"lot={walked.wiped}"))
            walked.ended, walked.moment = walked.ended and self.now, self.now
        if way != "abandoned":  # before anything was done
            self.book.rooms.setdefault(room, []).append(walked)
        self.tell("turnover", room, way)

    def spill(self, way: str) -> None:
        walked = self.begun("spill", "clinic")
        self.close_run(walked, way)
        # what was left out is no incident any more
        walked.good = not walked.open and way not in ("failed", "abandoned")
        self.book.spills.append(walked)
        self.tell("spill", way)

    def visit(self, room: str) -> Visit:
        session = self.clinic.session("new", self.who("Lea"), "tui")
        assert isinstance(session, str), session
        visit = self.book.visits[session] = Visit(session, room)
        self.tell("visit", session, room)
        return visit

    def screen(self, visit: Visit, answer: str) -> None:
        visit.screen = self.begun("screen", session=visit.id)
        self.do(visit.screen.run, c.Give("decision", answer))
        visit.screen.done(self.now)
        visit.fit = answer == "fit"
        self.tell("screen", visit.id, answer)

    def open_packs(self, visit: Visit, lamp: str, look: str, performer: str, *, careful: bool) -> None:
        """`careful`: with the newest of what is usable; else by whatever should not be used, if it is taken."""
        walked = visit.opening = self.begun("opening", session=visit.id)
        self.tell("opening", visit.id, lamp, look, performer)
        if lamp == "overridden":
            self.override_step(walked, "lamp", visit.lamps.setdefault(walked.run, {}))
        else:
            self.do(walked.run, c.Give("lamp", "whole"))
        self.close_run(walked, look)
        walked.ended, walked.good = None, False
        if look in ("abandoned", "left open") or not self._scan_all(visit, walked, careful):
            return
        self.do(walked.run, c.Sign("ready", self.who(performer).person, "performed", ""))
        visit.performer = performer
        walked.done(self.now)
        walked.good = look == "done"

    def half_opened(self, visit: Visit) -> Walked:
        """A new opening, as far as the pack."""
        walked = visit.opening = self.begun("opening", session=visit.id)
        visit.performer = None
        self.do(walked.run, c.Give("lamp", "whole"), c.Confirm("look"))
        self.tell("half opened", visit.id)
        return walked

    def _scan_all(self, visit: Visit, walked: Walked, careful: bool) -> bool:
        loads, lots = [*reversed(self.book.loads)], [*reversed(LOTS)]
        serials, used = [self.new_serial()], [*self.book.spent]
        if careful:
            loads.sort(key=lambda one: not self.book.loads[one].usable)
            lots.sort(key=lambda one: self.today > self.last_days[one])
        else:
            self.dice.shuffle(lots)
            self.dice.shuffle(loads)
            loads.sort(key=lambda one: self.book.loads[one].usable)
            serials = [self.dice.choice(used), *serials] if used else serials
        return all(
            any(self.scan(visit, walked.run, step, kind, one) for one in found)
            for step, kind, found in (("pack", "load", loads), ("cartridge", "serial", serials), ("serum", "lot", lots))
        )

    def new_serial(self) -> str:
        self.serials += 1
        serial = f"C-{self.serials}"
        self.last_days[serial] = self.today + timedelta(days=self.dice.randint(0, 2))
        return serial

    def scan(self, visit: Visit, run: str, step: str, kind: str, value: str, *, asks: bool = True) -> bool:
        """Whether it was taken; it must be if nothing is known against it, and else never, unless nobody asks."""
        book, last = self.book, None if kind in ("load", "batch") else self.last_days[value]
        if last is not None and self.today > last:
            return False
        typed = f"{kind}={value}" + (f" expiry={last}" if last else "")
        done = self.tried(run, c.Give(step, typed))
        wrong = book.blocked((kind, value)) or (kind == "serial" and book.used_elsewhere(value, visit))
        self.hold(isinstance(done, Refusal) == (wrong and asks), "scan", visit.id, typed, "taken against the book")
        if isinstance(done, Refusal):
            return False
        visit.items[kind, value] = last
        visit.opened_in.setdefault((kind, value), set()).add(run)
        if kind == "serial":
            book.spent.setdefault(value, set()).add(visit.id)
        self.tell("scan", visit.id, typed)
        return True

    def swap_cartridge(self, visit: Visit) -> None:
        """Its cartridge was scanned by mistake; from a visit that had not started it is free again."""
        assert visit.opening is not None
        question = "SELECT value FROM identifier WHERE run = ? AND kind = 'serial' AND withdrawn = 0"
        ((old,),) = self.clinic.ledger.query(question, (visit.opening.run,))
        self.do(visit.opening.run, c.Correct("cartridge", WHY))
        visit.opening.good, visit.performer = False, None
        del visit.items["serial", str(old)], visit.opened_in["serial", str(old)]
        if not visit.started:
            self.book.spent[str(old)].discard(visit.id)
        self.tell("swap", visit.id, old)
        assert self.scan(visit, visit.opening.run, "cartridge", "serial", self.new_serial())

    # -- and everything from the beginning on another disk -----------------------------------------------------

    def restore(self) -> None:
        """All that was open stays unknown, and nothing of the old record can be corrected any more."""
        for spill in self.book.spills:
            spill.moment = max(spill.moment, spill.began + timedelta(seconds=1))
        self.station += 1
        kept, new = self.copies / f"kept-{self.station}", Folder(self.copies / f"clinic-{self.station}")
        assert isinstance(backup(self.clinic, kept, self.who("Lea"), "tui"), Copied)
        restore(kept, new, "tui")
        self.house.folder = new
        self.clinic = self.house.open()
        self.house.clock.advance(timedelta(minutes=5).total_seconds())
        self.tell("restored")
