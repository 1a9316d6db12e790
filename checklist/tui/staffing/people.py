"""Who is at the screen: signing in, by name or badge, and giving the place to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from checklist.run.rights import Act
from checklist.tui import reads
from checklist.tui.bars import Key
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form, Part
from checklist.tui.keeper import GaveUpError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checklist.clinic.people.staff import Reset
    from checklist.clinic.service import SignedIn
    from checklist.run.reading import Refusal
    from checklist.tui.app import Desk

T = TypeVar("T")

_EMERGENCY_KEY: Final = ("f9", "EMERGENCY")
_CODE_KEY: Final = ("f3", "RECOVERY CODE")
_NOTE: Final = "Everything that is recorded from now on carries this name."


class EmergencyError(GaveUpError):
    """The person went to an emergency protocol instead."""


async def sign_in(desk: Desk, begun: tuple[str, float] | None = None, note: str = _NOTE) -> SignedIn:
    """Ask who is here; whoever was signed in before is signed out. `begun` is what was typed already, with its moment.

    Raises GaveUpError when they go back.
    """
    names = await desk.keeper.call(reads.people)

    async def submit(answers: Answers) -> SignedIn | Refusal:
        return await desk.keeper.call(reads.sign_in, answers["name"], answers["secret"])

    def form(*more: Key) -> Form[SignedIn]:
        title, parts = "WHO IS AT THIS SCREEN?", person_parts(names, "NAME OR BADGE")
        return Form(title, parts, submit, does="SIGN IN", note=note, back="BACK", begun=begun, more=more)

    found = await _ask(desk, form, _CODE_KEY, _EMERGENCY_KEY)
    if found == _CODE_KEY[0]:
        await _recover(desk)
        return await sign_in(desk, None, note)
    if found is None or isinstance(found, str):
        raise GaveUpError
    before, desk.who = desk.who, found
    if before is not None:
        await desk.keeper.quietly(reads.sign_out, before)
    return found


async def _ask(desk: Desk, make: Callable[..., Form[T]], *keys: tuple[str, str]) -> T | str | None:
    """Ask with a form that other keys can end, too: its answer, or that key. Raises EmergencyError."""
    pressed: list[str] = []

    def end_by(key: str) -> Callable[[], None]:
        def end() -> None:
            pressed.append(key)
            form.answer(None)

        return end

    form = make(*(Key(key, label, end_by(key)) for key, label in keys))
    found = await desk.ask(form)
    if _EMERGENCY_KEY[0] in pressed:
        from checklist.tui.emergency import open_emergency

        await open_emergency(desk)
        raise EmergencyError
    return pressed[0] if pressed else found


async def _recover(desk: Desk) -> None:
    """A lead whom no other lead is there to unlock ends their own lock, with the recovery code from its paper."""
    from checklist.tui.paper import NEXT_CODE, KeepSafe

    leads = await desk.keeper.call(reads.people, Act.RESET)

    async def submit(answers: Answers) -> Reset | Refusal:
        return await desk.keeper.once(reads.recover, answers["name"], answers["secret"], answers["code"])

    def form(*more: Key) -> Form[Reset]:
        title, parts = "END YOUR OWN LOCK", (*person_parts(leads, "NAME OR BADGE"), CODE_LINE)
        note = "For a lead who is locked out and has no other lead to ask. The secret itself must be right."
        return Form(title, parts, submit, does="END THE LOCK", note=note, back="BACK", more=more)

    done = await _ask(desk, form, _EMERGENCY_KEY)
    if done is not None and not isinstance(done, str) and done.recovery is not None:
        await desk.ask(KeepSafe(((NEXT_CODE, done.recovery),)))


CODE_LINE: Final = Line("code", "RECOVERY CODE", "Type the recovery code from its paper.", hidden=True)


def person_parts(
    names: Sequence[tuple[str, str]], label: str, chosen: str | None = None, *, asked: bool = False
) -> tuple[Part, ...]:
    """A name to choose, by hand or by a badge, and the secret that belongs to it. `asked`: the name is asked for even
    where there is only one, or whoever gives it by habit gives it for the secret, and the secret in clear after it."""
    only = names[0][0] if len(names) == 1 else chosen
    return (
        Pick("name", label, tuple(names), narrow=True, chosen=only, badged=True, asked=asked),
        Line("secret", "SECRET", "Type the secret that belongs to this name.", secret=True),
    )
