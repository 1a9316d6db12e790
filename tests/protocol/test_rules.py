"""What the author of a protocol is told, one broken rule at a time."""

from collections.abc import Callable

import pytest

from checklist.protocol.errors import Fault
from checklist.protocol.loader import parse
from checklist.protocol.model import Protocol
from tests.protocol.conftest import HEADER

Break = Callable[[str, str], list[Fault]]
Build = Callable[..., Protocol | list[Fault]]


def of_one_fault(faults: list[Fault]) -> Fault:
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def confirm(step_id: str, more: str = "") -> str:
    return f'[[steps]]\nid = "{step_id}"\nkind = "confirm"\ndo = "Do it."\nexpect = "done"\n{more}\n'


@pytest.mark.parametrize(
    ("old", "new", "rule", "told"),
    [
        ('unit = "Cel"', 'unit = "C"', "unit", 'step 3 "exposure-temperature": unit "C" is not known'),
        ('id = "steriliser-load"', 'id = "Load 1"', "id", "cannot be a name"),
        ('version = "2.1.0"', 'version = "2.1"', "version", "write three numbers"),
        ('category = "sterilisation"', 'category = "sterilization"', "literal-error", 'write "sterilisation"'),
        ('subject = "equipment"', "subject = 5", "literal-error", "write one of"),
        ('valid_for = "7d"', 'valid_for = "7 days"', "duration", '"7 days", not a duration'),
        ('valid_for = "7d"', "valid_for = 7", "duration", "is 7, not a duration"),
        ("year = 2008", "year = 20080", "less-than-equal", "at most 2200"),
        ("year = 2008", 'year = "2008"', "int-type", "not a whole number"),
        ('title = "Run and release a steriliser load"', "title = 5", "string-type", "not words in quotes"),
        ('title = "Run and release a steriliser load"', 'title = " "', "empty", "is empty"),
        ('title = "Run and', 'title = "' + "x" * 120, "too-long", "write at most 120 characters"),
        ('purpose = "Prove', 'purpos = "Prove', "required", "purpose is missing"),
        ('roles = ["reprocessing"]', 'roles = "reprocessing"', "tuple-type", "not a list"),
        ('roles = ["reprocessing"]', 'credentials = "laser"', "tuple-type", 'credentials is "laser", not a list'),
        ('roles = ["release"]', 'credentials = ["Laser 1"]', "id", "cannot be a name"),
        ('expect = "clean', 'expects = "clean', "required", "expect is missing"),
        ("hold = true", "hold = 1", "bool-type", "neither true nor false"),
        ("hold = true", 'at_most = "1m"', "unknown-key", "it belongs to timer"),
        ("hold = true", "zzz = 1", "unknown-key", "known here"),
        ("produces = {", 'at_least = "1s"\nproduces = {', "unknown-key", "the program does this step"),
        ("decimals = 1", "decimals = 7", "less-than-equal", "at most 6"),
        ("decimals = 1", "decimals = true", "int-type", "not a whole number"),
        ("limit = { min = 134.0, max = 138.0 }", "limit = 134.0", "model-type", "not a table"),
        ("max = 138.0", "maximum = 138.0", "unknown-key", 'limit: "maximum" is not a known key — write "max"'),
        ("max = 138.0", "max = inf", "number", "not a number"),
        ("max = 138.0", 'max = "138"', "number", 'is "138", not a number'),
        ("max = 138.0", "max = 133.0", "range", "limit has min 134.0 above max 133.0"),
        ("max = 138.0", "max = 136.0", "expected", "expects 137.0, which the limit does not allow"),
        ("{ min = 304.0, max = 345.0 }", "{ }", "range", "neither min nor max"),
        ("limit = { min = 304.0, max = 345.0 }", "", "required", "neither limit nor expected"),
        ('at_least = "3m"', 'at_least = "11m"', "times", "at_least 11m above at_most 10m"),
        ('at_least = "3m"', "", "required", "at_least is missing"),
        ('captures = ["gtin", "lot", "expiry"]', "captures = []", "empty", "captures is an empty list"),
        ('captures = ["gtin", ', 'captures = ["lot", ', "repeated", 'names "lot" twice'),
        ('captures = ["gtin"', 'captures = ["gtim"', "literal-error", 'captures[1] is "gtim"'),
        ('use = "consumes"', 'optional = ["serial"]', "optional", 'has "serial" as optional'),
        ('use = "consumes"', 'optional = ["gtin", "lot", "expiry"]', "optional", "nothing but optional captures"),
        ('use = "consumes"', 'use = "eats"', "literal-error", "use is"),
        ("produces = { load", "produces = { loads", "identifier", "unknown identifier"),
        ("{n:02}", "{number}", "template", 'unknown placeholder "{number}"'),
        ("{n:02}", "{n", "template", "has the pattern"),
        ('{ load = "{equipment}-{date}-{n:02}" }', "{ load = 5 }", "template", "no pattern"),
        ('{ load = "{equipment}-{date}-{n:02}" }', "{ }", "produces", "names no identifier"),
        (
            'verdict = "pass" }, { value = "not turned"',
            'verdict = "fail" }, { value = "not turned"',
            "options",
            "passes",
        ),
        ('value = "not turned"', 'value = "turned"', "options", '"turned" twice'),
        ('verdict = "fail"', 'verdict = "unexpected"', "literal-error", "options[2].verdict"),
        ('meanings = ["released"', 'meanings = ["realeased"', "literal-error", 'write "released"'),
        ('of = "inside-indicator"', 'of = "outside-indicator"', "unknown-step", "does not exist"),
        ('of = "inside-indicator"', 'of = "release"', "later-step", "does not come before it"),
        ('of = "inside-indicator"', 'of = "second-reader"', "later-step", "does not come before it"),
        ('when.is = "no"', 'when.is = "maybe"', "when-value", 'write one of "yes", "no"'),
        ('when.is = "no"', "when.iss = 1", "unknown-key", 'when: "iss"'),
        ('when.is = "no"', 'when.is_ = "no"', "unknown-key", 'when: "is_"'),
        ('when.step = "implant"', 'when.step = "implants"', "unknown-step", "does not exist"),
        ('when.step = "implant"', 'when.step = "release"', "later-step", "comes later"),
        ('when.step = "implant"', 'when.step = "printout"', "when-cycle", "goes round in a circle"),
        ('id = "wet-time"', 'id = "inspect"', "duplicate-id", "step 1 has this id already"),
        ('source = "cdc-2008"', 'source = "cdc-2009"', "unknown-source", "is not among the sources"),
        ('kind = "text"', 'kind = "txet"', "kind", 'write "text"'),
        ('kind = "text"', "kind = 5", "kind", "kind is 5"),
        ('kind = "text"', "", "required", "kind is missing"),
        ('kind = "saturated-steam"', "", "required", "kind is missing"),
        ('kind = "saturated-steam"', 'kind = "steam"', "kind", "check 1: kind"),
        ("tolerance = 2.0", "tolerance = 0", "tolerance", "above 0"),
        ('temperature = "exposure', 'temperature = "exposed', "unknown-step", "temperature names"),
        ('pressure = "exposure-pressure"', 'pressure = "packs"', "check-step", "does not measure in kPa"),
        ('temperature = "exposure-temperature"', 'temperature = "release"', "check-step", "does not measure in Cel"),
        ("#:schema", "colour = 1\n#:schema", "unknown-key", '"colour" is not a known key'),
        ('subject = "equipment"', 'subject = "clinic"', "placeholder", "{equipment} needs a protocol about equipment"),
        ("{equipment}", "{room}", "placeholder", "{room} needs a protocol about room"),
    ],
)
def test_each_broken_rule_is_told_in_plain_words(broken: Break, old: str, new: str, rule: str, told: str) -> None:
    faults = broken(old, new)
    assert any(fault.rule == rule and told in f"{fault.message} — {fault.fix}" for fault in faults), [*map(str, faults)]
    for fault in faults:
        assert fault.line > 1 or fault.rule == "unknown-key"
        assert fault.severity == "error"
        assert "pydantic" not in str(fault)


