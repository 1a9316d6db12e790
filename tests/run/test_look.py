"""How a step looks: every state has its own mark, in ASCII."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run import commands as c
from checklist.run.marks import MARKS, Look, Status

if TYPE_CHECKING:
    from tests.run.conftest import Kit


def test_every_look_has_a_mark_of_its_own_that_any_terminal_can_show() -> None:
    assert set(MARKS) == set(Look)
    assert len(set(MARKS.values())) == len(Look)
    assert all(mark.isascii() and len(mark) == 3 for mark in MARKS.values())
    assert {status.value for status in Status} <= {look.value for look in Look}


def test_a_walk_as_it_looks_from_step_to_step(kit: Kit) -> None:
    a = kit.a
    walk = kit.walk(
        a.choice("first"),
        a.confirm("ruled-out", when={"step": "first", "is": "half turned"}),
        a.timer("wet"),
        a.measure("heat"),
        a.confirm("left"),
        a.confirm("later"),
        a.witness("second", "first"),
        a.choice("hold", hold=True),
        a.confirm("broken"),
    )

    def looks() -> list[str]:
        return [MARKS[walk.look(step)] for step in walk.state.steps]

    assert looks() == ["[>]", "[ ]", "[ ]", "[ ]", "[ ]", "[ ]", "[ ]", "[ ]", "[ ]"]
    walk.give("first", "turned")
    assert looks()[:3] == ["[x]", "[.]", "[>]"]
    walk.do(c.StartTimer("wet"))
    assert looks()[2] == "(~)"
    walk.clock.advance(180)
    walk.tick()
    walk.give("heat", "120")
    assert looks()[2:4] == ["[x]", "[>]"]
    walk.remark("heat")
    walk.give("heat", "134")
    walk.do(c.Skip("left", kit.because))
    walk.do(c.Defer("later", "2026-11-23", kit.because))
    assert looks()[3:7] == ["/!\\", "[-]", "(+)", "(2)"]
    walk.do(c.NotApplicable("second", kit.because))
    walk.give("hold", "not turned")
    assert looks()[6:8] == ["[.]", "<#>"]
    walk.remark("hold")
    assert looks()[7] == "[>]"
    walk.do(c.Override("hold", kit.because, kit.staff.lea.person))
    walk.do(c.Fail("broken", kit.because))
    assert looks() == ["[x]", "[.]", "[x]", "/!\\", "[-]", "(+)", "[.]", "/O\\", "<X>"]
    assert walk.state.outcome == "failed"


def test_a_timer_past_its_maximum_no_longer_waits(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet", at_most="10m"))
    walk.do(c.StartTimer("wet"))
    walk.clock.advance(601)
    assert walk.look("wet") is Look.CURRENT


def test_what_was_never_reached_stays_pending_when_the_run_is_over(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("one"), kit.a.confirm("two"))
    walk.do(c.Abandon(kit.because))
    assert walk.look("one") is Look.PENDING
