"""Two loads of one steriliser, walked in lines with the printouts that a real machine wrote: one is released, the
other, whose cycle was aborted, never is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from tests.support.in_process import cheap_secrets, through_a_pipe
from tests.support.making import Worker, made_clinic
from tests.support.place import ANNA, ANNAS, BEN, BENS, Place, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.in_process import Told

REAL = Path(__file__).parents[3] / "shared" / "data" / "steriliser"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the real printouts of others lie beside the project only")

PREPARED = (
    "released today", "validated 134 C 3 min", "", "lot=A12 expiry=2099-03", "", "", "", "12 packs", "no", "no", "", "",
    "complete", "file",
)  # fmt: skip
UNLOADED = ("20", "/skip other: it cools in its own rack", "all dry and whole", "all turned", "turned", "turned")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A clinic whose steriliser writes files that the program can read."""
    with cheap_secrets():
        made = made_clinic(
            tmp_path / "made", Worker(ANNA, ANNAS), [Worker(BEN, BENS, ("staff", "release"))], machine_tests=False
        )
        there = place_of(made.root, tmp_path)
        settings = there.folder.config.read_text("utf-8")
        reading = settings.replace('kind = "steriliser"', 'kind = "steriliser"\nreader = "dac-universal"')
        there.folder.config.write_text(reading, "utf-8")
        yield there


def told(place: Place, *words: object, lines: tuple[str, ...] = ()) -> Told:
    return through_a_pipe([*words, "--clinic", place.root], "".join(f"{line}\n" for line in lines))


def shown(place: Place, run: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(told(place, "show", run, "--json").text)
    return found


def state_of(place: Place, load: str) -> object:
    return json.loads(told(place, "trace", "load", load, "--json").text)["state"]


def walk(place: Place, *lines: str) -> tuple[str, str, str]:
    """Anna walks a load as far as these lines lead, with Ben beside her: its run, its load number and what was said."""
    people = [*place.as_(ANNA), "--witness", BEN, "--witness-secret-file", place.secret_of(BEN)]
    said = told(place, "walk", "steriliser-load", "--subject", "equipment=S1", *people, lines=lines).text
    named, number = re.search(r"Run (a#\d+), about", said), re.search(r"load-number: (\S+)\.", said)
    assert named
    assert number
    return named[1], number[1], said


def resume(place: Place, run: str, *lines: str, by: str = BEN) -> str:
    second = ANNA if by == BEN else BEN
    people = [*place.as_(by), "--witness", second, "--witness-secret-file", place.secret_of(second)]
    return told(place, "resume", run, *people, lines=lines).text


def test_a_load_goes_from_its_real_printout_to_its_release(place: Place) -> None:
    readings = ("135.3", "317", "191")
    run, load, said = walk(place, *PREPARED, str(REAL / "DACLogOK.TXT"), *readings, *UNLOADED)
    assert "the file; DAC Universal 601362, cycle 13, complete." in said
    assert "135.3" not in said.split("exposure-temperature-134")[0]  # a reading is never given away
    assert state_of(place, load) == "awaiting"
    assert re.search(rf"run {run}, step \d+ of \d+, release, awaits release,", told(place, "board").text)
    assert "The run has ended: complete." in resume(place, run, "released")
    assert state_of(place, load) == "released"
    found = shown(place, run)
    assert (found["outcome"], found["deviations"]) == ("complete", 1)  # the cooling that was left out
    steps = {step["id"]: step for step in found["steps"]}  # type: ignore[attr-defined]
    beside = {name: (step["value"], step["sensed"]) for name, step in steps.items() if step["sensed"]}
    assert beside == {
        "exposure-temperature-134": ("135.3", "135.3"),
        "exposure-pressure-134": ("317", "317"),
        "exposure-time-134": ("191", "191"),
    }
    assert verify_clinic(place.folder).result == "clean"


def test_what_was_typed_wrong_is_told_at_once(place: Place) -> None:
    wrong = ("135.3", "318", "/note I look again")
    _, _, said = walk(place, *PREPARED, str(REAL / "DACLogOK.TXT"), *wrong)
    assert "318 kPa, beside the printout:" in said
    assert "318 kPa was typed, the printout says 317 kPa (the lowest pressure of the hold" in said
    assert "Leave a comment; then read again." in said


def test_an_aborted_cycle_can_never_be_released(place: Place) -> None:
    walk(place, *PREPARED, str(REAL / "DACLogOK.TXT"), "/abandon other: only for its number")
    run, load, said = walk(place, *PREPARED, str(REAL / "DACLogFehler.TXT"))
    assert "The printout says that cycle 14 was aborted, error 97." in said
    assert "The run has ended: failed." in said
    assert state_of(place, load) == "quarantined"
    # Somebody opens it again, and attaches the good printout of the load before.
    good = str(REAL / "DACLogOK.TXT")
    again = ("/correct printout-file mistake: that was another file", good, "I am sure", good)
    said = resume(place, run, *again, "135.3", "317", "191", *UNLOADED, by=ANNA)
    assert "Cycle 13 of this machine stands in run" in said
    assert "Decide: release or quarantine the load." in said
    said = resume(place, run, "released", "quarantined")
    assert "was aborted, error 97. This load can never be released: quarantine it, and run it anew." in said
    assert state_of(place, load) == "quarantined"
    rules = [finding["rule"] for finding in shown(place, run)["findings"]]  # type: ignore[attr-defined]
    assert rules.count("cycle-aborted") == rules.count("cycle-repeated") == 1
    assert verify_clinic(place.folder).result == "clean"


def test_an_implant_is_released_by_somebody_else_whatever_the_profile_says(place: Place) -> None:
    with_implant = (*PREPARED[:8], "yes", "lot=B7 expiry=2099-03", *PREPARED[-4:-1], "paper or display")
    readings = ("135.3", "317", "191", "20", "folder 3")
    run, load, _ = walk(place, *with_implant, *readings, "/skip other: it cools in its own rack", *UNLOADED[2:])
    assert "Whoever signs here must have done no step of this run" in resume(place, run, "released", by=ANNA)
    assert state_of(place, load) == "awaiting"
    resume(place, run, "released")
    assert state_of(place, load) == "released"
