"""Where a ledger may lie."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from checklist.ledger.errors import CannotOpen
from checklist.ledger.place import check_place, file_system, is_network

MOUNTS = r"""
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/export /srv/share nfs4 rw 0 0
//server/clinic /mnt/My\040Clinic cifs rw 0 0
broken line
user@host:/ /home/anna/remote fuse.sshfs rw 0 0
/dev/sdb1 /home/anna/remote/disk ext4 rw 0 0
/dev/sdc1 /srv/old ext4 rw 0 0
server:/old /srv/old nfs rw 0 0
short
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/var/lib/clinic/ledger.db", "ext4", False),
        ("/srv/share/clinic/ledger.db", "nfs4", True),
        ("/srv/shared/ledger.db", "ext4", False),
        ("/mnt/My Clinic/ledger.db", "cifs", True),
        ("/home/anna/remote/ledger.db", "fuse.sshfs", True),
        ("/home/anna/remote/disk/ledger.db", "ext4", False),
        ("/srv/old/ledger.db", "nfs", True),
    ],
)
def test_the_deepest_and_last_mount_decides(path: str, kind: str, *, network: bool) -> None:
    assert file_system(PurePosixPath(path), MOUNTS) == kind
    assert is_network(kind) is network


def test_where_the_mount_table_says_nothing_nothing_is_refused(tmp_path: Path) -> None:
    assert file_system(PurePosixPath("/x"), "") is None
    assert not is_network(None)
    check_place(tmp_path / "ledger.db", tmp_path / "no-such-table")


def test_a_network_file_system_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "mounts").write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n")
    with pytest.raises(CannotOpen, match="network") as refused:
        check_place(tmp_path / "ledger.db", tmp_path / "mounts")
    assert "disk of this machine" in refused.value.advice


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "ledger.db"
    path.touch()
    path.chmod(mode)
    with pytest.raises(CannotOpen, match="Others may write"):
        check_place(path)
    path.chmod(0o600)
    check_place(path)


def test_a_path_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotOpen, match="cannot be opened"):
        check_place(tmp_path / "file" / "ledger.db")
