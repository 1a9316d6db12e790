"""A run as a story: what `record.show` knows of it, in the words in which every face tells it.

Pure: from those keys to lines, each in parts that a face joins as it likes. Knows neither marks nor widths, nor how
anything was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from checklist.protocol.units import display
from checklist.run.lasting import lasted
from checklist.run.paper import Paper, from_paper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checklist.clinic.service import Clinic

Line: TypeAlias = tuple[str, ...]

HIDDEN: Final = "hidden until the second person has read it for themselves"
NOTHING_TO_DO: Final = "The program makes the next number."
"""What stands for the words of a step that has none."""
_VERDICTS: Final = {"pass": "good", "unexpected": "not as expected", "fail": "failed"}
_WITH_REASON: Final = ("skipped", "not-applicable", "failed", "overridden")
"""How a step stands that has a reason of its own: of one that was put off or corrected, that line says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """One step. `before` is what happened to the run before it; `closing` how it ended; `more` everything on the way
    there."""

    id: str
    number: int
    phase: str
    title: str
    state: str
    wanted: str
    value: str
    who: str
    before: tuple[Line, ...]
    closing: Line
    more: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One run. `head` stands before its steps; `after` is what happened after the last of them."""

    head: tuple[str, ...]
    overridden: tuple[str, ...]
    steps: tuple[Told, ...]
    after: tuple[Line, ...]
    said: tuple[str, ...]


def story(clinic: Clinic, told: Mapping[str, Any], *, short: bool = False) -> Story:
    """The story of a run that was shown (`record.show`). `short` leaves out of its times the day on which it began."""
    teller = _Teller(clinic, told, short=short)
    turns = [(each["before"], teller.turn(each)) for each in told["turns"]]
    known = {step["id"] for step in told["steps"]}
    return Story(
        head=tuple(teller.head()),
        overridden=tuple(teller.overrides()),
        steps=tuple(
            teller.step(step, tuple(line for before, line in turns if before == step["id"])) for step in told["steps"]
        ),
        after=tuple(line for before, line in turns if before not in known),
        said=tuple(f"At {each['of']}: {said_line(clinic, each)}" for each in told["remarks"]),
    )


def said_line(clinic: Clinic, said: Mapping[str, Any]) -> str:
    """A remark, question, answer or review in one line; of a review for how long it was read on a screen."""
    rule = f" of {said['rule']}" if said["rule"] else ""
    words = said["words"] or "(words erased)"
    own = ", who had a hand in it" if said["own"] else ""
    shown = f", {said['shown']}" if said["shown"] else ""
    who = f"by {clinic.name_of(said['by'])}{own}, {local(clinic, said['at'])}{shown}"
    return f"{said['about']}{rule} ({said['entry']}) {who}: {words}"


def local(clinic: Clinic, at: object, *, beside: object = "", named: bool = False) -> str:
    """A time of the record by the clinic's clock, to the second; without its day where that is the day of `beside`, and
    `named` with its zone, for a line that stands by itself."""
    zone = ZoneInfo(clinic.settings.clinic.timezone)
    moment = datetime.fromisoformat(str(at)).astimezone(zone)
    if beside and datetime.fromisoformat(str(beside)).astimezone(zone).date() == moment.date():
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}" if named else f"{moment:%Y-%m-%d %H:%M:%S}"


def amount(value: object, unit: object) -> str:
    """A value with its unit, as people write it; empty where there is none."""
    if value is None:
        return ""
    return f"{value} {display(unit) if isinstance(unit, str) and unit else ''}".strip()


class _Teller:
    """What all lines of one story need: names, the clinic's clock, how the run came."""

    def __init__(self, clinic: Clinic, told: Mapping[str, Any], *, short: bool) -> None:
        self._clinic = clinic
        self._told = told
        self._beside = told["started"] if short else ""
        self._station = str(told["run"]).partition("#")[0]

    def head(self) -> Iterator[str]:
        """How it came to be recorded, and why it was left."""
        paper, later, ending = self._told["paper"], self._told["attributed"], self._told["ending"]
        if paper is not None:
            written = Paper(str(paper["began"]), str(paper["ended"]))
            yield f"This run was {from_paper(written, self._clinic.settings.clinic.timezone)}."
        if later is not None:
            said = f"Done without signing in; {later['name']} said so of themselves (attributed afterwards)"
            yield f"{said}, {self._when(later['at'])}"
        if ending is not None and ending["what"] != "completed":
            by = f" by {self._name(ending['by'])}" if ending["by"] else ""
            why = f": {ending['reason']}" if ending["reason"] else ""
            yield f"{ending['what'].upper()}{by}, {self._when(ending['at'])}{why} ({self._entry(ending)})"

    def overrides(self) -> Iterator[str]:
        """What was passed all the same."""
        for each in self._told["overrides"]:
            two = f"by {self._name(each['by'])} with {self._name(each['witness'])}"
            where = f"{each['step']} in “{each['title']}” ({each['run']})"
            yield f"OVERRIDDEN: {where}, {two}, {self._when(each['at'])}"

    def turn(self, each: Mapping[str, Any]) -> Line:
        """A pause, a resumption, a hand-over, or an end after which it went on."""
        by = f" by {self._name(each['by'])}" if each["by"] else ""
        what = {
            "handed-over": f"HANDED OVER from {self._name(each['from'])} to {self._name(each['to'])}",
            "completed": f"ENDED {each['outcome']}",
        }.get(each["what"], f"{each['what'].upper()}{by}")
        return self._line(what, self._when(each["at"]), self._via(each), self._entry(each))

    def step(self, step: Mapping[str, Any], before: tuple[Line, ...]) -> Told:
        """One step with everything that is known of it."""
        value = HIDDEN if step["hidden"] else amount(step["value"], step["unit"])
        return Told(
            id=step["id"],
            number=step["number"],
            phase=step["phase"],
            title=step["title"] or NOTHING_TO_DO,
            state=step["state"],
            wanted=step["wanted"],
            value=value,
            who=self._who(step),
            before=before,
            closing=self._closing(step, value),
            more=tuple(self._more(step)),
        )

    def _closing(self, step: Mapping[str, Any], value: str) -> Line:
        if step["entry"] is None or (step["state"] == "deferred" and step["put_off"]):  # its own line tells that
            return ()
        return self._line(
            value,
            step["input"] if value else "",
            f"{step['attempts']} attempts" if step["attempts"] > 1 else "",
            self._who(step),
            self._when(step["at"]),
            self._took(step["seconds"]),
            self._via(step),
            self._entry(step),
        )

    def _more(self, step: Mapping[str, Any]) -> Iterator[Line]:
        if step["reason"] and step["state"] in _WITH_REASON:
            yield (f"reason: {step['reason']}",)
        if step["sensed"] is not None:
            yield (f"the printout says {amount(step['sensed'], step['unit'])}",)
        yield from self._put_off(step)
        yield from self._signatures(step)
        yield from self._tries(step)
        yield from self._corrected(step)

    def _put_off(self, step: Mapping[str, Any]) -> Iterator[Line]:
        for each in step["put_off"]:
            until = f"until {local(self._clinic, each['until'])} " if each["until"] else ""
            why = f": {each['reason']}" if each["reason"] else ""
            what = f"PUT OFF {until}{self._by(each['by'])}{why}"
            yield self._line(what, self._when(each["at"]), self._took(each["seconds"]), self._entry(each))

    def _signatures(self, step: Mapping[str, Any]) -> Iterator[Line]:
        """Those that were asked for again, then the one in force with what it was proved by."""
        for each in step["signed_before"]:
            yield (f"signed before: {each['name']}", self._when(each["at"]), each["meaning"], _again(each))
        signed = step["signed"]
        if signed is not None:
            proof = " and ".join(signed["factors"]) or "nothing"
            yield (f"signed: {signed['name']}", self._when(signed["at"]), f"{signed['meaning']} (proved by {proof})")

    def _tries(self, step: Mapping[str, Any]) -> Iterator[Line]:
        """Every value that was given, unless the first one stands; and what was said between them."""
        notes, tries = [*step["notes"]], step["tries"]
        plain = len(tries) == 1 and tries[0]["verdict"] == "pass" and not tries[0]["corrected"]
        for number, each in enumerate(() if plain else tries, 1):
            while notes and notes[0]["entry"] < each["entry"]:
                yield self._noted(notes.pop(0))
            stands = each["entry"] == step["entry"]
            verdict = _VERDICTS.get(each["verdict"], each["verdict"])
            off = f", {each['why']}" if each["why"] else ""
            yield self._line(
                f"attempt {number}: {amount(each['value'], step['unit']) or 'done'}, {verdict}{off}",
                self._by(each["by"], each["witness"]),
                self._when(each["at"]),
                "THIS STANDS" if stands else f"TAKEN BACK, {_again(each)}" if each["corrected"] else "",
                "" if stands else self._entry(each),
            )
        for each in notes:
            yield self._noted(each)

    def _noted(self, note: Mapping[str, Any]) -> Line:
        return (f"{note['about']}: {note['words'] or '(words erased)'}", self._by(note["by"]))

    def _corrected(self, step: Mapping[str, Any]) -> Iterator[Line]:
        """What the step said before somebody corrected it, and what it says since."""
        for each in self._told["corrections"]:
            if each["step"] == step["id"]:
                why = f" ({each['was_reason']})" if each["was_reason"] else ""
                was = each["was"] or f"{each['was_state'] or 'done'}{why}"
                since = each["now"] or each["state"] or "not asked again yet"
                who = self._by(each["by"], each["witness"])
                told = f"CORRECTED: was {was}, now {since}"
                yield self._line(told, who, self._when(each["at"]), each["reason"] or "", self._entry(each))

    def _who(self, step: Mapping[str, Any]) -> str:
        return "" if step["entry"] is None else self._by(step["by"], step["witness"])

    def _by(self, by: str | None, witness: str | None = None) -> str:
        later = self._told["attributed"]
        second = f" with {self._name(witness)}" if witness else ""
        if by is not None:
            return f"by {self._name(by)}{second}"
        return (f"by {later['name']} (attributed afterwards)" if later else "by nobody who signed in") + second

    def _name(self, who: str | None) -> str:
        return self._clinic.name_of(who)

    def _when(self, at: object) -> str:
        return local(self._clinic, at, beside=self._beside)

    def _entry(self, each: Mapping[str, Any]) -> str:
        return f"entry {self._station}#{each['entry']}"

    def _via(self, each: Mapping[str, Any]) -> str:
        return f"via {each['via']}" if each["via"] not in (None, self._told["via"]) else ""

    @staticmethod
    def _took(seconds: float | None) -> str:
        return f"took {lasted(seconds)}" if seconds is not None else ""

    @staticmethod
    def _line(*parts: str) -> Line:
        return tuple(part for part in parts if part)


def _again(each: Mapping[str, Any]) -> str:
    """Why what was said or signed no longer stands."""
    return f"corrected: {each['corrected']}" if each["corrected"] else "asked again for what had been put off"
