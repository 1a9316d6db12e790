"""The rules about order, limits and ways out: what they find, and above all what they leave alone."""

import pytest

from checklist.protocol.linting.rule import whole
from checklist.protocol.linting.shape import judge
from checklist.protocol.loader import LoadedProtocol, parse

ASK = """
[[steps]]
id = "ask"
kind = "choice"
do = "Ask."
options = [{ value = "yes", verdict = "pass" }, { value = "no", verdict = "pass" }, { value = "bad", verdict = "fail" }]
"""
BOTH = 'roles = ["auditor", "lead"]'
AUDITOR = 'roles = ["auditor"]'


def found(example: str) -> list[str]:
    """The rules that an example breaks, out of those about order, limits and ways out."""
    result = parse(whole(example).encode(), name="example.toml")
    assert isinstance(result, LoadedProtocol), result
    return [problem.rule for problem in judge(result.protocol)]


def step(name: str, more: str = "", kind: str = "text") -> str:
    """A step with whatever else is given."""
    return f"\n[[steps]]\nid = '{name}'\nkind = '{kind}'\ndo = 'Do {name}.'\n{more}\n"


def many(count: int, more: str = "phase = 'First'") -> str:
    """That many harmless steps."""
    return "".join(step(f"step-{number}", more) for number in range(count))


def measured(limit: str, more: str = "", unit: str = "Cel") -> str:
    """A reading."""
    return step("read", f"unit = '{unit}'\nlimit = {{ {limit} }}\n{more}", "measure")


STOPPER = step("stopper", "phase = 'First'\nhold = true")
WAIT = step("wait", "phase = 'First'\nat_least = '1m'\nsource = 'label'", "timer")


def test_nine_steps_need_no_phase_and_ten_do() -> None:
    assert found(many(9, "")) == []
    assert found(many(10, "")) == ["long-list"]
    assert found(many(10)) == []
    assert found(many(9, "") + step("headed", "phase = 'Then'") + step("last")) == []


def test_what_can_stop_everything_comes_first() -> None:
    assert found(many(9) + STOPPER) == ["critical-late"]
    assert found(STOPPER + many(9)) == []


def test_what_waits_for_something_may_come_late() -> None:
    assert found(WAIT + many(9) + STOPPER) == []
    assert found(ASK + "phase = 'First'\n" + many(8) + STOPPER + "when = { step = 'ask', is = 'yes' }\n") == []
    assert found(many(9) + step("release", "meanings = ['released']\nphase = 'Last'\nhold = true", "sign")) == []
    assert found(many(7) + STOPPER) == []  # short enough to be read at a glance


def test_an_early_hold_allows_later_ones() -> None:
    assert found(STOPPER + many(9) + STOPPER.replace("stopper", "release")) == []


@pytest.mark.parametrize(
    ("limit", "unit"), [("min = 0", "{count}"), ("min = 0", "mm"), ("min = 0, max = 100", "%"), ("max = 100", "%")]
)
def test_a_limit_that_no_reading_can_break_needs_nothing(limit: str, unit: str) -> None:
    assert found(measured(limit, unit=unit)) == []
    assert found(measured(limit, "hold = true", unit)) == []


@pytest.mark.parametrize(
    ("limit", "unit"),
    [
        ("min = 0", "Cel"),
        ("min = 1", "{count}"),
        ("max = 8", "mm"),
        ("max = 90", "%"),
        ("min = { profile = 'p' }", "mm"),
    ],
)
def test_a_limit_that_can_be_broken_needs_a_source_and_a_way_on(limit: str, unit: str) -> None:
    assert found(measured(limit, unit=unit)) == ["limit-without-source", "no-failure-branch"]
    assert found(measured(limit, "source = 'label'\ncaution = 'Ask.'", unit)) == []
    assert found(measured(limit, "source = 'label'\non_fail = { stop = true }", unit)) == []
    assert found(measured(limit, "source = 'label'\nhold = true", unit)) == ["hold-without-way-out"]


def test_what_is_only_expected_fails_nothing() -> None:
    assert found(step("read", "unit = 'Cel'\nexpected = { min = 1 }", "measure")) == []


def test_a_time_needs_a_source() -> None:
    assert found(step("wait", "at_least = '3m'", "timer")) == ["limit-without-source"]


