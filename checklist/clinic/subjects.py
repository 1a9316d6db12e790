"""What a run is about, as `kind=id`: the clinic, one of its rooms or machines, or a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic


def subject_of(clinic: Clinic, kind: str, subject: str, session: str | None) -> str | Refusal:
    """The subject that is meant for a protocol about this kind; the only one there is need not be said."""
    known = session and any(
        reader.query("SELECT 1 FROM session WHERE id = ?", (session,)) for reader in clinic.histories()
    )
    if session and not known:  # what stands in the record in clear is an id that the program made
        return Refusal("session", "There is no such session; open it first.")
    if kind == "session":
        return f"session={session}" if session else Refusal("subject", "Say which session: --session.")
    offered = [name for name, _ in clinic.settings.subjects(kind)]
    if subject in offered:
        return subject
    if not subject and len(offered) == 1:
        return offered[0]
    return Refusal("subject", f"Say which {kind} it is about: {', '.join(offered) or 'none is set up'}.")
