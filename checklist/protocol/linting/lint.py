"""Everything that is wrong with a set of files, and what would serve their readers better.

Takes each file to the reader of its kind, sees ids that more than one of them claims, and gives every fault its place
and level. The rules themselves stand elsewhere: structure in the model, those for people in the `ruleset`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from checklist.protocol.errors import Fault
from checklist.protocol.linting import shape, surroundings, wording
from checklist.protocol.linting.ruleset import RULES
from checklist.protocol.linting.surroundings import ALONE, Surroundings
from checklist.protocol.loader import LoadedProtocol, contents, parse, parse_profile, text_of
from checklist.protocol.locate import Locator
from checklist.protocol.profile import check_profiles
from checklist.protocol.text import clean


@dataclass(frozen=True, slots=True)
class Checked:
    """What a reader makes of one file: the id that it claims, None where the file cannot be used, and its faults."""

    id: str | None
    faults: tuple[Fault, ...] = ()


Reader = Callable[[bytes, str, Surroundings], Checked]
"""Reads the bytes of a file of one kind; the text is the file's path or name."""

KINDS: Final[Mapping[str, str | None]] = MappingProxyType(
    {"procedures": "procedure", "profiles": "profile", "readers": None}
)
"""Folders of the library whose files are of another kind than protocol: the kind, by its first table's name. They are
gone through only where a reader of that kind is at hand."""

_FIRST_TABLE: Final = re.compile(rb"^[ \t]*\[[ \t]*(protocol|procedure|profile)[ \t]*\]", re.MULTILINE)


def judged(loaded: LoadedProtocol, name: str, around: Surroundings) -> list[Fault]:
    """Return what the rules for people say about a protocol that is sound, in the order of the file."""
    found = [
        *wording.judge(loaded.protocol),
        *shape.judge(loaded.protocol),
        *surroundings.judge(loaded.protocol, around),
    ]
    if not found:
        return []
    file, locator = clean(name, limit=500), Locator(text_of(loaded.data))
    return sorted(
        Fault(file, *locator.place(one.path), one.rule, RULES[one.rule].level, clean(one.message), clean(one.fix))
        for one in found
    )


def check_protocol(data: bytes, name: str, around: Surroundings) -> Checked:
    """Read and judge one protocol."""
    loaded = parse(data, name=name)
    if isinstance(loaded, list):
        return Checked(None, tuple(loaded))
    faults = [*check_profiles({name: loaded}, around.profiles), *judged(loaded, name, around)]
    return Checked(loaded.protocol.id, tuple(sorted(faults)))


def check_profile(data: bytes, name: str, _around: Surroundings) -> Checked:
    """Read one profile; no rule for people is about profiles."""
    loaded = parse_profile(data, name=name)
    return Checked(None, tuple(loaded)) if isinstance(loaded, list) else Checked(loaded.profile.id)


READERS: Final[Mapping[str, Reader]] = MappingProxyType({"protocol": check_protocol, "profile": check_profile})
"""The readers by kind. Whoever knows more kinds hands them in with these."""


def lint(paths: Iterable[Path], around: Surroundings = ALONE, readers: Mapping[str, Reader] = READERS) -> list[Fault]:
    """Return all faults of the files, and of the files in the folders, that `paths` name."""
    return [fault for _, faults in lint_each(paths, around, readers) for fault in faults]


def lint_each(
    paths: Iterable[Path], around: Surroundings = ALONE, readers: Mapping[str, Reader] = READERS
) -> Iterator[tuple[Path, list[Fault]]]:
    """Yield each of these files with its own faults; none where all is well."""
    files = list(_files(paths, readers))
    if around.known is not None:
        around = replace(around, known=around.known | {path.stem for path in files})  # an id is its file's name
    first: dict[str, Path] = {}
    for path in files:
        data = contents(path)
        if isinstance(data, list):
            yield path, data
            continue
        checked = _reader(data, readers)(data, str(path), around)
        if checked.id is not None and first.setdefault(checked.id, path) != path:
            yield path, [_claimed_twice(path, data, checked.id, first[checked.id])]
        elif checked.id is not None and around.kinds.get(checked.id, kind_of(data)) != kind_of(data):
            yield path, sorted([*checked.faults, _of_another_kind(path, data, checked.id, around.kinds[checked.id])])
        else:
            yield path, list(checked.faults)


def has_errors(faults: Iterable[Fault]) -> bool:
    """Say whether any fault is an error; warnings and advice never stop anyone."""
    return any(fault.severity == "error" for fault in faults)


def kind_of(data: bytes) -> str:
    """Return the name of the table that a file begins with; `protocol` where it does not say."""
    found = _FIRST_TABLE.search(data)
    return "protocol" if found is None else found[1].decode()


def _reader(data: bytes, readers: Mapping[str, Reader]) -> Reader:
    return readers.get(kind_of(data), readers["protocol"])


def _files(paths: Iterable[Path], readers: Mapping[str, Reader]) -> Iterator[Path]:
    left_out = {folder for folder, kind in KINDS.items() if kind not in readers}
    seen: set[Path] = set()
    for path in paths:
        found = _in_folder(path, left_out) if path.is_dir() else [path]
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


def _in_folder(folder: Path, left_out: set[str]) -> list[Path]:
    files = folder.rglob("*.toml")
    return sorted(file for file in files if not left_out.intersection(file.relative_to(folder).parts[:-1]))


def _claimed_twice(path: Path, data: bytes, claimed: str, first: Path) -> Fault:
    return _id_taken(path, data, claimed, f"which {clean(str(first), limit=300)} has already")


def _of_another_kind(path: Path, data: bytes, claimed: str, kind: str) -> Fault:
    return _id_taken(path, data, claimed, f"the id of a {kind} that is there already")


def _id_taken(path: Path, data: bytes, claimed: str, by: str) -> Fault:
    kind = kind_of(data)
    place = Locator(text_of(data)).place((kind, "id"))
    message = f'[{kind}]: id is "{claimed}", {by}'
    fix = "give each file an id of its own"
    return Fault(clean(str(path), limit=500), *place, "duplicate-id", "error", message, fix)
