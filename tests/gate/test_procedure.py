"""A procedure that was adopted is read again without the checks, and says the same; or it is not read at all."""

from __future__ import annotations

import pytest

from checklist.gate import procedure
from checklist.gate.procedure import adopted
from checklist.gate.reading import LoadedProcedure, parse
from checklist.gate.requirement import KINDS
from checklist.gate.tables import TABLES, ProcedureHeader
from checklist.protocol.library import shipped_folder
from checklist.protocol.outline import OutlineError

SHIPPED = sorted((shipped_folder() / "procedures").glob("*.toml"))

TEXT = """\
[procedure]
id = "piercing"
title = "Piercing"
version = "1.0.0"
[[requires]]
id = "room"
protocol = "room-turnover"
same = ["room"]
within = "4h"
[[requires]]
id = "jewellery"
identifier = "lot"
[[requires]]
id = "performer"
credential = "piercing"
attribute = { gauge = { at_least = 1.2e0 }, kind = { is = "needle" } }
[[requires]]
id = "asked"
answer = { protocol = "screen", step = "fit", is = "yes" }
[[closes]]
id = "cleared"
cleared = true
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_procedure_is_the_same_read_either_way(path: object) -> None:
    data = path.read_bytes()  # type: ignore[attr-defined]
    whole = parse(data, name=str(path))
    assert isinstance(whole, LoadedProcedure)
    assert adopted(data) == whole.procedure


def test_a_requirement_can_say_what_its_table_can() -> None:
    assert KINDS.keys() == TABLES.keys()
    for key, table in TABLES.items():
        assert set(table.model_fields) == {*KINDS[key].__dataclass_fields__}
    assert ProcedureHeader.model_fields.keys() == procedure.HEADER_KEYS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('within = "4h"', 'unless = "4h"'),
        ('within = "4h"', 'within = { profile = "x" }'),
        ('within = "4h"', 'within = "4 hours"'),
        ('same = ["room"]', 'same = ["building"]'),
        ('same = ["room"]', 'same = "room"'),
        ('identifier = "lot"', 'identifier = "widget"'),
        ('identifier = "lot"', 'weather = "dry"'),
        ('identifier = "lot"', 'identifier = "lot"\ncleared = true'),
        ("at_least = ", "about = "),
        ('is = "yes"', 'isnt = "yes"'),
        ('is = "yes"', "is = 3"),
        ('is = "yes"', 'is = "yes", or = "no"'),
        ("[[closes]]", "[[pauses]]"),
        ('version = "1.0.0"', 'edition = "1.0.0"'),
        ("[procedure]", "[protocol]"),
    ],
)
def test_what_another_version_of_the_program_may_have_written_asks_for_no_less(old: str, new: str) -> None:
    assert adopted(TEXT.encode()).closes
    assert old in TEXT
    with pytest.raises(OutlineError):
        adopted(TEXT.replace(old, new, 1).encode())


def test_a_procedure_that_requires_nothing_is_none() -> None:
    with pytest.raises(OutlineError):
        adopted(TEXT[: TEXT.index("[[requires]]")].encode())
