"""The rows of the board, worst first. Pure: from the board to lines of a given width."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.clinic.identifiers.loads import release_is_next
from checklist.run.marks import Look, Outcome
from checklist.tui.marks import mark, outcome_mark
from checklist.tui.rows import Item
from checklist.tui.say import columns, day_and_clock, in_words, row, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.content import Content

    from checklist.clinic.plan.board import Board, Ended, OpenRun
    from checklist.clinic.plan.glance import EndedRow, Glance, OpenRow, SetApart, Unattributed
    from checklist.clinic.plan.planning import Due, Missed
    from checklist.clinic.plan.waiting import FollowUp, Review, Task
    from checklist.ledger.entry import Moment
    from checklist.tui.opened import Opened


STATE_WIDE = 15
WHEN_WIDE = 16


def items(board: Board, opened: Opened, now: Moment, width: int) -> list[Item]:
    """Everything on the board under its headings."""
    room = max(width - 2, 60)
    going_on = [_open(one, opened, now, room) for one in board.open]
    done = [_ended(one, _initials(one.holder), opened, now, room) for one in board.ended]
    return _all(board.glance, going_on, done, board.faults, opened, now, room)


def first_items(glance: Glance, opened: Opened, now: Moment, width: int) -> list[Item]:
    """The same at first sight: where an open run stands and who was at it is not known yet."""
    room = max(width - 2, 60)
    going_on = [_open_row(one, opened, now, room) for one in glance.open]
    done = [_ended(one, "", opened, now, room) for one in glance.ended]
    return _all(glance, going_on, done, glance.faults, opened, now, room, first=True)


def _all(
    glance: Glance,
    going_on: list[Item],
    done: list[Item],
    faults: tuple[str, ...],
    opened: Opened,
    now: Moment,
    room: int,
    *,
    first: bool = False,
) -> list[Item]:
    found: list[Item] = []
    # What the board cannot tell stands above what it tells: whoever reads only the first rows must see it.
    _section(
        found, "CANNOT BE SHOWN", [Item(row(mark(Look.UNKNOWN), " ", say(fault)), indent="    ") for fault in faults]
    )
    tasks = [(one, _task(one, opened, now, room, first=first)) for one in glance.tasks]
    due = _asked(glance, [(one, item) for one, item in tasks if not _far(one, opened, now)], opened, now, room)
    _section(found, "DUE", due)
    if not due:
        found.append(Item(say("  Nothing is due now.")))
    _section(
        found, "WHO DID THIS? NOBODY HAS SIGNED", [_unsigned(one, opened, now, room) for one in glance.unattributed]
    )
    _section(found, "OPEN", going_on)
    apart = [_apart(one, "QUARANTINED", opened, now, room) for one in glance.quarantined]
    apart += [_apart(one, "RECALLED", opened, now, room) for one in glance.recalled]
    _section(found, "SET APART: DO NOT USE", apart)
    later = [_due(one, opened, now, room) for one in glance.due if _later(one)]
    later += [item for one, item in tasks if _far(one, opened, now)]
    _section(found, "LATER", later)
    _section(found, "DONE", done)
    return found


def _section(found: list[Item], title: str, rows: list[Item]) -> None:
    if rows or title == "DUE":
        if found:
            found.append(Item(say(" ")))
        found.append(Item(say(title, "bold")))
        found.extend(rows)


def subject_title(subject: str, opened: Opened) -> str:
    """What a run is about, in the clinic's own words."""
    kind, _, named = subject.partition("=")
    if kind == "session":
        return f"visit {named}"
    if kind == "clinic":
        return opened.name
    return dict(opened.settings.subjects(kind)).get(subject, subject)


def _row(first: Content, word: str, what: str, when: str, width: int, overridden: int = 0) -> Content:
    state = row(first, " ", say(word, "bold"))
    told = row(mark(Look.OVERRIDDEN), say(" OVERRIDDEN  ", "bold"), say(what)) if overridden else say(what)
    return columns(((state, STATE_WIDE), (told, width - STATE_WIDE - WHEN_WIDE - 4), (say(when), WHEN_WIDE)))


def _about(subject: str, title: str, opened: Opened) -> str:
    """What a row is about: the machine, room or visit first, since people look for that; the clinic goes unsaid."""
    return title if subject in ("", "clinic") else f"{subject_title(subject, opened)}: {title}"


