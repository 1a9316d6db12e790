"""JSON Lines lose nothing: to the byte, and back again to the same numbers; what was changed is noticed."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from checklist.audit.catalogue import open_catalogue
from checklist.audit.export import jsonl
from checklist.audit.export.appearing import ExportError
from checklist.audit.export.views import VIEWS
from checklist.ledger.reader import open_read_only
from tests.support.outside import leaves
from tests.support.outside_proof import root_over, signed

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.clinic.service import Clinic


def lines_of(clinic: Clinic) -> list[bytes]:
    out = io.BytesIO()
    texts = [path.read_bytes() for path in sorted(clinic.folder.adopted.glob("*.toml"))]
    written = jsonl.write(out, clinic.histories(), texts)
    assert written.entries == clinic.ledger.size
    assert written.damaged == ()
    return out.getvalue().splitlines(keepends=True)


def taken(lines: list[bytes], folder: Path) -> jsonl.Taken:
    folder.mkdir(exist_ok=True)
    source = folder / "record.jsonl"
    source.write_bytes(b"".join(lines))
    return jsonl.take(source, folder)


def test_every_entry_stands_there_to_the_byte_under_its_signed_checkpoint(clinic: Clinic) -> None:
    lines = lines_of(clinic)
    entries = [line[:-1] for line in lines if b'"prev"' in line or b'"ledger.opened"' in line]
    assert entries == [leaf.raw for leaf in leaves(clinic.folder.root)]
    last = json.loads(lines[-1])
    assert signed(last["checkpoint"], last["key"]) == (len(entries), root_over(entries))
    assert last["root"] == root_over(entries).hex()


def test_the_texts_travel_with_it(clinic: Clinic) -> None:
    told = [json.loads(line) for line in lines_of(clinic)]
    texts = {line["sha256"]: line["text"].encode() for line in told if "text" in line}
    assert texts == {path.stem: path.read_bytes() for path in clinic.folder.adopted.glob("*.toml")}
    named = {line["data"]["sha256"] for line in told if line.get("kind") == "protocol.adopted"}
    assert named <= set(texts)


def test_from_the_file_alone_the_same_tables_are_made_again(
    clinic: Clinic, catalogue: Catalogue, tmp_path: Path
) -> None:
    found = taken(lines_of(clinic), tmp_path / "elsewhere")
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(open_read_only(path)) for path in found.ledgers]
        again = stack.enter_context(open_catalogue(None, readers, clinic.settings.clinic.timezone, found.protocol))
        assert readers[0].root() == clinic.ledger.root()
        for view in VIEWS:
            if view.name not in ("findings", "plan"):  # not made from the record alone
                theirs, ours = (db.execute(view.query).fetchall() for db in (again.db, catalogue.db))
                assert theirs == ours, view.name
                assert ours or view.name in ("gate_answers", "cycles", "damaged_entries")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: [*lines[:-1], lines[-1][:-30]], "cut off"),
        (lambda lines: lines[:-2] + lines[-1:], "another record"),
        (lambda lines: [lines[0], *lines[2:]] if b"text" not in lines[1] else lines[:-5] + lines[-4:], "comes next"),
        (lambda lines: [line.replace(b"-18.1", b"-18.9") for line in lines], "comes next"),
        (lambda lines: [line.replace(b'"text":"', b'"text":"x', 1) for line in lines], "digest"),
        (lambda lines: [*lines[:-1], lines[-1].replace(b'"whole":true', b'"whole":false')], "a part"),
        (lambda lines: [b"\xff\n", *lines], "no JSON object"),
        (lambda lines: [b"[]\n", *lines], "no JSON object"),
        (lambda lines: [b'{"a":1}\n', *lines], "none of ours"),
        (lambda lines: [b"[" * 100_000 + b"\n", *lines], "no JSON object"),
        (lambda lines: [b"x" * 2_000_000, *lines], "longer than any of ours"),
        (lambda _lines: [], "cut off"),
    ],
)  # fmt: skip
def test_what_was_changed_cut_off_or_is_no_export_is_refused_with_its_line(
    clinic: Clinic, tmp_path: Path, change: object, why: str
) -> None:
    assert callable(change)
    with pytest.raises(ExportError, match=r"line [0-9]+ is ") as told:
        taken(change(lines_of(clinic)), tmp_path / "elsewhere")
    assert why in str(told.value)


def test_a_signature_by_another_key_is_refused(clinic: Clinic, tmp_path: Path) -> None:
    lines = lines_of(clinic)
    last = json.loads(lines[-1])
    head, _, signature = last["checkpoint"].rpartition(" ")
    forged = bytearray(base64.b64decode(signature))
    forged[-1] ^= 1
    last["checkpoint"] = f"{head} {base64.b64encode(forged).decode()}\n"
    with pytest.raises(ExportError, match="signature"):
        taken([*lines[:-1], json.dumps(last).encode() + b"\n"], tmp_path / "elsewhere")


def test_of_a_damaged_ledger_what_can_be_read_is_written_and_the_rest_is_named(clinic: Clinic) -> None:
    with contextlib.closing(sqlite3.connect(clinic.folder.ledger)) as db:
        for name in ("entry_update", "entry_delete"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE entry SET leaf = ? WHERE idx = 20", (b'{"actor":null}\n=evil',))
        db.execute("DELETE FROM entry WHERE idx = 21")
        db.commit()
    out = io.BytesIO()
    written = jsonl.write(out, clinic.histories(), [])
    assert written.damaged == ("a#20", "a#21")
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(told) == clinic.ledger.size + 1
    assert base64.b64decode(told[20]["damaged"]).endswith(b"=evil")
    assert told[21] == {"station": "a", "index": 21, "damaged": None}
    assert told[-1]["whole"] is False


def test_a_part_has_only_what_was_chosen(clinic: Clinic) -> None:
    out = io.BytesIO()
    seen: list[tuple[int, int]] = []
    written = jsonl.write(out, clinic.histories(), [], {"a": [3, 5]}, lambda done, whole: seen.append((done, whole)))
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line.get("index") for line in told] == [3, 5, None]
    assert (written.entries, told[-1]["whole"], seen[-1]) == (2, False, (2, 2))
