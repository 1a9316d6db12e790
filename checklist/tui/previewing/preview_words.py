"""What the preview says of a protocol file: how many faults, each of them, and what can be shown without a walk."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from checklist.tui.rows import Item
from checklist.tui.say import cut, row, say, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.content import Content

    from checklist.protocol.errors import Severity
    from checklist.tui.previewing.preview_file import Draft

_MARKS: Final[Mapping[Severity, tuple[str, str]]] = {
    "error": ("<X>", "$ink-bad bold"),
    "warning": ("/!\\", "$ink-wait bold"),
    "advice": ("(i)", "$ink-now"),
}


def lint_heading(draft: Draft, file: str) -> Content:
    """How much is wrong with which file, in one line."""
    counts = Counter(fault.severity for fault in draft.faults)
    several = {"error": "errors", "warning": "warnings", "advice": "advice"}
    told = [f"{count} {one if count == 1 else several[one]}" for one in _MARKS if (count := counts[one])]
    return row(
        say("LINT  ", "bold $ink"), say(", ".join(told) or "nothing to say", "bold"), say(f"   {file}", "$ink-off")
    )


def fault_items(draft: Draft) -> list[Item]:
    """Every fault: its mark, its place, what is wrong and what would be right."""
    items = []
    for number, fault in enumerate(draft.faults):
        sign, style = _MARKS[fault.severity]
        place = say(f" {fault.line}:{fault.column} ", "bold")
        text = row(say(sign, style), place, say(f"{fault.message} — {fault.fix}"), say(f"  [{fault.rule}]", "$ink-off"))
        items.append(Item(text, str(number), " " * 4))
    return items


def broken_lines(draft: Draft, width: int) -> list[Content]:
    """That what stands below is not what stands in the file, and where that is broken."""
    first = draft.faults[0]
    return [
        cut(say(f"<X> BROKEN at {first.line}:{first.column}: {first.message}"), width).stylize(
            "bold $ground on $ink-bad"
        )
    ]


def unresolved_lines(draft: Draft, file: str, width: int) -> list[Content]:
    """What can be told of a file that cannot be walked."""
    if draft.unresolved is None:
        told = "It cannot be walked yet: mend what is listed as an error." if draft.faults else f"Reading {file}…"
        return wrapped(say(told, "bold"), width)
    from checklist.protocol.showing.show import as_text

    named = ", ".join(sorted(draft.unresolved.profile_values()))
    lead = (
        f"It takes values from the clinic's profile: {named}. They are not known here, so it is shown and not walked; "
        "name a clinic that has a jurisdiction with --clinic."
    )
    text = (wrapped(say(line or " "), width, "   ") for line in as_text(draft.unresolved).splitlines())
    return [*wrapped(say(lead, "$ink-wait bold"), width), say(" "), *(line for lines in text for line in lines)]
