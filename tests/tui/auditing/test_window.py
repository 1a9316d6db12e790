"""The part of a long list that is in memory."""

from checklist.tui.auditing.window import KEPT, NEAR, PAGE, Part, Window

ALL = 10 * PAGE


def page(begin: int | None) -> Part[int, int]:
    """Ten pages of numbers; each is known by its first one."""
    start = begin or 0
    end = start + PAGE
    return Part(tuple(range(start, end)), PAGE, end if end < ALL else None)


def walked_to(window: Window[int, int], wanted: int) -> list[int]:
    """Go there row by row, as a highlight does; which numbers were passed."""
    passed = []
    index = 0
    while True:
        row = window.rows[index]
        passed.append(row)
        if row == wanted:
            return passed
        index += 1 if row < wanted else -1
        while way := window.wants(index):
            here = window.rows[index]
            window.add(way, page(window.begins(way)))
            index = window.rows.index(here)


def test_all_of_a_long_list_is_passed_down_and_up_again_and_little_is_kept() -> None:
    window: Window[int, int] = Window(page(None))
    assert walked_to(window, ALL - 1) == list(range(ALL))
    assert len(window.rows) == KEPT * PAGE
    assert window.above == ALL - KEPT * PAGE
    assert window.passed == ALL
    assert not window.wants(len(window.rows) - 1), "there is nothing after the last"


def test_what_was_let_go_is_asked_for_again() -> None:
    window: Window[int, int] = Window(page(None))
    walked_to(window, ALL - 1)
    index = len(window.rows) - 1
    while window.rows[0]:
        assert window.wants(0) == -1
        window.add(-1, page(window.begins(-1)))
        index = min(index, NEAR - 1)
    assert window.above == 0
    assert window.rows[index] == NEAR - 1


def test_the_end_is_gone_to_at_once_and_the_way_back_is_whole() -> None:
    window: Window[int, int] = Window(page(None))
    begins = range(PAGE, ALL, PAGE)
    window.jump(begins, page(begins[-1]))
    assert (window.rows[-1], len(window.rows), window.passed) == (ALL - 1, PAGE, ALL)
    assert (window.at_end, window.at_beginning) == (True, False)
    seen = [window.rows[0]]
    while window.wants(0):
        window.add(-1, page(window.begins(-1)))
        seen.append(window.rows[0])
    assert seen == list(range(ALL - PAGE, -1, -PAGE))
    assert (window.above, window.at_beginning) == (0, True)
    window.jump((), page(None))
    assert (window.rows[0], window.above, window.wants(PAGE - 1)) == (0, 0, 1)


def test_a_heading_that_two_pages_share_is_one_line() -> None:
    window: Window[int, int] = Window(Part((1,), 2, 1, "Monday", "Monday"))
    for number in (2, 3, 4):
        window.add(1, Part((number,), 2, number, "Monday", "Sunday" if number == 2 else "Monday"))
    assert window.above == 1, "Monday stands over what is in memory"
    window.add(1, Part((5,), 2, None, "Monday", "Monday"))
    assert window.above == 3, "Monday stood under Sunday anew"
    window.add(-1, Part((2,), 2, 2, "Monday", "Sunday"))
    assert window.above == 1
