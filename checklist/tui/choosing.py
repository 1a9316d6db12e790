"""One thing to choose among several: with the arrows, with a digit or a number, or by letters that leave fewer.

A person is also chosen by a badge: what its reader types is never shown. Knows nothing of whose badge it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from checklist.protocol.text import MAX_VALUE
from checklist.trace.wedge import Burst
from checklist.tui.rows import Item, Rows
from checklist.tui.say import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.widget import Widget

_WORD: Final = re.compile(r"[^\W_]+")
_WORDING: Final = 1.0
"""Seconds in which a digit belongs to the words that are being typed: it chooses nothing."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One of several, as pairs of a key and its words. With `narrow` typed letters leave only what has them. Where they
    are not `numbered` from 1 on, their words begin with their key, and that is the number to type. Of people (`badged`)
    one is also meant by a badge. `headings`, where there are any, say for each option what it stands under. What is
    `asked` is asked for even where it is chosen already. What is typed and is no digit of a row belongs to the option
    `words`, if there is one, whose answer is then its key, a colon and what was typed."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    narrow: bool = False
    chosen: str | None = None
    begun: str = ""
    first: bool = False
    numbered: bool = True
    badged: bool = False
    headings: tuple[str, ...] = ()
    asked: bool = False
    words: str = ""
    ranks: tuple[int, ...] = ()
    """For each option how soon it comes among those that have the typed letters, the lowest first; without, and until
    letters are typed, they keep their order."""

    @property
    def under(self) -> tuple[tuple[str, str, str], ...]:
        """Each option's key and words, and its heading."""
        return tuple(
            (key, words, heading)
            for (key, words), heading in zip(self.options, self.headings or ("",) * len(self.options), strict=True)
        )


