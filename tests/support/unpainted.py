"""A screen without a terminal, of which only what somebody looks at is painted."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from textual._compositor import Compositor

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def unpainted() -> Iterator[None]:
    """Without a terminal the framework works out every frame and throws it away: here it does not. What a `Nurse`
    reads is worked out when they look, and every frame is where the program is started in a terminal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", _seen)
        yield


def _seen(compositor: Compositor, **_how: object) -> None:
    """What a frame leaves behind: nothing that has changed is unseen any more."""
    compositor._dirty_regions.clear()
