"""The list that a recall asks for: of a machine, and of a load that one has made, the one by which the machine returns;
of everything else `item-recall`, about the clinic.

Knows the lists in force, and which of them wait or are open. Refuses to know how things are recalled, and what the
lists ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from checklist.clinic.errors import ClinicError
from checklist.clinic.follow_ups import recalled_thing
from checklist.clinic.identifiers.apart import EQUIPMENT
from checklist.clinic.identifiers.returning import kind_of_machine, ways
from checklist.clinic.identifiers.tracing import Records
from checklist.protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.trace.follow import How, Identifier

ITEM_LIST: Final = "item-recall"
CLINIC: Final = "clinic"
_MADE: Final[frozenset[How]] = frozenset({"produced"})


class RecallList(NamedTuple):
    """The list that a recall asks for, and what it is to be walked about. `run` is the one in which that is being done
    already; where there is none, it waits for whoever begins it."""

    protocol: str
    title: str
    subject: str
    run: str | None = None

    def data(self) -> dict[str, Json]:
        """The stable keys of `recall --json`."""
        return {"protocol": self.protocol, "subject": self.subject, "run": self.run}


def asked_by(clinic: Clinic, readers: Sequence[Reader], thing: Identifier) -> RecallList | None:
    """The list that the recall of this asks for; None where none that fits is in force, or where the lists in force
    cannot be read: what is called back is blocked all the same."""
    try:
        return _asked_by(clinic, readers, thing)
    except (ClinicError, ProtocolError):
        return None


def _asked_by(clinic: Clinic, readers: Sequence[Reader], thing: Identifier) -> RecallList | None:
    for machine in [thing.value] if thing.kind == EQUIPMENT else _makers(readers, thing):
        if found := _way_back(clinic, readers, machine):
            return _about(clinic, readers, found, f"{EQUIPMENT}={machine}", thing)
    if thing.kind == EQUIPMENT or ITEM_LIST not in clinic.library.in_force(readers[-1]):
        return None
    return _about(clinic, readers, ITEM_LIST, CLINIC, thing)


def opens(clinic: Clinic, readers: Sequence[Reader], thing: Identifier) -> dict[str, Json]:
    """What is recorded with the recall of this: the list that it opens. Nothing where none is in force, and where it
    waits or is being walked already."""
    found = asked_by(clinic, readers, thing)
    if found is None or found.run is not None or _waits(readers[-1], found, thing):
        return {}
    return {"opens": found.protocol, "subject": found.subject}


def _way_back(clinic: Clinic, readers: Sequence[Reader], machine: str) -> str | None:
    """The list by which this machine returns: one for machines of its kind, or else one for any. About a machine that
    clinic.toml does not know, nobody can walk one."""
    kind = kind_of_machine(clinic, machine)
    found = ways(clinic, readers, machine, frozenset({kind})) if kind is not None else []
    kinds = {name: clinic.library.named(readers[-1], name).protocol.equipment for name in found}
    fits = [name for name in found if kind in kinds[name]] + [name for name in found if not kinds[name]]
    return next(iter(fits), None)


def _makers(readers: Sequence[Reader], thing: Identifier) -> list[str]:
    """The machines that a load was made in, the last one first."""
    records = Records(readers)
    made = records.runs(dict.fromkeys(records.runs_with([thing], _MADE))) if thing.kind == "load" else ()
    about = [run.subject.partition("=") for run in reversed(made)]
    return [machine for kind, _, machine in about if kind == EQUIPMENT]


def _about(clinic: Clinic, readers: Sequence[Reader], name: str, subject: str, thing: Identifier) -> RecallList:
    title = clinic.library.named(readers[-1], name).protocol.title
    found = RecallList(name, title, subject)
    return found if _waits(readers[-1], found, thing) else found._replace(run=_open(readers[-1], found, thing))


def _waits(reader: Reader, one: RecallList, thing: Identifier) -> bool:
    """Whether it is asked for already, and nobody has begun it. What waits for a machine may be answered by any run
    about it that was begun since (see `follow_ups`), which knows nothing of a load that is recalled only now."""
    which, values = _same(one, thing)
    if thing.kind != EQUIPMENT and one.subject != CLINIC:
        which += " AND NOT EXISTS (SELECT 1 FROM run WHERE run.subject = follow_up.subject AND run.idx > follow_up.idx)"
    question = f"SELECT 1 FROM follow_up INDEXED BY follow_up_waits WHERE begun IS NULL AND {which}"  # noqa: S608 - ours
    return bool(reader.query(question, values))


def _open(reader: Reader, one: RecallList, thing: Identifier) -> str | None:
    """The run in which it is being walked. Of the clinic's list, one that was asked for by the same thing."""
    which, values = _same(one, thing)
    source = "run INDEXED BY run_open WHERE outcome = 'open'"
    if one.subject == CLINIC:
        source = "follow_up INDEXED BY follow_up_open WHERE settled = 0"
    column = "begun" if one.subject == CLINIC else "run"
    rows = reader.query(f"SELECT {column} FROM {source} AND {which} ORDER BY idx DESC", values)  # noqa: S608 - ours
    return next((str(row[0]) for row in rows), None)


def _same(one: RecallList, thing: Identifier) -> tuple[str, tuple[str, ...]]:
    """A machine's list is the same whichever of its loads are recalled; the clinic's only for the very thing: whoever
    walks it for another may know nothing yet of this one."""
    if one.subject != CLINIC:
        return "protocol = ? AND subject = ?", (one.protocol, one.subject)
    return "protocol = ? AND subject = ? AND recalled = ?", (one.protocol, one.subject, recalled_thing(*thing))
