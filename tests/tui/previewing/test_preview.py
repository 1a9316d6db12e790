"""Somebody writes a protocol and sees it walked as staff will: it follows every save, and records nothing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest
from rich.color import ColorSystem

from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.model import resolve
from checklist.tui.previewing.preview import Preview
from checklist.tui.previewing.preview_file import Draft, ProtocolFile
from checklist.tui.previewing.preview_walk import NOTHING
from tests.support.walked import EVERY_KIND, HOSTILE, PLAIN, SECOND_LOOK
from tests.tui.conftest import Clock, Nurse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.protocol.values import ProfileValue
    from checklist.tui.previewing.preview_walk import PreviewFace

    Write = Callable[..., AbstractAsyncContextManager["Author"]]

SIZES = [(80, 24), (120, 40)]
HOLD = '\n[[steps]]\nid = "wait"\nkind = "timer"\ndo = "Wait."\nat_least = { profile = "waiting" }\n'


class Author(Nurse):
    """Somebody with an editor beside the screen; the screen looks at the file whenever it is told to."""

    def __init__(self, path: Path, values: Mapping[str, ProfileValue]) -> None:
        self.path = path
        self.looks = 0
        self.go: asyncio.Queue[None] = asyncio.Queue()
        clock = Clock()
        self.preview = Preview(ProtocolFile(path, values), clock, self._pause, date(2031, 1, 1))
        self.clock = clock
        self.desk = self.preview

    async def _pause(self) -> None:
        self.looks += 1
        await self.go.get()

    @property
    def face(self) -> PreviewFace:
        return self.preview.preview

    @property
    def step(self) -> str:
        """The id of the step that is shown; empty once the run has ended."""
        current = self.face.step
        return current.id if current is not None else ""

    async def look(self) -> None:
        """The screen looks at the file once."""
        before = self.looks
        self.go.put_nowait(None)
        await self.until(lambda: self.looks > before)

    async def save(self, text: str) -> None:
        """Save over the old file; the screen looks."""
        self.path.write_text(text, "utf-8")
        await self.look()
        await self.look()

    async def replace(self, text: str) -> None:
        """Put another file in its place, as many editors do; the screen looks."""
        other = self.path.with_name(".saving~")
        other.write_text(text, "utf-8")
        other.replace(self.path)
        await self.look()
        await self.look()


@pytest.fixture
def write(folder: Folder) -> Write:
    """The preview of a file among the clinic's own, with somebody at it."""

    @asynccontextmanager
    async def opened(
        text: str, name: str = "plain-walk", size: tuple[int, int] = (80, 24), **values: ProfileValue
    ) -> AsyncIterator[Author]:
        path = folder.protocols / f"{name}.toml"
        path.write_text(text, "utf-8")
        author = Author(path, values)
        try:
            async with author.preview.run_test(size=size) as pilot:
                author.pilot = pilot
                await author.until(lambda: author.looks)
                yield author
        finally:
            author.preview.storage.close()

    return opened


def contents_of(folder: Folder) -> dict[str, bytes]:
    """Every byte of a clinic, but for its own protocol files."""
    files = (path for path in folder.root.rglob("*") if path.is_file() and folder.protocols not in path.parents)
    return {str(path.relative_to(folder.root)): path.read_bytes() for path in files}


# -- following the file ----------------------------------------------------------------------------------------------


async def test_a_save_is_followed_and_the_step_and_what_was_typed_stay(write: Write) -> None:
    async with write(EVERY_KIND, "every-kind") as author:
        await author.sees("Wipe the tray.")
        await author.press("enter")
        await author.sees("Read the fridge.")
        await author.type("5")
        await author.save(EVERY_KIND.replace("Wipe the tray.", "Wipe both trays.").replace("Let it soak", "Leave it"))
        await author.sees("[ 5 ")
        assert author.step == "temperature"
        await author.press("f2")
        await author.sees("Wipe both trays.")
        await author.replace(EVERY_KIND.replace("Wipe the tray.", "Wipe three trays."))
        await author.sees("Wipe three trays.")
        assert author.step == "wipe"


