"""`checklist attribute` and `checklist remark`: what people add to the record afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import TEXT, accepted, as_option, at_desk, clinic_option, credentials, refuse, say, via

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.remarks import About

_DONE = {"remark": "Remarked on", "question": "Asked about", "answer": "Answered"}


@click.command()
@click.argument("run", type=TEXT, metavar="RUN")
@as_option
@clinic_option
@click.pass_context
def attribute(ctx: click.Context, run: str, operator: str | None, secret_file: Path | None) -> int:
    """Put your name to an emergency run that was walked while nobody was signed in."""
    from checklist.run import commands

    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        accepted(opened.do(run, commands.Attribute(), who, via()))
    say(f"Run {run}: done by {who.name}, as they have said themselves afterwards.")
    return 0


@click.command()
@click.option("--asks", is_flag=True, help="Ask the clinic: the question waits for an answer.")
@click.option("--answers", is_flag=True, help="PLACE is that of a question: answer it.")
@click.argument("place", type=TEXT, metavar="PLACE")
@click.argument("words", nargs=-1, required=True, metavar="WORDS")
@as_option
@clinic_option
@click.pass_context
def remark(
    ctx: click.Context,
    place: str,
    words: tuple[str, ...],
    *,
    asks: bool,
    answers: bool,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Leave words at an entry of the record, such as a#69980: a remark, a question to the clinic, or an answer.

    Everybody may, auditors too. They stand under the entry in “checklist log” and “checklist show”; questions that wait
    for an answer are listed by “checklist review”.
    """
    if asks and answers:
        refuse("Give --asks or --answers, not both.")
    about: About = "question" if asks else "answer" if answers else "remark"
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        entry = accepted(opened.remark(place, " ".join(words), who, via(), about))
    say(f"{_DONE[about]} {place}, as entry {entry.place}.")
    return 0
