"""Over a small world in which much goes wrong, every GO can be accounted for, and knowing less never makes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from checklist.gate.facts import Asked, Credential, Damaged, Event, Facts, Item, Run, SetApart, Start, Step
from checklist.gate.reading import LoadedProcedure, parse
from tests.support.gating import NOW, OTHER, ROOM, SESSION, Gate, a_run, ago, shipped_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.gate.clearance import Clearance
    from checklist.gate.facts import RunOutcome, StepState

    Loss = Callable[[Facts], Facts]

SMALL = parse(
    b"""
[procedure]
id = "small"
title = "Small"
version = "1.0.0"
[[requires]]
id = "room"
protocol = "room-turnover"
same = ["room"]
within = "2h"
[[requires]]
id = "set-up"
protocol = "microneedling-setup"
same = ["session"]
tolerates = ["battery"]
[[requires]]
id = "test"
protocol = "steriliser-daily"
same = ["equipment"]
within = "today"
[[requires]]
id = "loads"
identifier = "load"
state = "released"
[[requires]]
id = "serials"
identifier = "serial"
may_be_none = true
[[requires]]
id = "performer"
credential = "microneedling"
attribute = { max_depth_mm = { at_least = { protocol = "microneedling-setup", step = "depth" } } }
signed = { protocol = "microneedling-setup", step = "declared" }
[[requires]]
id = "dial"
answer = { protocol = "microneedling-setup", step = "room", is = "ready" }
[[requires]]
id = "incident"
none_open = ["spill"]
[[requires]]
id = "cleared"
cleared = true
""",
    name="small.toml",
)
assert isinstance(SMALL, LoadedProcedure)
PROCEDURE = SMALL.procedure
REQUIRED = ("room-turnover", "microneedling-setup", "steriliser-daily")

minutes_ago = st.sampled_from([0, 1, 5, 30, 59, 61, 119, 121, 300, 1500])
outcomes: st.SearchStrategy[RunOutcome] = st.sampled_from(
    ["complete"] * 5 + ["complete-except-deferred", "open", "failed", "abandoned", "unknown"]
)
states: st.SearchStrategy[StepState] = st.sampled_from(
    ["done"] * 6 + ["overridden", "skipped", "failed", "deferred", "unknown"]
)

seldom = st.sampled_from([False] * 5 + [True])
wiped_with: st.SearchStrategy[tuple[SetApart, ...] | Damaged] = st.sampled_from(
    [(), (), (), (), (SetApart("lot", "A1", "recalled", "", frozenset({"lot"})),), Damaged()]
)


@st.composite
def runs_of(draw: st.DrawFn, subjects: list[str], *steps: Step) -> tuple[Run, ...]:
    """Up to three runs, each of some visit, ended at some time, with steps in some states."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        subject = draw(st.sampled_from(subjects))
        ended = ago(draw(minutes_ago))
        outcome = draw(outcomes)
        told = tuple(replace(step, state=draw(states)) for step in steps)
        found.append(
            Run(
                f"a#{number}",
                subject,
                subject.removeprefix("session=") if subject.startswith("session=") else None,
                outcome,
                ended - timedelta(minutes=5),
                None if outcome == "open" else draw(st.sampled_from([ended, ended, ended, None])),
                told,
                draw(st.booleans()),
                frozenset(step.id for step in told if step.state == "overridden" or draw(seldom)),
                draw(wiped_with),
            )
        )
    return tuple(found)


