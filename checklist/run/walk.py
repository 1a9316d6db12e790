"""May this be done now, and what is recorded if it is: `decide(state, command, author, now)`.

The only way a run moves. Pure: a command comes in, and out come the drafts of entries, or a refusal that says
what to do instead. Refusals are values, since a clinic meets them every day.
"""

from collections.abc import Iterable
from datetime import datetime

from checklist.ledger.entry import Draft, Json, Moment
from checklist.protocol.model import Protocol, Step
from checklist.run import commands as c
from checklist.run import rights
from checklist.run.answer import Decision, answer, second_person, timed, timer_done, unfit
from checklist.run.credentials import lacking
from checklist.run.drafts import attempted, bound_to, closing, draft_of_run, draft_of_step, failed, with_completion
from checklist.run.events import REASON_CODES, Author, Kind, Person, Reason, as_json
from checklist.run.fold import vouching_for
from checklist.run.marks import Outcome, Status
from checklist.run.paper import Paper, transcribing, unfit_paper
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.state import RunState, stops
from checklist.run.timing import Phase, calendar_day, expires_at, utc


def start(
    protocol: Protocol,
    sha256: str,
    subject: str,
    session: str | None,
    author: Author,
    now: Moment,
    profile: dict[str, Json] | None = None,
    paper: Paper | None = None,
) -> Draft | Refusal:
    """The entry that begins a run, or why this person may not begin it. `paper`: when it was written, where it was
    walked on paper and is entered now."""
    if paper is not None:
        author = transcribing(author)
        if author.operator is None:  # even an emergency is over by then
            return Refusal("sign-in", "Sign in first: a sheet is entered by name.")
        if refusal := unfit_paper(paper, now):
            return refusal
    if refusal := may_walk(protocol, author, now):
        return refusal
    if missing := sorted(protocol.profile_values()):
        return Refusal("profile", f"The jurisdiction's profile does not give {missing[0]}; ask the lead.")
    data: dict[str, Json] = {
        "protocol": {"id": protocol.id, "version": protocol.version, "sha256": sha256},
        "subject": subject,
    }
    if session:
        data["session"] = session
    if profile:
        data["profile"] = profile
    if paper is not None:
        data["paper"] = paper.data()
    return Draft(Kind.RUN_STARTED.value, data, author.operator, author.via)


def may_walk(protocol: Protocol, author: Author, now: Moment) -> Refusal | None:
    """Why this person may not walk this protocol at this moment; None if they may. An emergency waits for nobody to
    sign in, and asks nobody who did not for a role or a credential."""
    if author.operator is None:
        return None if protocol.category == "emergency" else Refusal("sign-in", "Sign in first.")
    return _lacks_role(protocol, author) or lacking(
        protocol.credentials, author.credentials, calendar_day(now), f"“{protocol.title}”"
    )


def _lacks_role(protocol: Protocol, author: Author) -> Refusal | None:
    """Why this person's roles do not let them walk this protocol. An empty list of roles asks for none."""
    if protocol.roles and not author.roles.intersection(protocol.roles):
        wanted = " or ".join(protocol.roles)
        return Refusal("role", f"“{protocol.title}” is for the role {wanted}; ask somebody who has it.")
    return rights.refusal(Act.WALK, author.roles)


def expired(state: RunState, now: Moment) -> bool:
    """Whether an open run has outlived what its completion would count for. A run that was completed once
    stays open to correction for good."""
    valid = state.protocol.valid_for
    if not state.open or state.completed_once or valid is None:
        return False
    return utc(now) >= expires_at(state.started, valid)