def test_a_fault_reads_as_place_wrong_right(broken: Break) -> None:
    fault = of_one_fault(broken('unit = "Cel"', 'unit = "C"'))
    assert str(fault) == (
        'steriliser-load.toml:38:1: step 3 "exposure-temperature": unit "C" is not known'
        ' — write "Cel" for degrees Celsius'
    )


def test_all_faults_are_told_at_once_in_the_order_of_the_file(broken: Break) -> None:
    faults = broken(
        'unit = "Cel"',
        'unit = "C"\n[[steps]]\nid = "x"\nkind = "witness"\ndo = "Look."\nof = "nothing"\nhold = 1\n'
        '[[steps]]\nid = "x"\nkind = "text"\ndo = "Write."\nwhen = { step = "y", is = "z" }\n[[steps]]\n',
    )
    rules = [fault.rule for fault in faults]
    assert {"unit", "bool-type", "duplicate-id", "unknown-step", "required"} <= set(rules)
    assert [(fault.line, fault.column) for fault in faults] == sorted((fault.line, fault.column) for fault in faults)


def test_a_circle_is_told_once_and_names_its_steps(small: Build) -> None:
    body = "".join(
        confirm(one, f'when = {{ step = "{other}", is = "done" }}')
        for one, other in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    )
    fault = of_one_fault(as_faults(small(body)))
    assert fault.rule == "when-cycle"
    assert '"a" waits for "b" waits for "c" waits for "a"' in fault.message


