"""What an answer says, as it was typed, scanned or chosen, before anybody signs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.config import Scanner
from checklist.protocol.model import Choice, Measure, Scan, Timer
from checklist.run.paper import read_span
from checklist.run.reading import Refusal, numbered, read_identifiers, read_number
from checklist.run.timing import calendar_day
from checklist.trace.again import DIFFER, repeats, to_repeat
from checklist.trace.label import name_of
from checklist.trace.scan import Scanned, scanned
from checklist.tui.walker.mode import Mode

if TYPE_CHECKING:
    from checklist.protocol.model import Step
    from checklist.run.events import Value
    from checklist.tui.field import Field
    from checklist.tui.walker.walk import WalkFace


def understood(walk: WalkFace, step: Step) -> Value | Refusal | None:
    """The value meant, or why it is none; None where the next field has been asked for instead."""
    values = walk.response.values()
    match walk.mode, step:
        case Mode.CHOICE, Choice():
            ways = f"1 to {len(step.options)}, or the arrows" if numbered(step) else "its own digit, or the arrows"
            return walk.response.options.chosen or Refusal("empty", f"Choose one first: {ways}.")
        case Mode.SCAN, Scan():
            return _label(walk, step)
        case Mode.VALUE, Measure():
            return read_number(step, values["value"])
        case Mode.VALUE, Timer():
            seconds = read_span(values["value"])
            return seconds if isinstance(seconds, Refusal) else f"{seconds}s"
        case _:
            typed = next(iter(values.values()), "").strip()
            return typed or Refusal("empty", "Type it first; an empty line is no answer.")


def _label(walk: WalkFace, step: Scan) -> Value | Refusal | None:
    """What a label says: scanned whole, or typed field by field and then what has no check once more, unseen."""
    response = walk.response
    code = next((field for field in response.fields if field.scanned), None) or _behind_typing(walk, step)
    if code is not None:
        return _scanned(walk, step, code)
    response.label.refused = ""
    values = response.values()
    needed = response.label.repeated or [kind for kind in values if kind not in step.optional and _needed(kind, values)]
    empty = next((at for at, kind in enumerate(values) if kind in needed and not values[kind].strip()), None)
    here = next((at for at, field in enumerate(response.fields) if field is walk.focused), 0)
    # What not every label has is passed through too: an empty line there says that this one has none.
    onward = next((at for at, kind in enumerate(values) if kind in step.optional and not values[kind].strip()), None)
    to = empty if empty is not None else onward
    if to is not None and here != to and values[list(values)[here]].strip():
        walk.set_focus(response.fields[to])
        return None
    if empty is not None:
        walk.set_focus(response.fields[empty])
        once_more = " once more" if response.label.repeated else ""
        return Refusal("empty", f"Type the {name_of(list(values)[empty])}{once_more}, or scan the label.")
    typed = {kind: text for kind, text in values.items() if text.strip()}
    return _repeated(walk, step, typed) if response.label.repeated else _typed(walk, step, typed)


def _typed(walk: WalkFace, step: Scan, typed: dict[str, str]) -> Value | Refusal | None:
    """What was typed; None where parts of it are now asked for once more."""
    value, label = read_identifiers(step, typed), walk.response.label
    if isinstance(value, Refusal) and value.code in typed:  # the kind that cannot be right
        walk.set_focus(walk.response.fields[list(walk.response.values()).index(value.code)])
    if isinstance(value, Refusal) or walk.page is None:
        return value
    kinds = to_repeat(walk.page.state.protocol, step.id, value, label.sure)
    if not kinds:
        return value
    label.first, label.repeated = value, kinds
    walk.show()
    return None


def read_code(walk: WalkFace, step: Scan, text: str, before: Scanned | None) -> Scanned | Refusal | None:
    """What a scanner sent, as this step understands it and this clinic's scanners write it; None while nothing is
    open. `before` is what another code of the same label gave."""
    now, opened = walk.desk.now(), walk.desk.opened
    if now is None:
        return None
    scanner = opened.settings.scanner if opened is not None else Scanner()
    return scanned(
        step,
        text,
        calendar_day(now),
        scanner.substitutes,
        separators_sure=scanner.separators_tested,
        before=before,
    )


def _behind_typing(walk: WalkFace, step: Scan) -> Field | None:
    """The field in which a label's code stands behind something typed, which is dropped: the code says it all."""
    for field in walk.response.fields:
        found = read_code(walk, step, field.ending, None) if field.ending else None
        if isinstance(found, Scanned) and field.ending not in found.identifiers.values():
            field.keep_ending()
            return field
    return None


def _scanned(walk: WalkFace, step: Scan, code: Field) -> Value | Refusal | None:
    """The value that a scanner's burst gives; what it lacks is asked for in its fields."""
    response, text = walk.response, code.value
    if response.label.repeated:  # the code was found after all
        response.label.repeated = ()
        walk.show()
    before = response.label.part
    found = read_code(walk, step, text, before if before is not None and before.lacking else None)
    if found is None:
        return None
    if isinstance(found, Refusal):
        response.label.part, response.label.refused = None, text
        response.fill({})
        walk.show()
        return found
    response.label.part, response.label.refused = found, ""
    response.fill(found.identifiers, whole=not found.lacking)
    if not found.lacking:
        return found.identifiers
    walk.set_focus(response.fields[list(response.values()).index(found.lacking[0])])
    walk.show()
    return Refusal("lacking", "Not all of it was read: scan the other code, or type what is missing.")


def _repeated(walk: WalkFace, step: Scan, typed: dict[str, str]) -> Value | Refusal:
    """What was typed before, if it is the same once more; else all of it is asked anew."""
    label = walk.response.label
    if repeats(step, label.first, typed):
        return label.first
    walk.response.forget()
    walk.show()
    return DIFFER


def _needed(kind: str, values: dict[str, str]) -> bool:
    """Whether a field has to be filled; of a GTIN and the reference that stands for it one is enough."""
    return kind != "ref" and not (kind == "gtin" and values.get("ref", "").strip())
