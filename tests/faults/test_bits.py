"""Bits that flip and pages that are lost, at random but always the same: whatever the record has become, every command
answers or says in a sentence why it cannot, and nothing that was lost passes for whole."""

from __future__ import annotations

import json
import random
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.folder import Folder
from checklist.ledger.reader import open_read_only
from tests.support.in_process import Told, through_a_pipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = 4096
LOST = re.compile(r"(?:Entry|Entries) (\d+)(?: to (\d+))? (?:cannot be read|is missing|are missing|is not )")


def flipped(data: bytearray, chance: random.Random) -> None:
    page = chance.randrange(len(data) // PAGE)
    for _ in range(chance.choice([1, 3, 30])):
        data[page * PAGE + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)


def emptied(data: bytearray, chance: random.Random) -> None:
    first, many = chance.randrange(1, len(data) // PAGE), chance.choice([1, 16])
    data[first * PAGE : (first + many) * PAGE] = bytes(len(data[first * PAGE : (first + many) * PAGE]))


def scrambled(data: bytearray, chance: random.Random) -> None:
    first = chance.randrange(1, len(data) // PAGE)
    data[first * PAGE : (first + 1) * PAGE] = chance.randbytes(PAGE)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(1, len(data)) :]


KINDS: list[Callable[[bytearray, random.Random], None]] = [flipped, emptied, scrambled, cut]


@pytest.mark.parametrize("seed", [*range(8), 20])  # 20: a time in a table that is none
def test_whatever_became_of_the_record_each_command_answers_and_none_calls_it_whole(
    sound: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same ones each time
    data = bytearray((sound / "ledger.db").read_bytes())
    with open_read_only(sound / "ledger.db") as reader:
        run_of = {each.index: each.place if each.kind == "run.started" else each.run for each in reader.entries()}
    KINDS[seed % len(KINDS)](data, chance)
    root = shutil.copytree(sound, tmp_path / "clinic")
    (root / "ledger.db").write_bytes(data)

    def told(*words: object) -> Told:
        found = through_a_pipe([*words, "--clinic", root])
        assert found.code in (0, 1, 2)
        assert "Traceback" not in found.text
        assert "fault of the program" not in found.text
        return found

    report = verify_clinic(Folder(root))
    assert told("clear", "microneedling", "--room", "room-1").code != 0
    assert told("board").text
    whole = told("export", "jsonl", "--out", tmp_path / "lines").code == 0
    listed = told("log", "--runs", "--json").text
    assert told("findings", "--verify").code != 0 or report.result == "clean"
    spans = [(int(found[1]), int(found[2] or found[1])) for each in report.findings if (found := LOST.match(each.why))]
    lost = {run for first, last in spans for index in range(first, last + 1) if (run := run_of[index])}
    assert not (whole and spans), "an export that lacks something says so"
    if "\n[" in f"\n{listed}":
        runs = json.JSONDecoder().raw_decode(listed[listed.index("[") :])[0]
        assert [one["run"] for one in runs if one["run"] in lost and one["outcome"].startswith("complete")] == []
    for run in sorted(lost)[:2]:
        assert not re.search("^Outcome: complete", told("show", run).text, re.MULTILINE)


def test_what_was_laid_out_before_the_damage_is_not_believed_once_it_was_found(sound: Path, tmp_path: Path) -> None:
    root = shutil.copytree(sound, tmp_path / "clinic")

    def outcomes() -> dict[str, str]:
        text = through_a_pipe(["log", "--runs", "--json", "--clinic", root]).text
        return {one["run"]: one["outcome"] for one in json.loads(text[text.index("[") : text.rindex("]") + 1])}

    before = outcomes()
    run = next(run for run, outcome in before.items() if outcome == "complete")
    at = int(run.partition("#")[2])
    path = root / "ledger.db"
    path.write_bytes(path.read_bytes().replace(f'"index":{at + 1},'.encode(), f'"indeX":{at + 1},'.encode()))
    assert outcomes()[run] == "complete", "nobody has looked since"
    assert through_a_pipe(["verify", "--clinic", root]).code == 1
    assert outcomes()[run] == "unknown"
