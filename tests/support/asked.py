"""What the log answers, asked by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.audit.query import Word, of
from checklist.clinic import auditing
from checklist.clinic.entries import log

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic


def logged(clinic: Clinic, **words: str) -> list[dict[str, object]]:
    """The entries of a clinic that are wanted by these words (`kind="step.done"`), oldest first."""
    with auditing.opened(clinic) as catalogue:
        lost: list[str] = []
        found = list(log(clinic, catalogue, of([Word(word, False, told) for word, told in words.items()]), lost))
        assert lost == []
        return found
