"""What a test asks of a text that people will read."""

from checklist.protocol.text import clean


def is_clean(text: str, *, multiline: bool = False) -> bool:
    """Whether cleaning would leave it as it is, whatever its length."""
    room_to_grow = 4 * len(text) + 1  # NFC may make a text longer, never more than threefold
    return clean(text, limit=room_to_grow, multiline=multiline) == text
