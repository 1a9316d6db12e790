"""Whether somebody holds the credentials that a protocol or a step asks for, on a day of the clinic's calendar.

Knows ids and the last day on which each holds. Who granted them, and what they say besides, is not its business.
"""

from collections.abc import Collection, Mapping
from datetime import date

from checklist.run.reading import Refusal


def lacking(asked: Collection[str], held: Mapping[str, str], today: date, what: str) -> Refusal | None:
    """Why `what` ("This step") may not be done by somebody who holds these; None where it may.

    Every credential asked for must be held, and today be no later than its last day ("" is no end).
    """
    for credential in asked:
        until = held.get(credential)
        if until is None:
            sentence = f"{what} needs the credential “{credential}”; ask somebody who holds it, or a lead to grant it."
            return Refusal("credential", sentence)
        if until and not _holds(until, today):
            sentence = f"{what} needs the credential “{credential}”, which ended on {until}; ask a lead to renew it."
            return Refusal("credential", sentence)
    return None


def _holds(until: str, today: date) -> bool:
    """Whether that last day is still to come, or is today; what is no day never counts for one."""
    try:
        return today <= date.fromisoformat(until)
    except ValueError:
        return False
