"""`checklist walk` and `checklist resume`, as far as line mode is not their story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, SecretFile, Who


def test_who_walks_must_be_said_where_there_is_no_terminal(run: Run, clinic: Path, secret_file: SecretFile) -> None:
    assert "--as OPERATOR --secret-file FILE" in run("walk", "short").told
    assert "--as OPERATOR" in run("walk", "short", "--as", "Ada").told
    assert "give --as" in run("walk", "short", "--secret-file", secret_file("three blind mice")).told
    assert (
        "do not belong together"
        in run("walk", "short", "--as", "Ada", "--secret-file", secret_file("four blind cats")).told
    )
    assert clinic.is_dir()


def test_a_run_that_may_not_begin_is_refused_and_leaves_no_run(run: Run, clinic: Path, bo: Who, ada: Who) -> None:
    assert "role reprocessing" in run("walk", "steriliser-load", "--subject", "equipment=S1", *bo).told
    assert "room-1" in run("walk", "room-turnover", *ada).told
    assert "--session" in run("walk", "microneedling-setup", *ada).told
    assert "short" in run("walk", "nonsense", *ada).told
    assert run("log", "--kind", "run.started").code == 1
    kinds = [entry["kind"] for entry in run("log", "--json").data]
    assert kinds.count("signed-in") == kinds.count("signed-out")
    assert clinic.is_dir()


def test_a_walk_says_who_what_and_how_in_the_record(run: Run, clinic: Path, ada: Who) -> None:
    assert run("walk", "room-turnover", "--subject", "room=room-1", *ada).code == 1
    (started,) = run("log", "--kind", "run.started", "--json").data
    assert (started["via"], started["run"]) == ("pipe", None)
    assert started["data"]["subject"] == "room=room-1"
    signed_in = run("log", "--kind", "signed-in", "--json").data[-1]
    assert signed_in["data"] == {"factors": ["secret-file"]}
    assert clinic.is_dir()


def test_a_session_is_opened_once_and_found_by_the_clinics_own_reference(run: Run, clinic: Path, ada: Who) -> None:
    setup = ("walk", "microneedling-setup", *ada)
    assert run(*setup, "--session", "booking 17").code == 1
    assert run(*setup, "--subject", "session=booking 17").code == 1
    assert run(*setup, "--session", "new").code == 1
    runs = run("log", "--kind", "run.started", "--json").data
    first, second, third = (entry["data"]["subject"] for entry in runs)
    assert first == second != third
    assert first.startswith("session=a-")
    assert "booking" not in json.dumps(run("log", "--json").data)
    assert clinic.is_dir()


def test_a_visit_is_not_known_by_a_patients_name_or_birth(run: Run, clinic: Path, ada: Who) -> None:
    setup = ("walk", "microneedling-setup", *ada)
    assert "looks like a name" in run(*setup, "--session", "Maria Keller").told
    assert "looks like a date of birth" in run(*setup, "--subject", "session=12.03.1987").told
    assert run("log", "--kind", "session.opened", "--json").data == []
    assert b"Keller" not in (clinic / "people.db").read_bytes()


def test_a_mistyped_visit_is_refused_before_anything_begins(run: Run, clinic: Path, ada: Who) -> None:
    setup = ("walk", "microneedling-setup", *ada)
    assert "There is no visit a-20990101-07" in run(*setup, "--session", "a-20990101-07").err
    assert "There is no visit" in run(*setup, "--subject", "session=a-20990101-07").err
    assert run("log", "--kind", "session.opened", "--json").data == []
    assert run("log", "--kind", "run.started", "--json").data == []
    assert clinic.is_dir()


def test_a_credential_that_a_protocol_asks_for_is_told_when_it_is_lacking(
    run: Run, clinic: Path, ada: Who, bo: Who
) -> None:
    text = (clinic / "protocols" / "short.toml").read_text("utf-8")
    licensed = text.replace('subject = "clinic"', 'subject = "clinic"\ncredentials = ["first-aid"]')
    (clinic / "protocols" / "short.toml").write_text(licensed, "utf-8")
    assert run("walk", "short", *bo).code == 1
    (begun,) = run("board", "--json").data["open"]
    assert run("protocol", "adopt", "short", *ada).code == 0
    told = run("walk", "short", *bo).told
    assert told == "“Short” needs the credential “first-aid”; ask somebody who holds it, or a lead to grant it."
    assert run("people", "credential", "grant", "bo", "first-aid", *ada).code == 0
    assert run("walk", "short", *bo).code == 1
    assert run("resume", begun["run"], *ada).code == 1  # it goes on by the text with which it was begun


def test_somebody_else_takes_a_run_over_and_an_auditor_does_not(
    run: Run, clinic: Path, ada: Who, bo: Who, secret_file: SecretFile
) -> None:
    theirs = secret_file("six blind owls")
    run("people", "add", "--name", "Cy", "--role", "auditor", "--new-secret-file", theirs, *ada)
    assert run("walk", "short", *ada).code == 1
    (begun,) = run("board", "--json").data["open"]
    assert "Auditors" in run("resume", begun["run"], "--as", "Cy", "--secret-file", theirs).told
    assert run("resume", begun["run"], *bo).code == 1
    (handed,) = run("log", "--kind", "run.handed-over", "--json").data
    assert handed["data"]["to"] == handed["actor"]
    assert clinic.is_dir()


def test_an_unknown_run_is_not_resumed(run: Run, clinic: Path, ada: Who) -> None:
    assert "no run" in run("resume", "a#99999", *ada).told
    assert "no run" in run("resume", "nonsense", *ada).told
    assert "no run" in run("resume", "a#1", *ada).told
    assert clinic.is_dir()


def test_a_witness_file_needs_a_name(run: Run, clinic: Path, ada: Who, secret_file: SecretFile) -> None:
    told = run("walk", "short", *ada, "--witness-secret-file", secret_file("four blind cats")).told
    assert "--witness OPERATOR" in told
    assert clinic.is_dir()
