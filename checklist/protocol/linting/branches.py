"""Which answers a step hangs on: its own `when`, that of the step it waits for, and so on up to the first.

Pure. Needs a whole protocol, in which conditions name earlier steps only.
"""

from collections.abc import Mapping

from checklist.protocol.model import Protocol, Witness


def conditions(protocol: Protocol, index: int) -> Mapping[str, frozenset[str]]:
    """Return the answers that must all have been given for a step to apply, by the step that asks.

    More than one answer of one step can never come true. A second reading hangs on the first one's conditions too.
    """
    wanted: dict[str, frozenset[str]] = {}
    seen = {index}
    waiting = [index]
    while waiting:
        step = protocol.steps[waiting.pop()]
        above = [step.of] if isinstance(step, Witness) else []
        if step.when is not None:
            above.append(step.when.step)
            wanted[step.when.step] = wanted.get(step.when.step, frozenset()) | {step.when.is_}
        places = {protocol.index(name) for name in above} - seen
        seen |= places
        waiting += places
    return wanted


def exclude(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    """Say whether two steps with these conditions never apply in the same run."""
    return any(not wanted & other[asked] for asked, wanted in one.items() if asked in other)
