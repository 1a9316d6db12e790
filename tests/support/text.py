"""What a test asks of a text that people will read."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from checklist.clinic import config
from checklist.protocol.text import clean


def is_clean(text: str, *, multiline: bool = False) -> bool:
    """Whether cleaning would leave it as it is, whatever its length."""
    room_to_grow = 4 * len(text) + 1  # NFC may make a text longer, never more than threefold
    return clean(text, limit=room_to_grow, multiline=multiline) == text


def by_the_clinics_clock(clinic: Path, at: object) -> str:
    """A time of the record (ISO 8601 UTC) as people there read it, to the second."""
    zone = ZoneInfo(config.load(clinic / "clinic.toml").clinic.timezone)
    return f"{datetime.fromisoformat(str(at)).astimezone(zone):%Y-%m-%d %H:%M:%S}"
