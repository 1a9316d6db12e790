"""A time of the record as the clinic's own clock shows it: all that commands which only look need of a line."""

from datetime import datetime
from zoneinfo import ZoneInfo


def local(at: str, zone: str) -> str:
    """A UTC time of the record by the clinic's own clock, to the minute."""
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
