"""Bringing a text into force: a lead sees what would change and signs for it, and the exact bytes are kept before the
entry that names them.

The adoption and the signature under it are one transaction. The signature names the adoption by its leaf hash, and so
the SHA-256 of the text; `verify` asks for it (`attribution`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.acting import barred
from checklist.clinic.errors import ClinicError, UnknownProtocolError
from checklist.clinic.people.comparing import decided
from checklist.clinic.people.people_views import held_here
from checklist.clinic.texts.adoption import about_of, adoption, keep_bytes
from checklist.clinic.texts.difference import difference
from checklist.clinic.texts.kinds import kind_of, shipped_kinds
from checklist.clinic.texts.library import InForce
from checklist.ledger.entry import Draft
from checklist.people.commitment import name_opening
from checklist.protocol.errors import ProtocolError
from checklist.protocol.linting.surroundings import unheld
from checklist.protocol.linting.wording import unfinished
from checklist.protocol.loader import LoadedProfile, LoadedProtocol
from checklist.protocol.plain import version_numbers
from checklist.protocol.profile import unmet
from checklist.protocol.text import clean
from checklist.run.events import Kind, text_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.signature import ADOPTIONS, APPROVED
from checklist.run.timing import utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.clinic.texts.adoption import Loaded
    from checklist.clinic.texts.difference import Difference
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol

_SHORTEST_DIGEST = 8


@dataclass(frozen=True, slots=True)
class Adopted:
    """A text, the one in force that it replaces (None: none), and what that changes; in force now, or yet to be
    adopted."""

    found: Loaded
    was: InForce | None
    difference: Difference
    keeping: tuple[str, ...]
    """A sentence for each earlier version that open runs keep."""
    unheld: tuple[str, ...] = ()
    """A sentence for each role and credential that it asks for and nobody here has."""

    @property
    def id(self) -> str:
        """The name of the text."""
        return about_of(self.found).id

    @property
    def version(self) -> str:
        """The version of the text."""
        return about_of(self.found).version

    @property
    def same_version(self) -> bool:
        """Whether the text has changed under one version."""
        return self.was is not None and self.was.sha256 != self.found.sha256 and self.was.version == self.version

    @property
    def lower_version(self) -> bool:
        """Whether the text is of an earlier version than the one in force."""
        return _lower(self.found, self.was) is not None

    @property
    def unfinished(self) -> str:
        """Where the text still says what was to be replaced, the first of it; empty where nothing does."""
        if not isinstance(self.found, LoadedProtocol):
            return ""
        return next((one.message for one in unfinished(self.found.protocol)), "")


def adopt(clinic: Clinic, name: str, who: SignedIn, via: str, shown: Adopted | None = None) -> Adopted | Refusal:
    """Adopt the clinic's own file of that name, or else the shipped one, by the signature of who has signed in; exactly
    what was `shown` to them, where they have seen it already.

    Raises UnknownProtocolError where there is none, ProtocolFileError where it has faults, and ClinicError where its
    text cannot be kept.
    """
    if refusal := barred(clinic, clinic.ledger, Act.ADOPT, who):
        return refusal
    coming = shown or candidate(clinic, name)
    found = coming.found
    if refusal := unfit(clinic, coming):
        return refusal
    try:
        keep_bytes(clinic.folder.adopted, {found.sha256: found.data})
    except OSError as error:
        raise ClinicError(
            f"{clinic.folder.adopted}: the text cannot be kept ({error.strerror}); nothing was adopted."
        ) from None
    opening = name_opening(who.id, clinic.name_of(who.id))
    clinic.people.keep([opening], at=utc(clinic.now()))

    def decide(reader: Reader) -> Sequence[Draft] | Refusal:
        was = clinic.library.text_in_force(reader, about_of(found).id)
        refusal = barred(clinic, reader, Act.ADOPT, who)
        if refusal is None and was != coming.was and (was is None or was.sha256 != found.sha256):
            return Refusal("changed", "Another version was adopted just now; look at the difference again.")
        return (
            refusal
            or _unfit(found, was)
            or [
                adoption(found, was.sha256 if was else None, who.id, via),
                _approval(who, opening.commitment, via),
            ]
        )

    entries = decided(clinic.ledger, decide)
    return entries if isinstance(entries, Refusal) else coming


def unfit(clinic: Clinic, coming: Adopted) -> Refusal | None:
    """Why this cannot come into force, whoever signs; None if it can."""
    return _unfit(coming.found, coming.was) or _lacking(clinic, coming.found)


def candidate(clinic: Clinic, name: str) -> Adopted:
    """What adopting the clinic's own file of that name, or else the shipped one, would bring. Raises as `adopt`."""
    return compared(clinic, clinic.library.candidate(name))


