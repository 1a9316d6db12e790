"""The first start: a clinic is made, and what must be kept on paper is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.people.operator import check_name, clean_name
from checklist.people.secret import check_strength
from checklist.run.reading import Refusal
from checklist.tui import reads
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.keeper import GaveUpError
from checklist.tui.paper import KeepSafe
from checklist.tui.say import say

if TYPE_CHECKING:
    from checklist.tui.app import Desk


class FirstForm(Form[tuple[str, str]]):
    """Asks for the clinic and its first lead."""


_RECOVERY: Final = "Recovery code (opens the clinic again when the lead's secret is lost):"


async def first_start(desk: Desk) -> None:
    """Make the clinic, show what to keep, and sign its lead in. Raises GaveUpError when they go back."""
    kept: dict[str, str] = {}

    async def submit(answers: Answers) -> tuple[str, str] | Refusal:
        if answers["secret"] != answers["again"]:
            return Refusal("differ", "The two secrets are not the same. Type both again.")
        kept.update(answers)
        return await desk.keeper.keep(
            lambda: desk.storage.make(answers["clinic"], answers["lead"], answers["secret"]), "the new clinic"
        )

    form = FirstForm(
        "WELCOME. THIS MACHINE HAS NO CLINIC YET: LET US MAKE ONE",
        (
            Line("clinic", "CLINIC", "Type the clinic's name."),
            Line(
                "lead",
                "YOUR NAME",
                "Type your name: you will be the lead, who answers for hygiene.",
                wrong=lambda answers: check_name(answers["lead"]),
            ),
            Line(
                "secret",
                "YOUR SECRET",
                "Type a secret of at least 8 characters, for example three words.",
                secret=True,
                wrong=lambda answers: check_strength(answers["secret"], clean_name(answers["lead"])),
            ),
            Line("again", "ONCE MORE", "Type the same secret once more.", secret=True),
        ),
        submit,
        does="MAKE THE CLINIC",
        about=(
            say(f"It will be kept in the folder {desk.storage.folder.root}"),
            say("Two rooms, a steriliser and a fridge are set up to begin with; change them in clinic.toml."),
            say("Of the rules of five countries the strictest hold, until you name yours there."),
            say(""),
        ),
        note="The secret is yours alone: at least 8 characters, for example three words.",
        back="QUIT",
    )
    made = await desk.ask(form)
    if made is None:
        desk.exit(0)
        raise GaveUpError
    vkey, recovery = made
    genesis = "Genesis key (with it anybody can check that the record is yours and unchanged):"
    await desk.ask(KeepSafe(((_RECOVERY, recovery), (genesis, vkey))))
    found = await desk.keeper.call(reads.sign_in, kept["lead"], kept["secret"])
    desk.who = None if isinstance(found, Refusal) else found
