"""Starting a protocol: which one, about what, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from checklist.clinic.texts.offering import EMERGENCY, places, subjects
from checklist.run.reading import Refusal
from checklist.tui import reads
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.keeper import UnknownError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.run.paper import Paper
    from checklist.tui.app import Desk, Errand

P = ParamSpec("P")
T = TypeVar("T")


async def do_errand(desk: Desk, errand: Errand) -> None:
    """Do what the program was started for."""
    if errand.run:
        await desk.walk(errand.run)
    else:
        await start_run(desk, errand.protocol, errand.subject, "", errand.session, errand.paper, errand.sheet)


async def choose_protocol(desk: Desk, letters: str = "") -> None:
    """Ask for a protocol by part of its name, and start it."""
    from checklist.tui.picker import Picker

    offered = await desk.keeper.call(reads.offered)
    settings = desk.opened.settings if desk.opened is not None else None
    if settings is None:
        return
    seen = desk.board.page.glance if desk.board.page is not None else None
    due = {(one.protocol, one.subject) for one in (seen.due if seen is not None else ())}
    chosen = await desk.ask(Picker(places(settings, offered), letters, due))
    if chosen is not None and chosen.protocol.category == EMERGENCY:
        from checklist.tui.emergency import begin_emergency

        await begin_emergency(desk, chosen.protocol.id)
    elif chosen is not None:
        await start_run(desk, chosen.protocol.id, chosen.place.subject, kind=chosen.protocol.subject)


async def start_run(
    desk: Desk,
    protocol: str,
    subject: str,
    kind: str = "",
    visit: str | None = None,
    paper: Paper | None = None,
    sheet: str = "",
) -> None:
    """Start a run: sign in where nobody is, ask what it is about where that is not clear, and walk it."""
    who = await desk.signed_in()
    if paper is not None and not sheet:
        sheet = await _sheet(desk, protocol, paper) or ""
        if not sheet:
            return
    kind = kind or await subject_kind(desk, protocol)
    if subject.partition("=")[0] != kind:
        subject = ""
    if kind == "session":
        visit = await _visit_begun(desk, protocol, who, visit)
        if visit is None:
            return
    elif not subject:
        chosen = await ask_subject(desk, kind, protocol)
        if chosen is None:
            return
        subject = chosen
    page = await begun_once(desk, reads.begin, protocol, subject, who, visit, paper, sheet)
    if isinstance(page, Refusal):
        (desk.face or desk.board).refuse(page.message)
    else:
        await desk.walk_page(page)


async def subject_kind(desk: Desk, protocol: str) -> str:
    """What kind of thing a protocol is about."""
    return next((one.subject for one in await desk.keeper.call(reads.offered) if one.id == protocol), "clinic")


async def ask_subject(desk: Desk, kind: str, protocol: str = "") -> str | None:
    """What a run of this protocol is about: a room, a machine that fits, the clinic; None where the person goes back,
    or where there is none."""
    settings = desk.opened.settings if desk.opened is not None else None
    if settings is None:
        return None
    one = next((one for one in await desk.keeper.call(reads.offered) if one.id == protocol), None)
    found = [*subjects(settings, one)] if one is not None else settings.subjects(kind)
    if not found:
        what = {"room": "room", "equipment": "machine"}.get(kind, kind)
        (desk.face or desk.board).refuse(f"No {what} here fits it; a lead adds one to clinic.toml.")
        return None
    return found[0][0] if len(found) == 1 else await _which(desk, kind, found)


async def begun_once(desk: Desk, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Begin something, once. Where nobody can know whether it was, the board, read anew, shows what there is."""
    try:
        return await desk.keeper.once(fn, *args, **kwargs)
    except UnknownError:
        await desk.to_board()
        raise


async def _sheet(desk: Desk, protocol: str, paper: Paper) -> str | None:
    """The digest of the text that a sheet was printed from."""

    async def submit(answers: Answers) -> str | Refusal:
        return await desk.keeper.call(reads.sheet_known, protocol, answers["sheet"], paper)

    asked = Line("sheet", "SHA-256", "Type the 12 letters and digits after SHA-256 at the foot of the sheet.")
    return await desk.ask(Form("WHICH SHEET IS IT?", (asked,), submit, does="START", back="BACK"))


async def _visit_begun(desk: Desk, protocol: str, who: SignedIn, named: str | None) -> str | None:
    """The id of the visit; a new one is opened before the run is begun, so that no second try opens another."""

    async def begun(visit: str) -> str | Refusal:
        return await begun_once(desk, reads.visit, protocol, visit, who)

    if not named:
        return await _visit(desk, begun)
    found = await begun(named)
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


async def _visit(desk: Desk, begun: Callable[[str], Awaitable[str | Refusal]]) -> str | None:
    """Which visit it is."""
    from checklist.tui.clearing.gate_reads import open_visits
    from checklist.tui.visiting import VisitForm, visit_meant, visit_pick

    async def submit(answers: Answers) -> str | Refusal:
        return answers["visit"]

    visits = await desk.keeper.call(open_visits)
    title = "WHICH VISIT IS IT ABOUT?"
    named = await desk.ask(VisitForm(title, (visit_pick(desk, visits),), submit, does="START", back="BACK"))
    return await visit_meant(desk, named, "START", begun) if named is not None else None
