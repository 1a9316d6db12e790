"""`checklist walk` and `checklist resume`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    TEXT,
    accepted,
    as_option,
    clinic_folder,
    clinic_option,
    credentials,
    on_terminal,
    output_is_terminal,
    refuse,
    via,
    witness_option,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.line.console import Console
    from checklist.line.desk import Credentials
    from checklist.run.paper import Paper


@click.command()
@click.argument("protocol", type=TEXT, metavar="PROTOCOL")
@click.option("--subject", type=TEXT, metavar="KIND=ID", default="", help="What it is about, such as room=room-1.")
@click.option("--session", type=TEXT, metavar="S", help="The visit: new, an id, or the clinic's own reference.")
@click.option(
    "--from-paper", "written", type=TEXT, metavar="WHEN", help="Enter a sheet, written 2027-03-31 14:10/14:35."
)
@click.option("--sheet", type=TEXT, metavar="DIGEST", default="", help="What stands after SHA-256 at its foot.")
@click.option("--line", "in_lines", is_flag=True, help="Walk in plain lines, also at a terminal.")
@as_option
@witness_option
@clinic_option
@click.pass_context
def walk(
    ctx: click.Context,
    *,
    protocol: str,
    subject: str,
    session: str | None,
    written: str | None,
    sheet: str,
    in_lines: bool,
    operator: str | None,
    secret_file: Path | None,
    witness: str | None,
    witness_secret_file: Path | None,
) -> int:
    """Walk a protocol step by step: on the full screen, or in plain lines (--line, a named operator, or no terminal).

    Exit code 0: the run ended complete; 1: it ended otherwise, or goes on later.
    """
    own, second = credentials(operator, secret_file), credentials(witness, witness_secret_file)

    def begin(opened: Clinic, who: SignedIn | None, console: Console) -> str:
        paper = _written(opened, protocol, written, sheet)
        return _begun(opened, who, console, protocol, subject, session, paper, sheet)

    def urgent(opened: Clinic) -> bool:
        _written(opened, protocol, written, sheet)
        urgently = opened.library.named(opened.ledger, protocol).protocol.category == "emergency"
        return urgently and written is None

    if _has_screen(own, second, in_lines=in_lines):
        kind, _, named = subject.partition("=")
        visit = named if kind == "session" else session
        return _on_screen(ctx, urgent, protocol=protocol, subject=subject, session=visit, written=written, sheet=sheet)
    return _in_lines(ctx, own, second, urgent, begin)


@click.command()
@click.argument("run", type=TEXT, metavar="RUN")
@click.option("--line", "in_lines", is_flag=True, help="Walk in plain lines, also at a terminal.")
@as_option
@witness_option
@clinic_option
@click.pass_context
def resume(
    ctx: click.Context,
    *,
    run: str,
    in_lines: bool,
    operator: str | None,
    secret_file: Path | None,
    witness: str | None,
    witness_secret_file: Path | None,
) -> int:
    """Go on with a run, take it over from somebody else, do what was put off, or correct it.

    Exit code 0: the run ended complete; 1: it ended otherwise, or goes on later.
    """
    own, second = credentials(operator, secret_file), credentials(witness, witness_secret_file)

    def urgent(opened: Clinic) -> bool:
        state = opened.run(run)
        return state.open and state.unattributed and state.holder is None

    def begin(opened: Clinic, who: SignedIn | None, _console: Console) -> str:
        return _taken_up(opened, who, run)

    if _has_screen(own, second, in_lines=in_lines):
        return _on_screen(ctx, urgent, run=run)
    return _in_lines(ctx, own, second, urgent, begin)


def _has_screen(own: Credentials, second: Credentials, *, in_lines: bool) -> bool:
    """Whether this walk is on the full screen: there is one, and nothing was said that only lines know."""
    return not in_lines and own.name is None and second.name is None and on_terminal() and output_is_terminal()


def _on_screen(
    ctx: click.Context,
    known: Callable[[Clinic], object],
    *,
    protocol: str = "",
    subject: str = "",
    session: str | None = None,
    run: str = "",
    written: str | None = None,
    sheet: str = "",
) -> int:
    """Walk on the full screen, and answer as a walk in lines does."""
    from checklist.clinic.service import Clinic
    from checklist.run.marks import Outcome
    from checklist.tui.app import Errand, run_errand

    folder = clinic_folder(ctx)
    with Clinic.open(folder) as clinic:
        known(clinic)
        paper = _written(clinic, protocol, written, sheet)
    code, walked = run_errand(folder, Errand(protocol, subject, session, run, paper, sheet))
    if code or walked is None:
        return code or 1
    with Clinic.open(folder) as clinic:
        return 0 if clinic.run(walked).outcome is Outcome.COMPLETE else 1


def _in_lines(
    ctx: click.Context,
    own: Credentials,
    second: Credentials,
    urgent: Callable[[Clinic], bool],
    begin: Callable[[Clinic, SignedIn | None, Console], str],
) -> int:
    """Sign in, begin or take up the run, and walk it in lines. `urgent`: whether nobody need sign in first; it raises
    where what is asked for is not there, before anybody types a secret."""
    from checklist.clinic.service import Clinic
    from checklist.line.console import Console
    from checklist.line.desk import attended
    from checklist.line.following import begin_what_follows
    from checklist.line.notices import notices
    from checklist.line.walker import Walker
    from checklist.run.marks import Outcome

    if second.secret is not None and second.name is None:
        refuse("--witness-secret-file says no name: give --witness OPERATOR with it.")
    console = Console(sys.stdout, terminal=on_terminal())
    with Clinic.open(clinic_folder(ctx)) as clinic, console.listening():
        unsigned = urgent(clinic) and own.name is None and own.secret is None
        clinic.started()
        with attended(clinic, console, own, second, via(), unsigned=unsigned) as desk:
            console.say(*notices(clinic, desk.who))
            run = begin(clinic, desk.who, console)
            state = Walker(clinic, console, desk, via()).walk(run)
            ended = state
            while begun := begin_what_follows(clinic, console, desk.who, via(), ended):
                ended = Walker(clinic, console, desk, via()).walk(begun.run)
    if console.stopped:
        return 128 + console.stopped
    return 0 if state.outcome is Outcome.COMPLETE else 1


def _begun(
    clinic: Clinic,
    who: SignedIn | None,
    console: Console,
    protocol: str,
    subject: str,
    session: str | None,
    paper: Paper | None,
    sheet: str,
) -> str:
    kind, _, named = subject.partition("=")
    if kind == "session":
        session, subject = named or session, ""
    if paper is not None and not sheet:
        heard = console.ask("SHA-256 at the foot of the sheet: ")
        sheet = heard if isinstance(heard, str) else ""
    refusal = clinic.may_begin(protocol, who)
    if refusal is not None:
        refuse(refusal.message)
    found = clinic.library.named(clinic.ledger, protocol).protocol
    wanted = found.subject
    offered = clinic.settings.subjects(wanted, found.equipment)
    if not subject and len(offered) > 1 and console.terminal:
        console.say(f"Which {wanted} is it about?", *(f"{one}: {title}" for one, title in offered))
        heard = console.ask(f"{wanted}=")
        subject = heard.strip() if isinstance(heard, str) else ""
        subject = subject if "=" in subject or not subject else f"{wanted}={subject}"
    if session and who is None:
        refuse("A visit is named by somebody who has signed in: give --as OPERATOR, or leave the visit out.")
    visit = None
    if session and who is not None:
        size = clinic.ledger.size
        visit = accepted(clinic.session(session, who, via()))
        if clinic.ledger.size > size:
            console.say(f"A new visit was opened: {visit}.")
    return accepted(clinic.begin(protocol, subject, who, via(), visit, paper, sheet)).run


def _written(clinic: Clinic, protocol: str, written: str | None, sheet: str) -> Paper | None:
    """When the sheet was written that is entered; told before anybody types a secret where that cannot be, or where
    its text is not known. Which one it is can be asked for at a terminal."""
    from checklist.clinic.texts.transcribing import text_of_sheet
    from checklist.run.paper import read_paper

    if written is None:
        if sheet:
            refuse("--sheet names a sheet of paper: give --from-paper with it.")
        return None
    paper = accepted(read_paper(written, clinic.settings.clinic.timezone, clinic.now()))
    if sheet or not on_terminal():
        accepted(text_of_sheet(clinic, protocol, sheet, paper))
    return paper


def _taken_up(clinic: Clinic, who: SignedIn | None, run: str) -> str:
    """The run, resumed where it can be: one that ended otherwise is left as it is, to be looked at or corrected."""
    from checklist.run import commands
    from checklist.run.marks import Outcome

    state = clinic.run(run)
    if state.open or state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED:
        accepted(clinic.do(run, commands.Resume(), who, via()))
    return run
