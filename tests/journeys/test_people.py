"""Nothing in anyone's name but by that person, told in lines: once through a pipe, once at a terminal.

Anna sets a trolley up for a visit. Ben reads the indicator again without having seen her reading; a hold is passed by
the two of them; Anna is called away and Ben goes on, and signs. Meanwhile somebody treats a spill without signing in,
and says so afterwards. `show` tells all of it, and `verify` finds the record as it was written.
"""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pexpect
import pytest

from tests.support.making import header
from tests.support.place import ANNA, ANNAS, BEN, BENS, Place
from tests.support.text import by_the_clinics_clock

TROLLEY = (
    header("trolley", "Set the trolley up", subject="session")
    + """
[[steps]]
id = "indicator"
kind = "choice"
do = "Look at the indicator."
options = [{ value = "turned", verdict = "pass" }, { value = "not turned", verdict = "fail" }]

[[steps]]
id = "second-reader"
kind = "witness"
of = "indicator"
do = "A second person looks at the indicator."

[[steps]]
id = "seal"
kind = "confirm"
do = "Seal the tray."
expect = "the seal is whole"
hold = true

[[steps]]
id = "gloves"
kind = "confirm"
do = "Put the gloves on."
expect = "both are on"

[[steps]]
id = "ready"
kind = "sign"
do = "Say that the trolley is ready."
meanings = ["released"]
roles = ["release"]
"""
)
FAINT = (
    header("faint", "Somebody has fainted", category="emergency")
    + """
[[steps]]
id = "lie"
kind = "confirm"
do = "Lay them down."
expect = "flat, legs up"

[[steps]]
id = "breathing"
kind = "choice"
do = "Look whether they breathe."
options = [{ value = "yes", verdict = "pass" }, { value = "no", verdict = "fail" }]
"""
)


@pytest.fixture
def clinic(place: Place) -> Place:
    """A clinic with both protocols in force."""
    place.adopt("trolley", TROLLEY)
    place.adopt("faint", FAINT)
    return place


def open_run(place: Place) -> str:
    """The only run that is open."""
    (found,) = json.loads(place.call("board", "--json").stdout)["open"]
    return str(found["run"])


def last_run(place: Place) -> str:
    """The run that was begun last."""
    started = json.loads(place.call("log", "--kind", "run.started", "--json").stdout)[-1]
    return f"{started['station']}#{started['index']}"


def steps_of(story: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in story["steps"]}


def told(place: Place, run: str, emergency: str, factor: str) -> None:
    """What `show` tells of both runs, as JSON and as text, and what `verify` says."""
    story = json.loads(place.call("show", run, "--json").stdout)
    steps = steps_of(story)
    anna, ben = steps["indicator"]["by"], steps["gloves"]["by"]
    assert (story["outcome"], story["deviations"]) == ("complete", 1)
    assert anna != ben
    assert (steps["indicator"]["value"], steps["second-reader"]["witness"]) == ("turned", ben)
    assert (steps["seal"]["state"], steps["seal"]["by"], steps["seal"]["witness"]) == ("overridden", anna, ben)
    assert steps["seal"]["reason"] == "not-available: no seal is left"
    (override,) = story["overrides"]
    assert (override["step"], override["by"], override["witness"]) == ("seal", anna, ben)
    signed = steps["ready"]["signed"]
    assert (signed["by"], signed["name"], signed["meaning"], signed["factors"]) == (ben, BEN, "released", [factor])
    log = json.loads(place.call("log", "--run", run, "--json").stdout)
    assert [entry["data"]["to"] for entry in log if entry["kind"] == "run.handed-over"] == [ben]
    text = place.call("show", run).stdout
    at = by_the_clinics_clock(place.root, signed["at"])
    assert f"    signed: {BEN}, {at}, released (proved by {factor})" in text
    assert f"OVERRIDDEN: seal in “Set the trolley up” ({run}), by {ANNA} with {BEN}, " in text
    assert f"by {ANNA} with {BEN}, " in text

    story = json.loads(place.call("show", emergency, "--json").stdout)
    assert [step["by"] for step in story["steps"]] == [None, None]
    assert (story["attributed"]["operator"], story["attributed"]["name"]) == (ben, BEN)
    text = place.call("show", emergency).stdout
    assert text.count(f"by {BEN} (attributed afterwards)") == 2
    assert json.loads(place.call("board", "--json").stdout)["unattributed"] == []

    report = place.call("verify", "--json")
    assert report.returncode == 0
    assert json.loads(report.stdout)["result"] == "clean"


