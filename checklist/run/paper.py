"""What was walked on paper, and is entered later: when it was written, and the times somebody measured by hand.

Knows how people write a time and a span of time. Does not know what the sheet looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.run.events import strings_of
from checklist.run.reading import Refusal
from checklist.run.timing import utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.ledger.entry import Json, Moment
    from checklist.run.events import Author

VIA = "transcribed"
"""How an entry came that was first written on paper (design §6)."""

_OLDEST = timedelta(days=366)
_LONGEST = timedelta(days=31)
_HOW = "Say when it was written, like 2027-03-31 14:10/14:35."
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
_MINUTES = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)", re.ASCII)
_PARTS = re.compile(r"(?:(\d{1,4})\s*h)?\s*(?:(\d{1,5})\s*(?:min|m))?\s*(?:(\d{1,6})\s*s)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Paper:
    """From when to when a sheet was written; UTC, ISO 8601."""

    began: str
    ended: str

    def data(self) -> dict[str, Json]:
        """The times as they stand in the entry that starts the run."""
        return {"began": self.began, "ended": self.ended}

    def latest(self) -> datetime:
        """The last moment that its end can mean: whoever writes no seconds means all of that minute, and of
        a second all of it."""
        ended = datetime.fromisoformat(self.ended)
        return ended + (timedelta(seconds=1) if ended.second else timedelta(minutes=1)) - datetime.resolution

    def day(self, zone: str) -> date:
        """The clinic's calendar day on which the sheet was finished."""
        return datetime.fromisoformat(self.ended).astimezone(ZoneInfo(zone)).date()


def from_paper(paper: Paper, zone: str) -> str:
    """`entered from paper (written 2027-03-31 14:10 to 14:35)`, by the clinic's clock."""
    began, ended = (datetime.fromisoformat(each).astimezone(ZoneInfo(zone)) for each in (paper.began, paper.ended))
    last = f"{ended:%H:%M}" if began.date() == ended.date() else f"{ended:%Y-%m-%d %H:%M}"
    return f"entered from paper (written {began:%Y-%m-%d %H:%M} to {last})"


def paper_of(data: Mapping[str, Json]) -> Paper | None:
    """The times that a `run.started` entry gives, if it came from paper."""
    found = strings_of(data, "paper")
    try:
        paper = Paper(found["began"], found["ended"])
        timed = all(datetime.fromisoformat(each).tzinfo for each in (paper.began, paper.ended))
    except (KeyError, ValueError):
        return None
    return paper if timed else None


def read_paper(typed: str, zone: str, now: Moment) -> Paper | Refusal:
    """`2027-03-31 14:10/14:35` by the clinic's clock; the end may name a day of its own, and either an offset."""
    first, _, last = (part.strip() for part in typed.partition("/"))
    began = _at(first, zone)
    if _CLOCK.fullmatch(last) and began is not None:
        last = f"{began.astimezone(ZoneInfo(zone)):%Y-%m-%d} {last}"
    ended = _at(last, zone)
    if began is None or ended is None:
        return Refusal("paper", f"“{typed[:60]}” is no time of a sheet. {_HOW}")
    paper = Paper(_iso(began), _iso(ended))
    return unfit_paper(paper, now) or paper


def _at(text: str, zone: str) -> datetime | None:
    """The moment that is meant; None where it is none, or the clocks were put forward over it."""
    if len(text) < len("2027-03-31 1:10"):
        return None
    day, _, clock = text.replace("T", " ").partition(" ")
    try:
        named = datetime.fromisoformat(f"{day} {clock.rjust(5, '0')}")
        if named.tzinfo is not None:
            return named.astimezone(UTC)
        moment = named.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return moment if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == named else None
    except (ValueError, OverflowError):
        return None


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def transcribing(author: Author) -> Author:
    """The same person, entering what stands on paper."""
    return replace(author, via=VIA)


def unfit_paper(paper: Paper, now: Moment) -> Refusal | None:
    """Why these cannot be the times of a sheet that is entered now; None if they can."""
    began, ended = datetime.fromisoformat(paper.began), datetime.fromisoformat(paper.ended)
    if ended < began:
        return Refusal("paper", f"The sheet cannot end before it began. {_HOW}")
    if ended > utc(now):
        return Refusal("paper", f"The sheet cannot have been written in the future. {_HOW}")
    if ended - began > _LONGEST:
        return Refusal("paper", f"No sheet takes longer than {_LONGEST.days} days; look at the dates. {_HOW}")
    if utc(now) - began > _OLDEST:
        return Refusal("paper", f"That is more than a year ago; look at the year, and keep the sheet. {_HOW}")
    return None


def read_span(typed: str) -> int | Refusal:
    """A measured time in whole seconds: `3:20`, `3m20s`, `200s` or `1h5m`."""
    text = typed.strip().casefold()
    parts = _MINUTES.fullmatch(text) or _PARTS.fullmatch(text)
    if not text or parts is None:
        return Refusal("not-a-time", "Type the time that was measured, like 3:20, 3m20s or 200s.")
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds


def beyond_paper(paper: Paper, seconds: int) -> Refusal | None:
    """Why this cannot be what one timer of the sheet took; None if it can. Timers may have run side by side, so that
    their sum says nothing."""
    if timedelta(seconds=seconds) <= paper.latest() - datetime.fromisoformat(paper.began):
        return None
    return Refusal(
        "beyond-sheet",
        "The whole sheet took less time than that: read it again. Where its own begin or end was given wrongly, "
        "abandon this run and enter the sheet anew.",
    )
