"""The rules for people about words: what a step says, and whether it can be read in one way only.

Pure and about one protocol. Judges by patterns that leave out rather than accuse: a clinic that is told off for good
words stops reading.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from checklist.protocol import units
from checklist.protocol.linting.branches import conditions, exclude
from checklist.protocol.model import Choice, Confirm, Measure, Protocol, Step
from checklist.protocol.rules import Path, Problem
from checklist.protocol.values import ProfileRef, echo

_VAGUE_OPTION: Final = frozenset(
    ("checked", "ok", "okay", "set", "verified", "done", "fine", "good", "all right", "all good", "all ok")
)
_VAGUE: Final = _VAGUE_OPTION | frozenset(
    ("yes", "complete", "completed", "correct", "normal", "finished", "in order", "as required", "as it should be")
)
_UNCLEAR: Final = re.compile(
    r"\b(properly|adequate(?:ly)?|appropriate(?:ly)?|sufficient(?:ly)?|suitabl[ey]|satisfactor(?:y|ily)|regularly|"
    r"as (?:needed|necessary|required|appropriate)|if (?:needed|necessary|required|applicable|appropriate)|"
    r"and/or|etc\b\.?)(?![-\w]| by\b)",
    re.IGNORECASE,
)
_UNFINISHED: Final = re.compile(r"\b(?:TODO|TBD|FIXME|XXX+)\b|\?\?\?|\blorem ipsum\b|<[a-z][a-z -]*>")

_VERBS: Final = (
    "activate|apply|ask|attach|bag|blot|book|brush|call|change|charge|check|clean|close|collect|compare|connect|count|"
    "cover|cut|degas|disinfect|discard|disconnect|do|doff|don|drain|drape|draw|drop|dry|empty|fill|fit|fix|flush|fold|give|hang|"
    "inform|inject|inspect|label|lay|lift|load|lock|lower|make|mark|measure|mix|move|open|pack|pass|place|pour|press|"
    "print|pull|push|put|quarantine|raise|read|release|remove|replace|report|reset|return|rinse|rub|run|scan|scrub|"
    "seal|send|set|show|shut|sign|soak|sort|spray|start|stick|stop|store|switch|tag|take|tell|test|throw|tie|turn|"
    "unload|unpack|unplug|use|ventilate|warm|wash|weigh|wipe|wrap"
)
_OBJECT: Final = (
    r"the|a|an|it|them|this|that|these|those|every|each|all|both|your|their|its|his|her|what|whatever|new|fresh"
)
_BUT_VERBS: Final = (
    "activate|apply|ask|attach|collect|compare|connect|degas|discard|disconnect|disinfect|doff|don|fetch|give|inform|"
    "inject|inspect|lay|make|pour|put|remove|send|take|throw|unload|unpack|unplug|ventilate"
)
"""Those that are neither a noun nor an adjective as well, so that what follows can only be what they are done to."""
_PARTICLE: Final = r"off|out|up|down|on|away|back|apart"
_NO_NOUN: Final = rf"(?:{_PARTICLE}|about|after|and|as|at|before|by|for|from|in|into|of|onto|or|over|to|under|with)\b"
_SECOND_ACT: Final = re.compile(
    rf"(?:[,;.]\s+(?:(?:and|then)\s+)*|\s(?:and|then)\s+(?:then\s+)?)"
    rf"(?P<act>(?:(?:{_VERBS})(?:\s+(?:{_PARTICLE}))?\s+(?:{_OBJECT})\b"
    rf"|(?:(?:{_VERBS})\s+(?:{_PARTICLE})|(?:{_BUT_VERBS}))\s+(?!{_NO_NOUN})[a-z])[^,;.]*)",
    re.IGNORECASE,
)
_FIRST_ACT: Final = re.compile(rf"(?:[^:]{{1,40}}:\s+)?(?:{_VERBS})\b", re.IGNORECASE)
_ONLY_IF: Final = re.compile(r"\b(?:if|unless|any|until|where|when)\b", re.IGNORECASE)
_MUST: Final = r"\b(?:must|should|shall|has to|have to|needs? to|make sure|ensure)\b"
_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_MUST_BE: Final = re.compile(rf"{_MUST}[^.;:?]*?(?<![\w.,])({_NUMBER})(?![\w])", re.IGNORECASE)
_UNIT_WORDS: Final = {
    "Cel": ("°C", "C", "degrees"),
    "s": ("s", "sec", "seconds"),
    "min": ("min", "minutes"),
    "h": ("h", "hours"),
    "d": ("d", "days"),
    "[ppm]": ("ppm",),
    "%": ("%", "percent"),
}


def judge(protocol: Protocol) -> Iterator[Problem]:
    """Yield what the words of a protocol could do better, rule by rule."""
    yield from unfinished(protocol)
    for index, step in enumerate(protocol.steps):
        at, label = ("steps", index), f"step {index + 1} {echo(step.id)}"
        yield from _unclear(step, at, label)
        yield from _vague(step, at, label)
        yield from _reveals(step, at, label)
        if isinstance(step, Confirm):
            yield from _question(step, at, label)
            if protocol.category != "emergency":
                yield from _two_acts(step, at, label)
    yield from _duplicates(protocol)


def unfinished(protocol: Protocol) -> Iterator[Problem]:
    """Yield where words still stand that were to be replaced, as every new protocol has them."""
    for path, label, words in _all_words(protocol):
        if found := _UNFINISHED.search(words):
            what = f"{label} still says {echo(found.group())}"
            yield Problem(path, "unfinished", what, "write what staff are to read there")


def _all_words(protocol: Protocol) -> Iterator[tuple[Path, str, str]]:
    """Everything that somebody wrote, with its place and what it is called."""
    yield ("protocol", "title"), "[protocol]: title", protocol.title
    yield ("protocol", "purpose"), "[protocol]: purpose", protocol.purpose
    for place, source in enumerate(protocol.sources):
        yield ("protocol", "sources", place, "title"), f"[protocol]: source {echo(source.id)}", source.title
    for index, step in enumerate(protocol.steps):
        at, label = ("steps", index), f"step {index + 1} {echo(step.id)}"
        for key in ("do", "expect", "why", "caution", "phase"):
            yield (*at, key), f"{label}: {key}", getattr(step, key)
        for number, option in enumerate(step.options if isinstance(step, Choice) else ()):
            yield (*at, "options", number, "value"), f"{label}: an answer", option.value


def _unclear(step: Step, at: Path, label: str) -> Iterator[Problem]:
    for key in ("do", "expect"):
        if found := _UNCLEAR.search(getattr(step, key)):
            what = f"{label}: {echo(found.group())} means something else to everyone"
            fix = "say the number, the state or the condition that is meant"
            yield Problem((*at, key), "unclear-word", what, fix)


def _vague(step: Step, at: Path, label: str) -> Iterator[Problem]:
    parts = [part for part in re.split(r"\s*(?:[,;/.]|\band\b)\s*", step.expect.lower()) if part]
    if parts and _VAGUE.issuperset(parts):
        what = f"{label}: expect says {echo(step.expect)}, which is true of anything"
        yield Problem((*at, "expect"), "vague-response", what, 'say what is seen, such as "shut, seal lies all round"')
    for place, option in enumerate(step.options if isinstance(step, Choice) else ()):
        if option.value.lower().strip(".!") in _VAGUE_OPTION:
            what = f"{label}: the answer {echo(option.value)} says nothing about what was seen"
            path = (*at, "options", place, "value")
            yield Problem(path, "vague-response", what, 'let the answer be what is seen, such as "dry and whole"')


def _two_acts(step: Confirm, at: Path, label: str) -> Iterator[Problem]:
    found = _SECOND_ACT.finditer(step.do) if _FIRST_ACT.match(step.do) else ()
    second = next((one for one in found if not _ONLY_IF.search(one["act"])), None)
    if second is not None:
        what = f"{label}: one answer stands for two acts; the second is {echo(second['act'])}"
        fix = "make it a step of its own; or let do name the last act, and expect what the first one leaves behind"
        yield Problem((*at, "do"), "two-acts", what, fix)


def _question(step: Confirm, at: Path, label: str) -> Iterator[Problem]:
    if step.do.endswith("?"):
        what = f"{label}: it asks a question, but a confirm keeps no answer"
        yield Problem((*at, "do"), "question-without-answer", what, 'write kind = "choice" with the answers as options')


def _reveals(step: Step, at: Path, label: str) -> Iterator[Problem]:
    for key in ("do", "expect"):
        words: str = getattr(step, key)
        told = _number_told(step, words) if isinstance(step, Measure) else _option_told(step, words)
        if told:
            what = f"{label}: {key} tells {echo(told)}, so that it can be answered without looking"
            fix = "ask for the reading only; say in caution what to do when it is out of range"
            yield Problem((*at, key), "reveals-answer", what, fix)


def _number_told(step: Measure, words: str) -> str | None:
    if not any(char.isdigit() for char in words):
        return None
    signs = _UNIT_WORDS.get(step.unit, (units.display(step.unit), step.unit))
    listed = "|".join(re.escape(sign) for sign in signs if sign)
    with_unit = rf"(?<![\w.,])({_NUMBER})(?:\s*(?:-|–|to)\s*{_NUMBER})?\s*(?:{listed})(?!\w)" if listed else r"(?!)"
    for found in (*re.finditer(with_unit, words), *_MUST_BE.finditer(words)):
        if _passes(step, Decimal(found[1].replace(",", "."))):
            return found[0]
    return None


def _passes(step: Measure, value: Decimal) -> bool:
    wanted = step.expected or step.limit
    if wanted is None or isinstance(wanted.min, ProfileRef) or isinstance(wanted.max, ProfileRef):
        return False
    return wanted.holds(value)


def _option_told(step: Step, words: str) -> str | None:
    if not isinstance(step, Choice):
        return None
    must = re.search(rf"{_MUST}([^.;?]*)(?:[.;]|$)", words, re.IGNORECASE)
    if must is None:
        return None
    named = {one.value: one.verdict for one in step.options if _names(must[1], one.value)}
    return None if not named or "fail" in named.values() else must[0]


def _names(words: str, value: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", words, re.IGNORECASE))


def _duplicates(protocol: Protocol) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for index, step in enumerate(protocol.steps):
        key = (step.phase, " ".join(re.findall(r"\w+", step.do.lower())))
        if not key[1]:
            continue
        earlier = first.setdefault(key, index)
        if earlier == index or exclude(conditions(protocol, earlier), conditions(protocol, index)):
            continue
        what = f"step {index + 1} {echo(step.id)}: step {earlier + 1} says the same words"
        fix = "say what is different this time, or take one of them out"
        yield Problem(("steps", index, "do"), "duplicate-wording", what, fix)
