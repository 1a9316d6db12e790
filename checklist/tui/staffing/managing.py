"""What is done to people's standing here: each asks for what must be said, and says what was done.

A lead does it, but for one's own secret. Who may is not decided here: the clinic refuses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from checklist.clinic.people.spelling import doubtful_credential, doubtful_roles
from checklist.people.operator import ROLES
from checklist.people.secret import check_strength
from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form, Part
from checklist.tui.paper import NEXT_CODE, KeepSafe
from checklist.tui.staffing import people_reads
from checklist.tui.staffing.people import CODE_LINE, person_parts
from checklist.tui.staffing.people_reads import VIA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.tui.app import Desk
    from checklist.tui.staffing.people_reads import Known

T = TypeVar("T")

_ROLE_NOTE: Final = f"Roles: {', '.join(ROLES)}, or the clinic's own. None implies another; auditors only read."
_HOW_LONG: Final = "At least 8 characters, for example three words; or, for who has a badge, a PIN of 6 digits."
_NEW: Final = (
    Line(
        "new",
        "NEW SECRET",
        "Whose secret it is types it now: nobody else should know it.",
        secret=True,
        wrong=lambda answers: check_strength(answers["new"], badge=True),  # whether there is one, is known at the end
    ),
    Line("again", "ONCE MORE", "Type the same secret once more.", secret=True),
)
_DIFFER: Final = Refusal("differ", "The two new secrets are not the same. Type them again.")


async def _ask(
    desk: Desk,
    title: str,
    parts: Sequence[Part],
    act: Callable[[Clinic, Answers], T | Refusal],
    does: str,
    note: str = "",
) -> T | None:
    """Ask for the parts, and have them recorded, once."""

    async def submit(answers: Answers) -> T | Refusal:
        return await desk.keeper.once(act, answers)

    return await desk.ask(Form(title, parts, submit, does=does, note=note))


class _Once:
    """A question is asked once: whoever goes on without a change means it as it is."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def ask(self, doubts: Iterable[str]) -> Refusal | None:
        """The first question that was not asked before, as a refusal; None where there is none."""
        doubt = next((one for one in doubts if one not in self._asked), None)
        if doubt is None:
            return None
        self._asked.add(doubt)
        return Refusal("spelling", f"{doubt} Change it, or go on with it as it is.")


async def add(desk: Desk, who: SignedIn) -> str | None:
    """F6: somebody begins to work here."""
    parts = (
        Line("name", "NAME", "Type the name as it is to be printed beside signatures."),
        Line("roles", "ROLES", "Type at least one role."),
        *_NEW,
    )
    once = _Once()

    def act(clinic: Clinic, answers: Answers) -> str | Refusal:
        roles = _words(answers["roles"])
        if doubt := once.ask(doubtful_roles(clinic, roles)):
            return doubt
        if answers["new"] != answers["again"]:
            return _DIFFER
        added = clinic.personnel.add(answers["name"], roles, answers["new"], who, VIA)
        return added if isinstance(added, Refusal) else f"{added.name} was added."

    return await _ask(desk, "ADD SOMEBODY", parts, act, "ADD", _ROLE_NOTE)


async def change_secret(desk: Desk, who: SignedIn) -> str | None:
    """F4: one's own secret, by the old one."""
    parts = (Line("old", "OLD SECRET", "Type the secret that you have now.", secret=True), *_NEW)

    def act(clinic: Clinic, answers: Answers) -> str | Refusal:
        if answers["new"] != answers["again"]:
            return _DIFFER
        return clinic.staff.change_secret(who, answers["old"], answers["new"], VIA) or "Your secret was changed."

    return await _ask(desk, "CHANGE YOUR SECRET", parts, act, "CHANGE IT", _HOW_LONG)


