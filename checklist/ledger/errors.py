"""What can go wrong with a ledger, each with one sentence of what is the matter and what to do.

Knows no cause by itself: whoever raises an error has looked at the cause.
"""

from __future__ import annotations


class LedgerError(Exception):
    """Any fault of a ledger. `str(error)` says what is wrong; `advice` says what to do about it."""

    advice = "Ask the person who looks after this machine."

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        if advice is not None:
            self.advice = advice


class NotCanonical(LedgerError):
    """A value or a leaf lies outside the one form in which entries are written."""

    advice = "Nothing was recorded. Enter it again without unusual signs, or shorter."


class NotSaved(LedgerError):
    """Nothing was saved. The ledger is as it was; the same thing may be tried again."""

    advice = "Nothing was saved. Try again; if it fails again, write it on paper and call for help."


class Unreachable(LedgerError):
    """Whether the entries were saved cannot be found out now, because the file cannot be read."""

    advice = "Write it on paper, do not enter it again, and call for help."


class CannotOpen(LedgerError):
    """The file is not there, not ours, not readable, or lies where it is not safe."""

    advice = "Nothing was changed. Check the folder and its permissions."


class Damaged(LedgerError):
    """The file is ours, but what stands in it does not fit together."""

    advice = (
        "Do not go on in this file. Keep it, run `checklist verify`, and go on from the newest backup"
        " (`checklist restore BACKUP DIR`)."
    )


class LedgerTruncated(Damaged):
    """The ledger is shorter than it once was, or went another way: an older copy was put back (a rollback)."""

    advice = "An older copy of the record was put back (rollback). Keep all files and call for help."


class WrongKey(LedgerError):
    """The key is not the one this ledger is signed with, or its file is not safe."""

    advice = "Nothing was changed. Put the right key file (mode 0600) in the keys folder."


class BadNote(LedgerError):
    """A note, checkpoint or verifier key is malformed, or its signature is wrong."""

    advice = "Do not rely on it. Get it again from where it came from."


class CannotRead(LedgerError):
    """The record could not be read just now."""

    advice = "Nothing was changed. Try again; if it fails again, call for help."