def _initials(name: str) -> str:
    return "".join(part[0] for part in name.split()[:3]).upper()


def _asked(glance: Glance, tasks: Sequence[tuple[Task, Item]], opened: Opened, now: Moment, room: int) -> list[Item]:
    """What somebody should do now: what follows from a failure, then what is late, then the rest of today."""
    late = [_due(one, opened, now, room) for one in glance.due if one.overdue]
    late += [item for one, item in tasks if one.overdue]
    late += [_review(one, opened, now, room) for one in glance.reviews if one.overdue]
    today = in_order(one for one in glance.due if not (one.overdue or _later(one)))
    more = [item for one, item in tasks if not one.overdue]
    more += [_review(one, opened, now, room) for one in glance.reviews if not one.overdue]
    return [
        *(_follow_up(one, opened, now, room) for one in glance.follow_ups),
        *late,
        *(_missed(one, opened, room) for one in glance.missed),
        *(_due(one, opened, now, room) for one in today),
        *more,
    ]


def in_order(due: Iterable[Due]) -> list[Due]:
    """What must be done first stands first; of what has all of today, what comes daily, since a day begins with it."""
    return sorted(due, key=lambda one: (one.moment, one.every != "day"))


def _later(one: Due) -> bool:
    """Whether it has more time than today: it must not hide what is done now."""
    return one.every != "day" and not one.soon and not one.overdue


def _far(one: Task, opened: Opened, now: Moment) -> bool:
    """Whether what was put off is for another day than today."""
    until = datetime.fromisoformat(one.until).astimezone(ZoneInfo(opened.zone))
    return not one.overdue and until.date().isoformat() > now_day(opened, now)


def _due(one: Due, opened: Opened, now: Moment, width: int) -> Item:
    if one.overdue:
        when = f"late {_late(datetime.fromisoformat(now.at) - one.moment)}"
    elif one.by is not None and one.every == "day":
        when = f"by {datetime.fromisoformat(one.by):%H:%M}"
    elif one.day == now_day(opened, now):
        when = "today" if one.by is None else f"today {one.by[11:16]}"
    else:
        day = date.fromisoformat(one.day)
        when = f"by {day:%a} {day.day} {day:%b}"
    first = mark(Look.BLOCKED) if one.overdue else mark(Look.WAITING)
    word = "OVERDUE" if one.overdue else "DUE SOON" if one.soon else "DUE"
    what = _about(one.subject, one.title or one.protocol, opened)
    what = f"{what} ({one.why})" if one.why else what
    return Item(_row(first, word, what, when, width), f"due:{one.protocol}:{one.subject}")


