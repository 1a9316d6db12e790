"""`checklist protocol simulate`: every path of a protocol, told in plain lines or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.found import found, with_values
from checklist.cli.shared import TEXT, clinic_option, json_option, named_clinic, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.protocol.loader import LoadedProtocol
    from checklist.run.paths import Asked, PathKind
    from checklist.run.simulate import DeadEnd, Path, Simulation


@click.command()
@click.argument("name", type=TEXT, metavar="PATH|ID")
@click.option("--profile", type=TEXT, metavar="ID", help="Whose values it takes; the clinic's own where none is named.")
@json_option
@clinic_option
@click.pass_context
def simulate(ctx: click.Context, name: str, *, profile: str | None, as_json: bool) -> int:
    """Walk every path of a protocol on a model clock: the one in force, or else a shipped one, or a file.

    Tells which steps no path reaches, where only a deviation goes on, how a run can end, how long an honest run takes
    at least, whether a run can be called complete without one reading, and what each procedure that asks for a run of
    it gets from which path.

    Exit code 0: every step is reached, and every path goes on as written; 1: not so.
    """
    from checklist.clinic.folder import find
    from checklist.clinic.texts.requiring import asked_of, procedures_at_hand
    from checklist.run.simulate import simulate as walk_all

    loaded = found(ctx, name)
    seen = walk_all(with_values(ctx, loaded.protocol, profile))
    asked = asked_of(procedures_at_hand(find(named_clinic(ctx))), loaded.protocol.id)
    if as_json:
        say_json(_as_json(loaded, seen, asked))
    else:
        say(*_as_lines(loaded, seen), *_as_asked(seen, asked))
    return 0 if seen.sound else 1


# -- as lines --------------------------------------------------------------------------------------------------------


def _as_lines(found: LoadedProtocol, seen: Simulation) -> Iterator[str]:
    protocol = found.protocol
    yield f"{protocol.title} ({protocol.id} {protocol.version}): {len(protocol.steps)} steps"
    yield f"It can end: {', '.join(seen.outcomes)}."
    if not (seen.unreachable or seen.only_by_deviation):
        yield "Every step is reached."
    if seen.unreachable:
        yield f"No path reaches: {', '.join(seen.unreachable)}. Mend what “when” asks for, or take them out."
    if seen.only_by_deviation:
        by_deviation = ", ".join(seen.only_by_deviation)
        yield f"Reached only after another step was left out or failed: {by_deviation}. Let an answer that passes lead"
        yield "  there: mend “when”, or the limit or the options of the step it asks about."
    yield from (_dead_end(each) for each in seen.dead_ends)
    if not seen.dead_ends:
        yield "There is no dead end."
    yield from _quickest(seen.as_written)
    yield from _least_read(seen)


def _dead_end(end: DeadEnd) -> str:
    from checklist.run.simulate import Why

    what = {
        Why.NO_ANSWER: ("nothing that can be answered passes", "Widen its limit, or give it an option that passes"),
        Why.ONLY_AGAIN: ("no first answer passes without a comment or remedy", "Widen what is expected"),
        Why.EXPIRES: ("even the quickest run expires here", "Raise valid_for"),
    }[end.why]
    left = ", ".join(end.left) or "nothing but abandoning"
    return f"Dead end at “{end.step}”: {what[0]}. What is left: {left}. {what[1]}."


def _quickest(path: Path | None) -> Iterator[str]:
    from checklist.line.words import length

    if path is None:
        yield "No run ends complete as written. Mend what is named above; then simulate it again."
        return
    yield f"As written: {len(path.steps)} steps, at least {length(path.seconds)} ({path.seconds} s)."
    yield from _steps(path)


def _least_read(seen: Simulation) -> Iterator[str]:
    path = seen.fewest_readings
    if path is None:
        yield "No run ends complete with steps left out."
    elif seen.loophole is not None:
        yield "Loophole: it ends complete, with deviations, though nothing was read. What lets it through:"
        yield f"  {', '.join(path.left_out)}"
        yield from _steps(path)
        yield f"Add hold = true to each of these that nobody may leave out: {', '.join(path.left_out)}."
    elif path.left_out:
        yield f"Complete with the fewest readings: {', '.join(path.readings)}."
        yield f"What can be left out: {', '.join(path.left_out)}. Add hold = true to what must not be."
    else:
        yield "No reading can be left out." if path.readings else "There is nothing to read in it."


def _steps(path: Path) -> Iterator[str]:
    from checklist.run.reading import shown

    for number, each in enumerate(path.steps, 1):
        value = shown(each.value)
        yield f"  {number}. {each.step}: {each.state}" + (f", {value}" if value else "")


def _as_asked(seen: Simulation, asked: Sequence[Asked]) -> Iterator[str]:
    if asked:
        yield "What procedures get from a run of it:"
    for each in asked:
        kinds = _satisfying(seen, each)
        spite: dict[str, list[str]] = {}
        for kind in kinds:
            if kind.step is not None and kind.left_out:
                spite.setdefault(kind.step, []).append(kind.way)
        where = f" where “{each.answer[0]}” is {' or '.join(each.answer[1])}" if each.answer else ""
        how = f"satisfied as written{where}" if any(kind.step is None for kind in kinds) else "not satisfied as written"
        also = "; ".join(f"{step} ({', '.join(ways)})" for step, ways in spite.items())
        yield f"  {each.id}: {how}" + (f", and in spite of {also}" if also else "") + "."


def _satisfying(seen: Simulation, asked: Asked) -> list[PathKind]:
    return [kind for kind in seen.paths.kinds if seen.paths.satisfied_by(kind, [asked])]


# -- as JSON ---------------------------------------------------------------------------------------------------------


def _as_json(found: LoadedProtocol, seen: Simulation, asked: Sequence[Asked]) -> Mapping[str, object]:
    protocol, written, fewest = found.protocol, seen.as_written, seen.fewest_readings
    return {
        "protocol": {"id": protocol.id, "version": protocol.version, "sha256": found.sha256},
        "steps": len(protocol.steps),
        "sound": seen.sound,
        "unreachable": seen.unreachable,
        "only_by_deviation": seen.only_by_deviation,
        "dead_ends": [{"step": end.step, "why": end.why, "left": end.left} for end in seen.dead_ends],
        "outcomes": seen.outcomes,
        "minimum_seconds": written.seconds if written is not None else None,
        "as_written": _path_json(written),
        "loophole": list(seen.loophole.left_out) if seen.loophole is not None else None,
        "fewest_readings": _path_json(fewest),
        "answers": seen.paths.answers,
        "paths": [
            {"way": kind.way, "step": kind.step, "outcome": kind.outcome, "answers": kind.answers}
            for kind in seen.paths.kinds
        ],
        "requirements": [_asked_json(seen, each) for each in asked],
    }


def _asked_json(seen: Simulation, asked: Asked) -> Mapping[str, object]:
    kinds = _satisfying(seen, asked)
    return {
        "id": asked.id,
        "answer": {"step": asked.answer[0], "is": asked.answer[1]} if asked.answer is not None else None,
        "as_written": any(kind.step is None for kind in kinds),
        "also": [{"step": kind.step, "way": kind.way} for kind in kinds if kind.step is not None],
    }


def _path_json(path: Path | None) -> Mapping[str, object] | None:
    from checklist.run.reading import shown

    if path is None:
        return None
    steps: Sequence[Mapping[str, object]] = [
        {"id": each.step, "state": each.state, "value": shown(each.value)} for each in path.steps
    ]
    return {
        "seconds": path.seconds,
        "deviations": path.deviations,
        "readings": path.readings,
        "left_out": path.left_out,
        "steps": steps,
    }