def as_faults(result: Protocol | list[Fault]) -> list[Fault]:
    assert isinstance(result, list)
    return result


def test_a_condition_on_a_signature_must_be_one_of_its_meanings(small: Build) -> None:
    sign = '[[steps]]\nid = "s"\nkind = "sign"\ndo = "Sign."\nmeanings = ["approved"]\n'
    good = small(sign + confirm("x", 'when = { step = "s", is = "approved" }'))
    assert isinstance(good, Protocol)
    fault = of_one_fault(as_faults(small(sign + confirm("x", 'when = { step = "s", is = "refused" }'))))
    assert fault.rule == "when-value"


def test_a_condition_on_words_may_be_any_words(small: Build) -> None:
    text = '[[steps]]\nid = "t"\nkind = "text"\ndo = "Write."\n'
    assert isinstance(small(text + confirm("x", 'when = { step = "t", is = "none" }')), Protocol)


def test_a_witness_cannot_repeat_a_signature(small: Build) -> None:
    body = (
        '[[steps]]\nid = "s"\nkind = "sign"\ndo = "Sign."\nmeanings = ["approved"]\n'
        '[[steps]]\nid = "w"\nkind = "witness"\ndo = "Look."\nof = "s"\n'
    )
    assert of_one_fault(as_faults(small(body))).rule == "witness-of"


def test_a_room_protocol_may_number_by_room(small: Build) -> None:
    body = '[[steps]]\nid = "n"\nkind = "assign"\nproduces = { batch = "{room}-{station}-{n}" }\n'
    assert isinstance(small(body, subject="room"), Protocol)


def test_a_source_stands_once(small: Build) -> None:
    header = 'sources = [{ id = "a", title = "A" }, { id = "a", title = "B" }]'
    fault = of_one_fault(as_faults(small(confirm("x"), header=header)))
    assert fault.rule == "duplicate-id"
    assert fault.line == 9


@pytest.mark.parametrize("body", ["", "steps = []", 'x = "[[steps]]"'])
def test_a_file_without_steps_is_an_error(small: Build, body: str) -> None:
    assert "no-steps" in {fault.rule for fault in as_faults(small(body))}


