"""A name that is not known, and the known one that was probably meant. Knows nothing of what the names are of."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelled most like this one; None where it is known, or where none is like it."""
    names = sorted(set(known))
    if name in names:
        return None
    return next(iter(get_close_matches(name, names, n=1, cutoff=0.8)), None)


def meant(name: str, known: Iterable[str]) -> str:
    """The question for a sentence about a name that is not known: ` (did you mean “bi-test”?)`, or nothing."""
    near = nearest(name, known)
    return f" (did you mean “{near}”?)" if near else ""
