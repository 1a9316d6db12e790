"""A jurisdiction's profile: the values that protocols take from it by name instead of saying them once a country.

Knows what a profile file may say, and what a set of protocols asks of a set of profiles. Knows nothing of reading
files (see `loader`) and of which profile a clinic uses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import PlainValidator

from checklist.protocol.errors import Fault, UnusableProfileValueError
from checklist.protocol.header import Header, Source
from checklist.protocol.locate import Locator
from checklist.protocol.model import Protocol, named_at, resolve
from checklist.protocol.rules import Path, Problem, unknown_source
from checklist.protocol.steps import Unit
from checklist.protocol.text import clean
from checklist.protocol.values import (
    WORDS_LIMIT,
    Frozen,
    Id,
    Many,
    ProfileValue,
    Quantity,
    Title,
    Version,
    Words,
    checked_words,
    echo,
    in_words,
    parse_number,
    wrong,
)

if TYPE_CHECKING:
    from checklist.protocol.loader import LoadedProfile, LoadedProtocol

Sure = Literal["read", "known", "unsure", "proposal"]
"""How a value is known: its source was read; known but not re-read; not settled, or varying; nobody's rule but ours."""

MAX_VALUES: Final = 100


def _value(value: object) -> bool | Decimal | str:
    if isinstance(value, (bool, str)):
        return checked_words(value, WORDS_LIMIT) if isinstance(value, str) else value
    if isinstance(value, (int, Decimal)):
        number = parse_number(value)
        if isinstance(number, Decimal):
            return number
    what = f"is {echo(value)}, neither words, nor a number, nor true or false"
    raise wrong("value", what, 'write "180d", a number with unit = "…" beside it, true, false, or words in quotes')


class Value(Frozen):
    """One value of a profile: a duration, a number with its unit, a truth, or words."""

    name: Id
    value: Annotated[bool | Decimal | str, PlainValidator(_value)]
    unit: Unit | None = None
    title: Words
    source: Id
    sure: Sure
    note: Words = ""

    @property
    def given(self) -> ProfileValue:
        """What a protocol gets for the name."""
        is_number = isinstance(self.value, Decimal) and self.unit is not None
        return Quantity(self.value, self.unit) if is_number else self.value  # type: ignore[arg-type]

    def __str__(self) -> str:
        """Return the value as people read it."""
        return in_words(self.given)


class ProfileHeader(Frozen):
    """The `[profile]` table."""

    id: Id
    title: Title
    version: Version
    sources: Many[Source] = ()


class Profile(ProfileHeader):
    """What holds in one jurisdiction, value by value."""

    entries: Many[Value]

    @property
    def values(self) -> Mapping[str, ProfileValue]:
        """What `resolve` puts in place of each name."""
        return {one.name: one.given for one in self.entries}


def check_entries(
    sources: frozenset[str] | None, values: Sequence[Value | None], named: Sequence[str | None]
) -> Iterator[Problem]:
    """Yield every rule between the parts of a profile that is broken; None stands for a part that is itself faulty.

    `sources` are the ids of the profile's sources (None: nobody can tell), `named` those that the values name.
    """
    if not values:
        yield Problem((), "no-values", "the file has no values", "write at least one [[values]] table")
    if len(values) > MAX_VALUES:
        what = f"the file has more than {MAX_VALUES} values"
        yield Problem(("values", MAX_VALUES), "too-many", what, "keep those that protocols name")
    for index, source in enumerate(named):
        if sources is not None and source is not None and source not in sources:
            yield unknown_source(f"value {index + 1}", ("values", index, "source"), source, "[profile]")
    seen: set[str] = set()
    for index, one in enumerate(values):
        if one is None:
            continue
        at: Path = ("values", index)
        label = f"value {index + 1} {echo(one.name)}"
        if one.name in seen:
            yield Problem((*at, "name"), "duplicate-id", f"{label}: the name is given already", "give each value once")
        seen.add(one.name)
        if isinstance(one.value, Decimal) != (one.unit is not None):
            what = "has no unit" if one.unit is None else "has a unit, but is no number"
            fix = 'add unit = "…", a UCUM code' if one.unit is None else "take unit out"
            yield Problem((*at, "value" if one.unit is None else "unit"), "unit", f"{label}: value {what}", fix)


