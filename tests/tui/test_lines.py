"""Lines take the room that they need, and ask for a new layout only when that changes."""

from textual.app import App, ComposeResult
from textual.content import Content

from checklist.tui.lines import Lines


class Page(App[None]):
    CSS = "Lines { height: auto; }"

    def compose(self) -> ComposeResult:
        yield Lines()


def told(*words: str) -> list[Content]:
    return [Content(word) for word in words]


async def test_the_height_follows_the_number_of_lines_and_none_takes_no_room() -> None:
    async with Page().run_test() as pilot:
        lines = pilot.app.query_one(Lines)
        lines.show(told("one", "two", "three"))
        await pilot.pause()
        assert lines.size.height == 3
        lines.show([])
        await pilot.pause()
        assert not lines.display


async def test_other_words_on_as_many_lines_leave_the_layout_alone() -> None:
    async with Page().run_test() as pilot:
        lines = pilot.app.query_one(Lines)
        lines.show(told("one", "two"))
        await pilot.pause()
        laid_out = []
        pilot.app.screen.screen_layout_refresh_signal.subscribe(lines, lambda _: laid_out.append(1))
        lines.show(told("three", "four"))
        await pilot.pause()
        assert laid_out == []
        assert lines.render().plain == "three\nfour"
        lines.show(told("five"))
        await pilot.pause()
        assert laid_out
