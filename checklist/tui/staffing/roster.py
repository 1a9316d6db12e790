"""The people: for a lead everybody with roles and credentials, for anybody else their own. Acts are in `managing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run import rights
from checklist.run.marks import Look
from checklist.run.rights import Act
from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.marks import mark
from checklist.tui.rows import Item, Rows
from checklist.tui.say import columns, row, say
from checklist.tui.staffing import people_reads
from checklist.tui.staffing.managing import add, change, change_secret
from checklist.tui.staffing.people_reads import days_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.content import Content
    from textual.widget import Widget

    from checklist.clinic.people.personnel import Held
    from checklist.clinic.service import SignedIn
    from checklist.tui.app import Desk
    from checklist.tui.staffing.people_reads import Known

NAME_WIDE = 24
ROLES_WIDE = 20
_LOOKS = {"valid": Look.DONE, "expiring": Look.WAITING, "expired": Look.BLOCKED}


class PeopleFace(Face[None]):
    """Who works here, as whoever looks may know it."""

    def __init__(self, who: SignedIn, people: tuple[Known, ...]) -> None:
        super().__init__()
        self._who = who
        self._people = people
        self._manages = rights.may(Act.MANAGE_PEOPLE, who.person.roles)

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield Rows(classes="body")

    def heading(self) -> str:
        """What this is."""
        return "PEOPLE" if self._manages else "WHAT IS KNOWN OF YOU HERE"

    def refreshed(self) -> None:
        """Fill the list."""
        self.query_one(Rows).show([item for one in self._people for item in known_items(one)], first=True)

    def advice(self) -> str:
        """What can be done."""
        if self._manages:
            return "Choose somebody, then press Enter to change what is known of them."
        return "A lead changes roles and credentials. Your secret is yours alone: F4 changes it."

    def keys(self) -> Sequence[Key]:
        """What a lead does, and what everybody does for themselves."""
        off = "" if self._manages else "Only a lead adds or changes people; ask one."
        return (
            Key("enter", "CHANGE", self._change, off),
            Key("f6", "ADD SOMEBODY", self._add, off),
            Key("f4", "MY SECRET", self._change_secret),
            Key("escape", "BACK", self._end),
        )

    def find(self, name: str) -> Key | None:
        """Ctrl+Q goes back too."""
        return super().find("escape" if name == "ctrl+q" else name)

    def moved(self, key: str) -> None:
        """Move in the list."""
        rows = self.query_one(Rows)
        steps = {"up": -1, "down": 1, "pageup": -rows.page, "pagedown": rows.page, "home": -999, "end": 999}
        if key in steps:
            rows.move(steps[key])

    async def _change(self) -> None:
        chosen = self.query_one(Rows).chosen
        person = next((one for one in self._people if one.operator.id == chosen), None)
        if person is not None:
            await self._told(await change(self.desk, self._who, person, self._people))

    async def _add(self) -> None:
        await self._told(await add(self.desk, self._who))

    async def _change_secret(self) -> None:
        await self._told(await change_secret(self.desk, self._who))

    async def _told(self, done: str | None) -> None:
        """Show everybody anew, and say what was done."""
        self._people = await self.desk.keeper.call(people_reads.roster, self._who)
        self.show()
        if done:
            self.tell(done)

    def _end(self) -> None:
        self.answer(None)


def known_items(one: Known) -> Iterator[Item]:
    """Somebody with their roles and how they stand, and under them every credential."""
    roles = ", ".join(sorted(one.operator.roles))
    told = columns(((say(one.name), NAME_WIDE), (say(roles), max(len(roles), ROLES_WIDE))))
    yield Item(row(told, "  ", _standing(one)), one.operator.id, " " * (NAME_WIDE + 2))
    for held in one.credentials:
        yield Item(_credential(held), indent=" " * 10)


def _standing(one: Known) -> Content:
    if one.operator.erased:
        return row(mark(Look.UNKNOWN), say(" ERASED", "bold"))
    if one.operator.disabled:
        return row(mark(Look.SKIPPED), say(" DISABLED", "bold"))
    if one.lock is not None:
        until = f"until {one.lock.shown}" if one.lock.shown else "by a lead only"
        return row(mark(Look.BLOCKED), say(f" LOCKED {until}", "bold"))
    if one.badge:
        return say("badge and PIN" if one.pin else "has a badge")
    return say("")


def _credential(held: Held) -> Content:
    limits = "".join(f"  {name} {value}" for name, value in held.attributes.items())
    words = {"valid": "", "expiring": " ENDS SOON", "expired": " ENDED"}[held.state]
    left = f", {held.days_left} days left" if held.state == "valid" and held.days_left is not None else ""
    return row(
        "      ", mark(_LOOKS[held.state]), say(f"{words} {held.credential}", "bold"),
        say(f"  {days_in_words(held) if held.state != 'valid' else _valid(held)}{left}{limits}"),
    )  # fmt: skip


def _valid(held: Held) -> str:
    return f"until {held.until}" if held.until else "has no end"


async def show_people(desk: Desk) -> None:
    """F2 on the board."""
    who = await desk.signed_in()
    await desk.ask(PeopleFace(who, await desk.keeper.call(people_reads.roster, who)))
