"""What is different between two versions of a protocol, as a lead has to know it before adopting the newer one.

Pure. What makes it looser comes first. Which step is which is told by its id, or by its words where the id has
changed. How one field is told is in `fields`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pydantic import BaseModel

from checklist.protocol.comparing.changes import Change, Said, Weight, compare, range_in_words, shown
from checklist.protocol.comparing.fields import HEADER, of_step
from checklist.protocol.model import Protocol
from checklist.protocol.steps import Assign, Attach, Choice, Measure, Scan, Sign, Step, Text, Timer, Witness

__all__ = ["Change", "as_lines", "diff", "in_order"]

_HEADINGS: Final[Mapping[Weight, str]] = {
    "looser": "Looser than before:",
    "stricter": "Stricter than before:",
    "other": "Also different:",
}


def diff(before: Protocol, after: Protocol) -> tuple[Change, ...]:
    """Every difference, what makes it looser first; none only where the two say the same."""
    names = _new_names(before, after)
    renamed = _under(before, names)
    return in_order([*_of_header(renamed, after), *_of_steps(before, renamed, after)])


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes as they are read: what makes it looser first."""
    order = list(_HEADINGS)
    return tuple(sorted(changes, key=lambda change: order.index(change.weight)))


def as_lines(changes: Sequence[Change]) -> list[str]:
    """The changes as plain lines, under a heading for each weight."""
    lines: list[str] = []
    for weight, heading in _HEADINGS.items():
        found = [change.text for change in changes if change.weight == weight]
        lines += [heading, *(f"- {text}" for text in found)] if found else []
    return lines


def _of_header(before: Protocol, after: Protocol) -> Iterator[Change]:
    old, new = (each.model_copy(update={"steps": ()}) for each in (before, after))
    for words, weight in compare(old, new, HEADER):
        yield Change(None, words[:1].upper() + words[1:], weight)


def _of_steps(before: Protocol, renamed: Protocol, after: Protocol) -> Iterator[Change]:
    was = {step.id: index for index, step in enumerate(renamed.steps)}
    moves = dict(_moves(renamed, after))
    left = {step.id for step in after.steps}
    for index, step in enumerate(renamed.steps):
        if step.id not in left:
            yield Change(step.id, f"Step {index + 1} “{step.id}” was taken out: {_summary(step, gone=True)}", "looser")
    for index, step in enumerate(after.steps):
        label = f"Step {index + 1} “{step.id}”"
        if step.id not in was:
            yield Change(step.id, f"{label} is new: {_summary(step)}", "stricter")
            continue
        place = was[step.id]
        had = before.steps[place].id
        if had != step.id:
            yield Change(step.id, f"{label}: has another id, was “{had}”", "other")
        for words, weight in [*of_step(renamed.steps[place], step), *moves.get(step.id, ())]:
            yield Change(step.id, f"{label}: {words}", weight)


# -- which step is which ------------------------------------------------------------------------------------------


def _new_names(before: Protocol, after: Protocol) -> dict[str, str]:
    """The steps whose id has changed and nothing that staff read: old id to new."""
    kept = {step.id for step in before.steps} & {step.id for step in after.steps}
    come = [step for step in after.steps if step.id not in kept]
    names: dict[str, str] = {}
    for step in (one for one in before.steps if one.id not in kept):
        same = next((one for one in come if _same_act(step, one)), None)
        if same is not None:
            names[step.id] = same.id
            come.remove(same)
    return names


def _same_act(one: Step, other: Step) -> bool:
    if one.kind != other.kind:
        return False
    return one.do == other.do if one.do else one.model_copy(update={"id": other.id}) == other


def _under(protocol: Protocol, names: Mapping[str, str]) -> Protocol:
    """The protocol with these steps, and whatever names them, under their new ids."""
    if not names:
        return protocol
    steps = tuple(_renamed(step, names, ("id", "of", "when", "at_least_as")) for step in protocol.steps)
    checks = tuple(_renamed(check, names, ("temperature", "pressure", "steps")) for check in protocol.checks)
    return protocol.model_copy(update={"steps": steps, "checks": checks})


