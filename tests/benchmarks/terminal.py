"""A program in a terminal of 80x24: what it is sent, and when something of what it paints has come."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

SIZE: Final = (24, 80)
PATIENCE: Final = 60.0
"""Seconds after which what is waited for will not come."""
BETWEEN_KEYS: Final = 0.06
"""Seconds that a person leaves between two keys."""
_CONTROLS = re.compile(
    rb"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^X][^\x1b]*\x1b\\|[@-Z\\-_])"
)


class Terminal:
    """One program and its terminal. Nothing answers what the program asks the terminal."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        given = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        self.begun = time.perf_counter()
        self._process, self._file = pty.fork()
        if self._process == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
                os.execvpe(command[0], list(command), given)  # noqa: S606
            finally:
                os._exit(127)
        self._seen = b""

    def wait_for(self, text: str) -> float:
        """When `text` was painted (perf_counter), counting from the last thing that was sent or waited for."""
        wanted = text.encode()
        end = time.perf_counter() + PATIENCE
        while True:
            plain = _CONTROLS.sub(b"", self._seen)
            if wanted in plain:
                self._seen = b""
                return time.perf_counter()
            if not self._read(end - time.perf_counter()):
                raise RuntimeError(f"{text!r} was not painted; the last output is {plain[-2000:]!r}")

    def send(self, keys: str) -> float:
        """Send keys, after everything painted so far has been read; when (perf_counter)."""
        while self._read(0):
            pass
        self._seen = b""
        at = time.perf_counter()
        os.write(self._file, keys.encode())
        return at

    def type(self, text: str) -> None:
        """Type one key after the other, as slowly as a person: a secret that comes faster is refused."""
        for key in text:
            self.send(key)
            self.rest(BETWEEN_KEYS)

    def rest(self, seconds: float) -> None:
        """Let the program paint what it likes for some time."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def close(self) -> None:
        """End the program as the system would, and let go of the terminal."""
        os.kill(self._process, signal.SIGTERM)
        end = time.perf_counter() + PATIENCE / 4
        while os.waitpid(self._process, os.WNOHANG)[0] == 0:
            self._read(0.01)
            if time.perf_counter() > end:
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
                break
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, seconds: float) -> bool:
        """Read what has come within some time; whether there was anything."""
        if not select.select([self._file], [], [], max(seconds, 0))[0]:
            return False
        try:
            data = os.read(self._file, 65536)
        except OSError:  # the program is gone
            return False
        self._seen += data
        return bool(data)
