"""A procedure is held against the protocols that it names, before anybody stands at a patient."""

from __future__ import annotations

import pytest

from checklist.gate.lint import lint
from checklist.gate.reading import LoadedProcedure, parse
from checklist.protocol.library import shipped

HEAD = '[procedure]\nid = "p"\ntitle = "P"\nversion = "1.0.0"\n[[requires]]\nid = "it"\n'
PROTOCOLS = {name: loaded.protocol for name, loaded in shipped().items()}


def told(body: str, *, credentials: tuple[str, ...] | None = None) -> list[str]:
    loaded = parse((HEAD + body).encode(), name="p.toml")
    assert isinstance(loaded, LoadedProcedure), loaded
    found = lint(loaded, PROTOCOLS, name="p.toml", credentials=credentials)
    return [f"{one.line}:{one.column} {one.severity} {one.rule}" for one in found]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('protocol = "room-turnover"\nsame = ["room"]', []),
        ('protocol = "room-turn"', ["7:1 error unknown-protocol"]),
        ('none_open = ["spill", "fire"]', ["7:1 error unknown-protocol"]),
        ('protocol = "room-turnover"', ["7:1 advice any-subject"]),
        ('protocol = "microneedling-setup"', ["7:1 advice any-subject"]),
        ('protocol = "spill"\nsame = ["room"]', ["7:1 warning no-limit", "8:1 error never-met"]),
        ('protocol = "day-open"\nsame = ["equipment"]', ["8:1 error never-met"]),
        ('protocol = "room-turnover"\nsame = ["room"]\nwithin = "5h"', ["9:1 advice within-too-long"]),
        ('protocol = "room-turnover"\nsame = ["room"]\nwithin = "3h"', []),
        ('protocol = "room-turnover"\nsame = ["room"]\ntolerates = ["dust"]', ["9:1 error unknown-step"]),
        ('protocol = "room-turnover"\nsame = ["room"]\ntolerates = ["soil-left"]', ["9:1 advice tolerated-hold"]),
        ('protocol = "room-turnover"\nsame = ["room"]\nthrough = "air"', ["9:1 error never-met"]),
        ('protocol = "spill"', ["7:1 warning no-limit"]),
        ('answer = { protocol = "microneedling-screen", step = "sun", is = "no" }', ["7:47 error unknown-step"]),
        (
            'answer = { protocol = "microneedling-screen", step = "decision", is = "defer" }',
            ["7:66 error never-met"],
        ),
        ('answer = { protocol = "microneedling-screen", step = "explain", is = "x" }', ["7:47 error no-answer"]),
        ('answer = { protocol = "steriliser-daily", step = "release", is = "released" }', []),
        ('identifier = "load"\nstate = "released"', []),
        ('identifier = "lot"\nstate = "released"', ["8:1 error never-met"]),
        ('identifier = "pack"', []),
        ('identifier = "session"', ["7:1 error never-met"]),
        ('identifier = "session"\nmay_be_none = true', []),
        ("cleared = true", ["7:1 error never-met"]),
        ('credential = "laser"', ["7:1 warning unknown-credential"]),
        ('credential = "x"\nsigned = { protocol = "microneedling-setup", step = "field" }', ["8:1 error never-met"]),
        (
            'credential = "x"\nattribute = { a = { at_most = { protocol = "microneedling-setup", step = "field" } } }',
            ["8:1 error never-met"],
        ),
        ('credential = "x"\nsigned = { protocol = "nowhere", step = "field" }', ["8:1 error unknown-protocol"]),
    ],
)
def test_what_can_never_be_met_is_an_error_with_its_place(body: str, expected: list[str]) -> None:
    assert told(body, credentials=("x",)) == expected


def test_where_nobody_knows_who_holds_what_no_credential_is_unknown() -> None:
    assert told('credential = "laser"') == []
