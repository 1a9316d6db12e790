"""Nail care and piercing as they are shipped, in a real clinic: from NO-GO to GO, to the close, and never to GO on what
must not be used or was not done."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.clinic.visits import clearing
from checklist.gate.facts import Asked
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.flagship import DayClock, Service, Somebody
from tests.support.flagship_clinic import LOAD_BY_HAND, TEST_STEAM, load_of
from tests.support.in_process import cheap_secrets
from tests.support.making import Worker, made_clinic
from tests.support.place import ANNA, ANNAS, BEN, BENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from checklist.gate.facts import Stage

LEAD, SECOND = Somebody(ANNA, ANNAS), Somebody(BEN, BENS)
CREDENTIAL: Final = {"podiatry-nail-care": "podiatry", "piercing": "piercing"}
MORNING: Final = datetime(2031, 3, 11, 7, 0, tzinfo=UTC)
NIGHT: Final = datetime(2031, 3, 12, 1, 0, tzinfo=UTC)
IN_DATE: Final = {"lot": "CHG-3", "expiry": "2032-01-31"}
WHY: Final = Reason("mistake", "looked again")


@dataclass
class Rooms:
    """A clinic on a day that was opened, with a load that was released, and the visits of that day."""

    clinic: Clinic
    hands: Service
    procedure: str
    load: str
    runs: dict[str, str] = field(default_factory=dict)
    """The newest run of each protocol."""

    def visit(self) -> str:
        found = self.clinic.session("new", self.hands.proved(LEAD), "tui")
        assert isinstance(found, str)
        return found

    def walk(self, protocol: str, subject: str = "", session: str | None = None, **script: dict[str, str]) -> None:
        self.runs[protocol] = self.hands.walk(protocol, subject, session, script)

    def begun(self, protocol: str, session: str) -> RunState:
        found = self.clinic.begin(protocol, "", self.hands.proved(LEAD), "tui", session)
        assert isinstance(found, RunState), found
        self.runs[protocol] = found.run
        return found

    def prepare(self, session: str, pack: str = "P-1", antiseptic: Mapping[str, str] = IN_DATE) -> None:
        """As far as the Time Out: nothing is left to do before it may start."""
        self.walk("room-turnover", "room=room-1")
        self.walk("pack-open", session=session, load={"load": self.load, "pack": pack})
        script = {"set": {"load": self.load, "pack": pack}, "antiseptic-lot": antiseptic}
        self.hands.go_on(self.begun("minor-surgery-prep", session), script, until="time-out-second")

    def asked(self, session: str, stage: Stage) -> Asked:
        who = self.hands.proved(LEAD).id
        return Asked(self.procedure, "room=room-1", session, who, stage)

    def unmet(self, session: str, stage: Stage = "start") -> list[str]:
        """What keeps it from starting (or the visit from being closed)."""
        found = self.clinic.library.procedure(self.clinic.ledger, self.procedure)
        answer = clearing.look(self.clinic, found, self.asked(session, stage)).clearance
        assert (answer.decision == "GO") == (not answer.missing)
        return [one.id for one in answer.missing]

    def clear(self, session: str, stage: Stage = "start") -> str:
        """What is recorded in a lead's name."""
        found = self.clinic.library.procedure(self.clinic.ledger, self.procedure)
        answer = clearing.clear(self.clinic, found, self.asked(session, stage), self.hands.proved(LEAD), "tui")
        assert not isinstance(answer, Refusal), answer
        return answer.clearance.decision

    def do(self, protocol: str, *commands: c.Command) -> None:
        for command in commands:
            self.hands.clock.wait(1)
            done = self.tried(protocol, command)
            assert isinstance(done, RunState), done

    def tried(self, protocol: str, command: c.Command) -> RunState | Refusal:
        return self.clinic.do(self.runs[protocol], command, self.hands.proved(LEAD), "tui")


