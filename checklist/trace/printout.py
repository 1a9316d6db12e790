"""A steriliser's printout, read through the reader of its kind: one cycle, or the fault that keeps it from being read.

Bytes and a reader go in; files, clocks and records are unknown here. A cycle counts as complete only where the printout
says so to its end and nothing in it says otherwise; what is neither complete nor broken off is a fault.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from checklist.protocol.text import clean
from checklist.trace.forms import Form
from checklist.trace.quantities import SEA_LEVEL, celsius, kilopascal, number
from checklist.trace.reader import Reader
from checklist.trace.readout import Extreme, Phase, ReadFault, Reading, Readout

MAX_BYTES: Final = 256 * 1024
MAX_LINES: Final = 5000
MAX_LINE: Final = 300
"""Longest line in characters. Printers have 24 to 80."""

_BREAK: Final = re.compile(r"\r\n|\n|\r|\f")
_RULE: Final = re.compile(r"[-=_*.~ ]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LONGEST: Final = timedelta(hours=12)
"""Two times of one cycle lie no farther apart. A clock that goes back by more has passed midnight."""
_TRIED: Final = ("begins", "facts", "readings", "highest", "lowest", "hold", "errors", "aborted", "ignored", "phases")
_CLOCK: Final = ("hour", "minute", "second")
_TO_KNOW: Final = {
    "serial": "the machine's serial number",
    "cycle": "the cycle number",
    "programme": "the programme",
    "day": "the date",
    "hour": "the time of the start",
}


def knows(data: bytes, reader: Reader) -> bool:
    """Whether a printout begins as those of this reader's machine do, whatever else may be wrong with it."""
    text = data[:MAX_BYTES].decode(reader.reader.encoding, "replace")
    lines = (" ".join(line.split()) for line in _BREAK.split(text) if len(line) <= MAX_LINE)
    return any(_first(reader.forms["begins"], line) is not None for line in lines)


def parse_readout(data: bytes, reader: Reader) -> Readout | ReadFault:
    """Read the printout of one cycle."""
    lines = _lines(data, reader)
    if isinstance(lines, ReadFault):
        return lines
    printout = _Printout(reader)
    for line in lines:
        if not _RULE.fullmatch(line):
            printout.take(line)
    return printout.result()


def _lines(data: bytes, reader: Reader) -> list[str] | ReadFault:
    """The lines with single spaces and none around them, or why they cannot be had."""
    if not data.strip(b"\x00 \r\n\t\f\x1a"):
        return ReadFault("empty", "The file is empty: export the printout again.")
    if len(data) > MAX_BYTES:
        return ReadFault(
            "too-large", f"The file is larger than {MAX_BYTES // 1024} KiB: give the printout of one cycle."
        )
    text = _text(data, reader.reader.encoding)
    if isinstance(text, ReadFault):
        return text
    if _CONTROL.search(text):
        return ReadFault("binary", "This is not a text file: export the printout as text.")
    lines = _BREAK.split(text)
    longest = max(range(len(lines)), key=lambda at: len(lines[at]))
    if len(lines) > MAX_LINES or len(lines[longest]) > MAX_LINE:
        where = f"line {longest + 1} is too long" if len(lines[longest]) > MAX_LINE else "it has too many lines"
        return ReadFault("too-long", f"This is no printout of one cycle ({where}): export it again.")
    return [" ".join(line.split()) for line in lines]


def _text(data: bytes, encoding: str) -> str | ReadFault:
    wrong = (
        f"The file is not written in {encoding}, as this machine's printouts are: export it again, or give its reader."
    )
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        return ReadFault("encoding", wrong)
    if encoding not in ("utf-8", "utf-16") and not data.isascii() and _is_utf8(data):
        return ReadFault("encoding", wrong)
    return text.removesuffix("\x1a")


