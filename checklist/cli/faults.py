"""Every fault and misuse as one line: what, where, what to do. The families of errors are looked up only when there
is one to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

FAULT = 2
_INTERRUPTED = 130
_LONGEST = 1000


class MisuseError(Exception):
    """What was asked cannot be done as asked; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line for stderr (empty: nothing to say) and the exit code."""

    line: str
    code: int


def in_words(error: BaseException) -> Told:
    """What to say about an error, and with which code to leave."""
    import click

    if isinstance(error, click.exceptions.Abort):
        return Told("Interrupted.", _INTERRUPTED)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return Told(_as_is(error.format_message()), FAULT)
    if isinstance(error, click.ClickException):
        return Told(_line(_usage(error)), FAULT)
    return Told(_line(_sentence(error)), FAULT)


def _usage(error: click.ClickException) -> str:
    import click

    message = error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message} See “{context.command_path} --help”." if context else message


def _sentence(error: BaseException) -> str:
    from checklist.audit.errors import AuditError
    from checklist.clinic.errors import ClinicError
    from checklist.ledger.errors import LedgerError
    from checklist.line.desk import SignInError
    from checklist.people.errors import PeopleError
    from checklist.protocol.errors import ProtocolError, ProtocolFileError

    if isinstance(error, LedgerError):
        return f"{error} {error.advice}"
    if isinstance(error, ProtocolFileError):
        more = len(error.faults) - 1
        return f"{error.faults[0]}" + (f" (and {more} more; see “checklist protocol lint”)" if more else "")
    if isinstance(error, AuditError | ClinicError | PeopleError | ProtocolError | SignInError | MisuseError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or 'cannot be used'}; check the path, its owner and the free space."
    if isinstance(error, MemoryError):
        return "The machine is short of memory; close other programs and try again."
    return f"This is a fault of the program ({type(error).__name__}: {error}); keep this line and report it."


def _line(text: str) -> str:
    from checklist.protocol.text import clean

    return clean(text, limit=_LONGEST)


def _as_is(text: str) -> str:
    from checklist.protocol.text import clean

    return clean(text, limit=10 * _LONGEST, multiline=True)
