"""Everything that is wrong with a set of protocol files, structure only.

What the loader finds, and ids that more than one of the files claims. Judges no wording.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from checklist.protocol.errors import Fault
from checklist.protocol.loader import LoadedProtocol, read, text_of
from checklist.protocol.locate import Locator
from checklist.protocol.text import clean

OTHER_FOLDERS: Final = frozenset({"procedures", "profiles", "readers"})
"""Folders beside the protocols whose TOML files are of another kind."""


def lint(paths: Iterable[Path]) -> list[Fault]:
    """Return all faults of the files, and of the files in the folders, that `paths` name."""
    return [fault for _, faults in lint_each(paths) for fault in faults]


def lint_each(paths: Iterable[Path]) -> Iterator[tuple[Path, list[Fault]]]:
    """Yield each of these files with its own faults; none where all is well."""
    first: dict[str, Path] = {}
    for path in _files(paths):
        result = read(path)
        if isinstance(result, list):
            yield path, result
        elif result.protocol.id in first:
            yield path, [_claimed_twice(path, result, first[result.protocol.id])]
        else:
            first[result.protocol.id] = path
            yield path, []


def has_errors(faults: Iterable[Fault]) -> bool:
    """Say whether any fault is an error; warnings and advice never stop anyone."""
    return any(fault.severity == "error" for fault in faults)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths:
        found = _in_folder(path) if path.is_dir() else [path]
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


def _in_folder(folder: Path) -> list[Path]:
    files = folder.rglob("*.toml")
    return sorted(file for file in files if not OTHER_FOLDERS.intersection(file.relative_to(folder).parts[:-1]))


def _claimed_twice(path: Path, loaded: LoadedProtocol, first: Path) -> Fault:
    place = Locator(text_of(loaded.data)).place(("protocol", "id"))
    message = f'[protocol]: id is "{loaded.protocol.id}", which {clean(str(first), limit=300)} has already'
    fix = "give each protocol an id of its own"
    return Fault(clean(str(path), limit=500), *place, "duplicate-id", "error", message, fix)
