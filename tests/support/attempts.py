"""Every act of the table of rights as somebody would try it: by the service, by a command, and at a terminal in lines.

One table with a column for each door. Says nothing of who may: whoever tries them asks `rights`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from checklist.clinic.adopting import adopt
from checklist.clinic.checking import record_verified, verify_clinic
from checklist.clinic.copies import backup
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.state import RunState
from tests.support.every_role import BEN, GONE, LEAD, MAX, WORDS, Scene, secret_of
from tests.support.in_process import at_a_terminal, through_a_pipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BECAUSE = "other: the lamp is broken"
OF_A_WALK = {"run.started", "step.started", "step.done", "run.paused"}
"""What Ben leaves who walks, where the one who tries something is the other person."""


class Door(StrEnum):
    """Where an act is tried."""

    SERVICE = "service"
    COMMAND = "command"
    LINE = "line"


Way: TypeAlias = "Callable[[Scene], object]"
"""Tries the act as the person of the scene; whatever was told is in the answer."""


@dataclass(frozen=True)
class Attempt:
    """One thing that a person may do or not."""

    act: Act
    name: str
    leaves: str
    """The kind of entry that is left where it is allowed."""
    ways: Mapping[Door, Way]
    as_second: bool = False
    """Whether the entry names the person as the second one."""
    others: frozenset[str] = frozenset()
    """What others leave on the way."""
    prepare: Callable[[Scene], object] = field(default=lambda _scene: None)


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
    reason = Reason("other", "the lamp is broken")
    return clinic.do(begun.run, c.Override("look", reason, proved(clinic, BEN).person), who, "tui")


def resets(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    return clinic.staff.reset(_id(clinic, MAX), WORDS["new"], who, proved(clinic, LEAD), "tui")


def seconds_a_reset(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    return clinic.staff.reset(_id(clinic, MAX), WORDS["new"], proved(clinic, LEAD), who, "tui")


def records_a_verification(clinic: Clinic, who: SignedIn, _scene: Scene) -> object:
    return record_verified(clinic, verify_clinic(clinic.folder), who, "tui")


def changes_secret(clinic: Clinic, who: SignedIn, scene: Scene) -> object:
    return clinic.staff.change_secret(who, secret_of(scene.name), WORDS["newest"], "tui")


def _id(clinic: Clinic, name: str) -> str:
    return next(one.id for one in clinic.staff.operators() if one.name == name)


# -- by commands, and at a terminal -------------------------------------------------------------------------


def command(*words: str, said: str = "") -> Way:
    """A command of the person's own; `{…}` stands for what the scene knows."""
    return lambda scene: through_a_pipe([*_filled(scene, words), *scene.as_(scene.name)], said)


def beside(name: str, *words: str, said: str) -> Way:
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
    known = {"{run}": scene.run, "{copy}": str(scene.copy)}
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


def max_is_locked(scene: Scene) -> None:
    with scene.clinic() as clinic:
        for _ in range(5):
            assert isinstance(clinic.staff.prove(MAX, "not their secret", "tui"), Refusal)


def max_has_a_badge(scene: Scene) -> None:
    with scene.clinic() as clinic:
        assert clinic.staff.give_badge(_id(clinic, MAX), WORDS["badge"], proved(clinic, LEAD), "tui") is None


# -- the table ----------------------------------------------------------------------------------------------


def of_people(
    name: str, leaves: str, deed: Callable[[Clinic, SignedIn, Scene], object], words: str, **more: Any
) -> Attempt:
    ways = {Door.SERVICE: by(deed), Door.COMMAND: command("people", *words.split())}
    return Attempt(Act.MANAGE_PEOPLE, name, leaves, ways, **more)


