"""What is in force: adopted by a lead, kept to the byte, and replaced only on purpose."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.errors import ClinicError, UnknownProtocolError
from checklist.clinic.texts.adopting import Adopted, adopt, adopted_text, candidate
from checklist.clinic.texts.difference import difference
from checklist.clinic.texts.linting import around
from checklist.ledger.entry import Draft
from checklist.protocol.comparing.changes import Change
from checklist.protocol.errors import ProtocolFileError
from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.linting.lint import lint
from checklist.protocol.loader import LoadedProfile, parse_profile
from checklist.run import commands as c
from checklist.run.reading import Refusal

PROFILE = """\
[profile]
id = "xx"
title = "Somewhere"
version = "1.0.0"
sources = [{ id = "law", title = "The law" }]
[[values]]
name = "pack-storage-life"
value = "180d"
title = "How long a wrapped pack keeps"
source = "law"
sure = "read"
"""

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from tests.clinic.conftest import House, Kit


def test_an_edited_file_changes_nothing_until_a_lead_adopts_it(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    run = kit.begin(clinic, "short")
    was = clinic.run(run).sha256
    text = kit.protocol_text("short", "clinic", "", kit.short.replace("Look around", "Look under the chair"))
    (house.folder.protocols / "short.toml").write_text(text, "utf-8")
    assert clinic.library.named(clinic.ledger, "short").sha256 == was
    refused = adopt(clinic, "short", kit.who(clinic, "Ben"), "tui")
    assert isinstance(refused, Refusal)
    found = adopt(clinic, "short", lea, "tui")
    assert isinstance(found, Adopted)
    assert found.was is not None
    assert (found.was.sha256, found.found.sha256) == (was, hashlib.sha256(text.encode()).hexdigest())
    words = "Step 2 “look”: what is done was “Look around.”, is now “Look under the chair.”"
    assert found.difference.changes == (Change("look", words, "other"),)
    assert found.difference.lines == ("Also different:", f"- {words}")
    assert (found.same_version, found.keeping) == (True, ("1 open run keeps version 1.0.0.",))
    assert (house.folder.adopted / f"{found.found.sha256}.toml").read_bytes() == text.encode()
    adopted = clinic.ledger.entries_of_kind("protocol.adopted")[-1]
    assert adopted.data == {
        "id": "short",
        "version": "1.0.0",
        "sha256": found.found.sha256,
        "was": was,
        "title": "Short",
        "subject": "clinic",
        "category": "clinic",
    }
    signed = clinic.ledger.last()
    assert signed is not None
    assert (signed.kind, signed.actor, signed.index) == ("signed", lea.id, adopted.index + 1)
    of: dict[str, Json] = {"station": "a", "index": adopted.index, "leaf": adopted.leaf}
    expected = {"of": of, "meaning": "approved", "factors": ["secret"]}
    assert {key: signed.data[key] for key in expected} == expected
    assert clinic.people.opening(str(signed.data["name"])) is not None
    # The open run goes on in the version with which it began; a new one takes the new version.
    assert house.open().run(run).sha256 == was
    assert clinic.run(kit.begin(clinic, "short")).sha256 == found.found.sha256
    again = adopt(clinic, "short", lea, "tui")
    assert isinstance(again, Refusal)
    assert again.code == "in-force"


def test_the_clinic_s_own_file_takes_the_place_of_the_shipped_one(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    name = next(iter(shipped()))
    refused = adopt(clinic, name, lea, "tui")
    assert isinstance(refused, Refusal)
    own = shipped()[name].data + b"\n# ours\n"
    (house.folder.protocols / f"{name}.toml").write_bytes(own)
    found = adopt(clinic, name, lea, "tui")
    assert isinstance(found, Adopted)
    assert found.found.data == own
    (house.folder.protocols / f"{name}.toml").unlink()
    back = adopt(clinic, name, lea, "tui")
    assert isinstance(back, Adopted)
    assert back.found.sha256 == shipped()[name].sha256
    assert set(clinic.library.in_force(clinic.ledger)) >= set(shipped())


@pytest.mark.parametrize("name", ["nowhere", "../keys/pepper", "", "x" * 400, "a\0b", "\x1b[2J"])
def test_what_does_not_exist_cannot_be_adopted(clinic: Clinic, kit: Kit, name: str) -> None:
    with pytest.raises(UnknownProtocolError) as fault:
        adopt(clinic, name, kit.who(clinic, "Lea"), "tui")
    assert str(fault.value).isprintable()


def test_a_file_with_faults_is_refused_with_their_places(house: House, clinic: Clinic, kit: Kit) -> None:
    (house.folder.protocols / "bad.toml").write_text("[protocol]\nid = 3\n", "utf-8")
    size = clinic.ledger.size
    with pytest.raises(ProtocolFileError, match=r"bad\.toml:"):
        adopt(clinic, "bad", kit.who(clinic, "Lea"), "tui")
    assert clinic.ledger.size == size


def test_a_lost_text_can_be_replaced_by_adopting_another(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    (house.folder.adopted / f"{clinic.run(run).sha256}.toml").unlink()
    fresh = house.open()
    text = kit.protocol_text("short", "clinic", "", kit.short, title="Short and new")
    found = house.add_protocol("short", text, fresh, kit.who(fresh, "Lea"))
    assert "Short and new" in found.difference.lines
    assert kit.walk_short(fresh).protocol.title == "Short and new"


def test_a_text_that_this_program_cannot_read_any_more_is_a_fault_in_words(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    data = b"[protocol]\nid = 'old'\n"
    sha256 = hashlib.sha256(data).hexdigest()
    (house.folder.adopted / f"{sha256}.toml").write_bytes(data)
    clinic.record(Draft("protocol.adopted", {"id": "old", "version": "1", "sha256": sha256, "was": None}, None, "tui"))
    with pytest.raises(ProtocolFileError):
        clinic.begin("old", "", kit.who(clinic, "Lea"), "tui")
    run = kit.begin(clinic, "short")
    assert kit.do(clinic, run, c.Confirm("wash")).open


def test_bytes_that_cannot_be_kept_are_not_adopted(house: House, clinic: Clinic, kit: Kit) -> None:
    house.folder.adopted.rename(house.folder.root / "away")
    house.folder.adopted.write_text("in the way")
    size = clinic.ledger.size
    with pytest.raises(ClinicError, match="nothing was adopted"):
        house.add_protocol("new", kit.protocol_text("new", "clinic", "", kit.short), clinic, kit.who(clinic, "Lea"))
    assert clinic.ledger.size == size


def test_what_adopting_would_bring_can_be_seen_before(house: House, clinic: Clinic, kit: Kit) -> None:
    """Nothing is recorded by looking; what is looser stands first; open runs of every version are counted."""
    for _ in range(2):
        kit.begin(clinic, "short")
    assert candidate(clinic, "short").difference.changes == ()
    size = clinic.ledger.size
    steps = kit.short.replace("20s", "5s").replace("Look around", "Look about")
    text = kit.protocol_text("short", "clinic", "", steps).replace("1.0.0", "1.1.0")
    (house.folder.protocols / "short.toml").write_text(text, "utf-8")
    coming = candidate(clinic, "short")
    assert [each.weight for each in coming.difference.changes] == ["looser", "other", "other"]
    assert coming.difference.changes[0].text == "Step 1 “wash”: shortest time: 20 s → 5 s"
    assert (coming.same_version, coming.keeping) == (False, ("2 open runs keep version 1.0.0.",))
    assert clinic.ledger.size == size


def test_a_file_that_changes_while_a_run_is_open_changes_nothing_in_it(house: House, clinic: Clinic, kit: Kit) -> None:
    """Neither when it is saved, nor when it is adopted: that run ends with the steps with which it began."""
    lea = kit.who(clinic, "Lea")
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Confirm("wash"))
    more = '[[steps]]\nid = "close"\nkind = "confirm"\ndo = "Close the door."\nexpect = "closed"\n'
    text = kit.protocol_text("short", "clinic", "", kit.short + more)
    house.add_protocol("short", text, clinic, lea)
    for opened in (clinic, house.open()):
        assert [step.id for step in opened.run(run).protocol.steps] == ["wash", "look"]
    assert kit.do(clinic, run, c.Confirm("look")).outcome == "complete"
    assert [step.id for step in clinic.run(kit.begin(clinic, "short")).protocol.steps] == ["wash", "look", "close"]


def test_nobody_signs_for_another_difference_than_they_are_shown(house: House, clinic: Clinic, kit: Kit) -> None:
    """Where somebody else adopts another version meanwhile, nothing is recorded."""
    own, other = house.folder.protocols / "short.toml", house.open()
    text = kit.protocol_text("short", "clinic", "", kit.short)
    own.write_text(text.replace("1.0.0", "1.1.0"), "utf-8")

    def adopted_by_another() -> None:
        house.add_protocol("short", text.replace("1.0.0", "1.2.0"), other, kit.who(other, "Lea"))

    house.clock.hook = adopted_by_another
    refused = adopt(clinic, "short", kit.who(clinic, "Lea"), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "changed"
    assert clinic.library.named(clinic.ledger, "short").protocol.version == "1.2.0"


def test_only_comments_are_said_to_be_that(house: House, clinic: Clinic) -> None:
    before = clinic.library.named(clinic.ledger, "short")
    (house.folder.protocols / "short.toml").write_bytes(before.data + b"# ours\n")
    (found,) = candidate(clinic, "short").difference.changes
    assert "only comments or layout" in found.text
    assert difference(before, before).changes == ()


def test_a_text_that_is_no_longer_in_force_is_found_by_its_digest(house: House, clinic: Clinic, kit: Kit) -> None:
    was = clinic.library.named(clinic.ledger, "short").sha256
    house.add_protocol("short", kit.protocol_text("short", "clinic", "", kit.blind), clinic, kit.who(clinic, "Lea"))
    assert adopted_text(clinic, was[:8]).sha256 == was
    for digest in ("0" * 64, f"{was}0", "%%%%%%%%"):
        with pytest.raises(UnknownProtocolError, match=r"protocol\.adopted"):
            adopted_text(clinic, digest)
    for digest in (was[:7], "", "%"):
        with pytest.raises(UnknownProtocolError, match="at least 8 digits"):
            adopted_text(clinic, digest)


@pytest.mark.parametrize("folder", ["", "profiles", "procedures"])
@pytest.mark.parametrize("put", ["link", "folder", "pipe"])
def test_what_lies_in_the_place_of_a_file_is_told_and_not_passed_over(
    house: House, clinic: Clinic, kit: Kit, folder: str, put: str
) -> None:
    """Or the shipped text would be adopted while the clinic believes that it is its own."""
    name = {"": "spill", "profiles": "uk", "procedures": "microneedling"}[folder]
    path = house.folder.protocols / folder / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    if put == "link":
        path.symlink_to("nowhere.toml")
    elif put == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    size = clinic.ledger.size
    with pytest.raises(
        ProtocolFileError, match={"link": "it is a link", "folder": "Is a directory", "pipe": "not a regular file"}[put]
    ):
        adopt(clinic, name, kit.who(clinic, "Lea"), "tui")
    assert clinic.ledger.size == size


@pytest.mark.parametrize(
    ("name", "there"), [("microneedling", "procedure"), ("uk", "profile"), ("podiatry-nail-care", "procedure")]
)
def test_no_text_displaces_one_of_another_kind(house: House, clinic: Clinic, kit: Kit, name: str, there: str) -> None:
    text = kit.protocol_text(name, "clinic", "", kit.short)
    (house.folder.protocols / f"{name}.toml").write_text(text, "utf-8")
    refused = adopt(clinic, name, kit.who(clinic, "Lea"), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "other-kind"
    assert f"the id of a {there} in force here" in refused.message
    in_force = clinic.library.text_in_force(clinic.ledger, name)
    assert in_force is not None
    assert in_force.kind == there


def test_no_profile_displaces_a_protocol_of_the_clinics_own(house: House, clinic: Clinic, kit: Kit) -> None:
    (house.folder.protocols / "profiles").mkdir()
    (house.folder.protocols / "short.toml").unlink()
    text = PROFILE.replace('"xx"', '"short"')
    (house.folder.protocols / "profiles" / "short.toml").write_text(text, "utf-8")
    refused = adopt(clinic, "short", kit.who(clinic, "Lea"), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "other-kind"
    assert kit.walk_short(clinic).outcome == "complete"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "pack-storage-life"', 'name = "pack-life"', "does not give"),
        ('value = "180d"', "value = true", "does not fit"),
    ],
)
def test_a_profile_that_a_protocol_in_force_cannot_take_is_refused_with_both_names(
    house: House, clinic: Clinic, kit: Kit, old: str, new: str, told: str
) -> None:
    keeps = '[[steps]]\nid = "keep"\nkind = "timer"\ndo = "Keep it."\nat_least = { profile = "pack-storage-life" }\n'
    house.add_protocol("keeps", kit.protocol_text("keeps", "clinic", "", keeps), clinic, kit.who(clinic, "Lea"))
    (house.folder.protocols / "profiles").mkdir()
    path = house.folder.protocols / "profiles" / "uk.toml"
    text = shipped_profiles()["uk"].data.decode()
    text = re.sub(r'(name = "pack-storage-life"\nvalue = )"[^"]*"', r'\1"180d"', text).replace("1.0.0", "1.1.0")
    path.write_text(text, "utf-8")
    before, _, after = text.partition('name = "pack-storage-life"')
    path.write_text(before + ('name = "pack-storage-life"' + after).replace(old, new, 1), "utf-8")
    found = around(house.folder, [path])
    faults = lint([path], found.found, found.readers)
    assert {(fault.severity, fault.file) for fault in faults} == {("error", str(path))}
    assert any('"keeps"' in fault.message and '"pack-storage-life"' in fault.message for fault in faults)
    size = clinic.ledger.size
    refused = adopt(clinic, "uk", kit.who(clinic, "Lea"), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "profile"
    assert told in refused.message
    assert '"pack-storage-life"' in refused.message
    assert clinic.ledger.size == size


def test_profiles_are_compared_value_by_value() -> None:
    profile = parse_profile(PROFILE.encode(), name="xx.toml")
    after = parse_profile(PROFILE.replace("180d", "90d").encode(), name="xx.toml")
    assert isinstance(profile, LoadedProfile)
    assert isinstance(after, LoadedProfile)
    found = difference(profile, after)
    words = "How long a wrapped pack keeps (pack-storage-life): 180 days → 90 days; no protocol here takes it"
    assert found.changes == (Change(None, words, "other"),)
    assert found.lines == ("Also different:", f"- {words}")
    assert "How long a wrapped pack keeps: 180 days [pack-storage-life]" in difference(None, profile).lines
