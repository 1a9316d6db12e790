"""Why a filter found nothing, in one line: what the record does not know at all, or where it has to be asked else."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from checklist.audit.catalogue import Catalogue
    from checklist.audit.query import Filter
    from checklist.clinic.service import Clinic

_KNOWN: Final = {
    "protocol": "SELECT 1 FROM text WHERE id = ?1 UNION ALL SELECT 1 FROM entry WHERE protocol = ?1"
    " UNION ALL SELECT 1 FROM planned WHERE protocol = ?1 LIMIT 1",
    "step": "SELECT 1 FROM written WHERE step = ?1 UNION ALL SELECT 1 FROM step WHERE step = ?1 LIMIT 1",
    "operator": "SELECT 1 FROM crew_member WHERE operator = ?1 UNION ALL SELECT 1 FROM entry WHERE actor = ?1 LIMIT 1",
    "subject": "SELECT 1 FROM run WHERE subject = ?1 UNION ALL SELECT 1 FROM planned WHERE subject = ?1"
    " UNION ALL SELECT 1 FROM entry WHERE subject = ?1 LIMIT 1",
}
"""What the record knows of each, by the word of a filter."""
_NAMES: Final = {
    "protocol": "SELECT id FROM text UNION SELECT DISTINCT protocol FROM planned",
    "step": "SELECT DISTINCT step FROM written UNION SELECT DISTINCT step FROM shape_step",
    "subject": "SELECT DISTINCT subject FROM run UNION SELECT DISTINCT subject FROM planned",
}
"""All of each, to see which is spelled like what is not known; people are asked of the roster."""
_CALLED: Final = {"protocol": "protocol", "step": "step", "operator": "person", "subject": "subject"}
_MOST: Final = 3
_LIKE: Final = 0.7


def unmatched(clinic: Clinic, catalogue: Catalogue, wanted: Filter) -> str:
    """What to say where nothing was found."""
    if not wanted.words:
        return "Nothing stands in the record yet."
    told = f"Nothing matches “{wanted.line}”"
    if names := unknown(clinic, catalogue, wanted):
        return f"{told}: {names}."
    return f"{told}."


def unknown(clinic: Clinic, catalogue: Catalogue, wanted: Filter) -> str:
    """What a filter names and the record does not know, with what is spelled like it; empty where it knows all."""
    found = [
        f"the record knows no {_CALLED[word]} “{value}”{_near(clinic, catalogue, word, value)}"
        for word in _KNOWN
        for value in wanted.values(word)
        if not _known(clinic, catalogue, word, value)
    ]
    return "; ".join(found[:_MOST])


def _known(clinic: Clinic, catalogue: Catalogue, word: str, value: str) -> bool:
    if word == "operator" and clinic.people.person_by(value) is not None:
        return True
    return catalogue.db.execute(_KNOWN[word], (value,)).fetchone() is not None


def _near(clinic: Clinic, catalogue: Catalogue, word: str, value: str) -> str:
    """The names that are spelled like one that is not known, as a question."""
    if word in _NAMES:
        names = [str(name) for (name,) in catalogue.db.execute(_NAMES[word])]
    else:
        names = [each.name or each.id for each in clinic.staff.operators()]
    spelled = {part: name for name in names for part in (name.casefold(), *_parts(word, name))}
    near = dict.fromkeys(spelled[each] for each in get_close_matches(value.casefold(), spelled, n=_MOST, cutoff=_LIKE))
    return f" (did you mean {' or '.join(f'“{name}”' for name in near)}?)" if near else ""


def _parts(word: str, name: str) -> list[str]:
    """A person may be asked for by their first or last name."""
    return name.casefold().split() if word == "operator" else []
