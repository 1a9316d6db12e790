"""The one line in which all keys wait: each goes to the screen and the step it was meant for, in order, once.

While something is being recorded, keys wait; what was meant for a step that has closed since does nothing. A
scanner's burst and a held Enter are told from deliberate keys here, for every screen alike.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from textual.content import Content
from textual.screen import ModalScreen

from checklist.trace.wedge import as_shown
from checklist.tui.bars import ALTERNATIVES
from checklist.tui.guard import SETTLE, Verdict
from checklist.tui.press import Press

if TYPE_CHECKING:
    from checklist.tui.app import Desk
    from checklist.tui.face import Face

PASTED_MOST: Final = 500
COVERED_MOST: Final = 30.0
"""For how many seconds what was typed for a screen is kept while another one covers it."""
_ACTING: Final = frozenset({"escape", "ctrl+q", *(f"f{number}" for number in range(1, 10))})
_BY_ALTERNATIVE: Final = {alternative: key for key, alternative in ALTERNATIVES.items()}


class KeyLine:
    """Keys on their way. `busy` counts the actions under way that must end before the next key counts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.busy = 0
        self.waiting: deque[Press] = deque()
        self.covered: list[Press] = []
        """Typed for a screen that something else came to cover; it never holds up the keys behind it."""
        self.settling: Press | None = None

    @property
    def idle(self) -> bool:
        """Whether no key waits and nothing is under way."""
        return not self.busy and not self.waiting and self.settling is None

    def hold(self) -> None:
        """Let keys wait."""
        self.busy += 1

    def let_go(self) -> None:
        """Let them go on."""
        self.busy -= 1
        self._drain()

    def forget(self) -> None:
        """Leave out every key that waits: whoever comes next did not press it."""
        self.waiting.clear()
        self.covered.clear()
        self.settling = None

    def pasted(self, text: str, at: float) -> None:
        """Text was pasted: its first line, as if it were typed."""
        self._desk.guard.typed(at)
        lines = as_shown(text).strip("\r\n\t").splitlines()
        if lines:
            self._in_line(Press("", lines[0][:PASTED_MOST], at=at))

    def arrived(self, key: str, character: str | None, at: float) -> None:
        """A key was pressed or touched, at that moment of the desk's clock."""
        key = _BY_ALTERNATIVE.get(key, key)
        if character is not None:
            self._desk.guard.typed(at)
            self._in_line(Press("", character, at=at))
        elif key == "ctrl+right_square_bracket":
            self._desk.guard.typed(at)
            self._in_line(Press("", "\x1d", at=at))
        elif key == "enter":
            verdict = self._desk.guard.enter(at)
            if verdict is Verdict.HELD:
                self.settling = None
                for press in self.waiting:
                    press.held()
            self._in_line(Press(key, verdict=verdict, at=at))
        else:
            self._in_line(Press(key, verdict=self._desk.guard.key(at), at=at))

    def _in_line(self, press: Press) -> None:
        face = self._desk.face
        if face is None:
            return
        press.face, press.tag = face, face.tag()
        press.after_text = any(waiting.text for waiting in self.waiting)
        if self.settling is not None:
            settled, self.settling = self.settling, None
            settled.verdict = Verdict.GO
            self.waiting.append(settled)
        self.waiting.append(press)
        self._drain()

    def _drain(self) -> None:
        self._uncover()
        while self.waiting and not self.busy:
            press, face = self.waiting[0], self._desk.face
            if press.face is not face and press.text and face is not None:
                if not face.FOLLOWED and press.face in self._desk.screen_stack:
                    # Under a notice it is seen again soon; under another screen it was typed blind, and is left out.
                    covered = self.waiting.popleft()
                    if isinstance(face, ModalScreen):
                        self.covered.append(covered)
                    continue
                press.face = face if face.FOLLOWED else press.face
            self.waiting.popleft()
            if press.face is face:
                self._apply(press)

    def _uncover(self) -> None:
        """Put what was typed for the screen that is seen again back in front; forget what is no longer fresh."""
        now, face = self._desk.guard.now(), self._desk.face
        fresh = [press for press in self.covered if now - press.at < COVERED_MOST]
        self.waiting.extendleft(reversed([press for press in fresh if press.face is face]))
        self.covered = [press for press in fresh if press.face is not face]

    def _apply(self, press: Press) -> None:
        face = press.face
        if face is None or (face.too_small and press.key != "ctrl+q"):
            return
        face.message = Content("")
        if press.text:
            face.typed(press.text, press.at)
        elif press.key == "enter":
            self._enter(face, press)
        elif press.key in _ACTING:
            if press.verdict is not Verdict.GO:
                face.refuse("That key came with the typing, as from a scanner. Press it by itself.")
            elif press.tag == face.tag():
                self._do_key(face, press.key)
        else:
            face.moved(press.key)
        if not self.busy:
            # What was begun shows itself when it is done: both are painted in one frame.
            face.show_bars()

    def _enter(self, face: Face[Any], press: Press) -> None:
        stale = press.tag != face.tag()
        if face.enter_takes() and (not stale or press.after_text):
            face.take()
        elif stale:
            face.tell("An Enter that was meant for the step before was left out.")
        elif press.verdict is Verdict.SETTLE and self._desk.guard.now() - press.at < SETTLE:
            self.settling = press
            self._desk.set_timer(SETTLE, lambda: self._settle(press))
        elif press.verdict in (Verdict.GO, Verdict.SETTLE):
            self._do_key(face, "enter")
        else:
            face.hurried(press.verdict.value)

    def _settle(self, press: Press) -> None:
        if self.settling is press:
            self.settling = None
            press.verdict = Verdict.GO
            self.waiting.append(press)
            self._drain()

    def _do_key(self, face: Face[Any], name: str) -> None:
        key = face.find(name)
        if key is None:
            return
        if key.off:
            face.refuse(key.off)
        else:
            self._desk.act(key.act)
