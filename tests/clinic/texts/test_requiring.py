"""What procedures ask of a run of one protocol, as far as a run alone can satisfy it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.folder import Folder
from checklist.clinic.texts.requiring import asked_of, procedures_at_hand
from checklist.run.paths import Asked

if TYPE_CHECKING:
    from pathlib import Path

PEEL = """
[procedure]
id = "peel"
title = "Peel"
version = "1.0.0"
[[requires]]
id = "asked"
protocol = "screen"
through = "sun"
tolerates = ["age"]
[[requires]]
id = "sun"
answer = { protocol = "screen", step = "sun", is = ["no", "little"] }
[[requires]]
id = "room"
protocol = "room-turnover"
same = ["room"]
[[requires]]
id = "performer"
credential = "peel"
[[closes]]
id = "signed-out"
protocol = "screen"
"""


def test_runs_and_answers_are_asked_for_each_on_its_terms(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (folder.protocols / "procedures").mkdir(parents=True)
    (folder.protocols / "procedures" / "peel.toml").write_text(PEEL, "utf-8")
    procedures = procedures_at_hand(folder)
    age = frozenset({"age"})
    assert asked_of(procedures, "screen") == (
        Asked("peel/asked", age, None, "sun"),
        Asked("peel/sun", age, ("sun", ("no", "little")), "sun"),
        Asked("peel/signed-out"),
    )
    assert Asked("peel/room") in asked_of(procedures, "room-turnover")
    assert asked_of(procedures, "nothing-asks-for-it") == ()


def test_the_clinics_own_takes_the_place_of_a_shipped_one_and_a_broken_one_is_left_out(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    shipped = {one.id for one in procedures_at_hand(folder)}
    assert "microneedling" in shipped
    (folder.protocols / "procedures").mkdir(parents=True)
    (folder.protocols / "procedures" / "microneedling.toml").write_text("nonsense", "utf-8")
    assert {one.id for one in procedures_at_hand(folder)} == shipped - {"microneedling"}
