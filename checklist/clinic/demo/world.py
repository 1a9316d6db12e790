"""The made-up clinic as it stands while its year goes by: its people, its shelves, its numbers, and what was written.

Everything that chance decides comes from one seeded source, so that a year can be made again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checklist.clinic.demo.pace import Pace
from checklist.clinic.demo.people import staff
from checklist.clinic.demo.printouts import Before, Printouts
from checklist.clinic.demo.readings import Readings
from checklist.clinic.demo.texts import texts
from checklist.ledger.clock import utc_text
from checklist.people.commitment import name_opening, words_opening

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path
    from random import Random

    from checklist.clinic.demo.facts import Act, Fact
    from checklist.clinic.demo.people import Member
    from checklist.clinic.demo.texts import Text
    from checklist.clinic.demo.walk import Walk
    from checklist.people.commitment import Opening

ROOMS = ("room-1", "room-2", "room-3", "room-4")
MACHINES = ("S1", "S2")


@dataclass(slots=True)
class Machine:
    """A steriliser: its serial number, the cycle it is at, and how far its readings lie from the other's."""

    id: str
    serial: str
    cycle: int
    warmer: float
    loads: list[str] = field(default_factory=list)
    """What was released, oldest first."""
    out: bool = False
    """Whether it is tagged and out of use."""
    made: list[tuple[str, str]] = field(default_factory=list)
    """Every load that was begun, and when."""
    tested: str = ""
    """The load in which its last negative spore test lay."""
    before: Before = field(default_factory=lambda: Before({}))


class World:
    """What is known at one moment of the year."""

    def __init__(self, chance: Random, evidence: Path) -> None:
        """`evidence` is the folder for attached files."""
        self.chance = chance
        self.evidence = evidence
        self.pace = Pace()
        self.texts: dict[str, Text] = texts()
        self.people: list[Member] = staff()
        self.machines = {
            name: Machine(name, serial, cycle, warmer)
            for name, serial, cycle, warmer in (("S1", "601362", 4127, 0.1), ("S2", "604518", 2210, -0.15))
        }
        self.today: date
        self.midnight = 0
        self.acts: list[Act] = []
        """What is not written yet."""
        self.openings: list[Opening] = []
        self.given: dict[str, int] = {}
        """The last number of each pattern."""
        self.lots: dict[str, tuple[str, str, int]] = {}
        self.credentials: dict[tuple[str, str], Fact] = {}
        self.ends: dict[tuple[str, str], int] = {}
        """The last day of each credential."""
        self.here: list[Member] = []
        """Who is at work today."""
        self.pairs: dict[str, Member] = {}
        """By the id of the first person, who always comes as the second; empty where nobody has a favourite."""
        self.later: list[tuple[int, Walk, dict[str, str]]] = []
        """What was put off: until when, in which run, and what of it is put off again then."""
        self.newest: dict[str, Walk] = {}
        self.plain_tests: dict[str, Walk] = {}
        """The last test of each machine in which nothing was amiss."""
        self.ready: dict[str, Walk] = {}
        """The turnover of each room."""
        self.incidents: dict[str, Fact] = {}
        """What was the matter last, by the protocol for it and the machine."""
        self.test_of: dict[str, Fact] = {}
        """By load, the test of that morning."""
        self.room_free: dict[str, int] = {}
        self.kit_day = 0
        """On which day the emergency kit was last checked."""
        self.kit_late = self.unanchored = False
        self.untested: set[str] = set()
        """The machines whose weekly spore test is not made in the morning."""
        self.unreviewed: list[Fact] | None = None
        """Where overrides go at which nobody looks."""
        self.readings = Readings(self)
        self.printouts = Printouts(self)

    def said(self, words: str) -> str:
        """The commitment to words; their opening is kept before they are written."""
        opening = words_opening(words)
        self.openings.append(opening)
        return opening.commitment

    def signature(self, who: Member) -> str:
        """The commitment to a printed name."""
        opening = name_opening(who.id, who.name)
        self.openings.append(opening)
        return opening.commitment

    def number(self, template: str, subject: str) -> str:
        """The next number of a pattern, as the program makes it."""
        about = subject.partition("=")[2] or subject
        fields = {"equipment": about, "room": about, "station": "a", "date": f"{self.today:%Y%m%d}"}
        key = template.replace("{n:02}", "#").replace("{n}", "#").format(**fields)
        self.given[key] = self.given.get(key, 0) + 1
        return template.format(n=self.given[key], **fields)

    def count(self, what: str) -> int:
        """One more of something."""
        self.given[what] = self.given.get(what, 0) + 1
        return self.given[what]

    @staticmethod
    def instant(at: int) -> str:
        """A time to the second, as people give it."""
        return f"{utc_text(at)[:19]}Z"

    def other(self, but: set[str], roles: tuple[str, ...]) -> Member | None:
        """Somebody else at work who has one of these roles; None where there is nobody."""
        fitting = [one for one in self.here if one.id not in but and one.may(roles)]
        return self.chance.choice(fitting) if fitting else None

    def witness(self, but: set[str], roles: tuple[str, ...]) -> Member:
        """Who comes as a second person: whoever is at hand."""
        for first in sorted(but):
            favourite = self.pairs.get(first)
            if favourite is not None and favourite in self.here and favourite.id not in but and favourite.may(roles):
                return favourite
        found = self.other(but, roles)
        return found or next(one for one in self.people if one.id not in but and one.may(roles))