def test_a_time_is_read_wherever_a_timer_follows_it() -> None:
    route = step("route", "options = [{ value = 'a', verdict = 'pass' }, { value = 'b', verdict = 'pass' }]", "choice")
    label = step("label", "unit = 's'\nexpected = { min = 30 }", "measure")
    wet = step("wet", "at_least = '30s'\nat_least_as = 'label'\nsource = 'label'", "timer")
    on_a, on_b = (f"when = {{ step = 'route', is = '{value}' }}\n" for value in "ab")
    assert found(label + wet) == []
    assert found(route + label + wet + on_a) == []
    assert found(route + label + on_a + wet + on_a) == []
    assert found(route + label + on_a + wet) == ["time-not-read"]
    assert found(route + label + on_a + wet + on_b) == ["time-not-read"]


def test_a_soak_may_be_ended_by_a_later_reading() -> None:
    soak = step("probe-soak", "at_least = '12m'\nsource = 'label'", "timer")
    assert found(soak) == ["timer-without-maximum"]
    assert found(soak + step("minutes", "unit = 'min'\nexpected = { max = 20 }", "measure")) == []
    assert found(soak.replace("probe-soak", "rest")) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("scan", "captures = ['lot', 'expiry']"),
        ("timer", "at_least = '1m'\nat_most = '2m'\nsource = 'label'"),
        ("choice", "options = [{ value = 'a', verdict = 'pass' }, { value = 'b', verdict = 'fail' }]"),
    ],
)
def test_a_hold_that_can_fail_says_the_way_out(kind: str, more: str) -> None:
    assert found(step("held", f"{more}\nhold = true", kind)) == ["hold-without-way-out"]
    assert found(step("held", f"{more}\nhold = true\ncaution = 'Take another.'", kind)) == []
    assert found(step("held", f"{more}\nhold = true\non_fail = {{ open = 'spill' }}", kind)) == []
    assert found(step("held", more, kind)) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("scan", "captures = ['lot']"),
        ("text", ""),
        ("choice", "options = [{ value = 'a', verdict = 'pass' }, { value = 'b', verdict = 'pass' }]"),
    ],
)
def test_a_hold_that_cannot_fail_needs_no_way_out(kind: str, more: str) -> None:
    assert found(step("held", f"{more}\nhold = true", kind)) == []


def test_a_printout_can_be_of_an_aborted_cycle() -> None:
    header = whole("").replace('subject = "clinic"', 'subject = "equipment"')
    file = step("file", "printout = true", "attach")
    assert found(header + file) == ["no-failure-branch"]
    assert found(header + f"{file}hold = true\n") == ["hold-without-way-out"]
    assert found(header + f"{file}hold = true\ncaution = 'Touch no pack.'\n") == []


def test_auditors_clear_nothing() -> None:
    assert found(step("one", AUDITOR)) == ["hold-without-way-out"]
    assert found(step("one", BOTH)) == []
    header = whole("").replace('subject = "clinic"', f'subject = "clinic"\n{AUDITOR}')
    assert found(header + step("one")) == ["hold-without-way-out"]


@pytest.mark.parametrize(("answer", "rules"), [("yes", []), ("bad", ["unreachable-branch"])])
def test_no_step_waits_for_an_answer_that_fails(answer: str, rules: list[str]) -> None:
    assert found(ASK + step("then", f"when = {{ step = 'ask', is = '{answer}' }}")) == rules


@pytest.mark.parametrize(
    ("value", "rules"), [("5", []), ("5.0", []), ("9", ["unreachable-branch"]), ("warm", []), ("NaN", [])]
)
def test_no_step_waits_for_a_reading_that_fails(value: str, rules: list[str]) -> None:
    reading = measured("min = 2, max = 8", "source = 'label'\ncaution = 'Ask.'")
    assert found(reading + step("then", f"when = {{ step = 'read', is = '{value}' }}")) == rules


def test_no_step_waits_for_two_answers_to_one_question() -> None:
    first = step("first", "when = { step = 'ask', is = 'yes' }")
    second = step("second", "of = 'first'\nwhen = { step = 'ask', is = 'ANSWER' }", "witness")
    assert found(ASK + first + second.replace("ANSWER", "yes")) == []
    assert found(ASK + first + second.replace("ANSWER", "no")) == ["unreachable-branch"]


@pytest.mark.parametrize(
    ("kind", "more", "rules"),
    [
        ("confirm", "expect = 'seen'", ["condition-without-answer"]),
        ("timer", "at_least = '1m'\nsource = 'label'", ["condition-without-answer"]),
        ("attach", "", ["condition-without-answer"]),
        ("text", "", []),
        ("sign", "meanings = ['released', 'quarantined']", []),
    ],
)
def test_a_condition_needs_an_answer_to_compare(kind: str, more: str, rules: list[str]) -> None:
    asked = step("asked", more, kind)
    assert found(asked + step("then", "when = { step = 'asked', is = 'released' }")) == rules
