"""The units of measure that a protocol may name, by their UCUM codes, and how people write them.

The table holds what a clinic reads from its devices; it converts nothing. Source of the codes: The Unified
Code for Units of Measure (UCUM), case-sensitive variant.
"""

from difflib import get_close_matches
from typing import Final

UNITS: Final[dict[str, str]] = {
    "Cel": "°C",
    "[degF]": "°F",
    "K": "K",
    "Pa": "Pa",
    "hPa": "hPa",
    "kPa": "kPa",
    "MPa": "MPa",
    "bar": "bar",
    "mbar": "mbar",
    "[psi]": "psi",
    "mm[Hg]": "mmHg",
    "mbar/min": "mbar/min",
    "kPa/min": "kPa/min",
    "Pa/min": "Pa/min",
    "mm[Hg]/min": "mmHg/min",
    "um": "µm",
    "mm": "mm",
    "cm": "cm",
    "m": "m",
    "mm2": "mm²",
    "cm2": "cm²",
    "m2": "m²",
    "uL": "µL",
    "mL": "mL",
    "L": "L",
    "m3": "m³",
    "L/min": "L/min",
    "mL/min": "mL/min",
    "m3/h": "m³/h",
    "/h": "per hour",
    "/min": "per minute",
    "ug": "µg",
    "mg": "mg",
    "g": "g",
    "kg": "kg",
    "mg/L": "mg/L",
    "g/L": "g/L",
    "mg/mL": "mg/mL",
    "mL/L": "mL/L",
    "mg/kg": "mg/kg",
    "mg/g": "mg/g",
    "ug/cm2": "µg/cm²",
    "mmol/L": "mmol/L",
    "[CFU]/mL": "CFU/mL",
    "s": "s",
    "min": "min",
    "h": "h",
    "d": "days",
    "%": "%",
    "[ppm]": "ppm",
    "[pH]": "pH",
    "uS/cm": "µS/cm",
    "mS/cm": "mS/cm",
    "V": "V",
    "W": "W",
    "J": "J",
    "J/cm2": "J/cm²",
    "Hz": "Hz",
    "kHz": "kHz",
    "lx": "lx",
    "nm": "nm",
    "dB": "dB",
    "/min{rpm}": "rpm",
    "1": "",
    "{count}": "",
}

_OFTEN_MEANT: Final = {
    "c": "Cel",
    "°c": "Cel",
    "degc": "Cel",
    "celsius": "Cel",
    "f": "[degF]",
    "°f": "[degF]",
    "degf": "[degF]",
    "fahrenheit": "[degF]",
    "psi": "[psi]",
    "ppm": "[ppm]",
    "ph": "[pH]",
    "mmhg": "mm[Hg]",
    "mmhg/min": "mm[Hg]/min",
    "µs/cm": "uS/cm",
    "µg": "ug",
    "µl": "uL",
    "µm": "um",
    "mcg": "ug",
    "sec": "s",
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "hr": "h",
    "days": "d",
    "percent": "%",
    "count": "{count}",
    "pieces": "{count}",
    "rpm": "/min{rpm}",
    "cm²": "cm2",
    "mm²": "mm2",
    "litre": "L",
    "l": "L",
    "ml": "mL",
}

_IN_WORDS: Final = {"Cel": "degrees Celsius", "[degF]": "degrees Fahrenheit", "{count}": "a count"}


def is_known(code: str) -> bool:
    """Say whether `code` is a unit that a protocol may name."""
    return code in UNITS


def display(code: str) -> str:
    """Return the sign that people read for a UCUM code (`Cel` gives `°C`); a bare count has none."""
    return UNITS.get(code, code)


def advice(code: str) -> str:
    """Say what would be right in place of the unknown unit `code`."""
    meant = _OFTEN_MEANT.get(code.lower().replace("μ", "µ"))
    if meant is not None:
        return f'write "{meant}" for {_IN_WORDS.get(meant, display(meant))}'
    by_lower = {known.lower(): known for known in UNITS}
    near = [by_lower[found] for found in get_close_matches(code.lower(), by_lower, n=3, cutoff=0.5)]
    listed = near or ["Cel", "kPa", "mbar", "mm", "mL", "s", "min", "%", "[ppm]", "{count}"]
    return "write a UCUM code such as " + ", ".join(f'"{unit}"' for unit in listed)
