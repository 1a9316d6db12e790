"""What can be done to something in the trace: set it apart, let it go again, call it back, read a run through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from checklist.clinic.identifiers.recalling import EQUIPMENT
from checklist.clinic.identifiers.returning import ENDS
from checklist.run import rights
from checklist.run.marks import Look
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.form import Answers, Form
from checklist.tui.help import Reading
from checklist.tui.marks import mark
from checklist.tui.say import row, say
from checklist.tui.tracing import recall_reads
from checklist.tui.tracing.trace_reads import BLOCKABLE, RUN
from checklist.tui.walker.reasons import KEPT, reason_of, reason_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.content import Content

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.run.events import Reason
    from checklist.tui.tracing.recall_reads import Recalled
    from checklist.tui.tracing.trace import TraceFace
    from checklist.tui.tracing.trace_reads import Node

T = TypeVar("T")

_FOR_GOOD: Final = "Every gate and every scan refuses it from now on. Its recall is never taken back."
_MACHINE: Final = f"No load is made in it from now on. {ENDS}"
_FOR_NOW: Final = "Every gate and every scan refuses it until a lead lets it go."
_RETURNS: Final = f"It may be used again, and the record says who said so. {ENDS}"
_LET_GO: Final = "It may be used again, and the record says who said so."
_SINCE: Final = (
    "Every load of this machine since the load of its last negative spore test is called back, and the machine is "
    "blocked. Where there never was a negative test, every load that it ever made."
)


def act_keys(face: TraceFace) -> Sequence[Key]:
    """The keys that do something to what is highlighted."""
    from checklist.tui.help import show_help
    from checklist.tui.tracing.trace_asking import open_trace
    from checklist.tui.walker.steps import look_at

    node, desk = face.node, face.desk
    state = node.state.partition(" ")[0]
    blockable = "" if node.kind in BLOCKABLE else "Only a load, lot, pack or other thing, or a machine, is set apart."
    machine = node.kind == EQUIPMENT
    gone = "It is recalled already." if machine else "It is recalled already: nothing may use it, for good."
    gone = gone if state == "recalled" else ""
    run_off = "" if node.kind == RUN else "Only a run can be read through."
    keys = []
    if state == "quarantined":
        keys.append(Key("f2", "END QUARANTINE", lambda: _end_quarantine(face, node)))
    elif state == "recalled" and machine:
        keys.append(Key("f2", "END RECALL", lambda: _end_recall(face, node)))
    else:
        keys.append(Key("f2", "QUARANTINE", lambda: _quarantine(face, node), blockable or gone))
    keys.append(Key("f3", "RECALL", lambda: _recall(face, node), blockable or gone))
    keys.append(Key("f4", "TRACE OTHER", lambda: open_trace(desk)))
    if machine:
        keys.append(Key("f6", "SINCE LAST NEGATIVE", lambda: _since(face, node)))
    if desk.who is not None:
        keys.append(Key("f7", "LOCK", desk.lock))
    keys.append(Key("f8", "STEPS", lambda: look_at(desk, node.value), run_off))
    keys.append(Key("f9", "EMERGENCY", desk.emergency))
    keys.append(Key("f1", "HELP", lambda: show_help(desk, "trace")))
    return keys


async def _quarantine(face: TraceFace, node: Node) -> None:
    title = f"QUARANTINE  {node.words}"
    done = await _ask(face, node, title, _FOR_NOW, Act.QUARANTINE, recall_reads.quarantine, "QUARANTINE")
    if done is not None:
        face.tell(f"{node.words} is in quarantine, as entry {done.place} says.")


async def _end_quarantine(face: TraceFace, node: Node) -> None:
    await _let_go(face, node, f"END THE QUARANTINE OF  {node.words}", _LET_GO)


async def _end_recall(face: TraceFace, node: Node) -> None:
    await _let_go(face, node, f"END THE RECALL OF  {node.words}", _RETURNS)


async def _let_go(face: TraceFace, node: Node, title: str, note: str) -> None:
    done = await _ask(face, node, title, note, Act.END_QUARANTINE, recall_reads.end_quarantine, "LET IT GO")
    if done is not None:
        face.tell(f"{node.words} may be used again, as entry {done.place} says.")


async def _recall(face: TraceFace, node: Node) -> None:
    title = f"RECALL  {node.words}"
    note = _MACHINE if node.kind == EQUIPMENT else _FOR_GOOD
    done = await _ask(face, node, title, note, Act.RECALL, recall_reads.recall, "RECALL")
    if done is not None:
        await _show(face, done)


async def _since(face: TraceFace, node: Node) -> None:
    """What it would call back is shown before anybody signs in for it."""
    if not await face.desk.keeper.call(recall_reads.steriliser, node.value):
        face.refuse("Only a steriliser has spore tests.")
        return
    found = await face.desk.keeper.call(recall_reads.foreseen, node.value, face.desk.who)
    if isinstance(found, Refusal):
        face.refuse(found.message)
        return
    if not await face.desk.ask(Foreseen([*_lines(found, "THIS WOULD CALL BACK: ", (_SINCE,))], "  ")):
        return
    title = f"RECALL ALL LOADS SINCE THE LAST NEGATIVE TEST OF  {node.words}"
    done = await _ask(face, node, title, _SINCE, Act.RECALL, recall_reads.since_negative, "RECALL THEM")
    if done is not None:
        await _show(face, done)


async def _ask(
    face: TraceFace,
    node: Node,
    title: str,
    note: str,
    act: Act,
    record: Callable[[Clinic, str, str, Reason, SignedIn], T | Refusal],
    does: str,
) -> T | None:
    """Ask for the reason and record it, in the name of whoever is signed in; None where they went back or may not."""
    desk = face.desk
    who = await desk.signed_in()
    if refusal := rights.refusal(act, who.person.roles):
        face.refuse(refusal.message)
        return None

    async def submit(answers: Answers) -> T | Refusal:
        return await desk.keeper.once(record, node.kind, node.value, reason_of(answers), who)

    form: Form[T] = Form(title, reason_parts(), submit, does=does, about=[say(note, "bold")], note=KEPT)
    done = await desk.ask(form)
    if done is not None:
        await face.reload()
    return done


async def _show(face: TraceFace, done: Recalled) -> None:
    """What it came to, and the list that it asks for, which may be started from here."""
    from checklist.tui.starting import start_run

    told, follows = [ENDS if done.machine else _FOR_GOOD], done.asks_for
    if follows is None:
        await face.desk.ask(Reading([*_lines(done, "RECALLED: ", told)], "  "))
        return
    told.append(f"Its list {'is open' if follows.run else 'waits on the board'}: {follows.title}.")
    if not await face.desk.ask(Followed([*_lines(done, "RECALLED: ", told)], open_already=follows.run is not None)):
        return
    if follows.run is not None:
        await face.desk.walk(follows.run)
    else:
        await start_run(face.desk, follows.protocol, follows.subject)


class Foreseen(Reading):
    """What a recall would come to: nothing is recorded yet."""

    def advice(self) -> str:
        """That it is only looked at."""
        return "Nothing is recorded yet. Arrows and PgDn show more."

    def keys(self) -> Sequence[Key]:
        """Go on to the reason, or back."""
        return (
            Key("enter", "RECALL THEM", lambda: self.answer(result=True)),
            Key("escape", "BACK, NOTHING RECORDED", lambda: self.answer(result=False)),
        )

    def find(self, name: str) -> Key | None:
        """Ctrl+Q goes back too."""
        return Face.find(self, "escape" if name == "ctrl+q" else name)


class Followed(Reading):
    """What a recall came to, and the way to its list."""

    def __init__(self, lines: Sequence[Content], *, open_already: bool) -> None:
        """`open_already` is whether somebody is walking that list."""
        super().__init__(lines, "  ")
        self._does = "GO ON WITH ITS LIST" if open_already else "START ITS LIST"

    def advice(self) -> str:
        """Where the list is found later."""
        return "Esc leaves its list on the board. Arrows and PgDn show more."

    def keys(self) -> Sequence[Key]:
        """Its list, or back."""
        return (
            Key("enter", self._does, lambda: self.answer(result=True)),
            Key("escape", "BACK", lambda: self.answer(result=False)),
        )

    def find(self, name: str) -> Key | None:
        """Ctrl+Q goes back too."""
        return Face.find(self, "escape" if name == "ctrl+q" else name)


_NONE: Final = say("none that the record knows of")


def _lines(done: Recalled, begins: str, notes: Sequence[str]) -> Iterator[Content]:
    """What a recall came to, or would, in the order in which it is dealt with."""
    yield row(mark(Look.BLOCKED), say(f" {begins}{', '.join(done.things) or 'nothing'}", "bold"))
    yield from (say(one) for one in notes)
    if done.since:
        yield say(done.since)
    yield from (say(" "), say(f"FIND WHAT IS LEFT OF THESE FIRST ({done.count})", "$ink bold"))
    yield from [say(f"[ ] {one}", "bold") for one in done.left] or [_NONE]
    yield from (say(" "), say(f"VISITS THAT IT REACHED ({len(done.visits)})", "$ink bold"))
    yield from [say(f"[ ] {one}", "bold") for one in done.visits] or [_NONE]
