"""Whoever performs the procedure must be allowed to, today, and as deep as is planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from checklist.gate.decide import performer_of
from checklist.gate.facts import Credential, Damaged, Step
from tests.support.gating import OTHER, Gate, ago, moment, shipped_procedure


def holding(gate: Gate, *held: Credential, who: str = "u_ana") -> Gate:
    return gate.telling(credentials={who: held})


def test_a_signature_that_is_asked_for_again_names_nobody(gate: Gate) -> None:
    open_again = Step("declared", "pending", None, ago(20), "u_ana", signed=True)
    assert gate.changed_run("microneedling-setup", steps=(open_again,)).judged("performer").met is False


def test_whoever_signed_the_set_up_performs(gate: Gate) -> None:
    assert performer_of(gate.procedure, gate.asked, gate.facts, moment()) == "u_ana"
    assert gate.clear().performer == "u_ana"


def test_whoever_is_named_performs_instead(gate: Gate) -> None:
    assert gate.asking(performer="u_ben").decision == "UNKNOWN"
    held = Credential("microneedling", "a#6", None, {"max_depth_mm": "2.5"})
    assert holding(gate.asking(performer="u_ben"), held, who="u_ben").decision == "GO"


def test_without_a_signature_nobody_performs(gate: Gate) -> None:
    judged = gate.changed_run("microneedling-setup", steps=()).judged("performer")
    assert (judged.met, judged.why) == (
        False,
        "Nobody has signed for performing it; whoever does must hold “microneedling”.",
    )


def test_a_signature_in_another_visit_is_nobodys(gate: Gate) -> None:
    assert gate.changed_run("microneedling-setup", session=OTHER).clear().performer is None


def test_a_prescriber_who_approves_does_not_perform(gate: Gate) -> None:
    """The list for surgery has no signature of the surgeon before it begins: they must be named."""
    surgery = replace(gate, procedure=shipped_procedure("minor-surgery").procedure)
    step = Step("blood-thinner-decision", "done", "approved", ago(9), "u_dr", signed=True)
    run = replace(gate.run("microneedling-setup"), steps=(step,))
    assert surgery.with_run("minor-surgery-prep", run).clear().performer is None


@pytest.mark.parametrize(
    ("held", "met", "why"),
    [
        (Credential("laser", "a#5"), False, "The performer does not hold the credential “microneedling”."),
        (
            Credential("microneedling", "a#5", date(2026, 11, 21), {"max_depth_mm": "2"}),
            False,
            "The performer's credential “microneedling” ended on 21 Nov.",
        ),
        (
            Credential("microneedling", "a#5", None, {"max_depth_mm": "0.5"}),
            False,
            "The performer's credential gives a maximum depth of 0.5 mm; at least 1.5 mm is needed.",
        ),
        (Credential("microneedling", "a#5"), False, "The performer's credential says nothing of maximum depth."),
        (
            Credential("microneedling", "a#5", None, {"max_depth_mm": "deep"}),
            None,
            "The performer's maximum depth cannot be compared: “deep” with “1.5”.",
        ),
    ],
)
def test_the_credential_must_hold_and_reach(gate: Gate, held: Credential, met: object, why: str) -> None:
    judged = holding(gate, held).judged("performer")
    assert (judged.met, judged.why) == (met, why)


@pytest.mark.parametrize(("until", "decision"), [(date(2026, 11, 22), "GO"), (date(2026, 11, 21), "NO-GO")])
def test_its_last_day_still_counts(gate: Gate, until: date, decision: str) -> None:
    held = Credential("microneedling", "a#5", until, {"max_depth_mm": "1.50"})
    assert holding(gate, held).decision == decision


def test_a_depth_not_planned_yet_is_no_depth(gate: Gate) -> None:
    judged = gate.with_run("microneedling-timeout").judged("performer")
    assert judged.met is False
    assert judged.start is not None
    assert judged.start.protocol == "microneedling-timeout"
    assert gate.changed_run("microneedling-timeout", steps=()).judged("performer").met is None


def test_lost_credentials_are_unknown(gate: Gate) -> None:
    assert gate.telling(credentials={}).decision == "UNKNOWN"
    assert gate.telling(credentials={"u_ana": Damaged()}).decision == "UNKNOWN"