ATTEMPTS = [
    Attempt(
        Act.WALK, "walk a protocol", "step.done",
        {Door.SERVICE: by(walks), Door.COMMAND: command("walk", "plain", said="yes\n"),
         Door.LINE: typed("walk", "plain", answers=(("> ", "yes"),))},
    ),
    Attempt(
        Act.WALK, "take a run over", "run.handed-over",
        {Door.SERVICE: by(takes_over), Door.COMMAND: command("resume", "{run}"),
         Door.LINE: typed("resume", "{run}", answers=(("> ", "/pause"),))},
        prepare=a_run_of_bens,
    ),
    Attempt(
        Act.SIGN, "sign", "signed",
        {Door.SERVICE: beside_ben("signed", lambda who: c.Sign("ready", who.person, "released", "")),
         Door.COMMAND: command("walk", "signed", said="released\n"),
         Door.LINE: typed("walk", "signed", signs_in=BEN, answers=(
             ("> ", "released"), ("Who signs, name or badge: ", "{name}"), ("Their secret: ", "secret of {name}"),
             ("> ", "/pause")))},
        others=frozenset(OF_A_WALK),
    ),
    Attempt(
        Act.WITNESS, "be the second person", "witnessed",
        {Door.SERVICE: beside_ben("blind", lambda _: c.Give("look", "yes"),
                                  lambda who: c.Witness("read", who.person, "yes")),
         Door.COMMAND: beside(BEN, "walk", "blind", said="yes\nyes\n"),
         Door.LINE: typed("walk", "blind", signs_in=BEN, answers=(
             ("> ", "yes"), ("> ", "yes"), ("Second person's name or badge: ", "{name}"),
             ("Their secret: ", "secret of {name}"), ("> ", "/pause")))},
        others=frozenset(OF_A_WALK),
    ),
    Attempt(
        Act.VOUCH, "pass a hold as the second person", "step.overridden",
        {Door.SERVICE: beside_ben("held", lambda who: c.Override("look", Reason("other", "dark"), who.person)),
         Door.COMMAND: beside(BEN, "walk", "held", said=f"/override {BECAUSE}\n"),
         Door.LINE: typed("walk", "held", signs_in=BEN, answers=(
             ("> ", f"/override {BECAUSE}"), ("Second person's name or badge: ", "{name}"),
             ("Their secret: ", "secret of {name}"), ("> ", "/pause")))},
        as_second=True, others=frozenset(OF_A_WALK),
    ),
    Attempt(
        Act.VOUCH, "pass a hold as the one who asks", "step.overridden",
        {Door.SERVICE: by(overrides), Door.COMMAND: with_second(BEN, "walk", "held", said=f"/override {BECAUSE}\n"),
         Door.LINE: typed("walk", "held", answers=(
             ("> ", f"/override {BECAUSE}"), ("Second person's name or badge: ", BEN),
             ("Their secret: ", f"secret of {BEN}"), ("> ", "/pause")))},
        others=frozenset(OF_A_WALK),
    ),
    Attempt(
        Act.ATTRIBUTE, "stand for an emergency", "run.attributed",
        {Door.SERVICE: by(lambda clinic, who, scene: clinic.do(scene.run, c.Attribute(), who, "tui")),
         Door.COMMAND: command("attribute", "{run}"),
         Door.LINE: typed("resume", "{run}", signs_in=None, answers=(
             ("> ", "/attribute"), ("Who did this, name or badge: ", "{name}"), ("Your secret: ", "secret of {name}"),
             ("> ", "/pause")))},
        prepare=an_emergency, others=frozenset({"run.resumed", "run.paused"}),
    ),
    Attempt(
        Act.OPEN_SESSION, "open a visit", "session.opened",
        {Door.SERVICE: by(lambda clinic, who, _: clinic.session("new", who, "tui")),
         Door.COMMAND: command("walk", "visit", "--session", "new"),
         Door.LINE: typed("walk", "visit", "--session", "new", answers=(("> ", "/pause"),))},
    ),
    of_people("add somebody", "operator.added",
              lambda clinic, who, _: clinic.personnel.add("Di", ["staff"], WORDS["new"], who, "tui"),
              "add --name Di --role staff --new-secret-file {new}"),
    of_people("give roles", "operator.changed",
              lambda clinic, who, _: clinic.personnel.set_roles(_id(clinic, MAX), ["release"], who, "tui"),
              f"roles {MAX} --role release"),
    of_people("disable", "operator.disabled",
              lambda clinic, who, _: clinic.personnel.disable(_id(clinic, MAX), who, "tui"), f"disable {MAX}"),
    of_people("erase", "erased",
              lambda clinic, who, _: clinic.personnel.erase(_id(clinic, GONE), who, "tui"), f"erase {GONE}"),
    of_people("grant a credential", "credential.granted",
              lambda clinic, who, _: clinic.personnel.grant(_id(clinic, MAX), "first-aid", None, {}, who, "tui"),
              f"credential grant {MAX} first-aid"),
    of_people("end a credential", "credential.ended",
              lambda clinic, who, _: clinic.personnel.end(_id(clinic, MAX), "laser", who, "tui"),
              f"credential end {MAX} laser"),
    of_people("unlock", "sign-in.unlocked",
              lambda clinic, who, _: clinic.staff.unlock(_id(clinic, MAX), who, "tui"), f"unlock {MAX}",
              prepare=max_is_locked),
    of_people("give a badge", "operator.changed",
              lambda clinic, who, _: clinic.staff.give_badge(_id(clinic, MAX), WORDS["badge"], who, "tui"),
              f"badge {MAX} --badge-file {{badge}}"),
    of_people("take a badge", "operator.changed",
              lambda clinic, who, _: clinic.staff.give_badge(_id(clinic, MAX), None, who, "tui"),
              f"badge {MAX} --take", prepare=max_has_a_badge),
    Attempt(
        Act.RESET, "reset a secret", "operator.changed",
        {Door.SERVICE: by(resets),
         Door.COMMAND: with_second(LEAD, "people", "reset", MAX, "--new-secret-file", "{new}")},
    ),
    Attempt(
        Act.RESET, "reset a secret as the second lead", "operator.changed",
        {Door.SERVICE: by(seconds_a_reset),
         Door.COMMAND: beside(LEAD, "people", "reset", MAX, "--new-secret-file", "{new}", said="")},
        as_second=True,
    ),
    Attempt(
        Act.ADOPT, "bring a protocol into force", "protocol.adopted",
        {Door.SERVICE: by(lambda clinic, who, _: adopt(clinic, "other", who, "tui")),
         Door.COMMAND: command("protocol", "adopt", "other")},
    ),
    Attempt(
        Act.BACKUP, "make a backup", "backed-up",
        {Door.SERVICE: by(lambda clinic, who, scene: backup(clinic, scene.copy, who, "tui")),
         Door.COMMAND: command("backup", "{copy}")},
    ),
    Attempt(
        Act.RECORD_VERIFIED, "record a verification", "verified",
        {Door.SERVICE: by(records_a_verification), Door.COMMAND: command("verify", "--record")},
    ),
    Attempt(
        Act.REMARK, "leave a remark", "remarked",
        {Door.SERVICE: by(lambda clinic, who, _: clinic.remark("a#1", "seen", who, "tui")),
         Door.COMMAND: command("remark", "a#1", "seen")},
    ),
    Attempt(
        Act.CHANGE_OWN_SECRET, "change one's own secret", "operator.changed",
        {Door.SERVICE: by(changes_secret), Door.COMMAND: command("people", "secret", "--new-secret-file", "{newest}")},
    ),
]  # fmt: skip