def test_steps_end_at_three_hundred(small: Build) -> None:
    short = '[[steps]]\nid = "s{}"\nkind = "text"\ndo = "Write."\n'
    assert isinstance(small("".join(short.format(n) for n in range(300))), Protocol)
    fault = of_one_fault(as_faults(small("".join(short.format(n) for n in range(301)))))
    assert fault.rule == "too-many"
    assert fault.line == 8 + 1 + 300 * 4 + 1


@pytest.mark.parametrize(
    ("steps", "rule", "told"),
    [
        ('["opened", "binned"]', "", ""),
        ('["opened"]', "same-count", "2 to 10 steps"),
        ('["opened", "opened"]', "same-count", "each of them once"),
        ('"opened"', "tuple-type", "steps"),
        ('["opened", "lost"]', "unknown-step", 'names the step "lost"'),
        ('["opened", "heat"]', "check-step", 'unit = "{count}"'),
        ('["opened", "binned"]\ntolerance = 2', "unknown-key", "tolerance"),
    ],
)
def test_only_counts_are_compared_as_the_same_number(small: Build, steps: str, rule: str, told: str) -> None:
    measure = '[[steps]]\nid = "{}"\nkind = "measure"\ndo = "Count."\nunit = "{}"\nlimit = {{ min = 0 }}\n'
    counts = [measure.format(name, "{count}") for name in ("opened", "binned")]
    body = "".join(counts) + measure.format("heat", "Cel") + f'[[checks]]\nkind = "same-count"\nsteps = {steps}\n'
    found = small(body)
    if not rule:
        assert isinstance(found, Protocol)
        return
    fault = of_one_fault(as_faults(found))
    assert (fault.rule, told in str(fault)) == (rule, True), str(fault)


@pytest.mark.parametrize(
    ("check", "rule", "told"),
    [
        ('of = "lot"\nsteps = ["vial", "control"]', "", ""),
        ('of = "expiry"\nsteps = ["vial", "control"]', "check-step", "which does not read a expiry from a label"),
        ('of = "lots"\nsteps = ["vial", "control"]', "literal-error", "of is"),
        ('steps = ["vial", "control"]', "required", "of is missing"),
        ('of = "lot"\nsteps = ["vial"]', "same-identifier", "2 to 10 steps"),
        ('of = "lot"\nsteps = ["vial", "lost"]', "unknown-step", 'names the step "lost"'),
        ('of = "lot"\nsteps = ["vial", "note"]', "check-step", 'a scan step with "lot" in captures'),
    ],
)
def test_only_labels_that_say_it_are_compared(small: Build, check: str, rule: str, told: str) -> None:
    scan = '[[steps]]\nid = "{}"\nkind = "scan"\ndo = "Scan it."\ncaptures = {}\n'
    note = '[[steps]]\nid = "note"\nkind = "text"\ndo = "Say it."\n'
    scans = scan.format("vial", '["lot", "expiry"]') + scan.format("control", '["lot"]')
    found = small(f'{scans}{note}[[checks]]\nkind = "same-identifier"\n{check}\n')
    if not rule:
        assert isinstance(found, Protocol)
        return
    fault = of_one_fault(as_faults(found))
    assert (fault.rule, told in str(fault)) == (rule, True), str(fault)


@pytest.mark.parametrize(
    ("named", "rule", "told"),
    [
        ("label", "", ""),
        ("minutes", "", ""),
        ("lost", "unknown-step", "does not exist"),
        ("wet", "later-step", "does not come before it"),
        ("later", "later-step", "put the timer after it"),
        ("heat", "least-as", 'unit = "s" or unit = "min"'),
        ("note", "least-as", "measures no time in seconds or minutes"),
        ("hours", "least-as", "measures no time"),
    ],
)
def test_a_timer_follows_an_earlier_reading_of_a_time(small: Build, named: str, rule: str, told: str) -> None:
    measure = '[[steps]]\nid = "{}"\nkind = "measure"\ndo = "Read it."\nunit = "{}"\nlimit = {{ min = 1 }}\n'
    units = {"label": "s", "minutes": "min", "hours": "h", "heat": "Cel"}
    note = '[[steps]]\nid = "note"\nkind = "text"\ndo = "Say it."\n'
    timer = f'[[steps]]\nid = "wet"\nkind = "timer"\ndo = "Wait."\nat_least = "30s"\nat_least_as = "{named}"\n'
    found = small("".join(measure.format(*one) for one in units.items()) + note + timer + measure.format("later", "s"))
    if not rule:
        assert isinstance(found, Protocol)
        return
    fault = of_one_fault(as_faults(found))
    assert (fault.rule, told in str(fault)) == (rule, True), str(fault)