items = st.builds(
    Item,
    st.just("load"),
    st.sampled_from(["L1", "L2"]),
    st.just("a#7"),
    st.sampled_from(["released"] * 4 + ["", "quarantined", "recalled", "expired", "unknown"]),
    st.sampled_from([None, None, date(2026, 11, 22), date(2026, 11, 21)]),
    st.sampled_from([(), (), (SESSION,), (OTHER,)]),
    st.sampled_from([None, None, None, OTHER]),
    st.sampled_from(["equipment=S1", "equipment=S1", None]),
    st.sampled_from([ago(60), ago(60), None]),
    passed=seldom,
)
held = st.builds(
    Credential,
    st.sampled_from(["microneedling", "microneedling", "laser"]),
    st.just("a#8"),
    st.sampled_from([None, None, date(2026, 11, 22), date(2026, 11, 21)]),
    st.sampled_from([{"max_depth_mm": "2.0"}, {"max_depth_mm": "2.0"}, {"max_depth_mm": "0.5"}, {}]),
)
events = st.builds(
    Event,
    st.sampled_from(["patient-entered", "power-loss", "setup-left-uncovered"]),
    minutes_ago.map(ago),
    st.just("a#9"),
    st.sampled_from([ROOM, "room=room-2", "clinic", "equipment=S1"]),
    st.sampled_from([None, SESSION, OTHER]),
)
VISITS = [f"session={SESSION}"] * 3 + [f"session={OTHER}"]
SIGNED = Step("declared", "done", "performed", ago(5), "u_ana", signed=True)
FIRST = (Step("room", "done", "ready"), Step("battery", "done"), Step("depth", "done", "1.0"), SIGNED)
facts = st.builds(
    lambda room, setup, test, spill, load, serial, held, events, starts: Facts(
        shipped_rules(),
        {"room-turnover": room, "microneedling-setup": setup, "steriliser-daily": test, "spill": spill},
        {"load": load, "serial": tuple(replace(one, kind="serial") for one in serial)},
        {"u_ana": held},
        events,
        starts,
    ),
    runs_of([ROOM, ROOM, "room=room-2"], Step("ready", "done")),
    runs_of(VISITS, *FIRST),
    runs_of(["equipment=S1"]),
    runs_of(["clinic"]),
    st.lists(items, max_size=2).map(tuple),
    st.lists(items, max_size=1).map(tuple),
    st.lists(held, min_size=1, max_size=1).map(tuple),
    st.lists(events, max_size=1).map(tuple),
    st.lists(st.builds(Start, minutes_ago.map(ago), st.just("a#4"), st.booleans(), st.booleans()), max_size=1).map(
        tuple
    ),
)


def clear(known: Facts) -> Clearance:
    return Gate(known, PROCEDURE, Asked("small", ROOM, SESSION)).clear()


def sound_facts() -> Facts:
    """Facts of this small world on which it is GO, so that both answers are looked at."""
    setup = Run("a#1", f"session={SESSION}", SESSION, "complete", ago(10), ago(5), FIRST)
    load = Item("load", "L1", "a#7", "released", machine="equipment=S1", made=ago(60))
    return Facts(
        shipped_rules(),
        {
            "room-turnover": (a_run("a#2", ROOM, ago(30)),),
            "microneedling-setup": (setup,),
            "steriliser-daily": (a_run("a#3", "equipment=S1", ago(120)),),
            "spill": (),
        },
        {"load": (load,), "serial": ()},
        {"u_ana": (Credential("microneedling", "a#8", None, {"max_depth_mm": "2.0"}),)},
        (),
        (Start(ago(3), "a#4"),),
    )


mixed = st.builds(
    lambda found, keep: replace(
        found,
        runs={name: sound_facts().runs[name] if name in keep else one for name, one in found.runs.items()},
        items={name: sound_facts().items[name] if name in keep else one for name, one in found.items.items()},
        credentials=sound_facts().credentials if "credentials" in keep else found.credentials,
        events=() if "events" in keep else found.events,
        starts=sound_facts().starts if "starts" in keep else found.starts,
    ),
    facts,
    st.sets(
        st.sampled_from([*REQUIRED, "spill", "load", "serial", "credentials", "events", "starts"]),
        min_size=6,
    ),
)


