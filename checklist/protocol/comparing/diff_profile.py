"""What is different between two versions of a profile: which value is another one, and what that moves.

Pure. Whether a value makes anything looser is told by the protocols that take it: each is compared with itself, with
the old value in it and with the new one.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from checklist.protocol.comparing.changes import Change, Say, Weight, compare, plainly, worded
from checklist.protocol.comparing.diff import diff as protocol_diff
from checklist.protocol.comparing.diff import in_order
from checklist.protocol.comparing.fields import HEADER
from checklist.protocol.errors import ProtocolError
from checklist.protocol.model import Protocol, named_at, resolve
from checklist.protocol.profile import Profile, Value
from checklist.protocol.values import ProfileValue

_SAID: Final[Mapping[str, Say]] = {
    "title": worded("what it is called"),
    "source": plainly("source"),
    "sure": plainly("sure", "how it is known"),
    "note": worded("the note"),
}


def diff(before: Profile, after: Profile, protocols: Iterable[Protocol] = ()) -> tuple[Change, ...]:
    """Every difference, what makes a protocol looser first; none only where the two say the same."""
    takers = [protocol for protocol in protocols if protocol.profile_values()]
    return in_order([*_of_header(before, after), *_of_values(before, after, takers)])


def _of_header(before: Profile, after: Profile) -> Iterator[Change]:
    old, new = (each.model_copy(update={"entries": ()}) for each in (before, after))
    for words, weight in compare(old, new, HEADER):
        yield Change(None, words[:1].upper() + words[1:], weight)


def _of_values(before: Profile, after: Profile, takers: list[Protocol]) -> Iterator[Change]:
    was, is_now = ({one.name: one for one in each.entries} for each in (before, after))
    for name in (name for name in was if name not in is_now):
        yield Change(None, f"{_named(was[name])} was taken out: {was[name]}; {_moves(name, takers)}", "other")
    for name, one in is_now.items():
        if name not in was:
            yield Change(None, f"{_named(one)} is new: {one}; {_moves(name, takers)}", "other")
            continue
        if was[name].given != one.given:
            weight = _weight(before.values, name, one.given, takers)
            yield Change(None, f"{_named(one)}: {was[name]} → {one}; {_moves(name, takers)}", weight)
        same = {"value": one.value, "unit": one.unit}
        for words, weight in compare(was[name].model_copy(update=same), one, _SAID):
            yield Change(None, f"{_named(one)}: {words}", weight)
    if [name for name in was if name in is_now] != [name for name in is_now if name in was]:
        yield Change(None, "The values stand in another order.", "other")


def _named(one: Value) -> str:
    return f"{one.title} ({one.name})"


def _moves(name: str, takers: Iterable[Protocol]) -> str:
    """What takes this value, protocol by protocol."""
    places = {protocol.id: _places(protocol, name) for protocol in takers if name in protocol.profile_values()}
    told = [f"“{protocol}” ({', '.join(steps)})" for protocol, steps in places.items()]
    return f"moves {', '.join(told)}" if told else "no protocol here takes it"


def _places(protocol: Protocol, name: str) -> list[str]:
    found = [at for at, named in named_at(protocol) if named == name]
    told = [f"step “{protocol.steps[int(at[1])].id}”" if at[0] == "steps" else str(at[0]) for at in found]
    return list(dict.fromkeys(told))


def _weight(values: Mapping[str, ProfileValue], name: str, new: ProfileValue, takers: Iterable[Protocol]) -> Weight:
    """The gravest of what the new value does to any protocol that takes it."""
    found: set[Weight] = set()
    for protocol in takers:
        if name in protocol.profile_values():
            with suppress(ProtocolError):  # a value that does not fit is refused before anybody can adopt it
                old = resolve(protocol, values)
                found |= {change.weight for change in protocol_diff(old, resolve(protocol, {**values, name: new}))}
    return "looser" if "looser" in found else "stricter" if "stricter" in found else "other"
