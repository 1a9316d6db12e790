"""A list in which the number of a row is typed sign by sign."""

from textual.app import App, ComposeResult
from textual.content import Content

from checklist.tui.rows import Item, Rows


class Listing(App[None]):
    def compose(self) -> ComposeResult:
        yield Rows()


async def test_numbers_of_two_digits_are_typed_one_after_the_other() -> None:
    app = Listing()
    async with app.run_test():
        rows = app.query_one(Rows)
        rows.show([Item(Content(number), number) for number in ("12", "11", "10", "3", "1")])
        assert rows.pick_typed("1")
        assert rows.chosen == "1"
        assert rows.pick_typed("2")
        assert rows.chosen == "12"
        assert rows.pick_typed("3"), "there is no 123, so this is another number"
        assert rows.chosen == "3"
        assert not rows.pick_typed("7")
        assert rows.chosen == "3", "what stands for nothing moves nothing"


async def test_after_the_arrows_a_number_begins_anew() -> None:
    app = Listing()
    async with app.run_test():
        rows = app.query_one(Rows)
        rows.show([Item(Content(number), number) for number in ("12", "2", "1")])
        rows.pick_typed("1")
        rows.move(-1)
        assert rows.pick_typed("2")
        assert rows.chosen == "2"
