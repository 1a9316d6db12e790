"""What is followed, and what is not: a small record in memory, and any record at all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from checklist.trace import follow
from checklist.trace.follow import How, Identifier, back, forward, key

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Record:
    """Which run made, used or saw what."""

    facts: list[tuple[str, How, Identifier]] = field(default_factory=list)

    def runs_with(self, identifiers: Sequence[Identifier], hows: frozenset[How]) -> Sequence[str]:
        return [run for one in identifiers for run, how, named in self.facts if named == one and how in hows]

    def named_by(self, runs: Sequence[str], how: How) -> Sequence[Identifier]:
        return [named for one in runs for run, does, named in self.facts if run == one and does == how]


LOT, LOAD, PACK = Identifier("lot", "A12"), Identifier("load", "S1-01"), Identifier("pack", "P7")
CLINIC = Record(
    [
        ("clean", "produced", Identifier("batch", "clean-1")),
        ("load", "consumed", Identifier("batch", "clean-1")),
        ("load", "consumed", LOT),
        ("load", "consumed", Identifier("expiry", "2031-01-31")),
        ("load", "produced", LOAD),
        ("test", "seen", LOAD),
        ("visit", "consumed", LOAD),
        ("visit", "produced", PACK),
        ("other", "consumed", Identifier("expiry", "2031-01-31")),
        ("later", "consumed", PACK),
    ]
)


def test_a_lot_is_followed_through_what_was_made_with_it() -> None:
    found = forward(CLINIC, [LOT])
    assert found.runs == ("load", "visit", "later", "test")
    assert found.identifiers == (LOT, LOAD, PACK)


def test_who_only_looked_at_a_load_is_told_and_what_they_made_is_not_followed() -> None:
    """The recall of a load scans it, and makes a number of its own: nobody is called back who used that number."""
    paper = Identifier("batch", "recall-1")
    record = Record([("recall", "seen", LOAD), ("recall", "produced", paper), ("archive", "consumed", paper)])
    found = forward(record, [LOAD])
    assert found.runs == ("recall",)
    assert found.identifiers == (LOAD,)


def test_a_pack_is_followed_back_to_what_it_was_made_from() -> None:
    assert back(CLINIC, [PACK]).runs == ("visit", "load", "clean")


def test_a_date_that_two_things_share_joins_nothing() -> None:
    assert "other" not in forward(CLINIC, [LOT]).runs


def test_whoever_asks_for_too_much_is_told_so() -> None:
    many = Record([(f"run-{number}", "consumed", LOT) for number in range(follow.LIMIT + 1)])
    found = forward(many, [LOT])
    assert found.cut
    assert len(found.runs) == follow.LIMIT


def test_one_thing_has_one_key_however_it_was_typed() -> None:
    for kind in ("lot", "serial", "load", "pack", "batch"):
        assert key(kind, "ab-01") == key(kind, "AB-01") == "AB-01"
    assert key("gtin", "9506000134352") == key("gtin", "09506000134352") == "09506000134352"
    assert key("serial", "007") != key("serial", "7")
    assert key("session", "a-20310310-01") == "a-20310310-01"


_IDENTIFIERS = st.builds(Identifier, st.sampled_from(["lot", "load", "pack"]), st.sampled_from("abcd"))
_FACTS = st.tuples(st.sampled_from("12345"), st.sampled_from(["produced", "consumed", "seen"]), _IDENTIFIERS)


@settings(max_examples=60, deadline=None)
@given(st.lists(_FACTS, max_size=25), _IDENTIFIERS)
def test_forward_finds_whatever_a_chain_of_runs_leads_to(
    facts: list[tuple[str, How, Identifier]], start: Identifier
) -> None:
    """By the definition: a run is reached if it used up something that is reached, and then so is what it made; and
    at last whoever saw any of it."""
    reached, runs = {start}, set[str]()
    while True:
        found = {run for run, how, named in facts if named in reached and how == "consumed"}
        made = {named for run, how, named in facts if run in found and how == "produced"}
        if found <= runs and made <= reached:
            break
        runs, reached = runs | found, reached | made
    runs |= {run for run, how, named in facts if named in reached and how == "seen"}
    followed = forward(Record(facts), [start])
    assert set(followed.runs) == runs
    assert set(followed.identifiers) == reached
    counts: dict[str, int] = defaultdict(int)
    for run in followed.runs:
        counts[run] += 1
    assert all(count == 1 for count in counts.values())
