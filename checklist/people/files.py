"""Private files: opened only when nobody but their owner can read them.

Knows modes and owners; does not know what the bytes mean. How such files are made is in `ledger.durable`.
"""

import os
import stat
from pathlib import Path

from checklist.ledger.durable import OWNER_ONLY


def exposure(status: os.stat_result) -> str | None:
    """Why a file with this status must not be trusted with secrets, as the end of a sentence, or None.

    A file must be regular, ours, and of mode 0600 or stricter.
    """
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if status.st_uid != os.geteuid():
        return "belongs to another user of this machine"
    mode = stat.S_IMODE(status.st_mode)
    if mode & ~OWNER_ONLY:
        return f"has mode {mode:04o}; make it readable by its owner only (chmod 600)"
    return None


def read_private(path: Path, at_most: int) -> bytes | str:
    """The first `at_most` + 1 bytes of a private file, or (as `str`) why it must not be trusted.

    The file that was judged is the file that is read; a symbolic link is refused and a pipe never waited
    for. Raises OSError when the file cannot be opened or read.
    """
    # O_NONBLOCK: opening a named pipe must not hang before it can be refused.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return exposure(os.fstat(descriptor)) or os.read(descriptor, at_most + 1)
    finally:
        os.close(descriptor)
