"""A visit is known by a number: a name or a birth date is refused, and the reason is said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.people.reference import unfit_reference

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    [
        "P-10293", "4711", "booking 17", "Karte 77", "CL-AB-10293", "2031031002", "10293847", "17", "card 3/12",
        "P-48213", "V2026-0113", "VISIT2026-17", "A1B2C3", "102934", "Mar-17", "12 AB 75",
        "2026-11-22-03", "22.11.2026 7", "26-11-22", "20261122-0815",
    ],
)  # fmt: skip
def test_a_number_may_stand_for_a_visit(text: str) -> None:
    assert unfit_reference(text, TODAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "Maria Keller",
        "Keller, M",
        "keller",
        "Anna-Maria O'Neil",
        "Maria Keller 17",
        "Keller, M. 4711",
        "Łucja Żak",
        "K3ller Anna",
        "AKeller2",
        "Müller1975",
        "Anna_Keller_2",
        "x",
    ],
)
def test_a_name_may_not(text: str) -> None:
    why = unfit_reference(text, TODAY)
    assert why is not None
    assert why.startswith("That looks like a name")
    assert text not in why


@pytest.mark.parametrize(
    "text",
    ["1987-03-12", "12.03.1987", "12/03/87", "3/12/1987", "87-03-12", "19870312", "12031987", "P 12 03 1987",
     "P-1987-03-12", "2025-12-31", "120375", "750312", "Mar 12 1975", "12 March 75", "12mar1975", "12. März 1975",
     "1975-Mar-12", "12|03|1975", "12_03_1975", "P12_03_1975"],
)  # fmt: skip
def test_a_date_of_birth_may_not(text: str) -> None:
    why = unfit_reference(text, TODAY)
    assert why is not None
    assert why.startswith("That looks like a date of birth")
    assert text not in why


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 31)),
    st.sampled_from(
        ["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%d|%m|%Y", "%d_%m_%Y", "%d %B %Y", "%b %d %Y", "%d%b%Y", "P-%d, %m, %Y"]
    ),
)
def test_no_way_to_write_a_date_of_birth_gets_through(born: date, form: str) -> None:
    assert unfit_reference(born.strftime(form), TODAY)


@given(st.from_regex(r"([A-Z]{1,3}-)?[1-9][0-9]{3,4}|V20(2[6-9]|[3-9][0-9])-[0-9]{4}", fullmatch=True))
def test_a_plain_number_always_gets_through(text: str) -> None:
    assert unfit_reference(text, TODAY) is None


@given(st.text(alphabet=st.characters(categories=["L", "Zs"]), max_size=40))
def test_what_has_no_digit_never_gets_through(text: str) -> None:
    assert unfit_reference(text, TODAY)
