"""The program in a real pseudo-terminal, read as a person reads it: by what stands on the screen."""

import os
import select
import signal
import struct
import time
from collections.abc import Mapping
from fcntl import ioctl
from pty import openpty
from subprocess import Popen
from termios import TIOCSWINSZ, tcgetattr

import pyte

PATIENCE_S = 30
"""How long something may take to appear on a busy machine before the test gives up."""
BETWEEN_KEYS_S = 0.05
BETWEEN_ENTERS_S = 0.45
AFTER_READING_S = 0.9
AFTER_TYPING_S = 0.1
"""A person's pace: the program refuses an Enter that follows sooner (it would be a held key, a scanner, or meant for
what stood there before), and a secret whose letters do (it would be scanned or pasted)."""


_STARTED: list["Terminal"] = []


def end_all() -> None:
    """End whatever a test that failed has left running."""
    while _STARTED:
        _STARTED.pop().close()


class Terminal:
    """One start of the program on a screen of `columns` by `rows`."""

    def __init__(self, command: list[str], environment: Mapping[str, str], columns: int = 80, rows: int = 24) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._fd, child = openpty()
        ioctl(child, TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = Popen(
            command,
            env={**environment, "TERM": "xterm-256color", "TEXTUAL_DISABLE_KITTY_KEY": "1"},
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
        )
        os.close(child)
        _STARTED.append(self)
        self.raw = b""
        self._last_enter = 0.0
        self._last_typed = 0.0
        self._last_seen = 0.0

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, *wanted: str, without: str | None = None) -> str:
        """Read until all of `wanted` stand on the screen (and `without` does not); the screen then."""
        until = time.monotonic() + PATIENCE_S
        while not (all(one in self.text for one in wanted) and (without is None or without not in self.text)):
            left = until - time.monotonic()
            assert left > 0, f"waited for {wanted}, and the screen says:\n{self.text}"
            self._read(left)
        self._last_seen = time.monotonic()
        return self.text

    def type(self, text: str) -> None:
        """Type words, one key after the other, at a person's pace; what is painted meanwhile is read."""
        for key in text:
            self._read_until(self._last_typed + BETWEEN_KEYS_S)
            os.write(self._fd, key.encode())
            self._last_typed = time.monotonic()

    def key(self, sequence: bytes) -> None:
        """Press a key that is not a letter."""
        os.write(self._fd, sequence)

    def enter(self) -> None:
        """Press Enter, at a person's pace; what is painted meanwhile is read."""
        ready = max(
            self._last_enter + BETWEEN_ENTERS_S,
            self._last_typed + AFTER_TYPING_S,
            self._last_seen + AFTER_READING_S,
        )
        self._read_until(ready)
        self._last_enter = time.monotonic()
        os.write(self._fd, b"\r")

    def answer(self, text: str) -> None:
        """Type something and press Enter."""
        self.type(text)
        self.enter()

    @property
    def settings(self) -> list[object]:
        """How the terminal is set: what a program that leaves it as it was has not changed."""
        return [*tcgetattr(self._fd)]

    def close(self) -> None:
        """End the program if it still runs, and let go of its terminal."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def lose(self) -> int:
        """Take the terminal away without a signal; the exit code."""
        os.close(self._fd)
        self._fd = -1
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """SIGKILL: nothing of the program runs after this."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.close()

    def ended(self) -> int:
        """Read to the end; the exit code."""
        while self._read(PATIENCE_S):
            pass
        code = self.process.wait(PATIENCE_S)
        self.close()
        return code

    def _read_until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0:
            self._read(left)

    def _read(self, seconds: float) -> bool:
        """Feed what comes within that time to the screen; False once the program has let go of the terminal."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)
