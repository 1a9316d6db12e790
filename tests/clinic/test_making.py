"""A new clinic is whole or it is nothing: what lies in it, who may not make one, and starts that are cut off."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from checklist.clinic import config as configuration
from checklist.clinic.checking import verify_clinic
from checklist.clinic.errors import ClinicError
from checklist.clinic.folder import Folder
from checklist.clinic.making import UNFINISHED, Made, local_zone, make, refuse_lead
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.procedures import shipped_procedures
from checklist.people.operator import FIRST_LEAD_ROLES
from checklist.people.secret import load_pepper, secret_matches
from checklist.protocol.library import STRICTEST, shipped, shipped_profiles

SECRET = "three green bottles"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(
        Folder(tmp_path_factory.mktemp("making") / "new" / "clinic"), "Haut & Laser", "Lea Linden", SECRET, "tui"
    )


def test_it_has_the_rooms_machines_and_times_of_a_small_working_clinic(made: Made) -> None:
    settings = configuration.load(made.folder.config)
    assert settings.clinic.name == "Haut & Laser"
    assert settings.clinic.origin == "haut-laser.clinic"
    assert settings.clinic.station == "a"
    assert [room.id for room in settings.rooms] == ["room-1", "room-2"]
    assert [(machine.id, machine.kind) for machine in settings.equipment] == [("S1", "steriliser"), ("F1", "fridge")]
    assert settings.clinic.jurisdiction == STRICTEST
    assert {line.protocol for line in settings.schedule} <= set(shipped())
    assert settings.security.idle_seconds == 180


def test_everything_in_it_is_for_its_owner_only(made: Made) -> None:
    root = made.folder.root
    for path in (root, *root.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), (path, oct(mode))
    assert not (root / UNFINISHED).exists()


def test_its_record_begins_with_the_key_the_lead_and_the_shipped_protocols(made: Made) -> None:
    with Clinic.open(made.folder) as clinic:
        first, lead, *adopted, plan = clinic.ledger.entries()
        assert (first.kind, first.data["key"]) == ("ledger.opened", made.vkey)
        assert (lead.kind, lead.actor, lead.data["operator"]) == ("operator.added", None, made.lead)
        sets = {"protocol": shipped(), "procedure": shipped_procedures(), "profile": shipped_profiles()}
        told = {kind: [each.data["id"] for each in adopted if each.kind == f"{kind}.adopted"] for kind in sets}
        assert told == {kind: [*texts] for kind, texts in sets.items()}
        assert len(adopted) == sum(map(len, sets.values()))
        assert (plan.kind, plan.actor, plan.via, plan.data["was"]) == ("clinic.configured", None, "system", None)
        (operator,) = clinic.staff.operators()
        assert (operator.id, operator.name, operator.roles) == (made.lead, "Lea Linden", FIRST_LEAD_ROLES)
        for name, found in clinic.library.in_force(clinic.ledger).items():
            data = (made.folder.adopted / f"{found.sha256}.toml").read_bytes()
            assert data == shipped()[name].data
            assert hashlib.sha256(data).hexdigest() == found.sha256
        assert set(clinic.library.in_force(clinic.ledger)) == set(shipped())
    assert b"Lea" not in made.folder.ledger.read_bytes()
    assert verify_clinic(made.folder).result == "clean"
    assert verify_clinic(made.folder).findings == ()


def test_it_may_name_its_jurisdiction_if_there_is_a_profile_of_it(tmp_path: Path) -> None:
    made = make(Folder(tmp_path / "uk"), "Haut", "Lea Linden", SECRET, "tui", "uk")
    assert configuration.load(made.folder.config).clinic.jurisdiction == "uk"
    with pytest.raises(ClinicError, match=r"no profile “atlantis”; there are: au, ca, de"):
        make(Folder(tmp_path / "none"), "Haut", "Lea Linden", SECRET, "tui", "atlantis")
    assert not (tmp_path / "none").exists()


def test_the_first_lead_can_sign_in_and_the_recovery_code_is_kept_as_a_hash(made: Made) -> None:
    with Clinic.open(made.folder) as clinic:
        assert isinstance(clinic.staff.sign_in("lea  LINDEN", SECRET, "tui"), SignedIn)
    kept = (made.folder.keys / "recovery").read_text("ascii")
    assert made.recovery not in kept
    assert secret_matches(kept, made.recovery, load_pepper(made.folder.keys), "recovery")


@pytest.mark.parametrize(
    ("clinic", "lead", "secret"),
    [
        ("Clinic", "Lea", "123456"),
        ("Clinic", "Lea", "password"),
        ("Clinic", "Lea Linden", "lealinden"),
        ("Clinic", "", SECRET),
        ("Clinic", "\u200b", SECRET),
        ("", "Lea", SECRET),
        ("\x1b\u202e", "Lea", SECRET),
    ],
)
def test_a_weak_start_is_refused_and_leaves_nothing(tmp_path: Path, clinic: str, lead: str, secret: str) -> None:
    with pytest.raises(ClinicError) as refused:
        make(Folder(tmp_path / "clinic"), clinic, lead, secret, "tui")
    assert str(refused.value).endswith(".")
    assert not (tmp_path / "clinic").exists()


def test_the_same_words_refuse_a_lead_before_the_folder_is_made() -> None:
    assert refuse_lead("Lea", SECRET) is None
    assert refuse_lead("Lea", "short") is not None


def test_a_clinic_is_never_made_over_another(made: Made) -> None:
    before = made.folder.ledger.read_bytes()
    with pytest.raises(ClinicError, match="a clinic here already"):
        make(made.folder, "Other", "Lea", SECRET, "tui")
    assert made.folder.ledger.read_bytes() == before


@pytest.mark.parametrize("left", ["ledger.db", "people.db", "keys", "adopted", "evidence", "ledger-a.db"])
def test_what_is_left_of_a_clinic_is_never_thrown_away(tmp_path: Path, left: str) -> None:
    root = tmp_path / "clinic"
    root.mkdir()
    if "." in left:
        (root / left).write_bytes(b"precious")
    else:
        (root / left).mkdir()
        (root / left / "precious").write_bytes(b"precious")
    with pytest.raises(ClinicError, match=r"without its clinic.toml; restore it"):
        make(Folder(root), "Clinic", "Lea", SECRET, "tui")
    kept = root / left
    assert (kept if kept.is_file() else kept / "precious").read_bytes() == b"precious"
    assert [path.name for path in root.iterdir()] == [left]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere/clinic")):
        with pytest.raises(ClinicError, match="cannot be made"):
            make(Folder(place), "Clinic", "Lea", SECRET, "tui")


def test_a_disk_that_fills_up_half_way_is_named_and_the_next_start_succeeds(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the full disk: the same error at the same calls."""
    folder = Folder(tmp_path / "clinic")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
        with pytest.raises(ClinicError, match="cannot be made"):
            make(folder, "Clinic", "Lea", SECRET, "tui")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert not folder.made
    make(folder, "Clinic", "Lea", SECRET, "tui")
    assert verify_clinic(folder).result == "clean"


