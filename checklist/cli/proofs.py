"""`checklist people secret | reset | unlock | recover | badge`: what people prove themselves by, and their locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    PATH,
    TEXT,
    accepted,
    as_option,
    at_desk,
    clinic_folder,
    clinic_option,
    console,
    credentials,
    new_secret_option,
    on_terminal,
    operator_named,
    refuse,
    say,
    typed_twice,
    via,
    witness_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.clinic.people.staff import Reset
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.line.console import Console
    from checklist.line.desk import Credentials


@click.command()
@new_secret_option
@as_option
@clinic_option
@click.pass_context
def secret(ctx: click.Context, new_secret_file: Path | None, operator: str | None, secret_file: Path | None) -> int:
    """Change your own secret. The old one is asked for once more."""
    own, new = credentials(operator, secret_file), _chosen(new_secret_file)
    with at_desk(ctx, own) as (opened, who, desk):
        old = own.secret if own.secret is not None else desk.secret("Your secret as it is now, once more: ")
        if old is None:
            raise click.Abort
        badge = _has_badge(opened, who.id)
        chosen = new if new is not None else typed_twice(desk, "Your new secret: ", who.name, badge=badge)
        accepted(opened.staff.change_secret(who, old, chosen, via()))
    say(f"The secret of {who.name} is changed; the old one is void.")
    return 0


@click.command()
@click.argument("person", type=TEXT, metavar="OPERATOR")
@new_secret_option
@witness_option
@click.option("--recovery-code-file", type=PATH, metavar="FILE", help="The paper recovery code (mode 0600).")
@as_option
@clinic_option
@click.pass_context
def reset(
    ctx: click.Context,
    *,
    person: str,
    new_secret_file: Path | None,
    witness: str | None,
    witness_secret_file: Path | None,
    recovery_code_file: Path | None,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Give somebody who forgot theirs a new secret: two leads, or one with the paper recovery code.

    The code is good for once: a new one is shown.
    """
    own, second = credentials(operator, secret_file), credentials(witness, witness_secret_file)
    code, new = credentials(None, recovery_code_file).secret, _chosen(new_secret_file)
    _refuse_unclear(second, code)
    with at_desk(ctx, own) as (opened, who, desk):
        meant = operator_named(opened, person)
        name = meant.name or meant.id
        vouching = code if code is not None else _second_lead(opened, desk, who, second)
        badge = _has_badge(opened, meant.id)
        chosen = new if new is not None else typed_twice(desk, f"New secret of {name}: ", name, badge=badge)
        done = accepted(opened.staff.reset(meant.id, chosen, who, vouching, via()))
    say(f"{name} has a new secret; the old one is void.", *_next_code(done))
    return 0


@click.command()
@click.argument("person", type=TEXT, metavar="OPERATOR")
@as_option
@clinic_option
@click.pass_context
def unlock(ctx: click.Context, person: str, operator: str | None, secret_file: Path | None) -> int:
    """Let somebody try again whom wrong secrets have locked out. Only a lead may."""
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        meant = operator_named(opened, person)
        accepted(opened.staff.unlock(meant.id, who, via()))
    say(f"{meant.name or meant.id} is not locked any more.")
    return 0


@click.command()
@click.option("--recovery-code-file", type=PATH, metavar="FILE", help="The paper recovery code (mode 0600).")
@as_option
@clinic_option
@click.pass_context
def recover(ctx: click.Context, recovery_code_file: Path | None, operator: str | None, secret_file: Path | None) -> int:
    """End your own lock, as a lead whom no other lead can unlock: with your secret and the paper recovery code.

    The code is good for once: a new one is shown.
    """
    from checklist.clinic.service import Clinic
    from checklist.line.desk import say_who

    own, code = credentials(operator, secret_file), credentials(None, recovery_code_file).secret
    if not on_terminal() and not (own.name and own.secret and code):
        refuse("There is no terminal to type at: give --as OPERATOR, --secret-file FILE and --recovery-code-file FILE.")
    desk = console()
    with Clinic.open(clinic_folder(ctx)) as opened, desk.listening():
        name = own.name or say_who(opened, desk, "Name or badge: ")
        secret = own.secret if own.secret is not None or not name else desk.secret("Your secret: ")
        code = code if code is not None or not secret else desk.secret("Recovery code: ")
        if not name or not secret or not code:
            raise click.Abort
        done = accepted(opened.staff.recover(name, secret, code, via()))
    say("The lock is ended.", *_next_code(done))
    return 0


