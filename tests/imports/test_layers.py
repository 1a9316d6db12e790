"""Each layer sees only those below, also at run time: a static graph misses an import inside a function's caller.

A fresh interpreter imports one layer and tells what came along.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from checklist.clinic.service import Clinic, SignedIn
from checklist.run.reading import Refusal
from tests.support.making import Worker, made_clinic

PACKAGE = Path(__file__).parents[2] / "checklist"
LAYERS = ["protocol", "ledger", "run", "people", "trace", "gate", "audit", "clinic", "line", "tui", "cli"]
_CORE = {"run", "people", "protocol", "ledger"}
BELOW = {
    "protocol": {"protocol"},
    "ledger": {"ledger"},
    "run": {"run", "protocol", "ledger"},
    "people": {"people", "protocol", "ledger"},
    "trace": {"trace", *_CORE},
    "gate": {"gate", "trace", *_CORE},
    "audit": {"audit", "gate", "trace", *_CORE},
    "clinic": {"clinic", "audit", "gate", "trace", *_CORE},
    "line": {"line", "clinic", "audit", "gate", "trace", *_CORE},
    "tui": {"tui", "clinic", "audit", "gate", "trace", *_CORE},
    "cli": set(LAYERS),
}
FOREIGN = {
    "protocol": {"textual", "rich", "click", "sqlite3", "argon2", "cryptography"},
    "ledger": {"textual", "rich", "click", "pydantic", "tomli", "argon2"},
    "run": {"textual", "rich", "click", "sqlite3", "argon2"},
    "people": {"textual", "rich", "click", "argon2"},
    "trace": {"textual", "rich", "click", "sqlite3", "argon2", "cryptography", "biip"},
    "gate": {"textual", "rich", "click", "sqlite3", "argon2", "cryptography", "biip"},
    "audit": {"textual", "rich", "click", "argon2", "biip", "typst", "vl_convert"},
    "clinic": {"textual", "rich", "click", "argon2", "biip", "typst", "segno"},
    "line": {"textual", "rich", "argon2", "biip", "typst"},
    "tui": {"argon2", "biip", "typst"},
    "cli": {"textual", "rich", "argon2", "pydantic", "biip", "typst"},
}


def modules(layer: str) -> list[str]:
    """The names of all modules of a layer."""
    return [
        ".".join(["checklist", *path.relative_to(PACKAGE).with_suffix("").parts])
        for path in sorted((PACKAGE / layer).rglob("*.py"))
        if path.name != "__init__.py"
    ]


def loaded_by(names: list[str]) -> set[str]:
    """What a fresh interpreter has in `sys.modules` after importing these modules and nothing else."""
    program = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, text=True, check=True)
    return {*json.loads(done.stdout)}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_loads_only_what_it_may_see(layer: str) -> None:
    names = modules(layer)
    assert names
    loaded = loaded_by(names)
    ours = {name.split(".")[1] for name in loaded if name.startswith("checklist.") and name != "checklist.__main__"}
    assert ours - BELOW[layer] == set()
    assert FOREIGN[layer] & loaded == set()


QUICK = {
    "board": ["board", "--json"],
    "trace": ["trace", "load", "S1-20260101-01"],
    "clear": ["clear", "microneedling", "--room", "room-1", "--json"],
}
"""What a script waits for: commands that only look."""
SLOW = {"pydantic", "cryptography", "argon2", "textual", "rich", "biip", "typst"}


@pytest.mark.parametrize("command", QUICK)
def test_a_command_that_only_looks_loads_nothing_that_takes_long(tmp_path: Path, command: str) -> None:
    folder = made_clinic(tmp_path / "clinic", Worker("Ana", "three green bottles"))
    with Clinic.open(folder) as clinic:
        who = clinic.staff.prove("Ana", "three green bottles", "line")
        assert isinstance(who, SignedIn)
        assert not isinstance(clinic.begin("day-open", "clinic", who, "line"), Refusal)
    program = (
        "import json, sys\n"
        "from checklist.cli.entrance import enter\n"
        "code = enter(sys.argv[1:])\n"
        "print(json.dumps([code, *sys.modules]), file=sys.stderr)"
    )
    called = [sys.executable, "-c", program, *QUICK[command], "--clinic", str(folder.root)]
    told = subprocess.run(called, capture_output=True, text=True, check=True).stderr
    code, *loaded = json.loads(told.splitlines()[-1])
    assert code in (0, 1)
    assert SLOW & {*loaded} == set()
