"""The shipped protocols are found, and every one of them is sound."""

from pathlib import Path

import pytest

from checklist.protocol.errors import ShippedProtocolsMissingError
from checklist.protocol.library import FOLDERS, library_of, shipped, shipped_folder
from checklist.protocol.linting.lint import lint
from checklist.protocol.model import Choice, Measure, Sign
from checklist.protocol.showing.show import as_text
from checklist.protocol.values import ProfileRef


def test_the_library_lies_inside_the_package_or_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "checklist"
    package.mkdir()
    with pytest.raises(ShippedProtocolsMissingError, match="install checklist again"):
        library_of(package)
    (tmp_path / "protocols").mkdir()
    assert library_of(package) == tmp_path / "protocols"
    (package / "_protocols").mkdir()
    assert library_of(package) == package / "_protocols"


def test_every_shipped_file_is_sound() -> None:
    assert [str(fault) for fault in lint([shipped_folder()])] == []


def test_shipped_protocols_are_found_by_their_id() -> None:
    files = [path for folder in FOLDERS for path in (shipped_folder() / folder).glob("*.toml")]
    assert set(shipped()) == {path.stem for path in files}


def test_every_shipped_protocol_lies_in_the_folder_of_its_category() -> None:
    for protocol_id, loaded in shipped().items():
        assert (shipped_folder() / loaded.protocol.category / f"{protocol_id}.toml").is_file()
        assert as_text(loaded.protocol).startswith(loaded.protocol.title)


def test_the_library_is_read_once_and_cannot_be_changed() -> None:
    assert shipped() is shipped()
    with pytest.raises(TypeError):
        shipped()["x"] = None  # type: ignore[index]


@pytest.mark.parametrize(
    ("programme", "celsius", "kilopascal", "seconds"),
    [
        ("validated 134 C 3 min", 134, 304, 180),
        ("validated 121 C 15 min", 121, 205, 900),
        ("pre-vac 132 C 4 min", 132, 287, 240),
        ("gravity 132 C 15 min", 132, 287, 900),
        ("gravity 121 C 30 min", 121, 205, 1800),
    ],
)
def test_each_sterilising_programme_is_held_to_its_own_limits(
    programme: str, celsius: int, kilopascal: int, seconds: int
) -> None:
    load = shipped()["steriliser-load"].protocol
    asked = [step for step in load.steps if step.when is not None and step.when.is_ == programme]
    lowest = {step.sensed: step.limit.min for step in asked if isinstance(step, Measure) and step.limit is not None}
    assert lowest == {"temperature": celsius, "pressure": kilopascal, "hold": seconds}
    steam = {step.id for step in asked if isinstance(step, Measure) and step.sensed != "hold"}
    assert steam in [set(check.compared) for check in load.checks]
    offered = load.step("programme")
    assert isinstance(offered, Choice)
    assert programme in {option.value for option in offered.options}


def test_only_somebody_else_releases_a_load_with_an_implant() -> None:
    load = shipped()["steriliser-load"].protocol
    releases = [step for step in load.steps if isinstance(step, Sign) and "released" in step.meanings]
    asked = [(step.when.is_ if step.when is not None else "", step.another) for step in releases]
    assert asked == [("yes", True), ("no", ProfileRef("release-by-another"))]
