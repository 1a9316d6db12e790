"""The wheel alone, in an empty environment elsewhere, finds its protocols and runs."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from checklist.protocol.template import CATEGORIES

REPOSITORY = Path(__file__).parents[2]


def run(*command: str, cwd: Path, env: dict[str, str] | None = None, answers: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in answers, done.stderr
    return done.stdout


def uv() -> str:
    """The tool that started these tests; `uv run` says where it is."""
    found = os.environ.get("UV") or shutil.which("uv")
    assert found, "start the tests with the README's command"
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(uv(), "build", "--quiet", "--wheel", "--out-dir", str(out), cwd=REPOSITORY)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_protocols_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {path.name for path in (REPOSITORY / "protocols").rglob("*.toml")}
    assert {Path(name).name for name in names if name.startswith("checklist/_protocols/")} >= shipped
    templates = {f"checklist/protocol/templates/{category}.toml" for category in CATEGORIES}
    assert templates <= set(names)
    assert "checklist/clinic/sheet.typ" in names
    tops = {name.split("/")[0] for name in names}
    assert all(top == "checklist" or top.endswith(".dist-info") for top in tops)


def test_installed_alone_elsewhere_it_makes_a_clinic_and_walks(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL", "SSL_CERT_FILE", "HTTPS_PROXY", "UV_CACHE_DIR"):
        if name in os.environ:
            env[name] = os.environ[name]
    run(uv(), "venv", "--quiet", "--python", sys.executable, "venv", cwd=tmp_path)
    run(uv(), "pip", "install", "--quiet", "--python", "venv", str(wheel), cwd=tmp_path)
    program = str(tmp_path / "venv" / "bin" / "checklist")
    secret = tmp_path / "secret"
    secret.write_text("three blue horses\n")
    secret.chmod(0o600)
    clinic = str(tmp_path / "clinic")
    made = run(
        program, "init", clinic, "--name", "Elsewhere", "--lead", "Ada", "--secret-file", str(secret),
        cwd=home, env=env,
    )  # fmt: skip
    assert "elsewhere.clinic/a+" in made
    board = json.loads(run(program, "--clinic", clinic, "board", "--json", cwd=home, env=env, answers=(0, 1)))
    assert set(board) >= {"due", "overdue", "open", "quarantined", "recalled"}
    assert "Adapt to your device" in run(program, "--clinic", clinic, "protocol", "show", "spill", cwd=home, env=env)
    assert "1 protocol on" in run(program, "--clinic", clinic, "protocol", "print", "spill", cwd=home, env=env)
    assert (home / "spill.pdf").read_bytes().startswith(b"%PDF-")
