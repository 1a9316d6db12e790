"""The dialog of a second person who reads a label for themselves: typed field by field, or scanned as one code."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from checklist.run.reading import Refusal
from checklist.tui.field import FieldRow
from checklist.tui.form import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.trace.scan import Scanned

T = TypeVar("T")


class LabelForm(Form[T]):
    """A dialog in which one code fills every field that it speaks of. `read_code` reads what a scanner sent, beside
    what another code of the same label gave."""

    read_code: Callable[[str, Scanned | None], Scanned | Refusal] | None = None
    _part: Scanned | None = None

    def take(self) -> None:
        """A code that was scanned into a field is read; anything else goes on as in every dialog."""
        if not self._read():
            super().take()

    def moved(self, key: str) -> None:
        """Some scanners end their codes with a Tab."""
        if key != "tab" or not self._read():
            super().moved(key)

    def _read(self) -> bool:
        """Whether a code stood in the field, and was read."""
        widget = self.widgets[self.at] if self.widgets and not self._leaving else None
        own = widget if isinstance(widget, FieldRow) else None
        if self.read_code is None or own is None or own.field.password or not own.field.scanned:
            return False
        text = own.field.value
        own.field.set("")
        found = self.read_code(text, self._part if self._part is not None and self._part.lacking else None)
        if isinstance(found, Refusal):
            self._part = None
            self.refuse(found.message)
        else:
            self._fill(found)
        return True

    def _fill(self, found: Scanned) -> None:
        self._part = found
        names = [part.name for part in self.parts]
        for name, text in found.identifiers.items():
            row = self.widgets[names.index(name)] if name in names else None
            if isinstance(row, FieldRow):
                row.field.set(text, stale=True)
        if found.lacking:
            self.go(names.index(found.lacking[0]))
            self.refuse(found.message)
        else:
            self.go(len(names) - 1)
            self._ready = True
