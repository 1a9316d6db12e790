"""What of a run the walker shows, and how much of the steps around fits: the card stays whole and in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.run.look import look
from checklist.run.marks import Look
from checklist.tui.lines import Lines
from checklist.tui.say import say, wrapped
from checklist.tui.walker import card
from checklist.tui.walker.walk_words import after_lines, before_lines, flag_lines

if TYPE_CHECKING:
    from checklist.ledger.entry import Moment
    from checklist.protocol.model import Step
    from checklist.tui.reads import Page
    from checklist.tui.walker.walk import WalkFace

OPTIONS_MOST: Final = 10
OPTIONS_LEAST: Final = 4
WHY_WIDE: Final = 40
_WHY_EDGES: Final = 6
"""Of the column of reasons: its border, its padding, and where it is scrolled."""
_COLOURS: Final = {Look.WAITING: "-wait", Look.WITNESS: "-witness", Look.BLOCKED: "-bad"}


def lay_out(walk: WalkFace, page: Page, step: Step | None, now: Moment) -> None:
    """Show the run: marks, the steps around, the card, and where there is room the reasons."""
    main = walk.size.width - (WHY_WIDE if walk.has_class("-wide") else 0)
    inner = main - 5
    flags = walk.query_one("#flags", Lines)
    before_flags = len(flags.lines)
    flags.show(flag_lines(page, now, walk.size.width - 2))
    if len(flags.lines) != before_flags:
        walk.call_after_refresh(walk.show)  # the card has other room now
    said = card.saying(page, step, inner) if step is not None else card.ending(page, now, inner)
    before, after = before_lines(walk, now, inner), after_lines(walk, inner)
    walk.query_one("#told", Lines).show(said)
    walk.response.tell(before, after)
    walk.response.tick(page.state, step, now)
    behind, ahead = _around(walk, page, len(said), len(before) + len(after))
    _surround(walk, page, step, now, main - 2, behind, ahead)
    walk.query_one("#progress", Lines).show([card.progress(page, now, walk.size.width - 2)])
    _border(walk, page, step, now)
    if walk.has_class("-wide"):
        reasons = card.why(step, page.state.protocol) if step is not None else []
        reasons.append(("WHAT THIS IS FOR", page.state.protocol.purpose))
        wide = WHY_WIDE - _WHY_EDGES
        told = [[say(title, "bold $ink"), *wrapped(say(text), wide), say(" ")] for title, text in reasons]
        walk.query_one("#reasons", Lines).show([line for each in told for line in each])


def _around(walk: WalkFace, page: Page, said: int, told: int) -> tuple[int, int]:
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
    words = walk.query_one("#say").styles
    words.height = max(min(said, room - behind - ahead - told - asked - options - 2), 1)
    words.margin = (1 if spare > behind + ahead else 0, 0, 0, 0)
    walk.more = spare < 0
    return behind, ahead


def _surround(walk: WalkFace, page: Page, step: Step | None, now: Moment, width: int, behind: int, ahead: int) -> None:
    steps = page.state.protocol.steps
    at = page.state.protocol.index(step.id) if step is not None else len(steps)
    if page.state.protocol.style == "do-confirm":
        first = min(max(at - behind // 2, 0), max(len(steps) - behind, 0))
        above = steps[first : first + behind]
    else:
        above = steps[max(at - behind, 0) : at]
    below = steps[at + 1 : at + 1 + ahead]
    lines = [card.context_line(page, each, now, width) for each in above]
    walk.query_one("#above", Lines).show([*[say(" ")] * (behind - len(lines)), *lines])
    lines = [card.context_line(page, each, now, width) for each in below]
    walk.query_one("#below", Lines).show([*lines, *[say(" ")] * (ahead - len(lines))])


def _border(walk: WalkFace, page: Page, step: Step | None, now: Moment) -> None:
    box = walk.query_one("#card")
    box.border_title = f" {page.state.place} " if step is not None else None
    wanted = _COLOURS.get(look(page.state, step, now), "") if step is not None else "-done"
    if step is None and page.state.outcome.value != "complete":
        wanted = "-bad"
    for name in ("-wait", "-witness", "-bad", "-done"):
        box.set_class(name == wanted, name)