def decide(state: RunState, command: c.Command, author: Author, now: Moment) -> Decision:
    """What a command leads to at this moment: the drafts to record (perhaps none), or a refusal."""
    if state.paper is not None:
        author = transcribing(author)
    # Whoever did it says so, whatever has become of the run.
    if expired(state, now) and not isinstance(command, c.Attribute):
        return (Draft(Kind.RUN_EXPIRED.value, {}, None, "system", state.run),)
    match command:
        case c.Tick():
            return _tick(state, now)
        case c.Correct():
            return _correct(state, command, author, now)
        case c.Resume():
            return _resume(state, author, now)
        case c.Attribute():
            return _attribute(state, command, author, now)
        case _:
            pass
    if not state.open:
        return Refusal("ended", f"This run has ended ({state.outcome}); a mistake in it can be corrected.")
    if refusal := _not_theirs(state, author):
        return refusal
    match command:
        case c.Pause():
            return () if state.paused else (draft_of_run(state, Kind.RUN_PAUSED, author),)
        case c.Abandon():
            return (
                _voids(state, state.protocol.steps, author)
                or _bad_reason(command.reason)
                or (draft_of_run(state, Kind.RUN_ABANDONED, author, command.reason.data()),)
            )
        case c.Remark():
            return _remark(state, command, author)
        case _:
            return _at_step(state, command, author, now)


def _not_theirs(state: RunState, author: Author) -> Refusal | None:
    """Why this person may do nothing in an open run. Who holds it may stop it whatever credentials they have left."""
    if author.operator is None:
        return _not_unsigned(state)
    if refusal := _lacks_role(state.protocol, author):
        return refusal
    if author.operator != state.holder:
        walker = "Nobody has signed in for" if state.holder is None else "Somebody else is walking"
        return Refusal("handed-over", f"{walker} this run; resume it to take it over.")
    return None


def _not_unsigned(state: RunState) -> Refusal | None:
    """Why nobody may go on with this run without signing in. Once somebody stands for it, that would be in their
    name."""
    if state.unattributed and state.holder is None:
        return None
    return Refusal("sign-in", "This run is in somebody's name: sign in, and resume it to take it over.")


def _resume(state: RunState, author: Author, now: Moment) -> Decision:
    if not state.open and state.outcome is not Outcome.COMPLETE_EXCEPT_DEFERRED:
        return Refusal("ended", f"This run has ended ({state.outcome}); there is nothing to resume.")
    if refusal := _not_yours_to_take(state, author, now):
        return refusal
    drafts: tuple[Draft, ...] = (draft_of_run(state, Kind.RUN_RESUMED, author),)
    if author.operator != state.holder:
        drafts = (*drafts, _hand_over(state, author))
    return with_completion(state, drafts, author, now)


def _not_yours_to_take(state: RunState, author: Author, now: Moment) -> Refusal | None:
    """Why this person may not go on with a run, be it another's; None if they may."""
    if author.operator is None:
        if refusal := _not_unsigned(state):
            return refusal
        return None if state.open else Refusal("sign-in", "This run has ended: sign in to open it again.")
    return may_walk(state.protocol, author, now)


def _attribute(state: RunState, command: c.Attribute, author: Author, now: Moment) -> Decision:
    """Somebody stands for what was done without signing in. They hold an open run from then on, since whatever
    followed unsigned would be in their name; if they may not walk it, it waits for somebody who may."""
    person = command.person
    if person is None or person.operator != author.operator:
        return Refusal("sign-in", "Sign in first: whoever did it says so, with their own secret.")
    if not state.unsigned:
        return Refusal("attributed", "This run was begun by somebody who had signed in; there is nothing to add.")
    if state.attributed is not None:
        return Refusal("attributed", "Somebody has put their name to this run already; that is said once.")
    if refusal := rights.refusal(Act.ATTRIBUTE, person.roles):
        return refusal
    if person.operator in _second_people(state):
        return Refusal("same-person", "You were the second person in this run; whoever did it must say so.")
    data: dict[str, Json] = {"operator": person.operator, "factors": list(person.factors), "name": command.name}
    said = draft_of_run(state, Kind.RUN_ATTRIBUTED, author, data)
    theirs = state.open and state.holder is None and may_walk(state.protocol, author, now) is None
    return (said, _hand_over(state, author)) if theirs else (said,)


