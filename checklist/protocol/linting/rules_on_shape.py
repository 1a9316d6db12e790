"""The rules about where a step stands, what its limits rest on and what follows when it goes wrong."""

from typing import Final

from checklist.protocol.linting.rule import DEGANI_WIENER, FORMAT, GAWANDE, Rule

_PRODUCT: Final = """id = "product", kind = "choice", do = "Say what is on the table.", \
options = [{ value = "wipes", verdict = "pass" }, { value = "spray", verdict = "pass" }]"""
_LABEL: Final = """id = "label-time", kind = "measure", do = "Read the wet time on the label, in seconds.", \
unit = "s", expected = { min = 30, max = 600 }"""
_WET: Final = """id = "wet", kind = "timer", do = "Keep the top wet.", \
at_least = "30s", at_least_as = "label-time", source = "label\""""

ON_SHAPE: Final = (
    Rule(
        id="long-list",
        level="warning",
        title="A long list without phases",
        why="Nobody keeps more than five to nine things in mind. Ten steps or more in a row need headings: `phase`.",
        source=f"{GAWANDE}: five to nine items; {DEGANI_WIENER}: long lists are split into chunks",
        bad="""
steps = [
  { id = "blinds", kind = "confirm", do = "Open the blinds.", expect = "blinds seen to" },
  { id = "paper", kind = "confirm", do = "Lay new couch paper.", expect = "paper seen to" },
  { id = "towels", kind = "confirm", do = "Refill the towels.", expect = "towels seen to" },
  { id = "soap", kind = "confirm", do = "Refill the soap.", expect = "soap seen to" },
  { id = "plant", kind = "confirm", do = "Water the plant.", expect = "plant seen to" },
  { id = "bin", kind = "confirm", do = "Empty the bin.", expect = "bin seen to" },
  { id = "clock", kind = "confirm", do = "Wind up the clock.", expect = "clock seen to" },
  { id = "leaflets", kind = "confirm", do = "Put out the leaflets.", expect = "leaflets seen to" },
  { id = "blankets", kind = "confirm", do = "Fold the blankets.", expect = "blankets seen to" },
  { id = "shelf", kind = "confirm", do = "Dust the shelf.", expect = "shelf seen to" },
]
""",
        good="""
steps = [
  { id = "blinds", phase = "Light and linen", kind = "confirm", do = "Open the blinds.", expect = "blinds seen to" },
  { id = "paper", phase = "Light and linen", kind = "confirm", do = "Lay new couch paper.", expect = "paper seen to" },
  { id = "towels", phase = "Light and linen", kind = "confirm", do = "Refill the towels.", expect = "towels seen to" },
  { id = "soap", phase = "Light and linen", kind = "confirm", do = "Refill the soap.", expect = "soap seen to" },
  { id = "plant", phase = "Light and linen", kind = "confirm", do = "Water the plant.", expect = "plant seen to" },
  { id = "bin", phase = "Shelves", kind = "confirm", do = "Empty the bin.", expect = "bin seen to" },
  { id = "clock", phase = "Shelves", kind = "confirm", do = "Wind up the clock.", expect = "clock seen to" },
  { id = "leaflets", phase = "Shelves", kind = "confirm", do = "Put out the leaflets.", expect = "leaflets seen to" },
  { id = "blankets", phase = "Shelves", kind = "confirm", do = "Fold the blankets.", expect = "blankets seen to" },
  { id = "shelf", phase = "Shelves", kind = "confirm", do = "Dust the shelf.", expect = "shelf seen to" },
]
""",
    ),
    Rule(
        id="critical-late",
        level="advice",
        title="What can stop everything is asked late",
        why=(
            "Attention is best at the beginning, and what is cut short is the end. Told only where the very first step "
            "that can stop the run stands in the last third of ten steps or so, and no timer runs before it: what "
            "must wait for a process, such as the release of a load, is left alone."
        ),
        source=f"{DEGANI_WIENER}: critical items early",
        bad="""
steps = [
  { id = "blinds", phase = "Comfort", kind = "confirm", do = "Open the blinds.", expect = "blinds seen to" },
  { id = "paper", phase = "Comfort", kind = "confirm", do = "Lay new couch paper.", expect = "paper seen to" },
  { id = "towels", phase = "Comfort", kind = "confirm", do = "Refill the towels.", expect = "towels seen to" },
  { id = "soap", phase = "Comfort", kind = "confirm", do = "Refill the soap.", expect = "soap seen to" },
  { id = "plant", phase = "Comfort", kind = "confirm", do = "Water the plant.", expect = "plant seen to" },
  { id = "bin", phase = "Comfort", kind = "confirm", do = "Empty the bin.", expect = "bin seen to" },
  { id = "clock", phase = "Comfort", kind = "confirm", do = "Wind up the clock.", expect = "clock seen to" },
  { id = "leaflets", phase = "Comfort", kind = "confirm", do = "Put out the leaflets.", expect = "leaflets seen to" },
  { id = "blankets", phase = "Comfort", kind = "confirm", do = "Fold the blankets.", expect = "blankets seen to" },
  { id = "alarm", phase = "Safety", kind = "confirm", do = "Test the smoke alarm.", expect = "it sounds", hold = true },
]
""",
        good="""
steps = [
  { id = "alarm", phase = "Safety", kind = "confirm", do = "Test the smoke alarm.", expect = "it sounds", hold = true },
  { id = "blinds", phase = "Comfort", kind = "confirm", do = "Open the blinds.", expect = "blinds seen to" },
  { id = "paper", phase = "Comfort", kind = "confirm", do = "Lay new couch paper.", expect = "paper seen to" },
  { id = "towels", phase = "Comfort", kind = "confirm", do = "Refill the towels.", expect = "towels seen to" },
  { id = "soap", phase = "Comfort", kind = "confirm", do = "Refill the soap.", expect = "soap seen to" },
  { id = "plant", phase = "Comfort", kind = "confirm", do = "Water the plant.", expect = "plant seen to" },
  { id = "bin", phase = "Comfort", kind = "confirm", do = "Empty the bin.", expect = "bin seen to" },
  { id = "clock", phase = "Comfort", kind = "confirm", do = "Wind up the clock.", expect = "clock seen to" },
  { id = "leaflets", phase = "Comfort", kind = "confirm", do = "Put out the leaflets.", expect = "leaflets seen to" },
  { id = "blankets", phase = "Comfort", kind = "confirm", do = "Fold the blankets.", expect = "blankets seen to" },
]
""",
    ),
    Rule(
        id="limit-without-source",
        level="warning",
        title="A limit or a time that nobody stands for",
        why=(
            "A number without an origin cannot be corrected when the science moves, and is overruled by whoever speaks "
            "loudest. A clinic's own decision is a source too: list it among the sources, with its date. A limit that "
            "no reading can break, such as a count of none or more, needs none."
        ),
        source=f"{FORMAT}; {GAWANDE}: date it and revise it",
        bad="""
[[steps]]
id = "fridge"
kind = "measure"
do = "Read the fridge's temperature."
unit = "Cel"
limit = { min = 2, max = 8 }
caution = "Out of range: tag the stock."
""",
        good="""
[[steps]]
id = "fridge"
kind = "measure"
do = "Read the fridge's temperature."
unit = "Cel"
limit = { min = 2, max = 8 }
source = "label"
caution = "Out of range: tag the stock."
""",
    ),
    Rule(
        id="timer-without-maximum",
        level="advice",
        title="A timer without an end where too long does harm",
        why=(
            "Instruments soaked too long corrode, numbing cream left too long poisons, and a Bowie-Dick sheet that "
            "was held too long turns whatever the steriliser did. Told of timers whose words name one of these, "
            "unless a later step reads the time that it took."
        ),
        source=(
            "Bowie-Dick never over 4 min: ANSI/AAMI ST79; soaking: the instructions of disinfectant and device; cream: "
            "its label, with FDA advisories 2007 and 2009"
        ),
        bad="""
[[steps]]
id = "soak"
kind = "timer"
do = "Soak the probe, all of it under the surface."
at_least = "12m"
source = "label"
""",
        good="""
[[steps]]
id = "soak"
kind = "timer"
do = "Soak the probe, all of it under the surface."
at_least = "12m"
at_most = "2h"
source = "label"
""",
    ),
    Rule(
        id="time-not-read",
        level="warning",
        title="A timer bound to a reading that is not always there",
        why="Where the label is not read, only the timer's own shortest time is left, and nobody notices.",
        source=FORMAT,
        bad=f"""
steps = [
  {{ {_PRODUCT} }},
  {{ {_LABEL}, when = {{ step = "product", is = "spray" }} }},
  {{ {_WET} }},
]
""",
        good=f"""
steps = [
  {{ {_PRODUCT} }},
  {{ {_LABEL} }},
  {{ {_WET} }},
]
""",
    ),
    Rule(
        id="hold-without-way-out",
        level="warning",
        title="A hold that does not say how it is cleared",
        why=(
            "People who are held up and not told what to do find a way round. A hold that can fail says the way out "
            "in `caution`, or opens the protocol that is it. Told as well of what only auditors may do: they do no "
            "steps, so that only an override is left."
        ),
        source="Reports on lists that are ticked but not done name impractical steps among the causes",
        bad="""
[[steps]]
id = "seal"
kind = "choice"
do = "Look at the seal of the emergency kit."
options = [{ value = "whole", verdict = "pass" }, { value = "broken", verdict = "fail" }]
hold = true
""",
        good="""
[[steps]]
id = "seal"
kind = "choice"
do = "Look at the seal of the emergency kit."
options = [{ value = "whole", verdict = "pass" }, { value = "broken", verdict = "fail" }]
hold = true
caution = "Broken: fill and seal the kit; then look again."
""",
    ),
    Rule(
        id="no-failure-branch",
        level="warning",
        title="A reading can fail and nothing follows",
        why="A limit without a consequence teaches that limits do not matter.",
        source=f"{GAWANDE}: killer items only; what is worth a limit is worth an act",
        bad="""
[[steps]]
id = "water"
kind = "measure"
do = "Read the conductivity of the feed water."
unit = "uS/cm"
limit = { max = 15 }
source = "label"
""",
        good="""
[[steps]]
id = "water"
kind = "measure"
do = "Read the conductivity of the feed water."
unit = "uS/cm"
limit = { max = 15 }
source = "label"
caution = "Too high: drain the reservoir and fill it with fresh purified water."
""",
    ),
    Rule(
        id="unreachable-branch",
        level="warning",
        title="A branch that no answer opens",
        why=(
            "An answer that fails is asked again, so that no step waits for it with success; and nobody gives two "
            "answers to one question. Such a step is met only where the question was never answered."
        ),
        source=FORMAT,
        bad="""
[[steps]]
id = "pack"
kind = "choice"
do = "Look at the pack on all sides."
options = [{ value = "whole", verdict = "pass" }, { value = "torn", verdict = "fail" }]

[[steps]]
id = "torn-pack"
kind = "confirm"
when = { step = "pack", is = "torn" }
do = "Set the pack aside for sterilising."
expect = "on the dirty side"
""",
        good="""
[[steps]]
id = "pack"
kind = "choice"
do = "Look at the pack on all sides."
options = [{ value = "whole", verdict = "pass" }, { value = "torn, another taken", verdict = "pass" }]

[[steps]]
id = "torn-pack"
kind = "confirm"
when = { step = "pack", is = "torn, another taken" }
do = "Set the torn pack aside for sterilising."
expect = "on the dirty side"
""",
    ),
    Rule(
        id="condition-without-answer",
        level="warning",
        title="A condition on a step that gives no answer",
        why="A `confirm`, a timer, a scan, a file or a number given by the program cannot be compared with words.",
        source=FORMAT,
        bad="""
[[steps]]
id = "ask"
kind = "confirm"
do = "Ask about an implant."
expect = "the patient has answered"

[[steps]]
id = "implant"
kind = "text"
when = { step = "ask", is = "yes" }
do = "Type the kind of implant."
""",
        good="""
[[steps]]
id = "ask"
kind = "choice"
do = "Ask about an implant."
options = [{ value = "none", verdict = "pass" }, { value = "yes", verdict = "pass" }]

[[steps]]
id = "implant"
kind = "text"
when = { step = "ask", is = "yes" }
do = "Type the kind of implant."
""",
    ),
    Rule(
        id="unknown-follow-up",
        level="warning",
        title="A follow-up that does not exist",
        why=(
            "Whoever fails a step is sent to a protocol; here there is none of that id. That two protocols open each "
            "other is no fault: a failed test opens the recall, and the recall repeats the test."
        ),
        source=FORMAT,
        bad="""
[[steps]]
id = "test"
kind = "choice"
do = "Read the colour of the test sheet."
options = [{ value = "uniform", verdict = "pass" }, { value = "not uniform", verdict = "fail" }]
on_fail = { stop = true, open = "steriliser-recal" }
""",
        good="""
[[steps]]
id = "test"
kind = "choice"
do = "Read the colour of the test sheet."
options = [{ value = "uniform", verdict = "pass" }, { value = "not uniform", verdict = "fail" }]
on_fail = { stop = true, open = "steriliser-recall" }
""",
    ),
    Rule(
        id="unheld-role",
        level="warning",
        title="A role or credential that nobody here has",
        why=(
            "What only a role may do that nobody has, nobody can do: the run stops there. Mostly it is a slip of the "
            "pen. Told only of a clinic's own files, and never of the roles that every clinic has."
        ),
        source=FORMAT,
        bad="""
[[steps]]
id = "dose"
kind = "confirm"
do = "Draw up the dose."
expect = "as much as the sheet says"
roles = ["nurze"]
""",
        good="""
[[steps]]
id = "dose"
kind = "confirm"
do = "Draw up the dose."
expect = "as much as the sheet says"
roles = ["prescriber"]
""",
    ),
)
