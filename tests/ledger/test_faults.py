"""Nothing that was shown as saved is ever lost, and nothing is called unsaved that may have been saved."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checklist.ledger import schema
from checklist.ledger.errors import CannotOpen, CannotRead, LedgerError, NotSaved, Unreachable
from checklist.ledger.store import Ledger
from checklist.ledger.verify import verify, verify_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checklist.ledger.clock import Clock
    from checklist.ledger.entry import Draft
    from checklist.ledger.keys import StationKey
    from checklist.ledger.reader import Reader
    from checklist.ledger.views import View

    Make = Callable[[str], Draft]
    Start = Callable[[Path, str], subprocess.Popen[str]]

# A process of its own that opens the same ledger and appends; `say` tells the parent what was shown as saved.
PROCESS = """
import os, resource, sys
from pathlib import Path
from checklist.ledger.clock import SystemClock
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerError, NotSaved
from checklist.ledger.keys import StationKey
from checklist.ledger.store import Ledger
folder = Path(sys.argv[1])
def say(*words):
    print(*words, flush=True)
def start():
    key = StationKey.load(folder / "keys", "riverside.example/a")
    return Ledger.open(folder / "ledger.db", key=key, clock=SystemClock("Europe/Berlin"))
def append(ledger, n=1):
    return ledger.append(lambda _: [Draft("step.done", {"value": "x" * 200}, "u_1", "tui")] * n)
"""


@pytest.fixture
def start_process() -> Iterator[Callable[[Path, str], subprocess.Popen[str]]]:
    started = []

    def start(folder: Path, body: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROCESS + textwrap.dedent(body), str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def finish(process: subprocess.Popen[str]) -> list[str]:
    output, _ = process.communicate(timeout=50)
    assert process.returncode == 0, output
    return output.splitlines()


class FailingConnection(sqlite3.Connection):
    """A connection whose COMMIT or ROLLBACK reports a failure: before, or after having done its work."""

    plan: tuple[str, str, int] | None = None  # statement, "before" or "after", SQLite's result code
    times = 1
    then: Callable[[], object] = staticmethod(lambda: None)

    def execute(self, sql: str, parameters: object = (), /) -> sqlite3.Cursor:
        if self._fails(sql):
            raise self._failure(lambda: super(FailingConnection, self).execute(sql))
        return super().execute(sql, parameters)  # type: ignore[arg-type]

    def rollback(self) -> None:
        if self._fails("ROLLBACK"):
            raise self._failure(super().rollback)
        super().rollback()

    def _fails(self, statement: str) -> bool:
        cls = type(self)
        if cls.plan is None or cls.plan[0] != statement or not cls.times:
            return False
        cls.times -= 1
        return True

    def _failure(self, work: Callable[[], object]) -> sqlite3.OperationalError:
        assert self.plan is not None
        if self.plan[1] == "after":
            work()
        type(self).then()
        error = sqlite3.OperationalError("made to fail")
        error.sqlite_errorcode = self.plan[2]
        return error


class FailingLedger:
    """A ledger whose connections can be made to fail."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def fail(self, statement: str, when: str, code: int, times: int = 1) -> None:
        FailingConnection.plan = (statement, when, code)
        FailingConnection.times = times


