"""What a verification found, gathered while it goes on.

Knows how findings add up to a verdict. Refuses to look for any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from checklist.ledger.entry import Json

MAX_FINDINGS = 100
LOST = ("unreadable", "gap")  # the rules that name a range of entries that cannot be had

Result = Literal["clean", "tampered", "cannot-check"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at, named by a rule; `entry` is an index."""

    rule: str
    why: str
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The first entry that is not as it was recorded; where only a range is known, the first of the range."""

    index: int
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one ledger, and what it rests on.

    `root` is the hex root over `entries`. `views` is None where no views were compared. `anchored_to` is the size of
    the largest checkpoint kept elsewhere that fits; `unanchored` counts the entries after it, which nothing outside
    this file vouches for. `checkpoints` counts the signatures that were checked.
    """

    result: Result
    station: str
    entries: int
    root: str
    first_bad: FirstBad | None
    views: Literal["same", "differ"] | None
    anchored_to: int | None
    unanchored: int
    checkpoints: int
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Json]:
        """The stable keys of `verify --json` (design §7)."""
        bad = self.first_bad
        return {
            "result": self.result,
            "station": self.station,
            "entries": self.entries,
            "root": self.root,
            "first_bad": None if bad is None else {"index": bad.index, "why": bad.why},
            "views": self.views,
            "anchored_to": self.anchored_to,
            "unanchored": self.unanchored,
            "checkpoints": self.checkpoints,
            "findings": [
                {"rule": item.rule, "why": item.why} | ({} if item.entry is None else {"entry": item.entry})
                for item in self.findings
            ],
        }


def cannot_check(why: str) -> Report:
    """The report on something that cannot be read."""
    return Report("cannot-check", "", 0, "", None, None, None, 0, 0, (Finding("cannot-check", why),))


@dataclass(slots=True)
class Judge:
    """Gathers findings; of many it keeps the first hundred, those first that name what is lost."""

    tampered: bool = False
    findings: list[Finding] = field(default_factory=list)
    _changed: FirstBad | None = None
    _suspect: FirstBad | None = None
    _lost: int = 0

    def note(self, rule: str, why: str, entry: int | None = None) -> None:
        """Something to look at that leaves the record clean."""
        if rule in LOST:
            self.findings.insert(self._lost, Finding(rule, why, entry))
            self._lost += 1
        else:
            self.findings.append(Finding(rule, why, entry))
        del self.findings[MAX_FINDINGS:]

    def changed(self, rule: str, why: str, index: int) -> None:
        """An entry that is not the recorded one, or not there at all: this is where the record is bad."""
        self.tampered = True
        self.note(rule, why, index)
        if self._changed is None or index < self._changed.index:
            self._changed = FirstBad(index, why)

    def suspect(self, rule: str, why: str, index: int | None = None) -> None:
        """Something that does not fit; it says where the record is bad only if nothing says it better."""
        self.tampered = True
        self.note(rule, why, index)
        if index is not None and (self._suspect is None or index < self._suspect.index):
            self._suspect = FirstBad(index, why)

    @property
    def first_bad(self) -> FirstBad | None:
        """Where the record is bad first."""
        return self._changed or self._suspect
