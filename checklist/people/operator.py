"""Operators: their ids, roles and names, and the facts about them as they go into the record.

Pure. The truth about an operator (roles, disabled or not) is the record; only the name and the secret are not
in it. No role implies another. Knows nothing of files or secrets.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.ledger.entry import Draft
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from checklist.ledger.entry import Json

STAFF: Final = "staff"
REPROCESSING: Final = "reprocessing"
RELEASE: Final = "release"
PRESCRIBER: Final = "prescriber"
LEAD: Final = "lead"
AUDITOR: Final = "auditor"

ROLES: Final = (STAFF, REPROCESSING, RELEASE, PRESCRIBER, LEAD, AUDITOR)
FIRST_LEAD_ROLES: Final = frozenset({STAFF, REPROCESSING, RELEASE, LEAD})

ADDED: Final = "operator.added"
CHANGED: Final = "operator.changed"
DISABLED: Final = "operator.disabled"
ERASED: Final = "erased"

LONGEST_NAME: Final = 80
_COMMITMENTS_IN_ENTRY: Final = 200

_ID = re.compile(r"u_[0-9a-f]{10}")
_ROLE = re.compile(r"[a-z0-9-]{1,64}")
# Letters by category, blank on the screen.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Operator:
    """A person as everything but the record sees them. `name` is None once it is erased."""

    id: str
    name: str | None
    roles: frozenset[str]
    disabled: bool = False
    erased: bool = False

    def may(self, *roles: str) -> bool:
        """Whether this operator is active and has one of `roles`; none named asks for no role at all."""
        return not self.disabled and (not roles or not self.roles.isdisjoint(roles))


def new_operator_id() -> str:
    """A fresh pseudonym: "u_" and 10 hexadecimal signs. Ids are never given to a second person."""
    return f"u_{secrets.token_hex(5)}"


def is_operator_id(text: str) -> bool:
    """Whether `text` has the shape of an operator's id."""
    return _ID.fullmatch(text) is not None


def clean_name(name: str) -> str:
    """The name as it is kept: cleaned, and every stretch of blanks one space."""
    return " ".join(clean(name, limit=4 * len(name) + 1).split())


def name_key(name: str) -> str:
    """What names are compared by: without case, signs that show nothing, differences of width or blanks."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean_name(name)).casefold())
    return " ".join("".join(sign for sign in folded if sign not in _BLANK_LETTERS).split())


def check_name(name: str, taken: Iterable[str] = ()) -> str | None:
    """Why nobody may be called `name` beside the active people called `taken`, or None when they may."""
    key = name_key(name)
    if not any(sign.isalnum() for sign in key):
        return "A name is needed: give the name as it should be printed beside a signature."
    if len(clean_name(name)) > LONGEST_NAME:
        return f"The name is longer than {LONGEST_NAME} characters: shorten it."
    if is_operator_id(key):
        return "The name looks like an operator's id: give the name as it should be printed beside a signature."
    if key in {name_key(other) for other in taken}:
        return "Somebody active has this name already: add something that tells the two apart."
    return None


def check_roles(roles: Iterable[str]) -> str | None:
    """Why an operator may not have `roles`, or None when they may; a clinic may add roles of its own."""
    asked = sorted(roles)
    if not asked:
        return f"A role is needed: one or more of {', '.join(ROLES)}, or one of the clinic's own."
    if not all(_ROLE.fullmatch(role) for role in asked):
        return "A role is written in at most 64 small letters a-z, digits and hyphens, such as staff."
    return None


def added(operator: str, roles: Iterable[str], name: str, *, actor: str | None, via: str) -> Draft:
    """The fact that somebody became an operator; `name` is the commitment. The first lead has no `actor`."""
    return Draft(ADDED, {"operator": operator, "roles": _listed(roles), "name": name}, actor, via)


def changed(operator: str, *, actor: str | None, via: str, roles: Iterable[str]) -> Draft:
    """The fact that an operator has other roles from now on."""
    return Draft(CHANGED, {"operator": operator, "roles": _listed(roles)}, actor, via)


def disabled(operator: str, *, actor: str | None, via: str) -> Draft:
    """The fact that an operator may do nothing any more."""
    return Draft(DISABLED, {"operator": operator}, actor, via)


def erased(
    operator: str, commitments: Iterable[str], *, actor: str | None, via: str, why: Mapping[str, Json] | None = None
) -> list[Draft]:
    """The fact that an operator's name and secret are taken out of people.db, with every commitment that nobody can
    open from then on: as many entries as it takes, since an entry has little room, and one where there are none.
    `why` is what made it due, so that an erasure before its time is seen in the record."""
    told: dict[str, Json] = {"operator": operator, **(why or {})}
    names = sorted(set(commitments))
    pages = [names[at : at + _COMMITMENTS_IN_ENTRY] for at in range(0, len(names), _COMMITMENTS_IN_ENTRY)]
    return [Draft(ERASED, {**told, "commitments": [*page]}, actor, via) for page in pages or [[]]]


def _listed(roles: Iterable[str]) -> list[Json]:
    return [*sorted(set(roles))]
