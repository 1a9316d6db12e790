"""How long something took, as every face says it to who reads the record.

Cut, never rounded up: what took 59.96 s did not take the minute that was asked for. A time that is still counted down
is another matter (`tui.say`).
"""

from __future__ import annotations

from typing import Final

_TENTHS: Final = 600


def lasted(seconds: float) -> str:
    """To a tenth of a second below a minute, from then on in whole seconds: 5.1 s, 3 min 30 s, 2 h."""
    tenths = int(seconds * 10 + 1e-6)
    if tenths < _TENTHS:
        whole, rest = divmod(tenths, 10)
        return f"{whole}.{rest} s" if rest else f"{whole} s"
    minutes, left = divmod(tenths // 10, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