_ROUNDS = """
import os, random, signal, sys, time
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.protocol.library import shipped
import argon2, checklist.people.secret
shipped()

root, how, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
moments = random.Random(7)

def start(number, left):
    def count(event, args):
        nonlocal left
        if event in ("os.rename", "os.mkdir", "os.remove", "sqlite3.connect"):
            left -= 1
            if left == 0:
                os._exit(9)
    if how == "event":
        sys.addaudithook(count)
    make(Folder(root / f"clinic-{number}"), "Clinic", "Lea", "three green bottles", "tui")

for number in range(1, rounds + 1):
    child = os.fork()
    if child == 0:
        start(number, number)
        os._exit(0)
    if how == "moment":
        time.sleep(moments.uniform(0.001, 0.15))
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize(("how", "rounds"), [("moment", 10), ("event", 24)])
def test_a_start_that_is_cut_off_never_leaves_a_stuck_folder(tmp_path: Path, how: str, rounds: int) -> None:
    """Killed at some moment, or stopped at each file that comes to be or goes."""
    subprocess.run([sys.executable, "-c", _ROUNDS, str(tmp_path), how, str(rounds)], check=True)
    whole = 0
    for number in range(1, rounds + 1):
        folder = Folder(tmp_path / f"clinic-{number}")
        whole += folder.made
        if not folder.made:
            make(folder, "Clinic", "Lea", SECRET, "tui")
        with Clinic.open(folder) as clinic:
            assert [operator.name for operator in clinic.staff.operators()] == ["Lea"]
        assert not (folder.root / UNFINISHED).exists()
        assert not (folder.ledger.with_name("ledger.db-journal")).exists() or not (
            folder.ledger.with_name("ledger.db-journal").stat().st_size
        )
        assert verify_clinic(folder).findings == ()
    assert whole < rounds


_SLOW = """
import sys
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.clinic.making import make

