"""Clinic folders to measure on: made by the program itself, and filled through its own ledger."""

from __future__ import annotations

import shutil
from itertools import islice
from typing import TYPE_CHECKING

from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import adopt
from checklist.ledger.entry import Draft, Json, format_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LEAD = "Ada Example"
SECRET = "four made-up words here"
RUN_ENTRIES = 10  # of a run in a filled ledger: its start, eight steps, its end
_FILLED_WITH = "room-turnover"


class Workshop:
    """Clinics in one temporary folder, each built when it is first asked for."""

    def __init__(self, root: Path, wanted: Iterable[tuple[int, int]] = ()) -> None:
        """`wanted` names filled clinics, by entries and batch, that will be asked for."""
        self.root = root
        self._wanted = tuple(wanted)

    def build(self) -> None:
        """Build what will be asked for, while nothing is timed."""
        for entries, batch in self._wanted:
            self.filled(entries, batch)

    def fresh(self, name: str) -> Folder:
        """A clinic as a first start makes it."""
        template = Folder(self.root / "template")
        if not template.made:
            make(template, "Benchmark Clinic", LEAD, SECRET, "pipe")
        return self.copy(template, name)

    def copy(self, folder: Folder, name: str) -> Folder:
        """A copy of a clinic that nobody has open."""
        target = self.root / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder.root, target)
        return Folder(target)

    def filled(self, entries: int, batch: int) -> Folder:
        """A clinic whose ledger has so many entries, `batch` of them under each checkpoint."""
        name = f"filled-{entries}-{batch}"
        folder = Folder(self.root / name)
        if not folder.made:
            self.fresh(name)
            _fill(folder, entries, batch)
        return folder


def signed_in(clinic: Clinic) -> SignedIn:
    """The clinic's lead at the screen."""
    who = clinic.staff.prove(LEAD, SECRET, "tui")
    if not isinstance(who, SignedIn):
        raise TypeError(who.message)
    return who


def confirming(count: int) -> str:
    """A protocol `benchmark` of so many confirm steps; the do line of each names its number."""
    steps = "".join(
        f'\n[[steps]]\nid = "step-{at}"\nkind = "confirm"\ndo = "Do benchmark item {at}."\n'
        f'expect = "item {at} is done"\n'
        for at in range(1, count + 1)
    )
    return f"""\
[protocol]
id = "benchmark"
title = "Benchmark of confirm steps"
version = "1.0.0"
purpose = "Measure how long a step takes."
category = "clinic"
style = "read-do"
subject = "clinic"
sources = [{{ id = "none", title = "Made up for measuring", where = "here" }}]
{steps}"""


def adopt_text(folder: Folder, text: str) -> None:
    """Bring a protocol with the id `benchmark` into force."""
    (folder.protocols / "benchmark.toml").write_text(text, "utf-8")
    with Clinic.open(folder) as clinic:
        adopt(clinic, "benchmark", signed_in(clinic), "pipe")


def run_drafts(run: str, actor: str, sha256: str, subject: str) -> Iterator[Draft]:
    """What one run leaves in the record, as the program writes it."""
    named: dict[str, Json] = {"id": _FILLED_WITH, "version": "1.0.0", "sha256": sha256}
    yield Draft("run.started", {"protocol": named, "subject": subject}, actor, "tui")
    for at in range(1, RUN_ENTRIES - 1):
        data: dict[str, Json] = {"attempts": 1, "ms": 4200 + at}
        if at % 4 == 0:
            data |= {"value": f"{130 + at % 7}.5", "unit": "Cel", "input": "typed"}
        yield Draft("step.done", data, actor, "tui", run, f"step-{at}")
    yield Draft("run.completed", {"outcome": "complete", "deviations": 0}, actor, "tui", run)


def _fill(folder: Folder, entries: int, batch: int) -> None:
    with Clinic.open(folder) as clinic:
        clinic.ledger.query("PRAGMA synchronous=OFF")  # only while filling: nothing here must outlive a power cut
        in_force = clinic.library.in_force(clinic.ledger)[_FILLED_WITH]
        actor = signed_in(clinic).id
        station, first = clinic.settings.clinic.station, clinic.ledger.size
        drafts = (
            draft
            for start in range(first, entries, RUN_ENTRIES)
            for draft in run_drafts(format_place(station, start), actor, in_force.sha256, "room=room-1")
        )
        wanted = islice(drafts, entries - first)
        while some := list(islice(wanted, batch)):
            clinic.ledger.append(lambda _, some=some: some)  # type: ignore[misc]
        if clinic.ledger.size != entries:
            raise RuntimeError(f"{clinic.ledger.size} entries were made instead of {entries}")
