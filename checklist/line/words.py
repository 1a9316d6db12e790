"""Small pieces of a sentence: a length of time, a clock time, a value with its unit. Pure."""

from checklist.clinic.people.personnel import Held
from checklist.protocol.model import Measure, Protocol, Step
from checklist.protocol.text import MAX_VALUE
from checklist.protocol.units import display
from checklist.run.answer import SOMEBODY_ELSE, differing
from checklist.run.events import REASON_CODES, Reason, Value
from checklist.run.reading import Refusal, shown

_PARTS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def length(seconds: int) -> str:
    """A length of time as people say it: `90` is `1 min 30 s`."""
    parts = []
    for size, name in _PARTS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts) or "0 s"


def value_words(protocol: Protocol, step: Step, value: Value | None) -> str:
    """A value as it is read out, with the unit of what it was read for."""
    asked = protocol.step(step.of) if step.kind == "witness" else step
    text = shown(value) or ""
    if isinstance(asked, Measure) and text:
        return f"{text} {display(asked.unit)}".rstrip()
    if step.kind == "timer" and text:
        return f"{text} s"
    return text


def both_again(step_id: str) -> str:
    """What to do where two people have read differently."""
    return f"{differing(step_id, f'/correct {step_id} WORDS')} {SOMEBODY_ELSE}"


def credential_words(held: Held) -> str:
    """A credential in words: what it is, until when it holds, and how soon that is."""
    attributes = "".join(f", {name} {value}" for name, value in sorted(held.attributes.items()))
    if held.until is None or held.days_left is None:
        return f"{held.credential}{attributes}, without end"
    match held.state:
        case "expired":
            return f"{held.credential}{attributes}, EXPIRED on {held.until}"
        case "expiring":
            days = {0: "today is the last day", 1: "1 day left"}.get(held.days_left, f"{held.days_left} days left")
            return f"{held.credential}{attributes}, ENDS SOON: until {held.until}, {days}"
        case "valid":
            return f"{held.credential}{attributes}, until {held.until}"


def reason(typed: str, default: str = "other") -> Reason | Refusal:
    """`[CODE:] WORDS` as a reason; a code alone will do."""
    text = typed.strip()
    head, colon, tail = text.partition(":")
    code = head.strip().casefold()
    named = code in REASON_CODES and (bool(colon) or not tail)
    code, words = (code, tail.strip()) if named else (default, text)
    if not words and (not named or code == "other"):
        return Refusal(
            "reason", f"Say why, in words; you may begin with one of: {', '.join(REASON_CODES)}, and a colon."
        )
    return short_enough(words) or Reason(code, words or None)


def short_enough(words: str) -> Refusal | None:
    """Why these words cannot be kept whole; None if they can."""
    if len(words) > MAX_VALUE:
        return Refusal("too-long", f"Say it in at most {MAX_VALUE} characters; nothing was taken.")
    return None
