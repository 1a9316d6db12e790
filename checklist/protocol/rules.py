"""The rules that hold between the parts of one protocol.

Pure: parts in, problems out, all of them at once. Works with parts missing (None), so that one broken step
does not hide what is wrong elsewhere. Knows nothing of files; a problem's path is a key path of the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from checklist.protocol.header import Header, SaturatedSteam
from checklist.protocol.steps import Assign, Choice, Measure, Sign, StepBase, Witness
from checklist.protocol.values import echo

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


@dataclass(frozen=True)
class Parts:
    """The parts of a protocol; None stands for one that is itself faulty (its faults are told elsewhere)."""

    header: Header | None
    steps: Sequence[StepBase | None]
    ids: Sequence[str | None]
    """The id of each step, known even of a faulty one where it has any."""
    checks: Sequence[SaturatedSteam | None]

    @classmethod
    def of(cls, header: Header, steps: Sequence[StepBase], checks: Sequence[SaturatedSteam]) -> Self:
        """Return parts that are all sound by themselves."""
        return cls(header, steps, [step.id for step in steps], checks)

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
        *_repeated_ids(parts, places),
        *_sources(parts),
        *_conditions(parts, places),
        *_cycles(parts, places),
        *_witnesses(parts, places),
        *_placeholders(parts),
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


def _repeated_ids(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    for index, step_id in enumerate(parts.ids):
        if step_id is not None and places[step_id] != index:
            what = f"{parts.label(index)}: step {places[step_id] + 1} has this id already"
            yield Problem(("steps", index, "id"), "duplicate-id", what, "give each step an id of its own")


def _sources(parts: Parts) -> Iterator[Problem]:
    if parts.header is None:
        return
    known: set[str] = set()
    for place, source in enumerate(parts.header.sources):
        if source.id in known:
            what = f"sources: {echo(source.id)} stands there twice"
            yield Problem(("protocol", "sources", place, "id"), "duplicate-id", what, "keep one of them")
        known.add(source.id)
    for index, step in enumerate(parts.steps):
        if step is not None and step.source is not None and step.source not in known:
            what = f"{parts.label(index)}: source {echo(step.source)} is not among the sources"
            fix = "write the id of one of the [protocol] sources, or add it there"
            yield Problem(("steps", index, "source"), "unknown-source", what, fix)


def _conditions(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    in_cycle = {index for cycle in _all_cycles(parts, places) for index in cycle}
    for index, step in enumerate(parts.steps):
        if step is None or step.when is None:
            continue
        at, label = ("steps", index, "when"), parts.label(index)
        place = places.get(step.when.step)
        if place is None:
            what = f"{label}: when names the step {echo(step.when.step)}, which does not exist"
            yield Problem((*at, "step"), "unknown-step", what, "write the id of an earlier step")
        elif place >= index:
            if index not in in_cycle:
                what = f"{label}: when names the step {echo(step.when.step)}, which comes later"
                yield Problem((*at, "step"), "later-step", what, "write the id of an earlier step")
        else:
            yield from _condition_value(label, (*at, "is"), parts.steps[place], step.when.is_)


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
    follows = [None if step is None or step.when is None else places.get(step.when.step) for step in parts.steps]
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


def _checks(parts: Parts, places: dict[str, int]) -> Iterator[Problem]:
    for number, one in enumerate(parts.checks):
        if one is None:
            continue
        for key, step_id, unit in (
            ("temperature", one.temperature, "Cel"),
            ("pressure", one.pressure, "kPa"),
        ):
            at, label = ("checks", number, key), f"check {number + 1}"
            place = places.get(step_id)
            if place is None:
                what = f"{label}: {key} names the step {echo(step_id)}, which does not exist"
                yield Problem(at, "unknown-step", what, "write the id of a measure step")
                continue
            step = parts.steps[place]
            if step is not None and not (isinstance(step, Measure) and step.unit == unit):
                what = f"{label}: {key} names {echo(step_id)}, which does not measure in {unit}"
                yield Problem(at, "check-step", what, f'write the id of a measure step with unit = "{unit}"')