def compared(clinic: Clinic, found: Loaded) -> Adopted:
    """What bringing this text into force would change."""
    was = clinic.library.text_in_force(clinic.ledger, about_of(found).id)
    before: Loaded | None = None
    with suppress(ClinicError, ProtocolError):  # its text is lost, and can be replaced
        before = None if was is None else clinic.library.text(was)
    protocols = in_force(clinic) if isinstance(found, LoadedProfile) else ()
    return Adopted(found, was, difference(before, found, protocols), _kept_by(clinic, found), _unheld(clinic, found))


def _unheld(clinic: Clinic, found: Loaded) -> tuple[str, ...]:
    if not isinstance(found, LoadedProtocol):
        return ()
    return tuple(one.message for one in unheld(found.protocol, held_here(clinic.ledger)))


def in_force(clinic: Clinic) -> Iterator[Protocol]:
    """Every protocol in force whose text is whole; the others are told by the checks of the record."""
    for name, one in clinic.library.in_force(clinic.ledger).items():
        with suppress(ClinicError, ProtocolError):
            yield clinic.library.by_digest(name, one.sha256).protocol


def adopted_text(clinic: Clinic, digest: str) -> Loaded:
    """The text that was ever adopted with this SHA-256, or one that begins so. Raises UnknownProtocolError."""
    if len(digest) < _SHORTEST_DIGEST:
        raise UnknownProtocolError(f"Give at least {_SHORTEST_DIGEST} digits of the SHA-256, not “{clean(digest)}”.")
    named = {
        (kind.removesuffix(".adopted"), str(text_of(entry.data, "sha256")), str(text_of(entry.data, "id")))
        for kind in ADOPTIONS
        for entry in clinic.ledger.entries_of_kind(kind)
        if (text_of(entry.data, "sha256") or "").startswith(digest)
    }
    if len(named) != 1:
        raise UnknownProtocolError(
            f"No one text with a SHA-256 that begins with “{digest[:64]}” was adopted here; "
            "see “checklist log --kind protocol.adopted”."
        )
    ((kind, sha256, name),) = named
    return clinic.library.text(InForce(name, "", sha256, kind))


def _approval(who: SignedIn, name: str, via: str) -> Draft:
    """The signature under the entry before it."""
    data: dict[str, Json] = {"meaning": APPROVED, "factors": list(who.person.factors), "name": name}
    return Draft(Kind.SIGNED.value, data, who.id, via, of_last=True)


def _unfit(found: Loaded, was: InForce | None) -> Refusal | None:
    """Why this cannot come into force, where `was` is what has its id now; None if it can."""
    named, kind = about_of(found), kind_of(found)
    taken = was.kind if was is not None else shipped_kinds().get(named.id, kind)
    if taken != kind:
        where = "in force here" if was is not None else "that comes with the program"
        return Refusal("other-kind", f"“{named.id}” is the id of a {taken} {where}; give this {kind} another id.")
    if was is None or was.sha256 != found.sha256:
        return _lower(found, was)
    return Refusal("in-force", f"“{named.title}” {named.version} is in force already.")


def _lower(found: Loaded, was: InForce | None) -> Refusal | None:
    """Why a text of an earlier version cannot replace the one in force; None where it is none."""
    named = about_of(found)
    if was is None or version_numbers(named.version) >= version_numbers(was.version):
        return None
    return Refusal(
        "lower-version",
        f"“{named.title}” is version {named.version}, and {was.version} is in force: raise its version above that.",
    )


def _lacking(clinic: Clinic, found: Loaded) -> Refusal | None:
    """Why a profile cannot come into force beside the protocols that are; None if it can, or is none."""
    why = next(unmet(found.profile, in_force(clinic)), None) if isinstance(found, LoadedProfile) else None
    if why is None:
        return None
    return Refusal("profile", f"The profile “{about_of(found).id}” {why.words}; mend its file, then adopt it.")


def _kept_by(clinic: Clinic, found: Loaded) -> tuple[str, ...]:
    """A sentence for each other version of a protocol that runs go on with: they end as they began."""
    if not isinstance(found, LoadedProtocol):
        return ()
    rows = clinic.ledger.query(
        "SELECT version, count(*) FROM run WHERE protocol = ? AND sha256 <> ?"
        " AND outcome IN ('open', 'complete-except-deferred') GROUP BY sha256, version ORDER BY version",
        (found.protocol.id, found.sha256),
    )
    return tuple(
        f"{count} open run{'' if count == 1 else 's'} keep{'s' * (count == 1)} version {version}."
        for version, count in rows
    )
