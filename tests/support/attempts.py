"""Every act of the table of rights as somebody would try it: by the service, by a command, and at a terminal in lines.

One table with a column for each door. Says nothing of who may: whoever tries them asks `rights`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checklist.audit.queue import Flagged
from checklist.clinic import reviewing
from checklist.clinic.copies import backup
from checklist.clinic.identifiers import recalling
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.visits.clearing import review
from checklist.run import commands as c
from checklist.run.rights import Act
from tests.support.every_role import BEN, GONE, LEAD, MAX, PROCEDURE, ROOM, WORDS, Scene, asked_of_the_gate
from tests.support.ways import (
    LAMP,
    Door,
    Way,
    a_quarantine,
    a_run_of_bens,
    a_stopped_run,
    an_emergency,
    an_override,
    beside,
    beside_ben,
    by,
    changes_secret,
    command,
    id_of,
    lets_go,
    max_has_a_badge,
    max_is_locked,
    opens_again,
    overrides,
    proved,
    records_a_verification,
    resets,
    seconds_a_reset,
    takes_over,
    typed,
    walks,
    with_second,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checklist.clinic.service import Clinic, SignedIn

_FLAGGED = Flagged("too-fast", "look", "a#1", None, "2031-03-10", "was quick")
BECAUSE = "other: the lamp is broken"
CLEAR = ("clear", PROCEDURE, "--room", ROOM)
OF_A_WALK = {"run.started", "step.started", "step.done", "run.paused"}
"""What Ben leaves who walks, where the one who tries something is the other person."""


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
        {Door.SERVICE: beside_ben("held", lambda who: c.Override("look", LAMP, who.person)),
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
        Act.VOUCH, "open what stopped a run again as the second person", "step.corrected",
        {Door.SERVICE: by(opens_again),
         Door.COMMAND: beside(BEN, "resume", "{run}", said="/correct look mistake: no\n"),
         Door.LINE: typed("resume", "{run}", signs_in=BEN, answers=(
             ("> ", "/correct look mistake: no"), ("Second person's name or badge: ", "{name}"),
             ("Their secret: ", "secret of {name}"), ("> ", "/pause")))},
        as_second=True, prepare=a_stopped_run,
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
    Attempt(
        Act.CLEAR, "ask the gate", "cleared",
        {Door.SERVICE: by(lambda clinic, who, _: asked_of_the_gate(clinic, who)), Door.COMMAND: command(*CLEAR)},
    ),
    Attempt(
        Act.VOUCH, "pass the gate as the second person", "clearance.overridden",
        {Door.SERVICE: by(lambda clinic, who, _: asked_of_the_gate(clinic, proved(clinic, BEN), who)),
         Door.COMMAND: beside(BEN, *CLEAR, "--override", BECAUSE)},
        as_second=True,
    ),
    Attempt(
        Act.VOUCH, "pass the gate as the one who asks", "clearance.overridden",
        {Door.SERVICE: by(lambda clinic, who, _: asked_of_the_gate(clinic, who, proved(clinic, BEN))),
         Door.COMMAND: with_second(BEN, *CLEAR, "--override", BECAUSE)},
    ),
    Attempt(
        Act.REVIEW, "review an override", "reviewed",
        {Door.SERVICE: by(lambda clinic, who, scene: review(clinic, scene.override, "seen", who, "tui")),
         Door.COMMAND: command("review", "{override}", "seen", "--seen")},
        prepare=an_override,
    ),
    Attempt(
        Act.REVIEW, "review what a rule points at", "reviewed",
        {Door.SERVICE: by(
            lambda clinic, who, _: reviewing.review(clinic, _FLAGGED, "seen", clinic.now(), who, "tui")
        )},
    ),
    Attempt(
        Act.REMARK, "ask the clinic a question", "remarked",
        {Door.SERVICE: by(lambda clinic, who, _: clinic.remark("a#1", "why?", who, "tui", "question")),
         Door.COMMAND: command("remark", "--asks", "a#1", "why?")},
    ),
    Attempt(
        Act.QUARANTINE, "block a lot", "quarantined",
        {Door.SERVICE: by(lambda clinic, who, _: recalling.quarantine(clinic, "lot", "C77", LAMP, who, "tui")),
         Door.COMMAND: command("quarantine", "lot", "C77", "--because", BECAUSE)},
    ),
    Attempt(
        Act.END_QUARANTINE, "let a lot go again", "quarantine.ended",
        {Door.SERVICE: by(lets_go), Door.COMMAND: command("quarantine", "lot", "C77", "--end", "--because", BECAUSE)},
        prepare=a_quarantine,
    ),
    Attempt(
        Act.RECALL, "call a lot back", "recalled",
        {Door.SERVICE: by(lambda clinic, who, _: recalling.recall(clinic, "lot", "C77", LAMP, who, "tui")),
         Door.COMMAND: command("recall", "lot", "C77", "--because", BECAUSE)},
    ),
    Attempt(
        Act.RECALL, "call back since the last negative test", "recalled",
        {Door.SERVICE: by(lambda clinic, who, _: recalling.recall_since_negative(clinic, "S1", LAMP, who, "tui")),
         Door.COMMAND: command("recall", "steriliser", "S1", "--since-last-negative", "--because", BECAUSE)},
    ),
    Attempt(
        Act.HAPPENED, "say what happened", "happened",
        {Door.SERVICE: by(lambda clinic, who, _: recalling.happened(clinic, "spill", "clinic", "red", who, "tui")),
         Door.COMMAND: command("happened", "spill", "red")},
    ),
    of_people("add somebody", "operator.added",
              lambda clinic, who, _: clinic.personnel.add("Di", ["staff"], WORDS["new"], who, "tui"),
              "add --name Di --role staff --new-secret-file {new}"),
    of_people("give roles", "operator.changed",
              lambda clinic, who, _: clinic.personnel.set_roles(id_of(clinic, MAX), ["release"], who, "tui"),
              f"roles {MAX} --role release"),
    of_people("disable", "operator.disabled",
              lambda clinic, who, _: clinic.personnel.disable(id_of(clinic, MAX), who, "tui"), f"disable {MAX}"),
    of_people("erase", "erased",
              lambda clinic, who, _: clinic.personnel.erase(id_of(clinic, GONE), who, "tui"), f"erase {GONE}"),
    of_people("grant a credential", "credential.granted",
              lambda clinic, who, _: clinic.personnel.grant(id_of(clinic, MAX), "first-aid", None, {}, who, "tui"),
              f"credential grant {MAX} first-aid"),
    of_people("end a credential", "credential.ended",
              lambda clinic, who, _: clinic.personnel.end(id_of(clinic, MAX), "laser", who, "tui"),
              f"credential end {MAX} laser"),
    of_people("unlock", "sign-in.unlocked",
              lambda clinic, who, _: clinic.staff.unlock(id_of(clinic, MAX), who, "tui"), f"unlock {MAX}",
              prepare=max_is_locked),
    of_people("give a badge", "operator.changed",
              lambda clinic, who, _: clinic.staff.give_badge(id_of(clinic, MAX), WORDS["badge"], who, "tui"),
              f"badge {MAX} --badge-file {{badge}}"),
    of_people("take a badge", "operator.changed",
              lambda clinic, who, _: clinic.staff.give_badge(id_of(clinic, MAX), None, who, "tui"),
              f"badge {MAX} --take", prepare=max_has_a_badge),
    Attempt(
        Act.RESET, "reset a secret", "operator.changed",
        {Door.SERVICE: by(resets),
         Door.COMMAND: with_second(LEAD, "people", "reset", MAX, "--new-secret-file", "{new}")},
    ),
    Attempt(
        Act.RESET, "reset a secret as the second lead", "operator.changed",
        {Door.SERVICE: by(seconds_a_reset),
         Door.COMMAND: beside(LEAD, "people", "reset", MAX, "--new-secret-file", "{new}")},
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
