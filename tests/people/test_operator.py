"""Who may be called what, which roles there are, and what the record says of somebody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.people.operator import (
    FIRST_LEAD_ROLES,
    ROLES,
    Operator,
    added,
    changed,
    check_name,
    check_roles,
    clean_name,
    disabled,
    is_operator_id,
    name_key,
    new_operator_id,
)

ANNA = "u_00000000aa"
COMMITMENT = "a" * 64


def test_an_id_is_a_fresh_pseudonym() -> None:
    ids = {new_operator_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(is_operator_id(one) and len(one) == 12 for one in ids)
    assert not is_operator_id("u_9F31C2D47A")
    assert not is_operator_id("u_9f31c2d47a\n")


def test_the_first_lead_may_do_everything_but_prescribe_and_audit() -> None:
    assert set(ROLES) - FIRST_LEAD_ROLES == {"prescriber", "auditor"}


def test_no_role_implies_another() -> None:
    lead = Operator(ANNA, "Anna", frozenset({"lead"}))
    assert lead.may("lead")
    assert lead.may("release", "lead")
    assert not lead.may("staff")
    assert lead.may()


def test_a_disabled_operator_may_do_nothing() -> None:
    gone = Operator(ANNA, None, FIRST_LEAD_ROLES, disabled=True)
    assert not gone.may("lead")
    assert not gone.may()


@pytest.mark.parametrize("roles", [["staff"], ["staff", "auditor"], ["laser-safety", "x" * 64]])
def test_roles_of_the_clinic_stand_beside_ours(roles: list[str]) -> None:
    assert check_roles(roles) is None


@pytest.mark.parametrize("roles", [[], ["Staff"], ["staff", ""], ["x" * 65], ["laser safety"], ["staff\n"]])
def test_malformed_roles_are_refused(roles: list[str]) -> None:
    assert check_roles(roles) is not None


@pytest.mark.parametrize("name", ["Anna Müller", "O'Brien", "李小龍", "A", "x" * 80, "Schwester 7"])
def test_people_are_called_what_they_are_called(name: str) -> None:
    assert check_name(name) is None
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "needed"),
        ("   ", "needed"),
        ("\u200b\u202e", "needed"),
        ("\u3164\u3164", "needed"),
        ("...", "needed"),
        ("x" * 81, "80"),
        ("u_9f31c2d47a", "id"),
        ("U_9F31C2D47A", "id"),
        ("anna  MÜLLER ", "already"),
        ("Ａｎｎａ Mu\u0308ller", "already"),
        ("Anna\u200b Müller", "already"),
        ("Anna\u3164 Müller", "already"),
    ],
)
def test_a_name_that_would_confuse_is_refused(name: str, why: str) -> None:
    refusal = check_name(name, ["Anna Müller"])
    assert refusal is not None
    assert why in refusal


def test_hostile_text_in_a_name_is_cleaned() -> None:
    assert clean_name("\x1b[2JAnna\u202e \t Mül\u0000ler\n") == "[2JAnna Müller"


@given(st.text(max_size=100))
def test_cleaning_a_name_twice_changes_nothing_and_keeps_its_key(name: str) -> None:
    assert clean_name(clean_name(name)) == clean_name(name)
    assert name_key(clean_name(name)) == name_key(name)


@given(st.text(max_size=100))
def test_a_name_is_taken_by_whoever_has_it(name: str) -> None:
    if check_name(name) is None:
        assert check_name(name.upper().lower(), [name.lower()]) is not None


def test_a_fact_about_an_operator_names_no_name() -> None:
    fact = added(ANNA, ["staff", "lead"], COMMITMENT, actor=None, via="tui")
    assert (fact.kind, fact.actor, fact.via) == ("operator.added", None, "tui")
    assert fact.data == {"operator": ANNA, "roles": ["lead", "staff"], "name": COMMITMENT}
    assert changed(ANNA, roles=["staff"], actor=ANNA, via="tui").data == {
        "operator": ANNA,
        "roles": ["staff"],
    }
    assert disabled(ANNA, actor=ANNA, via="tui").data == {"operator": ANNA}
