"""One day at work: who is asked to walk what, when, and how they sign in for it.

Knows people's time. Refuses to know what a day consists of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.demo.clock import seconds
from checklist.clinic.demo.facts import DAY, MINUTE, Act, Fact
from checklist.clinic.demo.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checklist.clinic.demo.people import Member
    from checklist.clinic.demo.world import World
    from checklist.run.events import Value

_IDLE: Final = 10 * MINUTE
"""After so long somebody must sign in anew."""
_AMISS: Final = 0.17
"""How many runs have something amiss in them."""
_TROUBLES: Final = {
    "again": 30, "unexpected": 18, "correct": 22, "differs": 4, "pause": 10, "hand-over": 4, "skip": 6,
    "not-applicable": 4, "abandon": 1,
}  # fmt: skip
GATED: Final = frozenset({
    "day-open", "emergency-kit-weekly", "room-turnover", "microneedling-screen", "microneedling-setup", "pack-open",
    "microneedling-timeout", "microneedling-signout", "minor-surgery-prep", "prp-identity", "steriliser-daily",
})  # fmt: skip
"""What a gate asks for: here nothing is left out, since nothing would start then."""
_LEAVING: Final = ("skip", "not-applicable", "abandon", "pause", "hand-over")


class Shift:
    """A day of the year, with the people who are at work."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.flawless: set[str] = set()
        """Whose runs never have anything amiss."""
        self.rounding: set[str] = set()
        """Who types readings in halves."""
        self.next: dict[str, list[Callable[[Walk], None]]] = {}
        """What is to be done to the next run of a protocol, before it is walked."""

    def at(self, hour: int, minute: int = 0, scatter: float = 4) -> int:
        """A time of this day by the clinic's clock, give or take some minutes."""
        chance = self.world.chance
        return (
            self.world.midnight + (hour * 60 + minute) * MINUTE + seconds(chance.gauss(0, scatter * 20) + scatter * 20)
        )

    def pick(self, at: int, roles: tuple[str, ...], credential: str = "", but: tuple[Member, ...] = ()) -> Member:
        """Who does it: somebody with the role (and the credential) who is free first."""
        world = self.world
        fitting = [
            one
            for one in world.here
            if one.may(roles) and one not in but and (not credential or credential in one.credentials)
        ]
        fitting = fitting or [one for one in world.people if one.may(roles) and one not in but]
        free = [one for one in fitting if one.free <= at]
        return world.chance.choice(free) if free else min(fitting, key=lambda one: one.free)

    def sign_in(self, who: Member, at: int) -> None:
        """Prove who one is, where that was not done just before."""
        world = self.world
        if at - who.seen < _IDLE and who.seen:
            who.seen = at
            return
        before = at - seconds(world.chance.uniform(4, 15))
        if world.chance.random() < 0.012:
            failed = Fact("sign-in.failed", {"operator": who.id}, None, who.via)
            world.acts.append(Act(before - seconds(world.chance.uniform(5, 20)), [failed]))
        world.acts.append(Act(before, [Fact("signed-in", {"factors": ["secret"]}, who.id, who.via)]))
        who.seen = at

    def begin(
        self,
        protocol: str,
        subject: str,
        at: int,
        *,
        session: str | None = None,
        who: Member | None = None,
        credential: str = "",
        given: Mapping[str, Value] | None = None,
        otherwise: Mapping[str, str] | None = None,
        calm: bool = False,
    ) -> Walk:
        """Begin a run; nothing goes amiss in it where it is `calm`."""
        world = self.world
        text = world.texts[protocol]
        who = who or self.pick(at, text.roles, credential)
        at = max(at, who.free + seconds(world.chance.uniform(20, 90)))
        self.sign_in(who, at)
        trouble = "" if calm else self._trouble(protocol, who)
        if trouble == "abandon":
            self._abandoned(protocol, subject, at, who, session)
            at += seconds(world.chance.uniform(300, 700))
            trouble = ""
        walk = Walk(world, text, who, subject, at, session=session, given=given, otherwise=otherwise, trouble=trouble)
        walk.rounded = who.name in self.rounding
        for change in (*self.next.pop(protocol, []), *self.next.pop(f"{protocol} {subject}", [])):
            change(walk)
        return walk

    def whole(self, walk: Walk, share: float = 1.0) -> Walk:
        """Walk it to its end; whoever does so is busy for a share of that time."""
        walk.go()
        self.busy(walk, share)
        return walk

    @staticmethod
    def busy(walk: Walk, share: float = 1.0) -> None:
        """Whoever walks it is busy until now, or for a share of that."""
        walk.who.free = max(walk.who.free, walk.start_at + int((walk.at - walk.start_at) * share))
        walk.who.seen = max(walk.who.seen, walk.at)

    def _trouble(self, protocol: str, who: Member) -> str:
        chance = self.world.chance
        amiss, how = chance.random(), chance.choices([*_TROUBLES], [*_TROUBLES.values()])[0]
        if amiss > _AMISS * who.care or who.name in self.flawless:
            return ""
        return "" if how in _LEAVING and protocol in GATED and how != "pause" else how

    def _abandoned(self, protocol: str, subject: str, at: int, who: Member, session: str | None) -> None:
        """A run that was begun, and given up after a few steps."""
        world = self.world
        text = world.texts[protocol]
        walk = Walk(world, text, who, subject, at, session=session)
        walk.go(text.steps[world.chance.randint(1, 3)].id)
        if not walk.outcome:
            walk.at += seconds(world.chance.uniform(20, 120))
            walk.abandon()

    def later(self, days: int, walk: Walk, otherwise: Mapping[str, str]) -> None:
        """What was put off in a run is taken up so many days later."""
        self.world.later.append((self.world.midnight + days * DAY, walk, dict(otherwise)))
