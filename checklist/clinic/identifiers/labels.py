"""Labels for the packs of a load, as a sheet of paper: what the record knows of the load, and a code that is scanned
where the pack is used.

Prints nothing that the record does not say: an unknown load, or one that must not be used, has no labels.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from checklist.clinic.identifiers.blocking import blocked
from checklist.clinic.identifiers.loads import keeps_until
from checklist.clinic.identifiers.tracing import Records
from checklist.clinic.printing import Printed, typeset
from checklist.run.reading import Refusal
from checklist.run.timing import calendar_day
from checklist.trace.code128 import QUIET, can_hold, modules
from checklist.trace.follow import Identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.printing import Paper
    from checklist.clinic.service import Clinic

Code = Literal["qr", "code128"]

_MOMENT: Final = timedelta(microseconds=1)
"""What ends with a day ends a moment before the next."""
_WIDEST: Final = 450
"""So many modules of a Code 128 can be printed on a label wide enough for a scanner to tell them apart."""


@dataclass(frozen=True, slots=True)
class LoadLabel:
    """What stands on the label of a load. Dates are written YYYY-MM-DD; `use_by` is empty where nothing says one.
    `pack` is the number of one pack, which serves one visit; without it the label is of the whole load."""

    load: str
    machine: str
    made: str
    use_by: str
    pack: str = ""

    @property
    def code(self) -> str:
        """What the scanner reads: the form in which it could be typed."""
        return f"load={self.load} pack={self.pack}" if self.pack else f"load={self.load}"


def load_label(clinic: Clinic, load: str) -> LoadLabel | Refusal:
    """The label of a load, or why it has none. Raises ClinicError, ProtocolError, LedgerError."""
    records, named = Records(clinic.histories()), Identifier("load", load)
    made = [use for use in records.uses_of(named) if use.how == "produced"]
    if not made:
        return Refusal("no-load", f"The record knows no load “{load}”: look at its number again.")
    if block := blocked(clinic.histories(), records, named):
        through = block.named(named)
        said = f"may not be used, for its {through} is {block.state}" if through else f"is {block.state}"
        return Refusal(block.state, f"Load {load} {said}: it gets no labels. Put its packs aside.")
    run = clinic.run(made[-1].run)
    at = replace(run.since, at=run.ended or run.started.at)
    until = keeps_until(run)
    return LoadLabel(
        load,
        dict(clinic.settings.subjects("equipment")).get(run.subject, run.subject),
        calendar_day(at).isoformat(),
        (until - _MOMENT).astimezone(ZoneInfo(at.zone)).date().isoformat() if until is not None else "",
    )


def of_packs(label: LoadLabel, first: int, count: int) -> list[LoadLabel]:
    """A label for each of so many packs of a load, numbered from `first` on. Nobody keeps which were printed: whoever
    prints more of a load later goes on from there."""
    return [replace(label, pack=f"{label.load}-{number:02}") for number in range(first, first + count)]


def new_packs(clinic: Clinic, label: LoadLabel, first: int, count: int) -> list[LoadLabel] | Refusal:
    """Labels as of `of_packs`; none where the record knows a pack of such a number, for the second one with it would be
    refused to its patient. Only a pack that was scanned is known."""
    packs, records = of_packs(label, first, count), Records(clinic.histories())
    known = [at for at, one in enumerate(packs) if records.uses_of(Identifier("pack", one.pack))]
    if not known:
        return packs
    told = f"Pack {packs[known[-1]].pack} was opened already, and a number is for one pack only"
    return Refusal("pack-known", f"{told}: go on behind the last label printed, from {first + known[-1] + 1} or later.")


def printed(labels: Sequence[LoadLabel], count: int, paper: Paper, code: Code) -> Printed | Refusal:
    """A sheet with so many labels of each load, or why such a code cannot hold one. Raises PrintError."""
    if code == "code128":
        for label in labels:
            if not can_hold(label.code) or len(modules(label.code)) > _WIDEST:
                return Refusal(
                    "code", f"“{label.load}” does not fit into a Code 128 on a label: print it with --code qr."
                )
    return typeset("labels.typ", texts(labels, count, code), paper)


def texts(labels: Sequence[LoadLabel], count: int, code: Code) -> dict[str, str]:
    """What the sheet's template is given."""
    draw = _qr if code == "qr" else _code128
    each = [{**asdict(label), "code": label.code, "picture": draw(label.code)} for label in labels]
    return {"labels": json.dumps(each, ensure_ascii=False), "count": str(count), "kind": code}


def _qr(text: str) -> str:
    import segno

    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(out, kind="svg", border=4, xmldecl=False)
    return out.getvalue().decode("ascii")


def _code128(text: str) -> str:
    bars = modules(text)
    path = "".join(f"M{at} 0h1v1h-1z" for at, black in enumerate(bars, QUIET) if black)
    width = len(bars) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="1" viewBox="0 0 {width} 1"'
        f' preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )
