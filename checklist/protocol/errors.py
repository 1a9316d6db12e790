"""The faults of a protocol file as values, and the errors that carry them.

A fault is one sentence for the person who writes the file: where it is, what is wrong, what would be right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from checklist.protocol.text import clean

Severity = Literal["error", "warning", "advice"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong at one place; line and column count from 1."""

    file: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    fix: str

    def __str__(self) -> str:
        """Return `file:line:column: what is wrong — what would be right`."""
        return f"{self.file}:{self.line}:{self.column}: {self.message} — {self.fix}"


class ProtocolError(Exception):
    """Something about protocols that staff or an administrator must put right."""


class ProtocolFileError(ProtocolError):
    """A protocol file cannot be used; `faults` says why, with places. There is always at least one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; the message is one line for each."""
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class MissingProfileValueError(ProtocolError):
    """The jurisdiction's profile lacks values that a protocol names; `missing` are their names."""

    def __init__(self, protocol: str, missing: Iterable[str]) -> None:
        """Name the protocol and the missing values."""
        self.missing = tuple(missing)
        listed = ", ".join(f'"{clean(name, limit=64)}"' for name in self.missing)
        super().__init__(f'protocol "{protocol}" needs {listed} from the profile — add it to the profile in use')


class UnusableProfileValueError(ProtocolError):
    """A profile gives a value that does not fit where the protocol names it."""

    def __init__(self, protocol: str, why: str) -> None:
        """Name the protocol and what does not fit."""
        self.why = clean(why)
        super().__init__(f'protocol "{protocol}" cannot use the profile: {self.why} — correct the profile in use')


class ShippedProtocolsMissingError(ProtocolError):
    """The protocols that belong to the program are not where the program is installed."""
