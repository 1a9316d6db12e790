"""Wrong secrets lock for longer and longer, and no lock is outwaited by moving a clock."""

from datetime import UTC, datetime, timedelta

import pytest

from checklist.ledger.entry import Moment
from checklist.people.lockout import OVER, RecordedLock, Tries, left, missed, shown, until
from checklist.people.signin import NOBODY, RECOVERY

ANNA = "u_00000000aa"
START = datetime(2031, 3, 10, 9, 22, 30, tzinfo=UTC)


def moment(*, wall: float = 0, awake: float = 0, boot: str = "boot-1") -> Moment:
    """A moment so many seconds after START by the wall clock, and so many since it or, on another boot, since that."""
    at, before = START + timedelta(seconds=wall), 1_000_000 if boot == "boot-1" else 0
    return Moment(f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", "Europe/Berlin", boot, 0, before + int(awake * 1000))


def ladder(operator: str, misses: int) -> list[object]:
    """For how many minutes each of so many misses locks; nothing where it does not."""
    facts = [missed(operator, Tries(count), via="tui") for count in range(misses)]
    return [fact[1].data["minutes"] if fact[1:] else "-" for fact in facts]


def test_every_fifth_miss_locks_for_longer_and_the_twentieth_until_a_lead_unlocks() -> None:
    four = ["-"] * 4
    assert ladder(ANNA, 25) == [*four, 1, *four, 5, *four, 15, *four, None, *four, None]


def test_names_that_belong_to_nobody_are_never_locked() -> None:
    assert ladder(NOBODY, 40) == ["-"] * 40


def test_the_recovery_code_is_never_locked_for_longer_than_fifteen_minutes() -> None:
    assert [minutes for minutes in ladder(RECOVERY, 40) if minutes != "-"] == [1, 5, 15, 15, 15, 15, 15, 15]


def test_the_facts_name_the_operator_and_nobody_acts() -> None:
    failed, locked = missed(ANNA, Tries(4), via="line")
    assert (failed.kind, failed.data, failed.actor) == ("sign-in.failed", {"operator": ANNA}, None)
    assert (locked.kind, locked.data, locked.actor) == ("sign-in.locked", {"operator": ANNA, "minutes": 1}, None)
    assert (failed.via, locked.via) == ("line", "line")
    (nobody,) = missed(NOBODY, Tries(4), via="line")
    assert nobody.data == {}
    by_code, shut = missed(RECOVERY, Tries(4), via="line")
    assert (by_code.data, shut.data) == ({"recovery": True}, {"recovery": True, "minutes": 1})


@pytest.mark.parametrize(
    ("minutes", "awake", "holds"), [(1, 59, True), (1, 60, False), (15, 899, True), (15, 900, False)]
)
def test_a_lock_is_over_when_its_minutes_are(minutes: int, awake: float, holds: bool) -> None:
    tries = Tries(5, RecordedLock(minutes, moment()))
    assert tries.locked(moment(wall=awake, awake=awake)) is holds


def test_a_wall_clock_that_is_moved_neither_ends_nor_prolongs_a_lock() -> None:
    lock = RecordedLock(5, moment())
    assert left(lock, moment(wall=86_400, awake=60)) == timedelta(minutes=4)
    assert left(lock, moment(wall=-86_400, awake=300)) == OVER


def test_after_a_restart_the_wall_clock_is_all_there_is() -> None:
    lock = RecordedLock(5, moment())
    assert left(lock, moment(wall=60, boot="boot-2")) == timedelta(minutes=4)
    assert left(lock, moment(wall=300, boot="boot-2")) == OVER


def test_a_lock_that_began_under_a_wrong_clock_is_as_old_as_this_boot_at_least() -> None:
    lock = RecordedLock(5, moment(wall=4e7))
    assert left(lock, moment(awake=60, boot="boot-2")) == timedelta(minutes=4)
    assert left(lock, moment(awake=300, boot="boot-2")) == OVER
    assert until(lock, moment(wall=90, awake=60, boot="boot-2")) == START + timedelta(seconds=90 + 240)


def test_what_only_a_lead_ends_never_ends_by_itself() -> None:
    lock = RecordedLock(None, moment())
    year = moment(wall=4e7, awake=4e7)
    assert left(lock, year) is None
    assert until(lock, year) is None
    assert Tries(20, lock).locked(year)
    assert not Tries(3).locked(year)


def test_the_end_of_a_lock_is_shown_in_the_clinics_time_and_never_too_early() -> None:
    lock = RecordedLock(1, moment())
    end = until(lock, moment(wall=10, awake=10))
    assert end == START + timedelta(minutes=1)
    assert shown(end, moment()) == "10:24"
    assert shown(datetime(2031, 3, 10, 9, 23, tzinfo=UTC), moment()) == "10:23"
    # In the clinic it is tomorrow an hour before it is in UTC.
    assert shown(datetime(2031, 3, 10, 22, 59, tzinfo=UTC), moment()) == "23:59"
    assert shown(datetime(2031, 3, 10, 23, 1, tzinfo=UTC), moment()) == "2031-03-11 00:01"
    # By the clock on the wall, wherever somebody moved it to.
    moved = until(lock, moment(wall=3600, awake=10))
    assert moved == START + timedelta(seconds=3650)
