"""The rules that hold between the parts of one protocol.

Pure: parts in, problems out, all of them at once. Works with parts missing (None), so that one broken step
does not hide what is wrong elsewhere. Knows nothing of files; a problem's path is a key path of the file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from checklist.protocol.header import Check, Header, SameIdentifier, SaturatedSteam
from checklist.protocol.plain import SECONDS_IN
from checklist.protocol.steps import (
    WORDED,
    Assign,
    Attach,
    Choice,
    Measure,
    Scan,
    Sign,
    StepBase,
    Timer,
    Witness,
)
from checklist.protocol.values import NAME_IN_WORDS, echo

MAX_STEPS: Final = 300
MAX_CHECKS: Final = 20

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: the key path of its place, the rule's name, what is wrong, what would be right."""

    path: Path
    rule: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a step names beside itself: its source, and the step and the value that its `when` waits for."""

    source: str | None = None
    when: tuple[str, str] | None = None

    @classmethod
    def by(cls, step: StepBase) -> Self:
        """Return what a sound step names."""
        return cls(step.source, None if step.when is None else (step.when.step, step.when.is_))


@dataclass(frozen=True)
class Parts:
    """The parts of a protocol; None stands for one that is itself faulty (its faults are told elsewhere)."""

    header: Header | None
    steps: Sequence[StepBase | None]
    ids: Sequence[str | None]
    """The id of each step, known even of a faulty one where it has any."""
    checks: Sequence[Check | None]
    named: Sequence[Named]
    """What each step names, known even of a faulty one as far as it can be read."""
    sources: frozenset[str] | None
    """The ids of the sources, known even of a faulty header; None where they cannot be read."""

    @classmethod
    def of(cls, header: Header, steps: Sequence[StepBase], checks: Sequence[Check]) -> Self:
        """Return parts that are all sound by themselves."""
        sources = frozenset(source.id for source in header.sources)
        return cls(header, steps, [step.id for step in steps], checks, [Named.by(step) for step in steps], sources)

    def places(self) -> dict[str, int]:
        """Return where each id stands first."""
        found: dict[str, int] = {}
        for index, step_id in enumerate(self.ids):
            if step_id is not None:
                found.setdefault(step_id, index)
        return found

    def label(self, index: int) -> str:
        """Name a step for a message, counted from 1 as people count."""
        step_id = self.ids[index]
        return f"step {index + 1}" if step_id is None else f"step {index + 1} {echo(step_id)}"


def check(parts: Parts) -> list[Problem]:
    """Return every broken rule, rule by rule."""
    places = parts.places()
    return [
        *_size(parts),
        *_subject(parts),
        *_repeated_ids(parts, places),
        *_sources(parts),
        *_conditions(parts, places),
        *_cycles(parts, places),
        *_witnesses(parts, places),
        *_read_times(parts, places),
        *_placeholders(parts),
        *_braces(parts),
        *_printout(parts),
        *_checks(parts, places),
    ]


def _size(parts: Parts) -> Iterator[Problem]:
    if not parts.steps:
        yield Problem((), "no-steps", "the file has no steps", "write at least one [[steps]] table")
    if len(parts.steps) > MAX_STEPS:
        what = f"the file has more than {MAX_STEPS} steps"
        yield Problem(("steps", MAX_STEPS), "too-many", what, "split it into smaller protocols")
    if len(parts.checks) > MAX_CHECKS:
        what = f"the file has more than {MAX_CHECKS} checks"
        yield Problem(("checks", MAX_CHECKS), "too-many", what, "take some out")


def _subject(parts: Parts) -> Iterator[Problem]:
    if parts.header is None:
        return
    if parts.header.category == "emergency" and parts.header.subject == "session":
        what = "[protocol]: an emergency waits for nobody to open a session"
        yield Problem(("protocol", "subject"), "emergency-session", what, 'write subject = "clinic" or "room"')
    if parts.header.equipment and parts.header.subject != "equipment":
        what = f"[protocol]: equipment does not go with subject {echo(parts.header.subject)}"
        fix = 'write subject = "equipment", or take equipment out'
        yield Problem(("protocol", "equipment"), "equipment", what, fix)


def _repeated_ids(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    for index, step_id in enumerate(parts.ids):
        if step_id is not None and places[step_id] != index:
            what = f"{parts.label(index)}: step {places[step_id] + 1} has this id already"
            yield Problem(("steps", index, "id"), "duplicate-id", what, "give each step an id of its own")


def _sources(parts: Parts) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, source in enumerate(parts.header.sources if parts.header is not None else ()):
        if source.id in seen:
            what = f"sources: {echo(source.id)} stands there twice"
            yield Problem(("protocol", "sources", place, "id"), "duplicate-id", what, "keep one of them")
        seen.add(source.id)
    for index, named in enumerate(parts.named):
        if parts.sources is not None and named.source is not None and named.source not in parts.sources:
            yield unknown_source(parts.label(index), ("steps", index, "source"), named.source, "[protocol]")


def unknown_source(label: str, at: Path, source: str, table: str) -> Problem:
    """The problem of a part that names a source which `table` does not list."""
    fix = f"write the id of one of the {table} sources, or add it there"
    return Problem(at, "unknown-source", f"{label}: source {echo(source)} is not among the sources", fix)


def _conditions(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    in_cycle = {index for cycle in _all_cycles(parts, places) for index in cycle}
    for index, named in enumerate(parts.named):
        if named.when is None:
            continue
        waits_for, value = named.when
        at, label = ("steps", index, "when"), parts.label(index)
        place = places.get(waits_for)
        if place is None:
            what = f"{label}: when names the step {echo(waits_for)}, which does not exist"
            yield Problem((*at, "step"), "unknown-step", what, "write the id of an earlier step")
        elif place >= index:
            if index not in in_cycle:
                what = f"{label}: when names the step {echo(waits_for)}, which comes later"
                yield Problem((*at, "step"), "later-step", what, "write the id of an earlier step")
        else:
            yield from _condition_value(label, (*at, "is"), parts.steps[place], value)


def _condition_value(label: str, at: Path, of: StepBase | None, value: str) -> Iterator[Problem]:
    if isinstance(of, Choice):
        allowed = [option.value for option in of.options]
    elif isinstance(of, Sign):
        allowed = list(of.meanings)
    else:
        return
    if value not in allowed:
        what = f"{label}: when waits for {echo(value)}, which {echo(of.id)} never gives"
        yield Problem(at, "when-value", what, "write one of " + ", ".join(echo(one) for one in allowed))


def _all_cycles(parts: Parts, places: dict[str, int]) -> list[list[int]]:
    """Return the cycles of `when`; each step has at most one, so that following them is linear."""
    follows = [None if named.when is None else places.get(named.when[0]) for named in parts.named]
    seen_in: dict[int, int] = {}
    cycles: list[list[int]] = []
    for start in range(len(follows)):
        trail: list[int] = []
        here: int | None = start
        while here is not None and here not in seen_in:
            seen_in[here] = start
            trail.append(here)
            here = follows[here]
        if here is not None and seen_in[here] == start:
            cycles.append(trail[trail.index(here) :])
    return cycles


def _cycles(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    for cycle in _all_cycles(parts, places):
        first = min(cycle)
        names = [echo(parts.ids[index]) for index in [*cycle, cycle[0]][:6]]
        what = f"{parts.label(first)}: when goes round in a circle: {' waits for '.join(names)}"
        yield Problem(("steps", first, "when"), "when-cycle", what, "let each step wait for an earlier one only")


def _witnesses(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    for index, step in enumerate(parts.steps):
        if not isinstance(step, Witness):
            continue
        at, label = ("steps", index, "of"), parts.label(index)
        place = places.get(step.of)
        if place is None:
            what = f"{label}: of names the step {echo(step.of)}, which does not exist"
            yield Problem(at, "unknown-step", what, "write the id of an earlier step")
        elif place >= index:
            what = f"{label}: of names the step {echo(step.of)}, which does not come before it"
            yield Problem(at, "later-step", what, "put the witness after the step it repeats")
        elif isinstance(parts.steps[place], (Witness, Sign)):
            what = f"{label}: of names {echo(step.of)}, which is no step to be done again"
            fix = "write the id of a step that is done, read or chosen, not of a witness or a signature"
            yield Problem(at, "witness-of", what, fix)


def _read_times(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    for index, step in enumerate(parts.steps):
        if not isinstance(step, Timer) or step.at_least_as is None:
            continue
        at, label = ("steps", index, "at_least_as"), parts.label(index)
        names = f"{label}: at_least_as names the step {echo(step.at_least_as)}"
        place = places.get(step.at_least_as)
        read = parts.steps[place] if place is not None else None
        if place is None:
            yield Problem(at, "unknown-step", f"{names}, which does not exist", "write the id of an earlier step")
        elif place >= index:
            yield Problem(at, "later-step", f"{names}, which does not come before it", "put the timer after it")
        elif read is not None and not (isinstance(read, Measure) and read.unit in SECONDS_IN):
            fix = 'write the id of a measure step with unit = "s" or unit = "min"'
            yield Problem(at, "least-as", f"{names}, which measures no time in seconds or minutes", fix)


_NEEDS_SUBJECT: Final = {"equipment": "{equipment}", "room": "{room}"}


def _placeholders(parts: Parts) -> Iterator[Problem]:
    if parts.header is None:
        return
    for index, step in enumerate(parts.steps):
        if not isinstance(step, Assign):
            continue
        for produced in step.produces:
            for subject, placeholder in _NEEDS_SUBJECT.items():
                if placeholder in produced.template and parts.header.subject != subject:
                    what = f"{parts.label(index)}: {placeholder} needs a protocol about {subject}"
                    fix = f'write subject = "{subject}" in [protocol], or take {placeholder} out'
                    yield Problem(("steps", index, "produces", produced.identifier), "placeholder", what, fix)


def _braces(parts: Parts) -> Iterator[Problem]:
    for index, step in enumerate(parts.steps):
        if step is None:
            continue
        words: dict[str, str] = {key: getattr(step, key) for key in WORDED}
        for key, text in words.items():
            left = NAME_IN_WORDS.sub("", text)
            if "{" in left or "}" in left:
                what = f"{parts.label(index)}: {key} has a brace that names no profile value"
                fix = "write {name-of-the-value}, or take the brace out"
                yield Problem(("steps", index, key), "braces", what, fix)


def _printout(parts: Parts) -> Iterator[Problem]:
    """A run is about one cycle of one machine: it has one printout, and that is known before anything is released."""
    attached = [at for at, step in enumerate(parts.steps) if isinstance(step, Attach) and step.printout]
    for at in attached[1:]:
        what = f"{parts.label(at)}: {parts.label(attached[0])} attaches the printout already"
        yield Problem(("steps", at, "printout"), "printout", what, "take printout out: a run is about one cycle")
    if attached and parts.header is not None and parts.header.subject != "equipment":
        what = f"{parts.label(attached[0])}: a printout needs a protocol about the machine that made it"
        fix = 'write subject = "equipment" in [protocol], or take printout out'
        yield Problem(("steps", attached[0], "printout"), "printout", what, fix)
    whole = all(step is not None for step in parts.steps)
    for at, step in enumerate(parts.steps):
        if isinstance(step, Measure) and step.sensed is not None and not attached and whole:
            what = f"{parts.label(at)}: sensed needs a printout, which no step attaches"
            fix = "write printout = true in the step that attaches it, or take sensed out"
            yield Problem(("steps", at, "sensed"), "printout", what, fix)
        elif isinstance(step, Sign) and "released" in step.meanings and attached and at < attached[0]:
            what = f"{parts.label(at)}: may release before {parts.label(attached[0])} attaches the printout"
            yield Problem(("steps", at), "printout", what, "put the signature after it")


def _checks(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    for number, one in enumerate(parts.checks):
        if one is None:
            continue
        for key, step_id in _compared(one):
            at, label = ("checks", number, key), f"check {number + 1}"
            place, (fits, lacks, kind) = places.get(step_id), _needed(one, key)
            if place is None:
                what = f"{label}: {key} names the step {echo(step_id)}, which does not exist"
                yield Problem(at, "unknown-step", what, f"write the id of {kind}")
                continue
            step = parts.steps[place]
            if step is not None and not fits(step):
                what = f"{label}: {key} names {echo(step_id)}, which does not {lacks}"
                yield Problem(at, "check-step", what, f"write the id of {kind}")


def _compared(one: Check) -> Iterator[tuple[str, str]]:
    """The key and the step of each reading that a check compares."""
    if isinstance(one, SaturatedSteam):
        yield "temperature", one.temperature
        yield "pressure", one.pressure
    else:
        yield from (("steps", step) for step in one.steps)


def _needed(one: Check, key: str) -> tuple[Callable[[StepBase], bool], str, str]:
    """Which steps a check can compare under a key, what the others do not do, and what is right."""
    if isinstance(one, SameIdentifier):
        of = one.of
        captures = f"a scan step with {echo(of)} in captures"
        return (lambda step: isinstance(step, Scan) and of in step.captures), f"read a {of} from a label", captures
    unit = {"temperature": "Cel", "pressure": "kPa"}.get(key, "{count}")
    measure = f'a measure step with unit = "{unit}"'
    return (lambda step: isinstance(step, Measure) and step.unit == unit), f"measure in {unit}", measure
