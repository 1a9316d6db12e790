"""`checklist protocol adopt` and `diff`: what changes, said in clinical words, and signed for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import adopt, candidate
from checklist.clinic.texts.procedures import shipped_procedures
from checklist.protocol.library import shipped, shipped_folder, shipped_profiles
from tests.cli.conftest import SECRETS
from tests.support.in_process import at_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who


@pytest.fixture
def own(clinic: Path) -> Path:
    """The clinic's own protocol, changed since it was adopted."""
    path = clinic / "protocols" / "short.toml"
    text = path.read_text(encoding="utf-8").replace("1.0.0", "1.1.0")
    path.write_text(text.replace("Do one.", "Do one twice.").replace("max = 8.0", "max = 9.0"), encoding="utf-8")
    return path


LOOSER = "- Step 2 “two”: limit, upper end raised from 8.0 to 9.0 °C"


@pytest.mark.usefixtures("own")
def test_adopting_shows_the_difference_and_is_recorded(run: Run, ada: Who, bo: Who) -> None:
    assert "lead" in run("protocol", "adopt", "short", *bo).told
    answer = run("protocol", "adopt", "short", *ada)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[:-1] == [
        "Looser than before:",
        LOOSER,
        "Also different:",
        "- Version: 1.0.0 → 1.1.0",
        "- Step 1 “one”: what is done was “Do one.”, is now “Do one twice.”",
        "In force from now on, signed by Ada: short 1.1.0",
    ]
    entry = run("log", "--kind", "protocol.adopted", "--json").data[-1]
    assert (entry["data"]["version"], bool(entry["data"]["was"])) == ("1.1.0", True)
    assert entry["data"]["sha256"] in answer.out
    signed = run("log", "--kind", "signed", "--json").data[-1]
    assert (signed["index"], signed["actor"]) == (entry["index"] + 1, entry["actor"])
    assert (signed["data"]["meaning"], signed["data"]["of"]["index"]) == ("approved", entry["index"])
    assert run("verify", "--json").data["result"] == "clean"
    assert "already" in run("protocol", "adopt", "short", *ada).told


def test_what_cannot_be_adopted_is_told_in_a_line(run: Run, own: Path, ada: Who) -> None:
    own.write_text("nonsense", encoding="utf-8")
    assert "short.toml:1" in run("protocol", "adopt", "short", *ada).told
    assert "no protocol" in run("protocol", "adopt", "nonsense", *ada).told
    assert "--as" in run("protocol", "adopt", "short").told


def test_a_changed_text_under_the_same_version_is_warned_of(run: Run, own: Path, ada: Who) -> None:
    own.write_text(own.read_text(encoding="utf-8").replace("1.1.0", "1.0.0"), encoding="utf-8")
    for command in ("diff", "adopt"):
        answer = run("protocol", command, "short", *(ada if command == "adopt" else ()))
        assert answer.code == 0
        assert answer.err == "Warning: the text has changed and the version is still 1.0.0: raise it.\n"


@pytest.mark.usefixtures("own")
def test_open_runs_that_keep_their_version_are_counted(run: Run, ada: Who) -> None:
    run("walk", "short", *ada)
    assert "1 open run keeps version 1.0.0." in run("protocol", "diff", "short").out.splitlines()
    assert "1 open run keeps version 1.0.0." in run("protocol", "adopt", "short", *ada).out.splitlines()


def test_diff_says_what_adopting_would_bring_and_records_nothing(run: Run, own: Path, ada: Who) -> None:
    size = run("verify", "--json").data["entries"]
    for named in ("short", own):
        answer = run("protocol", "diff", named)
        assert (answer.code, LOOSER in answer.out.splitlines()) == (0, True)
    found = run("protocol", "diff", "short", "--json").data
    assert found[0] == {"step": "two", "weight": "looser", "text": LOOSER.removeprefix("- ")}
    assert [one["weight"] for one in found] == ["looser", "other", "other"]
    assert run("verify", "--json").data["entries"] == size
    run("protocol", "adopt", "short", *ada)
    assert run("protocol", "diff", "short").out == "No difference.\n"
    assert run("protocol", "diff", "short", "--json").data == []


