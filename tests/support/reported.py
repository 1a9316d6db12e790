"""A small clinic whose record has something of everything that a report tells, made through the program itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.support.in_process import cheap_secrets, days_ago, through_a_pipe
from tests.support.making import Worker, header, made_clinic, write_secret

if TYPE_CHECKING:
    from pathlib import Path

ADA, BO, CLEO = "Ada Lund", "Bo <img src=x onerror=alert(1)>", "Cleo Dahl"
"""Two leads, and Bo, who works there and has a name that nobody has."""
SECRETS = {ADA: "three blue horses", BO: "seven green doors", CLEO: "nine red boats"}
MARKUP = "<script>alert('report')</script>"
"""What stands wherever somebody may write words."""

FRIDGE = (
    header("fridge", f"Look at the fridge {MARKUP}", subject="equipment", more='equipment = ["fridge"]')
    + """
[[steps]]
id = "hands"
kind = "confirm"
do = "Clean your hands."
expect = "they are clean"
at_least = "20s"

[[steps]]
id = "temperature"
kind = "measure"
do = "Read the temperature."
unit = "Cel"
decimals = 1
limit = { min = 2.0, max = 8.0 }
"""
)
SEAL = (
    header("seal", "Seal the tray", subject="room")
    + """
[[steps]]
id = "whole"
kind = "confirm"
do = "Look at the seal."
expect = "it is whole"
hold = true

[[steps]]
id = "label"
kind = "text"
do = "Say what stands on the label."
"""
)
PLANNED = '\n[[schedule]]\nprotocol = "fridge"\nevery = "day"\n'
READINGS = ("4.0", "5.5", "9.0\nthe door was open\n5.0", "4.5", "6.0", "5.0", "4.0")
"""What was read on seven days, oldest first: the third day's first reading was out of its limit."""


def reported_clinic(root: Path) -> Path:
    """The clinic's folder."""
    with cheap_secrets():
        with days_ago(11):
            others = [
                Worker(BO, SECRETS[BO], ("staff", "reprocessing")),
                Worker(CLEO, SECRETS[CLEO], ("lead", "staff")),
            ]
            made_clinic(root, Worker(ADA, SECRETS[ADA]), others, {"fridge": FRIDGE, "seal": SEAL})
        settings = root / "clinic.toml"
        settings.write_text(settings.read_text("utf-8") + PLANNED, "utf-8")
        for day, reading in zip(range(10, 3, -1), READINGS, strict=True):
            with days_ago(day):
                _does("walk", "fridge", "--subject", "equipment=F1", *who(root, BO), said=f"\n{reading}\n")
        with days_ago(3):
            sealed = ("walk", "seal", "--subject", "room=room-1", *who(root, ADA), *second(root, CLEO))
            _does(*sealed, said=f"/override not-available: no seal {MARKUP}\na label {MARKUP}\n")
            _does("walk", "seal", "--subject", "room=room-2", *who(root, CLEO), said="\n/skip not-needed: none\n")
        with days_ago(2):
            asked = ("clear", "microneedling", "--room", "room-1", *who(root, ADA))
            _does(*asked)
            _does(*asked, *second(root, CLEO), "--override", f"other: it had to be {MARKUP}")
            _does("recall", "lot", MARKUP, *who(root, ADA))
            ends = (date.today() + timedelta(days=3)).isoformat()  # noqa: DTZ011
            _does("people", "credential", "grant", BO, "microneedling", "--until", ends, *who(root, ADA))
    return root


def who(root: Path, name: str) -> list[object]:
    """The options that say who acts."""
    return ["--as", name, "--secret-file", _secret(root, name), "--clinic", root]


def second(root: Path, name: str) -> list[object]:
    """The options that say who stands beside them."""
    return ["--witness", name, "--witness-secret-file", _secret(root, name)]


def _secret(root: Path, name: str) -> Path:
    return write_secret(root.parent / name.split()[0].lower(), SECRETS[name])


def _does(*words: object, said: str = "") -> None:
    told = through_a_pipe(words, said)
    assert told.code in (0, 1), told.text
