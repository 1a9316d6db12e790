"""`checklist protocol …`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Run


def test_show_reads_a_protocol_in_force_or_a_file(
    run: Run, clinic: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "Read two." in run("protocol", "show", "short").out
    assert "Read two." in run("protocol", "show", clinic / "protocols" / "short.toml").out
    assert "there are" in run("protocol", "show", "nonsense").told
    monkeypatch.setenv("CHECKLIST_CLINIC", str(tmp_path / "none"))
    assert run("protocol", "show", "spill").code == 0
    assert "spill" in run("protocol", "show", "nonsense").told


def test_the_schema_is_json(run: Run) -> None:
    assert json.loads(run("protocol", "schema").out)["type"] == "object"
