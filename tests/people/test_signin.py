"""The record says who signed in and how, and nothing in the name of somebody who did not."""

from checklist.people.signin import (
    NOBODY,
    RECOVERY,
    SECRET,
    SECRET_FILE,
    badge_given,
    badge_taken,
    failed,
    locked,
    secret_changed,
    secret_reset,
    secret_reset_by_code,
    signed_in,
    signed_out,
    unlocked,
)

ANNA, BERTA, CARLA = "u_00000000aa", "u_00000000bb", "u_00000000cc"


def test_a_sign_in_says_by_which_factors() -> None:
    fact = signed_in(ANNA, [SECRET], via="tui")
    assert (fact.kind, fact.actor, fact.via, fact.data) == ("signed-in", ANNA, "tui", {"factors": ["secret"]})
    assert signed_in(ANNA, {SECRET_FILE}, via="pipe").data == {"factors": ["secret-file"]}


def test_a_sign_out_belongs_to_the_operator() -> None:
    fact = signed_out(ANNA, via="line")
    assert (fact.kind, fact.actor, fact.data) == ("signed-out", ANNA, {})


def test_a_wrong_secret_is_recorded_in_nobodys_name() -> None:
    about = failed(ANNA, via="tui")
    assert (about.kind, about.actor, about.data) == ("sign-in.failed", None, {"operator": ANNA})
    assert failed(NOBODY, via="tui").data == {}
    assert failed(RECOVERY, via="tui").data == {"recovery": True}


def test_a_lock_is_nobodys_act_and_its_end_a_leads() -> None:
    assert locked(ANNA, None, via="tui").data == {"operator": ANNA, "minutes": None}
    assert locked(RECOVERY, 15, via="tui").data == {"recovery": True, "minutes": 15}
    assert locked(ANNA, 5, via="tui", misses=10).data == {"operator": ANNA, "minutes": 5, "misses": 10}
    assert locked(ANNA, 1, via="tui").actor is None
    ended = unlocked(ANNA, actor=BERTA, via="tui")
    assert (ended.kind, ended.actor, ended.data) == ("sign-in.unlocked", BERTA, {"operator": ANNA})
    own = unlocked(ANNA, actor=ANNA, via="tui", recovery=True)
    assert own.data == {"operator": ANNA, "recovery": True}


def test_who_gave_a_secret_or_a_badge_is_recorded_and_neither_is() -> None:
    own = secret_changed(ANNA, via="tui")
    assert (own.kind, own.actor, own.data) == ("operator.changed", ANNA, {"operator": ANNA, "secret": "changed"})
    two = secret_reset(ANNA, CARLA, ["secret", "badge"], actor=BERTA, via="tui")
    by_two = {"operator": ANNA, "secret": "reset", "witness": CARLA, "factors": ["badge", "secret"]}
    assert (two.actor, two.data) == (BERTA, by_two)
    one = secret_reset_by_code(ANNA, actor=BERTA, via="tui")
    assert (one.actor, one.data) == (BERTA, {"operator": ANNA, "secret": "reset", "recovery": True})
    given, taken = badge_given(ANNA, actor=BERTA, via="tui"), badge_taken(ANNA, actor=BERTA, via="tui")
    assert [fact.data["badge"] for fact in (given, taken)] == ["given", "taken"]
