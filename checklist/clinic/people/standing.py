"""Who was an operator at some entry of a record, with which roles and credentials: by the entries that came before it.

The views tell how it is now; this tells how it was. Knows nothing of names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from checklist.people.credential import ENDED, GRANTED
from checklist.people.operator import ADDED, CHANGED, DISABLED
from checklist.run.events import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader

_KINDS: Final = (ADDED, CHANGED, DISABLED, GRANTED, ENDED)


@dataclass(frozen=True, slots=True)
class Standing:
    """An operator from some entry on. `credentials` are the last days on which each holds, by its id."""

    roles: frozenset[str]
    disabled: bool = False
    credentials: Mapping[str, str] = field(default_factory=dict)


class Standings:
    """How everybody of one ledger stood, at any of its entries."""

    def __init__(self, reader: Reader) -> None:
        """Reads nothing before it is asked."""
        self._reader = reader

    def before(self, operator: str, index: int) -> Standing | None:
        """How an operator stood when this entry was recorded; None where they were none."""
        known = self._known[operator]
        place = bisect_left(known, index, key=lambda each: each[0])
        return known[place - 1][1] if place else None

    @cached_property
    def _known(self) -> defaultdict[str, list[tuple[int, Standing]]]:
        """By operator: how they stood, from which entry on."""
        found: defaultdict[str, list[tuple[int, Standing]]] = defaultdict(list)
        told = [entry for kind in _KINDS for entry in self._reader.entries_of_kind(kind)]
        for entry in sorted(told, key=lambda entry: entry.index):
            operator = text_of(entry.data, "operator")
            if operator is None:
                continue
            known = found[operator]
            after = _after(known[-1][1] if known else None, entry)
            if after is not None:
                known.append((entry.index, after))
        return found


def _after(was: Standing | None, entry: Entry) -> Standing | None:
    """How somebody stands after an entry about them; None where that says nothing about an operator."""
    if entry.kind == ADDED:
        return was or Standing(_roles(entry))  # an id stays that of whoever had it first
    if was is None:
        return None
    if entry.kind == CHANGED:
        return replace(was, roles=_roles(entry)) if "roles" in entry.data else was
    if entry.kind == DISABLED:
        return replace(was, disabled=True)
    credential = text_of(entry.data, "credential")
    credentials = {each: until for each, until in was.credentials.items() if each != credential}
    if entry.kind == GRANTED and credential is not None:
        credentials[credential] = text_of(entry.data, "until") or ""
    return replace(was, credentials=credentials)


def _roles(entry: Entry) -> frozenset[str]:
    listed = entry.data.get("roles")
    return frozenset(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else frozenset()
