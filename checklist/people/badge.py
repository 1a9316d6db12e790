"""Badges: what a keyboard-wedge reader types. A badge says who is meant and proves nothing; it is never a secret.

A badge is kept as an HMAC with the clinic's pepper, so that a thief of people.db cannot copy one: its few digits
would be found at once. Knows nothing of whose badge it is.
"""

from __future__ import annotations

import hmac
import unicodedata
from typing import Final

from checklist.people.operator import is_operator_id

SHORTEST: Final = 4
LONGEST: Final = 128

_DOMAIN: Final = b"checklist/badge/v1\n"


def badge_mac(text: str, pepper: bytes) -> bytes:
    """What is kept of a badge's text; any text at all has one."""
    return hmac.digest(pepper, _DOMAIN + _normal(text).encode("utf-8", "surrogatepass"), "sha256")


def check_badge(text: str) -> str | None:
    """Why this text cannot be a badge's, or None when it can."""
    badge = _normal(text)
    if not SHORTEST <= len(badge) <= LONGEST or not badge.isprintable():
        return f"A badge says {SHORTEST} to {LONGEST} letters, digits or signs: scan it once more."
    if is_operator_id(badge):
        return "This badge reads like an operator's id and would be taken for one: use another badge."
    return None


def _normal(text: str) -> str:
    """Without the blanks and the line end that a reader may add; width and composition make no difference."""
    return unicodedata.normalize("NFKC", text).strip()
