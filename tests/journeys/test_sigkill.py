"""Killed at random moments of a walk, the program loses nothing that it had shown as saved (design §8 point 1).

The program is the real one, in lines over a pipe; it is loaded once, and forked for each start. Each answer is given
when its step has been asked; the kill comes after a random number of answers and a random stretch of work, so that it
lands in every part of a step. What a person had read as saved by then must be in the record, which must be clean, and
the walk must go on from there.
"""

import random
import re
from collections.abc import Iterator

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.service import Clinic
from checklist.run.marks import Status
from tests.support.forked import Loaded, Started
from tests.support.making import header
from tests.support.place import ANNA, Place

KILLS = 50
"""Times four batches: two hundred in all."""
STEPS = 60
SAVED = re.compile(rb"^Saved \S+ (s\d+): .*\n", re.MULTILINE)
ASKED = re.compile(rb"^Step \d+ of \d+: (s\d+)$", re.MULTILINE)


def protocol() -> str:
    """Sixty short steps, every third of them a reading."""
    steps = [
        f'[[steps]]\nid = "s{n}"\nkind = "measure"\ndo = "Read dial {n}."\nunit = "kPa"\nlimit = {{ max = 50 }}\n'
        if n % 3 == 0
        else f'[[steps]]\nid = "s{n}"\nkind = "confirm"\ndo = "Close valve {n}."\nexpect = "closed"\n'
        for n in range(STEPS)
    ]
    return header("valves", "Valves") + "\n".join(steps)


def answer(step: bytes) -> bytes:
    return b"12\n" if int(step[1:]) % 3 == 0 else b"\n"


class Killed:
    """One start of the program, answered step by step and then killed."""

    def __init__(self, program: Started, chance: random.Random) -> None:
        self.out = b""
        answers = chance.randint(0, 12)
        answered = 0
        while data := program.read():
            self.out += data
            asked = ASKED.findall(self.out)
            if len(asked) > answered and self.out.endswith(b"> "):
                answered = len(asked)
                program.write(answer(asked[-1]))
                if answered > answers:
                    break
        for _ in range(chance.randint(0, 60_000)):
            pass
        self.out += program.kill()

    @property
    def saved(self) -> list[str]:
        return [step.decode() for step in SAVED.findall(self.out)]


@pytest.fixture
def loaded(place: Place) -> Iterator[Loaded]:
    with Loaded(place.environment()) as program:
        yield program


@pytest.mark.parametrize("batch", range(4))
def test_nothing_shown_as_saved_is_lost(place: Place, loaded: Loaded, batch: int) -> None:
    chance = random.Random(batch)  # noqa: S311 - the same moments every time, as far as a machine allows
    place.adopt("valves", protocol())
    run: str | None = None
    shown = 0
    for _ in range(KILLS):
        words = ["resume", run] if run else ["walk", "valves"]
        killed = Killed(loaded.start(*words, *place.as_(ANNA)), chance)
        shown += len(killed.saved)
        with Clinic.open(place.folder) as clinic:
            if run is None:
                rows = clinic.ledger.query("SELECT run FROM run WHERE outcome = 'open' ORDER BY idx DESC LIMIT 1")
                run = str(rows[0][0]) if rows else None
            if run is not None:
                state = clinic.run(run)
                lost = [step for step in killed.saved if state.steps[step].status is not Status.DONE]
                assert not lost
                assert all(len(step.attempts) <= 1 for step in state.steps.values())
                run = run if state.open else None
        report = verify_clinic(place.folder)
        assert (report.result, report.first_bad, report.views) == ("clean", None, "same")
    assert shown > KILLS
