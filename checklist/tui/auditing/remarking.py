"""Words that are left at an entry: a remark, or a question to the clinic. It is all that an auditor may write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from checklist.clinic import remarks
from checklist.run import rights
from checklist.run.rights import Act
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.staffing.people_reads import VIA

if TYPE_CHECKING:
    from checklist.clinic.remarks import About
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry
    from checklist.run.reading import Refusal
    from checklist.tui.face import Face

_KINDS: Final = (
    ("remark", "a remark"),
    ("question", "a question to the clinic"),
    ("answer", "an answer to a question"),
)
_NOTE: Final = "It hangs on this entry for good, with your name. The entry itself stays as it is."


async def remark(face: Face[Any], place: str) -> None:
    """Ask for the words, and record them in the name of whoever is signed in."""
    desk = face.desk
    who = await desk.signed_in()
    if refusal := rights.refusal(Act.REMARK, who.person.roles):
        face.refuse(refusal.message)
        return

    async def submit(answers: Answers) -> Entry | Refusal:
        about = cast("About", answers["about"])  # one of `_KINDS`
        return await desk.keeper.once(_record, place, answers["words"], about, who)

    parts = (Pick("about", "IT IS", _KINDS, first=True), Line("words", "IN YOUR WORDS", "Say it in words."))
    form: Form[Entry] = Form(f"ABOUT ENTRY {place}", parts, submit, does="RECORD", note=_NOTE)
    done = await desk.ask(form)
    if done is not None:
        face.tell(f"Recorded, as entry {done.place}.")


def _record(clinic: Clinic, place: str, words: str, about: About, who: SignedIn) -> Entry | Refusal:
    return remarks.remark(clinic, place, words, who, VIA, about)
