"""What procedures ask of a run of one protocol, in the words in which a simulated path is judged.

Only what a run by itself can satisfy: not its room, its visit or its age, nobody's credential, and not what must stand
open nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.gate.reading import parse
from checklist.gate.requirement import AnswerGiven, RunDone
from checklist.protocol.library import shipped_folder
from checklist.protocol.loader import contents
from checklist.run.paths import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.gate.procedure import Procedure


def asked_of(procedures: Iterable[Procedure], protocol: str) -> tuple[Asked, ...]:
    """Every requirement that asks for a run of this protocol, or for an answer in one; each as `procedure/id`."""
    return tuple(asked for procedure in procedures for asked in _asked(procedure, protocol))


def _asked(procedure: Procedure, protocol: str) -> Iterator[Asked]:
    listed = (*procedure.requires, *procedure.closes)
    runs = [one for one in listed if isinstance(one, RunDone) and one.protocol == protocol]
    for one in listed:
        name = f"{procedure.id}/{one.id}"
        if isinstance(one, RunDone) and one.protocol == protocol:
            yield Asked(name, frozenset(one.tolerates), None, one.through)
        elif isinstance(one, AnswerGiven) and one.answer.protocol == protocol:
            # A run in which something was answered counts on the terms on which it is asked for.
            terms = runs[0] if runs else None
            tolerates = frozenset(terms.tolerates) if terms is not None else frozenset[str]()
            through = terms.through if terms is not None else None
            yield Asked(name, tolerates, (one.answer.step, tuple(one.answer.is_)), through)


def procedures_at_hand(folder: Folder) -> tuple[Procedure, ...]:
    """The clinic's own procedure files, and the shipped ones whose place none of them takes; what cannot be used is
    left out, since lint tells why."""
    files: dict[str, Path] = {}
    for place in (shipped_folder(), folder.protocols):
        files |= {path.stem: path for path in sorted((place / "procedures").glob("*.toml"))}
    read = ((path, contents(path)) for path in files.values())
    parsed = (parse(data, name=str(path)) for path, data in read if isinstance(data, bytes))
    return tuple(found.procedure for found in parsed if not isinstance(found, list))
