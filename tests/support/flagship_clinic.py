"""The clinic of the flagship day: who works there, what is answered where it matters, and the day before."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from checklist.clinic.service import Clinic
from checklist.run.reading import Refusal
from checklist.tui.app import Desk
from tests.support.flagship import USE_BY, By, DayClock, PutOff, Script, Service, Somebody, Twice, Typed
from tests.support.flagship_hand import Hand
from tests.support.in_process import cheap_secrets
from tests.support.labels import gtin
from tests.support.making import Worker, made_clinic
from tests.support.place import ANNA, ANNAS, BEN, BENS
from tests.support.printouts import READER, as_bytes, printout
from tests.support.unpainted import unpainted
from tests.tui.conftest import Nurse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from checklist.clinic.folder import Folder

REAL: Final = Path(__file__).parents[3] / "shared" / "data" / "steriliser" / "DACLogOK.TXT"
CORA, CORAS = "Cora Dahl", "nine quiet lamps"
LEAD, SECOND, PRESCRIBER = Somebody(ANNA, ANNAS), Somebody(BEN, BENS, "0412345678"), Somebody(CORA, CORAS)
REFERENCE, EARLIER = "4711-A", "4699-C"
"""The clinic's own references of the visit of the day, and of one the day before."""

_READ: Final = ("exposure-temperature-134", "exposure-pressure-134", "exposure-time-134")
STEAM: Final[Script] = dict(zip(_READ, ("135.3", "317", "191"), strict=True))
LOAD_BY_HAND: Final[Script] = {**STEAM, "printout-kind": "paper or display"}
TEST_STEAM: Final[Script] = {"test-temperature": "135.3", "test-pressure": "317", "test-hold": "215"}

ANTISEPTIC: Final = {"lot": "CHG-3", "expiry": "2032-01-31"}
TURNED_BACK: Final = "turned the dial back to nought"
SET_UP: Final[Script] = {
    "cartridge": {"gtin": gtin("0950600013435"), "lot": "CART-7", "expiry": USE_BY, "serial": "C-0007"},
    "handpiece": {"serial": "HP-1"},
    "antiseptic": Typed(ANTISEPTIC),
    "anaesthetic-used": "no",
    "serum-used": "no",
    "depth-dial": Twice("0.25", TURNED_BACK, "0"),
}
TIME_OUT: Final[Script] = {"depth": "1.00", "depth-second": By(SECOND, "1.0"), "go-second": By(SECOND)}
_LATER: Final = PutOff("the day has not come")
SIGN_OUT: Final[Script] = {
    "opened": "1",
    "binned": "1",
    "binned-second": By(SECOND, "1"),
    "product-used": "no",
    "depth-done": "1.00",
    "dates": "call on Wednesday, look again in four weeks",
    "call": _LATER,
    "review": _LATER,
    "late-check": _LATER,
}


def spore_test(load: str, grew: str) -> Script:
    """A spore test of the rapid kind, that lay in this load."""
    vial = {"lot": "SPORE-7", "expiry": USE_BY}
    return {
        "test-vial": vial,
        "control-vial": vial,
        "load": {"load": load},
        "reader": "rapid reader",
        "minutes": "25",
        "test-read": grew,
        "control-read": "growth",
        "result": "positive" if grew == "growth" else "negative",
    }


@dataclass(frozen=True)
class Printout:
    """What the machine wrote: the file, and what a person reads from it."""

    path: Path
    readings: Script


@dataclass(frozen=True)
class Story:
    """The clinic after the day before, its clock, and what came of that day."""

    folder: Folder
    clock: DayClock
    printout: Printout
    earlier_load: str
    earlier_visit: str


@contextmanager
def made_story(place: Path) -> Iterator[Story]:
    """A clinic in which all was well the day before; in this block everything goes by the story's clock."""
    clock = DayClock(datetime(2031, 3, 10, 7, 0, tzinfo=UTC))
    with cheap_secrets(), clock.running():
        workers = (
            Worker(BEN, BENS, ("staff", "reprocessing", "release")),
            Worker(CORA, CORAS, ("staff", "prescriber")),
        )
        folder = made_clinic(place / "clinic", Worker(ANNA, ANNAS), workers)
        written = _printout(folder, place)
        with Clinic.open(folder) as clinic:
            load, visit = _day_before(clinic, clock)
        clock.until(datetime(2031, 3, 11, 7, 0, tzinfo=UTC))
        yield Story(folder, clock, written, load, visit)


def _day_before(clinic: Clinic, clock: DayClock) -> tuple[str, str]:
    """A load whose spore test was negative, and the visit for which one of its packs was opened."""
    hands = Service(clinic, clock, LEAD, SECOND)
    lead, second = hands.proved(LEAD), hands.proved(SECOND)
    assert clinic.staff.give_badge(second.id, SECOND.badge, lead, "tui") is None
    may = clinic.personnel.grant(lead.id, "microneedling", None, {"max_depth_mm": "1.5"}, lead, "tui")
    assert not isinstance(may, Refusal)
    hands.walk("emergency-kit-weekly")
    hands.walk("steriliser-daily", "equipment=S1", script=TEST_STEAM)
    load = load_of(clinic, hands.walk("steriliser-load", "equipment=S1", script=LOAD_BY_HAND))
    hands.walk("bi-test", "equipment=S1", script=spore_test(load, "no growth"))
    visit = clinic.session(EARLIER, lead, "tui")
    assert isinstance(visit, str)
    hands.walk("pack-open", session=visit, script={"load": {"load": load}})
    return load, visit


def _printout(folder: Folder, beside: Path) -> Printout:
    """A real printout where one lies beside the project, with the reader for it; else one of a made-up machine."""
    real = REAL.is_file()
    reader = "dac-universal" if real else "made-up"
    settings = folder.config.read_text("utf-8")
    machine = 'kind = "steriliser"'
    folder.config.write_text(settings.replace(machine, f'{machine}\nreader = "{reader}"'), "utf-8")
    if real:
        return Printout(REAL, STEAM)
    (folder.protocols / "readers").mkdir()
    (folder.protocols / "readers" / "made-up.toml").write_text(READER, "utf-8")
    path = beside / "cycle.txt"
    path.write_bytes(as_bytes(printout()))
    return Printout(path, dict(zip(_READ, ("134.9", "313", "210"), strict=True)))


@asynccontextmanager
async def at_the_screen(story: Story) -> AsyncIterator[Hand]:
    """The full screen of this clinic, with somebody at it."""
    desk = Desk(story.folder, story.clock)
    signers: Mapping[str, Somebody] = {"release": SECOND, "prescriber": PRESCRIBER}
    try:
        with unpainted():
            async with desk.run_test(size=(80, 24)) as pilot:
                nurse = Nurse(desk, pilot, story.clock)
                await nurse.until(lambda: desk.opened and desk.board.page)
                yield Hand(nurse, story.clock, LEAD, SECOND, signers)
    finally:
        desk.storage.close()


def load_of(clinic: Clinic, run: str) -> str:
    """The number of the load that this run made."""
    made = "SELECT value FROM identifier WHERE run = ? AND kind = 'load' AND use = 'produced'"
    return str(clinic.ledger.query(made, (run,))[0][0])
