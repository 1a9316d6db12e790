"""The program started again and again without loading it each time: for what is tried hundreds of times.

A process of its own loads the program, opens nothing, and forks for every start. What comes of it is a process like
any other: it opens the clinic, has its own pipes, and dies of SIGKILL with everything that it had not yet saved.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

_LOADED = """
import os, signal, socket, sys
import checklist.clinic.service, checklist.cli.commands, checklist.line.desk, checklist.line.following
from checklist.__main__ import main

def begin(words, pipes):
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
    os.closerange(3, 64)
    sys.argv[1:] = words
    main()

asked = socket.socket(fileno=int(sys.argv[1]))
while words := asked.recv(4096):
    pipes = socket.recv_fds(asked, 1, 3)[1]
    if (child := os.fork()) == 0:
        begin(words.decode().split("\\0"), pipes)
    for pipe in pipes:
        os.close(pipe)
    asked.recv(1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    asked.send(b".")
"""


class Loaded:
    """The program, loaded."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _LOADED, str(theirs.fileno())],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,  # as every start has them: Python looks once at what they are
                stdout=subprocess.PIPE,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.close()
        self._process.communicate()

    def start(self, *words: str) -> Started:
        """Start it with this command line; only one at a time."""
        with ExitStack() as stack:
            reads, said = os.pipe()
            out, prints = os.pipe()
            for end in (reads, prints):
                stack.callback(os.close, end)
            nowhere = stack.enter_context(Path(os.devnull).open("wb"))
            self._ours.send("\0".join(words).encode())
            socket.send_fds(self._ours, [b"."], [reads, prints, nowhere.fileno()])
        return Started(self._ours, said, out)


class Started:
    """One start of it."""

    def __init__(self, asked: socket.socket, said: int, out: int) -> None:
        self._asked, self._said, self._out = asked, said, out

    def write(self, line: bytes) -> None:
        os.write(self._said, line)

    def read(self) -> bytes:
        """What it prints next; nothing once it has ended."""
        return os.read(self._out, 4096)

    def kill(self) -> bytes:
        """SIGKILL; what was printed before is still in the pipe, and a person had it before their eyes."""
        self._asked.send(b".")
        self._asked.recv(1)
        left = b""
        while data := self.read():
            left += data
        os.close(self._said)
        os.close(self._out)
        return left
