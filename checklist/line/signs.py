"""A line as it is typed sign by sign: what stands in it, how it looks, and whether it came as a scanner sends it.

Knows the keys that edit a line. Pure: the signs go in with the moments at which they came.
"""

import codecs

from checklist.trace.wedge import GROUP_SEPARATOR, as_shown, came_as_burst, ends_burst

LONGEST_LINE = 4096
"""Longest line that is taken, in bytes; no value may be as long."""
_RUB_OUT = "\b \b"
_BACKSPACE, _KILL, _END = ("\x7f", "\b"), "\x15", "\x04"


class Signs:
    """The line that is being typed. A scanner ends it with Enter or Tab, a person with Enter."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._arrivals: list[float] = []
        self.burst = False
        """Whether the line that ended last came faster than anybody types."""
        self.ended = False
        """Whether the person said, with Ctrl-D, that there is nothing more."""

    def take(self, data: bytes, at: float) -> tuple[bytes, str]:
        """Take signs that came at a moment, in seconds; the lines that they end, and what the terminal shows of them.
        Control signs do nothing."""
        shown = lines = ""
        for sign in self._decoder.decode(data):
            if sign in "\r\n" or (sign == "\t" and ends_burst(self._arrivals, at)):
                lines += f"{self._line}\n"
                shown += "\n"
                self.burst = came_as_burst(self._arrivals, len(self._line))
                self._begin()
            elif sign == _END:
                self.ended = not self._line
            else:
                shown += self._edited(sign, at)
        return lines.encode(), shown

    def _edited(self, sign: str, at: float) -> str:
        if sign in _BACKSPACE:
            rubbed, self._line = self._line[-1:], self._line[:-1]
            return _RUB_OUT * len(rubbed)
        if sign == _KILL:
            rubbed = self._line
            self._begin()
            return _RUB_OUT * len(rubbed)
        if (sign != GROUP_SEPARATOR and not sign.isprintable()) or len(self._line) > LONGEST_LINE:
            return ""
        self._line += sign
        self._arrivals.append(at)
        return as_shown(sign)

    def _begin(self) -> None:
        self._line = ""
        self._arrivals.clear()
