"""Whose rules a run goes by: those of the clinic's jurisdiction when it begins, and for a run the same to its end."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.errors import ClinicError, UnknownProtocolError
from checklist.clinic.texts.adoption import adoption, keep_bytes
from checklist.ledger.entry import Draft
from checklist.people.commitment import name_opening
from checklist.protocol.errors import ProtocolFileError
from checklist.protocol.library import STRICTEST, shipped_profiles
from checklist.protocol.loader import LoadedProfile, LoadedProtocol, parse_profile
from checklist.run import commands as c
from checklist.run.marks import Outcome
from checklist.run.reading import Refusal
from checklist.run.timing import utc
from tests.clinic.conftest import who
from tests.support.making import header

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from checklist.run.state import RunState
    from tests.clinic.conftest import House, Kit

OURS = """\
[profile]
id = "ours"
title = "Our own rules"
version = "1.0.0"
sources = [{ id = "us", title = "Our house rules" }]
"""

VALUE = """
[[values]]
name = "%s"
value = %s
title = "A value"
source = "us"
sure = "proposal"
"""

LEAK = """
[[steps]]
id = "leak"
kind = "measure"
do = "Read the leak; the bag is {waste-infectious}."
unit = "mbar/min"
limit = { max = { profile = "leak-rate" } }
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
another = { profile = "release-by-another" }
"""


def ours(leak: str = "1.0", more: str = "", version: str = "1.0.0") -> LoadedProfile:
    values = {"leak-rate": f'{leak}\nunit = "mbar/min"', "waste-infectious": '"the green bag"'}
    told = "".join(VALUE % pair for pair in values.items())
    text = OURS.replace("1.0.0", version) + told + (more or VALUE % ("release-by-another", "true"))
    found = parse_profile(text.encode(), name="ours.toml")
    assert isinstance(found, LoadedProfile), found
    return found


def bring(clinic: Clinic, found: LoadedProfile) -> None:
    """Put a profile into force, whatever it lacks."""
    was, lea = clinic.library.text_in_force(clinic.ledger, found.profile.id), who(clinic, "Lea")
    keep_bytes(clinic.folder.adopted, {found.sha256: found.data})
    opening = name_opening(lea.id, lea.name)
    clinic.people.keep([opening], at=utc(clinic.now()))
    signed: dict[str, Json] = {"meaning": "approved", "factors": ["secret"], "name": opening.commitment}
    clinic.ledger.append(
        lambda _: [
            adoption(found, was.sha256 if was else None, lea.id, "line"),
            Draft("signed", signed, lea.id, "line", of_last=True),
        ]
    )


@pytest.fixture
def leaky(house: House, clinic: Clinic, kit: Kit) -> House:
    """A clinic that walks a protocol which takes its limit, its words and its release from a profile."""
    house.add_protocol("leaky", header("leaky", "Leak", "equipment") + LEAK, clinic, kit.who(clinic, "Lea"))
    return house


def in_(house: House, jurisdiction: str) -> Clinic:
    house.configure(f'jurisdiction = "{STRICTEST}"', f'jurisdiction = "{jurisdiction}"')
    return house.open()


def limit_of(state: RunState) -> Decimal | object:
    step = state.protocol.step("leak")
    return step.limit.max if step.kind == "measure" and step.limit is not None else None


def test_another_jurisdiction_in_clinic_toml_is_enough_to_walk_by_its_rules(leaky: House, kit: Kit) -> None:
    before = leaky.open()
    strict = before.run(kit.begin(before, "leaky", "equipment=S1"))
    assert limit_of(strict) == Decimal("1.3")
    clinic = in_(leaky, "us")
    state = clinic.run(kit.begin(clinic, "leaky", "equipment=S1"))
    assert limit_of(state) == Decimal("1.33")
    assert state.protocol.step("leak").do == "Read the leak; the bag is the red bag, or as your state's rules say."
    started = clinic.run_entries(state.run)[0]
    assert started.data["profile"] == {"id": "us", "sha256": shipped_profiles()["us"].sha256}
    # The run that was open keeps the rules with which it began, and what takes nothing from a profile names none.
    assert limit_of(clinic.run(strict.run)) == Decimal("1.3")
    assert "profile" not in clinic.run_entries(kit.begin(clinic, "short"))[0].data


def test_an_open_run_keeps_the_profile_it_began_with_when_a_lead_adopts_another(leaky: House, kit: Kit) -> None:
    clinic = in_(leaky, "ours")
    bring(clinic, ours())
    run = kit.begin(clinic, "leaky", "equipment=S1")
    bring(clinic, ours("2.5", version="1.1.0"))
    for each in (clinic, leaky.open()):
        assert limit_of(each.run(run)) == Decimal("1.0")
    assert limit_of(clinic.run(kit.begin(clinic, "leaky", "equipment=S1"))) == Decimal("2.5")
    kit.do(clinic, run, c.Give("leak", "2.0"))
    assert clinic.run(run).steps["leak"].owed == "remedy"


def test_the_profile_of_a_run_that_is_lost_or_changed_is_a_fault_in_words(leaky: House, kit: Kit) -> None:
    clinic = leaky.open()
    run = kit.begin(clinic, "leaky", "equipment=S1")
    kept = leaky.folder.adopted / f"{shipped_profiles()[STRICTEST].sha256}.toml"
    kept.write_bytes(kept.read_bytes() + b"\n")
    with pytest.raises(ClinicError, match="is not the text that was adopted; restore it"):
        leaky.open().run(run)
    kept.unlink()
    with pytest.raises(ClinicError, match="cannot be read"):
        leaky.open().run(run)
    assert kit.walk_short(leaky.open()).outcome is Outcome.COMPLETE


def test_nobody_releases_what_they_have_done_where_the_profile_says_so(leaky: House, kit: Kit) -> None:
    clinic = in_(leaky, "ours")
    bring(clinic, ours())
    run = kit.begin(clinic, "leaky", "equipment=S1")
    kit.do(clinic, run, c.Give("leak", "0.4"))
    assert kit.refused(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "released", "")) == "same-person"
    state = kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Rita").person, "released", ""))
    assert state.outcome is Outcome.COMPLETE
    clinic.close()
    assert verify_clinic(leaky.folder).result == "clean"


@pytest.mark.parametrize(
    ("bring_in", "told"),
    [
        (None, "takes “leak-rate” from the profile “ours”, which is not in force here: ask a lead to adopt it"),
        (ours(more=VALUE % ("other", "true")), "“ours” does not give “release-by-another”, which “Leak” needs"),
        (ours(more=VALUE % ("release-by-another", '"perhaps"')), "“ours” does not fit “Leak”: "),
    ],
)
def test_without_the_value_a_start_is_refused_and_says_what_to_do(
    leaky: House, kit: Kit, bring_in: LoadedProfile | None, told: str
) -> None:
    clinic = in_(leaky, "ours")
    if bring_in is not None:
        bring(clinic, bring_in)
    size = clinic.ledger.size
    for refused in (
        clinic.begin("leaky", "equipment=S1", kit.who(clinic, "Lea"), "tui"),
        clinic.may_begin("leaky", kit.who(clinic, "Lea")),
    ):
        assert isinstance(refused, Refusal)
        assert refused.code == "profile"
        assert told in refused.message
        assert refused.message.endswith(".")
    assert clinic.ledger.size == size


def test_a_protocol_is_begun_about_the_machines_it_is_for(house: House, clinic: Clinic, kit: Kit) -> None:
    more = 'equipment = ["steriliser"]'
    text = header("warm", "Warm up", "equipment", more=more) + kit.short
    house.add_protocol("warm", text, clinic, kit.who(clinic, "Lea"))
    refused = clinic.begin("warm", "equipment=F1", kit.who(clinic, "Lea"), "tui")
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.message) == ("subject", "Say which equipment (steriliser) it is about: equipment=S1.")
    assert clinic.run(kit.begin(clinic, "warm")).subject == "equipment=S1"


def test_a_profile_is_found_where_a_new_version_would_come_from(house: House, clinic: Clinic) -> None:
    assert clinic.library.candidate("uk") == shipped_profiles()["uk"]
    own = shipped_profiles()["uk"].data + b"# ours\n"
    (house.folder.protocols / "profiles").mkdir()
    (house.folder.protocols / "profiles" / "uk.toml").write_bytes(own)
    found = clinic.library.candidate("uk")
    assert isinstance(found, LoadedProfile)
    assert found.sha256 == hashlib.sha256(own).hexdigest()
    bring(clinic, found)
    last = clinic.ledger.entries_of_kind("profile.adopted")[-1]
    assert last.data == {
        "id": "uk",
        "version": "1.0.0",
        "sha256": found.sha256,
        "was": shipped_profiles()["uk"].sha256,
        "title": "United Kingdom",
    }
    assert clinic.library.profile(clinic.ledger, "uk") == found
    in_force = clinic.library.text_in_force(clinic.ledger, "uk")
    assert in_force is not None
    assert (in_force.kind, clinic.library.text(in_force)) == ("profile", found)
    assert isinstance(clinic.library.candidate("short"), LoadedProtocol)
    (house.folder.protocols / "profiles" / "bad.toml").write_text("[profile]\nid = 3\n", "utf-8")
    with pytest.raises(ProtocolFileError, match=r"bad\.toml:2:1"):
        clinic.library.candidate("bad")


def test_a_profile_cannot_be_walked_nor_a_protocol_give_values(leaky: House, kit: Kit) -> None:
    clinic = in_(leaky, "short")
    with pytest.raises(UnknownProtocolError):
        clinic.begin("uk", "", kit.who(clinic, "Lea"), "tui")
    assert clinic.library.profile(clinic.ledger, "short") is None
    assert isinstance(clinic.begin("leaky", "equipment=S1", kit.who(clinic, "Lea"), "tui"), Refusal)
