"""How people and the record stand: credentials, and what vouches for the record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from checklist.audit.losses import lost
from checklist.audit.report.document import Column, Facts, Heading, Note, Paragraph, Table
from checklist.audit.report.known import count, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.audit.report.document import Block
    from checklist.audit.report.known import Integrity, Known

_AHEAD: Final = 30
_UNREAD: Final = "cannot be read"
_LIMITS: Final = (
    (
        "The record is tamper-evident, not tamper-proof: nothing keeps a file from being changed, but a change shows."
        " Whoever is in full control of the machine can still rewrite what was recorded after the last anchor, and "
        "leave off its end. Only an anchor that is kept elsewhere, on paper or by somebody else, shows that."
    ),
    "That what was shown as saved is still there after a power cut rests on the drive keeping what it said it kept.",
    (
        "A signature vouches for a secret that was given at that moment, and a second person is worth as much as their"
        " independence. The record says what was entered; it cannot know what was done."
    ),
    "This is no legal advice and no judgement of whether the clinic meets any rule.",
)


def credentials(known: Known) -> Iterator[Block]:
    """Who holds what until when, as of the newest entry: what is over or nearly so."""
    yield Heading("Credentials", "credentials")
    if known.credentials is None:
        yield Note("Who holds which credential could not be read; see “checklist verify”.")
        return
    soon = (date.fromisoformat(known.today) + timedelta(days=_AHEAD)).isoformat() if known.today else ""
    over = [each for each in known.credentials if each.until and each.until < known.today]
    ending = [each for each in known.credentials if each.until and known.today <= each.until <= soon]
    yield Paragraph(
        f"{some(len(known.credentials), 'credential')} {'is' if len(known.credentials) == 1 else 'are'} held by people"
        f" who work here. On {known.today or 'no day'}, {count(len(over))} of them"
        f" {'is' if len(over) == 1 else 'are'} over and {count(len(ending))}"
        f" end{'s' if len(ending) == 1 else ''} within {_AHEAD} days. One that is over stops the steps that need it."
    )
    if over or ending:
        yield Table(
            "Over, or nearly so",
            tuple(map(Column, ("Person", "Credential", "Last day", "Standing"))),
            tuple(
                (known.person(each.operator), each.credential, each.until, standing)
                for standing, held in (("over", over), (f"ends within {_AHEAD} days", ending))
                for each in sorted(held, key=lambda one: (one.until, one.operator, one.credential))
            ),
        )


def warned(known: Known) -> str:
    """The same in a word, for the very top; "" for a record that was found clean, or not verified, and can be read."""
    result = "clean" if known.integrity.now is None else known.integrity.now.result
    words = {"clean": "", "tampered": "TAMPERED, as verified for this report · "}
    part = "A PART CANNOT BE READ · " if lost(known.db) else ""
    return f"{words.get(result, 'CANNOT BE CHECKED · ')}{part}"


def tampered(known: Known) -> Iterator[Block]:
    """Before everything else: that the record is not what was recorded, where a verification said so."""
    now = known.integrity.now
    if now is None or now.result == "clean":
        return
    if now.result == "tampered":
        yield Note(
            "TAMPERED, in the word of “checklist verify”: by the verification for this report, a part of the record"
            " cannot be read or is not what was signed. Read everything below with that: what the verification names"
            " stands first among the findings."
        )
    else:
        yield Note(
            "CANNOT BE CHECKED. The verification for this report could not say whether the record is as it was"
            " recorded. Read everything below with that."
        )


def incomplete(known: Known) -> Iterator[Block]:
    """Before everything else: what of the record is not in the report, by its places and how many they are."""
    gone = lost(known.db)
    if gone is not None:
        yield Note(
            f"{gone.why}. What such an entry said is not in this report. A run that it belongs to has the outcome"
            " “unknown”, and does not count as done where the plan asked for one; nothing that was planned for a time"
            " of which entries cannot be read counts as missed."
        )
        if gone.end:
            yield Note(
                f"What can be read ends on {gone.end}, and the record goes on after that: the days up to which this"
                " report tells and counts are those of what can be read."
            )
    for sentence in known.integrity.unreadable:
        yield Note(f"Not all of the record is in this report: {sentence}")


def integrity(known: Known) -> Iterator[Block]:
    """What vouches for the record and up to where, and what does not."""
    stands = known.integrity
    yield Heading("How far this record can be trusted", "integrity")
    yield Facts(
        (
            ("Record", stands.origin),
            ("Size", some(stands.size, "entry", "entries")),
            ("Root", stands.root or _UNREAD),
            ("Key of the record", stands.key or "not known"),
            ("The clinic's last work on record", known.moment(known.last)),
            *((("Goes on from", ", ".join(stands.earlier)),) if stands.earlier else ()),
            ("Anchored", _anchored(known)),
            ("Not anchored", _unanchored(stands)),
            ("Last recorded verification", _verified(known)),
            ("Verified for this report", _now(known)),
        )
    )
    if stands.now is not None and stands.now.result != "clean":
        yield Note(
            "The verification for this report did not find the record clean. Read everything else here with that."
        )
    if stands.now is not None and stands.now.why:
        yield Table("What the verification names", (Column("Seen"),), tuple((why,) for why in stands.now.why))
    yield Heading("What this cannot show", "limits", 3)
    for limit in _LIMITS:
        yield Paragraph(limit)
    yield Paragraph(
        "Anybody can check the record without this program: its checkpoints are signed notes, its entries the leaves of"
        " a Merkle tree (C2SP signed-note and tlog-tiles)."
    )


def _anchored(known: Known) -> str:
    anchor, lacks = known.integrity.anchor, "anchored" in known.integrity.lacks
    if anchor is None:
        return _UNREAD if lacks else "No checkpoint of this record is known to be kept elsewhere."
    first = some(anchor.size, "entry", "entries")
    later = "; whether a later one is kept, cannot be read" if lacks else ""
    return f"the first {first}, on {known.moment(anchor.at)} ({anchor.how or 'no way named'}){later}"


def _unanchored(stands: Integrity) -> str:
    after = stands.size - (stands.anchor.size if stands.anchor is not None else 0)
    if after <= 0:
        return "nothing"
    if stands.anchor is None:
        return _UNREAD if "anchored" in stands.lacks else f"{some(after, 'entry', 'entries')}: all of it"
    most = "at most " if "anchored" in stands.lacks else ""
    return f"{most}{some(after, 'entry', 'entries')}: all that came after the first {count(stands.anchor.size)}"


def _verified(known: Known) -> str:
    last, lacks = known.integrity.verified, "verified" in known.integrity.lacks
    if last is None:
        return _UNREAD if lacks else "none"
    found = f"{known.moment(last.at)}: {last.result}, over {some(last.size, 'entry', 'entries')}"
    return f"{found}; whether there was a later one, cannot be read" if lacks else found


def _now(known: Known) -> str:
    now = known.integrity.now
    return "not verified for this report" if now is None else f"{now.result}, over {some(now.size, 'entry', 'entries')}"
