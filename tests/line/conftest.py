"""A clinic with two people and short protocols, and a way to walk them in lines without starting a program."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.line.console import Console
from checklist.line.desk import Credentials, Desk
from checklist.line.walker import Walker
from checklist.run.commands import Resume
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.at_terminal import Person
from tests.support.making import Worker, copy_of, header, made_clinic, write_secret

if TYPE_CHECKING:
    import pexpect

SECRET = "three blind mice"
SECOND = "four blind cats"
THIRD = "five blind dogs"

SecretFile: TypeAlias = Callable[[str], str]
Terminal: TypeAlias = "Callable[..., pexpect.spawn[str]]"
Somebody: TypeAlias = Callable[..., Person]
"""Makes somebody at a terminal with these answers: Ada, unless `who` says otherwise (None: nobody signed in)."""

EVERY_KIND = """
[[steps]]
id = "inspect"
kind = "confirm"
phase = "Before"
do = "Inspect each instrument."
expect = "clean and dry"
why = "What is not clean cannot be sterilised."
caution = "Never sterilise a dirty instrument."

[[steps]]
id = "temperature"
kind = "measure"
do = "Read the temperature."
unit = "Cel"
expected = { min = 134.0, max = 137.0 }
limit = { min = 134.0, max = 138.0 }
decimals = 1

[[steps]]
id = "indicator"
kind = "choice"
do = "Look at the indicator."
options = [{ value = "turned", verdict = "pass" }, { value = "not turned", verdict = "fail" }]

[[steps]]
id = "second-reader"
kind = "witness"
of = "indicator"
do = "A second person reads the indicator."

