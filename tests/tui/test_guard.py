"""When a key may act: rules in seconds, on a clock of our own."""

from checklist.tui.guard import Guard, Verdict


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_enter_right_after_typing_does_not_act() -> None:
    clock = Clock()
    guard = Guard(clock)
    guard.typed(clock())
    clock.now += 0.05
    assert guard.enter(clock()) is Verdict.TYPING
    clock.now += 5
    guard.typed(clock())
    clock.now += 0.1
    assert guard.enter(clock()) is Verdict.GO


def test_a_key_that_is_held_down_acts_once_however_late_its_repeats_begin() -> None:
    for delay in (0.25, 0.5, 0.66, 1.0):
        clock = Clock()
        guard = Guard(clock)
        assert guard.enter(clock()) is Verdict.GO
        clock.now += delay
        first_repeat = guard.enter(clock())
        assert first_repeat in (Verdict.HELD, Verdict.SETTLE)
        for _ in range(40):
            clock.now += 0.033
            assert guard.enter(clock()) is Verdict.HELD


def test_what_has_only_just_appeared_is_not_signed() -> None:
    clock = Clock()
    guard = Guard(clock)
    guard.appeared()
    clock.now += 0.2
    assert guard.enter(clock()) is Verdict.EARLY


def test_other_keys_do_not_act_within_a_burst() -> None:
    clock = Clock()
    guard = Guard(clock)
    guard.typed(clock())
    clock.now += 0.01
    assert guard.key(clock()) is Verdict.TYPING
    clock.now += 1
    assert guard.key(clock()) is Verdict.GO


def test_every_refusal_says_what_to_do() -> None:
    for verdict in (Verdict.TYPING, Verdict.HELD, Verdict.EARLY):
        assert verdict.value.endswith(".")
