"""What the screen asks of the clinic, as functions that run in the storage thread and give back plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.clinic.plan.board import Board, board, open_runs, with_words
from checklist.clinic.plan.glance import glance
from checklist.clinic.plan.waiting import carried, follow_ups, recalls_dealt_with
from checklist.clinic.record import reason_in_words, value_in_words
from checklist.clinic.texts import offering
from checklist.clinic.texts.profiles import resolved
from checklist.clinic.texts.transcribing import text_of_sheet
from checklist.protocol.errors import ProtocolError
from checklist.protocol.showing.facts import EVERYONE, doubt, time_words
from checklist.protocol.showing.minimum import at_least_words, minimum_seconds
from checklist.run import commands as c
from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.tui.opened import Opened, opened
from checklist.tui.staffing.people_reads import VIA, people_notes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from checklist.clinic.people.staff import Reset
    from checklist.clinic.plan.glance import Glance
    from checklist.clinic.plan.waiting import FollowUp, Task
    from checklist.clinic.run_views import Overridden
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.clinic.texts.offering import Offered
    from checklist.run.events import Person
    from checklist.run.paper import Paper
    from checklist.run.rights import Act
    from checklist.run.state import RunState


@dataclass(frozen=True, slots=True)
class Page:
    """One run with the words and names that the record only points at. Keys are step ids and operator ids."""

    state: RunState
    names: Mapping[str, str]
    values: Mapping[str, str | None]
    reasons: Mapping[str, str | None]
    notes: Mapping[str, tuple[str, ...]]
    follow_up: FollowUp | None
    """The protocol that a failure asks for, where one is in force and nobody has begun it."""
    overrides: tuple[Overridden, ...] = ()
    """What was overridden in this run and in every run of its visit."""
    signers: Mapping[str, str] = field(default_factory=dict)
    """The names that steps were signed with."""
    carried: tuple[Task, ...] = ()
    """What was put off in earlier runs of the same, as long as nothing is done in this one."""
    recalled: tuple[str, ...] = ()
    """What was called back and asked for this list, until it is walked."""

    def name(self, operator: str | None) -> str:
        """How an operator is shown."""
        return self.names.get(operator or "", "-")

    def initials(self, operator: str | None) -> str:
        """Up to three initials of an operator."""
        words = self.name(operator).split()
        return "".join(word[0] for word in words[:3]).upper()


@dataclass(frozen=True, slots=True)
class Details:
    """What somebody wants to know of a protocol before they start it, in words. `refusal`: why whoever is signed in may
    not; `trouble`: why its text cannot be read, and then there is nothing else."""

    purpose: str = ""
    steps: int = 0
    least: str = ""
    counts: str = ""
    who: str = ""
    holds: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    """Each as its id, with what is doubtful of it, and its title."""
    refusal: str = ""
    trouble: str = ""


def open_up(clinic: Clinic) -> Opened:
    """Record that the program has started, and what its screens need."""
    clinic.started()
    return opened(clinic.settings, clinic.now)


def size(clinic: Clinic) -> int:
    """How many entries the record has: one small read, however long it is."""
    return clinic.ledger.head().size


def whole_board(clinic: Clinic, who: SignedIn | None) -> tuple[int, Board, tuple[str, ...]]:
    """How far the record was before it was read; the board, and what a lead should know of the people."""
    return size(clinic), board(clinic), people_notes(clinic, who)


def at_a_glance(clinic: Clinic) -> Glance:
    """What is due and late, without where each run stands."""
    return glance(clinic.histories(), clinic.settings, clinic.now(), clinic.unreadable())


def page(clinic: Clinic, run: str) -> Page:
    """One run with its words."""
    return _page(clinic, clinic.run(run))


def page_if_moved(clinic: Clinic, run: str, seen: tuple[int, str]) -> Page | None:
    """The run, if more is recorded of it than was seen; None where nothing has changed."""
    state = clinic.run(run)
    return None if state.head == seen else _page(clinic, state)


def do(clinic: Clinic, run: str, command: c.Command, who: SignedIn | None) -> Page | Refusal:
    """Carry out a command; durable when this returns."""
    done = clinic.do(run, command, who, VIA)
    return done if isinstance(done, Refusal) else _page(clinic, done)


def offered(clinic: Clinic) -> tuple[Offered, ...]:
    """Every protocol in force, by title."""
    return offering.offered(clinic)


def details(clinic: Clinic, name: str, who: SignedIn | None) -> Details:
    """One protocol in force, and whether this person may start it."""
    try:
        found = clinic.library.named(clinic.ledger, name)
        here = resolved(clinic, found)
        refused = clinic.may_begin(name, who) or (here if isinstance(here, Refusal) else None)
    except (ClinicError, ProtocolError) as fault:
        return Details(trouble=str(fault))
    protocol = found.protocol if isinstance(here, Refusal) else here[0]
    return Details(
        purpose=protocol.purpose,
        steps=len(protocol.steps),
        least=at_least_words(minimum_seconds(protocol)),
        counts=time_words(protocol.valid_for) if protocol.valid_for is not None else "",
        who=", ".join(protocol.roles) or EVERYONE,
        holds=", ".join(protocol.credentials),
        sources=tuple((one.id + doubt(one.title), one.title) for one in protocol.sources),
        refusal=refused.message if refused is not None else "",
    )


@dataclass(frozen=True, slots=True)
class Emergencies:
    """Runs that nobody stands for and that go on, and what can be started; each as its id and title."""

    open: tuple[tuple[str, str], ...]
    protocols: tuple[tuple[str, str], ...]


def emergencies(clinic: Clinic) -> Emergencies:
    """What the emergency key leads to."""
    going_on = tuple(
        (one.state.run, one.title) for one in open_runs(clinic) if one.state.unattributed and one.state.holder is None
    )
    return Emergencies(going_on, tuple(clinic.emergencies()))


def visit(clinic: Clinic, protocol: str, named: str, who: SignedIn) -> str | Refusal:
    """The id of a visit for a run; `named` is `new`, the number of a visit, or the clinic's own reference."""
    return clinic.may_begin(protocol, who) or clinic.session(named, who, VIA)