async def change(desk: Desk, who: SignedIn, person: Known, people: Sequence[Known]) -> str | None:
    """Enter: what is to be changed about somebody, and then that; what was done."""
    ways = tuple(_ways(person))
    if not ways:
        return "Nothing of this person is left to change."

    async def submit(answers: Answers) -> str | Refusal:
        return answers["what"]

    form: Form[str] = Form(f"CHANGE {person.name}", (Pick("what", "WHAT", ways),), submit, does="GO ON", back="BACK")
    match await desk.ask(form):
        case "roles":
            return await _roles(desk, who, person)
        case "grant":
            return await _grant(desk, who, person)
        case "end":
            return await _end(desk, who, person)
        case "badge":
            return await _badge(desk, who, person)
        case "reset":
            return await _reset(desk, who, person, people)
        case None:
            return None
        case plain:
            return await _plainly(desk, who, person, plain)


def _ways(person: Known) -> Iterator[tuple[str, str]]:
    if person.operator.disabled:
        if not person.operator.erased:
            yield "erase", "erase the name and everything that is kept of it"
        return
    if person.lock is not None:
        yield "unlock", "end the lock"
    yield "roles", "give other roles"
    yield "grant", "grant a credential, or renew one"
    if person.credentials:
        yield "end", "end a credential"
    yield "badge", "give a badge"
    if person.badge:
        yield "no-badge", "take the badge away"
    yield "reset", "give a new secret, since the old one is lost"
    yield "disable", "disable: they may do nothing here any more, for good"


async def _roles(desk: Desk, who: SignedIn, person: Known) -> str | None:
    has = " ".join(sorted(person.operator.roles))
    parts = (Line("roles", "ROLES", "Type at least one role.", value=has),)
    once = _Once()

    def act(clinic: Clinic, answers: Answers) -> str | Refusal:
        roles = _words(answers["roles"])
        if doubt := once.ask(doubtful_roles(clinic, roles)):
            return doubt
        found = clinic.personnel.set_roles(person.operator.id, roles, who, VIA)
        return found if isinstance(found, Refusal) else f"{person.name} has: {', '.join(sorted(found.roles))}."

    return await _ask(desk, f"ROLES OF {person.name}", parts, act, "GIVE THEM", _ROLE_NOTE)


async def _grant(desk: Desk, who: SignedIn, person: Known) -> str | None:
    parts = (
        Line("credential", "CREDENTIAL", "Type what it is, such as microneedling."),
        Line("until", "LAST DAY", unit="year-month-day"),
        Line("attributes", "LIMITS"),
    )
    once = _Once()

    def act(clinic: Clinic, answers: Answers) -> str | Refusal:
        limits = _pairs(answers["attributes"])
        if limits is None:
            return Refusal("attributes", "Type limits as name=value, such as max_depth_mm=1.5.")
        credential, until = answers["credential"].strip(), answers["until"].strip() or None
        if doubt := once.ask(doubtful_credential(clinic, credential, limits)):
            return doubt
        held = clinic.personnel.grant(person.operator.id, credential, until, limits, who, VIA)
        return held if isinstance(held, Refusal) else f"{person.name} holds {held.credential}."

    note = "Leave the last day empty where it has no end. Limits are name=value, such as max_depth_mm=1.5."
    return await _ask(desk, f"CREDENTIAL FOR {person.name}", parts, act, "GRANT IT", note)


async def _end(desk: Desk, who: SignedIn, person: Known) -> str | None:
    options = tuple((held.credential, held.credential) for held in person.credentials)

    def act(clinic: Clinic, answers: Answers) -> str | Refusal:
        ended = clinic.personnel.end(person.operator.id, answers["credential"], who, VIA)
        return ended if isinstance(ended, Refusal) else f"{person.name} does not hold {ended.credential} any more."

    return await _ask(
        desk, f"END A CREDENTIAL OF {person.name}", (Pick("credential", "WHICH ONE", options),), act, "END IT"
    )


async def _badge(desk: Desk, who: SignedIn, person: Known) -> str | None:
    parts = (Line("badge", "BADGE", "Scan the badge.", hidden=True),)

    def act(clinic: Clinic, answers: Answers) -> str | Refusal:
        refusal = clinic.staff.give_badge(person.operator.id, answers["badge"], who, VIA)
        return refusal or f"{person.name} has this badge now."

    note = "A badge says who is meant and proves nothing: a secret is asked for all the same. It is never shown."
    return await _ask(desk, f"BADGE OF {person.name}", parts, act, "GIVE IT", note)


