"""The shortest honest time of a protocol, at a glance: no run that ends complete as written is quicker.

A lower bound, and a cheap one: the times of the steps that always apply, and of every choice the answer that passes
with the least time behind it. A time that only a profile knows counts as none. How long the quickest path really takes
is for the simulation to find. Knows nothing of runs.
"""

from collections import Counter
from typing import Final

from checklist.protocol.model import Protocol
from checklist.protocol.steps import Choice
from checklist.protocol.values import Duration

_UNITS: Final = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def minimum_seconds(protocol: Protocol) -> int:
    """Return the seconds that whoever does every step as written needs at least; 0 where no step says a time."""
    whole = 0
    behind: Counter[tuple[str, str]] = Counter()
    """The time of the steps that wait for an answer, by the step and its answer."""
    for step in reversed(protocol.steps):  # `when` names an earlier step: what follows from an answer is known by then
        time = step.at_least.seconds if isinstance(step.at_least, Duration) else 0
        if isinstance(step, Choice):
            time += min(behind[step.id, option.value] for option in step.options if option.verdict == "pass")
        if step.when is None:
            whole += time
        else:
            behind[step.when.step, step.when.is_] += time
    return whole


def at_least_words(seconds: int) -> str:
    """Return it as people say it, such as `at least 4 min` or `at least 1 h 30 min`; rounded down, so that it stays
    true. Below an hour nobody needs the seconds beside the minutes."""
    for place, (unit, size) in enumerate(_UNITS):
        if seconds < size:
            continue
        whole, rest = divmod(seconds, size)
        smaller, smaller_size = _UNITS[min(place + 1, len(_UNITS) - 1)]
        more = rest // smaller_size if size > _UNITS[2][1] else 0
        return f"at least {whole} {unit}" + (f" {more} {smaller}" if more else "")
    return "no least time is stated"
