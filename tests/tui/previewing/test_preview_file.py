"""A file that somebody is writing: read anew when it was saved, however their editor saves; whatever it holds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checklist.protocol.errors import Fault
from checklist.tui.previewing.preview_file import ProtocolFile
from tests.support.walked import EVERY_KIND, PLAIN

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.protocol.errors import Severity

WAIT = '\n[[steps]]\nid = "wait"\nkind = "timer"\ndo = "Wait."\nat_least = { profile = "waiting" }\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plain-walk.toml"
    path.write_text(PLAIN, "utf-8")
    return path


def settled(file: ProtocolFile) -> None:
    """Look until there is nothing more to see."""
    while file.poll() is not None:
        pass
    assert file.poll() is None


def test_it_is_read_once_and_then_only_after_a_change(path: Path) -> None:
    file = ProtocolFile(path, {})
    first = file.poll()
    assert first is not None
    assert first.protocol is not None
    assert first.protocol.id == "plain-walk"
    settled(file)
    path.write_text(PLAIN.replace("Do act 1.", "Do the first act."), "utf-8")
    again = file.poll()
    assert again is not None
    assert again.protocol is not None
    assert again.protocol.steps[0].do == "Do the first act."
    settled(file)


def test_a_save_that_changes_nothing_is_none(path: Path) -> None:
    file = ProtocolFile(path, {})
    settled(file)
    path.write_text(PLAIN, "utf-8")
    assert file.poll() is None


def test_another_file_put_in_its_place_is_read(path: Path) -> None:
    file = ProtocolFile(path, {})
    settled(file)
    other = path.with_suffix(".tmp")
    other.write_text(PLAIN.replace("act 2", "act X"), "utf-8")
    other.replace(path)
    draft = file.poll()
    assert draft is not None
    assert draft.protocol is not None
    assert draft.protocol.steps[1].do == "Do act X."


def test_a_file_between_two_names_is_not_gone(path: Path) -> None:
    file = ProtocolFile(path, {})
    settled(file)
    backup = path.with_suffix(".bak")
    path.rename(backup)
    assert file.poll() is None
    backup.rename(path)
    assert file.poll() is None
    assert file.poll() is None


def test_a_file_that_stays_away_is_told_once_and_comes_back(path: Path) -> None:
    file = ProtocolFile(path, {})
    settled(file)
    path.unlink()
    assert file.poll() is None
    gone = file.poll()
    assert gone is not None
    assert gone.broken
    assert [fault.rule for fault in gone.faults] == ["unreadable"]
    assert file.poll() is None
    path.write_text(PLAIN, "utf-8")
    back = file.poll()
    assert back is not None
    assert back.protocol is not None


def test_a_second_save_that_leaves_no_trace_but_its_words_is_seen(path: Path) -> None:
    file = ProtocolFile(path, {})
    settled(file)
    path.write_text(PLAIN.replace("act 1", "act 8"), "utf-8")
    seen = path.stat()
    assert file.poll() is not None
    path.write_text(PLAIN.replace("act 1", "act 9"), "utf-8")
    import os

    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    draft = file.poll()
    assert draft is not None
    assert draft.protocol is not None
    assert draft.protocol.steps[0].do == "Do act 9."


def test_what_is_wrong_comes_most_severe_first(path: Path) -> None:
    def judged(where: Path) -> list[Fault]:
        levels: tuple[Severity, ...] = ("advice", "error", "warning", "error")
        return [Fault(str(where), 9 - at, 1, "rule", level, "wrong", "right") for at, level in enumerate(levels)]

    draft = ProtocolFile(path, {}, judged).poll()
    assert draft is not None
    assert [(fault.severity, fault.line) for fault in draft.faults] == [
        ("error", 6),
        ("error", 8),
        ("warning", 7),
        ("advice", 9),
    ]
    assert draft.protocol is not None


def test_a_broken_file_has_its_faults_with_their_places(path: Path) -> None:
    path.write_text(PLAIN.replace('kind = "confirm"', 'kind = "confrim"', 1), "utf-8")
    draft = ProtocolFile(path, {}).poll()
    assert draft is not None
    assert draft.broken
    assert draft.faults[0].line == PLAIN.splitlines().index('kind = "confirm"') + 1


def test_values_of_a_profile_are_put_in_place_or_the_protocol_is_only_read(path: Path) -> None:
    path.write_text(PLAIN + WAIT, "utf-8")
    known = ProtocolFile(path, {"waiting": "3m"}).poll()
    assert known is not None
    assert known.protocol is not None
    assert not known.protocol.profile_values()
    unknown = ProtocolFile(path, {}).poll()
    assert unknown is not None
    assert unknown.protocol is None
    assert unknown.unresolved is not None
    assert unknown.unresolved.profile_values() == {"waiting"}
    unfit = ProtocolFile(path, {"waiting": Decimal(7)}).poll()
    assert unfit is not None
    assert unfit.protocol is None
    assert "waiting" in unfit.faults[0].message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_it_holds_the_answer_is_a_walk_or_faults(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "every-kind.toml"
    whole = EVERY_KIND.encode()
    at = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.integers(at, min(at + 40, len(whole))))
    path.write_bytes(whole[:at] + data.draw(st.binary(max_size=20) | st.text(max_size=20).map(_utf8)) + whole[until:])
    draft = ProtocolFile(path, {}).poll()
    assert draft is not None
    assert draft.faults or not draft.broken


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
