"""Making a clinic: its folder, its keys, its first lead, the shipped protocols and profiles adopted, and entry 0."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.errors import ClinicError
from checklist.clinic.people import recovery
from checklist.clinic.plan.configured import configuring
from checklist.clinic.texts.adoption import Loaded, adoption, keep_bytes
from checklist.clinic.texts.procedures import shipped_procedures
from checklist.clinic.views import VIEWS
from checklist.ledger import durable
from checklist.ledger.clock import SystemClock
from checklist.ledger.keys import StationKey
from checklist.ledger.store import Ledger
from checklist.people.commitment import name_opening
from checklist.people.operator import FIRST_LEAD_ROLES, added, check_name, clean_name, new_operator_id
from checklist.people.secret import check_strength, hash_secret, load_or_create_pepper
from checklist.people.store import PeopleStore
from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.text import clean
from checklist.run.timing import utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.folder import Folder
    from checklist.ledger.clock import Clock

UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Made:
    """What a new clinic must keep on paper: the key its record is checked by, and the recovery code."""

    folder: Folder
    lead: str
    vkey: str
    recovery: str


def refuse_lead(name: str, secret: str) -> str | None:
    """Why this name and secret cannot be the first lead's; None if they can."""
    return check_name(name) or check_strength(secret, clean_name(name))


def refuse_made(folder: Folder) -> None:
    """Raises ClinicError where a clinic has been made already."""
    if folder.made:
        raise ClinicError(f"{folder.root}: there is a clinic here already; open it with “checklist”.")


def refuse_jurisdiction(named: str) -> str | None:
    """Why a new clinic cannot name this jurisdiction; None if it can. Empty names none."""
    known = sorted(shipped_profiles())
    if not named or named in known:
        return None
    return f"There is no profile “{clean(named, limit=64)}”; there are: {', '.join(known)}."


def make(
    folder: Folder, name: str, lead: str, secret: str, via: str, jurisdiction: str = "", clock: Clock | None = None
) -> Made:
    """Make a clinic in `folder` with its first lead, now, or when `clock` says. Raises ClinicError where that is not
    possible.

    All shipped profiles are adopted, so that naming another jurisdiction in clinic.toml is enough. That file is written
    last: a folder that was interrupted half-way is not taken for a clinic.
    """
    if refusal := refuse_lead(lead, secret) or refuse_jurisdiction(jurisdiction):
        raise ClinicError(refusal)
    if not clean_name(name):
        raise ClinicError("A clinic needs a name.")
    refuse_made(folder)
    try:
        with _claimed(folder):
            return _made(folder, name, lead, secret, via, jurisdiction, clock or SystemClock(local_zone()))
    except OSError as error:
        raise ClinicError(
            f"{folder.root}: the clinic's folder cannot be made ({error.strerror}); choose another."
        ) from None


def _made(folder: Folder, name: str, lead: str, secret: str, via: str, jurisdiction: str, clock: Clock) -> Made:
    text = configuration.new_config(name, clock().zone, jurisdiction)
    origin = configuration.origin_from(name)
    key = StationKey.create(folder.keys, f"{origin}/a")
    pepper = load_or_create_pepper(folder.keys)
    texts: list[Loaded] = [*shipped().values(), *shipped_procedures().values(), *shipped_profiles().values()]
    keep_bytes(folder.adopted, {found.sha256: found.data for found in texts})
    operator = new_operator_id()
    opening = name_opening(operator, clean_name(lead))
    now = utc(clock())
    with PeopleStore.create(folder.people) as people:
        people.add_person(operator, lead, hash_secret(secret, pepper, operator), at=now)
        people.keep([opening], at=now)
    drafts = [added(operator, FIRST_LEAD_ROLES, opening.commitment, actor=None, via=via)]
    drafts += [adoption(found, None, None, "system") for found in texts]
    drafts.append(configuring(folder.adopted, configuration.read(text.encode(), str(folder.config))))
    ledger = Ledger.create(folder.ledger, origin=origin, station="a", key=key, clock=clock, views=VIEWS, drafts=drafts)
    ledger.close()
    code = recovery.renew(folder.keys, pepper)
    durable.replace(folder.config, text.encode())
    settle(folder)
    return Made(folder, operator, key.vkey, code)


def settle(folder: Folder) -> None:
    """Take away the mark of an unfinished start from a folder that is whole. Raises OSError."""
    (folder.root / UNFINISHED).unlink(missing_ok=True)


@contextmanager
def _claimed(folder: Folder) -> Iterator[None]:
    """Hold a folder in which nothing of a clinic lies, or one that an interrupted start left unfinished, for as long
    as the block runs: no other start may work in it. The mark goes away when the clinic is whole, so that what lies
    here unmarked is never mistaken for a left-over."""
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = folder.root / UNFINISHED
    _refuse_left_over(folder, mark)
    handle = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, durable.OWNER_ONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ClinicError(
                f"{folder.root}: a clinic is being made here right now; wait a little, then open it with “checklist”."
            ) from None
        if folder.made:  # by somebody else, in the moment before
            settle(folder)
            refuse_made(folder)
        durable.sync_folder(folder.root)
        _empty(folder)
        yield
    finally:
        os.close(handle)


def _refuse_left_over(folder: Folder, mark: Path) -> None:
    kept = [folder.ledger, *folder.archives, folder.people, folder.keys, folder.adopted, folder.evidence]
    left = [path.name for path in kept if path.exists()]
    if left and not mark.exists():
        raise ClinicError(
            f"{folder.root}: a clinic's {left[0]} lies here without its clinic.toml; restore it from a backup, "
            "or choose an empty folder."
        )


def _empty(folder: Folder) -> None:
    """Take away what an interrupted start left, and make the folders of a new one."""
    for path in (folder.ledger, folder.people):
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    shutil.rmtree(folder.keys, ignore_errors=True)
    for sub in (folder.protocols, folder.adopted, folder.evidence, folder.keys):
        sub.mkdir(mode=0o700, exist_ok=True)


def local_zone() -> str:
    """The IANA name of this machine's time zone; UTC where it does not tell."""
    named = os.environ.get("TZ", "").removeprefix(":")
    with suppress(OSError):
        named = named or str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(named).key if named else "UTC"
    except (KeyError, OSError, ValueError):
        return "UTC"
