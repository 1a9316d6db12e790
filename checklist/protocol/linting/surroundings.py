"""The rules for people about a protocol among others: what it names beside itself, and the version it follows.

Pure. What is not known here is not judged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from checklist.protocol.loader import LoadedProfile, LoadedProtocol
from checklist.protocol.model import Protocol, Step
from checklist.protocol.plain import version_numbers
from checklist.protocol.rules import Path, Problem
from checklist.protocol.values import echo


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the files that are looked at."""

    known: frozenset[str] | None = None
    """The ids of all protocols there are besides these files; None: nobody knows."""
    before: Mapping[str, LoadedProtocol] = field(default_factory=dict)
    """What each of these files would replace, by id."""
    profiles: tuple[LoadedProfile, ...] = ()
    """The profiles that must give every value these files name."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The kind of each text that is shipped or in force, by its id: no file of another kind may have it."""
    held: frozenset[str] | None = None
    """The roles and credentials that somebody here has; None: nobody knows."""


ROLES: Final = ("staff", "reprocessing", "release", "prescriber", "lead", "auditor")
"""The roles that every clinic has (design §2); it may add others."""

ALONE: Final = Surroundings()
"""Nothing is known besides the file itself."""


def judge(protocol: Protocol, surroundings: Surroundings) -> Iterator[Problem]:
    """Yield where a protocol does not fit what stands around it."""
    yield from _unknown_follow_up(protocol, surroundings.known)
    if surroundings.held is not None:
        yield from unheld(protocol, surroundings.held)
    before = surroundings.before.get(protocol.id)
    if before is not None:
        yield from _version_not_raised(protocol, before.protocol)


def _unknown_follow_up(protocol: Protocol, known: frozenset[str] | None) -> Iterator[Problem]:
    # That A opens B and B opens A is no fault: a failed test opens the recall, and the recall repeats the test.
    for index, step in enumerate(protocol.steps):
        if known is not None and step.on_fail.open is not None and step.on_fail.open not in known | {protocol.id}:
            what = f"step {index + 1} {echo(step.id)}: on_fail opens {echo(step.on_fail.open)}, which does not exist"
            fix = "write the id of a protocol that is shipped or lies in the clinic's folder"
            yield Problem(("steps", index, "on_fail", "open"), "unknown-follow-up", what, fix)


def unheld(protocol: Protocol, held: frozenset[str]) -> Iterator[Problem]:
    """Yield each role and credential asked for that nobody here has, once, where it is asked for first."""
    told = {*held}
    for path, label, name in _asked(protocol):
        role = path[-1] == "roles"
        if name in told or (role and name in ROLES):
            continue
        told.add(name)
        what = f"{label} asks for the {'role' if role else 'credential'} {echo(name)}, which nobody here has"
        fix = "give it to somebody: checklist people credential grant"
        if role:
            fix = f"write one of {', '.join(ROLES)}, or give somebody this role: checklist people roles"
        yield Problem(path, "unheld-role", what, fix)


def _asked(protocol: Protocol) -> Iterator[tuple[Path, str, str]]:
    """Every role and credential that is asked for, with its place and what asks."""
    asking: list[tuple[Path, str, Protocol | Step]] = [(("protocol",), "[protocol]", protocol)]
    asking += [(("steps", place), f"step {place + 1} {echo(one.id)}", one) for place, one in enumerate(protocol.steps)]
    for at, label, one in asking:
        yield from (((*at, "roles"), label, name) for name in one.roles)
        yield from (((*at, "credentials"), label, name) for name in one.credentials)


def _version_not_raised(protocol: Protocol, before: Protocol) -> Iterator[Problem]:
    if protocol == before or version_numbers(protocol.version) > version_numbers(before.version):
        return
    what = f"[protocol]: it differs from the text in force, {before.version}, but its version is {protocol.version}"
    fix = "raise the version, so that every record says which text was walked"
    yield Problem(("protocol", "version"), "version-not-raised", what, fix)
