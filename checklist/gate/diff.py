"""What is different between two versions of a procedure, as a lead has to know it before adopting the newer one.

Pure. What makes the gate looser comes first. Which requirement is which is told by its id.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from math import inf
from typing import Final

from checklist.gate.procedure import STAGES, Procedure
from checklist.gate.requirement import (
    Answer,
    AnswerGiven,
    Compared,
    ItemsUsable,
    NothingOpen,
    PerformerMay,
    Requirement,
    RunDone,
    StartCleared,
    StepValue,
)
from checklist.protocol.comparing.changes import (
    Change,
    Said,
    Say,
    Weight,
    compare,
    flag,
    names,
    plainly,
    shown,
    time,
    worded,
)
from checklist.protocol.comparing.diff import in_order
from checklist.protocol.comparing.fields import HEADER, STEP

_WHEN: Final = {"requires": "before the start", "closes": "before the visit is closed"}
_HOW: Final = {"at_least": "at least", "at_most": "at most", "is": "is"}


def diff(before: Procedure, after: Procedure) -> tuple[Change, ...]:
    """Every difference, what makes it looser first; none only where the two say the same."""
    return in_order([*_of_header(before, after), *_of_requirements(before, after)])


def as_text(procedure: Procedure) -> str:
    """The whole procedure in plain words; every line ends with a newline."""
    lines = [procedure.title, f"{procedure.id} {procedure.version}, procedure"]
    lines += [procedure.purpose] if procedure.purpose else []
    for stage in STAGES:
        asked = _listed(procedure, stage)
        lines += ["", f"What must be true {_WHEN[stage]}"] if asked else []
        lines += [f"- {in_words(one)} [{one.id}]" for one in asked]
    return "\n".join(lines) + "\n"


def in_words(one: Requirement) -> str:
    """A requirement in a line."""
    lenient = isinstance(one, RunDone | ItemsUsable) and one.may_be_none
    return ", ".join(fact for fact in (*_facts(one), "or there is none" if lenient else "") if fact)


def _facts(one: Requirement) -> tuple[str, ...]:
    match one:
        case RunDone():
            return (
                f"a run of “{one.protocol}”",
                f"within {shown(one.within)}" if one.within else "",
                f"about the same {shown(one.same)}" if one.same else "",
                f"which may leave out {shown(one.tolerates)}" if one.tolerates else "",
                f"as far as the step “{one.through}”" if one.through else "",
            )
        case ItemsUsable():
            return f"every {one.identifier} that is used may be used", one.state or ""
        case PerformerMay():
            return f"whoever performs it holds “{one.credential}”", *map(_compared, one.attribute)
        case AnswerGiven():
            return _question(one.answer), f"answered {shown(one.answer.is_)}"
        case NothingOpen():
            return (f"nothing unfinished or failed of {shown(one.none_open)}",)
        case StartCleared():
            return ("its start was cleared",)


def _of_header(before: Procedure, after: Procedure) -> Iterator[Change]:
    old, new = (replace(each, requires=(), closes=()) for each in (before, after))
    for words, weight in compare(old, new, HEADER):
        yield Change(None, words[:1].upper() + words[1:], weight)


def _of_requirements(before: Procedure, after: Procedure) -> Iterator[Change]:
    was, is_now = (_by_id(before), _by_id(after))
    for name in (name for name in was if name not in is_now):
        yield Change(name, f"Requirement “{name}” was taken out: {in_words(was[name][1])}", "looser")
    for name, (stage, one) in is_now.items():
        if name not in was:
            yield Change(name, f"Requirement “{name}” is new, {_WHEN[stage]}: {in_words(one)}", "stricter")
            continue
        for words, weight in _of_one(*was[name], stage, one):
            yield Change(name, f"Requirement “{name}”: {words}", weight)
    for stage in STAGES:
        orders = [[one.id for one in _listed(each, stage)] for each in (before, after)]
        kept = [[name for name in order if name in orders[0] and name in orders[1]] for order in orders]
        if kept[0] != kept[1]:
            yield Change(None, f"Order of what is asked {_WHEN[stage]}: {shown(tuple(kept[1]))}", "other")


def _of_one(old_stage: str, old: Requirement, stage: str, new: Requirement) -> Iterator[Said]:
    if old_stage != stage:
        weight: Weight = "looser" if stage == "closes" else "stricter"
        yield f"asked {_WHEN[old_stage]} → {_WHEN[stage]}", weight
    if type(old) is not type(new):
        yield f"asks for something else: {in_words(old)} → {in_words(new)}", "other"
        return
    yield from compare(old, new, _FIELDS)


def _by_id(procedure: Procedure) -> dict[str, tuple[str, Requirement]]:
    return {one.id: (stage, one) for stage in STAGES for one in _listed(procedure, stage)}


def _listed(procedure: Procedure, stage: str) -> Sequence[Requirement]:
    return procedure.requires if stage == "requires" else procedure.closes


# -- how each field is told -----------------------------------------------------------------------------------


def _through(old: object, new: object) -> Iterator[Said]:
    words = [f"the step “{each}”" if each else "its end" for each in (old, new)]
    yield f"a run counts from: {words[0]} → {words[1]}", "looser" if not old else "stricter" if not new else "other"


def _state(old: object, new: object) -> Iterator[Said]:
    words = [str(each) if each else "nothing speaks against it" for each in (old, new)]
    yield f"what is used must be: {words[0]} → {words[1]}", "stricter" if new else "looser"


def _signed(old: object, new: object) -> Iterator[Said]:
    words = [_step(each) if isinstance(each, StepValue) else "the one that means performed" for each in (old, new)]
    yield f"whose signature says who performs: {words[0]} → {words[1]}", "other"


def _answer(old: object, new: object) -> Iterator[Said]:
    if not isinstance(old, Answer) or not isinstance(new, Answer):
        return
    if (old.protocol, old.step) != (new.protocol, new.step):
        yield f"what is asked: {_question(old)} → {_question(new)}", "other"
    if old.is_ != new.is_:
        yield from names(
            "an answer that is now enough", "looser", "an answer no longer enough", "order of the answers"
        )(old.is_, new.is_)


def _attribute(old: object, new: object) -> Iterator[Said]:
    was, is_now = (
        {one.name: one for one in each if isinstance(one, Compared)} if isinstance(each, tuple) else {}
        for each in (old, new)
    )
    for name in (name for name in was if name not in is_now):
        yield f"the credential need no longer say: {_compared(was[name])}", "looser"
    for name, one in is_now.items():
        if name not in was:
            yield f"the credential must now say: {_compared(one)}", "stricter"
        elif was[name] != one:
            yield f"the credential must say: {_compared(was[name])} → {_compared(one)}", _reach(was[name], one)
    if [name for name in was if name in is_now] != [name for name in is_now if name in was]:
        yield "what the credential must say stands in another order", "other"


def _reach(old: Compared, new: Compared) -> Weight:
    if old.how != new.how or old.how == "is":
        return "other"
    if not isinstance(old.against, Decimal) or not isinstance(new.against, Decimal):
        return "other"
    return "stricter" if (new.against > old.against) == (old.how == "at_least") else "looser"


def _compared(one: Compared) -> str:
    against = _step(one.against) if isinstance(one.against, StepValue) else shown(one.against)
    return f"{one.name} {_HOW[one.how]} {against}"


def _question(answer: Answer) -> str:
    return f"the step “{answer.step}” of “{answer.protocol}”"


def _step(value: StepValue) -> str:
    return f"the step “{value.step}” of “{value.protocol}”"


_FIELDS: Final[Mapping[str, Say]] = {
    "what": worded("what it is about"),
    "source": STEP["source"],
    "protocol": plainly("protocol", "what is walked"),
    "same": names("must now be of the same", "stricter", "need no longer be of the same", "order of the subjects"),
    "within": time("done within", "looser", inf, "no limit of its own"),
    "tolerates": names(
        "may now be left out, put off or overridden",
        "looser",
        "may no longer be left out, put off or overridden",
        "order of what may be left out",
    ),
    "through": _through,
    "may_be_none": flag("is now met where there is none", "is no longer met where there is none", "looser"),
    "identifier": plainly("identifier", "what is used"),
    "state": _state,
    "credential": plainly("credential", "the credential"),
    "attribute": _attribute,
    "signed": _signed,
    "answer": _answer,
    "none_open": names(
        "nothing may now be open of", "stricter", "something may now be open of", "order of what may not be open"
    ),
    "cleared": plainly("cleared"),
}
