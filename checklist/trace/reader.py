"""How the printout of one kind of steriliser is read: its encoding, its units, its words and the forms of its lines.

The model of `protocols/readers/*.toml`. Knows nothing of where these files lie; bytes go in, a reader or its faults
come out.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from checklist.protocol.errors import Fault
from checklist.protocol.loader import parsed
from checklist.protocol.messages import problems_of
from checklist.protocol.rules import Problem
from checklist.protocol.values import Frozen, Id, Many, Title, Version, Words, echo, wrong
from checklist.trace.forms import Form, FormError, form

Encoding = Literal["utf-8", "latin-1", "cp1252", "cp437", "cp850", "utf-16"]
Temperature = Literal["Cel", "[degF]", "K"]
Pressure = Literal["Pa", "hPa", "kPa", "MPa", "mbar", "bar", "[psi]", "mm[Hg]"]
MAX_FORMS: Final = 40
"""Forms of one sort in a reader: each line is laid on each of them."""

_NEEDED: Final = {
    "phases": ("phase", "result"),
    "readings": ("hour", "minute", "temperature", "pressure"),
    "highest": ("temperature", "pressure"),
    "lowest": ("temperature", "pressure"),
    "errors": ("error",),
}
"""The names without which a form of that sort says nothing."""


def _fits(text: str) -> str:
    try:
        return form(text, ("",)).text
    except FormError as error:
        raise wrong("form", str(error), "write the line as printed, with {name} where a value stands") from None


FormText = Annotated[str, AfterValidator(_fits)]
Forms = Annotated[Many[FormText], Field(max_length=MAX_FORMS)]
PrintedWords = Annotated[Many[Words], Field(max_length=MAX_FORMS)]


class Units(Frozen):
    """What the machine's numbers are counted in."""

    temperature: Temperature
    pressure: Pressure
    gauge: bool
    """Whether pressure is counted from the air around (a gauge) and not from vacuum."""
    atmosphere: Annotated[int, Field(ge=60, le=110)] | None = None
    """With a gauge: the air pressure at the clinic's height in kPa; None: 101.3, that of sea level."""

    @model_validator(mode="after")
    def _only_with_a_gauge(self) -> Self:
        if self.atmosphere is not None and not self.gauge:
            raise wrong("atmosphere", "is given without gauge = true", "take it out, or write gauge = true")
        return self


class Results(Frozen):
    """What the machine prints as the result of a phase."""

    ok: PrintedWords
    failed: PrintedWords
    off: PrintedWords = ()
    """Of a phase that the programme leaves out."""


class Lines(Frozen):
    """The forms of the lines, by what they say."""

    begins: Forms
    """The first line of a cycle; it stands once in a printout."""
    facts: Forms
    """`{serial}` `{cycle}` `{programme}`, the date and time of the start, and whatever else is worth keeping."""
    phases: Forms
    readings: Forms
    highest: Forms = ()
    lowest: Forms = ()
    hold: Forms = ()
    """How long the machine held its temperature: `{hour}` `{minute}` `{second}`."""
    errors: Forms = ()
    aborted: Forms = ()
    """Lines that stand only in the printout of a cycle that was broken off."""
    ignored: Forms = ()
    """Headings and the like."""


class Phases(Frozen):
    """The phases that mean something to the program."""

    last: Words
    """The phase that ends every cycle; its result is that of the cycle."""


class About(Frozen):
    """Which reader this is."""

    id: Id
    title: Title
    version: Version
    machine: Words
    encoding: Encoding


class Reader(Frozen):
    """A reader, whole."""

    reader: About
    units: Units
    words: Results
    lines: Lines
    phases: Phases

    @model_validator(mode="after")
    def _can_tell(self) -> Self:
        for key, forms in (("begins", self.lines.begins), ("ok", self.words.ok), ("failed", self.words.failed)):
            if not forms:
                raise wrong("empty", f"has no {key}", f"give at least one in {key} = […]")
        named = {name for text in self.lines.facts for name in form(text).names}
        missing = [name for name in ("cycle", "day", "month", "year", "hour", "minute") if name not in named]
        if missing:
            raise wrong("facts", f"has no {{{missing[0]}}} in facts", "give the line that says it")
        for sort, needed in _NEEDED.items():
            texts: tuple[str, ...] = getattr(self.lines, sort)
            lacking = next(((text, name) for text in texts for name in needed if name not in form(text).names), None)
            if lacking:
                raise wrong("form", f"has the form “{lacking[0]}” without {{{lacking[1]}}} in {sort}", "add it")
        return self

    @cached_property
    def forms(self) -> dict[str, tuple[Form, ...]]:
        """The forms of each sort of line, ready for use, in the order in which they are tried."""
        results = (*self.words.ok, *self.words.failed, *self.words.off)
        sorts: dict[str, tuple[str, ...]] = dict(self.lines)
        return {sort: tuple(form(text, results) for text in texts) for sort, texts in sorts.items()}

    def result(self, word: str) -> Literal["ok", "failed", "off"]:
        """What the machine's word for a result means."""
        if word in self.words.failed:
            return "failed"
        return "off" if word in self.words.off else "ok"


def parse_reader(data: bytes, *, name: str) -> Reader | list[Fault]:
    """Read the bytes of a reader file; `name` is its path or name, whose stem must equal the reader's id."""
    return parsed(data, name, _assembled)


def _assembled(document: Mapping[str, object], *, stem: str) -> Reader | list[Problem]:
    try:
        found = Reader.model_validate(document)
    except ValidationError as error:
        return problems_of(error, at=(), label="", keys=list(Reader.model_fields))
    if found.reader.id != stem:
        what = f"id is {echo(found.reader.id)}, but the file is named {echo(stem)}"
        return [Problem(("reader", "id"), "file-name", what, "let the file's name be the id and .toml")]
    return found
