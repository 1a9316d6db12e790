"""What instruments, labels and patients say in the made-up year, when nobody makes anything up.

Readings scatter as those of real instruments do, and drift from week to week; their last digits fall as they like.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from checklist.clinic.demo.usual import CHOSEN, DRIFTING, MEASURED, ONE_OF, SAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from checklist.clinic.demo.texts import Asked
    from checklist.clinic.demo.world import World
    from checklist.run.events import Value

_RARELY: Final = 0.02
"""How often another passing option than the first is chosen where nothing else is known."""

_LASTS: Final = (18, 70)
"""Days for which a box of anything lasts, at least and at most."""


def saturated_kpa(celsius: float) -> float:
    """The pressure of saturated steam (Antoine's equation, good to a kilopascal about 134 °C)."""
    return 0.133322 * math.exp(18.3036 - 3816.44 / (celsius + 227.03))


class Readings:
    """Asks the made-up world what stands there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def number(self, step: Asked, chance: Random, taken: Mapping[str, Value | None]) -> str:
        """An honest reading that passes, as it is typed."""
        if (same := taken.get(SAME.get(step.id, ""))) is not None and isinstance(same, str):
            return same
        if step.id in ONE_OF:
            return chance.choice(ONE_OF[step.id])
        places = step.places if step.places is not None else 0
        for _ in range(40):
            value = f"{self._drawn(step, chance):.{places}f}"
            if step.verdict(value) == "pass":
                return value
        return f"{self._middle(step):.{places}f}"

    def _drawn(self, step: Asked, chance: Random) -> float:
        known = MEASURED.get(step.id)
        if known is None:
            middle = self._middle(step)
            return chance.gauss(middle, self._width(step) / 9)
        usual, spread = known
        return chance.gauss(usual + (self.drift(step.id) * spread if step.id in DRIFTING else 0.0), spread)

    def steam(self, celsius: float, chance: Random) -> str:
        """The pressure that is read beside a temperature, in kPa."""
        return f"{saturated_kpa(celsius) + chance.gauss(0, 1.1):.0f}"

    @staticmethod
    def otherwise(step: Asked, value: Value | None, chance: Random) -> str | None:
        """What a second person reads who does not read the same; None where there is nothing else to read."""
        if step.kind == "choice":
            others = [one for one, _ in step.options if one != value]
            return chance.choice(others) if others else None
        if not isinstance(value, str):
            return None
        return f"{float(value) + chance.choice((1, 2)) * 10.0 ** -(step.places or 0):.{step.places or 0}f}"

    def drift(self, name: str) -> float:
        """How far a reading lies from its usual by the season and the week, in its own spreads."""
        day = self._world.today.timetuple().tm_yday
        phase = sum(map(ord, name)) % 11
        return 0.7 * math.sin(2 * math.pi * (day + 30 * phase) / 365) + 0.3 * math.sin(2 * math.pi * day / (9 + phase))

    @staticmethod
    def _ends(step: Asked) -> tuple[float | None, float | None]:
        low = [float(one[0]) for one in (step.expected, step.limit) if one[0] is not None]
        high = [float(one[1]) for one in (step.expected, step.limit) if one[1] is not None]
        return max(low, default=None), min(high, default=None)

    def _middle(self, step: Asked) -> float:
        low, high = self._ends(step)
        if low is not None and high is not None:
            return (low + high) / 2
        return low * 1.15 + 1 if low is not None else (high or 0.0) * 0.6

    def _width(self, step: Asked) -> float:
        low, high = self._ends(step)
        return high - low if low is not None and high is not None else abs(low or high or 1.0) * 0.4

    def beyond(self, step: Asked, chance: Random, verdict: str) -> str | None:
        """A reading with this verdict, just outside the range; None where there is none."""
        low, high = self._ends(step)
        finest = 10.0 ** -(step.places or 0)
        for _ in range(12):
            for end, way in ((high, 1), (low, -1)):
                if end is None:
                    continue
                off = finest * chance.randint(1, 9) + abs(end) * chance.uniform(0, 0.02)
                value = f"{end + way * off:.{step.places or 0}f}"
                if step.verdict(value) == verdict and not value.startswith("-"):
                    return value
        return None

    def option(self, step: Asked, chance: Random) -> str:
        """An option that passes: what is usual, or rarely another one."""
        passing = step.passing
        known = {value: weight for value, weight in CHOSEN.get(step.id, {}).items() if value in passing}
        if known:
            return chance.choices([*known], [*known.values()])[0]
        if len(passing) > 1 and chance.random() < _RARELY and "begun" not in passing[-1]:
            return chance.choice([one for one in passing[1:] if "begun" not in one] or passing[:1])
        return passing[0]

    def label(self, protocol: str, step: Asked, chance: Random) -> dict[str, str]:
        """What stands on the box that is open now; one lasts for some weeks."""
        today = self._world.today
        name = SAME.get(step.id, step.id)
        key = f"{protocol}/{name}" if name not in ("product", "antiseptic", "disinfectant-stock") else name
        lot, expiry, until = self._world.lots.get(key, ("", "", 0))
        if today.toordinal() >= until:
            letters = "".join(chance.choice("ABCDEFGHKLMNPRSTUVWX") for _ in range(2))
            lot = f"{letters}{chance.randint(1000, 99999)}"
            expiry = (today + timedelta(days=chance.randint(150, 700))).isoformat()
            until = today.toordinal() + chance.randint(*_LASTS)
            self._world.lots[key] = (lot, expiry, until)
        number = sum(ord(sign) * (place + 7) for place, sign in enumerate(key)) % 100_000
        told = {"lot": lot, "expiry": expiry, "gtin": _gtin(number), "serial": f"SN-{number:05d}"}
        return {kind: told[kind] for kind in step.captures if kind in told}


def _gtin(number: int) -> str:
    digits = f"0950600{number:06d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"
