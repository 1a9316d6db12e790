"""What was done with something that is recalled or quarantined by now proves nothing."""

from __future__ import annotations

from typing import Literal

import pytest

from checklist.gate.clearance import Begin
from checklist.gate.facts import Damaged, SetApart
from checklist.gate.items import ANOTHER
from tests.support.gating import ROOM, Gate, ago


def wiped(
    state: Literal["recalled", "quarantined", "unknown"] = "recalled", through: str = "", *label: str
) -> SetApart:
    return SetApart("lot", "A1", state, through, frozenset({"lot", *label}))


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (wiped(), "The room turnover used lot A1, which is recalled."),
        (wiped("quarantined"), "The room turnover used lot A1, which is quarantined."),
        (wiped("recalled", "load S1-7"), "The room turnover used lot A1, whose load S1-7 is recalled."),
    ],
)
def test_what_was_done_with_what_is_set_apart_is_not_proved(gate: Gate, spoiled: SetApart, why: str) -> None:
    judged = gate.changed_run("room-turnover", apart=(spoiled,)).judged("room")
    assert (judged.met, judged.why, judged.evidence) == (False, why, ("a#30",))
    assert judged.fix == "Walk “Make the treatment room ready for the next patient” again, with another lot."
    assert judged.start == Begin("room-turnover", ROOM)


def test_whether_what_was_used_is_set_apart_must_be_known(gate: Gate) -> None:
    lost = gate.changed_run("room-turnover", apart=Damaged("The record is damaged."))
    assert lost.decision == "UNKNOWN"
    assert lost.judged("room").why == "What the room turnover used cannot be looked up. The record is damaged."
    unclear = gate.changed_run("room-turnover", apart=(wiped("unknown"),))
    assert unclear.decision == "UNKNOWN"
    assert unclear.judged("room").why == "The room turnover used lot A1; whether that may be used is not on record."
    assert gate.changed_run("room-turnover", apart=(wiped("unknown"), wiped())).decision == "NO-GO"
    assert gate.changed_run("room-turnover", apart=Damaged(), ended=ago(300)).decision == "NO-GO", "it is too old"


def test_a_machine_that_was_tested_with_what_is_recalled_was_not_tested(gate: Gate) -> None:
    judged = gate.changed_run("steriliser-daily", apart=(wiped(),)).judged("steriliser-test")
    assert judged.met is False
    assert judged.why.endswith("used lot A1, which is recalled.")
    assert judged.fix.startswith("Do not use load")


def test_what_this_visit_used_is_told_where_the_procedure_asks_for_it(gate: Gate) -> None:
    """Its lots are asked for, with all that stands on their labels; its batches are not."""
    assert gate.changed_run("microneedling-setup", apart=(wiped(),)).decision == "GO"
    product = SetApart("gtin", "0950", "recalled", "", frozenset({"gtin", "lot"}))
    assert gate.changed_run("microneedling-setup", apart=(product,)).decision == "GO"
    mixed = SetApart("batch", "B1", "recalled", "", frozenset({"batch"}))
    judged = gate.changed_run("microneedling-setup", apart=(mixed,)).judged("set-up")
    assert (judged.met, judged.spoiled, judged.start) == (False, True, None)
    assert judged.fix == ANOTHER, "walked again it would still be used in this visit"


def test_a_visit_that_is_over_has_used_what_it_has_used(gate: Gate) -> None:
    closing = gate.changed_run("microneedling-signout", apart=(wiped(),)).asking(stage="close")
    assert closing.decision == "GO"
