"""Views compared with what they are when built anew."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from checklist.ledger.views import Rebuild

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.ledger.reader import Reader
    from checklist.ledger.views import View


def rebuild_views(reader: Reader, views: Sequence[View]) -> list[str]:
    """How the ledger's tables differ from those built anew from all its entries; empty where they do not."""
    with contextlib.closing(Rebuild(views)) as rebuild:
        return rebuild.differences(reader)
