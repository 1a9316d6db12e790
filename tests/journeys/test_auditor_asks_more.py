"""What an auditor asks about people and their data beyond 21 CFR 11: Annex 11, ALCOA++, HIPAA, GDPR, eIDAS.

As in test_auditor_asks, each test is named after what it is asked by, and does what an auditor would do to test it.
"""

from __future__ import annotations

import contextlib
import random
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import pytest

import checklist
from checklist.cli.commands import root as every_command
from tests.support.auditing import ANNA, BEN, BOOKING, CLEO, OTTO, PATIENT, SECRETS, Auditor, made_for_auditor
from tests.support.in_process import cheap_secrets, days_ago, through_a_pipe
from tests.support.making import copy_of
from tests.support.outside import Leaf, all_bytes, leaves, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import click

TIDY = ("walk", "tidy", "--subject", "room=room-1")
REPOSITORY = Path(checklist.__file__).parent.parent


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cheap_secrets():
        yield made_for_auditor(tmp_path_factory.mktemp("auditor") / "clinic")


@pytest.fixture
def auditor(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Auditor:
    monkeypatch.setenv("CHECKLIST_CLINIC", str(tmp_path / "clinic"))
    return Auditor(copy_of(made, tmp_path))


# -- EU GMP Annex 11 ----------------------------------------------------------------------------------------


def test_annex_11_12_4_every_entry_names_its_operator_the_reviewers_own_too(auditor: Auditor) -> None:
    size = len(leaves(auditor.root))
    run = auditor.walks_the_trolley()
    assert auditor.does("remark", run, "read through", *auditor.as_(OTTO)).code == 0
    assert auditor.does("verify", "--record", *auditor.as_(CLEO)).code == 0
    unnamed = {leaf.kind for leaf in leaves(auditor.root)[size:] if leaf.fields["actor"] is None}
    # What the program does by itself, as the documentation of the exports names it: nobody signs clinic.toml.
    assert unnamed == {"station.started", "station.stopped", "clinic.configured"}
    told = (REPOSITORY / "docs" / "exports.md").read_text("utf-8").partition("### `entries`")[2].partition("###")[0]
    assert [kind for kind in unnamed if f"`{kind}`" not in told] == []
    log = auditor.reads("log")
    assert [one["actor"] for one in log if one["kind"] == "remarked"] == [auditor.id_of(OTTO)]
    assert [one["actor"] for one in log if one["kind"] == "verified"] == [auditor.id_of(CLEO)]
    assert f"remarked  by {OTTO}" in auditor.does("log").text
    (remarked,) = leaves(auditor.root, "remarked")
    assert remarked.data["of"]["leaf"] == leaves(auditor.root)[remarked.data["of"]["index"]].hash


def test_annex_11_14_a_signature_has_its_time_its_meaning_and_its_record_for_good(auditor: Auditor) -> None:
    run = auditor.walks_the_trolley()
    (signed,) = auditor.signed()
    resume = ("resume", run, *auditor.as_(ANNA), *auditor.beside(BEN))
    told = auditor.does(*resume, said="/correct ready mistake: not yet\nquarantined\n")
    assert told.code == 0, told.text
    first, second = auditor.signed()
    assert first == signed
    assert (first.data["meaning"], second.data["meaning"]) == ("released", "quarantined")
    assert leaves(auditor.root)[first.data["of"]["index"]].hash == first.data["of"]["leaf"]
    assert opened(auditor.root, first.data["name"])["name"] == ANNA
    assert auditor.verified()[0] == 0


OFF = ("false", "0", '"off"', '"none"', '"never"', '""', "[]")
KEYS = {
    "": ("logging", "log", "audit", "record", "ledger", "trail", "append_only"),
    "clinic": ("logging", "audit", "record", "ledger", "station", "origin", "timezone"),
    "security": ("logging", "audit", "sign_in", "signing", "secrets", "lock_out", "second_person", "idle_lock"),
    "people": ("logging", "audit", "shared", "retention"),
    "anchors": ("logging", "enabled"),
    "hub": ("logging", "enabled"),
}
FUZZED = [(table, key, value) for table, keys in KEYS.items() for key in keys for value in OFF]


def test_annex_11_draft_no_setting_disables_logging(auditor: Auditor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGGING", "NO_LOG", "AUDIT", "LEDGER", "DISABLED", "UNSIGNED"):
        monkeypatch.setenv(f"CHECKLIST_{name}", "0")
    configured = auditor.root / "clinic.toml"
    as_it_was = configured.read_text("utf-8")
    wanted = [
        "station.started",
        "signed-in",
        "run.started",
        "step.done",
        "run.completed",
        "signed-out",
        "station.stopped",
    ]
    me = auditor.as_(BEN)
    assert auditor.does(*TIDY, *me, said="tidy\n").code == 0  # so that the plan stands in the record as it is now
    size, taken = len(leaves(auditor.root)), []
    for table, key, value in FUZZED:
        configured.write_text(_with(as_it_was, table, key, value), "utf-8")
        told = auditor.does(*TIDY, *me, said="tidy\n")
        left = [leaf.kind for leaf in leaves(auditor.root)[size:] if leaf.kind != "clock.jumped"]
        size = len(leaves(auditor.root))
        assert (told.code, left) in [(0, wanted), (2, [])], (table, key, value, told)
        if told.code == 0:
            taken.append((table, key))
    assert {table for table, _ in taken} <= {"anchors", "hub"}
    configured.write_text(as_it_was, "utf-8")
    assert auditor.verified()[0] == 0


def _with(text: str, table: str, key: str, value: str) -> str:
    """The configuration with one more line in that table, in the place of one for the same key."""
    if not table:
        return f"{key} = {value}\n{text}"
    if f"[{table}]\n" not in text:
        return f"{text}\n[{table}]\n{key} = {value}\n"
    before, _, after = text.partition(f"[{table}]\n")
    own, gap, others = after.partition("\n\n")
    kept = "".join(f"{line}\n" for line in own.splitlines() if not line.startswith(f"{key} ="))
    return f"{before}[{table}]\n{key} = {value}\n{kept}{gap}{others}"


def test_annex_11_draft_no_command_records_less(auditor: Auditor) -> None:
    off = re.compile(r"--(no-|quiet|disable|without-|skip|off|dry)")
    assert [name for name in _options(every_command) if off.match(name)] == []
    assert "--secret-file" in _options(every_command)
    assert auditor.root.is_dir()


def _options(command: click.Command) -> set[str]:
    found = {option for parameter in command.params for option in parameter.opts}
    children = getattr(command, "list_commands", None)
    if children is not None:
        import click as clicking

        context = clicking.Context(command)
        for name in children(context):
            child = command.get_command(context, name)  # type: ignore[attr-defined]
            found |= _options(child)
    return found


@pytest.mark.parametrize("limit", ["0s", "14s", "601s", "11m", "1h", "1d", "never", "", "-3m", "999m", "3", "3M"])
def test_annex_11_draft_the_inactivity_limit_has_a_hard_ceiling(auditor: Auditor, limit: str) -> None:
    configured = auditor.root / "clinic.toml"
    as_it_was = configured.read_text("utf-8")
    assert 'idle_lock = "3m"' in as_it_was
    configured.write_text(as_it_was.replace('idle_lock = "3m"', f'idle_lock = "{limit}"'), "utf-8")
    told = auditor.does(*TIDY, *auditor.as_(BEN), said="tidy\n")
    assert told.code == 2
    assert "15s to 10m" in told.text
    configured.write_text(as_it_was.replace('idle_lock = "3m"', ""), "utf-8")  # not even by leaving it out
    assert auditor.does(*TIDY, *auditor.as_(BEN), said="tidy\n").code == 0


def test_annex_11_draft_there_are_no_shared_accounts(auditor: Auditor, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    secret = auditor.file("lea", "five brown cows")
    assert auditor.does("init", fresh, "--name", "New", "--lead", "Lea Linden", "--secret-file", secret).code == 0
    (only,) = auditor.reads("people", "list", "--clinic", fresh)
    assert only["name"] == "Lea Linden"
    lead, add = auditor.as_(ANNA), ("people", "add", "--role", "staff", "--new-secret-file")
    new = auditor.file("new", "six red owls")
    for same in (BEN, "ben carter", "Ben  Carter "):
        assert auditor.does(*add, new, "--name", same, *lead).code == 2
    badge = auditor.file("badge", "BADGE-0042")
    assert auditor.does("people", "badge", BEN, "--badge-file", badge, *lead).code == 0
    assert auditor.does("people", "badge", OTTO, "--badge-file", badge, *lead).code == 2
    # Nobody is told that a secret is another's: it opens the own name only, as a hash is bound to its owner.
    bens = auditor.file("bens", SECRETS[BEN])
    assert auditor.does("people", "secret", "--new-secret-file", bens, *auditor.as_(OTTO)).code == 0
    assert leaves(auditor.root)[-1].fields["actor"] != leaves(auditor.root, "operator.added")[1].data["operator"]
    assert len(auditor.reads("people", "list")) == 4


def test_annex_11_draft_the_time_zone_is_in_every_leaf(auditor: Auditor) -> None:
    size = len(leaves(auditor.root))
    auditor.walks_the_trolley()
    auditor.does("people", "list")
    known = available_timezones()
    for leaf in leaves(auditor.root):
        assert leaf.fields["zone"] in known
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", leaf.fields["at"])
    assert {leaf.fields["zone"] for leaf in leaves(auditor.root)[size:]} == {"Europe/Berlin"}


# -- ALCOA++ ------------------------------------------------------------------------------------------------


def test_alcoa_thirty_runs_are_attributable_and_contemporaneous(auditor: Auditor) -> None:
    chance = random.Random(30)  # noqa: S311 - a sample that can be drawn again
    begun: dict[str, tuple[str, str, str]] = {}
    for _ in range(30):
        name = chance.choice([ANNA, BEN, CLEO])
        before = _now()
        assert auditor.does(*TIDY, *auditor.as_(name), said="tidy\n").code == 0
        begun[f"a#{leaves(auditor.root, 'run.started')[-1].index}"] = (name, before, _now())
    chain = leaves(auditor.root)
    names = {
        leaf.data["operator"]: opened(auditor.root, leaf.data["name"])["name"]
        for leaf in chain
        if leaf.kind == "operator.added"
    }
    for run, (name, before, after) in begun.items():
        mine = [leaf for leaf in chain if run in (leaf.fields.get("run"), f"a#{leaf.index}")]
        assert [leaf.kind for leaf in mine] == ["run.started", "step.done", "run.completed"]
        for leaf in mine:
            assert names[leaf.fields["actor"]] == name
            assert before <= leaf.fields["at"] <= after
            assert _present(chain, leaf) == leaf.fields["actor"]
    times = [leaf.fields["at"] for leaf in chain]
    assert times == sorted(times)
    assert [leaf.index for leaf in chain] == list(range(len(chain)))


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _present(chain: list[Leaf], at: Leaf) -> str | None:
    """Who had signed in last before this entry, and had not signed out."""
    for leaf in reversed(chain[: at.index]):
        if leaf.kind in {"signed-in", "signed-out"}:
            actor: str = leaf.fields["actor"]
            return actor if leaf.kind == "signed-in" else None
    return None


# -- HIPAA and GDPR -----------------------------------------------------------------------------------------


def test_hipaa_unique_ids_and_automatic_log_off_from_the_first_day(auditor: Auditor) -> None:
    ids = [leaf.data["operator"] for leaf in leaves(auditor.root, "operator.added")]
    assert len(ids) == len(set(ids)) == 4
    assert all(re.fullmatch(r"u_[0-9a-f]{10}", each) for each in ids)
    assert 'idle_lock = "3m"' in (auditor.root / "clinic.toml").read_text("utf-8")


def test_hipaa_nothing_that_was_said_stands_in_the_record_or_an_export_in_clear(auditor: Auditor) -> None:
    run = auditor.walks_the_trolley()
    resume = ("resume", run, *auditor.as_(ANNA), *auditor.beside(BEN))
    auditor.does(*resume, said=f"/correct indicator mistake: the tray of {PATIENT}\n/abandon other: {PATIENT} left\n")
    auditor.does("remark", run, f"{PATIENT} complained", *auditor.as_(OTTO))
    auditor.does(*TIDY, "--as", PATIENT, "--secret-file", auditor.file("any", f"{PATIENT}s secret"))
    said = [PATIENT, BOOKING, *SECRETS, *SECRETS.values()]
    with contextlib.closing(sqlite3.connect(auditor.root / "people.db")) as people:
        kept = "".join(people.iterdump())
    assert kept.count(PATIENT) >= 5  # it was said, and is where it can be erased
    assert BOOKING in kept
    found = {name: content for name, content in all_bytes(auditor.root).items() if name != "people.db"}
    for words in said:
        assert [name for name, content in found.items() if words.encode() in content] == []
        assert words not in auditor.does("log", "--jsonl").text
        assert words not in auditor.does("log", "--json").text


@pytest.mark.parametrize("named", [PATIENT, f"{PATIENT}, born 1970", "12.03.1970"])
def test_hipaa_no_visit_is_opened_under_a_name_or_a_birth_date(auditor: Auditor, named: str) -> None:
    told = auditor.does("walk", "trolley", "--session", named, *auditor.as_(ANNA))
    assert told.code == 2
    assert "Give a number" in told.text
    assert leaves(auditor.root, "session.opened") == []
    assert [name for name, content in all_bytes(auditor.root).items() if named.encode() in content] == []


FIELDS_OF_PATIENTS = re.compile(
    r"patient|client|customer|birth|dob|gender|sex|diagnos|phone|mail|address|insur", re.IGNORECASE
)


def test_hipaa_no_field_of_the_record_is_for_a_patient(auditor: Auditor) -> None:
    auditor.walks_the_trolley()
    names = {key for leaf in leaves(auditor.root) for key in _keys(leaf.fields)}
    assert {"actor", "data", "session", "reference", "meaning"} <= names
    assert [name for name in names if FIELDS_OF_PATIENTS.search(name)] == []
    with contextlib.closing(sqlite3.connect(auditor.root / "ledger.db")) as ledger:
        schema = " ".join(str(sql) for (sql,) in ledger.execute("SELECT sql FROM sqlite_master"))
    assert not FIELDS_OF_PATIENTS.search(schema)


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield str(key)
            yield from _keys(inside)


def test_gdpr_a_name_is_kept_as_long_as_it_must_be_and_then_it_is_in_no_byte(auditor: Auditor) -> None:
    with days_ago(40):
        assert auditor.does("walk", "thrice", *auditor.as_(BEN), said="reviewed\nreviewed\nreviewed\n").code == 0
        ben = auditor.id_of(BEN)
        still = auditor.does("people", "erase", BEN, *auditor.as_(ANNA))
        assert "still works here" in still.text
        assert auditor.does("people", "disable", BEN, *auditor.as_(ANNA)).code == 0
    run = f"a#{leaves(auditor.root, 'run.started')[-1].index}"
    refused = auditor.does("people", "erase", BEN, *auditor.as_(ANNA))
    assert refused.code == 2
    assert re.search(r"is kept until \d{4}-\d\d-\d\d", refused.text)
    assert leaves(auditor.root, "erased") == []
    assert BEN in auditor.does("show", run).text

    configured = auditor.root / "clinic.toml"
    configured.write_text(configured.read_text("utf-8").replace('retention = "10y"', 'retention = "30d"'), "utf-8")
    assert auditor.does("people", "erase", BEN, *auditor.as_(ANNA)).code == 0
    (erased,) = leaves(auditor.root, "erased")
    assert (erased.fields["actor"], erased.data["operator"]) == (auditor.id_of(ANNA), ben)
    said = {
        leaf.data["name"]
        for leaf in leaves(auditor.root)
        if leaf.kind in {"signed", "operator.added"} and ben in (leaf.fields["actor"], leaf.data.get("operator"))
    }
    assert set(erased.data["commitments"]) == said
    held = all_bytes(auditor.root)
    for word in (BEN, BEN.split()[1], BEN.casefold()):
        assert [name for name, content in held.items() if word.encode() in content] == []
    code, report = auditor.verified()
    assert (code, report["result"], report["findings"]) == (0, "clean", [])
    shown = auditor.does("show", run).text
    assert ben in shown
    assert BEN not in shown
    assert auditor.does(*TIDY, *auditor.as_(BEN)).code == 2


# -- eIDAS --------------------------------------------------------------------------------------------------

CLAIMS = re.compile(
    r"\b((qualified|advanced)\s+(electronic\s+)?(signature|seal|certificate|time[- ]?stamp|trust)s?"
    r"|compl(iant|iance|ies)|certif(ied|ies|ication))\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "words",
    ["Qualified electronic signatures", "a qualified\nsignature", "an advanced electronic seal", "eIDAS-compliant",
     "in full compliance with part 11", "it complies", "a certified program", "ISO certification"],
)  # fmt: skip
def test_eidas_a_claim_is_known_as_one(words: str) -> None:
    assert CLAIMS.search(words)


@pytest.mark.parametrize("words", ["a qualified performer", "a signature by whoever is qualified", "to comply"])
def test_eidas_of_people_anything_may_be_said(words: str) -> None:
    assert not CLAIMS.search(words)


def _documents() -> Mapping[str, str]:
    paths = [
        *REPOSITORY.glob("*.md"),
        *(REPOSITORY / "protocols").rglob("*"),
        *Path(checklist.__file__).parent.rglob("*.py"),
    ]
    return {str(path): path.read_text("utf-8") for path in paths if path.is_file()}


def test_eidas_nothing_that_people_read_claims_what_no_program_can(auditor: Auditor) -> None:
    documents = _documents()
    assert any(name.endswith("README.md") for name in documents)
    assert any(name.endswith(".toml") for name in documents)
    assert {name: found[0] for name, text in documents.items() if (found := CLAIMS.search(text))} == {}
    for words in ((), ("people",), ("verify",), ("walk",), ("init",)):
        told = through_a_pipe([*words, "--help"])
        assert told.code == 0
        assert not CLAIMS.search(told.text)
    run = auditor.walks_the_trolley()
    assert not CLAIMS.search(auditor.does("show", run).text + auditor.does("verify").text)
