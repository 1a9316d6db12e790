"""Where a clinic is looked for, and in which order (design §5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from checklist.clinic.errors import NoClinicError
from checklist.clinic.folder import CONFIG, ENVIRONMENT, Folder, existing, find, own_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder below one that holds a clinic; a user's data folder; no environment."""
    (tmp_path / "clinic" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "clinic" / CONFIG).write_text("")
    monkeypatch.chdir(tmp_path / "clinic" / "deep" / "er")
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_the_nearest_folder_upwards_is_taken(place: Path) -> None:
    assert find().root == place / "clinic"
    (place / "clinic" / "deep" / CONFIG).write_text("")
    assert find().root == place / "clinic" / "deep"
    assert existing().root == place / "clinic" / "deep"


def test_the_environment_goes_before_the_folder_and_a_name_before_both(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(place / "elsewhere"))
    assert find().root == place / "elsewhere"
    assert find(place / "named").root == place / "named"
    assert find(Path("here")).root == place / "clinic" / "deep" / "er" / "here"
    monkeypatch.setenv(ENVIRONMENT, "")
    assert find().root == place / "clinic"


def test_what_was_named_must_be_there_and_is_not_replaced_by_another(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(place / "elsewhere"))
    with pytest.raises(NoClinicError, match=r"elsewhere: there is no clinic here; make one"):
        existing()
    with pytest.raises(NoClinicError, match="--clinic"):
        existing(place / "clinic" / "deep")
    assert existing(place / "clinic").made


def test_else_it_is_the_user_s_own_which_may_still_have_to_be_made(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert find() == own_folder() == Folder(place / "data" / "checklist" / "clinic")
    assert not find().made
    with pytest.raises(NoClinicError):
        existing()


def test_a_folder_called_clinic_toml_is_no_clinic(place: Path) -> None:
    (place / "clinic" / "deep" / CONFIG).mkdir()
    assert find().root == place / "clinic"


def test_a_current_folder_that_is_gone_does_not_stop_the_search(place: Path) -> None:
    (place / "clinic" / "deep" / "er").rmdir()
    assert find() == own_folder()


def test_the_ledgers_of_earlier_stations_are_listed_in_order(place: Path) -> None:
    for name in ("ledger-b.db", "ledger-a.db", "ledger.db", "ledger-a.db-journal"):
        (place / name).write_text("")
    assert [path.name for path in Folder(place).archives] == ["ledger-a.db", "ledger-b.db"]