def wait(event, args):
    if event == "sqlite3.connect" and not waited:
        waited.append(event)
        print("half-way", flush=True)
        sys.stdin.readline()

waited = []
sys.addaudithook(wait)
make(Folder(Path(sys.argv[1])), "Clinic", "Lea", "three green bottles", "tui")
"""


@pytest.mark.parametrize("cut_off", [False, True])
def test_of_two_starts_in_one_folder_only_one_works_there(tmp_path: Path, cut_off: bool) -> None:
    """The first is held up half-way. The second touches nothing; where the first is cut off, another may go on."""
    folder = Folder(tmp_path / "clinic")
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW, str(folder.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "half-way\n"
        before = {path: path.stat().st_mtime_ns for path in folder.root.rglob("*")}
        with pytest.raises(ClinicError, match="is being made here right now"):
            make(folder, "Other", "Mia", SECRET, "tui")
        assert {path: path.stat().st_mtime_ns for path in folder.root.rglob("*")} == before
        if cut_off:
            first.kill()
        first.communicate("go on\n")
    if cut_off:
        make(folder, "Clinic", "Lea", SECRET, "tui")
    else:
        assert first.returncode == 0
    with Clinic.open(folder) as clinic:
        assert [operator.name for operator in clinic.staff.operators()] == ["Lea"]
    assert verify_clinic(folder).findings == ()
    assert not (folder.root / UNFINISHED).exists()


def test_who_comes_right_after_another_start_is_told_of_the_clinic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first finishes between the second's look at the folder and its hold of it."""
    folder, other = Folder(tmp_path / "clinic"), Folder(tmp_path / "clinic")
    real, opened = os.open, list[Path]()

    def first_finishes(path: Path, *rest: int) -> int:
        if Path(path).name == UNFINISHED and not opened:
            opened.append(path)
            make(other, "Clinic", "Lea", SECRET, "tui")
        return real(path, *rest)

    monkeypatch.setattr(os, "open", first_finishes)
    with pytest.raises(ClinicError, match="a clinic here already"):
        make(folder, "Other", "Mia", SECRET, "tui")
    assert not (folder.root / UNFINISHED).exists()
    assert verify_clinic(folder).result == "clean"


def test_an_old_mark_of_a_start_never_lets_a_record_be_thrown_away(tmp_path: Path) -> None:
    """The mark was left beside a whole clinic; the clinic was used; then clinic.toml was lost."""
    folder = Folder(tmp_path / "clinic")
    make(folder, "Clinic", "Lea", SECRET, "tui")
    (folder.root / UNFINISHED).write_bytes(b"")
    with Clinic.open(folder) as clinic:
        clinic.started()
    folder.config.unlink()
    with pytest.raises(ClinicError, match="restore it from a backup"):
        make(folder, "Clinic", "Lea", SECRET, "tui")
    assert folder.ledger.stat().st_size > 0


@pytest.mark.parametrize(
    ("named", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), (":Asia/Tokyo", "Asia/Tokyo"), ("No/Where", "UTC"), ("/etc/passwd", "UTC")],
)
def test_the_time_zone_of_the_machine_is_taken_where_it_is_one(
    monkeypatch: pytest.MonkeyPatch, named: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", named)
    assert local_zone() == zone


def test_without_a_named_zone_the_machine_s_own_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    assert local_zone()