class Choosing(Vertical):
    """The widget of a `Pick`."""

    DEFAULT_CSS = "Choosing { height: auto; }"

    def __init__(self, part: Pick) -> None:
        super().__init__()
        self.part = part
        self.letters = part.begun
        self.signs = ""
        """What was typed by hand, where the part takes words: one digit of a row, or the words."""
        self._ranks = dict(zip((key for key, _ in part.options), part.ranks, strict=False))
        self.stuck = False
        """A letter came that no option has: more of them are not taken until the person looks up."""
        self.burst = Burst()
        self.words_at = float("-inf")
        """When words were typed last, where only digits count."""
        self._before = ""
        """The letters before the burst."""
        self._bearer = ("", "")
        self._label = Static(markup=False)
        self.rows = Rows()
        self.here = False

    def compose(self) -> Iterable[Widget]:
        """The label, and the options under it."""
        yield self._label
        yield self.rows

    def on_mount(self) -> None:
        """Fill the list."""
        self.narrow(self.letters)
        keys = [key for key, _ in self.part.options]
        if self.part.chosen in keys:
            self.rows.pick(keys.index(self.part.chosen))

    @property
    def answer(self) -> str:
        """What was chosen: its key, or the text of the badge by which it was."""
        chosen = self.rows.chosen or ""
        if self._words and chosen == self.part.words:
            return f"{chosen}:{self._words}"
        badge, bearer = self._bearer
        return badge if badge and bearer == chosen else chosen

    def typed(self, text: str, at: float) -> bool:
        """Digits choose, letters narrow, a badge waits in `burst` to be looked up; False where none has the letters."""
        if self.part.badged:
            if self.burst.add(text, at):
                self._before = self.signs if self.part.words else self.letters
            if self.burst.whole:
                self._restore()
                return True
        if self.part.words:
            self.sign(self.signs + text)
        elif not self.part.numbered:
            self.rows.pick_typed(text)
        elif not (self.part.narrow or self.part.badged) and (not text.isdecimal() or at - self.words_at < _WORDING):
            self.words_at = at
        elif text.isdecimal() and text.isascii() and len(text) == 1 and text != "0":
            self.rows.pick(int(text) - 1)
        elif self.part.narrow:
            return self.add(text)
        return True

    def _restore(self) -> None:
        """As it was before the burst, whose first signs looked like typing."""
        if self.part.words:
            self.sign(self._before)
        else:
            self.narrow(self._before)

    def sign(self, signs: str) -> None:
        """Take what was typed so far, where the part takes words: a second sign makes words of the digit before it, so
        that a number that is typed never chooses a row by its last digit."""
        self.signs = signs.lstrip()[:MAX_VALUE]
        keys = [key for key, _ in self.part.options]
        if self.signs:
            self.rows.pick(keys.index(self.part.words) if self._words else int(self.signs) - 1)
        self.label()

    @property
    def _words(self) -> str:
        """What was typed, unless it is no more than the digit of a row."""
        rows = [str(digit) for digit in range(1, min(len(self.part.options), 9) + 1)]
        return "" if self.signs in rows else self.signs.strip()

    def take_badge(self, badge: str, bearer: str) -> bool:
        """Choose whoever has this badge; False where they are not among those to choose."""
        keys = [key for key, _ in self.part.options]
        if bearer not in keys:
            return False
        self.narrow("")
        self._bearer = (badge, bearer)
        return self.rows.pick(keys.index(bearer))

    def add(self, text: str) -> bool:
        """Narrow by more letters; False where none has them."""
        return not self.stuck and self.narrow((self.letters + text)[:40])

    def narrow(self, letters: str) -> bool:
        """Leave only the options that have these letters; False, and nothing changes, where none has.

        So a secret that is typed here by mistake is not shown. What differs only in its heading (a room) is never
        chosen for the person: which one it is decides what is recorded.
        """
        wanted = letters.casefold().split()
        left = [one for one in self.part.under if all(any(word in text.casefold() for text in one) for word in wanted)]
        if letters and not left:
            self.stuck = True
            return False
        if wanted and self.part.ranks:
            left.sort(key=lambda one: self._rank(one, wanted))
        self.letters = letters
        alike = len(left) > 1 and len({words for _, words, _ in left}) == 1
        self.rows.show([*self._items(left)] or [Item(say("There is none."))], keep=not alike)
        if left and not alike and (self.part.first or (letters and len(left) == 1)):
            self.rows.pick(self.rows.index or 0)
        self.label()
        return True

    def _rank(self, option: tuple[str, str, str], wanted: Sequence[str]) -> tuple[int, int]:
        """What begins with the letters comes first, then what has a word that does, then what only stands under a
        heading with them; of what is alike in that, what is wanted soonest."""
        key, words, _ = option
        rank, names = self._ranks[key], (words.casefold(), key.partition(" ")[0].casefold())
        found = [each for name in names for each in _WORD.findall(name)]
        near = [sum(any(each.startswith(one) for each in some) for some in (names, found)) for one in wanted]
        return -sum(near), rank

    def _items(self, left: Sequence[tuple[str, str, str]]) -> Iterator[Item]:
        before = ""
        for number, (key, words, heading) in enumerate(left, 1):
            if heading != before:
                before = heading
                yield Item(say(heading, "bold"))
            digit = (f"{number}  " if number < 10 else "   ") if self.part.numbered else ""
            yield Item(say(f"{digit}{words}"), key, "   ")

    def label(self) -> None:
        """Say what is asked, and which letters were typed; once the next thing is asked only what was chosen."""
        self.rows.display = self.here
        if not self.here:
            chosen = dict(self.part.options).get(self.rows.chosen or "", "")
            self._label.update(Content.assemble(say(f"{self.part.label}  ", "$ink-calm"), say(chosen, "bold")))
            return
        typed = f"   letters: {self.letters}" if self.letters else f"   typed: {self.signs}" if self.signs else ""
        numbers = "1-9" if self.part.numbered else "its number"
        more = "letters" if self.part.narrow else "type it" if self.part.words else ""
        ways = f"arrows, {numbers} or {more}" if more else f"arrows or {numbers}"
        self._label.update(Content.assemble(say(self.part.label, "$ink-now bold"), say(f"  ({ways}){typed}")))