async def _reset(desk: Desk, who: SignedIn, person: Known, people: Sequence[Known]) -> str | None:
    """A new secret takes a second lead, or the recovery code where there is none."""
    leads = tuple(
        (one.operator.id, one.name)
        for one in people
        if not one.operator.disabled
        and rights.may(Act.RESET, one.operator.roles)
        and one.operator.id not in (who.id, person.operator.id)
    )
    way = "code" if not leads else await _choose_second(desk, person)
    if way is None:
        return None
    second = person_parts(leads, "SECOND LEAD") if way == "lead" else (CODE_LINE,)
    codes: list[str] = []

    def act(clinic: Clinic, answers: Answers) -> str | Refusal:
        if answers["new"] != answers["again"]:
            return _DIFFER
        proof = (answers["name"], answers["secret"]) if way == "lead" else answers["code"]
        done = people_reads.reset(clinic, person.operator.id, answers["new"], who, proof)
        if isinstance(done, Refusal):
            return done
        codes.extend([done.recovery] if done.recovery else [])
        return f"{person.name} has a new secret."

    done = await _ask(desk, f"NEW SECRET FOR {person.name}", (*second, *_NEW), act, "GIVE IT", _HOW_LONG)
    if codes:
        await desk.ask(KeepSafe(((NEXT_CODE, codes[0]),)))
    return done


async def _choose_second(desk: Desk, person: Known) -> str | None:
    ways = (("lead", "a second lead is here"), ("code", "the recovery code from its paper"))

    async def submit(answers: Answers) -> str | Refusal:
        return answers["second"]

    parts = (Pick("second", "WHO STANDS FOR IT BESIDE YOU", ways),)
    return await desk.ask(Form(f"NEW SECRET FOR {person.name}", parts, submit, does="GO ON", back="BACK"))


_PLAIN: Final = {
    "unlock": ("END THE LOCK OF", "END THE LOCK", "Their misses are forgiven. Ask them yourself whether it was they."),
    "no-badge": ("TAKE THE BADGE OF", "TAKE IT AWAY", "A PIN is good for nothing without a badge: think of a secret."),
    "disable": ("DISABLE", "DISABLE", "They may do nothing here any more, for good. Their name stays in the record."),
    "erase": ("ERASE", "ERASE", "The name leaves people.db for good; the record then shows an id. Backups keep it."),
}


async def _plainly(desk: Desk, who: SignedIn, person: Known, what: str) -> str | None:
    """What asks for nothing more than a yes."""
    title, does, note = _PLAIN[what]
    operator = person.operator.id

    def act(clinic: Clinic, _answers: Answers) -> str | Refusal:
        match what:
            case "unlock":
                return clinic.staff.unlock(operator, who, VIA) or f"{person.name} may try again."
            case "no-badge":
                return clinic.staff.give_badge(operator, None, who, VIA) or f"{person.name} has no badge any more."
            case "disable":
                found = clinic.personnel.disable(operator, who, VIA)
                return found if isinstance(found, Refusal) else f"{person.name} was disabled."
            case _:
                erased = clinic.personnel.erase(operator, who, VIA)
                return erased if isinstance(erased, Refusal) else f"{operator} was erased."

    return await _ask(desk, f"{title} {person.name}", (), act, does, note)


def _words(typed: str) -> list[str]:
    """Words between blanks or commas."""
    return [word for word in re.split(r"[,\s]+", typed.strip().casefold()) if word]


def _pairs(typed: str) -> dict[str, str] | None:
    """`max_depth_mm=1.5 device=pen` as pairs; a value reaches to the next name. None where words belong to no name."""
    before, *parts = re.split(r"(?:^|\s)(\w+)\s*=\s*", typed.strip())
    names, values = parts[0::2], parts[1::2]
    if before.strip() or len(set(names)) < len(names):
        return None
    return {name: value.strip() for name, value in zip(names, values, strict=True)}
