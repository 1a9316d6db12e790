"""Each layer sees only those below, also at run time: a static graph misses an import inside a function's caller.

A fresh interpreter imports one module at a time and tells what came along.
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


def loaded_by(names: list[str]) -> dict[str, list[str]]:
    """For each module, what a fresh interpreter has in `sys.modules` after importing only it."""
    program = (
        "import importlib, json, os, sys\n"
        "found = {}\n"
        "for name in sys.argv[1:]:\n"
        "    read, write = os.pipe()\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        importlib.import_module(name)\n"
        "        os.write(write, json.dumps(sorted({n.split('.')[0] if not n.startswith('checklist.') else"
        " '.'.join(n.split('.')[:2]) for n in sys.modules})).encode())\n"
        "        os._exit(0)\n"
        "    os.close(write)\n"
        "    with os.fdopen(read) as pipe:\n"
        "        found[name] = json.load(pipe)\n"
        "    os.waitpid(child, 0)\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_a_module_loads_only_what_its_layer_may_see(layer: str) -> None:
    found = loaded_by(modules(layer))
    assert found, f"no modules in {layer}"
    for name, loaded in found.items():
        ours = {one.removeprefix("checklist.") for one in loaded if one.startswith("checklist.")}
        assert ours <= BELOW[layer], f"{name} loads {sorted(ours - BELOW[layer])}"
        assert not FOREIGN[layer] & set(loaded), f"{name} loads {sorted(FOREIGN[layer] & set(loaded))}"