@dataclass(frozen=True, slots=True)
class Unmet:
    """What a protocol needs of a profile and does not get, as the end of a sentence that begins with the profile, and
    the values that are there in a shape that does not fit."""

    words: str
    fix: str
    values: tuple[str, ...] = ()


def unmet(profile: Profile, protocols: Iterable[Protocol]) -> Iterator[Unmet]:
    """Yield what these protocols need of a profile and do not get."""
    values = profile.values
    for protocol in protocols:
        missing = sorted(protocol.profile_values() - values.keys())
        for name in missing:
            words = f"does not give {echo(name)}, which the protocol {echo(protocol.id)} needs"
            yield Unmet(words, f"add [[values]] with name = {echo(name)}")
        if not missing:
            try:
                resolve(protocol, values)
            except UnusableProfileValueError as error:
                named = tuple(name for name in values if echo(name) in error.why)
                words = f"does not fit the protocol {echo(protocol.id)}: {error.why}"
                yield Unmet(words, "write a value of the kind that the protocol needs", named)


def check_needs(loaded: "LoadedProfile", name: str, protocols: Iterable[Protocol]) -> list[Fault]:
    """Return what these protocols need of the profile in the file `name` and do not get, in the order of the file."""
    profile, file = loaded.profile, clean(name, limit=500)
    faults = []
    for one in unmet(profile, protocols):
        index = next((at for at, entry in enumerate(profile.entries) if entry.name in one.values), None)
        at: Path = ("profile", "id") if index is None else ("values", index, "value")
        line, column = Locator(loaded.data.decode("utf-8-sig")).place(at)
        rule = "unusable-profile-value" if one.values else "unknown-profile-value"
        message = f"the profile {echo(profile.id)} {one.words}"
        faults.append(Fault(file, line, column, rule, "error", clean(message), clean(one.fix)))
    return sorted(faults)


def check_profiles(protocols: Mapping[str, "LoadedProtocol"], profiles: Iterable["LoadedProfile"]) -> list[Fault]:
    """Return what these protocols name that a profile does not give, or gives in a shape that does not fit.

    `protocols` are by the names of their files. No profile at all asks for nothing.
    """
    given = {one.profile.id: one.profile.values for one in profiles}
    found = (fault for file, loaded in protocols.items() for fault in _of_protocol(file, loaded, given))
    return sorted(found)


def _of_protocol(file: str, loaded: "LoadedProtocol", given: Mapping[str, Mapping[str, ProfileValue]]) -> list[Fault]:
    problems = [*_problems(loaded.protocol, given)]
    if not problems:
        return []  # and no need to know where anything stands
    place = Locator(loaded.data.decode("utf-8-sig")).place
    name = clean(file, limit=500)
    return [Fault(name, *place(one.path), one.rule, "error", clean(one.message), clean(one.fix)) for one in problems]


def _problems(protocol: Protocol, given: Mapping[str, Mapping[str, ProfileValue]]) -> Iterator[Problem]:
    asked = protocol.profile_values()
    if not asked or not given:
        return
    named = [(_in_file(at), name) for at, name in named_at(protocol)]
    for at, name in named:
        lacking = ", ".join(profile for profile, values in given.items() if name not in values)
        if lacking:
            what = f"{echo(name)} is not given by the profile {lacking}"
            yield Problem(at, "unknown-profile-value", what, _near(name, given))
    for profile, values in given.items():
        if not asked <= values.keys():
            continue
        try:
            resolve(protocol, values)
        except UnusableProfileValueError as error:
            what = f"the profile {profile} does not fit: {error.why}"
            fix = "name a value of the right kind, or correct the profile"
            yield Problem(named[0][0], "unusable-profile-value", what, fix)


def _near(name: str, given: Mapping[str, Mapping[str, ProfileValue]]) -> str:
    from difflib import get_close_matches

    known = sorted({each for values in given.values() for each in values})
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near and near[0] != name:
        return f'write "{near[0]}", or add the value to the profile'
    return "add the value to the profile; known are " + ", ".join(known)


def _in_file(at: Path) -> Path:
    """The key path in the file of a path of attributes: what is the header's stands under [protocol]."""
    return ("protocol", *at) if at and at[0] in Header.model_fields else at
