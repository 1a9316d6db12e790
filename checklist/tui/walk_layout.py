"""How much of the steps around fits beside the current one, so that the card stays whole and in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from checklist.tui import card
from checklist.tui.say import say, stack

if TYPE_CHECKING:
    from textual.content import Content

    from checklist.ledger.entry import Moment
    from checklist.protocol.model import Step
    from checklist.tui.reads import Page
    from checklist.tui.walk import WalkFace

OPTIONS_MOST = 10
OPTIONS_LEAST = 4


def around(walk: WalkFace, page: Page, said: int, told: int) -> tuple[int, int]:
    """How many steps to show before and after, so that the card is cut only where it alone is too long; then
    its words can be scrolled, and what is asked always shows."""
    asked = len(walk.response.fields) + (3 if walk.response.clock.display else 0)
    options = min(walk.response.options.count, OPTIONS_MOST) if walk.response.options.display else 0
    room = walk.query_one("#walk").size.height or walk.size.height - 7
    wanted = 5 if walk.size.height >= 40 else 2
    spare = room - said - told - asked - options - 2
    if spare < 0 and options > OPTIONS_LEAST:
        # A long list gives way to a long text, down to a few lines; it scrolls with its highlight.
        shorter = max(options + spare, OPTIONS_LEAST)
        spare, options = spare + options - shorter, shorter
    walk.response.options.styles.max_height = max(options, 1)
    each = max(min(wanted, spare // 2), 0)
    behind, ahead = each, each
    if page.state.protocol.style == "do-confirm":
        # All steps on one page: as many as there is room for, the current one among them.
        behind, ahead = max(min(spare, len(page.state.protocol.steps)), 0), 0
    walk.query_one("#say").styles.height = max(min(said, room - behind - ahead - told - asked - options - 2), 1)
    walk.more = spare < 0
    return behind, ahead


def surround(walk: WalkFace, page: Page, step: Step | None, now: Moment, width: int, behind: int, ahead: int) -> None:
    steps = page.state.protocol.steps
    at = page.state.protocol.index(step.id) if step is not None else len(steps)
    if page.state.protocol.style == "do-confirm":
        first = min(max(at - behind // 2, 0), max(len(steps) - behind, 0))
        above = steps[first : first + behind]
    else:
        above = steps[max(at - behind, 0) : at]
    below = steps[at + 1 : at + 1 + ahead]
    lines = [card.context_line(page, each, now, width) for each in above]
    blank = [say(" ")] * (behind - len(lines))
    _put(walk, "#above", [*blank, *lines])
    lines = [card.context_line(page, each, now, width) for each in below]
    _put(walk, "#below", [*lines, *[say(" ")] * (ahead - len(lines))])


def _put(walk: WalkFace, where: str, lines: list[Content]) -> None:
    widget = walk.query_one(where, Static)
    widget.display = bool(lines)
    widget.update(stack(lines))
