"""A whole clinic on disk, made once and copied for each test, and every clock of its machine."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from checklist.clinic import config as configuration
from checklist.clinic.folder import Folder
from checklist.clinic.making import Made, make
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.views import VIEWS
from checklist.ledger.entry import Moment
from checklist.ledger.keys import StationKey
from checklist.ledger.store import Ledger
from checklist.people.secret import hash_secret, load_pepper
from checklist.people.store import PeopleStore
from checklist.run import commands as c
from checklist.run.events import Person, Reason
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.machine_tests import ask_for_no_machine_test
from tests.support.making import Worker, bring_into_force, copy_of, furnish, header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from checklist.clinic.texts.adopting import Adopted

SECRET = "three green bottles"

SHORT = """\
[[steps]]
id = "wash"
kind = "confirm"
do = "Wash your hands."
expect = "clean"
at_least = "20s"
[[steps]]
id = "look"
kind = "confirm"
do = "Look around."
expect = "tidy"
"""

EVERYTHING = """\
[[steps]]
id = "wash"
kind = "confirm"
do = "Wash your hands."
expect = "clean"
[[steps]]
id = "temperature"
kind = "measure"
do = "Read the temperature."
unit = "Cel"
expected = { min = 20, max = 30 }
limit = { min = 10, max = 40 }
decimals = 1
[[steps]]
id = "indicator"
kind = "choice"
do = "Look at the indicator."
options = [{ value = "turned", verdict = "pass" }, { value = "not turned", verdict = "fail" }]
hold = true
[[steps]]
id = "second"
kind = "witness"
of = "indicator"
do = "A second person reads it."
[[steps]]
id = "remark"
kind = "text"
do = "Say what is in it."
[[steps]]
id = "label"
kind = "scan"
do = "Scan the label."
captures = ["lot", "expiry"]
use = "consumes"
[[steps]]
id = "printout"
kind = "attach"
do = "Attach the printout."
[[steps]]
id = "soak"
kind = "timer"
do = "Let it soak."
at_least = "3m"
at_most = "10m"
[[steps]]
id = "number"
kind = "assign"
produces = { load = "{equipment}-{date}-{n:02}" }
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
roles = ["release"]
"""

LOAD = """\
[[steps]]
id = "number"
kind = "assign"
produces = { load = "{equipment}-{date}-{n:02}" }
[[steps]]
id = "verdict"
kind = "choice"
do = "Say what you think of it."
options = [{ value = "quarantined", verdict = "pass" }, { value = "released", verdict = "pass" }]
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""

BLIND = """\
[[steps]]
id = "indicator"
kind = "choice"
do = "Look at the indicator."
options = [{ value = "turned", verdict = "pass" }, { value = "not turned", verdict = "fail" }]
[[steps]]
id = "second"
kind = "witness"
of = "indicator"
do = "A second person reads it."
[[steps]]
id = "look"
kind = "confirm"
do = "Look around."
expect = "tidy"
"""

STEPS = {
    "short": ("clinic", "", SHORT),
    "today": ("clinic", 'valid_for = "today"', SHORT),
    "visit": ("session", "", SHORT),
    "everything": ("equipment", "", EVERYTHING),
    "load": ("equipment", "", LOAD),
    "blind": ("room", "", BLIND),
}

PEOPLE = {"Ben Beech": ["staff", "reprocessing"], "Rita Rowan": ["staff", "release"], "Otto Oak": ["auditor"]}


def protocol_text(name: str, subject: str, more: str, steps: str, title: str | None = None) -> str:
    return header(name, title or name.title(), subject, more=more) + steps


