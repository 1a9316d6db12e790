"""Following a load, recalling it, and asking the gate, in a record of 10,000 and of 1,000,000 entries.

Every load of the record is made by one run, and opened in one visit: so a question about one of them is the same
question in either. In-process: the ledger is open, as it is while the program runs. The gate also as a whole process.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from typing import TYPE_CHECKING

from checklist.clinic.identifiers.negatives import last_negative, loads_since
from checklist.clinic.identifiers.recalling import recall_since_negative
from checklist.clinic.identifiers.tracing import trace
from checklist.clinic.service import Clinic
from checklist.clinic.visits.clearing import ask, asked_of, sources_of
from checklist.gate.facts import Asked
from checklist.ledger.entry import Draft, Json, format_place
from checklist.run.events import Reason
from tests.benchmarks.clinics import signed_in
from tests.benchmarks.figures import Row, Samples, compared, interleaved, timed
from tests.benchmarks.starting import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checklist.clinic.folder import Folder
    from tests.benchmarks.clinics import Workshop

SMALL, LARGE = 10_000, 1_000_000
ROUNDS = 40
PROCESSES = 15
RECALLS = 10
MOST_MS = 50.0
FLAT = 1.5
_LOADS_A_TEST = 20
_CYCLE = 9 * _LOADS_A_TEST + 3  # entries: of each load and its visit nine, of the test three
GATE = 2.5
RUNS_OF_A_LOT = 500


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    small, large = (_filled(workshop, entries) for entries in (SMALL, LARGE))
    with Clinic.open(small) as few, Clinic.open(large) as many:
        sides = [_questions(clinic) for clinic in (few, many)]
        rows = []
        for name in sides[0]:
            before, after = interleaved(ROUNDS, *(_timing(side[name]) for side in sides))
            rows.append(
                compared(f"{name}, {LARGE:,} : {SMALL:,} entries", after.times(1e3), before.times(1e3), "ms", FLAT)
            )
            rows.append(_within(f"  {name}, p95", after.times(1e3)))
    return [*rows, *_recalls(workshop, small, large), *_processes(small, large)]


def _recalls(workshop: Workshop, *folders: Folder) -> list[Row]:
    """A whole recall of the steriliser, recorded: of copies, which it changes."""
    copies = [workshop.copy(folder, f"recalled-{place}") for place, folder in enumerate(folders)]
    with Clinic.open(copies[0]) as few, Clinic.open(copies[1]) as many:
        before, after = interleaved(RECALLS, *(_timing(_recall(clinic)) for clinic in (few, many)))
    name = "recall since the last negative test, recorded"
    ratio = compared(f"{name}, {LARGE:,} : {SMALL:,} entries", after.times(1e3), before.times(1e3), "ms", FLAT)
    return [ratio, _within(f"  {name}, p95", after.times(1e3))]


def _recall(clinic: Clinic) -> Callable[[], object]:
    who, why = signed_in(clinic), Reason("equipment-fault", None)
    return lambda: recall_since_negative(clinic, "S1", why, who, "cli")


def _timing(act: Callable[[], object]) -> Callable[[], float]:
    return lambda: timed(act)


def _within(name: str, ours: Samples) -> Row:
    met = ours.p95 <= MOST_MS
    return Row(name, len(ours.values), ours.text("ms"), "-", "-", f"<= {MOST_MS:g} ms", met)


def _questions(clinic: Clinic) -> dict[str, Callable[[], object]]:
    readers = clinic.histories()
    load, session = "S1-load-0007", "a-20260101-0007"
    procedure = clinic.library.procedure(clinic.ledger, "microneedling")
    asked = asked_of(clinic, "microneedling", "room-1", session)
    if not isinstance(asked, Asked):
        raise TypeError(asked.message)
    return {
        "trace load": lambda: trace(readers, "load", load),
        f"trace a lot used in {RUNS_OF_A_LOT} runs": lambda: trace(readers, "lot", "L0"),
        "recall: loads since the last negative test": lambda: loads_since(
            readers, "S1", last_negative(readers, "S1", clean_run=lambda _: True)
        ),
        "gate": lambda: ask(sources_of(clinic), procedure, asked, clinic.now()),
    }


def _processes(small: Folder, large: Folder) -> list[Row]:
    command = [*program(), "clear", "microneedling", "--room", "room-1", "--json", "--session", "a-20260101-0007"]
    imports = [sys.executable, "-c", "import pydantic, sqlite3, click"]

    def run(*arguments: str) -> float:
        return timed(lambda: subprocess.run(arguments, capture_output=True, check=False))

    few, many, bare = interleaved(
        PROCESSES,
        lambda: run(*command, "--clinic", str(small.root)),
        lambda: run(*command, "--clinic", str(large.root)),
        lambda: run(*imports),
    )
    return [
        compared(
            "checklist clear --json : import pydantic, sqlite3, click", few.times(1e3), bare.times(1e3), "ms", GATE
        ),
        compared(f"  the same, {LARGE:,} : {SMALL:,} entries", many.times(1e3), few.times(1e3), "ms", FLAT),
    ]


def _filled(workshop: Workshop, entries: int) -> Folder:
    folder = workshop.fresh(f"traced-{entries}")
    with Clinic.open(folder) as clinic:
        clinic.ledger.query("PRAGMA synchronous=OFF")  # only while filling
        who = signed_in(clinic).id
        force = {name: one.sha256 for name, one in clinic.library.in_force(clinic.ledger).items()}
        drafts = _drafts(clinic, force, who)
        first = clinic.ledger.size
        wanted = islice(drafts, (entries - first) // _CYCLE * _CYCLE)  # so that each ends as long after a test
        while some := list(islice(wanted, 10_000)):
            clinic.ledger.append(lambda _, some=some: some)  # type: ignore[misc]
    return folder


def _drafts(clinic: Clinic, force: dict[str, str], who: str) -> Iterator[Draft]:
    """A load and the visit that opened it, again and again; a negative test now and then."""
    station, place = clinic.settings.clinic.station, clinic.ledger.size

    profile = clinic.library.profile(clinic.ledger, clinic.settings.clinic.jurisdiction)
    values: dict[str, Json] = {"id": profile.profile.id, "sha256": profile.sha256} if profile else {}

    def started(protocol: str, subject: str, session: str | None = None) -> Draft:
        named: dict[str, Json] = {"id": protocol, "version": "1.0.0", "sha256": force[protocol]}
        data: dict[str, Json] = {"protocol": named, "subject": subject, "profile": values}
        return Draft("run.started", data | ({"session": session} if session else {}), who, "tui")

    number = 0
    while True:
        load, session = f"S1-load-{number:04}", f"a-20260101-{number:04}"
        ended: dict[str, Json] = {"outcome": "complete", "deviations": 0}
        lot: dict[str, Json] = {"consumed": {"lot": f"L{number // RUNS_OF_A_LOT}"}}
        batch = [started("steriliser-load", "equipment=S1")]
        run = format_place(station, place)
        batch += [Draft("step.done", lot, who, "tui", run, "indicator-lot")]
        batch += [Draft("step.done", {"produced": {"load": load}}, who, "tui", run, "load-number")]
        batch += [Draft("signed", {"meaning": "released"}, who, "tui", run, "release")]
        batch += [Draft("run.completed", ended, who, "tui", run)]
        batch += [Draft("session.opened", {"session": session}, who, "tui")]
        run = format_place(station, place + len(batch))
        batch += [started("pack-open", f"session={session}", session)]
        batch += [Draft("step.done", {"consumed": {"load": load}}, who, "tui", run, "load")]
        batch += [Draft("run.completed", ended, who, "tui", run)]
        if number % _LOADS_A_TEST == 0:
            run = format_place(station, place + len(batch))
            batch += [started("bi-test", "equipment=S1")]
            batch += [Draft("step.done", {"scanned": {"load": load}}, who, "tui", run, "load")]
            batch += [Draft("run.completed", ended, who, "tui", run)]
        yield from batch
        place, number = place + len(batch), number + 1
