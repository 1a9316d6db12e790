"""Checks across steps: what physics says two readings of one cycle must have in common, and counts and labels that must
agree."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from checklist.protocol.header import Check, SameCount, SameIdentifier, SaturatedSteam
from checklist.protocol.model import Step
from checklist.protocol.sameness import key
from checklist.run.events import Value
from checklist.run.state import RunState

KELVIN = 273.15

# The saturation line of water and steam, IAPWS-IF97 region 4 (equation 31): the published coefficients.
_N = (
    0.11670521452767e4,
    -0.72421316703206e6,
    -0.17073846940092e2,
    0.12020824702470e5,
    -0.32325550322333e7,
    0.14915108613530e2,
    -0.48232657361591e4,
    0.40511340542057e6,
    -0.23855557567849,
    0.65017534844798e3,
)
# The line is defined from the triple point to the critical point.
_LOWEST_KPA = 0.611213
_HIGHEST_KPA = 22064.0


def saturation_celsius(pressure_kpa: Decimal) -> float | None:
    """The boiling temperature of water in °C at an absolute pressure in kPa; None outside the line.

    Source: IAPWS-IF97, region 4. It gives the dossier's table (domain.md §1.2: 134 °C at 304 kPa).
    """
    kpa = float(pressure_kpa)
    if not _LOWEST_KPA <= kpa <= _HIGHEST_KPA:
        return None
    n1, n2, n3, n4, n5, n6, n7, n8, n9, n10 = _N
    beta = math.sqrt(math.sqrt(kpa / 1000.0))
    e = beta * beta + n3 * beta + n6
    f = n1 * beta * beta + n4 * beta + n7
    g = n2 * beta * beta + n5 * beta + n8
    d = 2.0 * g / (-f - math.sqrt(f * f - 4.0 * e * g))
    kelvin = (n10 + d - math.sqrt((n10 + d) * (n10 + d) - 4.0 * (n9 + n10 * d))) / 2.0
    return kelvin - KELVIN


def steam_is_saturated(temperature_c: Decimal, pressure_kpa: Decimal, tolerance_k: Decimal) -> bool:
    """Whether a temperature (°C) and an absolute pressure (kPa) can belong to saturated steam.

    False hints at trapped air, a bad sensor, or a gauge pressure entered as absolute (domain.md §1.2).
    """
    boiling = saturation_celsius(pressure_kpa)
    return boiling is not None and abs(float(temperature_c) - boiling) <= float(tolerance_k)


def fits(check: SaturatedSteam, temperature: Decimal, pressure: Decimal) -> bool:
    """Whether these two readings can stand beside each other."""
    return not isinstance(check.tolerance, Decimal) or steam_is_saturated(temperature, pressure, check.tolerance)


def broken_check(state: RunState, step: Step, value: Value) -> Check | None:
    """The check across steps that this value breaks, by what the other steps say; None where it breaks none, or is
    the first that is there."""
    for check in state.protocol.checks:
        if step.id in check.compared:
            others = {each: state.steps[each].value for each in check.compared}
            if _broken(check, list((others | {step.id: value}).values())):
                return check
    return None


def _broken(check: Check, given: Sequence[Value | None]) -> bool:
    """Whether what was given so far at the steps that a check compares cannot stand beside each other."""
    read = [Decimal(each) for each in given if isinstance(each, str)]
    match check:
        case SaturatedSteam():
            return len(read) == len(check.compared) and not fits(check, *read)
        case SameCount():
            return len(set(read)) > 1
        case SameIdentifier():
            named = [each[check.of] for each in given if isinstance(each, Mapping) and check.of in each]
            return len({key(check.of, each.strip()) for each in named}) > 1
