"""The real program in a real terminal: a signal or a lost terminal leaves everything sane, and the run resumable."""

import os
import select
import signal
import sys
from collections.abc import Iterator

import pytest
from ptyprocess import PtyProcess  # type: ignore[import-untyped]

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic

RUN = """
import sys
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.tui.app import run_app
sys.exit(run_app(Folder(Path(sys.argv[1]))))
"""
LEAVES_SCREEN = b"\x1b[?1049l"
SILENCE = 60
"""Seconds after which a screen that paints nothing is taken for dead, instead of waiting for ever."""


@pytest.fixture
def terminal(folder: Folder) -> Iterator[PtyProcess]:
    environment = {**os.environ, "TERM": "xterm-256color", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
    child = PtyProcess.spawn([sys.executable, "-c", RUN, str(folder.root)], env=environment, dimensions=(24, 80))
    yield child
    if child.isalive():
        child.terminate(force=True)
    child.fileobj.close()


def painted(terminal: PtyProcess, wanted: bytes) -> None:
    """Read what is painted until `wanted` is there; the end of the output ends it, too."""
    seen = b""
    while wanted not in seen:
        ready, _, _ = select.select([terminal.fd], [], [], SILENCE)
        assert ready, f"nothing more was painted, and no {wanted!r}"
        seen += terminal.read(4096)


def to_the_end(terminal: PtyProcess) -> bytes:
    seen = b""
    while True:
        try:
            seen += terminal.read(4096)
        except EOFError:
            return seen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(terminal: PtyProcess, number: signal.Signals) -> None:
    painted(terminal, b"LOG OK")
    terminal.kill(number)
    assert LEAVES_SCREEN in to_the_end(terminal)
    assert terminal.wait() == 128 + number


def test_a_terminal_that_is_closed_ends_the_program(terminal: PtyProcess, folder: Folder) -> None:
    painted(terminal, b"LOG OK")
    terminal.fileobj.close()
    assert terminal.wait() == 128 + signal.SIGHUP
    with Clinic.open(folder) as clinic:
        assert clinic.ledger.head().size > 0


def test_ctrl_q_on_the_board_quits(terminal: PtyProcess) -> None:
    painted(terminal, b"LOG OK")
    terminal.write(b"\x11")
    assert LEAVES_SCREEN in to_the_end(terminal)
    assert terminal.wait() == 0
