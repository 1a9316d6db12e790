"""Why a filter found nothing, in one line: what the record does not know at all, or where it has to be asked else."""

from __future__ import annotations

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
_CALLED: Final = {"protocol": "protocol", "step": "step", "operator": "person", "subject": "subject"}
_MOST: Final = 3


def unmatched(clinic: Clinic, catalogue: Catalogue, wanted: Filter, *, as_runs: bool) -> str:
    """What to say where nothing was found."""
    if not wanted.words:
        return "Nothing stands in the record yet."
    unknown = [
        f"the record knows no {_CALLED[word]} “{value}”"
        for word in _KNOWN
        for value in wanted.values(word)
        if not _known(clinic, catalogue, word, value)
    ]
    told = f"Nothing matches “{wanted.line}”"
    if unknown:
        return f"{told}: {'; '.join(unknown[:_MOST])}."
    if "missed" in wanted.values("is") and not as_runs:
        return f"{told}: what was missed has no entry. “checklist log --runs {wanted.line}” lists it."
    return f"{told}."


def _known(clinic: Clinic, catalogue: Catalogue, word: str, value: str) -> bool:
    if word == "operator" and clinic.people.person_by(value) is not None:
        return True
    return catalogue.db.execute(_KNOWN[word], (value,)).fetchone() is not None