@contextmanager
def opened(folder: Folder, begins: datetime) -> Iterator[Service]:
    clock = DayClock(begins)
    with cheap_secrets(), clock.running(), Clinic.open(folder) as clinic:
        yield Service(clinic, clock, LEAD, SECOND)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The day was opened, the machine tested, a load released; nobody writes to it."""
    root = tmp_path_factory.mktemp("morning") / "clinic"
    with cheap_secrets(), DayClock(MORNING).running():
        workers = (Worker(BEN, BENS, ("staff", "reprocessing", "release")),)
        folder = made_clinic(root, Worker(ANNA, ANNAS), workers)
    with opened(folder, MORNING) as hands:
        lead = hands.proved(LEAD)
        for credential in CREDENTIAL.values():
            assert not isinstance(hands.clinic.personnel.grant(lead.id, credential, None, {}, lead, "tui"), Refusal)
        hands.walk("day-open")
        hands.walk("emergency-kit-weekly")
        hands.walk("steriliser-daily", "equipment=S1", script=TEST_STEAM)
        load = load_of(hands.clinic, hands.walk("steriliser-load", "equipment=S1", script=LOAD_BY_HAND))
    return root, load


@pytest.fixture(params=[*CREDENTIAL])
def rooms(request: pytest.FixtureRequest, morning: tuple[Path, str], tmp_path: Path) -> Iterator[Rooms]:
    root, load = morning
    folder = Folder(shutil.copytree(root, tmp_path / "clinic"))
    with opened(folder, MORNING.replace(hour=11)) as hands:
        yield Rooms(hands.clinic, hands, request.param, load)


def test_from_nothing_done_to_a_closed_visit(rooms: Rooms) -> None:
    session = rooms.visit()
    assert {"room", "time-out", "packs", "instruments", "lots"} <= {*rooms.unmet(session)}
    assert rooms.clear(session) == "NO-GO"
    rooms.prepare(session)
    assert rooms.unmet(session) == []
    assert rooms.clear(session) == "GO"
    assert rooms.unmet(session, "close") == ["aftercare"]
    rooms.hands.go_on(rooms.clinic.run(rooms.runs["minor-surgery-prep"]))
    assert rooms.clear(session, "close") == "GO"


def test_a_lot_is_used_up_to_its_last_day_and_no_longer(rooms: Rooms) -> None:
    session = rooms.visit()
    begun = rooms.begun("minor-surgery-prep", session)
    past = {"lot": "CHG-3", "expiry": "2031-03-10"}
    rooms.hands.go_on(begun, {"set": {"load": rooms.load, "pack": "P-1"}}, until="cleanse")
    tried = rooms.tried("minor-surgery-prep", c.Give("antiseptic-lot", past, "scanned"))
    assert isinstance(tried, Refusal) or not tried.steps["antiseptic-lot"].closed
    assert "time-out" in rooms.unmet(session)
    assert rooms.clinic.ledger.query("SELECT 1 FROM identifier WHERE value = 'CHG-3'") == []
    rooms.do("minor-surgery-prep", c.Abandon(WHY))
    rooms.prepare(session, antiseptic={"lot": "CHG-4", "expiry": "2031-03-11"})
    assert rooms.unmet(session) == []
    rooms.hands.clock.until(NIGHT)
    assert "lots" in rooms.unmet(session)


def test_what_was_opened_for_one_visit_serves_no_other(rooms: Rooms) -> None:
    first, second = rooms.visit(), rooms.visit()
    rooms.prepare(first)
    rooms.walk("room-turnover", "room=room-1")
    rooms.begun("pack-open", second)
    rooms.do("pack-open", c.Give("item", "our own load"))
    refused = rooms.tried("pack-open", c.Give("load", {"load": rooms.load, "pack": "p-1"}, "scanned"))
    assert isinstance(refused, Refusal)
    assert refused.code == "used"
    assert {"packs", "instruments", "packs-decided", "time-out"} <= {*rooms.unmet(second)}
    rooms.do("pack-open", c.Abandon(WHY))
    rooms.prepare(second, "P-2")
    assert rooms.unmet(second) == []


def test_a_hold_that_was_passed_stays_passed_until_somebody_has_looked(rooms: Rooms) -> None:
    session = rooms.visit()
    rooms.prepare(session)
    ben = rooms.hands.proved(SECOND).person
    rooms.do("minor-surgery-prep", c.Correct("consent", WHY), c.Override("consent", WHY, ben))
    behind = ["time-out", "instruments", "lots", "single-packs"]  # and what was opened in that list
    assert rooms.unmet(session) == behind
    rooms.do("minor-surgery-prep", c.Correct("consent", WHY), c.Give("consent", "signed"))
    assert rooms.unmet(session) == behind
    assert rooms.clear(session) == "NO-GO"


@pytest.mark.parametrize(
    ("protocol", "step", "requirement"),
    [
        ("room-turnover", "", "room"),
        ("pack-open", "whole", "packs"),
        ("minor-surgery-prep", "site", "time-out"),
        ("steriliser-daily", "", "steriliser-test"),
        ("steriliser-load", "", "instruments"),
        ("day-open", "", "day"),
        ("emergency-kit-weekly", "", "emergency-kit"),
    ],
)
def test_what_turns_out_to_have_failed_is_no_go(rooms: Rooms, protocol: str, step: str, requirement: str) -> None:
    session = rooms.visit()
    rooms.prepare(session)
    assert rooms.unmet(session) == []
    ((run,),) = rooms.clinic.ledger.query("SELECT run FROM run WHERE protocol = ?", (protocol,))
    rooms.runs[protocol] = str(run)
    state = rooms.clinic.run(str(run))
    confirmed = next(one.id for one in state.protocol.steps if one.kind == "confirm" and state.applies(one))
    rooms.do(protocol, c.Correct(step or confirmed, WHY), c.Fail(step or confirmed, WHY))
    behind = ["packs-decided"] if requirement == "packs" else []  # it is not decided either, then
    assert rooms.unmet(session) == [requirement, *behind]


def test_a_visit_stays_open_until_all_that_was_opened_is_counted_again(rooms: Rooms) -> None:
    session = rooms.visit()
    rooms.prepare(session)
    assert rooms.clear(session) == "GO"
    counted = "minor-surgery-prep"
    rooms.do(counted, c.Give("gauze-after", "1"))
    assert not rooms.clinic.run(rooms.runs[counted]).steps["gauze-after"].closed
    assert rooms.clear(session, "close") == "NO-GO"
    rooms.do(counted, c.Remark("gauze-after", "it lay under the drape"), c.Give("gauze-after", "0"))
    rooms.hands.go_on(rooms.clinic.run(rooms.runs[counted]))
    assert rooms.clear(session, "close") == "GO"