def unentitled(state: RunState, author: Author) -> list[Refusal]:
    """What would have stopped this person, as they were when the run began, from doing what was done in it without
    signing in."""
    now = state.started
    walking = may_walk(state.protocol, author, now)
    unsigned = (step for step in state.protocol.steps if _done_unsigned(state, step))
    return [each for each in (walking, *(unfit(step, author, now) for step in unsigned)) if each is not None]


def _done_unsigned(state: RunState, step: Step) -> bool:
    """Whether nobody had signed in who did this step; second readings and signatures are always somebody's."""
    own = state.steps[step.id]
    return own.status is Status.DONE and own.by is None and step.kind not in {"witness", "sign"}


def _second_people(state: RunState) -> set[str | None]:
    """Who read again what was done without signing in, or signed as somebody who had not done it."""
    seconds = [step for step in state.protocol.steps if step.kind == "witness"]
    signed = [state.steps[step.id].signed for step in state.protocol.steps if step.kind == "sign" and step.another]
    readers = {state.steps[step.id].witness for step in seconds if state.steps[step.of].by is None}
    return readers | {each.by for each in signed if each is not None}


def _hand_over(state: RunState, author: Author) -> Draft:
    return draft_of_run(state, Kind.RUN_HANDED_OVER, author, {"to": author.operator})


def _tick(state: RunState, now: Moment) -> Decision:
    step = state.current
    timer = state.timer(step, now) if step is not None else None
    if step is None or timer is None or step.kind != "timer":
        return ()
    # Nobody pressed a key: the entry is the program's own; the start of the timer names the person.
    author = Author(None, frozenset(), "system")
    if timer.phase is Phase.OVER:
        return attempted(state, step, timed(timer.elapsed_ms), "fail", author, now)
    if timer.phase is Phase.READY and step.at_most is None:
        return timer_done(state, step, timer, author, now)
    return ()


def _correct(state: RunState, command: c.Correct, author: Author, now: Moment) -> Decision:
    if state.outcome in {Outcome.ABANDONED, Outcome.EXPIRED}:
        return Refusal("ended", f"This run was {state.outcome}; start a new one.")
    if refusal := _not_yours_to_take(state, author, now):
        return refusal
    if state.open and (refusal := _not_theirs(state, author)):
        return refusal
    own = state.steps.get(command.step)
    if own is None:
        return Refusal("no-step", f"There is no step “{command.step}” here; /list shows their names.")
    if not own.closed or own.entry is None or own.leaf is None:
        return Refusal("not-closed", "This step is still open; answer it instead of correcting it.")
    step = state.protocol.step(command.step)
    opened = (step, *bound_to(state.protocol, step.id))  # whoever reads a longer time opens its timer as well
    vouching = (each for one in opened for each in vouching_for(state.protocol, one.id))
    if refusal := _voids(state, (*opened, *vouching), author):
        return refusal
    stopped = own.status is Status.FAILED and stops(step)
    if stopped and (refusal := _not_vouched(command.witness, author)):
        return refusal
    if step.kind == "assign":
        return Refusal("assigned", "A number that was assigned stays; abandon the run to leave it unused.")
    if refusal := _bad_reason(command.reason):
        return refusal
    was: Json = {"words": own.words} if step.kind == "text" and own.words else as_json(own.value)
    data: dict[str, Json] = {
        "of": {"station": state.station, "index": own.entry, "leaf": own.leaf},
        "was": was,
        **command.reason.data(),
        **(_vouched(command.witness) if stopped else {}),  # who was not needed vouches for nothing
    }
    drafts: tuple[Draft, ...] = (draft_of_step(state, step, Kind.STEP_CORRECTED, data, author),)
    if author.operator != state.holder:
        drafts = (_hand_over(state, author), *drafts)
    return with_completion(state, drafts, author, now)


