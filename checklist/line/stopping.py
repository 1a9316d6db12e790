"""Whether an answer that has not been recorded yet would stop the run. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.commands import Give
from checklist.run.events import Author, Kind
from checklist.run.reading import Refusal
from checklist.run.walk import decide

if TYPE_CHECKING:
    from checklist.clinic.service import SignedIn
    from checklist.ledger.entry import Moment
    from checklist.run.commands import Command
    from checklist.run.state import RunState


def stops_by(state: RunState, command: Command, who: SignedIn | None, now: Moment) -> bool:
    """Whether this answer fails a step that ends the run then. What a file says is not known before it is read."""
    step = state.current
    if not isinstance(command, Give) or step is None or step.kind in {"text", "attach"}:
        return False
    author = Author(None, frozenset(), "")
    if who is not None:
        author = Author(who.id, who.person.roles, "", who.person.credentials)
    drafts = decide(state, command, author, now)
    return not isinstance(drafts, Refusal) and any(draft.kind == Kind.STEP_FAILED for draft in drafts)
