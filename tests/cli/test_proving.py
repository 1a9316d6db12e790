"""`checklist prove` and `checklist sample`: what is taken along convinces somebody who has none of our code."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.clinic.visits import clearing
from checklist.clinic.visits.asking import Answer
from tests.support.freezer import LEA, who
from tests.support.machine_tests import ask_for_no_machine_test
from tests.support.outside import leaves
from tests.support.outside_proof import check, root_above, root_over, signed
from tests.support.small_gate import a_load, a_visit, add_small_gate

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Who


def test_an_entry_is_proved_by_its_place(run: Run, frozen: Path, tmp_path: Path) -> None:
    assert run("prove", "a#20", "--out", tmp_path / "proof.json").code == 0
    proof = json.loads((tmp_path / "proof.json").read_text("utf-8"))
    assert proof["leaf"].encode() == leaves(frozen)[20].raw
    check(proof)
    assert run("prove", "a#20", "--json").data == proof
    told = run("prove", "a#20").out
    assert f"Leaf hash: {leaves(frozen)[20].hash}" in told
    assert "entry 20 of " in told


@pytest.mark.usefixtures("frozen")
def test_what_is_not_there_is_an_answer_and_what_is_asked_wrongly_is_not(run: Run, tmp_path: Path) -> None:
    for place in ("a#99999", "b#0", "nonsense", "\x1b[2J"):
        answer = run("prove", place)
        assert (answer.code, answer.out) == (1, "")
        assert "\x1b" not in answer.err
    assert run("prove", "--receipt", "AAAAA-AAAAA").code == 1
    assert "Give the PLACE" in run("prove").told
    assert "Give the PLACE" in run("prove", "a#1", "--receipt", "x").told
    (tmp_path / "there").write_text("")
    assert "there already" in run("prove", "a#1", "--out", tmp_path / "there").told


def test_a_receipt_in_the_patients_file_finds_the_decision_behind_it(run: Run, frozen: Path) -> None:
    with Clinic.open(Folder(frozen)) as clinic:
        lead = who(clinic, LEA)
        ask_for_no_machine_test(clinic, lead)
        add_small_gate(clinic, lead)
        visit = a_visit(clinic, lead, a_load(clinic, lead), "4711-A")
        procedure = clinic.library.procedure(clinic.ledger, "small")
        asked = clearing.asked_of(clinic, "small", "room-1", visit)
        answer = clearing.clear(clinic, procedure, asked, lead, "line")  # type: ignore[arg-type]
        assert isinstance(answer, Answer)
        code = next(str(row[0]) for row in clinic.ledger.query("SELECT receipt FROM clearance"))
    told = run("prove", "--receipt", code)
    assert told.code == 0
    assert told.out.startswith(f"{answer.clearance.decision}: small 1.0.0, room=room-1, visit {visit}\n")
    assert f"asked by {LEA}" in told.out
    assert "[x] packs: " in told.out
    as_read_out = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    proof = run("prove", "--receipt", as_read_out, "--json").data
    assert proof["code"] == code
    check(proof)
    assert json.loads(proof["leaf"])["data"]["decision"] == answer.clearance.decision


def test_a_sample_is_drawn_again_by_hand_and_every_entry_of_it_is_proved(
    run: Run, frozen: Path, tmp_path: Path
) -> None:
    found = run("sample", 2, "--seed", "heads or tails", "--out", tmp_path / "sample", "--json").data
    record = [leaf.raw for leaf in leaves(frozen)][: found["size"]]
    assert root_over(record).hex() == found["root"]
    places = [f"a#{index}" for index, leaf in enumerate(record) if json.loads(leaf)["kind"] == "run.started"]
    assert found["population"] == len(places) == 3

    def rank(place: str) -> str:
        return hashlib.sha256(f"heads or tails:{found['root']}:{place}".encode()).hexdigest()

    assert [one["run"] for one in found["runs"]] == sorted(places, key=rank)[:2]
    for one in found["runs"]:
        mine = [index for index, leaf in enumerate(record) if one["run"] in (f"a#{index}", json.loads(leaf).get("run"))]
        assert [entry["index"] for entry in one["entries"]] == mine
        size, root = signed(one["checkpoint"], one["key"])
        for entry in one["entries"]:
            assert entry["leaf"].encode() == record[entry["index"]]
            assert root_above(entry["leaf"], entry["index"], size, entry["proof"]) == root
        assert json.loads((tmp_path / "sample" / f"{one['run'].replace('#', '-')}.json").read_text("utf-8")) == one
    assert json.loads((tmp_path / "sample" / "sample.json").read_text("utf-8")) == found
    assert "SEED:ROOT:PLACE" in (tmp_path / "sample" / "README.txt").read_text("utf-8")
    (drawn,) = leaves(frozen, "sampled")
    told = {"n": 2, "seed": "heads or tails", "size": found["size"], "root": found["root"], "population": 3}
    assert (drawn.fields["actor"], drawn.data) == (None, told)


def from_the_document(beginning: str) -> str:
    """The piece of Python in docs/exports.md that begins with this."""
    text = (Path(__file__).parents[2] / "docs" / "exports.md").read_text("utf-8")
    (found,) = [
        each for each in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE) if dedent(each).startswith(beginning)
    ]
    return dedent(found)


@pytest.mark.usefixtures("frozen")
def test_what_the_document_says_to_do_without_this_program_does_it(run: Run, tmp_path: Path) -> None:
    def done(code: str) -> str:
        # -I: nothing of this program can be imported
        asked = [sys.executable, "-I", "-c", code]
        return subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert run("prove", "a#31", "--out", tmp_path / "proof.json").code == 0
    check_it = from_the_document("import base64")
    assert done(check_it) == "True"
    proof = json.loads((tmp_path / "proof.json").read_text("utf-8"))
    proof["leaf"] = proof["leaf"].replace('"v":1', '"v":2')
    (tmp_path / "proof.json").write_text(json.dumps(proof), "utf-8")
    assert done(check_it) == "False"
    sampled = run("sample", 2, "--seed", "x", "--json").data
    assert run("export", "jsonl", "--out", tmp_path / "record.jsonl").code == 0
    given = f"SEED, ROOT, SIZE, N = 'x', '{sampled['root']}', {sampled['size']}, 2\n"
    assert done(given + from_the_document("import hashlib")) == str([one["run"] for one in sampled["runs"]])


def test_it_is_drawn_again_from_the_record_as_it_was(run: Run, frozen: Path, otto: Who) -> None:
    first = run("sample", 2, "--seed", "x", "--json").data
    assert run("remark", "a#1", "hm", *otto).code == 0
    assert run("sample", 2, "--seed", "x", "--at", first["size"], "--json").data == first
    assert run("sample", 2, "--seed", "x", "--json").data["size"] > first["size"]
    never = next(size for size in range(2, 40) if not _signed_at(frozen, size))
    assert "never signed" in run("sample", 2, "--seed", "x", "--at", never).told
    for much in (10**6, 10**22):
        assert "give --at a size up to that" in run("sample", 2, "--seed", "x", "--at", much).told
    told = run("sample", 2, "--seed", "x", "--at", first["size"]).out.splitlines()
    assert told[:2] == [f"Size: {first['size']} entries of station a", f"Root: {first['root']}"]
    assert "before the seed was said" in told[2]
    assert "may have chosen them" in run("sample", 2, "--seed", "x").out


def _signed_at(root: Path, size: int) -> bool:
    with Clinic.open(Folder(root)) as clinic:
        return bool(clinic.ledger.query("SELECT 1 FROM checkpoint WHERE size = ?", (size,)))


@pytest.mark.usefixtures("frozen")
def test_from_a_part_and_from_nothing(run: Run) -> None:
    part = run("sample", 10, "state:overridden", "--seed", "x")
    assert part.code == 0
    assert "1 of 1 runs, drawn with the seed “x”:" in part.out
    none = run("sample", 10, "protocol:nothing-of-this-name", "--seed", "x", "--json")
    assert (none.code, none.data["runs"]) == (1, [])
    for wrong in (["sample", "0", "--seed", "x"], ["sample", "2"], ["sample", "2", "--seed", " "], ["sample", "x"]):
        assert run(*wrong).told
