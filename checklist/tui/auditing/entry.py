"""One entry as it stands in the record, and the proof that it stands there: text to read, to copy and to keep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.clinic.proving import prove
from checklist.clinic.remarks import entry_at
from checklist.clinic.reviewing import told as told_of
from checklist.clinic.story import HIDDEN
from checklist.clinic.visits.visit_views import about_of
from checklist.ledger.entry import format_place
from checklist.ledger.errors import LedgerError
from checklist.tui.auditing.letters import Lettered
from checklist.tui.auditing.story_reads import blind
from checklist.tui.bars import Key
from checklist.tui.help import Reading
from checklist.tui.say import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.ledger.entry import Entry
    from checklist.tui.app import Desk
    from checklist.tui.auditing.shelf import Laid, Shelf

COPIED: Final = "Copied, where the terminal allows it (OSC 52). It stands on the screen, too."
_HIDDEN: Final = f"This entry holds a reading that is {HIDDEN}."


class Document(Lettered[bool], Reading):
    """Some text as it stands, which can be copied."""

    def __init__(self, title: str, text: str) -> None:
        lines = [say(title, "bold $ink"), say(" "), *(say(line or " ") for line in text.split("\n"))]
        super().__init__(lines, "  ")
        self._title = title
        self._text = text

    def heading(self) -> str:
        """What it is."""
        return self._title

    def keys(self) -> Sequence[Key]:
        """Copy it, and back."""
        return (Key("c", "COPY", lambda: copy(self, self._text)), *Reading.keys(self))

    def moved(self, key: str) -> None:
        """Look further; or a letter that was touched."""
        Lettered.moved(self, key)
        Reading.moved(self, key)


def copy(face: Lettered[bool], text: str) -> None:
    """Copy a text for another program."""
    face.app.copy_to_clipboard(text)
    face.tell(COPIED)


async def show_entry(desk: Desk, shelf: Shelf, place: str) -> None:
    """Show an entry as it stands."""
    await desk.ask(Document(f"ENTRY {place}", await shelf.ask(entry_text, place)))


async def show_proof(desk: Desk, shelf: Shelf, place: str) -> None:
    """Show the proof of an entry."""
    await desk.ask(Document(f"PROOF OF {place}", await shelf.ask(proof_text, place)))


def entry_text(laid: Laid, place: str) -> str:
    """An entry as JSON, a field a line, and the hash of its leaf. Raises ClinicError where there is none to show."""
    entry = _entry(laid, place)
    said = {
        "place": entry.place,
        "id": entry.id,
        "kind": entry.kind,
        "at": entry.at,
        "zone": entry.moment.zone,
        "boot": entry.moment.boot,
        "mono_ms": entry.moment.mono_ms,
        "boottime_ms": entry.moment.boottime_ms,
        "actor": entry.actor,
        "via": entry.via,
        "run": entry.run,
        "step": entry.step,
        "data": dict(entry.data),
        "prev": entry.prev,
    }
    about = [f"by {laid.clinic.name_of(entry.actor)}"] if entry.actor else []
    words = entry.data.get("words")
    if isinstance(words, str):
        about.append(f"in words: {laid.clinic.words(words) or '(erased)'}")
    told = json.dumps({key: value for key, value in said.items() if value is not None}, indent=2, ensure_ascii=False)
    spoken = _spoken_of(laid, entry)
    return "\n".join([*told_of(laid.clinic, entry), *spoken, *about, told, f"leaf hash {entry.leaf}"])


def _spoken_of(laid: Laid, entry: Entry) -> list[str]:
    """What an entry speaks of, in words: of an override the answer of the gate that was passed."""
    about = about_of(entry)
    if about is None:
        return []
    try:
        other = entry_at(laid.clinic, format_place(about.station, about.index))
    except LedgerError:  # it is told of where somebody asks for it
        return []
    return [] if other is None else told_of(laid.clinic, other)


def proof_text(laid: Laid, place: str) -> str:
    """The proof of an entry, as whoever checks it needs it. Raises ClinicError where there is none."""
    entry = _entry(laid, place)
    try:
        proof = prove(laid.clinic, place)
    except LedgerError as fault:
        raise ClinicError(f"{place} cannot be proved: {fault}") from fault
    if proof is None:
        raise ClinicError(f"There is no entry {place} in the record.")
    path = [f"  {number:>2}  {one}" for number, one in enumerate(proof.path, 1)]
    return "\n".join(
        [
            f"It is entry {proof.index} of a record of {proof.size} entries.",
            f"leaf hash  {entry.leaf}",
            f"the hashes beside it, from the leaf up to the root ({len(proof.path)}):",
            *path,
            "the signed checkpoint that names the root:",
            *proof.checkpoint.rstrip("\n").split("\n"),
            f"the key: {proof.key}",
            "Compare the key with the one kept on paper. “checklist prove” writes all of this to a file.",
        ]
    )


def _entry(laid: Laid, place: str) -> Entry:
    """The entry at a place. Raises ClinicError where there is none, or none that may be seen."""
    try:
        entry = entry_at(laid.clinic, place)
    except LedgerError as fault:
        raise ClinicError(f"{place}: {fault} The rest of the record can be read.") from fault
    if entry is None:
        raise ClinicError(f"There is no entry {place} in the record.")
    if entry.run is not None and entry.step is not None and entry.step in blind(laid, entry.run):
        raise ClinicError(_HIDDEN)
    return entry
