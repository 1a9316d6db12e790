"""Who may do what: the one table of rights, and the only place that compares a person's roles with an act's.

What a protocol or a step asks for besides (`roles`, `credentials`) comes on top. Knows nothing of people but their
roles.
"""

from collections.abc import Collection, Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from checklist.run.reading import Refusal

_LEAD: Final = "lead"
_AUDITOR: Final = "auditor"


class Act(StrEnum):
    """What a person can do that somebody else may not."""

    WALK = "walk"
    SIGN = "sign"
    WITNESS = "witness"
    VOUCH = "vouch"
    """Pass a hold, or open again what stopped a run: asked of the two people together."""
    ATTRIBUTE = "attribute"
    OPEN_SESSION = "open-session"
    MANAGE_PEOPLE = "manage-people"
    RESET = "reset"
    """Give somebody else a new secret."""
    ADOPT = "adopt"
    CLEAR = "clear"
    """Have the gate's answer recorded."""
    REVIEW = "review"
    """Say what came of an override, or of something that a rule points at."""
    QUARANTINE = "quarantine"
    """Block something until a lead decides."""
    END_QUARANTINE = "end-quarantine"
    RECALL = "recall"
    HAPPENED = "happened"
    """Say that something happened which ends a completion early."""
    BACKUP = "backup"
    RECORD_VERIFIED = "record-verified"
    REMARK = "remark"
    CHANGE_OWN_SECRET = "change-own-secret"  # noqa: S105 - the name of an act


class Who(Enum):
    """Whom an act is open to. No role implies another, and who has several roles may do what any of them may."""

    EVERYONE = "everyone"
    ALL_BUT_AUDITORS = "everyone but auditors"
    LEADS = "leads"


class Right(NamedTuple):
    """Who may, and what the others are told."""

    who: Who
    refused: str = ""


_READS: Final = "Auditors read everything and leave remarks; they do not"

RIGHTS: Final[Mapping[Act, Right]] = MappingProxyType(
    {
        Act.WALK: Right(Who.ALL_BUT_AUDITORS, f"{_READS} walk protocols."),
        Act.SIGN: Right(Who.ALL_BUT_AUDITORS, f"{_READS} sign steps."),
        Act.WITNESS: Right(Who.ALL_BUT_AUDITORS, f"{_READS} witness."),
        Act.VOUCH: Right(Who.LEADS, "This needs a lead, as the one who asks or as the second person."),
        Act.ATTRIBUTE: Right(Who.ALL_BUT_AUDITORS, f"{_READS} put their name to a run."),
        Act.OPEN_SESSION: Right(Who.ALL_BUT_AUDITORS, f"{_READS} open visits."),
        Act.MANAGE_PEOPLE: Right(Who.LEADS, "Only a lead adds or changes people; ask one."),
        Act.RESET: Right(Who.LEADS, "Only a lead gives somebody a new secret; ask one."),
        Act.ADOPT: Right(Who.LEADS, "Only a lead adopts protocols; ask one."),
        Act.CLEAR: Right(Who.ALL_BUT_AUDITORS, f"{_READS} clear procedures."),
        Act.REVIEW: Right(Who.LEADS, "Only a lead reviews what was found or overridden; ask one, or leave a remark."),
        Act.QUARANTINE: Right(Who.ALL_BUT_AUDITORS, f"{_READS} block anything; tell a lead."),
        Act.END_QUARANTINE: Right(Who.LEADS, "Only a lead ends a quarantine; ask one."),
        Act.RECALL: Right(Who.ALL_BUT_AUDITORS, f"{_READS} call anything back; tell a lead."),
        Act.HAPPENED: Right(Who.ALL_BUT_AUDITORS, f"{_READS} record what happened; tell a lead."),
        Act.BACKUP: Right(Who.LEADS, "Only a lead makes a backup, since it holds keys and names; ask one."),
        Act.RECORD_VERIFIED: Right(Who.ALL_BUT_AUDITORS, f"{_READS} record a verification."),
        Act.REMARK: Right(Who.EVERYONE),
        Act.CHANGE_OWN_SECRET: Right(Who.EVERYONE),
    }
)


def refusal(act: Act, roles: Collection[str]) -> Refusal | None:
    """Why somebody with these roles may not do this; None if they may."""
    right = RIGHTS[act]
    return None if _holds(right.who, roles) else Refusal("role", right.refused)


def may(act: Act, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may do this."""
    return _holds(RIGHTS[act].who, roles)


def only_leads(roles: Collection[str]) -> bool:
    """Whether a step that asks for one of these roles is a lead's alone."""
    return set(roles) == {_LEAD}


def _holds(who: Who, roles: Collection[str]) -> bool:
    match who:
        case Who.EVERYONE:
            return bool(roles)
        case Who.ALL_BUT_AUDITORS:
            return any(role != _AUDITOR for role in roles)
        case Who.LEADS:
            return _LEAD in roles