@settings(max_examples=150, deadline=None)
@given(mixed)
def test_every_go_can_be_accounted_for(known: Facts) -> None:
    """What the facts say is read here once more, in another way."""
    if clear(known).decision != "GO":
        return
    room, setup, spill = (known.runs[name] for name in ("room-turnover", "microneedling-setup", "spill"))
    loads, serials, starts, credentials = known.items["load"], known.items["serial"], known.starts, known.credentials
    assert isinstance(room, tuple)
    assert isinstance(setup, tuple)
    assert isinstance(spill, tuple)
    assert isinstance(loads, tuple)
    assert isinstance(serials, tuple)
    assert isinstance(starts, tuple)
    assert loads
    for item in (*loads, *serials):
        assert item.state not in ("recalled", "quarantined", "expired", "unknown")
        assert item.expiry is None or item.expiry >= NOW.date()
        assert item.belongs in (None, SESSION)
        assert not item.passed
        assert item.kind == "load" or OTHER not in item.elsewhere
    assert all(load.state == "released" for load in loads)
    clean = [one for one in room if one.subject == ROOM and one.outcome == "complete" and not one.apart]
    assert any(one.ended and NOW - one.ended <= timedelta(hours=2) for one in clean)
    mine = [one for one in setup if one.session == SESSION and one.outcome.startswith("complete")]
    assert any(
        all(step.state == "done" or (step.id == "battery" and step.state != "failed") for step in one.steps)
        and (one.reviewed or not one.passed)
        and not one.apart
        for one in mine
    )
    assert all(one.outcome != "open" for one in spill)
    assert starts
    assert all(one.reviewed or not one.overridden for one in starts)
    assert isinstance(credentials["u_ana"], tuple)
    assert credentials["u_ana"][0].id == "microneedling"


def test_the_small_world_knows_both_answers() -> None:
    assert clear(sound_facts()).decision == "GO"
    assert clear(Facts()).decision == "UNKNOWN"


def runs_changed(protocol: str, change: Callable[[Run], Run]) -> Loss:
    """Every run of a protocol, but so."""

    def lose(known: Facts) -> Facts:
        found = known.runs.get(protocol, Damaged())
        changed = found if isinstance(found, Damaged) else tuple(change(one) for one in found)
        return replace(known, runs={**known.runs, protocol: changed})

    return lose


def runs_are(protocol: str, found: tuple[Run, ...] | Damaged) -> Loss:
    return lambda known: replace(known, runs={**known.runs, protocol: found})


def items_are(kind: str, found: tuple[Item, ...] | Damaged) -> Loss:
    return lambda known: replace(known, items={**known.items, kind: found})


def without_release(known: Facts) -> Facts:
    """No load is known to have been released."""
    found = known.items["load"]
    left = found if isinstance(found, Damaged) else tuple(replace(one, state="") for one in found)
    return replace(known, items={**known.items, "load": left})


def without_values(run: Run) -> Run:
    """The depth that was planned, and the answer, are forgotten."""
    return replace(run, steps=tuple(step for step in run.steps if step.id not in ("depth", "room")))


LOSSES: tuple[Loss, ...] = (
    *(runs_are(name, Damaged()) for name in (*REQUIRED, "spill")),
    *(runs_are(name, ()) for name in REQUIRED),
    *(runs_changed(name, lambda run: replace(run, ended=None)) for name in REQUIRED),
    *(runs_changed(name, lambda run: replace(run, apart=Damaged())) for name in REQUIRED),
    runs_changed("microneedling-setup", without_values),
    *(items_are(kind, Damaged()) for kind in ("load", "serial")),
    items_are("load", ()),
    without_release,
    lambda known: replace(known, runs={}),
    lambda known: replace(known, items={}),
    lambda known: replace(known, rules={}),
    lambda known: replace(known, credentials={}),
    lambda known: replace(known, events=Damaged()),
    lambda known: replace(known, starts=Damaged()),
    lambda known: replace(known, starts=()),
    lambda known: replace(known, damage=Damaged()),
)


@settings(max_examples=150, deadline=None)
@given(mixed, st.sampled_from(range(len(LOSSES))))
def test_knowing_less_never_makes_a_go(known: Facts, loss: int) -> None:
    """Each loss is of something that speaks for a start. What speaks against one (an event, a failed run, a used item,
    an override) is no such thing: without it, it would be another story."""
    assert clear(LOSSES[loss](known)).decision != "GO"
