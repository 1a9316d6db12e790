"""Sign-ins as facts of the record.

Pure. Nothing is recorded in anyone's name before their secret was right, and what was typed for a name is
never recorded: it may be a secret in the wrong field. Knows nothing of how a secret is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.ledger.entry import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.ledger.entry import Json

SIGNED_IN: Final = "signed-in"
SIGNED_OUT: Final = "signed-out"
FAILED: Final = "sign-in.failed"

# Factors. A secret that came from a file was not typed by the person: a finding for signatures.
SECRET: Final = "secret"  # noqa: S105 - the name of a factor
SECRET_FILE: Final = "secret-file"  # noqa: S105


def signed_in(operator: str, factors: Iterable[str], *, via: str) -> Draft:
    """The fact that an operator proved who they are, by `factors`."""
    listed: list[Json] = [*sorted(set(factors))]
    return Draft(SIGNED_IN, {"factors": listed}, operator, via)


def signed_out(operator: str, *, via: str) -> Draft:
    """The fact that an operator's session ended."""
    return Draft(SIGNED_OUT, {}, operator, via)


def failed(operator: str | None, *, via: str) -> Draft:
    """The fact that a secret was wrong: for this operator, or for nobody known (None). It has no actor."""
    return Draft(FAILED, {} if operator is None else {"operator": operator}, None, via)
