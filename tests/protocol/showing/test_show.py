"""A protocol in plain lines, complete enough to work from."""

from decimal import Decimal
from pathlib import Path

import pytest

from checklist.protocol.loader import LoadedProtocol, load, parse
from checklist.protocol.model import ProfileRef, Range, resolve
from checklist.protocol.showing.facts import ADAPT, range_text
from checklist.protocol.showing.show import as_text
from tests.support.text import is_clean


def test_the_whole_example_is_told_one_fact_a_line(example_path: Path) -> None:
    lines = as_text(load(example_path).protocol).splitlines()
    assert lines[:2] == ["Run and release a steriliser load", "steriliser-load 2.1.0, sterilisation"]
    for line in (
        "Steps: 14, at least 3 min",
        "Who: reprocessing",
        "Counts for: 7 days",
        "No longer counts after: steriliser-repair, power-loss",
        "Where: us, uk",
        "THE CYCLE",
        "3. Read the exposure temperature from the printout. [exposure-temperature]",
        "   Expected: 134.0 to 137.0 °C",
        "   Limit: 134.0 to 138.0 °C",
        "   If it fails, open: steriliser-recall",
        "   Source: cdc-2008",
        "   Takes at least: 10 seconds",
        "   Wait at least: 3 minutes",
        "   End it before: 10 minutes",
        "   Wait at least: the profile's dry-time",
        "   Limit: 1 to the profile's packs-in-a-load",
        "   Read: gtin, lot, expiry",
        "   This consumes what is read.",
        "9. The program makes the next number. [load-number]",
        "   Makes: load {equipment}-{date}-{n:02}",
        "   Answer: not turned (fails)",
        "   Hold: nothing goes on until this is cleared.",
        "   A second person repeats: inside-indicator",
        "   Only if implant is: yes",
        "   Sign as: released or quarantined",
        "Checked: exposure-pressure fits exposure-temperature as saturated steam, within 2.0 K.",
        "cdc-2008: CDC Guideline for Disinfection and Sterilization in Healthcare Facilities (2008, Table 7)",
    ):
        assert line in lines
    assert lines[-1] == ADAPT
    assert all(is_clean(line) for line in lines)


def test_what_whoever_does_it_must_hold_is_told(example: str) -> None:
    text = example.replace('roles = ["re', 'credentials = ["laser", "cpr"]\nroles = ["re')
    loaded = parse(text.encode(), name="steriliser-load.toml")
    assert isinstance(loaded, LoadedProtocol)
    lines = as_text(loaded.protocol).splitlines()
    assert lines[lines.index("Who: reprocessing") + 1] == "Must hold: laser, cpr"
    assert lines[lines.index("   Who: release") + 1] == "   Must hold: laser, cpr"


def test_a_profiles_value_is_named_until_it_is_known(example: str) -> None:
    text = example.replace('do = "Leave the load to dry."', 'do = "Leave it for {dry-words}."')
    loaded = parse(text.encode(), name="steriliser-load.toml")
    assert isinstance(loaded, LoadedProtocol)
    named = as_text(loaded.protocol)
    assert "Leave it for (the profile's dry-words). [dry-time]" in named
    assert "Wait at least: the profile's dry-time" in named
    known = as_text(
        resolve(loaded.protocol, {"dry-words": "half an hour", "dry-time": "30m", "packs-in-a-load": Decimal(40)})
    )
    assert "Leave it for half an hour. [dry-time]" in known
    assert "Wait at least: 30 minutes" in known
    assert "Limit: 1 to 40" in known
    assert "at least 33 min" in known
    assert "the profile's" not in known


def test_a_step_that_rests_on_a_proposal_or_an_unsure_source_says_so(example: str) -> None:
    for title, told in (
        ("Proposal of its authors", "Source: cdc-2008 (only a proposal)"),
        ("A table (known; unsure)", "Source: cdc-2008 (unsure)"),
    ):
        text = example.replace("CDC Guideline for Disinfection and Sterilization in Healthcare Facilities", title)
        loaded = parse(text.encode(), name="steriliser-load.toml")
        assert isinstance(loaded, LoadedProtocol)
        assert f"   {told}" in as_text(loaded.protocol).splitlines()


@pytest.mark.parametrize(
    ("another", "told"),
    [
        ("true", "   Whoever signs must have done no step of this run."),
        (
            '{ profile = "two-people" }',
            "   Whoever signs must have done no step of this run, if the profile's two-people says so.",
        ),
    ],
)
def test_a_signature_that_only_another_person_may_give_says_so(example: str, another: str, told: str) -> None:
    text = example.replace("meanings =", f"another = {another}\nmeanings =")
    loaded = parse(text.encode(), name="steriliser-load.toml")
    assert isinstance(loaded, LoadedProtocol)
    assert told in as_text(loaded.protocol).splitlines()


def test_what_a_protocol_does_not_say_is_not_shown() -> None:
    text = (
        '[protocol]\nid = "s"\ntitle = "S"\nversion = "1.0.0"\npurpose = "P."\ncategory = "clinic"\n'
        'style = "do-confirm"\nsubject = "clinic"\nsources = [{ id = "a", title = "A" }]\n'
        '[[steps]]\nid = "w"\nkind = "scan"\ndo = "Scan."\ncaptures = ["lot"]\n'
    )
    loaded = parse(text.encode(), name="s.toml")
    assert isinstance(loaded, LoadedProtocol)
    shown = as_text(loaded.protocol)
    assert "Who: everyone but auditors" in shown
    assert "How: do all, then confirm each step" in shown
    assert "a: A\n" in shown
    for absent in ("Counts for", "Where:", "This ", "Caution", "Checked"):
        assert absent not in shown


@pytest.mark.parametrize(
    ("one", "unit", "told"),
    [
        (Range(min=Decimal("2.0"), max=Decimal("8.0")), "Cel", "2.0 to 8.0 °C"),
        (Range(min=Decimal(3)), "mm", "at least 3 mm"),
        (Range(max=ProfileRef("depth")), "mm", "at most the profile's depth mm"),
        (Range(max=Decimal(9)), "{count}", "at most 9"),
    ],
)
def test_a_range_is_told_as_people_say_it(one: Range, unit: str, told: str) -> None:
    assert range_text(one, unit) == told
