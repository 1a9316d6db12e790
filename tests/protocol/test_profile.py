"""What a jurisdiction says, in one file; what is wrong with one, and what protocols miss in a set of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from checklist.protocol.library import STRICTEST, shipped, shipped_folder, shipped_profiles
from checklist.protocol.loader import LoadedProfile, LoadedProtocol, load_profiles, parse, parse_profile
from checklist.protocol.model import resolve
from checklist.protocol.profile import check_needs, check_profiles
from checklist.protocol.values import Duration, Quantity
from tests.protocol.conftest import HEADER

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.protocol.errors import Fault

PROFILE = """\
[profile]
id = "nl"
title = "The Netherlands"
version = "1.0.0"
sources = [{ id = "law", title = "A law" }]

[[values]]
name = "storage"
value = "180d"
title = "How long a pack keeps"
source = "law"
sure = "read"

[[values]]
name = "leak-rate"
value = 1.30
unit = "mbar/min"
title = "The most air that leaks in"
source = "law"
sure = "known"
note = "As elsewhere."

[[values]]
name = "by-another"
value = true
title = "Whether somebody else releases"
source = "law"
sure = "unsure"

[[values]]
name = "bag"
value = "the  yellow\\tbag"
title = "Where it goes"
source = "law"
sure = "proposal"
"""

STEP = """
[[steps]]
id = "leak"
kind = "measure"
do = "Read the leak."
unit = "mbar/min"
limit = { max = { profile = "leak-rate" } }
"""


def profile(text: str = PROFILE, name: str = "nl.toml") -> LoadedProfile:
    found = parse_profile(text.encode(), name=name)
    assert isinstance(found, LoadedProfile), found
    return found


def faults(text: str) -> list[Fault]:
    found = parse_profile(text.encode(), name="nl.toml")
    assert isinstance(found, list), "the change broke nothing"
    return found


def protocol(body: str, header: str = "") -> LoadedProtocol:
    found = parse(f"{HEADER}{header}{body}".encode(), name="small.toml")
    assert isinstance(found, LoadedProtocol), found
    return found


def test_a_profile_gives_durations_numbers_with_units_truths_and_words() -> None:
    found = profile().profile
    assert (found.id, found.title, found.version) == ("nl", "The Netherlands", "1.0.0")
    assert found.values == {
        "storage": "180d",
        "leak-rate": Quantity(Decimal("1.30"), "mbar/min"),
        "by-another": True,
        "bag": "the yellow bag",
    }
    assert [str(one) for one in found.entries] == ["180 days", "1.30 mbar/min", "yes", "the yellow bag"]
    assert [one.sure for one in found.entries] == ["read", "known", "unsure", "proposal"]


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "words"),
    [
        ("[profile]\n", "[profil]\n", 1, "unknown-key", '"profil" is not a known key'),
        ('id = "nl"', 'id = "be"', 2, "file-name", 'the file is named "nl"'),
        ('version = "1.0.0"\n', "", 1, "required", "version is missing"),
        ('name = "storage"', 'name = "Storage life"', 8, "id", "cannot be a name"),
        ('name = "bag"', 'name = "storage"', 31, "duplicate-id", "the name is given already"),
        ('value = "180d"', "value = []", 9, "value", "neither words, nor a number"),
        ('value = "180d"', "value = nan", 9, "number", "not a number"),
        ('value = "180d"', 'value = ""', 9, "empty", "is empty"),
        ('unit = "mbar/min"\n', "", 16, "unit", "has no unit"),
        ("value = true", 'value = true\nunit = "d"', 26, "unit", "is no number"),
        ('unit = "mbar/min"', 'unit = "mBar"', 17, "unit", "is not known"),
        ('source = "law"', 'source = "rumour"', 11, "unknown-source", "is not among the sources"),
        ('sure = "read"', 'sure = "certain"', 12, "literal-error", "is not known"),
        ('note = "As', 'notes = "As', 21, "unknown-key", '"notes" is not a known key'),
    ],
)
def test_every_fault_of_a_profile_has_its_place(old: str, new: str, line: int, rule: str, words: str) -> None:
    assert old in PROFILE
    found = faults(PROFILE.replace(old, new, 1))
    (fault,) = [one for one in found if one.rule == rule]
    assert fault.line == line
    assert words in fault.message
    assert fault.fix


def test_a_profile_without_values_or_one_that_is_no_profile_is_refused() -> None:
    assert [one.rule for one in faults(PROFILE.partition("[[values]]")[0])] == ["no-values"]
    assert {one.rule for one in faults(HEADER)} >= {"required", "unknown-key", "no-values"}
    assert [one.rule for one in faults("[profile")] == ["syntax"]
    assert [one.rule for one in faults(PROFILE.replace("[[values]]", "[values]", 1).partition("[[")[0])] == [
        "no-values",
        "type",
    ]


# -- what protocols ask of profiles --------------------------------------------------------------------------------


def test_what_a_profile_lacks_is_told_at_the_place_that_names_it() -> None:
    other = profile(PROFILE.replace("leak-rate", "leakrate").replace('"nl"', '"be"'), "be.toml")
    asked = protocol(
        STEP + 'why = "Air keeps steam away from {bagg}."\n', header='valid_for = { profile = "storage" }\n'
    )
    found = check_profiles({"small.toml": asked}, [profile(), other])
    assert [(one.file, one.line, one.rule) for one in found] == [
        ("small.toml", 16, "unknown-profile-value"),
        ("small.toml", 17, "unknown-profile-value"),
    ]
    assert found[0].message == '"leak-rate" is not given by the profile be'
    assert found[1].message == '"bagg" is not given by the profile nl, be'
    assert found[1].fix.startswith('write "bag"')
    assert check_profiles({"small.toml": asked}, []) == []


@pytest.mark.parametrize(
    "body",
    [
        STEP.replace("leak-rate", "bag"),
        STEP.replace("leak-rate", "by-another"),
        STEP.replace('unit = "mbar/min"', 'unit = "kPa/min"'),
        '\n[[steps]]\nid = "s"\nkind = "sign"\ndo = "Sign."\nmeanings = ["released"]\nanother = { profile = "bag" }\n',
        '\n[[steps]]\nid = "t"\nkind = "timer"\ndo = "Wait."\nat_least = { profile = "leak-rate" }\n',
    ],
)
def test_a_value_of_the_wrong_kind_or_unit_is_told(body: str) -> None:
    (fault,) = check_profiles({"small.toml": protocol(body)}, [profile()])
    assert fault.rule == "unusable-profile-value"
    assert "the profile nl does not fit" in fault.message
    assert fault.line > len(HEADER.splitlines())


# -- those that come with the program --------------------------------------------------------------------------------


def test_the_shipped_profiles_are_sound_and_every_one_gives_what_any_does() -> None:
    good, bad = load_profiles(shipped_folder() / "profiles")
    assert bad == []
    assert set(good) == set(shipped_profiles()) == {"us", "uk", "de", "ca", "au", STRICTEST}
    names = {tuple(loaded.profile.values) for loaded in good.values()}
    assert len(names) == 1
    assert set(good).isdisjoint(shipped())
    for loaded in good.values():
        described = {source.id for source in loaded.profile.sources}
        assert described == {one.source for one in loaded.profile.entries}
        # Nobody's rule is never told as one that was read.
        assert all(one.sure in ("proposal", "unsure") for one in loaded.profile.entries if one.source == "design")


def test_every_shipped_protocol_finds_what_it_names_in_every_shipped_profile() -> None:
    assert check_profiles(shipped(), shipped_profiles().values()) == []
    asking = [found.protocol for found in shipped().values() if found.protocol.profile_values()]
    assert asking
    assert not any(one.category == "emergency" for one in asking)  # an emergency waits for no profile


def test_without_a_jurisdiction_the_strictest_of_each_value_holds() -> None:
    strictest = shipped_profiles()[STRICTEST].profile.values
    others = [found.profile.values for found in shipped_profiles().values()]

    def seconds(values: object) -> int:
        return Duration.parse(str(values)).seconds

    def number(value: object) -> Decimal:
        assert isinstance(value, Quantity)
        return value.number

    assert number(strictest["leak-rate"]) == min(number(one["leak-rate"]) for one in others)
    assert seconds(strictest["pack-storage-life"]) == min(seconds(one["pack-storage-life"]) for one in others)
    assert seconds(strictest["record-retention"]) == max(seconds(one["record-retention"]) for one in others)
    assert strictest["release-by-another"] == any(one["release-by-another"] for one in others)


def test_a_leak_that_one_country_allows_fails_in_another() -> None:
    asked = shipped()["reprocess-weekly"].protocol
    limits = {}
    for name in ("us", "uk"):
        step = resolve(asked, shipped_profiles()[name].profile.values).step("leak-rate-shown")
        limits[name] = step.limit.max if step.kind == "measure" and step.limit else None
    assert limits == {"us": Decimal("1.33"), "uk": Decimal("1.3")}


def test_a_folder_of_profiles_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    good, bad = load_profiles(tmp_path / "nowhere")
    assert good == {}
    assert [one.rule for one in bad] == ["unreadable"]


def test_a_faulty_header_hides_no_unknown_source() -> None:
    text = PROFILE.replace('"1.0.0"', '"1"').replace('source = "law"', 'source = "nowhere"', 1)
    assert [fault.rule for fault in faults(text)] == ["version", "unknown-source"]


def test_a_profile_is_told_what_protocols_need_of_it() -> None:
    """Named are the protocol and the value; a value of another kind is told where it stands."""
    needing = protocol(STEP).protocol
    assert check_needs(profile(), "nl.toml", [needing]) == []
    lacking = profile(PROFILE.replace('name = "leak-rate"', 'name = "leak"'))
    (fault,) = check_needs(lacking, "nl.toml", [needing])
    assert (fault.rule, fault.severity, fault.line) == ("unknown-profile-value", "error", 2)
    assert 'does not give "leak-rate", which the protocol "small" needs' in fault.message
    wrong = profile(PROFILE.replace('unit = "mbar/min"', 'unit = "kPa"'))
    (fault,) = check_needs(wrong, "nl.toml", [needing])
    assert (fault.rule, fault.severity, fault.line) == ("unusable-profile-value", "error", 16)
    assert '"leak-rate" is 1.30 kPa' in fault.message
    assert '"small"' in fault.message
