"""What a line says at a step that asks for a label: scanned, or typed by kind. Pure; decides nothing about the run."""

from dataclasses import dataclass
from datetime import date

from checklist.clinic.config import Scanner
from checklist.line.words import short_enough
from checklist.protocol.model import Scan
from checklist.run import commands as c
from checklist.run.reading import Refusal, split_pairs
from checklist.trace.scan import Scanned, scanned

_AS_IT_COMES = Scanner()


@dataclass(frozen=True, slots=True)
class Sent:
    """How a line came. `burst`: as a scanner sends it; None where nobody can tell, as from a pipe. `scanner` is how the
    clinic's are set, `before` what another code of the same label gave."""

    burst: bool | None = None
    scanner: Scanner = _AS_IT_COMES
    before: Scanned | None = None


def read_line(step: Scan, line: str, today: date, sent: Sent) -> c.Give | Scanned | Refusal:
    """The value to give, or what was read of it where something is lacking.

    It counts as scanned if it came as a burst; from a pipe only where it is a code of GS1 or HIBC, which nobody types.
    """
    sure = sent.before.identifiers if sent.before is not None else {}
    pairs = None if sent.burst else split_pairs(line)
    if pairs:
        return short_enough(line) or c.Give(step.id, {**sure, **pairs} if sure else line.strip())
    found = scanned(
        step,
        line,
        today,
        sent.scanner.substitutes,
        separators_sure=sent.scanner.separators_tested,
        before=sent.before,
    )
    if isinstance(found, Refusal) and found.code == "label-plain" and not sent.burst:
        return c.Give(step.id, line.strip())  # typed, and refused with how it is typed
    if isinstance(found, Refusal) or found.lacking:
        return found
    code = sent.burst is None and line.strip() not in found.identifiers.values()
    return c.Give(step.id, found.identifiers, "scanned" if sent.burst or code else "typed")
