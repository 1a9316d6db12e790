"""The order of the board: what a nurse would begin stands first."""

from dataclasses import replace
from datetime import UTC, datetime

from checklist.clinic.plan.planning import Due
from checklist.tui.board_rows import in_order

OPEN = Due(
    "day-open", "Open the clinic", "clinic", None, overdue=False, last=None, day="2026-11-22", soon=False,
    moment=datetime(2026, 11, 22, 22, 59, tzinfo=UTC),
)  # fmt: skip
KIT = replace(OPEN, protocol="emergency-kit-weekly", title="Emergency kit", soon=True, every="week")
CLOSE = replace(OPEN, protocol="day-close", moment=datetime(2026, 11, 22, 18, tzinfo=UTC))


def test_the_soonest_stands_first_and_what_is_weekly_after_what_is_daily() -> None:
    assert in_order([KIT, OPEN, CLOSE]) == [CLOSE, OPEN, KIT]
