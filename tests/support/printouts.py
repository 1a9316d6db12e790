"""A printout of a made-up steriliser, and the reader for it: pressure on a gauge in millibar, decimal commas."""

from collections.abc import Sequence

from checklist.protocol.library import shipped_folder
from checklist.trace.reader import Reader, parse_reader

READER = """
[reader]
id = "made-up"
title = "A made-up machine"
version = "1.0.0"
machine = "Made Up 1"
encoding = "cp850"

[units]
temperature = "Cel"
pressure = "mbar"
gauge = true

[words]
ok = ["OK", "IN ORDNUNG"]
failed = ["FEHLER"]

[lines]
begins = ["MADE UP 1 Nr. {serial}"]
facts = ["Charge {cycle} am {day}.{month}.{year} um {hour}:{minute}", "Programm {programme}"]
phases = ["{phase} {hour}:{minute}:{second} {result}"]
readings = ["{hour}:{minute}:{second} {temperature} °C {pressure} mbar"]
hold = ["Haltezeit {minute} min {second} s"]
errors = ["Störung {error}"]
aborted = ["ABBRUCH"]

[phases]
last = "Ende"
"""

ROWS = (
    "23:58:00  134,9 °C  +2116 mbar",
    "23:58:30  135,1 °C  +2131 mbar",
    "23:59:00  135,0 °C  +2125 mbar",
    "23:59:59  135,2 °C  +2140 mbar",
    "00:00:30  135,2 °C  +2140 mbar",
    "00:01:00  135,1 °C  +2133 mbar",
    "00:01:30  135,0 °C  +2127 mbar",
)


def made_up() -> Reader:
    """The reader of the made-up machine."""
    return reader_of(READER)


def reader_of(text: str, name: str = "made-up.toml") -> Reader:
    """A reader that is sound."""
    found = parse_reader(text.encode(), name=name)
    assert isinstance(found, Reader), found
    return found


def shipped_reader(name: str) -> Reader:
    """A reader that belongs to the program."""
    path = shipped_folder() / "readers" / f"{name}.toml"
    return reader_of(path.read_text(encoding="utf-8"), str(path))


def printout(
    rows: Sequence[str] = ROWS,
    *,
    cycle: object = 7,
    end: str = "Ende  00:09:00 OK",
    more: Sequence[str] = (),
    hold: str = "Haltezeit 3 min 30 s",
) -> str:
    """A printout of the made-up machine, of a cycle that passes midnight."""
    return "\r\n".join(
        [
            "  MADE UP 1   Nr. 4711-B",
            "Charge 000" + str(cycle) + " am 30.06.26 um 23:40",
            "Programm Prionen 134 °C",
            "-" * 24,
            "Vakuum  23:45:00  OK",
            *rows,
            hold,
            *more,
            "Trocknen  00:08:00  IN ORDNUNG",
            end,
            "",
        ]
    )


def as_bytes(text: str) -> bytes:
    """A printout as the made-up machine writes it."""
    return text.encode("cp850")
