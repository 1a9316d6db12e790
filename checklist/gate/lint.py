"""What is wrong with a procedure beside the protocols that it names: what does not exist there, and what nobody could
ever meet.

A fault of meaning is an error where the gate could never say GO, advice where it only says less than it seems to.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from checklist.gate.procedure import STAGES, protocols_of, values_of
from checklist.gate.reading import LoadedProcedure
from checklist.gate.requirement import (
    AnswerGiven,
    ItemsUsable,
    NothingOpen,
    PerformerMay,
    Requirement,
    RunDone,
    StartCleared,
    StepValue,
)
from checklist.gate.tables import label
from checklist.protocol.errors import Fault, Severity
from checklist.protocol.loader import text_of
from checklist.protocol.locate import Locator
from checklist.protocol.model import Assign, Choice, Duration, Measure, Protocol, Scan, Sign
from checklist.protocol.rules import Path
from checklist.protocol.text import clean
from checklist.protocol.values import echo

Found = tuple[Path, str, Severity, str, str]
"""A key path under a requirement, the rule, how bad it is, what is wrong, and what would be right."""

_SUBJECTS: Final = {"room": "room", "equipment": "equipment"}


def lint(
    loaded: LoadedProcedure,
    protocols: Mapping[str, Protocol],
    *,
    name: str,
    credentials: Collection[str] | None = None,
) -> list[Fault]:
    """Return the faults of a procedure beside these protocols, in the order of its file `name`.

    `credentials` are the ids of those that anybody in the clinic holds; None where that is not known.
    """
    place = Locator(text_of(loaded.data)).place
    file = clean(name, limit=500)
    faults: list[Fault] = []
    for stage in STAGES:
        listed: Sequence[Requirement] = getattr(loaded.procedure, stage)
        for index, one in enumerate(listed):
            named = label(stage, index, one.id)
            for path, rule, severity, what, fix in _of_one(one, stage, protocols, credentials):
                line, column = place((stage, index, *path))
                faults.append(Fault(file, line, column, rule, severity, f"{named}: {what}", fix))
    return sorted(faults)


def _of_one(
    one: Requirement, stage: str, protocols: Mapping[str, Protocol], credentials: Collection[str] | None
) -> Iterator[Found]:
    unknown = [name for name in protocols_of(one) if name not in protocols]
    for name in dict.fromkeys(unknown):
        fix = "write the id of a protocol that is here"
        yield _path_of(one), "unknown-protocol", "error", f"there is no protocol {echo(name)}", fix
    if unknown:
        return
    match one:
        case RunDone():
            yield from _run(one, protocols[one.protocol])
        case AnswerGiven():
            yield from _answer(one, protocols[one.answer.protocol])
        case PerformerMay():
            yield from _performer(one, protocols, credentials)
        case ItemsUsable():
            yield from _items(one, protocols)
        case StartCleared():
            if stage == "requires":
                what, fix = "the start waits for its own clearance", "write it under [[closes]]"
                yield ("cleared",), "never-met", "error", what, fix
        case NothingOpen():
            pass


def _path_of(one: Requirement) -> Path:
    match one:
        case RunDone():
            return ("protocol",)
        case AnswerGiven():
            return ("answer", "protocol")
        case NothingOpen():
            return ("none_open",)
        case PerformerMay():
            return ("attribute",) if one.attribute else ("signed",)
        case ItemsUsable() | StartCleared():
            return ()


def _run(one: RunDone, protocol: Protocol) -> Iterator[Found]:
    for same, subject in _SUBJECTS.items():
        if same in one.same and protocol.subject != subject:
            what = f"{echo(protocol.id)} is about {protocol.subject}, never about the same {same}"
            yield ("same",), "never-met", "error", what, f'take "{same}" out, or name a protocol about {subject}'
    if protocol.subject in _SUBJECTS and protocol.subject not in one.same:
        what = f"any {protocol.subject} will do, because same does not name it"
        yield ("protocol",), "any-subject", "advice", what, f'write same = ["{protocol.subject}"]'
    if protocol.subject == "session" and "session" not in one.same:
        what = "a protocol about a session counts for its own session only"
        yield ("protocol",), "any-subject", "advice", what, 'write same = ["session"]'
    for step in (*one.tolerates, *([one.through] if one.through else [])):
        key = "through" if step == one.through else "tolerates"
        yield from _unknown_step((key,), protocol, step)
    if one.through is not None and _has(protocol, one.through) and protocol.step(one.through).when is not None:
        what = f"the step {echo(one.through)} is not walked in every run"
        yield ("through",), "never-met", "error", what, "name a step without when"
    yield from _windows(one, protocol)
    held = [step for step in one.tolerates if _has(protocol, step) and protocol.step(step).hold]
    for step in held:
        what = f"tolerates the step {echo(step)}, which is a hold and passes only by an override"
        yield ("tolerates",), "tolerated-hold", "advice", what, "take it out, or take hold out of the protocol"


def _windows(one: RunDone, protocol: Protocol) -> Iterator[Found]:
    valid, within = protocol.valid_for, one.within
    if within is None and valid is None and "session" not in one.same and protocol.subject != "session":
        what = f"a run of {echo(protocol.id)} counts for ever: neither says for how long"
        yield ("protocol",), "no-limit", "warning", what, 'write within = "…"'
    if isinstance(within, Duration) and isinstance(valid, Duration) and within.seconds > valid.seconds:
        what = f"within {within} is longer than the {valid} that {echo(protocol.id)} counts"
        yield ("within",), "within-too-long", "advice", what, "take it out; the shorter one is held"


def _answer(one: AnswerGiven, protocol: Protocol) -> Iterator[Found]:
    yield from _unknown_step(("answer", "step"), protocol, one.answer.step)
    if not _has(protocol, one.answer.step):
        return
    step = protocol.step(one.answer.step)
    if isinstance(step, Choice):
        possible: list[str] = [option.value for option in step.options if option.verdict == "pass"]
    elif isinstance(step, Sign):
        possible = [*step.meanings]
    else:
        what = f"the step {echo(step.id)} gives no answer"
        yield ("answer", "step"), "no-answer", "error", what, "name a choice or a signature"
        return
    for value in one.answer.is_:
        if value not in possible:
            what = f"{echo(value)} is never what {echo(step.id)} has taken where it passed"
            fix = "write one of " + ", ".join(echo(value) for value in possible)
            yield ("answer", "is"), "never-met", "error", what, fix


def _performer(
    one: PerformerMay, protocols: Mapping[str, Protocol], credentials: Collection[str] | None
) -> Iterator[Found]:
    for value in values_of(one):
        protocol = protocols[value.protocol]
        key = "signed" if value == one.signed else "attribute"
        yield from _unknown_step((key,), protocol, value.step)
        if _has(protocol, value.step):
            yield from _value_fits(one, key, value, protocol)
    if credentials is not None and one.credential not in credentials:
        what = f"nobody here holds the credential {echo(one.credential)}"
        yield ("credential",), "unknown-credential", "warning", what, "grant it: checklist people credential"


def _value_fits(one: PerformerMay, key: str, value: StepValue, protocol: Protocol) -> Iterator[Found]:
    step = protocol.step(value.step)
    if key == "signed" and not isinstance(step, Sign):
        yield ("signed",), "never-met", "error", f"nobody signs the step {echo(step.id)}", "name a step of kind sign"
    compared = [each for each in one.attribute if each.against == value]
    if any(each.how != "is" for each in compared) and not isinstance(step, Measure):
        what = f"the step {echo(step.id)} measures nothing to compare with"
        yield ("attribute",), "never-met", "error", what, "name a step of kind measure"


def _items(one: ItemsUsable, protocols: Mapping[str, Protocol]) -> Iterator[Found]:
    steps = [step for protocol in protocols.values() for step in protocol.steps]
    if not one.may_be_none and not any(_consumes(step, one.identifier) for step in steps):
        what = f"no protocol here consumes a {one.identifier}"
        yield ("identifier",), "never-met", "error", what, 'add a scan step with use = "consumes"'
    makes = (step for protocol in protocols.values() for step in protocol.steps if isinstance(step, Assign))
    if one.state == "released" and not any(
        made.identifier == one.identifier for step in makes for made in step.produces
    ):
        what = f"no protocol here makes a {one.identifier}, so none is ever released"
        yield ("state",), "never-met", "error", what, "take state out"


def _consumes(step: object, kind: str) -> bool:
    return isinstance(step, Scan) and step.use == "consumes" and kind in step.captures


def _has(protocol: Protocol, step: str) -> bool:
    return any(one.id == step for one in protocol.steps)


def _unknown_step(path: Path, protocol: Protocol, step: str) -> Iterator[Found]:
    if not _has(protocol, step):
        what = f"{echo(protocol.id)} has no step {echo(step)}"
        yield path, "unknown-step", "error", what, "write the id of one of its steps"
