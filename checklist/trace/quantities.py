"""What a steriliser's numbers are in degrees Celsius and in kilopascal counted from vacuum.

Nothing becomes finer than it was printed: a factor of ten moves the point, any other conversion is rounded to a tenth.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

SEA_LEVEL: Final = Decimal("101.325")
"""Air pressure in kPa where nobody says otherwise."""

_TENTH: Final = Decimal("0.1")
_POWERS: Final = {"Pa": -3, "hPa": -1, "mbar": -1, "kPa": 0, "bar": 2, "MPa": 3}
_FACTORS: Final = {"[psi]": Decimal("6.894757293"), "mm[Hg]": Decimal("0.133322387")}


def number(text: str) -> Decimal:
    """A printed number; comma and point both mark the decimals."""
    return Decimal(text.replace(",", "."))


def celsius(printed: Decimal, unit: str) -> Decimal:
    """A temperature in °C."""
    if unit == "Cel":
        return printed
    exact = printed - Decimal("273.15") if unit == "K" else (printed - 32) * 5 / 9
    return exact.quantize(_TENTH, ROUND_HALF_EVEN)


def kilopascal(printed: Decimal, unit: str, *, above: Decimal | None = None) -> Decimal:
    """A pressure in kPa counted from vacuum; `above` is the air pressure (kPa) that a gauge counts from."""
    power = _POWERS.get(unit)
    exact = printed * _FACTORS[unit] if power is None else _moved(printed, power)
    if above is None:
        return exact if power is not None else exact.quantize(_TENTH, ROUND_HALF_EVEN)
    return (exact + above).quantize(_TENTH, ROUND_HALF_EVEN)


def _moved(printed: Decimal, power: int) -> Decimal:
    moved = printed.scaleb(power)
    return moved.quantize(Decimal(1)) if isinstance((e := moved.as_tuple().exponent), int) and e > 0 else moved
