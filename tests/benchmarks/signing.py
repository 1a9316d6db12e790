"""Signing in: how long it takes, and whether the screen goes on meanwhile.

A secret must cost a thief more than it costs the person: 50 to 150 ms is what a clinic neither feels nor gives away.
The yardstick hashes a secret with the same parameters and nothing else. While somebody signs in at the full screen, a
clock of the event loop's own says how late it was served; its yardstick is the same screen left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from checklist.clinic.service import Clinic, SignedIn
from checklist.people.secret import PEPPER_BYTES, hash_secret
from checklist.tui import reads
from checklist.tui.app import Desk
from tests.benchmarks.clinics import LEAD, SECRET
from tests.benchmarks.figures import Row, Samples, interleaved, timed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from checklist.clinic.folder import Folder
    from tests.benchmarks.clinics import Workshop

ROUNDS = 20
LEAST_MS, MOST_MS = 50, 150
BEAT = 0.005  # seconds
FRAMES_MS = 3 * 1000 / 60


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    folder = workshop.fresh("signing")
    with Clinic.open(folder) as clinic:
        ours, bare = interleaved(
            ROUNDS,
            lambda: timed(lambda: _sign_in(clinic)),
            lambda: timed(lambda: hash_secret(SECRET, bytes(PEPPER_BYTES), LEAD)),
        )
    median = 1e3 * ours.median
    cost = Row(
        "sign-in, recorded : argon2id alone",
        ROUNDS,
        ours.times(1e3).text("ms"),
        bare.times(1e3).text("ms"),
        f"{ours.median / bare.median:.2f}x",
        f"{LEAST_MS} to {MOST_MS} ms",
        LEAST_MS <= median <= MOST_MS,
    )
    late, alone = asyncio.run(_lateness(folder))
    freeze = Row(
        "  the screen's longest wait meanwhile : left alone",
        ROUNDS,
        late.times(1e3).text("ms"),
        alone.times(1e3).text("ms"),
        f"{late.median / alone.median:.2f}x",
        f"<= {FRAMES_MS:.0f} ms (p95)",
        1e3 * late.p95 <= FRAMES_MS,
    )
    return [cost, freeze]


def _sign_in(clinic: Clinic) -> None:
    who = clinic.staff.sign_in(LEAD, SECRET, "tui")
    if not isinstance(who, SignedIn):
        raise TypeError(who.message)


async def _lateness(folder: Folder) -> tuple[Samples, Samples]:
    """Seconds that the event loop was late at most: during each sign-in, and during as long a rest."""
    late: list[float] = []
    alone: list[float] = []
    desk = Desk(folder)
    async with desk.run_test(size=(80, 24)) as pilot:
        while desk.opened is None:
            await pilot.pause()
        for _ in range(1 + ROUNDS):
            begun = time.perf_counter()
            late.append(await _worst(lambda: desk.keeper.call(reads.sign_in, LEAD, SECRET)))
            taken = time.perf_counter() - begun
            alone.append(await _worst(lambda taken=taken: asyncio.sleep(taken)))  # type: ignore[misc]
    return Samples(tuple(late[1:])), Samples(tuple(alone[1:]))


async def _worst(act: Callable[[], Awaitable[object]]) -> float:
    """How late a beat came at most while `act` was under way, in seconds."""
    worst = 0.0

    async def beat() -> None:
        nonlocal worst
        while True:
            due = time.perf_counter() + BEAT
            await asyncio.sleep(BEAT)
            worst = max(worst, time.perf_counter() - due)

    beating = asyncio.create_task(beat())
    await act()
    beating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await beating
    return worst