def test_a_faulty_reading_hides_nothing_of_the_timer_that_follows_it(small: Build) -> None:
    label = '[[steps]]\nid = "label"\nkind = "measure"\ndo = "Read it."\nunit = "sec"\nlimit = { min = 1 }\n'
    timer = '[[steps]]\nid = "wet"\nkind = "timer"\ndo = "Wait."\nat_least = "30s"\nat_least_as = "label"\n'
    assert of_one_fault(as_faults(small(label + timer))).rule == "unit"


def test_checks_end_at_twenty(small: Build) -> None:
    measure = '[[steps]]\nid = "{}"\nkind = "measure"\ndo = "Read."\nunit = "{}"\nlimit = {{ min = 1 }}\n'
    check = '[[checks]]\nkind = "saturated-steam"\ntemperature = "t"\npressure = "p"\ntolerance = 2\n'
    steps = measure.format("t", "Cel") + measure.format("p", "kPa")
    assert isinstance(small(steps + check * 20), Protocol)
    assert of_one_fault(as_faults(small(steps + check * 21))).rule == "too-many"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[steps]\nid = 'x'\n", "write [[steps]]"),
        ("[[steps]]\n[checks]\n", "write [[checks]]"),
    ],
)
def test_a_single_table_is_no_list_of_tables(small: Build, body: str, told: str) -> None:
    assert told in " ".join(str(fault) for fault in as_faults(small(body)))


def test_a_long_list_of_answers_is_refused_before_it_costs_anything(small: Build) -> None:
    options = ", ".join(f'{{ value = "{n}", verdict = "pass" }}' for n in range(51))
    body = f'[[steps]]\nid = "c"\nkind = "choice"\ndo = "Choose."\noptions = [{options}]\n'
    assert "51 entries" in of_one_fault(as_faults(small(body))).message


def test_a_witness_repeats_what_was_done_read_or_timed(small: Build) -> None:
    steps = {
        "confirm": 'do = "Do."\nexpect = "done"',
        "measure": 'do = "Read."\nunit = "mm"\nlimit = { max = 2 }',
        "timer": 'do = "Wait."\nat_least = "1m"',
        "scan": 'do = "Scan."\ncaptures = ["lot"]',
        "assign": 'produces = { load = "{n}" }',
        "choice": 'do = "Choose."\noptions = [{ value = "ok", verdict = "pass" }]',
        "text": 'do = "Write."',
        "attach": 'do = "Attach."',
    }
    for kind, body in steps.items():
        witness = '[[steps]]\nid = "w"\nkind = "witness"\ndo = "Again."\nof = "s"\n'
        assert isinstance(small(f'[[steps]]\nid = "s"\nkind = "{kind}"\n{body}\n{witness}'), Protocol), kind


@pytest.mark.parametrize(("subject", "rules"), [("clinic", []), ("room", []), ("session", ["emergency-session"])])
def test_an_emergency_is_not_about_a_session(subject: str, rules: list[str]) -> None:
    header = HEADER.replace('category = "clinic"', 'category = "emergency"')
    text = header.replace('subject = "clinic"', f'subject = "{subject}"') + confirm("c")
    found = parse(text.encode(), name="small.toml")
    assert [fault.rule for fault in found] == rules if isinstance(found, list) else not rules


