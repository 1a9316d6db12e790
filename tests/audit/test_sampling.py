"""The rule by which a sample is drawn, followed by hand."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from checklist.audit.sampling import drawn

PLACES = [f"a#{number}" for number in range(0, 900, 9)]
ROOT = "ab" * 32


def by_hand(count: int, seed: str) -> list[str]:
    """The rule as docs/exports.md says it."""
    keyed = [(hashlib.sha256(f"{seed}:{ROOT}:{place}".encode()).hexdigest(), place) for place in PLACES]
    return [place for _, place in sorted(keyed)[:count]]


@given(st.integers(1, 120), st.text(max_size=30))
def test_the_same_seed_and_root_give_the_same_sample_to_everybody(count: int, seed: str) -> None:
    seed = seed.encode("utf-8", "replace").decode()
    found = drawn(iter(PLACES), count, seed, ROOT)
    assert found == by_hand(count, seed)
    assert len(found) == len(set(found)) == min(count, len(PLACES))


def test_another_seed_another_root_another_sample() -> None:
    first = drawn(PLACES, 10, "coin", ROOT)
    assert first != drawn(PLACES, 10, "coins", ROOT)
    assert first != drawn(PLACES, 10, "coin", "cd" * 32)
    assert first == drawn(reversed(PLACES), 10, "coin", ROOT)
    assert first == drawn(PLACES, 20, "coin", ROOT)[:10]
