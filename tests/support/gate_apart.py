"""What is set apart in a `World`, by whom it may return, and what never does: deeds thrown by its dice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.identifiers import recalling
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.gate_book import EVER
from tests.support.gate_world import LOTS, MACHINES, WHY
from tests.support.returning import walk_back

if TYPE_CHECKING:
    from tests.support.gate_world import World


def a_thing(world: World) -> tuple[str, str]:
    used = [thing for visit in world.book.visits.values() for thing in visit.items]
    wipes = [("lot", one) for one in world.book.wipes()]
    others = [*(("load", one) for one in world.book.loads), *(("lot", one) for one in LOTS), *wipes]
    machines = [("equipment", one) for one in MACHINES]
    return world.dice.choice([*used, *others, *machines])


def set_apart(world: World) -> None:
    set_this_apart(world, *a_thing(world))


def set_this_apart(world: World, kind: str, value: str) -> None:
    how = world.dice.choice([recalling.quarantine, recalling.recall])
    world.house.clock.advance(1)
    done = how(world.clinic, kind, value, WHY, world.who("Lea"), "tui")
    assert not isinstance(done, Refusal), done
    world.book.set_apart((kind, value), "recalled" if how is recalling.recall else "quarantined", world.now)
    if how is recalling.recall and kind == "equipment":
        world.book.called_back.append((value, world.now, EVER))
    world.tell(how.__name__, kind, value)


def recall_since_negative(world: World) -> None:
    machine = world.dice.choice(MACHINES)
    world.house.clock.advance(1)
    done = recalling.recall_since_negative(world.clinic, machine, WHY, world.who("Lea"), "tui")
    assert not isinstance(done, Refusal), done
    sound = world.book.negatives.get(machine)
    made = [number for number, load in world.book.loads.items() if load.machine == machine]
    called = made[made.index(sound) + 1 :] if sound is not None else made
    assert {one.value for one in done.things if one.kind == "load"} == set(called)
    for thing in (("equipment", machine), *(("load", one) for one in called)):
        world.book.set_apart(thing, "recalled", world.now)
    since = world.book.loads[sound].walked.began if sound is not None else EVER
    world.book.called_back.append((machine, world.now, since))
    world.tell("recall since negative", machine, *called)


def let_go(world: World) -> None:
    """A lead lets something return; what is recalled never does, but a machine."""
    if world.book.apart:
        let_go_of(world, world.dice.choice([*world.book.apart]))


def let_go_of(world: World, thing: tuple[str, str]) -> None:
    world.house.clock.advance(1)
    recalled = world.book.apart[thing][0] == "recalled"
    never, proof = recalled and thing[0] != "equipment", ""
    if recalled and not never:
        never = not (others := [one for one in ("Ben", "Rita") if world.able(one)])
        proof = walk_back(world.clinic, thing[1], world.who("Lea"), world.who((others or ["Lea"])[0])).run
        world.house.clock.advance(1)
    done = recalling.end_quarantine(world.clinic, *thing, WHY, world.who("Lea"), "tui")
    assert isinstance(done, Refusal) == never, done
    if not never:
        _, since = world.book.apart.pop(thing)
        if recalled:
            world.book.returned[thing[1]] = (proof, world.book.recalled_at.pop(thing[1]), since)
    world.tell("let go", *thing, "refused" if never else "")


def a_return_is_undone(world: World) -> None:
    """The test by which a machine has returned was positive: so says whoever looks at it again."""
    here = f"{world.clinic.settings.clinic.station}#"
    for machine, (proof, *_) in [*world.book.returned.items()]:
        if proof.startswith(here):
            world.do(proof, c.Correct("tested", WHY))
            world.book.undo_return(machine)
            world.tell("undone", machine, proof)
            return


def a_machine_returns_and_works_and_is_recalled_again(world: World) -> None:
    """What it made meanwhile is used by nobody, nor released, not even once it has truly returned."""
    machine = world.dice.choice(MACHINES)
    thing = ("equipment", machine)
    if thing not in world.book.apart:
        set_this_apart(world, *thing)
    let_go_of(world, thing)
    if thing in world.book.apart or machine not in world.book.returned:
        return
    world.load(machine, world.dice.choice(["released", None]))
    a_return_is_undone(world)
    if thing in world.book.apart:
        let_go_of(world, thing)
