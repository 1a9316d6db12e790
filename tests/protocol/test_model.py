"""A protocol is frozen, valid as soon as it exists, and easy to walk."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from checklist.protocol.errors import Fault, MissingProfileValueError, ProtocolError, UnusableProfileValueError
from checklist.protocol.loader import LoadedProtocol, load, parse
from checklist.protocol.model import (
    KINDS,
    Assign,
    Choice,
    Confirm,
    Duration,
    Measure,
    Produced,
    ProfileRef,
    Protocol,
    Range,
    SaturatedSteam,
    Scan,
    Sign,
    Timer,
    resolve,
)
from checklist.protocol.values import ProfileValue, Quantity

Build = Callable[..., Protocol | list[Fault]]


@pytest.fixture
def protocol(example_path: Path) -> Protocol:
    return load(example_path).protocol


def test_the_example_holds_every_kind_of_step(protocol: Protocol) -> None:
    assert {step.kind for step in protocol.steps} == set(KINDS)


def test_the_header_has_the_names_of_the_file(protocol: Protocol) -> None:
    assert protocol.id == "steriliser-load"
    assert protocol.version == "2.1.0"
    assert protocol.subject == "equipment"
    assert protocol.roles == ("reprocessing",)
    assert protocol.valid_for == Duration(604_800, "7d")
    assert protocol.voided_by == ("steriliser-repair", "power-loss")
    assert protocol.source("cdc-2008").where == "Table 7"


def test_a_step_is_found_by_its_id_and_knows_its_place(protocol: Protocol) -> None:
    assert protocol.index("inspect") == 0
    step = protocol.step("exposure-temperature")
    assert isinstance(step, Measure)
    assert step.limit == Range(min=Decimal("134.0"), max=Decimal("138.0"))
    assert step.on_fail.stop
    assert step.on_fail.open == "steriliser-recall"
    with pytest.raises(KeyError):
        protocol.step("no-such-step")


def test_what_every_step_has_can_be_asked_of_any(protocol: Protocol) -> None:
    assert [step.id for step in protocol.steps if step.hold] == ["inside-indicator"]
    assert [step.id for step in protocol.steps if step.when is not None] == ["implant-note", "printout"]
    assert protocol.step("release").roles == ("release",)
    assert protocol.step("printout").phase == ""
    assert not protocol.step("printout").on_fail.stop


def test_a_protocol_and_a_step_name_the_credentials_they_ask_for(example: str) -> None:
    text = example.replace('roles = ["re', 'credentials = ["laser", "cpr"]\nroles = ["re')
    loaded = parse(text.encode(), name="steriliser-load.toml")
    assert isinstance(loaded, LoadedProtocol)
    assert loaded.protocol.credentials == ("laser", "cpr")
    assert loaded.protocol.step("release").credentials == ("laser", "cpr")
    assert loaded.protocol.step("inspect").credentials == ()


def test_kinds_carry_what_only_they_have(protocol: Protocol) -> None:
    timer, scan = protocol.step("wet-time"), protocol.step("cartridge")
    assign, choice = protocol.step("load-number"), protocol.step("inside-indicator")
    assert isinstance(timer, Timer)
    assert timer.at_most == Duration(600, "10m")
    assert timer.do == "Keep the surface visibly wet."
    assert isinstance(scan, Scan)
    assert scan.captures == ("gtin", "lot", "expiry")
    assert isinstance(assign, Assign)
    assert assign.do == ""
    assert assign.produces == (Produced("load", "{equipment}-{date}-{n:02}"),)
    assert isinstance(choice, Choice)
    assert [option.verdict for option in choice.options] == ["pass", "fail"]


def test_a_protocol_can_be_kept_in_a_set_and_never_changes(protocol: Protocol) -> None:
    assert len({protocol, protocol}) == 1
    with pytest.raises(ValidationError):
        protocol.title = "another"  # type: ignore[misc]


def test_a_protocol_that_breaks_a_rule_cannot_be_built(protocol: Protocol) -> None:
    step = Confirm(id="twice", do="Do it.", expect="done")
    with pytest.raises(ValidationError, match="has this id already"):
        Protocol.model_validate({**dict(protocol), "steps": (step, step), "checks": ()})


def test_a_range_holds_its_ends_and_nothing_past_them() -> None:
    both = Range(min=Decimal("2.0"), max=Decimal("8.0"))
    assert both.holds(Decimal("2.0"))
    assert both.holds(Decimal(8))
    assert not both.holds(Decimal("1.9"))
    assert not both.holds(Decimal("8.01"))
    assert Range(min=Decimal(2)).holds(Decimal(10**6))
    assert Range(max=Decimal(2)).holds(Decimal(-5))


def test_a_range_that_waits_for_a_profile_cannot_judge() -> None:
    with pytest.raises(TypeError, match="resolve"):
        Range(min=ProfileRef("x")).holds(Decimal(1))


def test_a_profile_gives_the_values_that_a_protocol_names(protocol: Protocol) -> None:
    assert protocol.profile_values() == {"dry-time", "packs-in-a-load"}
    resolved = resolve(protocol, {"dry-time": "20m", "packs-in-a-load": 30, "not-asked-for": 1})
    assert resolved.profile_values() == frozenset()
    assert resolved.step("dry-time").at_least == Duration(1200, "20m")
    packs = resolved.step("packs")
    assert isinstance(packs, Measure)
    assert packs.limit == Range(min=Decimal(1), max=Decimal(30))
    assert resolved.step("implant-note") == protocol.step("implant-note")
    assert resolve(resolved, {}) is resolved


def test_a_missing_profile_value_is_named(protocol: Protocol) -> None:
    with pytest.raises(MissingProfileValueError, match="packs-in-a-load") as error:
        resolve(protocol, {"dry-time": "20m"})
    assert error.value.missing == ("packs-in-a-load",)
    assert isinstance(error.value, ProtocolError)


@pytest.mark.parametrize(
    "values", [{"dry-time": 20, "packs-in-a-load": 30}, {"dry-time": "2m", "packs-in-a-load": "x"}]
)
def test_a_profile_value_of_the_wrong_type_is_named(protocol: Protocol, values: dict[str, int | str]) -> None:
    with pytest.raises(UnusableProfileValueError, match=r"dry-time|packs-in-a-load"):
        resolve(protocol, values)


def test_a_profile_value_that_makes_a_limit_senseless_is_refused(protocol: Protocol) -> None:
    with pytest.raises(UnusableProfileValueError, match="min 1 above max 0"):
        resolve(protocol, {"dry-time": "20m", "packs-in-a-load": 0})


def test_a_profile_s_values_stand_in_the_words_of_a_step(small: Build) -> None:
    body = """