def _is_utf8(data: bytes) -> bool:
    """Whether this can only be UTF-8: no other text with letters beyond ASCII is that by accident."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Printout:
    """One printout, line by line."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.begun = 0
        self.facts: dict[str, str] = {}
        self.told_twice = False
        self.timed: list[tuple[str, dict[str, str]]] = []
        self.phases: list[Phase] = []
        self.series: list[Reading] = []
        self.hold: int | None = None
        self.extremes: dict[str, Extreme] = {}
        self.errors: dict[str, None] = {}
        self.aborted = False
        self.unread: list[str] = []

    def take(self, line: str) -> None:
        """Take in one line by the first form that it has."""
        for sort in _TRIED:
            values = _first(self.reader.forms[sort], line)
            if values is not None:
                self._take(sort, {name: clean(text, limit=MAX_LINE) for name, text in values.items()})
                return
        self.unread.append(clean(line, limit=MAX_LINE))

    def _take(self, sort: str, values: dict[str, str]) -> None:
        match sort:
            case "begins" | "facts":
                self.begun += sort == "begins"
                self._learn(values)
            case "phases" | "readings":
                self.timed.append((sort, values))
            case "highest" | "lowest":
                self.extremes[sort] = Extreme(*self._measured(values))
            case "hold":
                hours, minutes, seconds = _clock(values)
                self.hold = hours * 3600 + minutes * 60 + seconds
            case "errors":
                self.errors[values["error"]] = None
            case "aborted":
                self.aborted = True
            case _:
                pass  # a heading

    def _learn(self, values: dict[str, str]) -> None:
        for name, text in values.items():
            self.told_twice |= self.facts.setdefault(name, text) != text

    def _measured(self, values: dict[str, str]) -> tuple[Decimal, Decimal]:
        units = self.reader.units
        above = None
        if units.gauge:
            above = SEA_LEVEL if units.atmosphere is None else Decimal(units.atmosphere)
        temperature = celsius(number(values["temperature"]), units.temperature)
        return temperature, kilopascal(number(values["pressure"]), units.pressure, above=above)

    def result(self) -> Readout | ReadFault:
        """What it all comes to."""
        fault = self._not_one_cycle() or self._lacks_facts()
        if fault:
            return fault
        started = self._in_time()
        if isinstance(started, ReadFault):
            return started
        broken = self.aborted or bool(self.errors) or any(phase.result == "failed" for phase in self.phases)
        fault = None if broken else self._lacks_its_end()
        return fault or self._readout(started, broken=broken)

    def _not_one_cycle(self) -> ReadFault | None:
        machine, last = self.reader.reader.machine, self.reader.phases.last
        if not self.begun:
            return ReadFault("not-this-machine", f"This is no printout of a {machine}: give the reader of its machine.")
        ends = sum(values["phase"] == last for sort, values in self.timed if sort == "phases")
        if self.begun > 1 or self.told_twice or ends > 1:
            return ReadFault("several", "There is more than one cycle in this file: give the printout of one.")
        return None

    def _lacks_facts(self) -> ReadFault | None:
        """The fault of a printout without a fact that its reader has a form for."""
        promised = {name for one in self.reader.forms["facts"] for name in one.names}
        lacking = next((words for name, words in _TO_KNOW.items() if name in promised - self.facts.keys()), None)
        return ReadFault("incomplete", f"The printout lacks {lacking}: export it again.") if lacking else None

    def _in_time(self) -> datetime | ReadFault:
        """When the cycle began. Its phases and readings follow in the order of the printout: the clock goes on from
        the start, over midnight where it must."""
        year = int(self.facts["year"])
        try:
            day = date(year if year > 99 else 2000 + year, int(self.facts["month"]), int(self.facts["day"]))
            started = last = datetime.combine(day, time(*_clock(self.facts)))
            for sort, values in self.timed:
                at = None
                if "hour" in values:
                    at = datetime.combine(last.date(), time(*_clock(values)))
                    at += timedelta(days=1) if last - at > _LONGEST else timedelta(0)
                    if not last <= at <= last + _LONGEST:
                        return ReadFault("time", "The times in the printout are out of order: export it again.")
                    last = at
                if sort == "phases":
                    self.phases.append(Phase(values["phase"], at, self.reader.result(values["result"])))
                else:
                    self.series.append(Reading(last, *self._measured(values)))
        except (ValueError, OverflowError):
            return ReadFault("time", "There is a date or time in the printout that does not exist: export it again.")
        return started

    def _lacks_its_end(self) -> ReadFault | None:
        """The fault of a printout that tells neither of an end nor of an abort, or not what was measured."""
        last = self.reader.phases.last
        if not any(phase.name == last for phase in self.phases):
            return ReadFault("truncated", f"The printout breaks off before “{last}”: export it again.")
        if not self.series:
            return ReadFault("incomplete", "The printout lacks its lines of temperature and pressure: export it again.")
        if self.hold is None and self.reader.lines.hold:
            return ReadFault("incomplete", "The printout lacks the hold time: export it again.")
        return None

    def _readout(self, started: datetime, *, broken: bool) -> Readout:
        known = {*_TO_KNOW, *_CLOCK, "month", "year", "machine"}
        return Readout(
            reader=self.reader.reader.id,
            machine=self.facts.get("machine", self.reader.reader.machine),
            serial=self.facts.get("serial"),
            cycle=int(self.facts["cycle"]),
            programme=self.facts.get("programme"),
            started=started,
            phases=tuple(self.phases),
            series=tuple(self.series),
            hold_seconds=self.hold,
            result="aborted" if broken else "complete",
            error=next(iter(self.errors), None),
            errors=tuple(self.errors),
            highest=self.extremes.get("highest"),
            lowest=self.extremes.get("lowest"),
            details={name: text for name, text in self.facts.items() if name not in known},
            unread=tuple(self.unread),
        )


def _first(forms: tuple[Form, ...], line: str) -> dict[str, str] | None:
    return next((values for one in forms if (values := one.read(line)) is not None), None)


def _clock(values: Mapping[str, str]) -> tuple[int, int, int]:
    hour, minute, second = (int(values.get(name, "0")) for name in _CLOCK)
    return hour, minute, second
