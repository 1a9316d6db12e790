"""What a protocol says besides what to do, fact by fact: a name and its words, for every form in which it is shown.

The words are those of the file or the program's own, and only words: whoever shows them escapes them. Works with the
names of a profile's values as well as with the values in their place. Knows nothing of runs.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from checklist.protocol.model import Check, Protocol, SameCount, SameIdentifier
from checklist.protocol.showing.minimum import at_least_words, minimum_seconds
from checklist.protocol.steps import (
    Assign,
    Attach,
    Choice,
    Measure,
    Range,
    Scan,
    Sensed,
    Sign,
    Step,
    Timer,
    Witness,
)
from checklist.protocol.units import display
from checklist.protocol.values import NAME_IN_WORDS, Duration, ProfileRef, Validity, in_words

ADAPT: Final = "Adapt to your device's instructions and to local law."
EVERYONE: Final = "everyone but auditors"
SENSED: Final[Mapping[Sensed, str]] = {
    "temperature": "the lowest temperature of the hold",
    "pressure": "the lowest pressure of the hold, counted from vacuum",
    "hold": "how long the heat was held",
}
"""What a printout says that a reading is compared with."""
PRINTOUT: Final = "The program reads it as the machine's printout of this cycle."

_DOUBTS: Final = (("proposal", "only a proposal"), ("unsure", "unsure"))
"""What a source's title says of itself, and how a step that rests on it says so."""


class Fact(NamedTuple):
    """One fact; a sentence that stands for itself has no name."""

    name: str
    words: str

    def __str__(self) -> str:
        """Return it on one line."""
        return f"{self.name}: {self.words}" if self.name else self.words


def plain(words: str) -> str:
    """Return words of a step with a name for every value of the profile that is not known yet."""
    return NAME_IN_WORDS.sub(r"(the profile's \1)", words)


def task(step: Step) -> str:
    """Return what is to be done in a step."""
    return plain(step.do) or "The program makes the next number."


def range_text(range_: Range, unit: str) -> str:
    """Return a range as people read it, such as `134.0 to 138.0 °C` or `at least 3 mm`."""
    if range_.min is None:
        return f"at most {_value(range_.max)} {display(unit)}".strip()
    if range_.max is None:
        return f"at least {_value(range_.min)} {display(unit)}".strip()
    return f"{_value(range_.min)} to {_value(range_.max)} {display(unit)}".strip()


def _value(value: Decimal | ProfileRef | None) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def time_words(time: Validity) -> str:
    """Return a length of time as it is read in a sentence, such as `10 minutes`; `today` and a name stay what they
    are."""
    return in_words(time.text) if isinstance(time, Duration) else str(time)


def doubt(title: str) -> str:
    """Return what is doubtful of a source of that title, as it follows its name; nothing where nothing is."""
    said = next((words for sign, words in _DOUBTS if sign in title.casefold()), "")
    return f" ({said})" if said else ""


def about(protocol: Protocol) -> Iterator[Fact]:
    """Tell what is true of the whole protocol."""
    count = len(protocol.steps)
    yield Fact("Steps", f"{count}, {at_least_words(minimum_seconds(protocol))}")
    yield Fact("Who", ", ".join(protocol.roles) or EVERYONE)
    yield from _must_hold(protocol.credentials)
    yield Fact("About", protocol.subject)
    if protocol.equipment:
        yield Fact("Machines", ", ".join(protocol.equipment))
    yield Fact("How", "read and do each step" if protocol.style == "read-do" else "do all, then confirm each step")
    if protocol.valid_for is not None:
        yield Fact("Counts for", time_words(protocol.valid_for))
    if protocol.voided_by:
        yield Fact("No longer counts after", ", ".join(protocol.voided_by))
    if protocol.jurisdictions:
        yield Fact("Where", ", ".join(protocol.jurisdictions))


def facts(protocol: Protocol, step: Step) -> Iterator[Fact]:
    """Tell what a step says besides what to do."""
    if step.when is not None:
        yield Fact("", f"Only if {step.when.step} is: {step.when.is_}")
    if step.expect:
        yield Fact("Expect", plain(step.expect))
    yield from _of_kind(step)
    if step.at_least is not None and not isinstance(step, Timer):
        yield Fact("Takes at least", time_words(step.at_least))
    if step.caution:
        yield Fact("Caution", plain(step.caution))
    if step.why:
        yield Fact("Why", plain(step.why))
    if step.roles:
        yield Fact("Who", ", ".join(step.roles))
    yield from _must_hold(step.credentials)
    if step.hold:
        yield Fact("Hold", "nothing goes on until this is cleared.")
    if step.on_fail.stop:
        yield Fact("If it fails", "stop.")
    if step.on_fail.open is not None:
        yield Fact("If it fails, open", step.on_fail.open)
    if step.source is not None:
        yield Fact("Source", step.source + doubt(protocol.source(step.source).title))
    if step.ifu_may_override:
        yield Fact("", "Your device's instructions may say otherwise; they win.")


def checks(protocol: Protocol) -> Iterator[Fact]:
    """Tell what the program checks across steps."""
    yield from (Fact("Checked", f"{check_words(check)}.") for check in protocol.checks)


def check_words(check: Check) -> str:
    """Return what must hold between the readings that a check compares."""
    if isinstance(check, SameCount):
        return f"{' and '.join(check.steps)} are the same number"
    if isinstance(check, SameIdentifier):
        return f"{' and '.join(check.steps)} have the same {check.of}"
    steam = f"{check.pressure} fits {check.temperature} as saturated steam"
    return f"{steam}, within {_value(check.tolerance)} K"


def _must_hold(credentials: tuple[str, ...]) -> Iterator[Fact]:
    if credentials:
        yield Fact("Must hold", ", ".join(credentials))


def _of_reading(step: Measure) -> Iterator[Fact]:
    ranges = (("Expected", step.expected), ("Limit", step.limit))
    yield from (Fact(name, range_text(one, step.unit)) for name, one in ranges if one is not None)
    if step.sensed is not None:
        yield Fact("", f"Compared with the printout: {SENSED[step.sensed]}.")


def _of_label(step: Scan) -> Iterator[Fact]:
    yield Fact("Read", ", ".join(step.required))
    if step.optional:
        yield Fact("", f"And if the label has one: {', '.join(step.optional)}.")
    if step.use is not None:
        yield Fact("", f"This {step.use} what is read.")


def _of_kind(step: Step) -> Iterator[Fact]:
    match step:
        case Measure():
            yield from _of_reading(step)
        case Attach(printout=True):
            yield Fact("", PRINTOUT)
        case Timer():
            also = f", and as long as {step.at_least_as} says" if step.at_least_as is not None else ""
            yield Fact("Wait at least", f"{time_words(step.at_least)}{also}")
            if step.at_most is not None:
                yield Fact("End it before", time_words(step.at_most))
        case Scan():
            yield from _of_label(step)
        case Assign():
            yield from (Fact("Makes", f"{one.identifier} {one.template}") for one in step.produces)
        case Choice():
            fails = {"pass": "", "fail": " (fails)"}
            yield from (Fact("Answer", f"{option.value}{fails[option.verdict]}") for option in step.options)
        case Witness():
            yield Fact("A second person repeats", step.of)
        case Sign():
            yield Fact("Sign as", " or ".join(step.meanings))
            if step.another:
                who = "Whoever signs must have done no step of this run"
                yield Fact("", f"{who}, if {step.another} says so." if step.another is not True else f"{who}.")
        case _:
            return