def test_through_a_pipe(clinic: Place) -> None:
    ben_too = ["--witness", BEN, "--witness-secret-file", str(clinic.secret_of(BEN))]
    walked = clinic.call(
        "walk", "trolley", "--session", "new", *clinic.as_(ANNA), *ben_too,
        said="turned\nturned\n/skip no seal\n/override not-available: no seal is left\n",
    )  # fmt: skip
    assert (walked.returncode, walked.stderr) == (1, "")
    answered = walked.stdout.partition("Saved [x] indicator: ")[2].partition("Saved [x] second-reader")[0]
    assert answered.startswith("done; the reading stays hidden until the second person has read.")
    run = open_run(clinic)

    unsigned = clinic.call("walk", "faint", said="\nyes\n")
    assert (unsigned.returncode, unsigned.stderr) == (0, "")
    assert "NOT SIGNED IN: whoever does this signs afterwards" in unsigned.stdout
    emergency = last_run(clinic)
    assert "WHO DID THIS? Somebody has fainted, clinic, since" in clinic.call("board").stdout
    alone = clinic.call("attribute", emergency)
    assert (alone.returncode, len(alone.stderr.splitlines())) == (2, 1)
    assert clinic.call("attribute", emergency, *clinic.as_(BEN)).returncode == 0

    resumed = clinic.call("resume", run, *clinic.as_(BEN), said="\nreleased\n")
    assert (resumed.returncode, resumed.stderr) == (0, "")
    mark = f"/O\\ Overridden: seal in “Set the trolley up” ({run}), by {ANNA} with {BEN}, "
    assert resumed.stdout.count(mark) == 3  # two steps, and the end
    told(clinic, run, emergency, "secret-file")


class Line:
    """A walk in lines at a terminal of 80 by 24: every secret is typed, and none is ever shown."""

    def __init__(self, place: Place, *words: str) -> None:
        program, *arguments = place.command(*words, "--line")
        environment = {**place.environment(), "TERM": "xterm"}
        self._child = pexpect.spawn(
            program, arguments, env=environment, encoding="utf-8", timeout=30, dimensions=(24, 80)
        )
        self._child.delaybeforesend = 0.5  # nobody presses Enter the moment that a step is shown
        self._seen = StringIO()
        self._child.logfile_read = self._seen

    def answered(self, *conversation: tuple[str, str]) -> None:
        """What is asked, one after the other, and what is typed then."""
        for asked, typed in conversation:
            self._child.expect_exact(asked)
            self._child.sendline(typed)

    def ended(self, *said: str) -> tuple[int | None, str]:
        """The exit code, and everything that was to be seen."""
        for words in said:
            self._child.expect_exact(words)
        self._child.expect(pexpect.EOF)
        self._child.wait()
        self._child.close()
        return self._child.exitstatus, self._seen.getvalue()


def test_at_a_terminal(clinic: Place) -> None:
    line = Line(clinic, "walk", "trolley", "--session", "new")
    override = "/override not-available: no seal is left"
    line.answered(
        ("Name or badge: ", "anna berg"), ("Your secret: ", ANNAS),
        ("Type the answer or its number.", "turned"), ("Type the answer or its number.", "1"),
        ("Second person's name or badge: ", BEN), ("Their secret: ", BENS),
        ("This is a hold", "/skip no seal"), ("hold", override),
        ("Second person's name or badge: ", ANNA), ("Their secret: ", ANNAS), ("must be somebody else", override),
        ("Second person's name or badge: ", BEN), ("Their secret: ", BENS),
        ("Step 4 of 5", "/pause"),
    )  # fmt: skip
    code, seen = line.ended("Not finished.")
    assert code == 1
    before_the_second = seen.partition("Saved [x] second-reader")[0]
    assert "\x1b[A\r\x1b[2K> (hidden)" in before_the_second.partition("Saved [x] indicator: done; the reading")[0]
    run = open_run(clinic)

    line = Line(clinic, "walk", "faint")
    line.answered(("NOT SIGNED IN", ""), ("Step 2 of 2", "yes"))
    assert line.ended("Whoever did it: checklist attribute")[0] == 0
    emergency = last_run(clinic)
    assert clinic.call("attribute", emergency, *clinic.as_(BEN)).returncode == 0

    line = Line(clinic, "resume", run, "--as", BEN)
    line.answered(
        ("Your secret: ", "three green doors"), ("Your secret: ", BENS), ("/O\\ Overridden: seal", ""),
        ("Step 5 of 5", "released"), ("Who signs, name or badge: ", "ben carter"), ("Their secret: ", BENS),
    )  # fmt: skip
    code, resumed = line.ended("The run has ended: complete.")
    assert code == 0
    assert "do not belong together" in resumed
    assert [secret for secret in (ANNAS, BENS) if secret in seen + resumed] == []
    told(clinic, run, emergency, "secret")
