"""What all tests share: where their folders lie, and what a secret costs to compare."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import shutil
import sys
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

import pytest
from coverage import Coverage

import checklist
from checklist.clinic.auditing import catalogue_name
from checklist.clinic.config import load
from checklist.clinic.errors import ConfigError
from checklist.clinic.folder import CONFIG, Folder
from checklist.clinic.texts import library
from checklist.people import secret
from checklist.protocol import loader
from checklist.protocol.outline import outline

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS: Final = Path(__file__).parent
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a disk in memory, and a folder of our own on it
NAMED: Final = "checklist-tests-"
ENOUGH: Final = 4 << 30
"""So many bytes must be free there."""
FOLLOWED: Final = ("ledger", "protocol", "run", "trace", "gate")
"""The packages whose lines CI asks for (the `source` of coverage in pyproject.toml)."""
FOLLOWING: Final = frozenset({*FOLLOWED, "faults"})
"""Where the tests are that must reach them. To follow these packages through whole screens and programs as well would
double the time of those tests."""
TEXTS: Final = 200
"""So many are kept: those that come with the program, and some of the tests' own."""
HOME_CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "checklist" / "catalogues"
"""Where the program would keep it, if the tests let it."""
LONG: Final = frozenset({"test_sigkill", "test_story", "test_flagship_day", "test_two_people", "test_people"})
"""The stories that take a person's time over every key."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep the folders of the tests in memory, where there is room and nobody named another place: every commit waits
    for the disk several times, and that it does is tried by itself, with a disk that fails where it is told to.

    And let Python keep what it has compiled, whatever this machine says: every worker and every program that is
    started would compile all of it anew, which takes as long as a tenth of the tests."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if config.option.basetemp is None and "PYTEST_DEBUG_TEMPROOT" not in os.environ and _has_room(MEMORY):
        for left in MEMORY.glob(f"{NAMED}*"):  # by a run that was killed
            if not Path("/proc", left.name.removeprefix(NAMED).partition("-")[0]).exists():
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(mkdtemp(prefix=f"{NAMED}{os.getpid()}-", dir=MEMORY))
        config.option.basetemp = str(folder / "run")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Read what is followed while it is: what is imported later, in a test of another package, would seem unread."""
    result = yield
    if Coverage.current() is not None:
        for name in FOLLOWED:
            package = importlib.import_module(f"{checklist.__name__}.{name}")
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                importlib.import_module(module.name)
    return result


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through thousands of tests for garbage again and again takes a tenth of
    the time of all of them. What each test leaves is looked through less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Follow the lines of the program only in the tests that are there for it."""
    following = Coverage.current()
    if following is None or item.path.relative_to(TESTS).parts[0] in FOLLOWING:
        return (yield)
    following.stop()
    try:
        return (yield)
    finally:
        following.start()


def _has_room(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    runs_programs = not disk.f_flag & os.ST_NOEXEC
    return runs_programs and os.access(folder, os.W_OK) and disk.f_bavail * disk.f_frsize >= ENOUGH


@pytest.fixture(scope="session", autouse=True)
def cost_of_secrets() -> Iterator[int]:
    """Secrets are hashed at next to no cost, and so compared at none by every program that is started; how much
    memory they cost otherwise, in KiB."""
    dear = secret.MEMORY_KIB
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secret, "MEMORY_KIB", 8)
        yield dear


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the program keeps for whoever reads lies in a folder of the tests, also where they start the program."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def texts_read_once() -> Iterator[None]:
    """What a text says is worked out once for all clinics, which adopt the same ones; it is frozen. Each clinic still
    reads the bytes of its own copy and compares them with what was adopted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "parse", lru_cache(TEXTS)(loader.parse))
        patch.setattr(library, "outline", lru_cache(TEXTS)(outline))
        yield


@pytest.fixture(autouse=True)
def no_other_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test lays out a record where whoever runs the tests keeps those that they read."""
    before = _kept_at_home()
    yield
    if fresh := _kept_at_home() - before:  # by a test, or by somebody who reads a clinic of theirs meanwhile
        ours = {path for path in tmp_path_factory.getbasetemp().rglob(CONFIG) if _catalogue_of(path) in fresh}
        assert not ours, f"what was read of these lies in {HOME_CACHE}: {ours}"


def _kept_at_home() -> set[str]:
    return {path.name for path in HOME_CACHE.glob("*.db")}


def _catalogue_of(config: Path) -> str:
    try:
        told = load(config).clinic
    except ConfigError:
        return ""
    return catalogue_name(Folder(config.parent), told.origin, told.station)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long stories first, each worker its share: every worker begins at its own part of the list, and so none of
    the stories is left to one of them at the end."""
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    stories = [one for one in items if one.path.parent.name == "journeys" and one.path.stem in LONG]
    long = set(stories)
    rest = [one for one in items if one not in long]
    part = len(items) / workers
    items.clear()
    for at in range(workers):
        items += stories[at::workers]
        more = max(0, round(part * (at + 1)) - len(items))
        items += rest[:more]
        del rest[:more]
    items += rest
