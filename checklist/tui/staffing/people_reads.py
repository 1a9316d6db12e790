"""What the screen asks of the clinic about its people, as functions that run in the storage thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.people.personnel import Held
    from checklist.clinic.people.staff import Lock, Reset
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.people.operator import Operator

VIA: Final = "tui"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as the people's screen shows them."""

    operator: Operator
    credentials: tuple[Held, ...]
    lock: Lock | None
    badge: bool
    pin: bool

    @property
    def name(self) -> str:
        """Their name, or their id once it is erased."""
        return self.operator.name or self.operator.id


def roster(clinic: Clinic, who: SignedIn) -> tuple[Known, ...]:
    """Everybody, for whoever manages people; for everybody else they themselves. Who left comes last."""
    manages = rights.may(Act.MANAGE_PEOPLE, who.person.roles)
    held = clinic.personnel.credentials(clinic.now())
    locks = {lock.operator_id: lock for lock in clinic.staff.locks()}
    kept = {person.id: person for person in clinic.people.people()}
    found = [
        Known(
            operator=operator,
            credentials=tuple(one for one in held if one.operator_id == operator.id),
            lock=locks.get(operator.id),
            badge=operator.id in kept and kept[operator.id].badge is not None,
            pin=operator.id in kept and kept[operator.id].pin,
        )
        for operator in clinic.staff.operators()
        if manages or operator.id == who.id
    ]
    return tuple(sorted(found, key=lambda one: one.operator.disabled))


def people_notes(clinic: Clinic, who: SignedIn | None) -> tuple[str, ...]:
    """What somebody who manages people should know: who is locked, and whose credentials end soon or have ended."""
    if who is None or not rights.may(Act.MANAGE_PEOPLE, who.person.roles):
        return ()
    return (*_locked(clinic), *_ending(clinic))


def _locked(clinic: Clinic) -> Iterator[str]:
    for lock in clinic.staff.locks():
        yield f"{lock.name} is locked {f'until {lock.shown}' if lock.shown else 'until a lead unlocks'}."


def _ending(clinic: Clinic) -> Iterator[str]:
    for held in clinic.personnel.credentials(clinic.now()):
        if held.state != "valid":
            yield f"{held.name}: {held.credential} {days_in_words(held)}."


def days_in_words(held: Held) -> str:
    """How long a credential still holds."""
    left = held.days_left
    if left is None:
        return "has no end"
    if left < 0:
        return f"ended on {held.until}"
    days = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    return f"ends {days}, on {held.until}"


def reset(clinic: Clinic, operator: str, secret: str, who: SignedIn, second: tuple[str, str] | str) -> Reset | Refusal:
    """Give somebody a new secret: with a second lead's id and secret, or with the recovery code."""
    if isinstance(second, str):
        return clinic.staff.reset(operator, secret, who, second, VIA)
    proved = clinic.staff.prove(*second, VIA)
    return proved if isinstance(proved, Refusal) else clinic.staff.reset(operator, secret, who, proved, VIA)
