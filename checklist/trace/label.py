"""What a scan came to: a label read whole, one read in part, or none.

A part that could not be read is never guessed: the answer names it, and a person reads it from the label.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Form = Literal["gs1", "hibc", "typed"]
"""How the label wrote it, in the words of a step's `accepts`; a label of the clinic's own counts as typed."""

Others = tuple[tuple[str, str], ...]
"""What else stood there, by its GS1 number or HIBC name: kept as it was, understood by nobody here."""

_NAMES = {"gtin": "GTIN", "lot": "lot", "serial": "serial number", "expiry": "use-by date", "ref": "REF"}


@dataclass(frozen=True, slots=True)
class Label:
    """A label of which all was read. A date is written YYYY-MM-DD, a GTIN with 14 digits."""

    form: Form
    identifiers: Mapping[str, str]
    others: Others = ()


@dataclass(frozen=True, slots=True)
class Partial:
    """A label of which `unread` could not be read: the kinds that are missing, or doubtful, and `pieces` of the code
    that mean nothing here. What is in `identifiers` is sure."""

    form: Form
    identifiers: Mapping[str, str]
    unread: tuple[str, ...]
    pieces: tuple[str, ...] = ()
    others: Others = ()

    @property
    def message(self) -> str:
        """What the person does now."""
        if not self.unread:
            return "Only part of this code could be read. Read the rest from the label and type it."
        return f"The {names_of(self.unread)} could not be read from the code. Read it from the label and type it."


@dataclass(frozen=True, slots=True)
class Unread:
    """No label: `code` is a stable word, `message` what the person does now, `text` what was scanned."""

    code: str
    message: str
    text: str


def name_of(kind: str) -> str:
    """A kind of identifier as people call it."""
    return _NAMES.get(kind, kind)


def names_of(kinds: Sequence[str]) -> str:
    """Kinds in a row, each but the first with its article: `lot, the REF and the use-by date`."""
    *first, last = (name_of(kind) for kind in kinds)
    return f"{', the '.join(first)} and the {last}" if first else last


def for_step(
    found: Label | Partial, captures: Collection[str], optional: Collection[str] = ()
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a step that asks for `captures` takes from a label, and the kinds it still lacks. A REF stands for a GTIN
    that the label does not have. What is `optional` lacks only where it is there and could not be read."""
    taken = {kind: text for kind, text in found.identifiers.items() if kind in captures}
    if "gtin" in captures and "gtin" not in taken and "ref" in found.identifiers:
        taken["ref"] = found.identifiers["ref"]
    unread = found.unread if isinstance(found, Partial) else ()
    asked = [kind for kind in captures if kind not in optional or kind in unread]
    lacking = (kind for kind in asked if kind not in taken and not (kind == "gtin" and "ref" in taken))
    return taken, tuple(lacking)


def together(first: Label | Partial, second: Label | Partial) -> Label | Partial | Unread:
    """Two codes of one label (product on one, lot and date on the other) as one. They are refused where they
    contradict each other, as the codes of two different things do. A second code that was read whole, with all that is
    known from the first, settles what could not be read there."""
    clash = [kind for kind, text in first.identifiers.items() if second.identifiers.get(kind, text) != text]
    links = _links(first), _links(second)
    if clash or links[0][0] not in (None, links[1][1]) or links[1][0] not in (None, links[0][1]):
        what = (
            f" ({name_of(clash[0])} {first.identifiers[clash[0]]} and {second.identifiers[clash[0]]})" if clash else ""
        )
        return Unread("different", f"These two codes belong to different things{what}: scan both of one label.", "")
    identifiers = {**first.identifiers, **second.identifiers}
    others = (*first.others, *(pair for pair in second.others if pair not in first.others))
    if isinstance(second, Label) and _settles(second.identifiers, first.identifiers):
        return Label(second.form, identifiers, others)
    missing = {kind: None for one in (first, second) if isinstance(one, Partial) for kind in one.unread}
    pieces = tuple(piece for one in (first, second) if isinstance(one, Partial) for piece in one.pieces)
    unread = tuple(kind for kind in missing if kind not in identifiers)
    if unread or pieces:
        return Partial(first.form, identifiers, unread, pieces, others)
    return Label(first.form, identifiers, others)


def _settles(whole: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Whether a code says all that there is to know: that of the product alone says nothing of the single thing."""
    return bool(known) and known.keys() <= whole.keys() and not whole.keys().isdisjoint(("lot", "serial"))


def _links(found: Label | Partial) -> tuple[str | None, str | None]:
    """The check character of the product's code that this one points to, and the one it has itself."""
    others = dict(found.others)
    return others.get("link"), others.get("check")
