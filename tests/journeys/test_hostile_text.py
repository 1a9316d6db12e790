"""Text from a file or a keyboard is only ever text: nothing of it acts on the terminal, and the program goes on."""

import json
import unicodedata
from pathlib import Path

import pytest

from checklist.clinic.checking import verify_clinic
from tests.support.place import ANNA, ANNAS, BEN, Place

NASTY = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202edrowssap\u2066[bold]x[/nope][@click=app.quit]\x00\u2028\ue000\u200b end"
"""A title change, a cleared screen, C1, two bidirectional controls, markup, NUL, a line separator, private use."""


def toml(text: str) -> str:
    """A TOML string that carries `text` by escapes, as a file could."""
    return (
        '"'
        + "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in text)
        + '"'
    )


T = toml(NASTY)
PROTOCOL = f"""
[protocol]
id = "nasty"
title = {T}
version = "1.0.0"
purpose = {T}
category = "clinic"
style = "do-confirm"
subject = "clinic"
sources = [{{ id = "s", title = {T}, where = {T} }}]
[[steps]]
id = "confirm"
kind = "confirm"
do = {T}
expect = {T}
why = {T}
caution = {T}
phase = {T}
source = "s"
[[steps]]
id = "measure"
kind = "measure"
do = {T}
unit = "Cel"
limit = {{ min = 1, max = 9 }}
[[steps]]
id = "choice"
kind = "choice"
do = {T}
options = [{{ value = {T}, verdict = "pass" }}, {{ value = "bad", verdict = "fail" }}]
[[steps]]
id = "text"
kind = "text"
do = {T}
[[steps]]
id = "scan"
kind = "scan"
do = {T}
captures = ["lot"]
use = "consumes"
[[steps]]
id = "second"
kind = "witness"
of = "confirm"
do = {T}
[[steps]]
id = "sign"
kind = "sign"
do = {T}
meanings = ["performed"]
"""

ANSWERS = [
    f"/note {NASTY}", "/why", "/list", "", NASTY, f"/skip {NASTY}: {NASTY}", "5", NASTY, "1", NASTY,
    f"lot={NASTY}", "lot=A1", "agree", NASTY, "performed",
]  # fmt: skip


def acting(text: str) -> set[str]:
    """The characters in an output that a terminal would act on, or that hide."""
    return {c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}}


def test_no_text_from_a_file_or_a_person_acts_on_the_terminal(place: Place) -> None:
    place.adopt("nasty", PROTOCOL)
    witness = ["--witness", BEN, "--witness-secret-file", str(place.secret_of(BEN))]
    said = "\n".join(ANSWERS).replace("\x00", "\x00") + "\n"
    walked = place.call("walk", "nasty", *place.as_(ANNA), *witness, said=said)
    assert walked.returncode == 0, walked.stdout + walked.stderr
    run = next(line.split()[1].rstrip(",") for line in walked.stdout.splitlines() if line.startswith("Run "))
    outputs = [walked.stdout + walked.stderr]
    for words in (
        ["protocol", "show", "nasty"], ["show", run], ["log"], ["board"], ["people", "list"],
        ["walk", NASTY.replace("\x00", "")], ["show", NASTY.replace("\x00", "")],
        ["log", "--step", NASTY.replace("\x00", "")],
    ):  # fmt: skip
        done = place.call(*words)
        outputs.append(done.stdout + done.stderr)
    assert [sorted(map(hex, map(ord, acting(text)))) for text in outputs if acting(text)] == []
    assert all("Traceback" not in text for text in outputs)
    shown = json.loads(place.call("show", run, "--json").stdout)
    assert shown["outcome"] == "complete"
    assert verify_clinic(place.folder).result == "clean"


@pytest.mark.parametrize(
    "field",
    ["id", "title", "version", "purpose", "category", "style", "subject", "roles", "valid_for", "colour"],
)
def test_a_hostile_header_is_a_located_fault_or_clean_text(place: Place, field: str, tmp_path: Path) -> None:
    line = f"{field} = [{T}]" if field == "roles" else f"{field} = {T}"
    kept = [part for part in PROTOCOL.splitlines() if not part.startswith(f"{field} = ") or "[[" in part]
    bad = tmp_path / "nasty.toml"
    bad.write_text("\n".join(kept).replace("[protocol]", f"[protocol]\n{line}", 1), "utf-8")
    done = place.call("protocol", "lint", str(bad))
    assert done.returncode in (0, 1)
    assert not acting(done.stdout + done.stderr)
    assert done.returncode == 0 or f"{bad}:" in done.stdout


def test_very_long_lines_are_refused_in_words(place: Place) -> None:
    place.adopt("nasty", PROTOCOL)
    done = place.call("walk", "nasty", *place.as_(ANNA), said="x" * 1_000_000 + "\n\n" + "9" * 100_000 + "\n")
    assert done.returncode == 1
    assert "too long" in done.stdout
    assert len(done.stdout) < 20_000
    assert ANNAS not in done.stdout