@dataclass
class Clock:
    """Every clock of a machine. `hook` is called once, at the next look at the clock but `after`."""

    wall: datetime = datetime(2031, 3, 10, 9, 0, tzinfo=UTC)
    zone: str = "Europe/Berlin"
    boots: int = 1
    mono_ms: int = 100_000
    hook: Callable[[], None] | None = None
    after: int = 0

    def __call__(self) -> Moment:
        if self.hook is not None:
            if self.after == 0:
                hook, self.hook = self.hook, None
                hook()
            else:
                self.after -= 1
        return Moment(f"{self.wall:%Y-%m-%dT%H:%M:%S.%fZ}", self.zone, f"boot-{self.boots}", self.mono_ms, self.mono_ms)

    def advance(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mono_ms += int(seconds * 1000)

    def set(self, local: str) -> None:
        """Stop the machine, and start it again at this time of the clinic's zone."""
        self.wall = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        self.boots += 1
        self.mono_ms = 5_000


@dataclass
class House:
    """A clinic folder of one test, with its people and a clock that stands still."""

    folder: Folder
    clock: Clock = field(default_factory=Clock)
    stack: ExitStack = field(default_factory=ExitStack)

    def open(self, clock: Clock | None = None) -> Clinic:
        """The clinic as `Clinic.open` opens it, but by this house's clock."""
        settings = configuration.load(self.folder.config)
        table = settings.clinic
        key = StationKey.load(self.folder.keys, f"{table.origin}/{table.station}")
        ledger = Ledger.open(self.folder.ledger, key=key, clock=clock or self.clock, views=VIEWS)
        people = PeopleStore.open(self.folder.people)
        pepper = load_pepper(self.folder.keys)
        clinic = Clinic(self.folder, settings, ledger, people, pepper, clock or self.clock)
        self.stack.callback(clinic.close)
        return clinic

    def configure(self, old: str, new: str) -> None:
        """Change clinic.toml by hand, as a clinic does."""
        text = self.folder.config.read_text("utf-8")
        assert old in text
        self.folder.config.write_text(text.replace(old, new), "utf-8")

    def add_protocol(self, name: str, text: str, clinic: Clinic, who: SignedIn) -> Adopted:
        return bring_into_force(clinic, who, name, text)


def who(clinic: Clinic, name: str) -> SignedIn:
    """Somebody who has proved who they are; the hash of their secret is tried in the tests of signing in."""
    (operator,) = [each for each in clinic.staff.operators() if each.name and each.name.startswith(name)]
    return SignedIn(Person(operator.id, operator.roles, ("secret",)), operator.name or "")


class Kit:
    """What a test needs to walk."""

    secret = SECRET
    because = Reason("other", "the lamp is broken")
    mistake = Reason("mistake", "the wrong room")
    protocol_text = staticmethod(protocol_text)
    short, load, blind, everything = SHORT, LOAD, BLIND, EVERYTHING
    new_clock = staticmethod(Clock)
    new_house = staticmethod(House)

    def who(self, clinic: Clinic, name: str) -> SignedIn:
        return who(clinic, name)

    def begin(
        self, clinic: Clinic, protocol: str, subject: str = "", by: str = "Lea", session: str | None = None
    ) -> str:
        state = clinic.begin(protocol, subject, who(clinic, by), "tui", session)
        assert isinstance(state, RunState), state
        return state.run

    def do(self, clinic: Clinic, run: str, command: c.Command, by: str | None = "Lea") -> RunState:
        state = clinic.do(run, command, who(clinic, by) if by else None, "tui")
        assert isinstance(state, RunState), state
        return state

    def refused(self, clinic: Clinic, run: str, command: c.Command, by: str | None = "Lea") -> str:
        """Give a command that must be refused; its code. Nothing is recorded."""
        size = clinic.ledger.size
        refusal = clinic.do(run, command, who(clinic, by) if by else None, "tui")
        assert isinstance(refusal, Refusal), refusal
        assert refusal.message.endswith((".", "!"))
        assert clinic.ledger.size == size
        return refusal.code

    def walk_short(
        self, clinic: Clinic, protocol: str = "short", subject: str = "", session: str | None = None
    ) -> RunState:
        """A short run from its beginning to its end."""
        run = self.begin(clinic, protocol, subject, session=session)
        self.do(clinic, run, c.Confirm("wash"))
        return self.do(clinic, run, c.Confirm("look"))

    def walk_load(self, clinic: Clinic, meaning: str = "released", subject: str = "equipment=S1") -> RunState:
        run = self.begin(clinic, "load", subject)
        self.do(clinic, run, c.Assign("number", {}))
        self.do(clinic, run, c.Give("verdict", "released"))
        return self.do(clinic, run, c.Sign("release", who(clinic, "Lea").person, meaning, ""))

    def walk_everything(self, house: House, clinic: Clinic, printout: Path, run: str = "") -> RunState:
        """Every kind of step once, with one odd reading and its comment."""
        run = run or self.begin(clinic, "everything", "equipment=S1")
        self.do(clinic, run, c.Confirm("wash"))
        self.do(clinic, run, c.Give("temperature", "35,5"))
        self.do(clinic, run, c.Remark("temperature", "the window was open"))
        house.clock.advance(30)
        self.do(clinic, run, c.Give("temperature", "25.5"))
        self.do(clinic, run, c.Give("indicator", "turned"))
        self.do(clinic, run, c.Witness("second", who(clinic, "Ben").person, "turned"))
        self.do(clinic, run, c.Give("remark", "four cannulas of Frau Müller"))
        self.do(clinic, run, c.Give("label", "lot=A12 expiry=2032-01"))
        self.do(clinic, run, c.Give("printout", str(printout)))
        self.do(clinic, run, c.StartTimer("soak"))
        house.clock.advance(200)
        self.do(clinic, run, c.EndTimer("soak"))
        self.do(clinic, run, c.Assign("number", {}))
        return self.do(clinic, run, c.Sign("release", who(clinic, "Lea").person, "released", ""))


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A clinic made once. Nobody writes to it: tests take a copy."""
    root = tmp_path_factory.mktemp("template") / "clinic"
    made = make(Folder(root), "Riverside Skin", "Lea Linden", SECRET, "tui", clock=Clock())
    house = House(made.folder)
    text = made.folder.config.read_text("utf-8").splitlines()
    text = ['timezone = "Europe/Berlin"' if line.startswith("timezone") else line for line in text]
    made.folder.config.write_text("\n".join(text) + "\n", "utf-8")
    with house.stack:
        clinic = house.open()
        others = [Worker(name, SECRET + name, tuple(roles)) for name, roles in PEOPLE.items()]
        protocols = {name: protocol_text(name, subject, more, steps) for name, (subject, more, steps) in STEPS.items()}
        furnish(clinic, who(clinic, "Lea"), others, protocols)
        ask_for_no_machine_test(clinic, who(clinic, "Lea"))
    return made


@pytest.fixture
def house(template: Made, tmp_path: Path) -> Iterator[House]:
    mine = House(Folder(copy_of(template.folder.root, tmp_path)))
    mine.clock.advance(60)
    with mine.stack:
        yield mine


@pytest.fixture
def cheap_secrets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's secret, hashed at next to no cost: for tests that compare many."""
    monkeypatch.setattr("checklist.people.secret.MEMORY_KIB", 8)
    pepper = load_pepper(house.folder.keys)
    with PeopleStore.open(house.folder.people) as people:
        for person in people.people():
            secret = SECRET if person.name == "Lea Linden" else SECRET + person.name
            people.set_secret(person.id, hash_secret(secret, pepper, person.id), pin=False)


@pytest.fixture
def clinic(house: House) -> Clinic:
    return house.open()


@pytest.fixture
def printout(tmp_path: Path) -> Path:
    path = tmp_path / "printout.txt"
    path.write_text("134.2 C 3:30 min\n", "utf-8")
    return path