def test_diff_compares_any_two_texts(run: Run, own: Path, ada: Who, tmp_path: Path) -> None:
    first = run("log", "--kind", "protocol.adopted", "--json").data[-1]["data"]["sha256"]
    run("protocol", "adopt", "short", *ada)
    for old in (f"sha256:{first}", f"sha256:{first[:10]}"):
        assert LOOSER in run("protocol", "diff", old, "short").out.splitlines()
        assert LOOSER in run("protocol", "diff", old, own).out.splitlines()
    backwards = run("protocol", "diff", "short", f"sha256:{first}").out.splitlines()
    assert backwards[:2] == [
        "Stricter than before:",
        LOOSER.replace("raised from 8.0 to 9.0", "lowered from 9.0 to 8.0"),
    ]
    assert "at least 8 digits" in run("protocol", "diff", "sha256:ed832b", "short").told
    assert "was adopted here" in run("protocol", "diff", "sha256:ed832bed", "short").told
    assert "nowhere.toml" in run("protocol", "diff", "short", tmp_path / "nowhere.toml").told
    assert "no protocol" in run("protocol", "diff", "nonsense").told.lower()


def test_a_text_that_was_never_in_force_is_shown_whole(run: Run, clinic: Path) -> None:
    text = (clinic / "protocols" / "short.toml").read_text(encoding="utf-8")
    (clinic / "protocols" / "other.toml").write_text(text.replace('"short"', '"other"'), encoding="utf-8")
    answer = run("protocol", "diff", "other")
    assert answer.out.startswith("Nothing of this was in force here until now; this is all of it:\n")
    assert "Do one. [one]" in answer.out
    (found,) = run("protocol", "diff", "other", "--json").data
    assert (found["step"], found["weight"]) == (None, "other")


def test_a_shipped_protocol_that_the_clinic_changes_is_compared_with_the_one_in_force(run: Run, clinic: Path) -> None:
    text = shipped()["spill"].data.replace(b"stop = true", b"stop = false")
    (clinic / "protocols" / "spill.toml").write_bytes(text + b"# ours\n")
    found = run("protocol", "diff", "spill", "--json").data
    assert {one["weight"] for one in found} <= {"looser", "other"}
    assert run("protocol", "diff", shipped_folder() / "emergency" / "spill.toml", "spill", "--json").data == []


def test_a_profile_is_compared_and_signed_for_like_a_protocol(run: Run, clinic: Path, ada: Who) -> None:
    folder = clinic / "protocols" / "profiles"
    folder.mkdir()
    text = shipped_profiles()["de"].data.decode()
    (folder / "de.toml").write_text(text.replace('version = "', 'version = "9', 1), encoding="utf-8")
    for named in ("de", folder / "de.toml"):
        assert "- Version: 1.0.0 → 91.0.0" in run("protocol", "diff", named).out.splitlines()
    assert run("protocol", "adopt", "de", *ada).code == 0
    adopted = run("log", "--kind", "profile.adopted", "--json").data[-1]
    signed = run("log", "--kind", "signed", "--json").data[-1]
    assert signed["data"]["of"]["index"] == adopted["index"] == signed["index"] - 1
    assert run("verify", "--json").data["result"] == "clean"


def test_a_profile_is_told_by_its_values_and_what_they_move(run: Run, clinic: Path) -> None:
    """Between any two, and of one that is to be adopted: no line of the file, but what it means."""
    out = run("protocol", "diff", "us", "de").out
    assert "moves “" in out
    assert "[[values]]" not in out
    folder = clinic / "protocols" / "profiles"
    folder.mkdir()
    text = shipped_profiles()["de"].data.decode()
    (folder / "de.toml").write_text(re.sub(r'"(\d+)d"', '"1d"', text), encoding="utf-8")
    found = run("protocol", "diff", "de", "--json").data
    assert any(one["text"].endswith(")") and "→ 1 day; moves “" in one["text"] for one in found)