async def test_a_step_that_asks_something_else_now_begins_empty(write: Write) -> None:
    async with write(EVERY_KIND, "every-kind") as author:
        await author.press("f3")
        await author.type("5")
        await author.press("enter")
        await author.sees("UNDERSTOOD  5")
        await author.save(EVERY_KIND.replace("decimals = 1", "decimals = 2"))
        await author.until(lambda: "UNDERSTOOD" not in author.text())
        assert author.step == "temperature"
        assert "[ 5" not in author.text()


async def test_what_was_answered_stands_where_its_step_is_unchanged(write: Write) -> None:
    async with write(PLAIN) as author:
        await author.press("enter", "enter")
        assert author.step == "act-3"
        await author.save(PLAIN.replace("Do act 2.", "Do the second act."))
        await author.sees("the second act")
        assert author.step == "act-3"
        lines = author.text().splitlines()
        assert any(line.startswith(" [x]  1") for line in lines)
        assert any(line.startswith(" [-]  2") for line in lines)


async def test_where_its_step_has_gone_the_walk_stands_at_the_same_number(write: Write) -> None:
    async with write(PLAIN) as author:
        await author.press("enter")
        await author.save(PLAIN.replace('"act-2"', '"renamed"'))
        await author.until(lambda: author.step == "renamed")
        await author.press("f3")
        await author.save(PLAIN[: PLAIN.index('[[steps]]\nid = "act-2"')])
        await author.until(lambda: author.step == "act-1")
        await author.sees("STEP 1 OF 1")


async def test_a_broken_file_greys_the_last_good_walk_until_it_is_mended(write: Write) -> None:
    async with write(PLAIN) as author:
        await author.press("enter")
        place = PLAIN.splitlines().index('kind = "confirm"') + 1
        await author.save(PLAIN.replace('kind = "confirm"', 'kind = "confrim"', 1))
        await author.sees(f"<X> BROKEN at {place}:1")
        await author.sees("LINT  1 error")
        assert author.face.has_class("-stale")
        assert "Do act 2." in author.text()
        await author.press("enter")
        await author.sees("mend the file")
        assert author.step == "act-2"
        await author.press("f3", "f2")
        await author.save("no TOML at all")
        await author.sees("not valid TOML")
        await author.save(PLAIN)
        await author.until(lambda: not author.face.has_class("-stale"))
        assert "BROKEN" not in author.text()
        assert author.step == "act-2"
        await author.press("enter")
        assert author.step == "act-3"


async def test_a_file_that_was_broken_from_the_start_says_so_and_is_walked_once_mended(write: Write) -> None:
    async with write("[protocol]\n") as author:
        await author.sees("It cannot be walked yet")
        await author.sees("[Ctrl+Q] QUIT")
        await author.press("enter", "f3", "f2", "f6", "f1", "f9", "escape", "pagedown", "1", "a", "down")
        await author.save(PLAIN)
        await author.sees("Do act 1.")


async def test_a_file_that_is_gone_for_a_moment_changes_nothing(write: Write) -> None:
    async with write(PLAIN) as author:
        await author.press("enter")
        away = author.path.with_name("away")
        author.path.rename(away)
        await author.look()
        assert not author.face.has_class("-stale")
        away.rename(author.path)
        await author.look()
        await author.look()
        assert not author.face.has_class("-stale")
        author.path.unlink()
        await author.look()
        await author.look()
        await author.sees("cannot be read")
        assert author.face.has_class("-stale")
        await author.save(PLAIN)
        await author.until(lambda: not author.face.has_class("-stale"))
        assert author.step == "act-2"


# -- walking ---------------------------------------------------------------------------------------------------------


