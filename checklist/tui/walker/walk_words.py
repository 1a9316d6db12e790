"""What the walker says around the field: earlier attempts, what was understood, and the line above the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from checklist.protocol.model import Measure
from checklist.protocol.units import display
from checklist.run.answer import SOMEBODY_ELSE, differing
from checklist.run.marks import Look
from checklist.run.paper import from_paper
from checklist.run.reading import shown
from checklist.trace.label import names_of
from checklist.tui.marks import mark
from checklist.tui.say import cut, day_and_clock, row, say, wrapped
from checklist.tui.walker import card
from checklist.tui.walker.mode import Mode

if TYPE_CHECKING:
    from checklist.clinic.run_views import Overridden
    from checklist.ledger.entry import Moment
    from checklist.protocol.model import Step
    from checklist.tui.reads import Page
    from checklist.tui.walker.walk import WalkFace


MORE = " PgDn shows the rest of the text."


def flag_lines(page: Page, now: Moment, width: int) -> list[Content]:
    """What nobody may overlook at any step of this run: that nobody stands for it, that it is entered from paper,
    what was called back, and what was overridden."""
    lines: list[Content] = []
    if page.state.unattributed:
        lines.append(cut(row(mark(Look.UNKNOWN), say(" NOT SIGNED IN: sign afterwards, with F5.", "bold")), width))
    if page.state.paper is not None:
        lines.append(cut(say(f" {from_paper(page.state.paper, now.zone).upper()}", "bold"), width))
    if page.recalled:
        told = f" CALLED BACK: {', '.join(page.recalled)}"
        lines.append(cut(row(mark(Look.BLOCKED), say(told, "bold")), width))
    if page.carried:
        first, more = page.carried[0], len(page.carried) - 1
        told = f" PUT OFF LAST TIME: {first.words or first.step}{f', and {more} more' if more else ''}"
        lines.append(cut(row(mark(Look.DEFERRED), say(told, "bold")), width))
    if page.overrides:
        lines.append(cut(override_line(page, page.overrides[-1], len(page.overrides), now), width))
    return lines


def override_line(page: Page, one: Overridden, count: int, now: Moment) -> Content:
    """An override in one line: what, by whom with whom, and when; and how many there are."""
    if one.run == page.state.run:
        about = card.step_title(page.state.protocol.step(one.step))
    else:
        about = f"{one.title}: {one.step or 'the gate'}"
    many = f" {count} times, last" if count > 1 else ""
    people = f"{page.name(one.by)} with {page.name(one.witness)}"
    when = day_and_clock(one.at, now.zone, now.at)
    return row(mark(Look.OVERRIDDEN), say(f" OVERRIDDEN{many}: ", "bold"), say(f"{about}  {people}, {when}"))


def before_lines(walk: WalkFace, now: Moment, width: int) -> list[Content]:
    """What stands over the field: the attempts so far, and what they ask for."""
    page, step = walk.page, walk.step
    if page is None or step is None:
        return []
    lines = card.caution(step, width)
    lines.append(say(" "))
    lines += card.attempts(page, step, now, width)
    owed = page.state.steps[step.id].owed
    if owed == "remedy":
        lines += wrapped(say("Before a fresh reading: what was done about it?", "bold"), width)
        if page.follow_up is not None:
            lines += wrapped(say(f"Afterwards walk: {page.follow_up.title}", "$ink-wait bold"), width)
    elif owed == "comment":
        lines += wrapped(say("That is not what was expected. Say why; then read again.", "bold"), width)
    elif page.state.steps[step.id].attempts and step.kind != "witness":
        lines.append(say(f"Now {'give the file' if step.kind == 'attach' else 'read'} again.", "bold"))
    return lines


def after_lines(walk: WalkFace, width: int) -> list[Content]:
    """What stands under the field: how it was understood, or what the key does."""
    page, step = walk.page, walk.step
    if page is None or step is None:
        return []
    if walk.taken is not None:
        unit = display(step.unit) if isinstance(step, Measure) and walk.mode is Mode.VALUE else ""
        text = f"{shown(walk.taken) or ''} {unit}".strip()
        lead = say("UNDERSTOOD  ", "$ink-now bold")
        return wrapped(Content.assemble(lead, say(text, "bold"), say("   Enter signs it")), width)
    label = walk.response.label
    if label.refused:
        return wrapped(say(f"Not read: {label.refused}", "$ink-wait"), width)
    if label.part is not None and label.part.lacking:
        return wrapped(say(label.part.message, "$ink-wait bold"), width)
    text, style = _asked(walk, page)
    return wrapped(say(text, style), width) if text else []


_ASKED = {
    Mode.NOBODY: ("Press Enter and say who you are; then this step can be answered.", "$ink-wait bold"),
    Mode.CONFIRM: ("Press Enter when it is done.", "$ink-now bold"),
    Mode.START: ("Press Enter at the moment you begin.", "$ink-now bold"),
    Mode.END: (
        "(~) IT MAY END NOW. Press Enter when it is done, before the clock is at zero.",
        "$ink-wait bold",
    ),
    Mode.ASSIGN: ("Press Enter to take the next number.", "$ink-now bold"),
    Mode.WITNESS: ("(2) A second person presses Enter, and reads for themselves.", "$ink-witness bold"),
    Mode.SIGN: ("Press Enter to sign.", "$ink-now bold"),
    Mode.PAUSED: ("This run is paused. Press Enter to go on.", "$ink-wait bold"),
}


def _both_again(page: Page, step: Step | None) -> str:
    """What two people do who have read differently; empty where they have not."""
    if step is None or step.kind != "witness" or not page.state.differs(step):
        return ""
    return differing(step.of, f"F4, step {page.state.protocol.index(step.of) + 1}") + f" {SOMEBODY_ELSE}"


def _asked(walk: WalkFace, page: Page) -> tuple[str, str]:
    """The sentence under a step that has no field, and its style."""
    if walk.mode is Mode.WAIT:
        return "(~) WAIT until the clock is at zero.", "$ink-wait bold"
    if walk.mode is Mode.WITNESS and (again := _both_again(page, walk.step)):
        return f"(2) {again}", "$ink-witness bold"
    if walk.mode is Mode.FOREIGN:
        holder = page.name(page.state.holder)
        return f"{holder} walks this run. Enter takes it over, and records that.", "$ink-wait bold"
    return _ASKED.get(walk.mode, ("", ""))


def hint(walk: WalkFace) -> str:
    """The line above the keys, and that there is more to read where there is."""
    return f"{_advice(walk)}{MORE if walk.more else ''}".strip()


def _advice(walk: WalkFace) -> str:
    if (key := walk.find("enter")) is not None and key.off:
        return key.off
    mode = walk.mode
    if walk.taken is not None:
        return "Is that right? Enter signs it. Typing changes it."
    match mode:
        case Mode.OWED:
            return "Type it, then press Enter."
        case Mode.VALUE:
            kind = walk.step.kind if walk.step is not None else ""
            what = {
                "measure": "Type what you read",
                "attach": "Type where the file is",
                "timer": "Type the time that was measured, like 3:20 or 200s",
            }.get(kind, "Type it")
            return f"{what}, then press Enter."
        case Mode.CHOICE:
            return "Choose with a digit or the arrows, then press Enter."
        case Mode.SCAN:
            if walk.response.label.repeated:
                return f"Not scanned: type the {names_of(walk.response.label.repeated)} once more, from the label."
            return "Scan the label, or type each field; Enter goes to the next one."
        case Mode.ENDED if walk.page is not None and walk.page.follow_up is not None:
            return f"Enter starts what follows: {walk.page.follow_up.title}. Esc leaves it on the board, as due."
        case Mode.ENDED:
            return "This run has ended. F4 corrects a mistake in it."
        case _:
            return ""
