"""What happens in a clinic between two questions at its gate: deeds of a `World`, thrown by its dice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from checklist.clinic.identifiers import recalling
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.gate_apart import (
    a_machine_returns_and_works_and_is_recalled_again,
    a_return_is_undone,
    let_go,
    let_go_of,
    recall_since_negative,
    set_apart,
    set_this_apart,
)
from tests.support.gate_world import MACHINES, ROOMS, WHY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.gate_book import Visit

    Deed = Callable[[World], None]


def the_day_begins(world: World) -> None:
    """Two machines are tested twice, each makes a load, and a visit is made ready."""
    for name in ("Ben", "Rita"):
        grant(world, name)
    for machine in MACHINES:
        world.test(machine, "done")
        world.test(machine, "done")
        world.load(machine, "released")
    a_visit(world, spoiled=0)


def a_visit(world: World, spoiled: float = 0.1) -> None:
    """Everything that is needed for a visit, now and then not quite so."""
    dice = world.dice
    visit = world.visit(dice.choice(ROOMS))
    world.turn_over(visit.room, world.a_way(1 - spoiled))
    world.screen(visit, "unfit" if dice.random() < spoiled else "fit")
    lamp = "overridden" if dice.random() < 2 * spoiled and world.able("Ben") else "whole"
    signers = [one for one in ("Rita", "Ben", "Lea") if world.able(one)]
    signers.sort(key=lambda one: one not in world.book.holds)
    signer = signers[0] if dice.random() > spoiled else dice.choice(signers)
    world.open_packs(visit, lamp, world.a_way(1 - spoiled), signer, careful=dice.random() > 4 * spoiled)


def all_is_put_right(world: World) -> None:
    """What can be mended is, and a new visit is made ready as it should be."""
    for machine in MACHINES:
        if ("equipment", machine) in world.book.apart:
            let_go_of(world, ("equipment", machine))
        world.test(machine, "done")
        world.load(machine, "released")
    for name in ("Ben", "Rita"):
        if world.able(name):
            grant(world, name)
    world.spill("done")
    a_spill_is_cleaned(world)
    a_visit(world, spoiled=0)


def some_visit(world: World) -> Visit:
    return world.dice.choice(open_visits(world))


def open_visits(world: World) -> list[Visit]:
    """The newest visits that are not closed; there always is one."""
    found = [one for one in world.book.visits.values() if not one.closed]
    if not found:
        a_visit(world)
        return [[*world.book.visits.values()][-1]]
    return found[-2:]


def a_turnover(world: World) -> None:
    world.turn_over(world.dice.choice(ROOMS), world.a_way(0.5))


def a_test(world: World) -> None:
    world.test(world.dice.choice(MACHINES), world.a_way(0.5))


def a_load(world: World) -> None:
    look = "overridden" if world.able("Ben") and world.dice.random() < 0.4 else "done"
    world.load(world.dice.choice(MACHINES), world.dice.choice(["released"] * 4 + ["quarantined", None]), look)


def a_spore_test(world: World) -> None:
    world.spore_test(world.dice.choice([*world.book.loads]), world.dice.choice(["negative", "positive"]))


def a_screening(world: World) -> None:
    world.screen(some_visit(world), world.dice.choice(["fit", "unfit"]))


def something_happens(world: World) -> None:
    event, subject = world.dice.choice(
        [
            ("power-loss", "clinic"),
            *(("patient-entered", f"room={room}") for room in ROOMS),
            *(("steriliser-repair", f"equipment={machine}") for machine in MACHINES),
        ]
    )
    world.house.clock.advance(1)
    done = recalling.happened(world.clinic, event, subject, "", world.who("Lea"), "tui")
    assert not isinstance(done, Refusal), done
    kind, _, value = subject.partition("=")
    if kind == "room":
        world.book.entered.append((value, world.now, None))
    elif kind == "equipment":
        world.book.repairs.setdefault(value, []).append(world.now)
    else:
        world.book.power_losses.append(world.now)
    world.tell(event, subject)


def time_passes(world: World) -> None:
    hours = world.dice.choice([0.2, 6, 20, 26, 50])
    world.house.clock.advance(hours * 3600)
    world.tell("passed", hours)


def corrected(world: World) -> None:
    """The step of some run is looked at again: it had failed, or is done after all."""
    here = f"{world.clinic.settings.clinic.station}#"
    book = world.book
    loads = [load.walked for load in book.loads.values() if load.released]
    openings = [one.opening for one in book.visits.values() if one.opening and one.performer and one.opening.ended]
    simple = [one for runs in (*book.tests.values(), *book.rooms.values()) for one in runs]
    ended = [one for one in simple if not one.open and world.clinic.run(one.run).outcome != "abandoned"]
    runs = [one for one in (*loads, *openings, *ended) if one.run.startswith(here)]
    if not runs:
        return
    newest = sorted(runs, key=lambda one: one.began)[-12:]
    walked, fails = world.dice.choice(newest), world.dice.random() < 0.7
    world.do(walked.run, c.Correct("look", WHY), c.Fail("look", WHY) if fails else c.Confirm("look"))
    load = next((one for one in book.loads.values() if one.walked is walked), None)
    visit = next((one for one in book.visits.values() if one.opening is walked), None)
    world.tell("corrected", walked.run, "failed" if fails else "done")
    if load is not None:
        load.released = walked.good = False
        if not fails or world.dice.random() < 0.5:  # signed all the same
            world.sign_load(load, "released")
            load.failed = load.released and fails
            walked.good = load.released and not fails
    elif visit is not None:
        visit.performer = None
        walked.good = False
        signer = next(one for one in ("Rita", "Ben", "Lea") if world.able(one))
        world.do(walked.run, c.Sign("ready", world.who(signer).person, "performed", ""))
        visit.performer, walked.good = signer, not fails
    elif fails:
        walked.spoiled(world.now)
    else:
        walked.done(world.now)


def a_machine_stops_under_its_load(world: World) -> None:
    """It is set apart while a load in it is not decided yet, and somebody would take a pack of that load all the
    same."""
    machine = world.dice.choice(MACHINES)
    world.load(machine, None)
    if ("equipment", machine) not in world.book.apart:
        set_this_apart(world, "equipment", machine)
    made = [number for number, load in world.book.loads.items() if load.machine == machine]
    visit = some_visit(world)
    world.scan(visit, world.half_opened(visit).run, "pack", "load", made[-1])


def a_lamp_is_looked_at_again(world: World) -> None:
    """It had been passed, and is whole after all: somebody still has to review that it was passed."""
    here = f"{world.clinic.settings.clinic.station}#"
    for visit in open_visits(world):
        walked = visit.opening
        if walked and visit.lamps.get(walked.run) and visit.performer and walked.run.startswith(here):
            signer = visit.performer
            if not world.able(signer):
                return
            world.do(walked.run, c.Correct("lamp", WHY), c.Give("lamp", "whole"))
            world.do(walked.run, c.Sign("ready", world.who(signer).person, "performed", ""))
            world.tell("lamp", walked.run)
            return


def a_cartridge_is_swapped(world: World) -> None:
    here = f"{world.clinic.settings.clinic.station}#"
    found = [one for one in open_visits(world) if one.performer and one.opening and one.opening.run.startswith(here)]
    if found:
        world.swap_cartridge(world.dice.choice(found))


def an_emergency(world: World) -> None:
    """It takes what there is: also what another visit has used up."""
    visit = some_visit(world)
    used = [one for one in world.book.spent if ("serial", one) not in visit.items]
    if not used:
        return
    walked = world.begun("rescue", f"room={visit.room}", visit.id)
    world.book.entered.append((visit.room, world.now, visit.id))
    world.scan(visit, walked.run, "cartridge", "serial", world.dice.choice(used), asks=False)
    world.tell("rescue", visit.id)


def a_tube(world: World) -> None:
    """Blood is drawn in one visit and used in it, or by mistake in another."""
    drawn, used = some_visit(world), some_visit(world)
    walked = world.begun("draw", session=drawn.id)
    world.do(walked.run, c.Assign("tube", {}))
    ((tube,),) = world.clinic.ledger.query("SELECT value FROM identifier WHERE run = ?", (walked.run,))
    world.book.drawn[str(tube)] = drawn.id
    world.tell("drawn", drawn.id, tube)
    mixed = world.begun("mix", session=used.id)
    world.scan(used, mixed.run, "tube", "batch", str(tube))


def grant(world: World, name: str) -> None:
    """Until tomorrow."""
    until = world.today + timedelta(days=1)
    done = world.clinic.personnel.grant(world.who(name).id, "needling", until.isoformat(), {}, world.who("Lea"), "tui")
    assert not isinstance(done, Refusal), done
    world.book.holds[name] = until


def somebody_leaves(world: World) -> None:
    name = world.dice.choice(["Ben", "Rita"])
    if not world.able(name):
        return
    lead, them = world.who("Lea"), world.who(name).id
    if world.dice.random() < 0.3:
        assert not isinstance(world.clinic.personnel.disable(them, lead, "tui"), Refusal)
        world.book.disabled.add(name)
    elif name in world.book.holds:
        assert not isinstance(world.clinic.personnel.end(them, "needling", lead, "tui"), Refusal)
        del world.book.holds[name]
    else:
        grant(world, name)
    world.tell("credentials", name, world.book.holds, world.book.disabled)


def a_start(world: World) -> None:
    world.clear(some_visit(world), "start")


def an_override(world: World) -> None:
    visit = some_visit(world)
    if world.able("Ben"):
        world.override(visit)


def a_review(world: World) -> None:
    if world.able("Rita"):
        visit = some_visit(world)
        for overrides in (
            visit.overrides,
            *visit.lamps.values(),
            *(load.overrides for load in world.book.loads.values()),
        ):
            world.review(overrides)


def a_close(world: World) -> None:
    world.clear(some_visit(world), "close")


def a_spill(world: World) -> None:
    world.spill(world.a_way(0.4))


def a_spill_is_cleaned(world: World) -> None:
    """Whatever of it is still open."""
    here = f"{world.clinic.settings.clinic.station}#"
    for walked in world.book.spills:
        if walked.open and walked.run.startswith(here):
            world.close_run(walked, "done")
            world.tell("cleaned", walked.run)


def a_restore(world: World) -> None:
    if world.station < 1:
        world.restore()


DEEDS: dict[Deed, int] = {
    all_is_put_right: 4,
    a_visit: 4,
    a_turnover: 3,
    a_test: 2,
    a_load: 3,
    a_spore_test: 2,
    a_screening: 1,
    set_apart: 4,
    recall_since_negative: 1,
    let_go: 4,
    a_return_is_undone: 1,
    a_machine_returns_and_works_and_is_recalled_again: 3,
    something_happens: 4,
    time_passes: 4,
    corrected: 5,
    a_machine_stops_under_its_load: 3,
    a_lamp_is_looked_at_again: 2,
    a_cartridge_is_swapped: 3,
    an_emergency: 2,
    a_tube: 2,
    somebody_leaves: 2,
    a_start: 4,
    an_override: 2,
    a_review: 3,
    a_close: 1,
    a_spill: 1,
    a_spill_is_cleaned: 2,
    a_restore: 2,
}
"""What can happen, and how often beside the others."""


def something(world: World) -> None:
    (deed,) = world.dice.choices([*DEEDS], [*DEEDS.values()])
    deed(world)
