"""The second entry at a terminal of what was typed from a label, while the first is taken out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.commands import Give
from checklist.run.reading import Refusal, read_identifiers
from checklist.trace.again import repeats, to_repeat
from checklist.trace.label import name_of

if TYPE_CHECKING:
    from checklist.line.console import Console
    from checklist.run.commands import Command
    from checklist.run.state import RunState
    from checklist.trace.scan import Scanned


def typed_twice(console: Console, state: RunState, command: Command, read: Scanned | None) -> bool:
    """Whether what was typed is the same once more; True where there is nothing to ask for. `read` is what a scanner
    gave of the same label."""
    step = state.current
    if step is None or step.kind != "scan" or not isinstance(command, Give):
        return True
    value = read_identifiers(step, command.value)
    if isinstance(value, Refusal):
        return True
    kind = to_repeat(state.protocol, step.id, value, read.identifiers if read is not None else {})
    if kind is None:
        return True
    console.cover()
    heard = console.ask(f"Not scanned: the {name_of(kind)} once more, from the label: ")
    return isinstance(heard, str) and repeats(kind, value[kind], heard)