def test_kinds_of_equipment_go_with_equipment_alone(small: Build) -> None:
    kinds = 'equipment = ["steriliser"]\n'
    found = small(confirm("c"), subject="equipment", header=kinds)
    assert isinstance(found, Protocol)
    assert found.equipment == ("steriliser",)
    assert of_one_fault(as_faults(small(confirm("c"), subject="room", header=kinds))).rule == "equipment"


@pytest.mark.parametrize("words", ["{Waste bag}", "{", "a}", "{}", "{{bag}}"])
def test_a_brace_in_words_names_a_profile_value_or_is_a_fault(small: Build, words: str) -> None:
    fault = of_one_fault(as_faults(small(confirm("c").replace("Do it.", words))))
    assert (fault.rule, fault.line) == ("braces", 13)
    assert isinstance(small(confirm("c").replace("Do it.", "Use {bag}.")), Protocol)


PRINTOUT = '[[steps]]\nid = "file"\nkind = "attach"\ndo = "Attach it."\nprintout = true\n'
MEASURE = '[[steps]]\nid = "heat"\nkind = "measure"\ndo = "Read it."\nunit = "Cel"\nlimit = { min = 134 }\n'
SENSED = f'{MEASURE}sensed = "temperature"\n'
RELEASE = '[[steps]]\nid = "release"\nkind = "sign"\ndo = "Decide."\nmeanings = ["released"]\n'


@pytest.mark.parametrize(
    ("body", "subject", "told"),
    [
        (SENSED + RELEASE, "equipment", "sensed needs a printout, which no step attaches"),
        (RELEASE + PRINTOUT, "equipment", 'may release before step 2 "file" attaches the printout'),
        (PRINTOUT + PRINTOUT.replace('"file"', '"more"'), "equipment", 'step 1 "file" attaches the printout already'),
        (PRINTOUT, "room", "a printout needs a protocol about the machine that made it"),
        (PRINTOUT + SENSED.replace("Cel", "K"), "equipment", 'has sensed = "temperature", but reads in "K"'),
        (PRINTOUT.replace("true", '"yes"'), "equipment", "neither true nor false"),
    ],
)
def test_a_run_has_one_printout_of_its_machine_before_its_release(
    small: Build, body: str, subject: str, told: str
) -> None:
    faults = small(body, subject=subject)
    assert isinstance(faults, list)
    assert told in of_one_fault(faults).message
    assert isinstance(small(PRINTOUT + SENSED + RELEASE, subject="equipment"), Protocol)
    assert isinstance(small(SENSED + PRINTOUT + RELEASE, subject="equipment"), Protocol)


def test_a_faulty_printout_is_one_fault_and_not_two(small: Build) -> None:
    faults = small(PRINTOUT.replace('do = "Attach it."', "do = 5") + SENSED, subject="equipment")
    assert isinstance(faults, list)
    assert "not words" in of_one_fault(faults).message


def test_a_faulty_part_does_not_hide_what_is_wrong_with_others(small: Build) -> None:
    """A source that does not exist is told beside a faulty header and in a faulty step; so is a circle through one."""
    source = 'source = "nowhere"'
    body = confirm("one", f'{source}\nwhen = {{ step = "two", is = "x" }}\nhold = 3') + confirm(
        "two", 'when = { step = "one", is = "x" }'
    )
    assert {"bool-type", "unknown-source", "when-cycle"} == {fault.rule for fault in as_faults(small(body))}
    header = HEADER.replace('category = "clinic"', 'category = "nonsense"')
    found = parse((header + confirm("one", source)).encode(), name="small.toml")
    assert isinstance(found, list)
    assert [fault.rule for fault in found] == ["literal-error", "unknown-source"]
    unread = HEADER + "sources = [{ title = 3 }]\n"  # which sources there are cannot be read
    found = parse((unread + confirm("one", source)).encode(), name="small.toml")
    assert isinstance(found, list)
    assert "unknown-source" not in {fault.rule for fault in found}
