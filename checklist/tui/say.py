"""Text on its way to the screen: cleaned of everything that could act, and never read as markup."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.content import Content

from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMIT = 1200


def say(text: str, style: str = "") -> Content:
    """One stretch of text in one style."""
    return Content.styled(clean(text, limit=LIMIT), style)


def row(*parts: Content | str) -> Content:
    """Stretches side by side; plain strings are the program's own words."""
    return Content.assemble(*(part if isinstance(part, Content) else say(part) for part in parts))


def stack(lines: Iterable[Content]) -> Content:
    """Lines under one another."""
    return Content("\n").join(lines)


def wrapped(text: Content, width: int, indent: str = "") -> list[Content]:
    """The text in lines of at most `width` cells; all but the first begin with `indent`."""
    if width < len(indent) + 8:
        return [text]
    lines = text.wrap(width)
    if len(lines) < 2 or not indent:
        return list(lines)
    head = lines[0]
    rest = text[len(head.plain) :]
    skip = len(rest.plain) - len(rest.plain.lstrip())
    return [head, *(Content.assemble(indent, line) for line in rest[skip:].wrap(width - len(indent)))]


def cut(text: Content, width: int) -> Content:
    """The text on one line of exactly `width` cells, ending with an ellipsis where it was longer."""
    width = max(width, 0)
    short = text.truncate(width, ellipsis=True) if text.cell_length > width else text
    return short.pad_right(max(width - short.cell_length, 0))


def columns(cells: Sequence[tuple[Content, int]]) -> Content:
    """Cells of given widths with two blanks between them."""
    return Content("  ").join(cut(text, width) for text, width in cells)


def clock_of(at: str, zone: str, *, seconds: bool = False) -> str:
    """The clinic's local time of a UTC moment, such as 08:26; with its day where that is not today's."""
    local = datetime.fromisoformat(at).astimezone(ZoneInfo(zone))
    return local.strftime("%H:%M:%S" if seconds else "%H:%M")


def day_and_clock(at: str, zone: str, now: str) -> str:
    """Local time, and the day before it where it is another one than at `now` (UTC), with its year where that is."""
    local = datetime.fromisoformat(at).astimezone(ZoneInfo(zone))
    today = datetime.fromisoformat(now).astimezone(ZoneInfo(zone)).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local.day} {local:%b %Y %H:%M}"


def span(milliseconds: int) -> str:
    """A time that runs, such as 03:12 or 1:03:12; what is begun counts as a whole second."""
    seconds = -(-milliseconds // 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def in_words(milliseconds: int) -> str:
    """A time as people say it: 18 s, 3 min 30 s, 2 h."""
    seconds = -(-milliseconds // 1000)
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)[:40] or "0 s"
