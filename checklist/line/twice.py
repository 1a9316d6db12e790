"""The second entry at a terminal of what was typed from a label, while the first is taken out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.commands import Give
from checklist.run.reading import Refusal, read_identifiers, split_pairs
from checklist.trace.again import DIFFER, repeats, to_repeat, typed_once
from checklist.trace.label import name_of, names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checklist.line.console import Console
    from checklist.run.commands import Command
    from checklist.run.state import RunState
    from checklist.trace.scan import Scanned


def typed_twice(
    console: Console,
    state: RunState,
    command: Command,
    read: Scanned | None,
    left_alone: Callable[[], Refusal | None],
) -> bool:
    """Whether what was typed is the same once more, by somebody who is still there; True where there is nothing to ask
    for, as from a pipe, of which a line is an answer. `read` is what a scanner gave of the same label."""
    step = state.current
    if not console.terminal or step is None or step.kind != "scan" or not isinstance(command, Give):
        return True
    value = read_identifiers(step, command.value)
    if isinstance(value, Refusal):
        if not typed_once(state.protocol, step.id):
            console.cover()  # or what is typed twice later could be read off it
        return True
    kinds = to_repeat(state.protocol, step.id, value, read.identifiers if read is not None else {})
    if not kinds:
        return True
    console.cover()
    console.say(f"Not scanned: type the {names_of(kinds)} once more, from the label.")
    typed: dict[str, str] = {}
    for kind in kinds:
        while kind not in typed:
            heard = console.ask(f"{name_of(kind)}: ")
            if not isinstance(heard, str):
                return False
            if (gone := left_alone()) is not None:
                console.say(gone.message, "What was typed was not taken.")
                return False
            if not heard.strip():
                continue
            console.cover()
            typed.update(_named(kind, heard, value))
            if not repeats(step, value, typed):
                console.say(DIFFER.message)
                return False
    return True


def _named(kind: str, heard: str, first: Mapping[str, str]) -> Mapping[str, str]:
    """What was typed, by kind: what was asked for, or several in one line, as they were typed first."""
    pairs = split_pairs(heard)
    return pairs if pairs and pairs.keys() <= first.keys() else {kind: heard}