def test_a_procedure_is_told_by_what_it_asks_no_more(run: Run, clinic: Path, ada: Who) -> None:
    folder = clinic / "protocols" / "procedures"
    folder.mkdir()
    loaded = shipped_procedures()["piercing"]
    gone = loaded.procedure.requires[0].id
    head, *tables = loaded.data.decode().replace('version = "1', 'version = "10', 1).split("[[requires]]")
    (folder / "piercing.toml").write_text("[[requires]]".join([head, *tables[1:]]), encoding="utf-8")
    for answer in (run("protocol", "diff", folder / "piercing.toml"), run("protocol", "adopt", "piercing", *ada)):
        assert answer.out.startswith(f"Looser than before:\n- Requirement “{gone}” was taken out: ")


@pytest.mark.usefixtures("clinic")
def test_a_template_is_not_adopted_without_a_warning(run: Run, ada: Who) -> None:
    run("protocol", "new", "mine")
    told = run("protocol", "adopt", "mine", *ada).err
    assert told.startswith('Warning: [protocol]: purpose still says "TODO"')


@pytest.mark.usefixtures("clinic")
def test_a_name_that_is_nowhere_says_what_was_looked_for(run: Run, ada: Who) -> None:
    assert "no protocol, procedure or profile “nonsense”" in run("protocol", "adopt", "nonsense", *ada).told


@pytest.mark.usefixtures("own")
def test_at_a_terminal_the_difference_stands_there_before_the_secret_is_asked(run: Run) -> None:
    told = at_a_terminal(["protocol", "adopt", "short"], [("Name", "Ada"), ("ecret", SECRETS["ada"])])
    assert told.code == 0
    places = [told.text.index(words) for words in (LOOSER, "Your secret signs this.", "Your secret: ", "In force")]
    assert places == sorted(places)
    assert told.text.count(LOOSER) == 1
    assert run("log", "--kind", "protocol.adopted", "--json").data[-1]["data"]["version"] == "1.1.0"
    again = at_a_terminal(["protocol", "adopt", "short"], [])
    assert (again.code, "in force already" in again.text) == (2, True)


def test_what_is_signed_is_what_was_shown(clinic: Path, own: Path) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        shown = candidate(opened, "short")
        own.write_bytes(own.read_bytes().replace(b"9.0", b"99.0"))
        who = opened.staff.sign_in("Ada", SECRETS["ada"], "line")
        assert isinstance(who, SignedIn)
        assert adopt(opened, "short", who, "line", shown) == shown
        in_force = opened.library.text_in_force(opened.ledger, "short")
        assert in_force is not None
        assert in_force.sha256 == shown.found.sha256


def test_a_lower_version_is_refused_and_remarked_by_diff(run: Run, own: Path, ada: Who) -> None:
    assert run("protocol", "adopt", "short", *ada).code == 0
    own.write_text(own.read_text(encoding="utf-8").replace("1.1.0", "1.0.9"), encoding="utf-8")
    assert run("protocol", "diff", "short").err.startswith("Warning: 1.1.0 is in force; 1.0.9 is lower and cannot")
    told = run("protocol", "adopt", "short", *ada).told
    assert told.endswith("“Short” is version 1.0.9, and 1.1.0 is in force: raise its version above that.")
    own.write_text(own.read_text(encoding="utf-8").replace("1.0.9", "1.10.0"), encoding="utf-8")
    assert run("protocol", "adopt", "short", *ada).code == 0


def test_the_path_of_the_clinics_own_file_is_as_good_as_its_id(run: Run, own: Path, ada: Who) -> None:
    elsewhere = own.parents[1] / "short.toml"
    elsewhere.write_bytes(own.read_bytes())
    assert run("protocol", "adopt", elsewhere, *ada).told.endswith("move it there, then give the id: short.")
    assert run("protocol", "adopt", own, *ada).out.splitlines()[-2].endswith("signed by Ada: short 1.1.0")


def test_diff_knows_profiles_by_name_too(run: Run, clinic: Path) -> None:
    folder = clinic / "protocols" / "profiles"
    folder.mkdir()
    text = shipped_profiles()["uk"].data.decode().replace('id = "uk"', 'id = "fern"', 1)
    (folder / "fern.toml").write_text(text.replace('value = "365d"', 'value = "90d"'), encoding="utf-8")
    assert "90" in run("protocol", "diff", "uk", "fern").out
    assert run("protocol", "diff", "fern").out.startswith("Nothing of this was in force here")