[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["lot", "expiry"]
use = "consumes"

[[steps]]
id = "number"
kind = "assign"
produces = { load = "L-{n:02}" }

[[steps]]
id = "remarks"
kind = "text"
do = "Say what you saw."

[[steps]]
id = "photo"
kind = "attach"
do = "Attach the printout."

[[steps]]
id = "wait"
kind = "timer"
do = "Wait."
at_least = "1s"

[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
roles = ["release"]
"""

PROTOCOLS = {
    "every-kind": EVERY_KIND,
    "hasty": """
[[steps]]
id = "cycle-end"
kind = "confirm"
do = "Wait for the end of the cycle."
expect = "the display says END"
at_least = "3m"

[[steps]]
id = "over"
kind = "confirm"
do = "Open the door."
expect = "it is open"
""",
    "counted": """
[[steps]]
id = "opened"
kind = "measure"
do = "Count what was opened."
unit = "{count}"
limit = { min = 0 }

[[steps]]
id = "binned"
kind = "measure"
do = "Count what was thrown away."
unit = "{count}"
limit = { min = 0 }

[[checks]]
kind = "same-count"
steps = ["opened", "binned"]
""",
    "vials": """
[[steps]]
id = "vial"
kind = "scan"
do = "Scan the vial."
captures = ["lot"]

[[steps]]
id = "control"
kind = "scan"
do = "Scan the control."
captures = ["lot"]

[[checks]]
kind = "same-identifier"
of = "lot"
steps = ["vial", "control"]
""",
    "wetted": """
[[steps]]
id = "label"
kind = "measure"
do = "Read the time on the label."
unit = "s"
expected = { min = 30, max = 600 }

[[steps]]
id = "wet"
kind = "timer"
do = "Keep it wet."
at_least = "30s"
at_least_as = "label"
at_most = "5m"
""",
    "short": """
[[steps]]
id = "one"
kind = "confirm"
do = "Do one."
expect = "one is done"
hold = true

[[steps]]
id = "two"
kind = "measure"
do = "Read two."
unit = "Cel"
limit = { min = 2.0, max = 8.0 }
on_fail = { stop = true, open = "spill" }

[[steps]]
id = "three"
kind = "text"
do = "Say three."
""",
    "acts": """
[[steps]]
id = "one"
kind = "confirm"
do = "Do one."
expect = "one is done"

[[steps]]
id = "two"
kind = "confirm"
do = "Do two."
expect = "two is done"

[[steps]]
id = "three"
kind = "confirm"
do = "Do three."
expect = "three is done"
""",
    "blind": """
[[steps]]
id = "score"
kind = "choice"
do = "Score it."
options = [{ value = "0", verdict = "pass" }, { value = "1", verdict = "pass" }, { value = "2", verdict = "fail" }]

[[steps]]
id = "gauge"
kind = "measure"
do = "Read the gauge."
unit = "Cel"
expected = { min = 3.0, max = 7.0 }
limit = { min = 2.0, max = 8.0 }

[[steps]]
id = "second"
kind = "witness"
of = "gauge"
do = "Somebody else reads it."
""",
    "labels": """
[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["gtin", "lot"]
use = "consumes"

[[steps]]
id = "second"
kind = "witness"
of = "cartridge"
do = "Somebody else scans it."
""",
    "cartridges": """
[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["gtin", "lot", "expiry"]

[[steps]]
id = "after"
kind = "confirm"
do = "Put it in."
expect = "it is in"
""",
    "by-hand": """
[[steps]]
id = "soak"
kind = "timer"
do = "Keep it wet."
at_least = "1s"
at_most = "2s"

[[steps]]
id = "after"
kind = "confirm"
do = "Dry it."
expect = "dry"
""",
    "licensed": """
[[steps]]
id = "needle"
kind = "confirm"
do = "Set the depth."
expect = "set"
credentials = ["microneedling"]
""",
    "parted": """
[[steps]]
id = "press"
kind = "confirm"
do = "Press it."
expect = "it clicks"

[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released"]
another = true
""",
    "twice": """
[[steps]]
id = "first"
kind = "sign"
do = "Sign once."
meanings = ["performed"]

[[steps]]
id = "second"
kind = "sign"
do = "Sign twice."
meanings = ["reviewed"]

[[steps]]
id = "third"
kind = "sign"
do = "Sign again."
meanings = ["approved"]
""",
    "siren": """
[[steps]]
id = "call"
kind = "confirm"
do = "Call for help."
expect = "somebody comes"
roles = ["release"]

[[steps]]
id = "door"
kind = "confirm"
do = "Close the door."
expect = "closed"
hold = true

[[steps]]
id = "checked"
kind = "witness"
of = "door"
do = "Somebody else looks at the door."
""",
    "long": """
[[steps]]
id = "incubate"
kind = "timer"
do = "Incubate."
at_least = "2h"
""",
}


def protocol_text(name: str) -> str:
    style = "do-confirm" if name == "short" else "read-do"
    category = "emergency" if name == "siren" else "clinic"
    return header(name, name.capitalize(), style=style, category=category) + PROTOCOLS[name]


@dataclass
class Line:
    """A clinic at a pipe: what is typed goes in as a whole, what is said comes out as a text."""

    clinic: Clinic
    ada: SignedIn
    bo: SignedIn
    said: list[str] = field(default_factory=list)

    def begin(self, protocol: str, who: SignedIn | None = None, session: str | None = None) -> RunState:
        state = self.clinic.begin(protocol, "", who or self.ada, "pipe", session)
        assert not isinstance(state, Refusal)
        return state

    def begin_unsigned(self, protocol: str) -> RunState:
        state = self.clinic.begin(protocol, "", None, "pipe")
        assert not isinstance(state, Refusal)
        return state

    def walk(
        self,
        run: str,
        typed: str | bytes,
        *,
        who: SignedIn | None = None,
        own: Credentials | None = None,
        second: Credentials | None = None,
        unsigned: bool = False,
    ) -> RunState:
        """Walk on with everything that is typed, then the end of input. The text that came of it is in `text`."""
        walker = None if unsigned else who or self.ada
        state = self.clinic.run(run)
        holder = walker.id if walker else None
        if state.paused or state.outcome == "complete-except-deferred" or state.holder != holder:
            assert not isinstance(self.clinic.do(run, Resume(), walker, "pipe"), Refusal)
        reader, writer = os.pipe()
        data = typed if isinstance(typed, bytes) else typed.encode()
        assert os.write(writer, data) == len(data)
        os.close(writer)
        out = io.StringIO()
        try:
            console = Console(out, terminal=False, source=reader)
            desk = Desk(
                self.clinic,
                console,
                walker,
                own or (Credentials() if unsigned else Credentials("Ada", SECRET)),
                second or Credentials("Bo", SECOND),
                "pipe",
            )
            state = Walker(self.clinic, console, desk, "pipe").walk(run)
        finally:
            os.close(reader)
            self.said.append(out.getvalue())
        return state

    @property
    def text(self) -> str:
        return self.said[-1]


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    others = [Worker("Bo", SECOND, ("staff",)), Worker("Cy", THIRD, ("auditor",))]
    protocols = {name: protocol_text(name) for name in PROTOCOLS}
    root = tmp_path_factory.mktemp("line") / "clinic"
    return made_clinic(root, Worker("Ada", SECRET), others, protocols, "Riverside", machine_tests=False).root


@pytest.fixture
def root(_made: Path, tmp_path: Path) -> Path:
    """The folder of a clinic of one's own."""
    return copy_of(_made, tmp_path)


@pytest.fixture
def line(root: Path) -> Iterator[Line]:
    """The clinic opened, with Ada (a lead) and Bo (staff) known."""
    with Clinic.open(Folder(root)) as clinic:
        ada, bo = clinic.staff.prove("Ada", SECRET, "line"), clinic.staff.prove("Bo", SECOND, "line")
        assert isinstance(ada, SignedIn)
        assert isinstance(bo, SignedIn)
        yield Line(clinic, ada, bo)


@pytest.fixture
def somebody(line: Line) -> Iterator[Somebody]:
    """People at terminals of their own, which are closed at the end."""
    people: list[Person] = []

    def stands_there(answers: list[tuple[str, str]], who: SignedIn | None = line.ada) -> Person:
        people.append(Person(line.clinic, answers, who))
        return people[-1]

    yield stands_there
    for person in people:
        person.close()


@pytest.fixture
def secret_file(tmp_path: Path) -> SecretFile:
    """A secret in a file of mode 0600; gives its path."""

    def write(secret: str) -> str:
        return str(write_secret(tmp_path / f"secret-{secret[:4]}", secret))

    return write
