"""Units are UCUM codes; people see the usual sign."""

import pytest

from checklist.protocol.units import UNITS, advice, display, is_known


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("Cel", "°C"),
        ("[degF]", "°F"),
        ("uS/cm", "µS/cm"),
        ("mm[Hg]/min", "mmHg/min"),
        ("[ppm]", "ppm"),
        ("{count}", ""),
    ],
)
def test_each_code_has_the_sign_that_people_read(code: str, sign: str) -> None:
    assert is_known(code)
    assert display(code) == sign


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("C", '"Cel" for degrees Celsius'), ("°C", '"Cel"'), ("ppm", '"[ppm]"'), ("KPa", '"kPa"'), ("ml", '"mL"')],
)
def test_an_unknown_unit_is_answered_with_the_one_that_was_meant(wrong: str, right: str) -> None:
    assert not is_known(wrong)
    assert right in advice(wrong)


def test_a_unit_that_resembles_nothing_is_answered_with_the_common_ones() -> None:
    assert '"Cel"' in advice("furlong-ish-thing-xyz")


@pytest.mark.parametrize("code", sorted(UNITS))
def test_no_sign_is_lost_by_cleaning(code: str) -> None:
    from tests.support.text import is_clean

    assert is_clean(display(code))