def _late(by: timedelta) -> str:
    """How late, in words short enough for their column."""
    return f"{by.days} d" if by.days else in_words(max(by // timedelta(minutes=1), 1) * 60_000)


def now_day(opened: Opened, now: Moment) -> str:
    """The clinic's day, ISO 8601."""
    return datetime.fromisoformat(now.at).astimezone(ZoneInfo(opened.zone)).date().isoformat()


def _missed(one: Missed, opened: Opened, width: int) -> Item:
    first, last = date.fromisoformat(one.first), date.fromisoformat(one.last)
    when = f"{first:%a} {first.day} {first:%b}" if first == last else f"until {last.day} {last:%b}"
    if one.times > 1:
        begin = date.fromisoformat(one.begin)
        when = f"{one.times}x since {begin.day} {begin:%b}"
    what = _about(one.subject, one.title or one.protocol, opened)
    return Item(_row(mark(Look.UNKNOWN), "MISSED", what, when, width), f"missed:{one.protocol}:{one.subject}")


def _task(one: Task, opened: Opened, now: Moment, width: int, *, first: bool) -> Item:
    by = day_and_clock(one.until, opened.zone, now.at)
    when = f"late {_late(datetime.fromisoformat(now.at) - datetime.fromisoformat(one.until))}"
    sign = mark(Look.BLOCKED) if one.overdue else mark(Look.DEFERRED)
    word = "OVERDUE" if one.overdue else "PUT OFF"
    # Which visit it is stands before what is to be done: at 80 columns the rest may be cut. At first sight the words
    # are not read yet: they come in behind it, and take the place of no others.
    words = one.words.rstrip(".") or ("…" if first else one.step)
    what = f"{_about(one.subject, words, opened)}{'' if first else f' ({one.title})'}"
    return Item(
        _row(sign, word, what, when if one.overdue else f"by {by}", width),
        f"{'again' if one.earlier else 'task'}:{one.run}:{one.step}",
    )


def _follow_up(one: FollowUp, opened: Opened, now: Moment, width: int) -> Item:
    since = _since(one.since, opened, now)
    what = f"{_about(one.subject, one.title, opened)} (after a failure)"
    if one.recalled:  # what it was stands first: the clinic's list may be asked for by several
        machine = one.recalled.startswith("equipment ")
        what = f"{subject_title(one.subject, opened) if machine else one.recalled} recalled: {one.title}"
    return Item(_row(mark(Look.FAILED), "FOLLOW-UP", what, since, width), f"follow:{one.key}")


def _review(one: Review, opened: Opened, now: Moment, width: int) -> Item:
    when = f"by {day_and_clock(one.by, opened.zone, now.at)}"
    if one.overdue:
        when = f"late {_late(datetime.fromisoformat(now.at) - datetime.fromisoformat(one.by))}"
    first = mark(Look.BLOCKED) if one.overdue else mark(Look.OVERRIDDEN)
    about = _about(one.subject, one.title, opened)
    word = "OVERDUE" if one.overdue else "REVIEW DUE"
    what = f"{'REVIEW: ' if one.overdue else ''}{about} begun without a GO"
    return Item(_row(first, word, what, when, width), f"review:{one.entry}")


def _open(one: OpenRun, opened: Opened, now: Moment, width: int) -> Item:
    state = one.state
    word = f"{state.place} of {len(state.protocol.steps)}"
    since = day_and_clock(state.started.at, opened.zone, now.at)
    when = f"{since} {_initials(one.holder)}" if not state.paused else f"{since} paused"
    what = _about(state.subject, one.title, opened)
    waits = release_is_next(state)
    first, word = (mark(Look.WAITING), "TO RELEASE") if waits else (mark(Look.CURRENT), word)
    return Item(_row(first, word, what, when, width, one.overridden), f"open:{state.run}")


def _open_row(one: OpenRow, opened: Opened, now: Moment, width: int) -> Item:
    since = day_and_clock(one.since, opened.zone, now.at)
    what = _about(one.subject, one.title, opened)
    when = f"{since} paused" if one.paused else since
    return Item(_row(mark(Look.CURRENT), "OPEN", what, when, width, one.overridden), one.run)


def _unsigned(one: Unattributed, opened: Opened, now: Moment, width: int) -> Item:
    since = day_and_clock(one.since, opened.zone, now.at)
    what = _about(one.subject, one.title, opened)
    word = "UNSIGNED" if one.ended else "GOES ON"
    return Item(_row(mark(Look.UNKNOWN), word, what, since, width), f"unsigned:{one.run}")


def _since(at: str, opened: Opened, now: Moment) -> str:
    """Since when, short enough for its column: the time of today, or another day."""
    day, _, clock = day_and_clock(at, opened.zone, now.at).rpartition(" ")
    return f"since {day or clock}"


def _apart(one: SetApart, word: str, opened: Opened, now: Moment, width: int) -> Item:
    since = _since(one.since, opened, now)
    called = dict(opened.settings.subjects(one.kind)).get(f"{one.kind}={one.value}", f"{one.kind} {one.value}")
    return Item(
        _row(mark(Look.BLOCKED), word, called, since, width),
        f"apart:{one.kind}={one.value}",
    )


def _ended(one: Ended | EndedRow, by: str, opened: Opened, now: Moment, width: int) -> Item:
    outcome = Outcome(one.outcome)
    sign, _ = outcome_mark(outcome, one.deviations)
    words = {"complete": "COMPLETE", "complete-except-deferred": "PART DONE", "abandoned": "GIVEN UP"}
    word = words.get(outcome.value, outcome.value.upper())
    if outcome is Outcome.COMPLETE and one.deviations:
        word = f"{one.deviations} DEV"
    when = f"{day_and_clock(one.ended, opened.zone, now.at)} {by}"
    what = _about(one.subject, one.title, opened)
    return Item(_row(sign, word, what, when, width, one.overridden), f"ended:{one.run}")
