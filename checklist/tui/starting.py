"""Starting a protocol: which one, about what, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from checklist.run.reading import Refusal
from checklist.tui import reads
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.keeper import UnknownError

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.tui.app import Desk, Errand

P = ParamSpec("P")
T = TypeVar("T")


async def do_errand(desk: Desk, errand: Errand) -> None:
    """Do what the program was started for."""
    if errand.run:
        await desk.walk(errand.run)
    else:
        await start_run(desk, errand.protocol, errand.subject, visit=errand.session)


async def choose_protocol(desk: Desk, letters: str = "") -> None:
    """Ask for a protocol by part of its name, and start it."""
    offered = await desk.keeper.call(reads.offered)

    async def submit(answers: Answers) -> str | Refusal:
        return answers["protocol"]

    options = tuple((one.id, f"{one.title}  ({one.category})") for one in offered)
    form: Form[str] = Form(
        "START A PROTOCOL",
        (Pick("protocol", "WHICH ONE", options, narrow=True, begun=letters, first=True),),
        submit,
        does="START",
        back="BACK",
    )
    chosen = await desk.ask(form)
    if chosen is not None:
        await start_run(desk, chosen, "", kind=next(one.subject for one in offered if one.id == chosen))


async def start_run(desk: Desk, protocol: str, subject: str, kind: str = "", visit: str | None = None) -> None:
    """Start a run: sign in where nobody is, ask what it is about where that is not clear, and walk it."""
    who = await desk.signed_in()
    kind = kind or await subject_kind(desk, protocol)
    if subject.partition("=")[0] != kind:
        subject = ""
    if kind == "session":
        visit = await _visit_begun(desk, protocol, who, visit)
        if visit is None:
            return
    elif not subject:
        chosen = await ask_subject(desk, kind)
        if chosen is None:
            return
        subject = chosen
    page = await begun_once(desk, reads.begin, protocol, subject, who, visit)
    if isinstance(page, Refusal):
        (desk.face or desk.board).refuse(page.message)
    else:
        await desk.walk_page(page)


async def subject_kind(desk: Desk, protocol: str) -> str:
    """What kind of thing a protocol is about."""
    return next((one.subject for one in await desk.keeper.call(reads.offered) if one.id == protocol), "clinic")


async def ask_subject(desk: Desk, kind: str) -> str | None:
    """What a run is about: a room, a machine, the clinic; None where the person goes back."""
    subjects = desk.opened.settings.subjects(kind) if desk.opened is not None else []
    return subjects[0][0] if len(subjects) == 1 else await _which(desk, kind, subjects)


async def begun_once(desk: Desk, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Begin something, once. Where nobody can know whether it was, the board, read anew, shows what there is."""
    try:
        return await desk.keeper.once(fn, *args, **kwargs)
    except UnknownError:
        await desk.to_board()
        raise


async def _visit_begun(desk: Desk, protocol: str, who: SignedIn, named: str | None) -> str | None:
    """The id of the visit; a new one is opened before the run is begun, so that no second try opens another."""
    named = named or await _visit(desk)
    if named is None:
        return None
    found = await begun_once(desk, reads.visit, protocol, named, who)
    if isinstance(found, Refusal):
        (desk.face or desk.board).refuse(found.message)
        return None
    return found


async def _which(desk: Desk, kind: str, subjects: list[tuple[str, str]]) -> str | None:
    async def submit(answers: Answers) -> str | Refusal:
        return answers["subject"]

    asked = {"room": "WHICH ROOM", "equipment": "WHICH MACHINE"}.get(kind, "WHICH ONE")
    form: Form[str] = Form(
        f"{asked} IS IT ABOUT?",
        (Pick("subject", asked, tuple((key, f"{title}  ({key.partition('=')[2]})") for key, title in subjects)),),
        submit,
        does="START",
        back="BACK",
    )
    return await desk.ask(form)


async def _visit(desk: Desk) -> str | None:
    async def which(answers: Answers) -> str | Refusal:
        return answers["which"]

    ways = (("new", "a new visit"), ("known", "one that has begun, or that has a reference of yours"))
    chosen = await desk.ask(
        Form("WHICH VISIT IS IT ABOUT?", (Pick("which", "THE VISIT", ways),), which, does="GO ON", back="BACK")
    )
    if chosen != "known":
        return chosen

    async def named(answers: Answers) -> str | Refusal:
        return answers["visit"].strip()

    form: Form[str] = Form(
        "WHICH VISIT IS IT ABOUT?",
        (Line("visit", "NUMBER", "Type the visit's number or your own reference."),),
        named,
        does="START",
        note="The visit's number stands in the record in clear; your own reference never does.",
        back="BACK",
    )
    return await desk.ask(form)
