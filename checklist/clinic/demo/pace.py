"""How long people take for a step: log-normal about what is usual for that step and that person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.demo.chance import source

if TYPE_CHECKING:
    from random import Random

    from checklist.clinic.demo.texts import Asked

_BY_KIND: Final = {
    "confirm": 7.0, "choice": 6.0, "measure": 10.0, "timer": 4.0, "scan": 8.0, "assign": 3.0, "text": 16.0,
    "attach": 18.0, "sign": 14.0, "witness": 24.0,
}  # fmt: skip
_LONG: Final = {
    "cycle-end": 2340.0, "test-end": 1260.0, "warm-up": 840.0, "cool": 30.0, "sheet-cool": 420.0, "cycle": 2300.0,
    "call": 150.0, "review": 300.0, "late-check": 300.0, "procedure-done": 900.0, "cleanse": 45.0, "inspect": 70.0,
    "inspect-soil": 45.0, "brush": 180.0, "lumens": 60.0, "bath-lid": 320.0, "rinse": 60.0, "dry": 120.0, "pack": 240.0,
    "arrange": 75.0, "moments": 700.0, "draw": 200.0, "balance": 60.0, "minutes": 420.0, "explain": 160.0,
    "consent-read": 120.0, "apply": 50.0, "wash": 60.0, "bath-minutes": 40.0, "washer-end": 2600.0,
}  # fmt: skip
_SPREAD: Final = 0.4
"""Of the logarithm, for one person at one step."""
_CREDIBLE: Final = 1.25
"""No honest person is faster than this times the least credible time."""


class Pace:
    """What is usual for each step: the same for everybody, and in every year."""

    def __init__(self) -> None:
        self._usual: dict[tuple[str, str], float] = {}

    def usual(self, protocol: str, step: Asked) -> float:
        """The median of a step in seconds, for somebody of middling pace."""
        known = self._usual.get((protocol, step.id))
        if known is None:
            known = _LONG.get(step.id) or _BY_KIND[step.kind] * source(protocol, step.id).lognormvariate(0, 0.3)
            self._usual[protocol, step.id] = known
        return known

    def taken(self, protocol: str, step: Asked, pace: float, chance: Random) -> float:
        """How long this person takes this time, in seconds; the time that a timer runs is not in it."""
        usual = self.usual(protocol, step)
        spread = _SPREAD if usual < 200 else 0.08  # what machines do varies little
        taken = max(usual * (pace if usual < 200 else 1.0) * chance.lognormvariate(0, spread), 1.6)
        if step.kind != "timer" and step.least:
            taken = max(taken, step.least * _CREDIBLE + chance.expovariate(0.3))
        return taken
