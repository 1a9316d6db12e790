"""The made-up people of the demo clinic: what they are called, what they may do, and how each of them works.

Knows nobody real. All of them have one secret, so that a visitor can sign in as anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

_Held: TypeAlias = dict[str, tuple[int, dict[str, str]]]


@dataclass(slots=True, eq=False)
class Member:
    """One of the staff. `pace` is how long this person takes beside others; `care` how often something is amiss in
    their runs, beside others."""

    name: str
    roles: frozenset[str]
    pace: float
    care: float
    credentials: _Held
    """By credential: how many days it is granted for at a time, and what it says besides."""
    id: str = ""
    via: str = "tui"
    free: int = 0
    """Until when this person is busy (microseconds)."""
    seen: int = 0
    """When this person last proved who they are."""

    def may(self, roles: tuple[str, ...]) -> bool:
        """Whether this person has one of these roles; none asks for none but to be no auditor."""
        return self.works and (not roles or not self.roles.isdisjoint(roles))

    @property
    def works(self) -> bool:
        """Whether this person walks protocols at all."""
        return self.roles != {"auditor"}


_NEEDLING: Final[_Held] = {"microneedling": (400, {"max_depth_mm": "1.5"})}
_DOCTOR: Final[_Held] = {
    "microneedling": (730, {"max_depth_mm": "2.5"}),
    "minor-surgery": (730, {}),
    "phlebotomy": (730, {}),
    "podiatry": (730, {}),
    "piercing": (730, {}),
}
_BLOOD: Final[_Held] = {"phlebotomy": (365, {})}
_FEET: Final[_Held] = {"podiatry": (400, {})}


def staff() -> list[Member]:
    """The twelve; the first of them is the lead who made the clinic."""
    return [
        _member("Ada Example", "staff reprocessing release lead", 1.0, 1.0),
        _member("Ben Okafor-Test", "staff release lead", 1.1, 0.9),
        _member("Dr. Cora Sample", "staff prescriber", 0.9, 1.1, _DOCTOR),
        _member("Dr. Dan Muster", "staff prescriber", 1.05, 1.0, _DOCTOR),
        _member("Eva Placeholder", "staff", 0.85, 1.0, {**_NEEDLING, **_BLOOD}),
        _member("Finn Specimen", "staff", 1.2, 1.2, _NEEDLING),
        _member("Gita Mockup", "staff", 0.95, 0.9, {**_NEEDLING, **_BLOOD, **_FEET}),
        _member("Hugo Draft", "staff", 1.0, 1.1, _FEET),
        _member("Ines Model", "staff reprocessing release", 0.9, 0.9),
        _member("Jon Prototype", "reprocessing release", 1.15, 1.1),
        _member("Kim Template", "reprocessing staff", 1.05, 1.0, via="line"),
        _member("Lou Fixture", "auditor", 1.0, 1.0),
    ]


def _member(
    name: str,
    roles: str,
    pace: float,
    care: float,
    credentials: _Held | None = None,
    via: str = "tui",
) -> Member:
    return Member(name, frozenset(roles.split()), pace, care, credentials or {}, via=via)
