"""What a person at the screen can ask of a run. A command that is about a step names it, so that a key
pressed for one step can never act on the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from checklist.run.events import Person, Reason, Value
from checklist.run.printout import Read


@dataclass(frozen=True, slots=True)
class Confirm:
    """The act of a `confirm` step has been done."""

    step: str


@dataclass(frozen=True, slots=True)
class Give:
    """A value for a `measure`, `choice`, `text`, `scan` or `attach` step.

    `value` is what was typed or scanned; for `text` the commitment to the words, for `attach` the SHA-256 of
    the file. `input` is `typed`, `scanned` or `sensed`. `read` is what the clinic read in an attached printout.
    """

    step: str
    value: Value
    input: str = "typed"
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class StartTimer:
    """The act that is timed begins now."""

    step: str


@dataclass(frozen=True, slots=True)
class EndTimer:
    """The timed act ends now (a timer with `at_most`; one without ends by itself)."""

    step: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: end what ends by itself, fail what ran over, expire what is too old."""


@dataclass(frozen=True, slots=True)
class Assign:
    """Take the numbers the program made for an `assign` step, by kind of identifier."""

    step: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sign:
    """Somebody signs, with their secret, at this moment. `name` is the commitment to their printed name."""

    step: str
    signer: Person
    meaning: str
    name: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A second person reads for themselves; `value` is None where there is nothing to read but an act to
    agree to."""

    step: str
    witness: Person
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Words at a step: the remedy or comment it asks for, or else a note. `words` is a commitment."""

    step: str
    words: str


@dataclass(frozen=True, slots=True)
class Skip:
    """The step is left out, with a reason."""

    step: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The step has no object here, with a reason."""

    step: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Fail:
    """The step was tried and has failed, with a reason."""

    step: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Defer:
    """The step is put off until `until` (UTC, ISO 8601), with a reason."""

    step: str
    until: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Override:
    """A hold is passed all the same: a reason, and a second person with their own secret."""

    step: str
    reason: Reason
    witness: Person


@dataclass(frozen=True, slots=True)
class Correct:
    """What a closed step says is wrong: it opens again and a new value follows. A step that stopped the run takes a
    second person, as an override does."""

    step: str
    reason: Reason
    witness: Person | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The walk is interrupted."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The walk goes on; somebody other than its holder takes it over by this."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """The run ends without being finished, with a reason."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Attribute:
    """Whoever asks for it says that they did what was done without signing in. `person` is they themselves, and
    `name` the commitment to their printed name; the clinic fills in both."""

    person: Person | None = None
    name: str = ""


Command: TypeAlias = (
    Confirm
    | Give
    | StartTimer
    | EndTimer
    | Tick
    | Assign
    | Sign
    | Witness
    | Remark
    | Skip
    | NotApplicable
    | Fail
    | Defer
    | Override
    | Correct
    | Pause
    | Resume
    | Abandon
    | Attribute
)

Answer: TypeAlias = Confirm | Give | StartTimer | EndTimer | Assign | Sign | Witness
"""What answers a step as its protocol asks."""

StepCommand: TypeAlias = Answer | Skip | NotApplicable | Fail | Defer | Override


def step_of(command: Command) -> str | None:
    """The step that a command names; None for what is about the run as a whole."""
    return None if isinstance(command, Tick | Pause | Resume | Abandon | Attribute) else command.step


def with_people(command: Command, seen: Callable[[Person], Person]) -> Command:
    """The command with those people as somebody else sees them."""
    match command:
        case Sign():
            return replace(command, signer=seen(command.signer))
        case Witness() | Override():
            return replace(command, witness=seen(command.witness))
        case Correct() if command.witness is not None:
            return replace(command, witness=seen(command.witness))
        case _:
            return command


def people_of(command: Command) -> tuple[Person, ...]:
    """The people besides its author who proved who they are for a command."""
    match command:
        case Sign():
            return (command.signer,)
        case Witness() | Override():
            return (command.witness,)
        case Correct() if command.witness is not None:
            return (command.witness,)
        case _:
            return ()
