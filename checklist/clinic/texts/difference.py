"""What one text changes against another of its kind, in clinical words. Records nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.gate.diff import as_text as procedure_as_text
from checklist.gate.diff import diff as procedure_diff
from checklist.gate.procedure import LoadedProcedure
from checklist.protocol.comparing.changes import Change
from checklist.protocol.comparing.diff import as_lines, diff
from checklist.protocol.comparing.diff_profile import diff as profile_diff
from checklist.protocol.loader import LoadedProfile, LoadedProtocol
from checklist.protocol.showing.show import as_text
from checklist.protocol.showing.show_profile import as_text as profile_as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.clinic.texts.adoption import Loaded
    from checklist.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class Difference:
    """What a text changes, for a program and for a person to read."""

    changes: tuple[Change, ...]
    lines: tuple[str, ...]


def difference(before: Loaded | None, after: Loaded, protocols: Iterable[Protocol] = ()) -> Difference:
    """What is different between two texts; all of it is where there was none of that kind, or where it is lost.

    `protocols` are those of which it is said what a profile's value moves in them.
    """
    match before, after:
        case LoadedProtocol(), LoadedProtocol():
            changes = diff(before.protocol, after.protocol)
        case LoadedProfile(), LoadedProfile():
            changes = profile_diff(before.profile, after.profile, protocols)
        case LoadedProcedure(), LoadedProcedure():
            changes = procedure_diff(before.procedure, after.procedure)
        case _:
            return _all_of_it(after)
    if changes or before.sha256 == after.sha256:
        return Difference(changes, tuple(as_lines(changes)))
    words = "Nothing that is to be done; only comments or layout of the file are different."
    return Difference((Change(None, words, "other"),), (words,))


def _all_of_it(found: Loaded) -> Difference:
    words = "Nothing of this was in force here until now"
    if isinstance(found, LoadedProtocol):
        text = as_text(found.protocol)
    elif isinstance(found, LoadedProfile):
        text = profile_as_text(found.profile)
    else:
        text = procedure_as_text(found.procedure)
    return Difference((Change(None, f"{words}.", "other"),), (f"{words}; this is all of it:", "", *text.splitlines()))
