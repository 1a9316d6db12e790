"""Sign-ins, and the secrets and badges they rest on, as facts of the record.

Pure. Nothing is recorded in anyone's name before their secret was right, and what was typed for a name is
never recorded: it may be a secret in the wrong field. Knows nothing of how a secret is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.ledger.entry import Draft
from checklist.people.operator import CHANGED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.ledger.entry import Json

SIGNED_IN: Final = "signed-in"
SIGNED_OUT: Final = "signed-out"
FAILED: Final = "sign-in.failed"
LOCKED: Final = "sign-in.locked"
UNLOCKED: Final = "sign-in.unlocked"

# Factors. A secret that came from a file was not typed by the person: a finding for signatures.
SECRET: Final = "secret"  # noqa: S105 - the name of a factor
SECRET_FILE: Final = "secret-file"  # noqa: S105 - the name of a factor
BADGE: Final = "badge"

# Whom a miss or a lock is of, where it is no operator; neither can be an operator's id.
NOBODY: Final = ""
"""Stands for all names that belong to nobody, together."""
RECOVERY: Final = "recovery"
"""Stands for whoever tries to end their own lock by the recovery code."""


def signed_in(operator: str, factors: Iterable[str], *, via: str) -> Draft:
    """The fact that an operator proved who they are, by `factors`."""
    return Draft(SIGNED_IN, {"factors": _listed(factors)}, operator, via)


def signed_out(operator: str, *, via: str) -> Draft:
    """The fact that an operator's session ended."""
    return Draft(SIGNED_OUT, {}, operator, via)


def failed(operator: str, *, via: str) -> Draft:
    """The fact that nobody was let in: as this operator, by the recovery code (RECOVERY), or as NOBODY. It has no
    actor."""
    return Draft(FAILED, _about(operator), None, via)


def locked(operator: str, minutes: int | None, *, via: str, misses: int = 0) -> Draft:
    """The fact that no secret is tried for this operator (or no recovery code) for so long; None: until unlocked. In a
    ledger that begins with it, it says how many `misses` led there."""
    told: dict[str, Json] = {"misses": misses} if misses else {}
    return Draft(LOCKED, {**_about(operator), "minutes": minutes, **told}, None, via)


def unlocked(operator: str, *, actor: str, via: str, recovery: bool = False) -> Draft:
    """The fact that a lead ended an operator's lock, and forgave the misses; or their own, by the `recovery` code."""
    told: dict[str, Json] = {"recovery": True} if recovery else {}
    return Draft(UNLOCKED, {**_about(operator), **told}, actor, via)


def secret_changed(operator: str, *, via: str) -> Draft:
    """The fact that an operator chose another secret, having proved the old one."""
    return Draft(CHANGED, {"operator": operator, "secret": "changed"}, operator, via)


def secret_reset(operator: str, witness: str, factors: Iterable[str], *, actor: str, via: str) -> Draft:
    """The fact that two leads gave an operator another secret; the second proved themselves by `factors`."""
    data: dict[str, Json] = {"operator": operator, "secret": "reset", "witness": witness, "factors": _listed(factors)}
    return Draft(CHANGED, data, actor, via)


def secret_reset_by_code(operator: str, *, actor: str, via: str) -> Draft:
    """The fact that one lead gave an operator another secret, with the recovery code in the place of a second."""
    return Draft(CHANGED, {"operator": operator, "secret": "reset", "recovery": True}, actor, via)


def badge_given(operator: str, *, actor: str, via: str) -> Draft:
    """The fact that an operator has another badge; what it says is not recorded."""
    return Draft(CHANGED, {"operator": operator, "badge": "given"}, actor, via)


def badge_taken(operator: str, *, actor: str, via: str) -> Draft:
    """The fact that an operator has no badge any more."""
    return Draft(CHANGED, {"operator": operator, "badge": "taken"}, actor, via)


def _about(operator: str) -> dict[str, Json]:
    if operator == RECOVERY:
        return {"recovery": True}
    return {"operator": operator} if operator != NOBODY else {}


def _listed(factors: Iterable[str]) -> list[Json]:
    return [*sorted(set(factors))]