[[steps]]
id = "bag"
kind = "confirm"
do = "Put it into {bag}."
expect = "it keeps {storage}"
why = "No more than {leak} may leak, {reader} or not."
caution = "It is {minutes}."
"""
    protocol = small(body)
    assert isinstance(protocol, Protocol)
    assert protocol.profile_values() == {"bag", "storage", "leak", "reader", "minutes"}
    values: dict[str, ProfileValue] = {
        "bag": "the red bag",
        "storage": "180d",
        "leak": Quantity(Decimal("1.3"), "mbar/min"),
        "reader": True,
        "minutes": "1m",
    }
    step = resolve(protocol, values).step("bag")
    assert step.do == "Put it into the red bag."
    assert step.expect == "it keeps 180 days"
    assert step.why == "No more than 1.3 mbar/min may leak, yes or not."
    assert step.caution == "It is 1 minute."
    with pytest.raises(UnusableProfileValueError, match="has 1016 characters"):
        resolve(protocol, values | {"bag": "x" * 1003})


def test_whether_another_must_sign_may_come_from_the_profile(small: Build) -> None:
    sign = '[[steps]]\nid = "s"\nkind = "sign"\ndo = "Sign."\nmeanings = ["released"]\n'
    plain, asked = small(sign), small(sign + 'another = { profile = "by-another" }\n')
    assert isinstance(plain, Protocol)
    assert isinstance(asked, Protocol)
    assert plain.steps[0] == Sign(id="s", do="Sign.", meanings=("released",), another=False)
    assert resolve(asked, {"by-another": True}).steps[0] == Sign(
        id="s", do="Sign.", meanings=("released",), another=True
    )
    with pytest.raises(UnusableProfileValueError, match="neither true nor false"):
        resolve(asked, {"by-another": "no"})


def test_a_number_of_a_profile_must_be_in_the_unit_of_the_step(protocol: Protocol) -> None:
    with pytest.raises(UnusableProfileValueError, match='"packs-in-a-load" is 30 mm, and is needed in'):
        resolve(protocol, {"dry-time": "20m", "packs-in-a-load": Quantity(Decimal(30), "mm")})
    resolve(protocol, {"dry-time": "20m", "packs-in-a-load": Quantity(Decimal(30), "{count}")})


def test_a_validity_and_a_tolerance_may_come_from_the_profile(small: Build) -> None:
    body = """
[[steps]]
id = "t"
kind = "measure"
do = "Read."
unit = "Cel"
limit = { min = 134 }
[[steps]]
id = "p"
kind = "measure"
do = "Read."
unit = "kPa"
limit = { min = 304 }
[[checks]]
kind = "saturated-steam"
temperature = "t"
pressure = "p"
tolerance = { profile = "kelvin" }
"""
    protocol = small(body, header='valid_for = { profile = "storage" }')
    assert isinstance(protocol, Protocol)
    resolved = resolve(protocol, {"storage": "today", "kelvin": Decimal("2.0")})
    assert resolved.valid_for == "today"
    (check,) = resolved.checks
    assert isinstance(check, SaturatedSteam)
    assert check.tolerance == Decimal("2.0")
