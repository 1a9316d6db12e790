"""Which visit is meant: one of those that are open, one that is scanned or typed by its reference, or one that is
opened now.

A reference that nobody knows opens nothing by itself: it may have been misread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from checklist.run.reading import Refusal
from checklist.tui.choosing import Pick
from checklist.tui.clearing import gate_reads
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.say import day_and_clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from checklist.tui.app import Desk
    from checklist.tui.choosing import Choosing
    from checklist.tui.clearing.gate_reads import Visit

T = TypeVar("T")

_NEW: Final = "new"
_TYPED: Final = "typed"


class VisitForm(Form[T]):
    """A dialog that ends with a visit: at the list of them a scanned reference is as good as a choice."""

    def advice(self) -> str:
        """That it can be scanned."""
        return super().advice().replace("Scan your badge", "Scan its reference")

    async def _badge(self, widget: Choosing, badge: str, here: int) -> None:
        """What is scanned at the list of visits goes on as a typed reference."""
        result = await self._submit({**self.answers(), "visit": f"{_TYPED}:{badge}"})
        if isinstance(result, Refusal):
            self.refuse(result.message)
        else:
            self.answer(result)


def visit_pick(desk: Desk, visits: Sequence[Visit], session: str = "") -> Pick:
    """The part `visit` of a `VisitForm`; its answer is for `visit_meant`."""
    known = tuple((one.id, _words(desk, one)) for one in visits)
    ways = ((_NEW, "a NEW visit: it is opened now"), (_TYPED, "another one: scan or type its reference"))
    chosen = session if session in dict(known) else None
    return Pick("visit", "VISIT", (*known, *ways), chosen=chosen, badged=True, words=_TYPED)


async def visit_meant(
    desk: Desk, named: str, does: str, opens: Callable[[str], Awaitable[str | Refusal]]
) -> str | None:
    """The id of the visit that was meant by the answer `named`, which `opens` opens if it is new; None where they went
    back, or where it may not be opened, which is said. `does`: what comes of it, on the key."""
    if named.partition(":")[0] == _TYPED:
        reference = named.partition(":")[2] or await _typed(desk, does)
        found = await desk.keeper.call(gate_reads.visit_named, reference) if reference else None
        if found is not None or not reference:
            return found
        named = await _new_under(desk, reference) or ""
    elif named != _NEW:
        return named
    opened = await opens(named) if named else None
    if isinstance(opened, Refusal):
        (desk.face or desk.board).refuse(opened.message)
        return None
    return opened


def _words(desk: Desk, one: Visit) -> str:
    now = desk.now()
    since = day_and_clock(one.since, now.zone, now.at) if now is not None else ""
    own = one.reference if desk.who is not None else ""  # whose it is, is for whoever is signed in
    return f"{one.id}  since {since}  {own}".rstrip()


async def _typed(desk: Desk, does: str) -> str | None:
    async def submit(answers: Answers) -> str | Refusal:
        return answers["visit"].strip()

    line = Line("visit", "REFERENCE", "Scan or type your own reference, or the visit's number.")
    note = "Your own reference never stands in the record: only this clinic can tell which visit it is."
    return await desk.ask(Form("WHICH VISIT?", (line,), submit, does=does, note=note, back="BACK"))


async def _new_under(desk: Desk, reference: str) -> str | None:
    """The reference, if a visit is to be opened under it."""

    async def submit(_: Answers) -> str | Refusal:
        return reference

    title = f"There is no visit with the reference “{reference[:60]}”."
    note = "Compare it with the patient's file first. Opening it gives it a number; the reference stays in this clinic."
    return await desk.ask(Form(title, (), submit, does="OPEN A NEW VISIT", note=note, back="BACK"))
