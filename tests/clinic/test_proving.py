"""What is proved is what anybody may see: a reading that a second person has yet to make is not handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic import auditing, proving
from checklist.clinic.errors import ClinicError
from checklist.run import commands as c
from tests.support.outside_proof import check

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import Kit


def test_a_blind_reading_is_proved_once_the_second_one_is_in(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "blind", "room=room-1")
    first = kit.do(clinic, run, c.Give("indicator", "turned"))
    place = f"a#{first.steps['indicator'].entry}"
    with pytest.raises(ClinicError, match="second person"):
        proving.prove(clinic, place)
    with auditing.opened(clinic) as tables:
        drawn = proving.sample(clinic, tables.db, 1000, "x", "tui")
    (hidden,) = [each for each in drawn.runs if each.run == run]
    assert (hidden.proofs, hidden.fault) == ((), "a second person has yet to read it for themselves")
    assert "turned" not in str(hidden.data())
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    proof = proving.prove(clinic, place)
    assert proof is not None
    check(proof.data())
