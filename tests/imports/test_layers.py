"""Each layer sees only those below, also at run time: a static graph misses an import inside a function's caller.

A fresh interpreter imports one layer and tells what came along.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "checklist"
LAYERS = ["protocol", "ledger", "run", "people", "clinic", "line", "tui", "cli"]
BELOW = {
    "protocol": {"protocol"},
    "ledger": {"ledger"},
    "run": {"run", "protocol", "ledger"},
    "people": {"people", "protocol", "ledger"},
    "clinic": {"clinic", "run", "people", "protocol", "ledger"},
    "line": {"line", "clinic", "run", "people", "protocol", "ledger"},
    "tui": {"tui", "clinic", "run", "people", "protocol", "ledger"},
    "cli": set(LAYERS),
}
FOREIGN = {
    "protocol": {"textual", "rich", "click", "sqlite3", "argon2", "cryptography"},
    "ledger": {"textual", "rich", "click", "pydantic", "tomli", "argon2"},
    "run": {"textual", "rich", "click", "sqlite3", "argon2"},
    "people": {"textual", "rich", "click", "argon2"},
    "clinic": {"textual", "rich", "click", "argon2"},
    "line": {"textual", "rich", "argon2"},
    "tui": {"argon2"},
    "cli": {"textual", "rich", "argon2", "pydantic"},
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
