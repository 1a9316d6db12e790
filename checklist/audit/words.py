"""The words of a filter, as people write them in one line, and the line that says the same to somebody else.

`protocol:steriliser-load state:failed -operator:u_9f31c2d47a "wet pack"`: different words all hold, the same word twice
means either, `-` means not, and what has no colon (or stands in quotes) is looked for as text, all of it. Knows which
words there are and what they can say. Does not know how the record is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, get_args

from checklist.audit.errors import AuditError
from checklist.protocol.plain import Identifier
from checklist.protocol.text import clean
from checklist.run.marks import Outcome, Status
from checklist.trace.follow import key as key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT: Final = "text"
ANY: Final = "any"
IDENTIFIERS: Final[tuple[str, ...]] = get_args(Identifier)

_OUTCOMES: Final = (*(each.value for each in Outcome), "unknown")
_STATES: Final = tuple(each.value for each in Status)
_IS: Final = ("missed", "open")
UNPLANNED: Final = "unplanned"
_OFF: Final = "deviation"
_DEVIATION: Final = ("yes", UNPLANNED, "no")
_SHORT: Final = ("lot", "load", "serial", "pack", "gtin", "expiry", "batch")
WORDS: Final = (
    "run", "protocol", "step", "operator", "subject", "session", "day", "since", "until", "outcome", "state", "kind",
    "via", "deviation", "identifier", "finding", "is",
)  # fmt: skip
"""The words before the colon, in the order of a canonical line; text comes last."""
_ORDER: Final = {word: place for place, word in enumerate((*WORDS, TEXT))}
_ALIASES: Final = {"actor": "operator", "who": "operator", "rule": "finding"}
_ABOUT: Final = ("room", "equipment")
_ALL: Final = (*WORDS, *_SHORT, *_ABOUT, *_ALIASES)
"""Everything that may stand before a colon."""
_CHOICES: Final = {"outcome": _OUTCOMES, "state": _STATES, "is": _IS, _OFF: _DEVIATION}
_DATED: Final = frozenset({"day", "since", "until"})
_TOKEN: Final = re.compile(
    r'\s*(?P<not>-?)(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>[^\s"]+))(?=\s|$)'
)
_BLANK: Final = re.compile(r"[A-Za-z]+:")
_PLAIN: Final = re.compile(r'[^\s":-][^\s"]*')
_SHOWN: Final = 60


class FilterError(AuditError):
    """A filter that cannot be understood: one sentence that names the word and what would be right."""


@dataclass(frozen=True, slots=True, order=True)
class Word:
    """One word of a filter: `word:value`, or text; `negated` where it stands after `-`."""

    word: str
    negated: bool
    value: str

    def __str__(self) -> str:
        """Return the word as it is written in a line."""
        sign = "-" if self.negated else ""
        if self.word == TEXT:
            plain = _PLAIN.fullmatch(self.value) is not None and ":" not in self.value
            return f"{sign}{self.value if plain else _quoted(self.value)}"
        return f"{sign}{self.word}:{self.value if _PLAIN.fullmatch(self.value) else _quoted(self.value)}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted of the record; no words want everything."""

    words: tuple[Word, ...] = ()

    @property
    def line(self) -> str:
        """The filter in one line that gives the same filter when it is read again, on any day and anywhere."""
        return " ".join(str(word) for word in self.words)

    def values(self, word: str, *, negated: bool = False) -> tuple[str, ...]:
        """What is asked for under one word."""
        return tuple(each.value for each in self.words if each.word == word and each.negated is negated)


def of(words: Iterator[Word] | list[Word]) -> Filter:
    """The filter of these words: each once, in one order."""
    return Filter(tuple(sorted(set(words), key=lambda each: (_ORDER[each.word], each.negated, each.value))))


def parse(line: str, today: date, operator: Callable[[str], str | None]) -> Filter:
    """Read a filter. `operator` gives the id of whoever is called that, None where nobody is. Raises FilterError."""
    words = [*_words(line, today, operator)]
    said = {each.value for each in words if each.word == _OFF and not each.negated}
    if {"no", "yes"} <= said:  # either of them is everything
        words = [each for each in words if each.word != _OFF or each.negated]
    elif {"no", UNPLANNED} <= said:
        raise FilterError(f"deviation:no and deviation:{UNPLANNED} cannot be asked for together; ask one by one.")
    return of([_as_yes(each) for each in words])


def _as_yes(word: Word) -> Word:
    """`deviation:no` as what it is the opposite of, so that one filter has one line."""
    return Word(_OFF, not word.negated, "yes") if (word.word, word.value) == (_OFF, "no") else word


def _words(line: str, today: date, operator: Callable[[str], str | None]) -> Iterator[Word]:
    at = 0
    rest = len(line.rstrip())
    while at < rest:
        match = _TOKEN.match(line, at)
        if match is None:
            raise FilterError(_broken(line, at))
        at = match.end()
        negated, key = bool(match["not"]), (match["key"] or "").lower()
        quoted = match["quoted"]
        raw = match["bare"] if quoted is None else quoted.replace('""', '"')
        value = clean(raw, limit=500).strip()
        if not key and quoted is None and _BLANK.fullmatch(value):  # the value stands after a blank, or nowhere
            key, value = value[:-1].lower(), ""
        if not key and quoted is None and ":" in value:
            raise FilterError(f"“{_cut(value)}” is no word of a filter; put text that has a colon into quotes.")
        yield _word(key, value, today, operator, negated=negated)


