"""What of a command may stand in the record: words and names leave it as salted commitments, and their openings
go to people.db first (design §6)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from checklist.people.commitment import Opening, name_opening, words_opening
from checklist.protocol.model import Step
from checklist.protocol.text import MAX_VALUE, clean
from checklist.run import commands as c
from checklist.run.events import Person, Reason
from checklist.run.reading import Refusal


@dataclass(frozen=True, slots=True)
class Worded:
    """A command as it may be recorded, with the openings of its commitments, and the file it attaches."""

    command: c.Command
    openings: tuple[Opening, ...] = ()
    file: Path | None = None


def with_commitments(command: c.Command, step: Step | None, name_of: Callable[[Person], str]) -> Worded:
    """Replace words, and a signer's name, by commitments. `step` is the one the command is about, if any."""
    match command:
        case c.Give(value=str(words)) if step is not None and step.kind == "text":
            opening = _words(words)
            return Worded(replace(command, value=opening.commitment if opening else ""), _listed(opening))
        case c.Give(value=str(path)) if step is not None and step.kind == "attach":
            # No path at all is no answer: what is recorded of a file is always its digest.
            return Worded(command, file=Path(path)) if path.strip() else Worded(replace(command, value=""))
        case c.Remark():
            opening = _words(command.words)
            return Worded(replace(command, words=opening.commitment if opening else ""), _listed(opening))
        case c.Sign():
            named = name_opening(command.signer.operator, name_of(command.signer))
            return Worded(replace(command, name=named.commitment), (named,))
        case c.Attribute(person=Person() as person):
            named = name_opening(person.operator, name_of(person))
            return Worded(replace(command, name=named.commitment), (named,))
        case c.Skip() | c.NotApplicable() | c.Fail() | c.Defer() | c.Override() | c.Correct() | c.Abandon():
            opening = _words(command.reason.words or "")
            reason = Reason(command.reason.code, opening.commitment if opening else None)
            return Worded(replace(command, reason=reason), _listed(opening))
        case _:
            return Worded(command)


def too_long(command: c.Command, step: Step | None) -> Refusal | None:
    """Why these words cannot be kept whole; None if they can. Nothing that was said is cut."""
    match command:
        case c.Give(value=str(words)) if step is not None and step.kind == "text":
            typed = words
        case c.Remark(words=words):
            typed = words
        case c.Skip() | c.NotApplicable() | c.Fail() | c.Defer() | c.Override() | c.Correct() | c.Abandon():
            typed = command.reason.words or ""
        case _:
            typed = ""
    if len(typed) <= MAX_VALUE:
        return None
    return Refusal("too-long", f"Say it in at most {MAX_VALUE} characters; these are {len(typed)}.")


def _words(typed: str) -> Opening | None:
    words = clean(typed, limit=4 * len(typed) + 1).strip()
    return words_opening(words) if words else None


def _listed(opening: Opening | None) -> tuple[Opening, ...]:
    return (opening,) if opening else ()
