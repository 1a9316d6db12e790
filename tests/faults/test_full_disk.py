"""A disk that fills up in the middle of a walk: what was shown as saved is saved, the rest is said to be not.

The limit on the size of a file is the kernel's own (RLIMIT_FSIZE), so that SQLite meets a real failing write.
"""

import re
import resource
import subprocess

from checklist.clinic.checking import verify_clinic
from checklist.clinic.service import Clinic
from checklist.run.marks import Status
from tests.support.making import header
from tests.support.place import ANNA, Place

SAVED = re.compile(r"^Saved \S+ (s\d+): ", re.MULTILINE)


def protocol() -> str:
    return header("valves", "Valves") + "\n".join(
        f'[[steps]]\nid = "s{n}"\nkind = "confirm"\ndo = "Close valve {n}."\nexpect = "closed"\n' for n in range(200)
    )


def walk(place: Place, words: list[str], lines: int, room: int | None) -> subprocess.CompletedProcess[str]:
    def small_disk() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return subprocess.run(
        place.command(*words),
        input="\n" * lines,
        # The interpreter would keep compiled modules cut off at the limit, and stumble over them ever after.
        env=place.environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_disk,
    )


def test_a_full_disk_stops_the_walk_loses_nothing_and_lets_it_go_on_later(place: Place) -> None:
    place.adopt("valves", protocol())
    room = place.folder.ledger.stat().st_size + 40_000
    stopped = walk(place, ["walk", "valves", *place.as_(ANNA)], 200, room)
    assert stopped.returncode == 2
    assert "Nothing was saved" in stopped.stderr
    assert "Traceback" not in stopped.stdout + stopped.stderr
    saved = SAVED.findall(stopped.stdout)
    assert 0 < len(saved) < 200
    with Clinic.open(place.folder) as clinic:
        run = str(clinic.ledger.query("SELECT run FROM run WHERE outcome = 'open'")[0][0])
        state = clinic.run(run)
        assert [step for step in saved if state.steps[step].status is not Status.DONE] == []
        assert sum(step.status is Status.DONE for step in state.steps.values()) == len(saved)
    assert verify_clinic(place.folder).result == "clean"

    went_on = walk(place, ["resume", run, *place.as_(ANNA)], 200, None)
    assert went_on.returncode == 0
    with Clinic.open(place.folder) as clinic:
        assert clinic.run(run).outcome == "complete"
    assert verify_clinic(place.folder).result == "clean"
