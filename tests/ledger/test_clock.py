"""The clocks of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from checklist.ledger.clock import SystemClock, unix_us, utc_text

if TYPE_CHECKING:
    from pathlib import Path


def test_every_clock_is_read_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "boot").write_text("b0071d\n")
    clock = SystemClock("Europe/Berlin", tmp_path / "boot")
    first, second = clock(), clock()
    assert (first.zone, first.boot) == ("Europe/Berlin", "b0071d")
    assert second.mono_ms >= first.mono_ms > 0
    assert second.boottime_ms >= first.boottime_ms > 0
    assert utc_text(unix_us(first.at)) == first.at


def test_where_boots_cannot_be_told_apart_every_start_counts_as_one(tmp_path: Path) -> None:
    one, two = (SystemClock("UTC", tmp_path / "none")().boot for _ in range(2))
    assert one != two


@given(st.integers(0, 4_102_444_800_000_000))
def test_a_time_is_written_to_the_microsecond_and_read_back(moment: int) -> None:
    text = utc_text(moment)
    assert len(text) == 27
    assert unix_us(text) == moment


def test_times_sort_as_texts_beyond_2038() -> None:
    assert utc_text(2**31 * 1_000_000) == "2038-01-19T03:14:08.000000Z"
    assert utc_text(2**31 * 1_000_000 - 1) < utc_text(2**31 * 1_000_000)
