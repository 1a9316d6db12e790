"""The labels of what is planted in the made-up year: given to whoever makes it, and never recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from checklist.clinic.demo.facts import Fact
    from checklist.clinic.demo.walk import Walk


@dataclass(slots=True)
class Plant:
    """One thing to find: its kind (the rule that should find it), who, when, in which runs and at which entries."""

    kind: str
    days: list[date]
    person: str = ""
    walks: list[tuple[Walk, str]] = field(default_factory=list)
    """The runs, each with the step that shows it ("" for the run itself)."""
    facts: list[Fact] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @property
    def runs(self) -> list[str]:
        """The places of the runs."""
        return [walk.start.place for walk, _ in self.walks]

    @property
    def entries(self) -> list[str]:
        """The places of the entries."""
        steps = [walk.closed[step].place for walk, step in self.walks if step in walk.closed]
        return [*steps, *(fact.place for fact in self.facts), *self.places]

    def as_json(self) -> dict[str, object]:
        """The label."""
        return {
            "kind": self.kind,
            "rule": self.kind,
            "days": [day.isoformat() for day in self.days],
            "person": self.person or None,
            "runs": self.runs,
            "entries": self.entries,
        }
