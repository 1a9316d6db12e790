"""From arguments to an exit code: 0 and 1 are answers, 2 is every fault or misuse, 128 and more are signals.

Whatever goes wrong is said in one line on stderr; a traceback never.
"""

import contextlib
import io
import os
import sys
from collections.abc import Sequence

from checklist.cli import faults

_PIPE_GONE = 141
_INTERRUPTED = 130


def enter(arguments: Sequence[str]) -> int:
    """Carry out one command line; the exit code."""
    _prepare_streams()
    try:
        code = _answer(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _PIPE_GONE
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except SystemExit as request:
        code = request.code if isinstance(request.code, int) else faults.FAULT
    except BaseException as error:  # noqa: BLE001 - nothing is above this: what is let through is a traceback to a user
        code = _told(error)
    _let_go()
    return code


def _answer(arguments: Sequence[str]) -> int:
    from checklist.cli.commands import root

    found: object = root.main(list(arguments), prog_name="checklist", standalone_mode=False)
    return found if isinstance(found, int) else 0


def _told(error: BaseException) -> int:
    told = faults.in_words(error)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    if told.line:
        with contextlib.suppress(OSError):
            print(told.line, file=sys.stderr)
    return told.code


def _prepare_streams() -> None:
    """Make sure that the first three files are open, so that no file of the clinic ever gets their numbers, and
    that a sign which the terminal does not know stops nothing."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 - stays open until the program ends
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 - stays open until the program ends
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115 - stays open until the program ends
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _let_go() -> None:
    """Where nobody reads our output any more, the interpreter must not stumble over it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
