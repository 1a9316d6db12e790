"""What follows from another run: the protocol that a failure asks for, and the steps that were put off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.marks import Outcome

if TYPE_CHECKING:
    from checklist.clinic.plan.waiting import FollowUp
    from checklist.tui.app import Desk


async def start_follow_up(desk: Desk, one: FollowUp) -> None:
    """Start the protocol that a failure asks for, about what failed where it can be about that."""
    from checklist.tui.starting import start_run

    await start_run(desk, one.protocol, one.subject, visit=one.session)


async def take_up_run(desk: Desk, run: str) -> None:
    """Show a run, and take up what was put off in it."""
    from checklist.tui.walker.acts import take_up

    await desk.walk(run)
    walker = desk.walker
    if walker is None or walker.page is None:
        return
    if walker.page.state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED:
        await take_up(walker)
