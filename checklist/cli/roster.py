"""`checklist people list`: everybody the record knows, what they may do, and what keeps them from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import clinic_folder, clinic_option, json_option, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.clinic.people.personnel import Held
    from checklist.clinic.people.staff import Lock
    from checklist.people.operator import Operator


@click.command("list")
@json_option
@clinic_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> int:
    """List the operators with their roles and credentials, and who is locked, disabled or erased."""
    from checklist.clinic.service import Clinic

    with Clinic.open(clinic_folder(ctx)) as opened:
        locks = {lock.operator_id: lock for lock in opened.staff.locks()}
        held = opened.personnel.credentials(opened.now())
        found = [
            (one, locks.get(one.id), [each for each in held if each.operator_id == one.id])
            for one in opened.staff.operators()
        ]
    if as_json:
        say_json([_data(*each) for each in found])
    else:
        for each in found:
            say(*_lines(*each))
    return 0


def credential_data(held: Held) -> dict[str, object]:
    """A credential with its stable keys."""
    return {
        "credential": held.credential,
        "until": held.until,
        "attributes": dict(held.attributes),
        "state": held.state,
        "days_left": held.days_left,
    }


def _data(one: Operator, lock: Lock | None, held: Sequence[Held]) -> dict[str, object]:
    return {
        "operator": one.id,
        "name": one.name,
        "roles": sorted(one.roles),
        "credentials": [credential_data(each) for each in held],
        "locked": lock is not None,
        "locked_until": lock.until if lock else None,
        "disabled": one.disabled,
        "erased": one.erased,
    }


def _lines(one: Operator, lock: Lock | None, held: Sequence[Held]) -> Iterator[str]:
    from checklist.line.words import credential_words

    facts = [one.name or ("(erased)" if one.erased else "(no name)"), one.id, " ".join(sorted(one.roles))]
    if lock is not None:
        facts.append(f"LOCKED until {lock.shown or 'a lead unlocks'}")
    if one.disabled:
        facts.append("disabled")
    yield ", ".join(facts)
    yield from (f"    {credential_words(each)}" for each in held)