def _broken(line: str, at: int) -> str:
    rest = line[at:].strip()
    if rest.count('"') % 2:
        return f"“{_cut(rest)}” at sign {at + 1}: a quotation mark is open; close it, or write it twice to mean itself."
    if '"' in rest:
        return f"“{_cut(rest)}” at sign {at + 1}: leave a space before and after what stands in quotes."
    return f"“{_cut(rest)}” at sign {at + 1} is no word of a filter; write it like protocol:day-open, or as plain text."


def _word(key: str, value: str, today: date, operator: Callable[[str], str | None], *, negated: bool) -> Word:
    if not key:
        if not value:
            raise FilterError("There is nothing between the quotation marks; write the text to look for.")
        return Word(TEXT, negated, value)
    if key not in _ALL:
        near = get_close_matches(key, _ALL, n=3, cutoff=0.6)
        known = f"did you mean {' or '.join(f'{each}:' for each in near)}?" if near else f"there are {_listed(_ALL)}."
        raise FilterError(f"“{_cut(key)}:” is no word of a filter; {known} Text that has a colon goes into quotes.")
    if not value:
        raise FilterError(f"“{key}:” says nothing; write it like {_example(key)}, without a blank after the colon.")
    if key in _SHORT:
        key, value = "identifier", f"{key}={value}"
    elif key in _ABOUT:
        key, value = "subject", f"{key}={value}"
    key = _ALIASES.get(key, key)
    if key in _CHOICES:
        return _choice(key, value.lower(), negated=negated)
    if key in _DATED:
        return Word(key, negated, _moment(key, value, today))
    if key == "operator":
        found = operator(value)
        if found is None:
            raise FilterError(
                f"operator:{_cut(value)}: nobody here is called that; write a name or an id of the roster."
            )
        return Word(key, negated, found)
    return Word(key, negated, _NAMED[key](value) if key in _NAMED else value)


def _choice(key: str, value: str, *, negated: bool) -> Word:
    choices = _CHOICES[key]
    if value not in choices:
        near = get_close_matches(value, choices, n=1, cutoff=0.6)
        right = f"did you mean {key}:{near[0]}?" if near else f"write one of {_listed(choices)}."
        raise FilterError(f"{key}:{_cut(value)} is nothing that can be asked for; {right}")
    return Word(key, negated, value)


def _identified(value: str) -> str:
    kind, given, what = value.partition("=")
    return f"{kind.lower()}={key_of(kind.lower(), what)}" if given else value


def _rule(value: str) -> str:
    """The id of a rule, or `any`."""
    from checklist.audit.rules.ruleset import id_of, unknown

    if value == ANY:
        return value
    found = id_of(value)
    if found is None:
        raise FilterError(f"finding:{_cut(value)}: {unknown(value)} “finding:any” takes all.")
    return found


_NAMED: Final = {"finding": _rule, "identifier": _identified}
"""What is said in one way, whatever it is called."""


def _moment(key: str, value: str, today: date) -> str:
    """A day, or but for `day` a time, in one form; `today` and `yesterday` as the days they mean."""
    spoken = {"today": today, "yesterday": today - timedelta(days=1)}
    if value.lower() in spoken:
        return spoken[value.lower()].isoformat()
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value).isoformat()
        if key != "day" and re.match(r"\d{4}-\d\d-\d\d[T ]", value, re.ASCII):
            return datetime.fromisoformat(value).isoformat()
    except ValueError:
        pass
    how = "2027-03-31, today or yesterday" if key == "day" else "2027-03-31 or 2027-03-31T08:30"
    raise FilterError(f"{key}: “{_cut(value)}” is no {'day' if key == 'day' else 'time'}; write it like {how}.")


def _example(key: str) -> str:
    if key in (*_SHORT, *_ABOUT):
        return f"{key}:{_SHORT_EXAMPLES.get(key, 'A12')}"
    named = _ALIASES.get(key, key)
    if named in _CHOICES:
        return f"{key}:{_CHOICES[named][0]}"
    examples = {
        "run": "a#69980", "protocol": "steriliser-load", "step": "release", "operator": "u_9f31c2d47a",
        "subject": "room=room-1", "kind": "step.skipped", "via": "line", "identifier": "lot=A12", "finding": "any",
    }  # fmt: skip
    return f"{key}:{examples.get(named, '2027-03-31')}"


_SHORT_EXAMPLES: Final = {
    "room": "room-1", "equipment": "S1", "expiry": "2027-03-31", "load": "S1-20270331-02", "gtin": "04012345678901",
}  # fmt: skip


def _quoted(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def _cut(text: str) -> str:
    return clean(text, limit=_SHOWN)