async def test_every_kind_of_step_is_walked_to_the_end_and_nothing_is_written(write: Write, folder: Folder) -> None:
    before = contents_of(folder)
    async with write(EVERY_KIND, "every-kind") as author:
        await author.press("enter")
        await author.type("9")
        await author.press("enter", "enter")
        await author.sees("<X> OUT OF LIMIT")
        await author.type("door closed")
        await author.press("enter", "enter")
        await author.type("5,0")
        await author.press("enter", "enter")
        await author.sees("Look at the seal.")
        await author.type("1")
        await author.press("enter", "enter", "enter")
        await author.sees("PUT THE CLOCK FORWARD")
        await author.press("enter")
        await author.until(lambda: author.step == "cartridge")
        await author.burst("]d201040123456789011731053110L77")
        await author.press("enter")
        for words in ("Two nurses.", "printout.pdf"):
            await author.type(words)
            await author.press("enter", "enter")
        await author.press("enter")
        await author.sees("mix-20310101-01")
        await author.press("enter")
        await author.sees("THEY READ")
        assert NOTHING in author.text()
        await author.press("1", "enter")
        await author.sees("Decide.")
        await author.press("enter", "2", "enter")
        await author.sees("COMPLETE, 1 DEVIATION")
        await author.sees("QUARANTINED  First Person")
        assert NOTHING in author.text()
        await author.press("enter")
        assert author.step == "wipe"
    assert contents_of(folder) == before


async def test_a_second_person_who_reads_something_else_fails_it(write: Write) -> None:
    async with write(SECOND_LOOK, "second-look") as author:
        await author.press("f3", "f3")
        await author.sees("Somebody else reads")
        await author.press("enter")
        await author.until(lambda: author.step != "label-again")
        await author.press("f6")
        await author.type("1")
        await author.press("enter", "enter", "f3", "f3")
        await author.sees("Somebody else scores it.")
        await author.press("enter", "2", "enter")
        await author.sees("<X> THE TWO READINGS DIFFER")


async def test_a_failed_hold_ends_the_run_and_enter_begins_again(write: Write) -> None:
    stops = EVERY_KIND.replace("hold = true", "hold = true\non_fail = { stop = true }")
    async with write(stops, "every-kind") as author:
        await author.press("f3", "f3")
        await author.type("2")
        await author.press("enter", "enter")
        await author.sees("FAILED")
        await author.press("f2")
        assert author.step == "seal"
        await author.press("f6")
        assert author.step == "wipe"


async def test_any_step_can_be_looked_at_also_one_that_the_answers_rule_out(write: Write) -> None:
    branch = '\n[[steps]]\nid = "only-then"\nkind = "confirm"\ndo = "Only then."\nexpect = "so"\n'
    text = SECOND_LOOK + branch + 'when = { step = "score", is = "1" }\n'
    async with write(text, "second-look") as author:
        await author.type("0")
        await author.press("enter", "enter")
        assert author.step == "label"
        for _ in range(10):
            await author.press("f3")
        assert author.step == "only-then"
        await author.sees("Only then.")
        await author.press("f3")
        await author.sees("This is the last step.")
        for _ in range(10):
            await author.press("f2")
        assert author.step == "score"
        await author.sees("This is the first step.")


async def test_a_timer_with_a_maximum_may_be_put_forward_and_is_ended_by_enter(write: Write) -> None:
    bounded = EVERY_KIND.replace('at_least = "2s"', 'at_least = "3m"\nat_most = "10m"')
    async with write(bounded, "every-kind") as author:
        await author.press("f3", "f3", "f3", "enter")
        await author.sees("PUT THE CLOCK FORWARD")
        author.clock.seconds += 61
        author.desk.tick()
        await author.until(lambda: author.face.response.clock.value.startswith("01:5"))
        await author.press("enter")
        await author.sees("END THE TIMER")
        author.clock.seconds += 600
        author.desk.tick()
        await author.sees("TOO LONG")


