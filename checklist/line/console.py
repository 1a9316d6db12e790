"""Lines in and lines out: waiting with a time limit, secrets without echo, signals that wait for their turn.

Knows terminals and pipes. Whatever it prints has been cleaned here, so that no text can act on a terminal.
Knows nothing of clinics. A signal never breaks into other work: it is noticed at the next wait.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import termios
import time
from enum import Enum
from typing import TYPE_CHECKING

from checklist.line.signs import LONGEST_LINE, Signs
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import TextIO

BETWEEN_ENTERS = 0.4
"""Seconds that an empty line at a terminal must leave after the last line, and after what it answers was shown."""
_REPEAT_DELAY = 1.2  # longest time, in seconds, before a held key begins to repeat (keyboards: 0.25 to 1 s)
_SETTLE = 0.12  # a held key repeats within this time, in seconds (10 to 30 times a second)
_LONGEST_SHOWN = 4000
_LONGEST_KEPT = 65536
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Heard(Enum):
    """What came instead of a line."""

    END = "end of input"
    TIME = "nothing in time"
    STOP = "a signal, or nobody reads what is printed"
    LONG = "a line that is too long"


class Console:
    """One person's end of a conversation in lines. `terminal`: the input is a terminal. `clock`: monotonic seconds."""

    def __init__(
        self, out: TextIO, *, terminal: bool, source: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.terminal = terminal
        self._clock = clock
        self._shown = self._entered = self._entered_before = float("-inf")
        self._prompt = self._heard = ""
        self.stopped: int | None = None
        """The signal that asked for an end; 0 where nobody reads the output any more."""
        self._out = out
        self._source = source
        self._buffer = bytearray()
        self._ended = False
        self._mute = False
        self._too_long = False
        self._wake: int | None = None
        self._signs: Signs | None = None

    # -- out ----------------------------------------------------------------------------------------------

    def say(self, *lines: str) -> None:
        """Print lines, each cleaned."""
        self._write("".join(f"{clean(line, limit=_LONGEST_SHOWN)}\n" for line in lines))

    def ring(self) -> None:
        """Sound the terminal's bell; nothing on a pipe."""
        if self.terminal:
            self._write("\a")

    def cover(self) -> None:
        """Take the line that was just typed off the terminal, in all its rows: whoever types next must not read it."""
        if self.terminal and os.environ.get("TERM", "dumb") != "dumb":
            rows = -(-len(self._prompt + self._heard) // shutil.get_terminal_size().columns) or 1
            self._write("\x1b[A\r\x1b[2K" * rows + f"{self._prompt}(hidden)\n")

    def appeared(self) -> None:
        """Something new to answer has been shown. At a terminal what was typed ahead was not meant for it, and is
        thrown away; a pipe holds its lines ready, and keeps them."""
        if self.terminal:
            self._forget()
            self._shown = self._clock()

    def _forget(self) -> None:
        with contextlib.suppress(termios.error):
            termios.tcflush(self._source, termios.TCIFLUSH)
        self._buffer.clear()

    def _write(self, text: str) -> None:
        if self._mute:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):  # nobody is there to read: nothing more may be asked or answered
            self._mute = True
            self.stopped = 0 if self.stopped is None else self.stopped

    # -- in -----------------------------------------------------------------------------------------------

    @property
    def exhausted(self) -> bool:
        """Whether the input has ended and nothing of it is left."""
        return self._ended and not self._buffer

    def ask(self, prompt: str = "> ", seconds: float | None = None) -> str | Heard:
        """The next line, without its end; what came instead where none came (within `seconds`)."""
        self._prompt = prompt
        self._write(prompt)
        heard = self.line(seconds)
        if not self.terminal:
            self._write("\n")
        return heard

    def line(self, seconds: float | None = None) -> str | Heard:
        """As `ask`, without a prompt."""
        limit = None if seconds is None else time.monotonic() + seconds
        left = seconds
        while True:
            if self.stopped is not None:
                return Heard.STOP
            found = self._take_line()
            if found is not None:
                self._entered_before, self._entered = self._entered, self._clock()
                self._heard = found if isinstance(found, str) else ""
                return found
            if left is not None and left < 0:
                return Heard.TIME
            self._fill(left)
            left = None if limit is None else limit - time.monotonic()

    def hasty(self) -> bool:
        """Whether the Enter that was heard last cannot have been an act of its own: it came right after the last one,
        or after what it would answer was shown, or the key is held down. Then what came with it is thrown away, too. A
        pipe is never hasty."""
        if not self.terminal:
            return False
        found = self._entered - max(self._shown, self._entered_before) < BETWEEN_ENTERS
        if not found and self._entered - self._entered_before < _REPEAT_DELAY:
            self._fill(_SETTLE)
            found = b"\n" in self._buffer
        if found:
            self._forget()
        return found

    def rest(self, seconds: float) -> bool:
        """Let time pass; lines that come meanwhile are kept. False where something asked for an end."""
        limit = time.monotonic() + seconds
        while self.stopped is None and (left := limit - time.monotonic()) > 0:
            self._fill(left, keep=len(self._buffer) < _LONGEST_KEPT)
        return self.stopped is None

    @contextlib.contextmanager
    def sign_by_sign(self) -> Iterator[Signs | None]:
        """At a terminal, see each sign as it comes while the block runs, so that a scanner's burst is told from typing;
        None elsewhere."""
        try:
            before = termios.tcgetattr(self._source) if self.terminal else None
            if before is not None:
                single = [*before[:6], [*before[6]]]
                single[3] &= ~(termios.ICANON | termios.ECHO)
                single[6][termios.VMIN], single[6][termios.VTIME] = 1, 0
                termios.tcsetattr(self._source, termios.TCSANOW, single)
        except termios.error:
            before = None
        if before is None:
            yield None
            return
        self._signs = Signs()
        try:
            yield self._signs
        finally:
            self._signs = None
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._source, termios.TCSANOW, before)

    def secret(self, prompt: str) -> str | None:
        """A secret typed at the terminal, which is never echoed; None where none came or there is no terminal.
        What was typed ahead of the question is thrown away: it was not meant as a secret."""
        if not self.terminal:
            return None
        try:
            before = termios.tcgetattr(self._source)
            silent = [*before]
            silent[3] &= ~termios.ECHO
            termios.tcsetattr(self._source, termios.TCSAFLUSH, silent)
        except termios.error:
            return None
        try:
            self._buffer.clear()
            self._write(clean(prompt))
            heard = self.line()
        finally:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._source, termios.TCSAFLUSH, before)
            self._write("\n")
        return heard if isinstance(heard, str) else None

    def _take_line(self) -> str | Heard | None:
        end = self._buffer.find(b"\n")
        if end < 0 and not self._ended:
            if len(self._buffer) > LONGEST_LINE:
                self._too_long = True
                self._buffer.clear()
            return None
        if end < 0 and not self._buffer and not self._too_long:
            return Heard.END
        raw = bytes(self._buffer[: end if end >= 0 else None])
        del self._buffer[: end + 1 if end >= 0 else None]
        too_long, self._too_long = self._too_long or len(raw) > LONGEST_LINE, False
        return Heard.LONG if too_long else raw.decode("utf-8", "replace").removesuffix("\r")

    def _fill(self, seconds: float | None, *, keep: bool = True) -> None:
        """Wait for input or a signal, and take the input in unless it has ended or is not to be kept now."""
        watched = [] if self._wake is None else [self._wake]
        if keep and not self._ended:
            watched.append(self._source)
        try:
            ready = select.select(watched, [], [], seconds)[0]
            self._drain(ready)
            if self._source in ready:
                data = os.read(self._source, 65536)
                self._ended = self._ended or not data
                self._buffer += data if self._signs is None else self._sign_by_sign(self._signs, data)
        except (OSError, ValueError):  # the input is closed, or its terminal is gone
            self._ended = True

    def _sign_by_sign(self, signs: Signs, data: bytes) -> bytes:
        lines, echo = signs.take(data, self._clock())
        self._write(echo)
        self._ended = self._ended or signs.ended
        return lines

    def _drain(self, ready: list[int]) -> None:
        if self._wake is not None and self._wake in ready:
            with contextlib.suppress(OSError):
                os.read(self._wake, 512)

    # -- signals ------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Keep signals for the next wait while the block runs; a second one ends the program as it always would."""
        reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        wake_before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        handlers = [(number, signal.signal(number, self._signalled)) for number in _SIGNALS]
        self._wake = reader
        try:
            yield
        finally:
            self._wake = None
            for number, handler in handlers:
                signal.signal(number, handler)
            signal.set_wakeup_fd(wake_before)
            os.close(reader)
            os.close(writer)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        if self.stopped is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.stopped = number
