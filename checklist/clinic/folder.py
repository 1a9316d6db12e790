"""Where a clinic's things lie, and how its folder is found (design §5)."""

import os
from dataclasses import dataclass
from pathlib import Path

from checklist.clinic.errors import NoClinicError

CONFIG = "clinic.toml"
ENVIRONMENT = "CHECKLIST_CLINIC"


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one clinic folder."""

    root: Path

    @property
    def config(self) -> Path:
        """What the clinic is."""
        return self.root / CONFIG

    @property
    def protocols(self) -> Path:
        """The clinic's own protocol files."""
        return self.root / "protocols"

    @property
    def adopted(self) -> Path:
        """The exact bytes of every protocol ever in force, by SHA-256."""
        return self.root / "adopted"

    @property
    def ledger(self) -> Path:
        """The record."""
        return self.root / "ledger.db"

    @property
    def people(self) -> Path:
        """Names, secrets and openings: not the record."""
        return self.root / "people.db"

    @property
    def keys(self) -> Path:
        """The station's key and the pepper."""
        return self.root / "keys"

    @property
    def evidence(self) -> Path:
        """Attached files by SHA-256."""
        return self.root / "evidence"

    @property
    def archives(self) -> list[Path]:
        """The ledgers of earlier stations, kept read-only by a restore, by their names: which followed which they say
        themselves (see `histories`)."""
        return sorted(self.root.glob("ledger-*.db"))

    @property
    def made(self) -> bool:
        """Whether a clinic has been made here."""
        return self.config.is_file()


def find(named: Path | None = None) -> Folder:
    """The clinic folder: the one named, else by the environment, else the nearest upwards, else the user's.

    A folder that is named must hold a clinic (NoClinicError); the user's own may still have to be made.
    """
    chosen = named or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    if chosen is not None:
        return Folder(chosen.absolute())
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the folder in which the program was started is gone
        return own_folder()
    for place in (here, *here.parents):
        if (place / CONFIG).is_file():
            return Folder(place)
    return own_folder()


def own_folder() -> Folder:
    """The clinic folder in this user's data folder, where a first start makes one."""
    from platformdirs import user_data_path

    return Folder(user_data_path("checklist", appauthor=False) / "clinic")


def existing(named: Path | None = None) -> Folder:
    """The clinic folder, which must have been made. Raises NoClinicError."""
    folder = find(named)
    if not folder.made:
        raise NoClinicError(
            f"{folder.root}: there is no clinic here; make one with “checklist init {folder.root}”, "
            "or name another with --clinic."
        )
    return folder