# -- what is seen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colour", ["colour", "none"])
async def test_it_can_be_read_in_every_colour_mode_also_while_it_is_broken(
    write: Write, size: tuple[int, int], colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if colour == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    async with write(EVERY_KIND, "every-kind", size) as author:

        async def readable(*words: str) -> None:
            for word in (*words, NOTHING):
                await author.sees(word)
            assert not author.unreadable()
            assert not author.unreadable(ColorSystem.EIGHT_BIT)
            assert not author.unreadable(ColorSystem.STANDARD)
            assert len(author.text().splitlines()) == size[1]
            assert all(len(line) <= size[0] for line in author.text().splitlines())

        await readable("Wipe the tray.", "PREVIEW   One step of every kind", "LINT", "NOTHING IS RECORDED", "[F3]")
        if size[0] == 120:
            await readable("A wet tray carries germs.")
        await author.press("f1")
        await readable("A wet tray carries germs.")
        await author.press("escape")
        await author.save(EVERY_KIND + "\nbroken")
        await readable("<X> BROKEN", "LINT  1 error", "Wipe the tray.")


async def test_the_list_of_faults_is_gone_through_with_the_page_keys(write: Write) -> None:
    faulty = PLAIN.replace("kind =", "knid =")
    async with write(faulty) as author:
        await author.sees("LINT")
        first = author.text()
        await author.press("pagedown")
        await author.until(lambda: "> <X>" in author.text() and author.text() != first)
        second = author.text()
        await author.press("pagedown", "pagedown", "pagedown")
        await author.until(lambda: author.text() != second)
        assert "more above" in author.text()
        await author.press("pageup", "pageup", "pageup", "pageup", "pageup", "pageup")
        await author.until(lambda: "more above" not in author.text())


async def test_below_80x24_it_says_what_it_is(write: Write) -> None:
    async with write(PLAIN, size=(60, 20)) as author:
        await author.sees("Enlarge the window")
        await author.sees("PREVIEW")


async def test_text_of_a_file_is_only_ever_text(write: Write) -> None:
    async with write(HOSTILE, "hostile-words") as author:
        await author.sees("PREVIEW")
        for _ in range(6):
            await author.press("f3")
            text = author.text()
            assert all(sign.isprintable() or sign == "\n" for sign in text)
        broken = HOSTILE.replace("[protocol]", "[protocol]\n[bold]x[/nope] = 1")
        await author.save(broken)
        await author.until(lambda: author.face.draft.faults)
        assert all(sign.isprintable() or sign == "\n" for sign in author.text())


async def test_a_profile_that_is_not_known_leaves_the_words_to_be_read(write: Write) -> None:
    async with write(PLAIN + HOLD) as author:
        await author.sees("It takes values from the clinic's profile: waiting.")
        await author.sees("Do act 1.")
        await author.save(PLAIN)
        await author.sees("STEP 1 OF 3")
        await author.save(PLAIN + HOLD)
        await author.sees("and not walked")


async def test_values_of_the_profile_stand_in_the_walk(write: Write) -> None:
    async with write(PLAIN + HOLD, waiting="7m") as author:
        await author.press("f3", "f3", "f3")
        await author.sees("at least 7 min")


async def test_every_shipped_protocol_can_be_looked_through(write: Write) -> None:
    values = shipped_profiles()["strictest"].profile.values
    async with write(PLAIN) as author:
        for loaded in shipped().values():
            protocol = resolve(loaded.protocol, values)
            author.face.rehearsal = None
            author.face.take_up(Draft((), protocol))
            for step in protocol.steps:
                assert author.step == step.id
                assert author.face.mode.value
                author.face._go(1) if step is not protocol.steps[-1] else None
                author.face.show()


async def test_ctrl_q_leaves_and_no_other_key_does(write: Write) -> None:
    async with write(PLAIN) as author:
        await author.press("f9", "f5", "f7", "f8", "f4", "escape")
        await author.sees("Ctrl+Q ends the preview.")
        assert author.step == "act-1"
        assert author.preview.is_running
        await author.press("ctrl+q")
        await author.until(lambda: author.preview.return_code == 0)
