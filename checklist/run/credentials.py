"""Whether a credential still holds on a day of the clinic's calendar, and whether somebody holds those that a protocol
or a step asks for.

Knows ids and the last day on which each holds. Who granted them, and what they say besides, is not its business.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, Literal, TypeAlias

from checklist.run.reading import Refusal

EXPIRING_DAYS: Final = 30
"""From so many days before its end on, a credential is shown as one that ends."""

State: TypeAlias = Literal["valid", "expiring", "expired"]


def days_left(until: str, today: date) -> int | None:
    """How many days are left after today; negative once it has ended, None where it has no end.

    Raises ValueError for what is no day.
    """
    return (date.fromisoformat(until) - today).days if until else None


def state_of(until: str, today: date) -> State:
    """Whether a credential that holds until then (or "": for good) is valid, ends soon, or has ended; what is no day
    never counts for one."""
    try:
        left = days_left(until, today)
    except ValueError:
        return "expired"
    if left is None or left > EXPIRING_DAYS:
        return "valid"
    return "expiring" if left >= 0 else "expired"


def lacking(asked: Collection[str], held: Mapping[str, str], today: date, what: str) -> Refusal | None:
    """Why `what` ("This step") may not be done by somebody who holds these; None where it may.

    Every credential asked for must be held, and today be no later than its last day ("" is no end).
    """
    for credential in asked:
        until = held.get(credential)
        if until is None:
            sentence = f"{what} needs the credential “{credential}”; ask somebody who holds it, or a lead to grant it."
            return Refusal("credential", sentence)
        if state_of(until, today) == "expired":
            sentence = f"{what} needs the credential “{credential}”, which ended on {until}; ask a lead to renew it."
            return Refusal("credential", sentence)
    return None
