"""What the auditor's screens have in common: a few lines of summary, one list to look through, letters as keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.tui.auditing.letters import MOVES, Lettered
from checklist.tui.bars import Key
from checklist.tui.lines import Lines
from checklist.tui.rows import Item, Rows
from checklist.tui.say import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.content import Content
    from textual.widget import Widget


class Listed(Lettered[bool]):
    """A list under a summary. It records nothing."""

    DEFAULT_CSS = "Listed #summary { height: auto; padding: 0 1; }"
    HELP = ""
    """Under which name the help knows the keys of this screen."""

    def body(self) -> Iterable[Widget]:
        """The summary, and the list."""
        yield Lines(id="summary")
        yield Rows(classes="body")

    # -- for each screen to say -----------------------------------------------------------------------------

    def summary(self) -> Sequence[Content]:
        """What stands above the list."""
        return ()

    def items(self, width: int) -> Sequence[Item]:
        """What stands in it."""
        return ()

    def acts(self) -> Sequence[Key]:
        """The keys that do something to what is highlighted."""
        return ()

    # -- common ---------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Rows:
        """The list."""
        return self.query_one(Rows)

    @property
    def chosen(self) -> str:
        """What is highlighted; empty where nothing is."""
        return (self.rows.chosen if self.is_mounted else None) or ""

    def tag(self) -> str:
        """What a key would act on."""
        return self.chosen

    def refreshed(self) -> None:
        """Fill summary and list."""
        width = max(self.size.width - 2, 40)
        self.query_one("#summary", Lines).show(
            [line for each in self.summary() for line in wrapped(each, width, "    ")]
        )
        self.rows.show(self.items(self.rows.size.width or width), first=True)

    def keys(self) -> Sequence[Key]:
        """What this screen does, then what every screen does."""
        from checklist.tui.help import show_help

        keys = [*self.acts()]
        if self.desk.who is not None:
            keys.append(Key("f7", "LOCK", self.desk.lock))
        keys.append(Key("f9", "EMERGENCY", self.desk.emergency))
        keys.append(Key("f1", "HELP", lambda: show_help(self.desk, self.HELP)))
        keys.append(Key("escape", "BACK", self.leave))
        return keys

    def find(self, name: str) -> Key | None:
        """Ctrl+Q goes back too."""
        return super().find("escape" if name == "ctrl+q" else name)

    def moved(self, key: str) -> None:
        """Look through the list."""
        if key in MOVES and self.field is None:
            page = self.rows.page
            by = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -9999, "end": 9999}[key]
            self.rows.move(by)
        else:
            super().moved(key)

    def leave(self) -> None:
        """Back to where it was come from."""
        self.answer(None)
