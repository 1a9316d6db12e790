"""Taking along what is seen: the entries of a filter or of a run, as a file, to a place that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from checklist.audit.export.appearing import ExportError
from checklist.audit.words import FilterError
from checklist.clinic.auditing import opened
from checklist.clinic.exporting import Exported, as_lines, as_tables, chosen, damaged, places
from checklist.clinic.judging import judged
from checklist.run.reading import Refusal
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.staffing.people_reads import VIA

if TYPE_CHECKING:
    from checklist.tui.auditing.shelf import Laid, Shelf
    from checklist.tui.face import Face

_FORMS: Final = (("jsonl", "JSON Lines: every entry to the byte"), ("csv", "a folder of CSV files, for a spreadsheet"))
_NOTE: Final = "People leave as ids, words as commitments. The record says that it was exported."


async def export(face: Face[Any], shelf: Shelf, line: str, name: str) -> None:
    """Ask how and where to, and write what this filter takes."""
    desk = face.desk

    async def submit(answers: Answers) -> Exported | Refusal:
        return await shelf.told(form, "Exporting", _write, answers["form"], answers["path"], line)

    parts = (
        Pick("form", "AS", _FORMS, first=True),
        Line("path", "INTO THE FILE", "Say where to, such as ~/log.jsonl.", value=str(Path.home() / name)),
    )
    title = f"EXPORT {line}" if line else "EXPORT THE WHOLE RECORD"
    form: Form[Exported] = Form(title, parts, submit, does="EXPORT", back="BACK", note=_NOTE)
    done = await desk.ask(form)
    if done is not None:
        lost = f"; {len(done.damaged)} could not be read" if done.damaged else ""
        face.tell(f"{done.count:,} exported to {done.path}{lost}. SHA-256 {done.sha256[:16]}…")


def _write(laid: Laid, form: str, named: str, line: str) -> Exported | Refusal:
    """Write it, resting on nothing that was laid out before. JSON Lines get an ending that says so, where the name has
    none."""
    out = Path(named.strip()).expanduser().absolute()
    if form == "jsonl" and not out.suffix:
        out = out.with_suffix(".jsonl")
    try:
        if form == "jsonl" and not line:
            return as_lines(laid.clinic, out, VIA, progress=laid.progress)
        with opened(laid.clinic, progress=laid.progress, fresh=True) as tables:
            judged(laid.clinic, tables, laid.progress)
            wanted = chosen(laid.clinic, tables, line) if line else None
            if wanted is not None and not wanted.entries:
                return Refusal("nothing", "There is no entry to export.")
            if form == "csv" or wanted is None:
                return as_tables(laid.clinic, tables.db, out, VIA, wanted, laid.progress)
            at, lost = places(tables.db, wanted), damaged(tables.db)
            return as_lines(laid.clinic, out, VIA, at, laid.progress, lost=lost)
    except (ExportError, FilterError) as error:
        return Refusal("export", str(error))
