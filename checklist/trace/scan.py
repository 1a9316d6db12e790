"""What a scanned text gives to a step: its identifiers, or what the person has to read from the label instead.

The one door from a scanner to a run: a face calls it before it gives the run a value. Pure, as all of `trace`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from checklist.protocol.model import Scan
from checklist.run.reading import Refusal, read_identifiers
from checklist.trace.barcode import read_label
from checklist.trace.label import Label, Partial, Unread, for_step, names_of, together
from checklist.trace.wedge import without_ends

_PLAIN = ("load", "pack", "batch", "serial")
"""What may stand on a label as it is, where a step needs that alone. A lot or date never: any code would do."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was read for a step. Where `lacking` is empty it is the step's value, to be given as scanned; otherwise the
    person reads what it names from the label, as `message` says."""

    identifiers: Mapping[str, str]
    lacking: tuple[str, ...] = ()
    message: str = ""
    label: Label | Partial | None = field(default=None, compare=False)
    """What was read, to be taken together with the other code of the same label."""


def scanned(
    step: Scan,
    text: str,
    today: date,
    substitutes: Iterable[str] = (),
    *,
    separators_sure: bool = False,
    before: Scanned | None = None,
) -> Scanned | Refusal:
    """Read a scanned text for a step; see `read_label` for the other arguments. `before` is what another code of the
    same label gave, where that lacked something."""
    found = read_label(text, today, substitutes, separators_sure=separators_sure)
    if before is not None and before.label is not None and not isinstance(found, Unread):
        found = together(before.label, found)
    if isinstance(found, Unread):
        plain = _plain(step, text) if found.code == "plain" else None
        return plain or Refusal(f"label-{found.code}", found.message)
    if found.form not in step.accepts:
        return Refusal("label-form", "This step takes no label of that kind: scan the right one, or type what it asks.")
    taken, lacking = for_step(found, step.captures, step.optional)
    if not taken:
        wanted = names_of(step.captures)
        return Refusal("label-other", f"This code says nothing of the {wanted}: scan the other code on the label.")
    if lacking:
        return Scanned(taken, lacking, _to_read(found, lacking), found)
    value = read_identifiers(step, taken)
    return value if isinstance(value, Refusal) else Scanned(value)


def _plain(step: Scan, text: str) -> Scanned | None:
    """A label that is the identifier itself, as the clinic prints a load's number."""
    kind = step.required[0] if len(step.required) == 1 else ""
    if kind not in _PLAIN or "typed" not in step.accepts:
        return None
    value = read_identifiers(step, {kind: without_ends(text)})
    return None if isinstance(value, Refusal) else Scanned(value)


def _to_read(found: Label | Partial, lacking: tuple[str, ...]) -> str:
    named = names_of(lacking)
    be = "is" if len(lacking) == 1 else "are"
    why = "could not be read from this code" if isinstance(found, Partial) else f"{be} not in this code"
    other = "it" if len(lacking) == 1 else "them"
    return f"The {named} {why}. Scan the other code if there is one, or read {other} from the label and type {other}."
