"""The rules about what a step says."""

from typing import Final

from checklist.protocol.linting.rule import DEGANI_WIENER, FORMAT, GAWANDE, Rule

ON_WORDS: Final = (
    Rule(
        id="two-acts",
        level="advice",
        title="Two acts in one step",
        why=(
            "One tick cannot say which of two acts was done, and whoever is interrupted between them leaves out the "
            "second. Asked of `confirm` steps only: other kinds keep the answer to the last act. Emergency lists are "
            "left alone, since several people act on one line."
        ),
        source=f"{DEGANI_WIENER}: interruptions are the main cause of omission",
        bad="""
[[steps]]
id = "bath"
kind = "confirm"
do = "Drain the bath and wipe the tank dry."
expect = "tank dry to the finger"
""",
        good="""
[[steps]]
id = "bath-drain"
kind = "confirm"
do = "Drain the bath."
expect = "empty"

[[steps]]
id = "bath-dry"
kind = "confirm"
do = "Wipe the tank dry."
expect = "dry to the finger"
""",
    ),
    Rule(
        id="vague-response",
        level="warning",
        title="An answer that is true of anything",
        why="“Checked” can be said without looking. The status or value that was seen cannot.",
        source=f"{DEGANI_WIENER}: the response gives the status or value, not “checked” or “set”",
        bad="""
[[steps]]
id = "door"
kind = "confirm"
do = "Look along the whole door seal."
expect = "checked"
""",
        good="""
[[steps]]
id = "door"
kind = "confirm"
do = "Look along the whole door seal."
expect = "clean, seated all round, no crack"
""",
    ),
    Rule(
        id="unclear-word",
        level="advice",
        title="A word that everyone reads differently",
        why="“Properly”, “sufficient” or “if needed” leave the decision to whoever is in a hurry.",
        source=f"{DEGANI_WIENER}: unambiguous wording",
        bad="""
[[steps]]
id = "rinse"
kind = "confirm"
do = "Rinse every instrument properly."
expect = "no detergent left"
""",
        good="""
[[steps]]
id = "rinse"
kind = "confirm"
do = "Rinse every instrument three times in fresh water."
expect = "no detergent left"
""",
    ),
    Rule(
        id="reveals-answer",
        level="warning",
        title="The step tells what should be answered",
        why=(
            "Whoever has read the expected value can enter it without looking at the device. The program shows no "
            "range before the reading for the same reason; what to do outside it belongs under `caution`."
        ),
        source=(
            "Palmer and Degani 1991 (NASA): crews look less where the list seems to know already; "
            "NASA TM-2010-216396: answering without looking is a common deviation"
        ),
        bad="""
[[steps]]
id = "temperature"
kind = "measure"
do = "Read the exposure temperature; it should be 134 °C."
unit = "Cel"
limit = { min = 134, max = 137 }
source = "label"
caution = "Outside its range: quarantine the load."
""",
        good="""
[[steps]]
id = "temperature"
kind = "measure"
do = "Read the exposure temperature from the printout."
unit = "Cel"
limit = { min = 134, max = 137 }
source = "label"
caution = "Outside its range: quarantine the load."
""",
    ),
    Rule(
        id="question-without-answer",
        level="warning",
        title="A question whose answer is not kept",
        why="A `confirm` keeps that something was said, not what. A question needs a `choice` with its answers.",
        source=f"{DEGANI_WIENER}: the response gives the status or value",
        bad="""
[[steps]]
id = "allergy"
kind = "confirm"
do = "Does the patient have an allergy?"
expect = "asked aloud"
""",
        good="""
[[steps]]
id = "allergy"
kind = "choice"
do = "Does the patient have an allergy?"
options = [{ value = "none", verdict = "pass" }, { value = "an allergy", verdict = "fail" }]
caution = "An allergy: fetch the prescriber."
""",
    ),
    Rule(
        id="duplicate-wording",
        level="advice",
        title="Two steps with the same words",
        why=(
            "Whoever meets the same words again thinks the step is done, or answers the wrong one. Said again in "
            "another phase, or in another branch, it is no fault: important acts may be repeated."
        ),
        source=f"{DEGANI_WIENER}: unambiguous wording; critical items may be repeated across phases",
        bad="""
[[steps]]
id = "count-gauze"
kind = "text"
do = "Type the count."

[[steps]]
id = "count-needles"
kind = "text"
do = "Type the count."
""",
        good="""
[[steps]]
id = "count-gauze"
kind = "text"
do = "Type the count of gauze."

[[steps]]
id = "count-needles"
kind = "text"
do = "Type the count of needles."
""",
    ),
    Rule(
        id="unfinished",
        level="warning",
        title="Words that were to be replaced",
        why="A place left for later reaches staff as it stands.",
        source=f"{GAWANDE}: test it in reality, revise it, date it",
        bad="""
[[steps]]
id = "call"
kind = "confirm"
do = "Call the engineer, TODO: number."
expect = "an appointment is made"
""",
        good="""
[[steps]]
id = "call"
kind = "confirm"
do = "Call the engineer; the number stands on the unit's door."
expect = "an appointment is made"
""",
    ),
    Rule(
        id="version-not-raised",
        level="warning",
        title="Another text under the same version",
        why=(
            "Every record names the version that was walked. Two texts under one version cannot be told apart by "
            "people; only their digests differ. Asked of a clinic's own file whose id is in force already."
        ),
        source=FORMAT,
        before="""
[[steps]]
id = "wait"
kind = "confirm"
do = "Leave the vial for three minutes."
expect = "three minutes by the clock"
""",
        bad="""
[[steps]]
id = "wait"
kind = "confirm"
do = "Leave the vial for four minutes."
expect = "four minutes by the clock"
""",
        good="""
[protocol]
id = "example"
title = "An example"
version = "1.1.0"
purpose = "Show one rule."
category = "clinic"
style = "read-do"
subject = "clinic"

[[steps]]
id = "wait"
kind = "confirm"
do = "Leave the vial for four minutes."
expect = "four minutes by the clock"
""",
    ),
)
