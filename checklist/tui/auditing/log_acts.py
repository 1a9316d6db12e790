"""What the keys of the log do: open a row, keep a filter, take along what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.run.reading import Refusal
from checklist.tui.auditing import kept, log_reads
from checklist.tui.auditing.entry import Document, copy, show_entry
from checklist.tui.auditing.exporting import export
from checklist.tui.auditing.story import open_story
from checklist.tui.bars import Key
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.help import show_help
from checklist.tui.say import say

if TYPE_CHECKING:
    from checklist.tui.auditing.log import LogFace

_SHARE: Final = "share"
_KEEP: Final = "keep"


async def open_row(face: LogFace) -> None:
    """Show what is highlighted: the story of a run, an entry, or what was expected."""
    kind, _, rest = face.chosen.partition(":")
    if kind == "run":
        await open_story(face.desk, face.shelf, int(rest))
    elif kind == "entry":
        await show_entry(face.desk, face.shelf, await face.shelf.ask(log_reads.place, int(rest)))
    elif kind == "missed":
        text = await face.shelf.ask(log_reads.missed_text, *rest.split("|"))
        await face.desk.ask(Document("EXPECTED, AND NOT DONE", text))


async def open_findings(face: LogFace) -> None:
    """What the rules point at, by rule."""
    from checklist.tui.auditing.findings import FindingsFace

    await face.desk.ask(FindingsFace(face.shelf))


async def open_numbers(face: LogFace) -> None:
    """The same in numbers and pictures."""
    from checklist.tui.auditing.numbers import NumbersFace

    await face.desk.ask(NumbersFace(face.shelf))


def copy_row(face: LogFace) -> None:
    """Copy the highlighted row."""
    chosen = face.chosen
    copy(face, next((item.text.plain for item in face.items(120) if item.key == chosen), ""))


async def export_filter(face: LogFace) -> None:
    """Take along every entry that the filter takes."""
    await export(face, face.shelf, face.line, "checklist-log")


async def kept_filters(face: LogFace) -> None:
    """Use a filter that was kept, keep this one, or copy it as a line for somebody else."""
    found = kept.kept(face.desk.storage.folder)
    options = [(f"use:{name}", f"{name}   {line}") for name, line in found.items()]
    options += [(_SHARE, "copy this filter as one line, for somebody else"), (_KEEP, "keep this filter under a name")]

    async def submit(answers: Answers) -> str | Refusal:
        return answers["which"]

    parts = (Pick("which", "WHAT", tuple(options), narrow=True),)
    note = f"Now: {face.line or 'everything'}. Kept filters lie in {kept.NAME} in the clinic folder."
    form = Form("FILTERS", parts, submit, does="GO ON", back="BACK", note=note, more=(_help(face),))
    chosen = await face.desk.ask(form)
    if chosen == _SHARE:
        copy(face, face.line)
        await face.desk.ask(Document("THIS FILTER AS ONE LINE", face.line or "(everything: there is no filter)"))
    elif chosen == _KEEP:
        await _keep(face)
    elif chosen is not None:
        refusal = await face.look_through(found[chosen.partition(":")[2]])
        if refusal is not None:
            face.refuse(refusal.message)


def _help(face: LogFace) -> Key:
    return Key("f1", "HELP", lambda: show_help(face.desk, face.HELP))


async def _keep(face: LogFace) -> None:
    async def submit(answers: Answers) -> str | Refusal:
        try:
            kept.keep(face.desk.storage.folder, answers["name"], face.line)
        except ClinicError as fault:
            return Refusal("name", str(fault))
        return answers["name"]

    about = [say(face.line, "bold")]
    parts = (Line("name", "NAME", "Give it a name."),)
    form = Form("KEEP THIS FILTER", parts, submit, does="KEEP", about=about, back="BACK", more=(_help(face),))
    if await face.desk.ask(form) is not None:
        face.tell("It is kept: F4 shows it.")
