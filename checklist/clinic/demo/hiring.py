"""The made-up people become operators, and get their credentials, which end and are renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from checklist.clinic.demo.facts import HOUR, MINUTE, Act, Fact
from checklist.clinic.demo.named import SECRET
from checklist.people.commitment import name_opening
from checklist.people.credential import granted
from checklist.people.operator import added, new_operator_id
from checklist.people.secret import hash_secret

if TYPE_CHECKING:
    from checklist.clinic.demo.people import Member
    from checklist.clinic.demo.world import World
    from checklist.ledger.entry import Draft
    from checklist.people.store import PeopleStore


def hire(world: World, people: PeopleStore, pepper: bytes, lead: str, at: int) -> None:
    """Add everybody but the first lead, who made the clinic, and grant what they hold."""
    world.people[0].id = lead
    now = datetime.fromtimestamp(at / 1_000_000, UTC)
    known = {lead}
    world.acts.append(Act(at - MINUTE, [Fact("signed-in", {"factors": ["secret"]}, lead)]))
    for number, one in enumerate(world.people[1:]):
        one.id = new_operator_id()
        opening = name_opening(one.id, one.name)
        people.add_person(one.id, one.name, hash_secret(SECRET, pepper, one.id), at=now, active=known)
        known.add(one.id)
        world.openings.append(opening)
        draft = added(one.id, one.roles, opening.commitment, actor=lead, via="tui")
        world.acts.append(Act(at + number * MINUTE, [_fact(draft)]))
    later = at + 20 * MINUTE
    for one in world.people:
        for credential in one.credentials:
            later += 20_000_000
            _grant(world, one, credential, later, world.chance.randint(40, 400))


def renewed(world: World) -> None:
    """What ends within three weeks is granted anew, sooner or later."""
    at = world.midnight + 9 * HOUR
    for one in world.people:
        for credential in one.credentials:
            left = world.ends[one.id, credential] - world.today.toordinal()
            if left < 21 and (left <= 4 or world.chance.random() < 0.1):
                at += 30_000_000
                _grant(world, one, credential, at, one.credentials[credential][0])


def _grant(world: World, who: Member, credential: str, at: int, days: int) -> None:
    lead = world.people[0] if who is not world.people[0] else world.people[1]
    day = datetime.fromtimestamp(at / 1_000_000, UTC).date()
    until = day + timedelta(days=days)
    draft = granted(who.id, credential, until.isoformat(), who.credentials[credential][1], actor=lead.id, via="tui")
    fact = _fact(draft)
    world.acts.append(Act(at, [fact]))
    world.credentials[who.id, credential] = fact
    world.ends[who.id, credential] = until.toordinal()


def _fact(draft: Draft) -> Fact:
    return Fact(draft.kind, dict(draft.data), draft.actor, draft.via)