@click.command()
@click.argument("person", type=TEXT, metavar="OPERATOR")
@click.option("--badge-file", type=PATH, metavar="FILE", help="What the badge reads as (mode 0600).")
@click.option("--take", is_flag=True, help="Take the badge away: from now on the name is typed.")
@as_option
@clinic_option
@click.pass_context
def badge(
    ctx: click.Context,
    *,
    person: str,
    badge_file: Path | None,
    take: bool,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Give somebody a badge to sign in with, beside their secret. Only a lead may. It is scanned, or read from a file.

    With a badge, a PIN of six digits or more will do as the secret.
    """
    if take and badge_file is not None:
        refuse("--take takes the badge away: give no --badge-file with it.")
    if not take and badge_file is None and not on_terminal():
        refuse("There is no terminal to scan the badge at: give --badge-file FILE.")
    text = credentials(None, badge_file).secret
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, desk):
        meant = operator_named(opened, person)
        if not take and text is None:
            text = desk.secret(f"Scan the badge of {meant.name or meant.id} (it is not shown): ")
            if text is None:
                raise click.Abort
        accepted(opened.staff.give_badge(meant.id, text, who, via()))
    say(f"{meant.name or meant.id} has {'no' if take else 'a new'} badge from now on.")
    return 0


def _chosen(new_secret_file: Path | None) -> str | None:
    """The new secret where a file holds it; None where it will be typed. Raises MisuseError."""
    if new_secret_file is None and not on_terminal():
        refuse("There is no terminal to type the new secret at: give --new-secret-file FILE.")
    return credentials(None, new_secret_file).secret


def _refuse_unclear(second: Credentials, code: str | None) -> None:
    """Refuse a second lead who is not named, or named beside a code, or who could not type their secret."""
    if code is not None and (second.name is not None or second.secret is not None):
        refuse("Give the second lead or the recovery code, not both.")
    if second.secret is not None and second.name is None:
        refuse("--witness-secret-file says no name: give --witness OPERATOR with it.")
    if code is None and second.secret is None and not on_terminal():
        refuse(
            "A reset takes two leads: give --witness OPERATOR --witness-secret-file FILE, or --recovery-code-file FILE."
        )


def _second_lead(opened: Clinic, desk: Console, who: SignedIn, second: Credentials) -> SignedIn | str:
    """The second lead, proved at this moment, or the recovery code as it was typed."""
    from checklist.line.desk import Credentials, Desk, say_who
    from checklist.people.signin import SECRET

    if second.name is not None:
        return accepted(Desk(opened, desk, who, Credentials(), second, via()).second())
    named = say_who(opened, desk, "Second lead's name or badge (empty: the recovery code): ")
    typed = desk.secret("Their secret: " if named else "Recovery code: ")
    if not typed:
        raise click.Abort
    return accepted(opened.staff.prove(named, typed, via(), (SECRET,))) if named else typed


def _next_code(done: Reset) -> Iterator[str]:
    """What to write on paper, where the recovery code was used."""
    if done.recovery is not None:
        yield f"New recovery code: {done.recovery}"
        yield "Write it on paper and lock it away; it is not shown again, and the one before is void."


def _has_badge(opened: Clinic, operator_id: str) -> bool:
    """Whether they have a badge, so that a PIN will do as their secret."""
    person = opened.people.person_by(operator_id)
    return person is not None and person.badge is not None
