"""Whether a ledger may lie where it lies: on this machine, and writable by its owner only.

Knows mount tables and file modes. The file system of a path is found in the text of a mount table, so that it can be
shown without mounting anything.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePath

from checklist.ledger.durable import sync_folder
from checklist.ledger.errors import CannotOpen

MOUNTS = Path("/proc/self/mounts")

# SQLite's locks and fsync cannot be relied on over a network (sqlite.org/howtocorrupt.html §2.1).
_NETWORK = re.compile(
    "9p|acfs|afs|ceph|cifs|coda|davfs2?|gfs2?|glusterfs|gpfs|lustre|ncpfs|nfs[34]?|ocfs2|prl_fs|smb[23]?|smbfs|vboxsf|"
    r"vmhgfs|fuse\.(ceph|davfs2?|gcsfuse|glusterfs|goofys|gvfsd-fuse|rclone|s3fs|smbnetfs|sshfs|vmhgfs-fuse|webdav)"
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def file_system(path: PurePath, mounts: str) -> str | None:
    """The type of the file system that holds an absolute path, by a mount table; None where the table does not say."""
    best, kind = -1, None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = PurePath(_OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        if path.is_relative_to(point) and len(point.parts) >= best:  # a later mount covers an earlier one
            best, kind = len(point.parts), fields[2]
    return kind


def is_network(kind: str | None) -> bool:
    """Whether a type of file system lies on another machine, or behaves as if."""
    return kind is not None and _NETWORK.fullmatch(kind) is not None


def check_place(path: Path, mounts: Path = MOUNTS) -> None:
    """Raise CannotOpen where the file would lie on a network file system, or others may write to it."""
    try:
        table = mounts.read_text("utf-8", "replace")
    except OSError:
        table = ""  # a system without a mount table to read: nothing is known, nothing is refused
    kind = file_system(path.resolve(), table)
    if is_network(kind):
        raise CannotOpen(
            f"{path} lies on a network file system ({kind}), where nothing can be saved safely.",
            advice="Put the clinic folder on a disk of this machine.",
        )
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotOpen(f"{path} cannot be opened: {error.strerror}.") from error
    if mode & 0o022:
        raise CannotOpen(f"Others may write to {path}.", advice=f"Run: chmod 600 {path}")


def file_identity(path: Path) -> tuple[int, int]:
    """Which file stands at a path, by device and inode; (0, 0) where there is none."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_dev, status.st_ino


def create_file(path: Path) -> None:
    """Make an empty file of mode 0600, or take one left empty by a start that was cut off. Raises CannotOpen."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        sync_folder(path.parent)
    except FileExistsError:
        if path.stat().st_size:
            raise CannotOpen(f"There is already a record at {path}.") from None
    except OSError as error:
        raise CannotOpen(f"{path} cannot be made: {error.strerror}.") from error