def _voids(state: RunState, steps: Iterable[Step], author: Author) -> Refusal | None:
    """Why nobody may undo these steps without signing in: somebody gave their name, which counts no more then."""
    own = (state.steps[step.id] for step in steps)
    if author.operator is not None or not any(each.signed or each.witness for each in own):
        return None
    return Refusal("sign-in", "Somebody has put their name to this: sign in, and resume the run first.")


def _at_step(state: RunState, command: c.StepCommand, author: Author, now: Moment) -> Decision:
    step = state.current
    if step is None or step.id != command.step:
        return Refusal("not-current", "That step is not the current one; nothing was recorded.")
    if state.paused:
        return Refusal("paused", "The run is paused; resume it first.")
    if refusal := may_walk(state.protocol, author, now):
        return refusal
    match command:
        case c.Fail():
            return _bad_reason(command.reason) or failed(state, step, command.reason, author, now)
        case c.Override():
            return _override(state, step, command, author, now)
        case c.Skip() | c.NotApplicable() | c.Defer():
            return _leave_out(state, step, command, author, now)
        case _:
            return answer(state, step, command, author, now)


def _bad_reason(reason: Reason) -> Refusal | None:
    if reason.code not in REASON_CODES:
        return Refusal("reason", f"Begin the reason with one of: {', '.join(REASON_CODES)}.")
    if reason.code == "other" and not reason.words:
        return Refusal("reason", "Say the reason in words.")
    return None


def _leave_out(
    state: RunState, step: Step, command: c.Skip | c.NotApplicable | c.Defer, author: Author, now: Moment
) -> Decision:
    if step.hold:
        return Refusal(
            "hold", "This is a hold: nothing passes it but clearing it, or an override with a second person."
        )
    if state.steps[step.id].failed_last:
        return Refusal("failed-reading", "A failed reading cannot be left out: read again, or fail the step.")
    if refusal := _bad_reason(command.reason):
        return refusal
    data = command.reason.data()
    if isinstance(command, c.Defer):
        if not _is_time(command.until):
            return Refusal("until", "Say until when, like 2h, today or 2027-03-31.")
        data["until"] = command.until
    kind = {
        c.Skip: Kind.STEP_SKIPPED,
        c.NotApplicable: Kind.STEP_NOT_APPLICABLE,
        c.Defer: Kind.STEP_DEFERRED,
    }[type(command)]
    return closing(state, step, kind, data, author, now)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return text.isascii() and text.isprintable()


def _override(state: RunState, step: Step, command: c.Override, author: Author, now: Moment) -> Decision:
    if refusal := _bad_reason(command.reason):
        return refusal
    if refusal := _not_vouched(command.witness, author):
        return refusal
    data = command.reason.data() | _vouched(command.witness)
    return closing(state, step, Kind.STEP_OVERRIDDEN, data, author, now)


def _not_vouched(second: Person | None, author: Author) -> Refusal | None:
    """Why a hold may not be passed, nor what stopped a run be opened again, by these two; None if it may."""
    if author.operator is None:
        return Refusal("sign-in", "This needs two people with their own secrets: sign in, and resume the run first.")
    if second is None:
        return Refusal("no-second", "This needs a second person with their own secret.")
    if refusal := second_person(second, author.operator):
        return refusal
    return rights.refusal(Act.VOUCH, author.roles | second.roles)


def _vouched(second: Person | None) -> dict[str, Json]:
    return {} if second is None else {"witness": second.operator, "factors": list(second.factors)}


def _remark(state: RunState, command: c.Remark, author: Author) -> Decision:
    own = state.steps.get(command.step)
    if own is None:
        return Refusal("no-step", f"There is no step “{command.step}” here; /list shows their names.")
    if not command.words:
        return Refusal("empty", "Say it in words.")
    about = own.owed if own.owed and not own.closed else "note"
    data: dict[str, Json] = {"words": command.words, "about": about}
    return (draft_of_step(state, state.protocol.step(command.step), Kind.STEP_NOTED, data, author),)