def sheet_known(clinic: Clinic, protocol: str, sheet: str, paper: Paper) -> str | Refusal:
    """The digest of the text of a sheet, of which the sheet bears the beginning."""
    found = text_of_sheet(clinic, protocol, sheet, paper)
    return found if isinstance(found, Refusal) else found.sha256


def begin(
    clinic: Clinic,
    protocol: str,
    subject: str,
    who: SignedIn | None,
    session: str | None,
    paper: Paper | None = None,
    sheet: str = "",
) -> Page | Refusal:
    """Start a run; `session` is the id of its visit. An emergency is begun by nobody (None) too. `paper`: when it was
    written, where it is entered from a sheet, which bears the digest `sheet`."""
    started = clinic.may_begin(protocol, who) or clinic.begin(protocol, subject, who, VIA, session, paper, sheet)
    return started if isinstance(started, Refusal) else _page(clinic, started)


def people(clinic: Clinic, act: Act | None = None, roles: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Everybody who can sign in, as id and name, by name; who of them may do this act, and has one of the roles where
    any are named."""
    return tuple(
        (one.id, one.name or one.id)
        for one in clinic.staff.operators()
        if one.may(*roles) and (act is None or rights.may(act, one.roles))
    )


def bearer(clinic: Clinic, badge: str) -> str | None:
    """The id of whoever has a badge with this text."""
    return clinic.staff.bearer(badge)


def sign_in(clinic: Clinic, named: str, secret: str) -> SignedIn | Refusal:
    """Sign somebody in, by their id or badge; recorded either way."""
    return clinic.staff.sign_in(named, secret, VIA)


def recover(clinic: Clinic, named: str, secret: str, code: str) -> Reset | Refusal:
    """End a lead's own lock by their secret and the recovery code."""
    return clinic.staff.recover(named, secret, code, VIA)


def sign_out(clinic: Clinic, who: SignedIn) -> None:
    """Record that somebody left."""
    clinic.staff.sign_out(who, VIA)


def sign_for(clinic: Clinic, run: str, proof: tuple[str, str], *, stays: bool) -> tuple[SignedIn, Page] | Refusal:
    """Attribute a run to whoever gives this proof, and is signed in then if they stay."""
    who = clinic.staff.sign_in(*proof, VIA) if stays else clinic.staff.prove(*proof, VIA)
    if isinstance(who, Refusal):
        return who
    done = do(clinic, run, c.Attribute(), who)
    if not isinstance(done, Refusal):
        return who, done
    if stays:
        clinic.staff.sign_out(who, VIA)
    return done


def with_person(
    clinic: Clinic, run: str, make: Callable[[Person], c.Command], proof: tuple[str, str], who: SignedIn | None
) -> Page | Refusal:
    """Carry out a command that needs a signer or a second person; `proof` is their id and the secret as typed."""
    proved = clinic.staff.prove(*proof, VIA)
    return proved if isinstance(proved, Refusal) else do(clinic, run, make(proved.person), who)


def _page(clinic: Clinic, state: RunState) -> Page:
    steps = state.protocol.steps
    own = state.steps
    overrides = clinic.overrides(state)
    ids = {state.holder, state.attributed, *state.operators}
    ids |= {person for each in overrides for person in (each.by, each.witness)}
    for each in own.values():
        ids |= {each.by, each.witness, *(attempt.by for attempt in each.attempts), *(note.by for note in each.notes)}
        ids |= {each.signed.by if each.signed else None}
    return Page(
        state=state,
        names={operator: clinic.staff.name_of(operator) for operator in ids if operator},
        values={step.id: value_in_words(clinic, state, step) for step in steps if own[step.id].closed},
        reasons={step.id: reason_in_words(clinic, own[step.id].reason) for step in steps if own[step.id].reason},
        notes={
            step.id: tuple(clinic.words(note.words) or "(words erased)" for note in own[step.id].notes)
            for step in steps
            if own[step.id].notes
        },
        follow_up=_follow_up(clinic, state),
        overrides=overrides,
        signers={
            step.id: clinic.words(signed.name) or clinic.staff.name_of(signed.by)
            for step in steps
            if (signed := own[step.id].signed) is not None
        },
        carried=_carried(clinic, state),
        recalled=recalls_dealt_with(clinic.histories(), state.run) if state.open else (),
    )


def _follow_up(clinic: Clinic, state: RunState) -> FollowUp | None:
    known = clinic.library.in_force(clinic.ledger)
    return next((one for one in follow_ups(clinic.histories(), state.run) if one.protocol in known), None)


def _carried(clinic: Clinic, state: RunState) -> tuple[Task, ...]:
    if not state.open or any(own.closed for own in state.steps.values()):
        return ()
    found = carried(clinic.histories(), state.protocol.id, state.subject, state.run, clinic.now())
    return tuple(with_words(clinic, task) for task in found)
