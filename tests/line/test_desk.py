"""Who stands at a line, and how everybody proves who they are: wrong, locked, disabled, the same person twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.service import SignedIn
from checklist.line.desk import Credentials, SignInError, attended, sign_in
from checklist.line.notices import notices
from checklist.people.operator import Operator
from checklist.run import rights
from checklist.run.commands import Resume
from checklist.run.events import Kind
from checklist.run.marks import Outcome, Status
from checklist.run.rights import RIGHTS, Act
from tests.line.conftest import SECOND, SECRET, THIRD

if TYPE_CHECKING:
    from checklist.ledger.entry import Entry
    from tests.line.conftest import Line, Somebody

BADGE, PIN = "BADGE-0042", "275831"


def entries(line: Line, kind: str) -> list[Entry]:
    return line.clinic.ledger.entries_of_kind(kind)


def give_a_badge(line: Line, pin: str | None = None) -> None:
    """Bo gets a badge, and then a PIN in the place of the passphrase."""
    assert line.clinic.staff.give_badge(line.bo.id, BADGE, line.ada, "line") is None
    if pin is not None:
        assert line.clinic.staff.change_secret(line.bo, SECOND, pin, "line") is None


# -- signing in ---------------------------------------------------------------------------------------------


def test_a_badge_says_who_and_is_never_shown(line: Line, somebody: Somebody) -> None:
    give_a_badge(line, PIN)
    person = somebody([("Name or badge: ", BADGE), ("Your secret: ", PIN)], None)
    found = sign_in(line.clinic, person.console, Credentials(), "line")
    assert (found.id, found.person.factors) == (line.bo.id, ("badge", "secret"))
    assert "Name or badge: (hidden)" in person.text
    assert "Signed in: Bo." in person.text
    assert BADGE not in person.text
    assert entries(line, "signed-in")[-1].data["factors"] == ["badge", "secret"]


def test_a_pin_without_its_badge_is_refused_in_words(line: Line, somebody: Somebody) -> None:
    give_a_badge(line, PIN)
    person = somebody([("Name or badge: ", "Bo"), ("Your secret: ", PIN), ("Name or badge: ", "")], None)
    with pytest.raises(SignInError):
        sign_in(line.clinic, person.console, Credentials(), "line")
    assert "badge" in person.text.partition("Your secret: ")[2].partition("Name or badge")[0]


def test_five_misses_lock_and_the_line_says_until_when(line: Line) -> None:
    wrong, right = Credentials("Bo", "wrong one here"), Credentials("Bo", SECOND)
    run = line.begin("every-kind").run
    typed = "\n135\nturned\n" + "turned\n" * 6
    line.walk(run, typed, second=wrong)
    assert line.text.count("do not belong together") == 5
    line.walk(run, "turned\n", second=right)
    assert "locked until" in line.text
    assert line.clinic.run(run).steps["second-reader"].status is Status.PENDING
    assert "Bo" in "\n".join(notices(line.clinic, line.ada))
    assert notices(line.clinic, line.bo) == []
    assert line.clinic.staff.unlock(line.bo.id, line.ada, "line") is None
    assert line.walk(run, "turned\n", second=right).steps["second-reader"].status is Status.DONE


def test_who_was_disabled_is_told_so_with_the_right_secret_only(line: Line) -> None:
    assert isinstance(line.clinic.personnel.disable(line.bo.id, line.ada, "line"), Operator)
    run = line.begin("every-kind").run
    line.walk(run, "\n135\nturned\nturned\n", second=Credentials("Bo", SECOND))
    assert "may do nothing here any more" in line.text
    line.walk(run, "turned\n", second=Credentials("Bo", "wrong one here"))
    assert "do not belong together" in line.text


# -- signing ------------------------------------------------------------------------------------------------


def test_the_first_signature_asks_for_both_and_so_does_the_first_after_a_line_was_left_alone(
    line: Line, somebody: Somebody
) -> None:
    both = [("Who signs, name or badge: ", "Ada"), ("Their secret: ", SECRET)]
    person = somebody([
        ("> ", "performed"), *both, ("> ", "reviewed"), ("Secret of Ada: ", SECRET),
        ("> ", "+300"), ("left alone", SECRET), ("> ", "approved"), *both,
    ])  # fmt: skip
    state = person.walk(line.begin("twice").run)
    assert state.outcome is Outcome.COMPLETE
    assert person.answers == []
    signed = [entry for entry in line.clinic.run_entries(state.run) if entry.kind == Kind.SIGNED]
    assert [entry.data["factors"] for entry in signed] == [["secret"]] * 3


def test_a_signature_with_a_badge_says_so_in_the_record(line: Line, somebody: Somebody) -> None:
    give_a_badge(line)
    person = somebody([("> ", "performed"), ("Who signs, ", BADGE), ("Their secret: ", SECOND), ("> ", "/pause")])
    state = person.walk(line.begin("twice").run)
    signed = state.steps["first"].signed
    assert signed is not None
    assert (signed.by, signed.factors) == (line.bo.id, ("badge", "secret"))
    assert BADGE not in person.text


def test_who_did_a_step_lets_somebody_else_sign_where_the_protocol_asks_for_another(
    line: Line, somebody: Somebody
) -> None:
    def signs(name: str, secret: str) -> list[tuple[str, str]]:
        return [("> ", "released"), ("Who signs, name or badge: ", name), ("Their secret: ", secret)]

    person = somebody([("> ", ""), *signs("Ada", SECRET), *signs("Bo", SECOND)])
    state = person.walk(line.begin("parted").run)
    assert "must have done no step of this run" in person.text
    assert (state.outcome, state.steps["release"].by) == (Outcome.COMPLETE, line.bo.id)


def test_the_same_person_twice_is_refused(line: Line, somebody: Somebody) -> None:
    run = line.begin("every-kind").run
    line.walk(run, "\n135\nturned\nturned\n", second=Credentials("Ada", SECRET))
    assert "must be somebody else" in line.text
    person = somebody([("> ", "turned"), ("Second person's name", "ada"), ("Their secret: ", SECRET), ("> ", "/pause")])
    line.clinic.do(run, Resume(), line.ada, "line")
    assert person.walk(run).steps["second-reader"].status is Status.PENDING
    assert "must be somebody else" in person.text


# -- credentials --------------------------------------------------------------------------------------------


def test_a_credential_that_is_lacking_or_has_ended_stops_the_step(line: Line) -> None:
    run = line.begin("licensed").run
    line.walk(run, "\n")
    assert "It needs the credential: microneedling." in line.text
    assert "ask somebody who holds it, or a lead to grant it." in line.text
    clock = line.clinic._clock
    today = clock().at[:10]
    line.clinic.personnel.grant(line.ada.id, "microneedling", "2099-12-31", {}, line.ada, "line")
    line.clinic._clock = lambda: replace(clock(), at=f"2100-01-02{clock().at[10:]}")
    assert line.walk(run, "\n").steps["needle"].status is Status.PENDING
    assert "which ended on 2099-12-31; ask a lead to renew it." in line.text
    assert "EXPIRED on 2099-12-31" in "\n".join(notices(line.clinic, line.ada))
    line.clinic._clock = clock
    assert today < "2099"
    assert line.walk(run, "\n").outcome is Outcome.COMPLETE


# -- an emergency -------------------------------------------------------------------------------------------


def test_an_emergency_is_walked_by_nobody_and_attributed_by_hand_afterwards(line: Line) -> None:
    run = line.begin_unsigned("siren").run
    state = line.walk(
        run, "\n/override no door\n/attribute\n\nagree\n", unsigned=True, second=Credentials("Bo", SECOND)
    )
    assert state.outcome is Outcome.COMPLETE
    assert "NOT SIGNED IN" in line.text
    assert "sign in, and resume the run first" in line.text
    assert "checklist attribute RUN --as OPERATOR --secret-file FILE" in line.text
    assert f"Whoever did it: checklist attribute {run}" in line.text
    assert {entry.actor for entry in line.clinic.run_entries(run)} == {None, line.bo.id}
    assert entries(line, "signed-out") == []


def test_who_attributes_an_open_run_is_signed_in_and_goes_on_with_it(line: Line, somebody: Somebody) -> None:
    run = line.begin_unsigned("siren").run
    person = somebody(
        [
            ("> ", ""),
            ("> ", "/attribute"),
            ("Who did this", "ada"),
            ("Your secret: ", SECRET),
            ("> ", ""),
            ("> ", "/pause"),
        ],
        None,
    )
    state = person.walk(run)
    assert (state.attributed, state.holder, state.steps["door"].by) == (line.ada.id, line.ada.id, line.ada.id)
    assert state.steps["call"].by is None
    assert "Saved: your name stands for what was done" in person.text
    assert [entry.actor for entry in (*entries(line, "signed-in"), *entries(line, "signed-out"))] == [line.ada.id] * 2
    assert line.walk(run, "/attribute\nagree\n").outcome is Outcome.COMPLETE
    assert "that is said once" in line.text


def test_who_may_not_stand_for_a_run_does_not_stay_signed_in(line: Line, somebody: Somebody) -> None:
    run = line.begin_unsigned("siren").run
    person = somebody(
        [("> ", "/attribute"), ("Who did this", "Cy"), ("Your secret: ", THIRD), ("> ", "/pause")],
        None,
    )
    state = person.walk(run)
    assert (state.attributed, state.paused) == (None, True)
    assert RIGHTS[Act.ATTRIBUTE].refused in person.text
    assert len(entries(line, "signed-out")) == 1


def test_nobody_else_than_an_emergency_may_be_unsigned(line: Line, somebody: Somebody) -> None:
    person = somebody([("Name or badge: ", "")], None)
    with (
        pytest.raises(SignInError),
        attended(line.clinic, person.console, Credentials(), Credentials(), "line", unsigned=False),
    ):
        raise AssertionError
    assert entries(line, "signed-in") == []


# -- overrides ----------------------------------------------------------------------------------------------


def test_an_override_is_seen_at_every_step_of_its_visit(line: Line) -> None:
    visit = line.clinic.session("new", line.ada, "line")
    assert isinstance(visit, str)
    first, later = line.begin("short", session=visit).run, line.begin("acts", session=visit).run
    line.walk(first, "/override clinical-decision: urgent\n5\n")
    mark = f"/O\\ Overridden: one in “Short” ({first}), by Ada with Bo, "
    assert line.text.count(mark) == 2
    line.walk(later, "\n\n\n")
    assert line.text.count(mark) == 4  # three steps, and the end
    line.walk(line.begin("acts").run, "\n\n\n")
    assert "Overridden" not in line.text


# -- rights -------------------------------------------------------------------------------------------------

ROLES = ("staff", "reprocessing", "release", "prescriber", "lead", "auditor", "porter")


def somebody_with(line: Line, role: str) -> SignedIn:
    """Somebody new with this one role."""
    assert isinstance(line.clinic.personnel.add("Dee", [role], "nine blind hens", line.ada, "line"), Operator)
    found = line.clinic.staff.prove("Dee", "nine blind hens", "line")
    assert isinstance(found, SignedIn)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_signs_and_witnesses_and_vouches_as_the_table_says(line: Line, somebody: Somebody, role: str) -> None:
    dee = somebody_with(line, role)
    their = Credentials("Dee", "nine blind hens")
    run = line.begin("every-kind").run
    line.walk(run, "\n135\nturned\nturned\n", second=their)
    assert (RIGHTS[Act.WITNESS].refused not in line.text) is rights.may(Act.WITNESS, {role})
    state = line.walk(line.begin("short", line.bo).run, "/override urgent\n", who=line.bo, own=their, second=their)
    assert (state.steps["one"].status is Status.OVERRIDDEN) is rights.may(Act.VOUCH, {role})
    person = somebody([("> ", "performed"), ("Who signs, ", "Dee"), ("Their secret: ", their.secret), ("> ", "/pause")])
    signed = person.walk(line.begin("twice").run).steps["first"].signed
    assert (signed is not None and signed.by == dee.id) is rights.may(Act.SIGN, {role})
    assert (RIGHTS[Act.SIGN].refused not in person.text) is rights.may(Act.SIGN, {role})
