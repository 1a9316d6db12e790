"""The record says who signed in and how, and nothing in the name of somebody who did not."""

from checklist.people.signin import SECRET, SECRET_FILE, failed, signed_in, signed_out

ANNA = "u_00000000aa"


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
    assert failed(None, via="tui").data == {}
