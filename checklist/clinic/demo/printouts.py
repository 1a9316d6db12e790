"""The printouts of the made-up sterilisers: files as their machines write them, read by the program's own reader.

What the program finds in them (a number left out, a series that was there before) is said as the program says it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic.demo.clock import ZONE
from checklist.clinic.demo.readings import saturated_kpa
from checklist.clinic.identifiers.readers import reader_in
from checklist.ledger.durable import OWNER_ONLY
from checklist.protocol.library import shipped_folder
from checklist.trace.cycles import summary
from checklist.trace.printout import parse_readout
from checklist.trace.readout import ReadFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.clinic.demo.facts import Fact
    from checklist.clinic.demo.world import Machine, World
    from checklist.ledger.entry import Json

READER: Final = "dac-universal"
_PHASES: Final = (("Start", 30), ("Dichtheitspruefung", 65), ("Innenreinigung", 85), ("Schmierung", 120),
                  ("Aussenreinigung", 620), ("Back flush", 690), ("Beginn Haltezeit", 720))  # fmt: skip
_ROWS: Final = 7


@dataclass(frozen=True, slots=True)
class Attached:
    """A printout as a run keeps it."""

    sha256: str
    data: dict[str, Json]
    sensed: Mapping[str, str]
    findings: Sequence[Json]


@dataclass(slots=True)
class Before:
    """What is known of the printouts of one machine."""

    cycles: dict[int, Fact]
    """The run of each cycle number."""
    newest: Sequence[str] = ()
    """The readings of the last one, as rows."""
    of: int = 0


class Printouts:
    """Makes files for the evidence folder."""

    def __init__(self, world: World) -> None:
        self._world = world
        reader = reader_in(shipped_folder() / "readers" / f"{READER}.toml")
        if isinstance(reader, list):
            raise TypeError(str(reader[0]))
        self._reader = reader
        self._zone = ZoneInfo(ZONE)
        self.planted = ""
        """What is wrong with the next one: cloned, missing or repeated."""

    def next(self, machine: Machine, at: int, run: Fact) -> Attached:
        """The printout of the cycle that this machine has just ended."""
        planted, self.planted = self.planted if machine.before.cycles else "", ""
        chance = self._world.chance
        known = machine.before
        if planted == "missing":
            machine.cycle += chance.randint(1, 2)
        cycle = machine.cycle if planted == "repeated" else machine.cycle + 1
        machine.cycle = cycle
        begun = datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(self._zone).replace(tzinfo=None, microsecond=0)
        begun -= timedelta(seconds=chance.randint(1500, 1900))
        cloned = known.newest if planted == "cloned" else None
        text, rows = self._text(machine, cycle, begun, cloned)
        data = text.encode("latin-1")
        found = parse_readout(data, self._reader)
        if isinstance(found, ReadFault):
            raise TypeError(found.message)
        printout = summary(found)
        findings: list[Json] = [{"rule": rule, "why": why} for rule, why in _found(planted, known, cycle)]
        known.cycles[cycle] = run
        known.newest, known.of = rows, cycle
        return Attached(self._kept(data), printout.data(), printout.sensed, findings)

    def _text(
        self, machine: Machine, cycle: int, begun: datetime, cloned: Sequence[str] | None
    ) -> tuple[str, Sequence[str]]:
        chance = self._world.chance
        hold = begun + timedelta(seconds=728)
        values = cloned or [self._row(machine) for _ in range(_ROWS)]
        times = [hold + timedelta(seconds=30 * number) for number in range(_ROWS)]
        low = min(values)
        last = times[-1] + timedelta(seconds=2)
        lines = [
            "DAC Universal",
            f"Serien Nr:  {machine.serial}",
            "Programm:   Universal/134\xb0C/3min",
            "Deckel:     Standard",
            f"Zyklus:     {cycle}",
            f"Dat.(T-M-J) {begun:%d-%m-%Y}",
            f"Zeit(H-M-S) {begun:%H:%M:%S}",
            "-" * 32,
            "Phase:             Uhrzeit: Erg:",
            *(f"{name:<18} {begun + timedelta(seconds=after):%H:%M:%S} Ok" for name, after in _PHASES),
            "-" * 32,
            "Uhrzeit:           \xb0C:      bar:",
            *(f"{time:%H:%M:%S}           {value}" for time, value in zip(times, values, strict=True)),
            f"Maximum            {max(values)}",
            f"Minimum            {low}",
            f"Dauer (m-s)        03-{chance.randint(5, 25):02d}",
            "-" * 32,
            f"Sterilisation      {last:%H:%M:%S} Ok",
            f"Prozessende        {last + timedelta(seconds=90):%H:%M:%S} Ok",
            f"Bestaetigung       {last + timedelta(seconds=200):%H:%M:%S} Ok",
            "-" * 32,
            f"Zyklusende         {last + timedelta(seconds=200):%H:%M:%S} Ok",
        ]
        return "\r\n".join(lines) + "\r\n", values

    def _row(self, machine: Machine) -> str:
        chance = self._world.chance
        celsius = round(min(max(chance.gauss(135.2 + machine.warmer, 0.25), 134.3), 136.7), 1)
        bar = saturated_kpa(celsius) / 100 + chance.uniform(-0.005, 0.02)
        return f"{celsius:.1f}    {bar:.2f}"

    def file(self, protocol: str, step: str, at: int) -> str:
        """Any other file that is attached: its digest."""
        return self._kept(f"Demo file for {protocol}, {step}, {at}.\n".encode())

    def _kept(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        handle = os.open(self._world.evidence / sha256, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        return sha256


def _found(planted: str, known: Before, cycle: int) -> Iterator[tuple[str, str]]:
    """What the program says of it beside the printouts before it."""
    match planted:
        case "repeated":
            yield "cycle-repeated", f"Cycle {cycle} of this machine stands in run {known.cycles[cycle].place} already."
        case "missing":
            last = known.of
            lacking = f"cycle {last + 1}" if last + 1 == cycle - 1 else f"cycles {last + 1} to {cycle - 1}"
            yield "cycle-missing", f"No printout of {lacking} of this machine is on record."
        case "cloned":
            run = known.cycles[known.of].place
            yield (
                "series-repeated",
                f"All readings are equal to those of cycle {known.of} (DAC Universal) in run {run}.",
            )
        case _:
            pass
