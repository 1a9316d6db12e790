"""What a steriliser's printout says of the cycle that a run is about, as it stands in the record, and what is to be
looked at in it.

Only the values. How a printout is read is in `trace`, what follows from one in `sensed`; what other runs had is for the
clinic to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from checklist.ledger.entry import Json
from checklist.run.events import number_of, strings_of, text_of

ABORTED: Final = "aborted"
COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be looked at: the name of its rule, and a sentence."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Printout:
    """One cycle. `sensed` holds what the machine measured by what a step calls it (`temperature`, `pressure`, `hold`);
    `series` is equal for two cycles only where all their readings are; "" stands for what the printout does not say."""

    reader: str
    machine: str
    serial: str
    cycle: int
    programme: str
    started: str
    result: str
    error: str = ""
    sensed: Mapping[str, str] = field(default_factory=dict, hash=False)
    series: str = ""

    def __str__(self) -> str:
        """Return it in short: which cycle of which machine, and how it ended."""
        serial = f" {self.serial}" if self.serial else ""
        return f"{self.machine}{serial}, cycle {self.cycle}, {self.result}"

    def data(self) -> dict[str, Json]:
        """The printout as it stands in an entry."""
        texts = {name: getattr(self, name) for name in _TEXTS}
        told: dict[str, Json] = {name: text for name, text in texts.items() if text}
        return {**told, "cycle": self.cycle, "sensed": {**self.sensed}}


_TEXTS: Final = ("reader", "machine", "serial", "programme", "started", "result", "error", "series")


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading an attached file: the printout (None: it could not be read), and what is to be looked at."""

    printout: Printout | None
    findings: tuple[Finding, ...] = ()


def printout_of(data: Mapping[str, Json]) -> Printout | None:
    """The printout that an entry tells of, if it tells of one."""
    told = data.get("readout")
    if not isinstance(told, dict):
        return None
    texts = {name: text_of(told, name) or "" for name in _TEXTS}
    # A result that this version does not know is never taken for a good one.
    result = COMPLETE if texts.pop("result") == COMPLETE else ABORTED
    return Printout(**texts, result=result, cycle=number_of(told, "cycle"), sensed=strings_of(told, "sensed"))


def as_data(findings: tuple[Finding, ...]) -> list[Json]:
    """Findings as they stand in an entry."""
    return [{"rule": each.rule, "why": each.why} for each in findings]


def findings_of(data: Mapping[str, Json]) -> tuple[Finding, ...]:
    """The findings that an entry tells of."""
    told = data.get("findings")
    return tuple(
        Finding(text_of(each, "rule") or "", text_of(each, "why") or "")
        for each in (told if isinstance(told, list) else ())
        if isinstance(each, dict)
    )
