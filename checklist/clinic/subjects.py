"""What a run is about, as `kind=id`: the clinic, one of its rooms or machines, or a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.protocol.model import Protocol


def subject_of(clinic: Clinic, protocol: Protocol, subject: str, session: str | None) -> str | Refusal:
    """The subject that is meant for a run of this protocol; the only one there is need not be said."""
    kind = protocol.subject
    known = session and any(
        reader.query("SELECT 1 FROM session WHERE id = ?", (session,)) for reader in clinic.histories()
    )
    if session and not known:  # what stands in the record in clear is an id that the program made
        return Refusal("session", "There is no such session; open it first.")
    if kind == "session":
        return f"session={session}" if session else Refusal("subject", "Say which session: --session.")
    offered = [name for name, _ in clinic.settings.subjects(kind, protocol.equipment)]
    if subject in offered:
        return subject
    if not subject and len(offered) == 1:
        return offered[0]
    named = f"{kind} ({' or '.join(protocol.equipment)})" if protocol.equipment else kind
    return Refusal("subject", f"Say which {named} it is about: {', '.join(offered) or 'none is set up'}.")