def _renamed(part: BaseModel, names: Mapping[str, str], keys: tuple[str, ...]) -> BaseModel:
    update: dict[str, object] = {}
    for key, value in part:
        if key in keys and isinstance(value, str):
            update[key] = names.get(value, value)
        elif key in keys and isinstance(value, tuple):
            update[key] = tuple(names.get(one, one) for one in value)
        elif key in keys and isinstance(value, BaseModel):
            update[key] = _renamed(value, names, ("step",))
    return part.model_copy(update=update)


# -- steps in another order ---------------------------------------------------------------------------------------


def _moves(before: Protocol, after: Protocol) -> Iterator[tuple[str, list[Said]]]:
    """The fewest steps whose moving explains the new order, each with what is said of it."""
    was, places = ({step.id: index for index, step in enumerate(each.steps)} for each in (before, after))
    both = [step for step in after.steps if step.id in was]
    order = [was[step.id] for step in both]
    staying = _longest_rising(order)
    for place, step in enumerate(both):
        old = was[step.id]
        if old in staying:
            continue
        came_before = [one for one in both[place + 1 :] if was[one.id] < old]  # they stood before it, now after
        came_after = [one for one in both[:place] if was[one.id] > old]
        moved = f"moved from place {old + 1} to {places[step.id] + 1}"
        yield step.id, [_weighed(step, moved, came_before, came_after)]


def _weighed(step: Step, moved: str, overtaken: Sequence[Step], overtaking: Sequence[Step]) -> Said:
    """A step that was moved out from behind a hold waits for it no more; nor do those that a hold was moved behind."""
    if holds := [one.id for one in overtaken if one.hold]:
        return f"{moved}: no longer behind the hold “{holds[0]}”", "looser"
    if step.hold and overtaking:
        return f"{moved}: “{overtaking[0].id}” no longer waits for this hold", "looser"
    if holds := [one.id for one in overtaking if one.hold]:
        return f"{moved}: now behind the hold “{holds[0]}”", "stricter"
    if step.hold and overtaken:
        return f"{moved}: “{overtaken[0].id}” now waits for this hold", "stricter"
    return moved, "other"


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The members of a longest rising sequence in `numbers`, each of which occurs once."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(tails, number)
        before[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    rising: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        rising.add(last)
        last = before[last]
    return rising


# -- a whole step in one line -------------------------------------------------------------------------------------


def _summary(step: Step, *, gone: bool = False) -> str:
    """What a step is for, in a line."""
    facts = [_of_kind(step, gone=gone), "a hold" if step.hold else "", "stops the run" if step.on_fail.stop else ""]
    if step.when is not None:
        facts.append(f"only if “{step.when.step}” is “{step.when.is_}”")
    told = "; ".join(fact for fact in facts if fact)
    words = step.do or "the program makes the next number"
    return f"{words} ({told})" if told else words


def _of_kind(step: Step, *, gone: bool) -> str:
    match step:
        case Measure():
            ends = step.limit or step.expected
            return f"measured, {range_in_words(ends, step.unit)}"
        case Timer():
            also = f" and as long as “{step.at_least_as}” says" if step.at_least_as is not None else ""
            most = f", at most {shown(step.at_most)}" if step.at_most is not None else ""
            return f"a timer, at least {shown(step.at_least)}{also}{most}"
        case Scan():
            return f"reads {shown(step.captures)}"
        case Assign():
            return f"makes {shown(step.produces)}"
        case Choice():
            return "one of: " + ", ".join(one.value + " (fails)" * (one.verdict == "fail") for one in step.options)
        case Witness():
            return f"{'second reader removed' if gone else 'a second person'}, of “{step.of}”"
        case Sign():
            return "signed as " + " or ".join(step.meanings)
        case Text():
            return "words are written down"
        case Attach():
            return "a steriliser's printout is kept and read" if step.printout else "a file is kept"
        case _:
            return f"expects: {step.expect}"
