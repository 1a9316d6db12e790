"""What a lead reads before adopting a changed protocol: every difference, in clinical words, the looser ones first."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from checklist.protocol.comparing.changes import Change
from checklist.protocol.comparing.diff import as_lines, diff
from checklist.protocol.header import SameCount, SameIdentifier, SaturatedSteam, Source
from checklist.protocol.library import shipped
from checklist.protocol.loader import parse
from checklist.protocol.model import Protocol
from checklist.protocol.steps import KINDS, OnFail, Option, Produced, Range, When
from checklist.protocol.values import Duration, ProfileRef
from tests.protocol.conftest import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXT: Final = EXAMPLE.read_text(encoding="utf-8")


def protocol(text: str) -> Protocol:
    result = parse(text.encode(), name="steriliser-load.toml")
    assert not isinstance(result, list), result
    return result.protocol


BEFORE: Final = protocol(TEXT)


def changed(*pieces: tuple[str, str]) -> tuple[Change, ...]:
    """The difference that replacing these pieces of the example makes."""
    text = TEXT
    for old, new in pieces:
        assert old in text, old
        text = text.replace(old, new, 1)
    return diff(BEFORE, protocol(text))


WITNESS = '[[steps]]\nid = "second-reader"' + TEXT.split('id = "second-reader"')[1].split("[[steps]]")[0]
NOTE = '[[steps]]\nid = "implant-note"' + TEXT.split('id = "implant-note"')[1].split("[[steps]]")[0]
INDICATOR = '[[steps]]\nid = "inside-indicator"' + TEXT.split('id = "inside-indicator"')[1].split("[[steps]]")[0]
CAUTION = next(line for line in TEXT.splitlines(keepends=True) if line.startswith("caution"))
EDIT: Final[list[tuple[str, str, str | None, str, str]]] = [
    # old, new, step, words, weight
    ('at_least = "3m"', 'at_least = "4m"', "wet-time", "shortest time: 3 min → 4 min", "stricter"),
    ('at_least = "3m"', 'at_least = "60s"', "wet-time", "shortest time: 3 min → 60 s", "looser"),
    ('at_least = "3m"', 'at_least = "180s"', "wet-time", "shortest time: 3 min → 180 s", "other"),
    ('at_least = "10s"\n', "", "inspect", "shortest time: 10 s → none", "looser"),
    ('at_most = "10m"\n', "", "wet-time", "longest time: 10 min → none", "looser"),
    ('at_most = "10m"\n', 'at_most = "5m"\n', "wet-time", "longest time: 10 min → 5 min", "stricter"),
    ("max = 138.0", "max = 139.0", "exposure-temperature", "limit, upper end raised from 138.0 to 139.0 °C", "looser"),
    ("max = 138.0", "max = 137.5", "exposure-temperature", "upper end lowered from 138.0 to 137.5 °C", "stricter"),
    ("min = 304.0", "min = 300.0", "exposure-pressure", "lower end lowered from 304.0 to 300.0 kPa", "looser"),
    ("min = 304.0, ", "", "exposure-pressure", "limit, lower end taken out: 304.0 kPa", "looser"),
    ('decimals = 0\nsource = "cdc-2008"', "decimals = 0", "exposure-pressure", "source: cdc-2008 → none", "looser"),
    ("expected = { min = 134.0, max = 137.0 }\n", "", "exposure-temperature", "expected range taken out", "looser"),
    ('{ profile = "packs-in-a-load" }', "40", "packs", "upper end: the profile's packs-in-a-load → 40", "other"),
    ("ifu_may_override = true\n", "", "exposure-temperature", "the device's instructions no longer win", "stricter"),
    ("hold = true\n", "", "inside-indicator", "the hold was taken away: it may now be skipped", "looser"),
    ("stop = true, ", "", "exposure-temperature", "a failure no longer stops the run", "looser"),
    (', open = "steriliser-recall"', "", "exposure-temperature", "opens: steriliser-recall → none", "looser"),
    (WITNESS, "", "second-reader", "was taken out: A second person", "looser"),
    (WITNESS, "", "second-reader", "second reader removed, of “inside-indicator”", "looser"),
    ('when = { step = "implant", is = "yes" }', "", "implant-note", "only if “implant” is “yes” → always", "stricter"),
    ('do = "Leave', 'when = { step = "implant", is = "yes" }\ndo = "Leave', "dry-time", "always → only if", "looser"),
    ('"lot", "expiry"]', '"lot"]', "cartridge", "no longer reads: expiry", "looser"),
    ('use = "consumes"\n', "", "cartridge", "consumes what is read → only reads it", "looser"),
    ('"gs1",   # most', "", "cartridge", "may no longer be read as: gs1", "stricter"),
    (
        'turned", verdict = "fail" }',
        'turned", verdict = "pass" }',
        "inside-indicator",
        "“not turned”: fail → pass",
        "looser",
    ),
    (
        ', { value = "not turned", verdict = "fail" }',
        "",
        "inside-indicator",
        "“not turned”, which failed, was taken out",
        "looser",
    ),
    (
        '{ value = "no", verdict = "pass" }]',
        '{ value = "no", verdict = "pass" }, { value = "?", verdict = "pass" }]',
        "implant",
        "the answer “?” is new and passes",
        "looser",
    ),
    ('roles = ["release"]', 'roles = ["release", "staff"]', "release", "may now also be done by: staff", "looser"),
    ('roles = ["release"]\n', "", "release", "may now be done by everyone who may walk the protocol", "looser"),
    ('roles = ["release"]', 'roles = ["release"]\nanother = true', "release", "done no step of this run", "stricter"),
    ('"inspect"\nkind', '"inspect"\ncredentials = ["cssd"]\nkind', "inspect", "must now hold: cssd", "stricter"),
    ("tips sharp, jaws meet", "tips sharp", "inspect", "was “clean, dry, tips sharp, jaws meet”, is now", "other"),
    (CAUTION, "", "inspect", "the caution was taken out: “Re-clean or repair", "looser"),
    ('valid_for = "7d"', 'valid_for = "today"', None, "A completion counts for: 7 days → today", "stricter"),
    ('valid_for = "7d"', 'valid_for = "4h"', None, "7 days → 4 h", "stricter"),
    ('valid_for = "7d"\n', "", None, "7 days → no end said", "looser"),
    (', "power-loss"]', "]", None, "A completion no longer ends with: power-loss", "looser"),
    ('roles = ["reprocessing"]\n', "", None, "May now be walked by everyone but auditors", "looser"),
    ('jurisdictions = ["us", "uk"]\n', "", None, "Applies in: us, uk → everywhere", "other"),
    ('"2.1.0"', '"2.2.0"', None, "Version: 2.1.0 → 2.2.0", "other"),
    ('style = "read-do"', 'style = "do-confirm"', None, "Style: read-do → do-confirm", "looser"),
    ('"sterilisation"', '"emergency"', None, "may now be walked without signing in", "looser"),
    ("year = 2008", "year = 2019", None, "Source “cdc-2008”: year: 2008 → 2019", "other"),
    ("tolerance = 2.0", "tolerance = 3.0", None, "within 3.0 K", "stricter"),
    ("tolerance = 2.0", "tolerance = 3.0", None, "was taken out: exposure-pressure fits exposure-tempera", "looser"),
    ("decimals = 1", "decimals = 0", "exposure-temperature", "decimals of a reading: 1 → 0", "looser"),
    ("decimals = 1\n", "", "exposure-temperature", "1 → as many as are typed, up to 6", "stricter"),
    ('["released", "quarantined"]', '["released"]', "release", "may no longer be signed as: quarantined", "looser"),
    ('["released", "quarantined"]', '["quarantined"]', "release", "may no longer be signed as: released", "stricter"),
    ('"released", "quarantined"]', '"released", "quarantined", "reviewed"]', "release", "as: reviewed", "other"),
    ('id = "wet-time"', 'id = "wet-time"\nphase = "Wet"', "wet-time", "the phase is new: “Wet”", "other"),
]


@pytest.mark.parametrize(("old", "new", "step", "words", "weight"), EDIT)
def test_each_change_is_said_in_clinical_words(old: str, new: str, step: str | None, words: str, weight: str) -> None:
    found = changed((old, new))
    assert any(each.step == step and words in each.text and each.weight == weight for each in found), found


def test_a_changed_unit_is_not_compared_as_if_it_were_the_same() -> None:
    pascal, bar = 'unit = "kPa"\nlimit = { min = 304.0, max = 345.0 }', 'unit = "bar"\nlimit = { min = 3, max = 4 }'
    found = changed((pascal, bar), ("[[checks]]" + TEXT.split("[[checks]]")[1], ""))
    at = [each for each in found if each.step == "exposure-pressure"]
    assert {each.weight for each in at} == {"looser"}  # for nobody can say that it is not
    assert any("in another unit" in each.text for each in at)
    assert any("unit: kPa → bar" in each.text for each in at)


def test_a_step_with_another_id_and_the_same_words_is_the_same_step() -> None:
    (found,) = changed(('id = "inside-indicator"', 'id = "type-five"'), ('of = "inside-indicator"', 'of = "type-five"'))
    assert found == Change("type-five", "Step 10 “type-five”: has another id, was “inside-indicator”", "other")


def test_a_renamed_step_that_changed_as_well_says_both() -> None:
    found = changed(('id = "wet-time"', 'id = "soak"'), ('at_least = "3m"', 'at_least = "1m"'))
    assert [each.weight for each in found] == ["looser", "other"]
    assert {each.step for each in found} == {"soak"}


def test_a_new_step_says_what_it_asks() -> None:
    step = (
        '[[steps]]\nid = "more"\nkind = "measure"\ndo = "Weigh it."\nunit = "g"\nlimit = { max = 5 }\nhold = true\n\n'
    )
    (found,) = changed((NOTE, step + NOTE))
    words = "Step 12 “more” is new: Weigh it. (measured, at most 5 g; a hold)"
    assert (found.step, found.text, found.weight) == ("more", words, "stricter")


def test_the_fewest_moves_are_told() -> None:
    (found,) = changed((NOTE, ""), ("[[checks]]", NOTE + "[[checks]]"))
    assert found == Change("implant-note", "Step 14 “implant-note”: moved from place 12 to 14", "other")


def test_a_step_that_a_hold_no_longer_stops_is_looser() -> None:
    (found,) = changed((NOTE, ""), (INDICATOR, NOTE + INDICATOR))
    assert found.weight == "looser"
    assert "no longer behind the hold “inside-indicator”" in found.text
    (back,) = diff(protocol(TEXT.replace(NOTE, "").replace(INDICATOR, NOTE + INDICATOR)), BEFORE)
    assert back.weight == "stricter"


def test_a_step_of_another_kind_says_so_and_what_it_has_lost() -> None:
    old = 'kind = "attach"\ndo = "Attach the printout."'
    found = changed((old, 'kind = "confirm"\nexpect = "there"\ndo = "Attach the printout."'))
    assert [(each.step, each.weight) for each in found[:1]] == [("printout", "looser")]
    assert "kind of step: attach → confirm" in found[0].text
    timer = 'kind = "timer"\ndo = """\nKeep the surface\nvisibly wet."""\nat_least = "3m"\nat_most = "10m"'
    measure = 'kind = "measure"\nunit = "s"\nlimit = { min = 180 }\ndo = "Keep the surface visibly wet."'
    texts = " ".join(each.text for each in changed((timer, measure)))
    for words in ("timer → measure", "at most was taken out: 10 min", "limit: min 180", "shortest time: 3 min → none"):
        assert words in texts, texts


def test_what_makes_it_looser_comes_first_and_each_group_has_a_heading() -> None:
    found = changed(("max = 138.0", "max = 139.0"), ('at_least = "3m"', 'at_least = "4m"'), ('"2.1.0"', '"2.2.0"'))
    assert [each.weight for each in found] == ["looser", "stricter", "other"]
    lines = as_lines(found)
    headings = [line for line in lines if not line.startswith("- ")]
    assert headings == ["Looser than before:", "Stricter than before:", "Also different:"]
    assert [f"- {each.text}" for each in found] == [line for line in lines if line.startswith("- ")]
    assert as_lines(()) == []


# -- no difference is silent ------------------------------------------------------------------------------------

OTHER: Final[Mapping[str, object]] = {
    "at_least": Duration.parse("77m"),
    "at_most": Duration.parse("77h"),
    "valid_for": "today",
    "decimals": 4,
    "year": 1999,
    "expected": Range(min=Decimal(1)),
    "limit": Range(max=Decimal(2)),
    "min": Decimal(7),
    "max": ProfileRef("x"),
    "when": When(step="implant", is_="yes"),
    "produces": (Produced("pack", "{n}"),),
    "options": (Option(value="other", verdict="pass"),),
    "sources": (Source(id="other", title="Other"),),
    "checks": (),
    "steps": (),
}
"""A value for fields in which no other can be made from the one that is there."""


def mutants(part: BaseModel) -> Iterator[tuple[tuple[str, ...], BaseModel]]:
    """The part with one thing changed, for everything that can be, and the path of the fields that lead there."""
    for name, value in part:
        where = f"{type(part).__name__}.{name}"
        for other in others(name, value):
            yield (where,), part.model_copy(update={name: other})
        if isinstance(value, BaseModel):
            for path, mutant in mutants(value):
                yield (where, *path), part.model_copy(update={name: mutant})
        for index, one in enumerate(value) if isinstance(value, tuple) else ():
            for path, mutant in mutants(one) if isinstance(one, BaseModel) else ():
                yield (where, *path), part.model_copy(update={name: (*value[:index], mutant, *value[index + 1 :])})


def others(name: str, value: object) -> Iterator[object]:
    if name in OTHER and OTHER[name] != value:
        yield OTHER[name]
    match value:
        case bool():
            yield not value
            if name == "another":
                yield ProfileRef("by-another")
        case str() if name != "valid_for":
            yield f"{value}-x"
        case Decimal() | int():
            yield value + 1
        case None if name not in OTHER:
            yield "new"
        case tuple() if name not in ("steps", "produces"):
            yield value[1:] if value else ("new",)
            yield from (value[::-1],) if value[::-1] != value else ()
            yield from ((*value, value[-1]),) if value and name not in ("sources", "options", "checks") else ()
        case _:
            pass


COUNTS: Final = """
[[steps]]
id = "opened"
kind = "measure"
do = "Count what was opened."
unit = "{count}"
limit = { min = 0 }
[[steps]]
id = "binned"
kind = "measure"
do = "Count what was thrown away."
unit = "{count}"
limit = { min = 0 }
[[checks]]
kind = "same-count"
steps = ["opened", "binned"]
"""
BOUND: Final = """
[[steps]]
id = "label-time"
kind = "measure"
do = "Read the time on the label."
unit = "s"
expected = { min = 30 }
[[steps]]
id = "dry"
kind = "timer"
do = "Let it dry."
at_least = "30s"
at_least_as = "label-time"
"""
VIALS: Final = """
[[steps]]
id = "vial"
kind = "scan"
do = "Scan the vial."
captures = ["lot"]
[[steps]]
id = "control"
kind = "scan"
do = "Scan the control."
captures = ["lot"]
[[checks]]
kind = "same-identifier"
of = "lot"
steps = ["vial", "control"]
"""
COUNTED: Final = protocol(TEXT + BOUND + COUNTS + VIALS)
ALL: Final = [*mutants(COUNTED)]


def test_the_mutants_touch_every_field_of_the_model() -> None:
    checks: list[type[BaseModel]] = [SaturatedSteam, SameCount, SameIdentifier]
    models: list[type[BaseModel]] = [Protocol, Source, *checks, Range, Option, OnFail, When]
    fields = {f"{model.__name__}.{name}" for model in [*models, *KINDS.values()] for name in model.model_fields}
    assert {each for where, _ in ALL for each in where} == fields


def test_any_change_of_the_model_is_told_both_ways() -> None:
    for where, mutant in ALL:
        assert isinstance(mutant, Protocol)
        assert mutant != COUNTED, where
        for found in (diff(COUNTED, mutant), diff(mutant, COUNTED)):
            assert found, where
            assert all(each.text and each.text.isprintable() for each in found), found


def test_a_count_that_is_compared_no_more_is_told_and_another_id_is_no_change_of_the_check() -> None:
    counted = protocol(TEXT + COUNTS)
    (taken,) = diff(counted, protocol(TEXT + COUNTS.split("[[checks]]")[0]))
    told = "The check across steps was taken out: opened and binned are the same number"
    assert (taken.text, taken.weight) == (told, "looser")
    (renamed,) = diff(counted, protocol(TEXT + COUNTS.replace('"binned"', '"discarded"')))
    assert renamed.text.endswith("has another id, was “binned”")


def test_labels_that_are_compared_no_more_are_told_and_another_id_is_no_change_of_the_check() -> None:
    (taken,) = diff(protocol(TEXT + VIALS), protocol(TEXT + VIALS.split("[[checks]]")[0]))
    told = "The check across steps was taken out: vial and control have the same lot"
    assert (taken.text, taken.weight) == (told, "looser")
    (renamed,) = diff(protocol(TEXT + VIALS), protocol(TEXT + VIALS.replace('"control"', '"other"')))
    assert renamed.text.endswith("has another id, was “control”")


def test_a_timer_that_follows_its_label_no_more_is_told() -> None:
    free = protocol(TEXT + BOUND.replace('at_least_as = "label-time"\n', ""))
    (looser,) = diff(protocol(TEXT + BOUND), free)
    assert looser.text.endswith("runs at least: as long as “label-time” says → by its own time alone")
    assert looser.weight == "looser"
    (stricter,) = diff(free, protocol(TEXT + BOUND))
    assert stricter.weight == "stricter"
    (renamed,) = diff(protocol(TEXT + BOUND), protocol(TEXT + BOUND.replace('"label-time"', '"on-the-label"')))
    assert renamed.text.endswith("has another id, was “label-time”")
    (new,) = [each for each in diff(protocol(TEXT), protocol(TEXT + BOUND)) if each.step == "dry"]
    assert "a timer, at least 30 s and as long as “label-time” says" in new.text


def test_there_is_no_difference_between_a_protocol_and_itself() -> None:
    for found in shipped().values():
        assert diff(found.protocol, found.protocol) == ()


@given(st.sampled_from(ALL), st.sampled_from(ALL))
def test_two_changed_protocols_differ_only_where_their_models_do(
    one: tuple[tuple[str, ...], BaseModel], other: tuple[tuple[str, ...], BaseModel]
) -> None:
    before, after = one[1], other[1]
    assert isinstance(before, Protocol)
    assert isinstance(after, Protocol)
    assert (diff(before, after) == ()) == (before == after)


@given(st.permutations(range(14)), st.sets(st.integers(0, 13)), st.sets(st.integers(0, 13)))
def test_steps_in_any_order_some_gone_some_renamed_are_all_accounted_for(
    order: list[int], gone: set[int], renamed: set[int]
) -> None:
    new = tuple(
        step.model_copy(update={"id": f"{step.id}-2"}) if place in renamed else step
        for place, step in ((place, BEFORE.steps[place]) for place in order if place not in gone)
    )
    found = diff(BEFORE, BEFORE.model_copy(update={"steps": new}))
    out = {each.step for each in found if "was taken out" in each.text and each.weight == "looser"}
    assert {BEFORE.steps[place].id for place in gone} <= out
    assert {f"{BEFORE.steps[place].id}-2" for place in renamed - gone} <= {each.step for each in found}
    if not gone and not renamed:
        assert bool(found) == (order != sorted(order))
        assert len(found) <= 13
