"""How somebody does, or tries to do, what the table of rights is about: the ways through each door, and what must be
there first.

Knows nothing of who may.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from checklist.clinic.checking import record_verified, verify_clinic
from checklist.clinic.identifiers import recalling
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.visits.clearing import Answer
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.every_role import BEN, LEAD, MAX, WORDS, Scene, asked_of_the_gate, secret_of
from tests.support.in_process import at_a_terminal, through_a_pipe

if TYPE_CHECKING:
    from collections.abc import Callable

LAMP = Reason("other", "the lamp is broken")


class Door(StrEnum):
    """Where an act is tried."""

    SERVICE = "service"
    COMMAND = "command"
    LINE = "line"


Way: TypeAlias = "Callable[[Scene], object]"
"""Tries the act as the person of the scene; whatever was told is in the answer."""


# -- by the service -----------------------------------------------------------------------------------------


def by(deed: Callable[[Clinic, SignedIn, Scene], object]) -> Way:
    """Done by somebody who has signed in."""

    def way(scene: Scene) -> object:
        with scene.clinic() as clinic:
            who = proved(clinic, scene.name)
            try:
                return deed(clinic, who, scene)
            finally:
                clinic.staff.sign_out(who, "tui")

    return way


def proved(clinic: Clinic, name: str) -> SignedIn:
    found = clinic.staff.sign_in(name, secret_of(name), "tui")
    assert isinstance(found, SignedIn), found
    return found


def beside_ben(protocol: str, *steps: Callable[[SignedIn], c.Command]) -> Way:
    """Done in a run of Ben's, by commands that the person takes part in."""

    def deed(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
        ben = proved(clinic, BEN)
        found: object = clinic.begin(protocol, "", ben, "tui")
        for step in steps:
            assert isinstance(found, RunState), found
            found = clinic.do(found.run, step(who), ben, "tui")
        return found

    return by(deed)


def walks(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    begun = clinic.begin("plain", "", who, "tui")
    return begun if isinstance(begun, Refusal) else clinic.do(begun.run, c.Give("look", "yes"), who, "tui")


def takes_over(clinic: Clinic, who: SignedIn, scene: Scene) -> object:
    return clinic.do(scene.run, c.Resume(), who, "tui")


def overrides(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    """A hold passed by the one who asks, with Ben, who is no lead, as the second person."""
    begun = clinic.begin("held", "", who, "tui")
    if isinstance(begun, Refusal):
        return begun
    return clinic.do(begun.run, c.Override("look", LAMP, proved(clinic, BEN).person), who, "tui")


def opens_again(clinic: Clinic, who: SignedIn, scene: Scene) -> object:
    """Ben corrects his own run, which had failed."""
    return clinic.do(scene.run, c.Correct("look", Reason("mistake", "no"), who.person), proved(clinic, BEN), "tui")


def lets_go(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    return recalling.end_quarantine(clinic, "lot", "C77", LAMP, who, "tui")


def resets(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    return clinic.staff.reset(id_of(clinic, MAX), WORDS["new"], who, proved(clinic, LEAD), "tui")


def seconds_a_reset(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    return clinic.staff.reset(id_of(clinic, MAX), WORDS["new"], proved(clinic, LEAD), who, "tui")


def records_a_verification(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    return record_verified(clinic, verify_clinic(clinic.folder), who, "tui")


def changes_secret(clinic: Clinic, who: SignedIn, scene: Scene) -> object:
    return clinic.staff.change_secret(who, secret_of(scene.name), WORDS["newest"], "tui")


def id_of(clinic: Clinic, name: str) -> str:
    return next(one.id for one in clinic.staff.operators() if one.name == name)


# -- by commands, and at a terminal -------------------------------------------------------------------------


def command(*words: str, said: str = "") -> Way:
    """A command of the person's own; `{…}` stands for what the scene knows."""
    return lambda scene: through_a_pipe([*_filled(scene, words), *scene.as_(scene.name)], said)


def beside(name: str, *words: str, said: str = "") -> Way:
    """A command of somebody else's, in which the person is the second one."""
    return lambda scene: through_a_pipe([*_filled(scene, words), *scene.as_(name), *scene.beside(scene.name)], said)


def with_second(name: str, *words: str, said: str = "") -> Way:
    """A command of the person's own, with somebody else as the second one."""
    return lambda scene: through_a_pipe([*_filled(scene, words), *scene.as_(scene.name), *scene.beside(name)], said)


def typed(*words: str, signs_in: str | None = "{name}", answers: tuple[tuple[str, str], ...] = ()) -> Way:
    """A walk in lines at a terminal; nobody signs in first where `signs_in` is None."""

    def way(scene: Scene) -> object:
        first = [] if signs_in is None else [("Name or badge: ", signs_in), ("Your secret: ", "secret of " + signs_in)]
        filled = [(prompt, _said(scene, answer)) for prompt, answer in [*first, *answers]]
        return at_a_terminal([*_filled(scene, words), "--line"], filled)

    return way


def _said(scene: Scene, answer: str) -> str:
    if answer.startswith("secret of "):
        return secret_of(_said(scene, answer.removeprefix("secret of ")))
    return answer.replace("{name}", scene.name)


def _filled(scene: Scene, words: tuple[str, ...]) -> list[str]:
    known = {"{run}": scene.run, "{override}": scene.override, "{copy}": str(scene.copy)}
    known |= {f"{{{key}}}": scene.file(key, content) for key, content in WORDS.items()}
    return [known.get(word, word) for word in words]


# -- what must be there first -------------------------------------------------------------------------------


def an_emergency(scene: Scene) -> None:
    with scene.clinic() as clinic:
        begun = clinic.begin("siren", "", None, "tui")
        assert isinstance(begun, RunState)
        scene.run = begun.run


def a_run_of_bens(scene: Scene) -> None:
    with scene.clinic() as clinic:
        begun = clinic.begin("plain", "", proved(clinic, BEN), "tui")
        assert isinstance(begun, RunState)
        scene.run = begun.run


def a_stopped_run(scene: Scene) -> None:
    with scene.clinic() as clinic:
        ben = proved(clinic, BEN)
        begun = clinic.begin("held", "", ben, "tui")
        assert isinstance(begun, RunState)
        assert isinstance(clinic.do(begun.run, c.Fail("look", LAMP), ben, "tui"), RunState)
        scene.run = begun.run


def an_override(scene: Scene) -> None:
    with scene.clinic() as clinic:
        answer = asked_of_the_gate(clinic, proved(clinic, BEN), proved(clinic, LEAD))
        assert isinstance(answer, Answer)
        ((index,),) = clinic.ledger.query("SELECT overridden FROM clearance WHERE overridden IS NOT NULL")
        scene.override = f"{clinic.ledger.station}#{index}"


def a_quarantine(scene: Scene) -> None:
    with scene.clinic() as clinic:
        entry = recalling.quarantine(clinic, "lot", "C77", LAMP, proved(clinic, BEN), "tui")
        assert not isinstance(entry, Refusal)


def max_is_locked(scene: Scene) -> None:
    with scene.clinic() as clinic:
        for _ in range(5):
            assert isinstance(clinic.staff.prove(MAX, "not their secret", "tui"), Refusal)


def max_has_a_badge(scene: Scene) -> None:
    with scene.clinic() as clinic:
        assert clinic.staff.give_badge(id_of(clinic, MAX), WORDS["badge"], proved(clinic, LEAD), "tui") is None