@pytest.fixture
def failing(path: Path, key: StationKey, clock: Clock) -> Iterator[FailingLedger]:
    with Ledger.create(
        path, origin="riverside.example", station="a", key=key, clock=clock, factory=FailingConnection
    ) as ledger:
        yield FailingLedger(ledger)
    FailingConnection.plan = None
    FailingConnection.then = staticmethod(lambda: None)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for other programs for a few milliseconds only."""
    monkeypatch.setattr(schema, "_EVERYONE", (("busy_timeout", "5", 5),))


def test_a_commit_that_failed_after_it_was_durable_counts_as_saved(failing: FailingLedger, draft: Make) -> None:
    failing.fail("COMMIT", "after", sqlite3.SQLITE_IOERR)
    entries = failing.ledger.append(lambda _: [draft("1"), draft("2")])
    assert list(failing.ledger.entries(1)) == entries
    failing.ledger.append(lambda _: [draft("3")])
    assert failing.ledger.size == 4
    assert verify(failing.ledger).result == "clean"


def test_a_commit_that_failed_and_is_not_there_was_not_saved_and_may_be_tried_again(
    failing: FailingLedger, draft: Make
) -> None:
    failing.fail("COMMIT", "before", sqlite3.SQLITE_IOERR)
    with pytest.raises(NotSaved, match="Nothing was saved: the disk reported an error") as refused:
        failing.ledger.append(lambda _: [draft("1")])
    assert "Try again" in refused.value.advice
    failing.ledger.append(lambda _: [draft("1")])
    assert failing.ledger.size == 2


def test_a_commit_that_another_program_kept_from_happening_is_planned_anew(failing: FailingLedger, draft: Make) -> None:
    sizes: list[int] = []

    def plan(reader: Reader) -> list[Draft]:
        sizes.append(reader.size)
        return [draft(str(reader.size))]

    failing.fail("COMMIT", "before", sqlite3.SQLITE_BUSY, times=3)
    assert [entry.index for entry in failing.ledger.append(plan)] == [1]
    assert sizes == [1, 1, 1, 1]
    failing.fail("COMMIT", "before", sqlite3.SQLITE_BUSY, times=4)
    with pytest.raises(NotSaved, match="another program"):
        failing.ledger.append(plan)
    assert failing.ledger.size == 2


def test_what_cannot_be_looked_up_is_never_called_unsaved(failing: FailingLedger, draft: Make, path: Path) -> None:
    gone = path.with_name("gone.db")
    FailingConnection.then = staticmethod(lambda: path.rename(gone))
    failing.fail("COMMIT", "after", sqlite3.SQLITE_IOERR)
    with pytest.raises(Unreachable, match="cannot be looked up") as refused:
        failing.ledger.append(lambda _: [draft("1")])
    assert "do not enter it again" in refused.value.advice
    with pytest.raises(NotSaved):
        failing.ledger.append(lambda _: [draft("2")])
    gone.rename(path)
    assert failing.ledger.size == 2


def test_a_rollback_that_fails_costs_the_connection_and_nothing_else(failing: FailingLedger, draft: Make) -> None:
    failing.fail("ROLLBACK", "before", sqlite3.SQLITE_IOERR)
    assert failing.ledger.append(lambda _: []) == []
    failing.ledger.append(lambda _: [draft("1")])
    assert failing.ledger.size == 2


def test_a_plan_that_cannot_read_saves_nothing(ledger: Ledger, draft: Make) -> None:
    def plan(reader: Reader) -> list[Draft]:
        reader.query("SELECT * FROM nobody")
        return [draft("1")]

    with pytest.raises(NotSaved, match="no such table"):
        ledger.append(plan)
    ledger.append(lambda _: [draft("1")])
    assert ledger.size == 2


def test_a_full_disk_saves_nothing_and_says_so(ledger: Ledger, draft: Make) -> None:
    (pages,) = ledger.query("PRAGMA page_count")
    ledger.query(f"PRAGMA max_page_count={pages[0]}")
    with pytest.raises(NotSaved, match="the disk is full"):
        ledger.append(lambda _: [draft("x" * 9000)] * 20)
    assert ledger.size == 1
    ledger.query("PRAGMA max_page_count=1000000")
    ledger.append(lambda _: [draft("x" * 9000)] * 20)
    assert verify(ledger).result == "clean"


def test_a_file_that_may_not_grow_loses_nothing_that_was_saved(
    start_process: Start, ledger: Ledger, tmp_path: Path
) -> None:
    ledger.close()
    lines = finish(
        start_process(
            tmp_path,
            """
            ledger = start()
            room = (folder / "ledger.db").stat().st_size + 40_000
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
            saved = 0
            try:
                while True:
                    append(ledger, 3)
                    saved += 3
            except NotSaved as error:
                say(saved, error)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            append(ledger, 3)
            say(ledger.size)
            """,
        )
    )
    saved, words = lines[0].split(" ", 1)
    assert words.startswith("Nothing was saved: the disk")
    assert int(lines[1]) == 1 + int(saved) + 3
    assert verify_file(tmp_path / "ledger.db").result == "clean"


def test_a_read_only_file_is_said_to_be_read_only(
    start_process: Start, ledger: Ledger, path: Path, key: StationKey
) -> None:
    """As somebody who is not root, for whom no file is read-only."""
    ledger.close()
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        (folder / "keys").mkdir()
        for source, target in ((path, folder / "ledger.db"), (key.path, folder / "keys" / "a.pem")):
            target.write_bytes(source.read_bytes())
            target.chmod(0o400)
        if os.geteuid() == 0:
            for item in (folder, folder / "keys", folder / "keys" / "a.pem", folder / "ledger.db"):
                os.chown(item, 65534, 65534)
        lines = finish(
            start_process(
                folder,
                """
                if os.geteuid() == 0:
                    os.setresuid(65534, 65534, 65534)
                try:
                    append(start())
                except LedgerError as error:
                    say(error)
                """,
            )
        )
    assert "read-only" in lines[0]


@pytest.mark.usefixtures("impatient")
def test_another_program_that_holds_the_record_is_named(ledger: Ledger, draft: Make, path: Path) -> None:
    ledger.reopen()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotSaved, match="another program is holding"):
        ledger.append(lambda _: [draft("1")])
    other.execute("ROLLBACK")
    other.execute("BEGIN")
    other.execute("SELECT * FROM entry").fetchone()
    with pytest.raises(NotSaved, match="another program is holding"):
        ledger.append(lambda _: [draft("1")])
    other.execute("ROLLBACK")
    other.close()
    ledger.append(lambda _: [draft("1")])
    assert ledger.size == 2


def test_a_file_that_went_away_is_noticed_at_once(ledger: Ledger, draft: Make, path: Path) -> None:
    path.rename(path.with_name("gone.db"))
    with pytest.raises(NotSaved, match="There is no record"):
        ledger.append(lambda _: [draft("1")])
    path.with_name("gone.db").rename(path)
    ledger.append(lambda _: [draft("1")])
    assert ledger.size == 2


def test_a_copy_that_does_not_fit_on_the_disk_leaves_nothing_behind(ledger: Ledger, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(CannotOpen, match="The copy cannot be written"):
            ledger.backup(tmp_path / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.usefixtures("impatient")
def test_views_that_cannot_be_built_now_are_a_fault_of_opening(
    ledger: Ledger, path: Path, key: StationKey, clock: Clock, kinds: View
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CannotRead, match="another program is holding"):
        Ledger.open(path, key=key, clock=clock, views=[kinds, kinds])
    other.close()
    assert ledger.size == 1


@pytest.mark.usefixtures("impatient")
def test_a_record_that_is_held_when_the_program_starts_is_named(
    ledger: Ledger, path: Path, reopen: Callable[[], Ledger]
) -> None:
    ledger.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LedgerError, match="another program is holding"):
        reopen()
    with pytest.raises(LedgerError, match="another program is holding"):
        Ledger.open_read_only(path)
    other.close()


def test_several_processes_append_to_one_ledger(start_process: Start, ledger: Ledger, tmp_path: Path) -> None:
    body = """
        ledger = start()
        for n in range(60):
            say(append(ledger)[0].index)
    """
    processes = [start_process(tmp_path, body) for _ in range(3)]
    saved = [int(line) for process in processes for line in finish(process)]
    assert sorted(saved) == list(range(1, 181))
    assert verify(ledger).result == "clean"


def test_kill_minus_nine_loses_nothing_that_was_shown_as_saved(
    start_process: Start, ledger: Ledger, tmp_path: Path
) -> None:
    ledger.close()
    chance = random.Random(7)  # noqa: S311
    body = """
        ledger = start()
        while True:
            say(append(ledger, 2)[-1].id)
    """
    shown: list[str] = []
    for _ in range(8):
        process = start_process(tmp_path, body)
        assert process.stdout is not None
        shown += [process.stdout.readline().strip() for _ in range(chance.randrange(1, 40))]
        process.send_signal(signal.SIGKILL)
        shown += [line.strip() for line in process.stdout if line.endswith("\n")]
        process.stdout.close()
        process.wait()
    report = verify_file(tmp_path / "ledger.db")
    assert (report.result, report.entries % 2) == ("clean", 1)
    with Ledger.open_read_only(tmp_path / "ledger.db") as reader:
        assert all(reader.by_id(entry_id) for entry_id in shown)
