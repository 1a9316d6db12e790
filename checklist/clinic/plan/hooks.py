"""Telling others: the commands of `[hooks]` in clinic.toml, when something becomes overdue, fails or is called back.

Without a shell, with next to nothing in the environment, and never waited for: whatever becomes of a command, nothing
here depends on it. Says what happened and where, never who did it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from checklist.clinic.plan import hook_watch
from checklist.clinic.plan.planning import Due
from checklist.clinic.plan.waiting import Review, Task
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.folder import Folder
    from checklist.clinic.plan.glance import Glance
    from checklist.clinic.plan.plan_tables import Hooks

OVERDUE: Final = "on_overdue"
FAILURE: Final = "on_failure"
RECALL: Final = "on_recall"
SECONDS: Final = 10
"""How long a command may take; then it is killed, with all that it has started."""

TOLD: Final = ".told"
"""The folder in the clinic's own in which stands what was told already: an empty file for each deadline."""
_FORGOTTEN_AFTER: Final = 90 * 24 * 3600
_KEPT: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
)  # fmt: skip


def command_of(hooks: Hooks, event: str) -> tuple[str, ...]:
    """The command for an event; empty where there is none."""
    return {OVERDUE: hooks.on_overdue, FAILURE: hooks.on_failure, RECALL: hooks.on_recall}[event]


def tell(folder: Folder, hooks: Hooks, event: str, text: str) -> None:
    """Start the command for an event, and do not wait for it. Never fails."""
    command = command_of(hooks, event)
    if command and not untrusted(folder):
        _start(folder, command, event, text)


def tell_late(folder: Folder, hooks: Hooks, seen: Glance) -> None:
    """Tell of everything that is late, once for each deadline, whichever program sees it first. Never fails."""
    if not hooks.on_overdue or untrusted(folder):
        return
    for one in seen.late:
        if _first_to_tell(folder, one.key):
            _start(folder, hooks.on_overdue, OVERDUE, late_words(one))


def late_words(one: Due | Task | Review) -> str:
    """What is late, in words that name nobody."""
    match one:
        case Due():
            return f"OVERDUE: {one.title}, {one.subject}, by {one.by[:16].replace('T', ' ') if one.by else one.day}"
        case Task():
            return f"OVERDUE: put off: step {one.step} of {one.title}, {one.subject}, run {one.run}"
        case Review():
            return f"OVERDUE: review of a start without a GO: {one.title}, {one.subject}, {one.entry}"


def untrusted(folder: Folder) -> str:
    """Why the commands in this clinic.toml are not run: others may have written them. Empty where they are."""
    try:
        found = folder.config.stat()
    except OSError as error:
        return f"{folder.config} cannot be looked at ({error.strerror})"
    if found.st_uid not in (0, os.geteuid()):
        return f"{folder.config} belongs to somebody else; commands in it are not run"
    if found.st_mode & 0o022:
        return f"others can write to {folder.config}, so commands in it are not run; run: chmod go-w {folder.config}"
    return ""


def missing(folder: Folder, command: Sequence[str]) -> str:
    """The program of a command, where it cannot be found; empty where it can."""
    program = command[0]
    found = shutil.which(str(folder.root / program) if os.sep in program else program, path=_environment()["PATH"])
    return "" if found is not None else program


def _first_to_tell(folder: Folder, key: str) -> bool:
    """Whether nobody has told of this yet. Whoever can make the file tells; where no file can be made nobody does, for
    else everybody would, again and again."""
    told = folder.root / TOLD
    try:
        told.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(told / sha256(key.encode()).hexdigest()[:32], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return False
    with suppress(OSError):
        for old in told.iterdir():
            if old.stat().st_mtime < time.time() - _FORGOTTEN_AFTER:
                old.unlink()
    return True


def _start(folder: Folder, command: Sequence[str], event: str, text: str) -> None:
    """Start a watcher in a session of its own, which leaves at once and goes on behind: it outlives this program, and
    ends the command when its time is up."""
    watcher = [sys.executable, "-I", "-S", str(Path(hook_watch.__file__)), str(SECONDS), *command]
    said = {"CHECKLIST_EVENT": event, "CHECKLIST_TEXT": clean(text, limit=1000)}
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        subprocess.run(  # noqa: S603 - what the clinic's own file says, without a shell
            watcher,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**_environment(), **said},
            cwd=folder.root,
            start_new_session=True,
            timeout=SECONDS,
        )


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath} | {name: os.environ[name] for name in _KEPT if name in os.environ}
