"""A clinic folder opened: the one door through which the faces record and read. Its people are `staff`.

Recording has one way: words go to people.db first, then `decide` speaks under the ledger's lock, then one
transaction. What comes back is the run as it now stands, or a refusal in words. Faults are exceptions.
One object belongs to one thread.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from checklist import __version__
from checklist.clinic import config as configuration
from checklist.clinic.errors import ClinicError
from checklist.clinic.folding import folded
from checklist.clinic.histories import open_archives
from checklist.clinic.making import settle
from checklist.clinic.people.comparing import decided
from checklist.clinic.people.people_views import credentials_of
from checklist.clinic.people.personnel import Personnel
from checklist.clinic.people.staff import SignedIn, Staff
from checklist.clinic.run_views import Overridden, overrides_of
from checklist.clinic.subjects import subject_of
from checklist.clinic.texts.library import Library
from checklist.clinic.texts.profiles import resolved
from checklist.clinic.texts.transcribing import entered_before, text_of_sheet
from checklist.clinic.views import VIEWS
from checklist.clinic.words import too_long, with_commitments
from checklist.ledger.clock import SystemClock
from checklist.ledger.entry import Draft, Entry, Json, Moment, parse_place
from checklist.ledger.errors import LedgerError
from checklist.ledger.keys import StationKey
from checklist.ledger.store import Ledger
from checklist.people.errors import PeopleError
from checklist.people.secret import load_pepper
from checklist.people.store import PeopleStore
from checklist.run import commands as c
from checklist.run.events import Author, Kind
from checklist.run.fold import apply
from checklist.run.reading import Refusal
from checklist.run.timing import utc
from checklist.run.walk import decide, may_walk, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.folder import Folder
    from checklist.clinic.remarks import About
    from checklist.ledger.clock import Clock
    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol, Step
    from checklist.run.paper import Paper
    from checklist.run.state import RunState

__all__ = ["Clinic", "SignedIn"]


class Clinic:
    """Everything that a face may ask of one clinic folder."""

    def __init__(
        self,
        folder: Folder,
        settings: configuration.Config,
        ledger: Ledger,
        people: PeopleStore,
        pepper: bytes,
        clock: Clock,
    ) -> None:
        """Use `open`."""
        self._clock = clock
        self.folder = folder
        self.settings = settings
        self.ledger = ledger
        self.people = people
        self.library = Library(folder)
        self.staff = Staff(ledger, people, pepper, clock, folder.keys)
        self.personnel = Personnel(self, pepper)
        self._runs: dict[str, RunState] = {}
        self._archives: list[Reader] | None = None
        self._unreadable: list[str] = []
        self._started = False

    @classmethod
    def open(cls, folder: Folder) -> Self:
        """Open the folder for reading and recording. Raises ClinicError, LedgerError or PeopleError."""
        settings = configuration.load(folder.config)
        table = settings.clinic
        clock = SystemClock(table.timezone)
        key = StationKey.load(folder.keys, f"{table.origin}/{table.station}")
        pepper = load_pepper(folder.keys)
        ledger = Ledger.open(folder.ledger, key=key, clock=clock, views=VIEWS)
        try:
            people = PeopleStore.open(folder.people)
        except BaseException:
            ledger.close()
            raise
        with suppress(OSError):
            settle(folder)
        clinic = cls(folder, settings, ledger, people, pepper, clock)
        clinic.histories()  # now, for one that another version kept may take its time
        return clinic

    def close(self) -> None:
        """Let go of the folder; the high-water mark is brought up to date."""
        if self._started:
            with suppress(LedgerError):  # the record is whole without it
                self._record([Draft("station.stopped", {}, None, "system")])
        for archive in self._archives or ():
            archive.close()
        self.people.close()
        self.ledger.close()

    def __enter__(self) -> Self:
        """Give the clinic itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the clinic."""
        self.close()

    def now(self) -> Moment:
        """This moment, by every clock."""
        return self._clock()

    # -- people: `staff` answers ----------------------------------------------------------------------------

    def name_of(self, operator_id: str | None) -> str:
        """How an operator is shown: their name; the id once the name is erased; a dash for the program."""
        return self.staff.name_of(operator_id)

    def words(self, commitment: str) -> str | None:
        """The words behind a commitment; None once they are erased."""
        return self.people.words(commitment)

    # -- the record, and what earlier stations left of it -----------------------------------------------

    def histories(self) -> list[Reader]:
        """The ledgers of this folder, oldest first: those that a restore left, then the one in use.

        One that cannot be read is left out, so that the work goes on; `unreadable` says why.
        """
        if self._archives is None:
            self._archives, self._unreadable = open_archives(self.folder)
        return [*self._archives, self.ledger]

    def unreadable(self) -> list[str]:
        """A sentence for every ledger of an earlier station that lies here and cannot be read."""
        self.histories()
        return list(self._unreadable)

    def run_entries(self, run: str) -> list[Entry]:
        """The entries of one run, whichever ledger holds it."""
        return [entry for reader in self.histories() for entry in reader.run_entries(run)]

    # -- walking ----------------------------------------------------------------------------------------

    def begin(
        self,
        protocol: str,
        subject: str,
        who: SignedIn | None,
        via: str,
        session: str | None = None,
        paper: Paper | None = None,
        sheet: str = "",
    ) -> RunState | Refusal:
        """Start a run of the protocol in force; an emergency one also by nobody who signed in (None). `paper`: when it
        was written, where it is entered from a sheet; the run is then of the text whose digest the sheet bears
        (`sheet`). Raises UnknownProtocolError."""
        found = (
            self.library.named(self.ledger, protocol) if paper is None else text_of_sheet(self, protocol, sheet, paper)
        )
        if isinstance(found, Refusal):
            return found
        about = subject_of(self, found.protocol, subject, session)
        ready = resolved(self, found)
        if isinstance(about, Refusal):
            return about
        if isinstance(ready, Refusal):
            return ready
        walked, profile = ready
        acting = (who.person,) if who is not None else ()

        def decision(reader: Reader) -> Sequence[Draft] | Refusal:
            author = self._author(reader, who, via)
            refusal = self.staff.barred(reader, *acting) or entered_before(self, reader, protocol, about, paper)
            begins = (
                refusal
                or self._not_to_begin(reader, found.protocol, about, session, paper)
                or start(walked, found.sha256, about, session, author, self._moment(reader), profile, paper=paper)
            )
            return begins if isinstance(begins, Refusal) else (begins,)

        entries = decided(self.ledger, decision)
        if isinstance(entries, Refusal):
            return entries
        started = next(entry for entry in entries if entry.kind == "run.started")
        return self.run(started.place)

    def run(self, run: str) -> RunState:
        """One run as it stands in the ledger now. Raises UnknownRunError."""
        place = parse_place(run)
        if place is not None and place[0] != self.settings.clinic.station:
            for archive in self.histories():
                if archive.station == place[0]:
                    return self._fresh(archive, run)
        return self._fresh(self.ledger, run)

    def do(self, run: str, command: c.Command, who: SignedIn | None, via: str) -> RunState | Refusal:
        """Carry out a command at a run: the state after it, or why not. Nothing is shown as done before this
        returns. Raises LedgerError (nothing was saved, or it cannot be known) and UnknownRunError.

        Words and files in the command are as typed; what is recorded of them is a commitment or a digest.
        """
        acting = (who.person,) if who is not None else ()
        place = parse_place(run)
        if place is not None and place[0] != self.settings.clinic.station:
            return Refusal("archived", "This run belongs to the record before the restore; start a new one.")
        state = self.run(run)
        about = c.step_of(command)
        step = state.protocol.step(about) if about is not None and about in state.steps else None
        if refusal := self.staff.barred(self.ledger, *acting) or too_long(command, step):
            return refusal
        if isinstance(command, c.Attribute):
            command = replace(command, person=who.person if who is not None else None)
        worded = with_commitments(command, step, lambda person: self.staff.name_of(person.operator))
        author = self._author(self.ledger, who, via)
        first = decide(state, self._completed(self.ledger, worded.command, state), author, self._moment(self.ledger))
        if isinstance(first, Refusal):
            return first
        if not first:  # nothing to record, as at most ticks: nobody need wait for the ledger's lock
            return state
        if worded.file is not None:
            from checklist.clinic.identifiers.printouts import kept

            worded = kept(self.folder, self.settings, worded, step, state.subject)
        if worded.openings:
            self.people.keep(worded.openings, at=utc(self.now()))

        def decision(reader: Reader) -> Sequence[Draft] | Refusal:
            nonlocal state
            state = self._fresh(reader, run)
            completed = self._completed(reader, worded.command, state)
            barred = self.staff.barred(reader, *acting, *c.people_of(completed))
            drafts = barred or decide(state, completed, self._author(reader, who, via), self._moment(reader))
            return self._apart(reader, state, step, drafts) or drafts

        entries = decided(self.ledger, decision)
        if isinstance(entries, Refusal):
            return entries
        for entry in entries:
            if entry.run == run:
                state = apply(state, entry)
        self._tell_of_failure(state, entries)
        return self._remembered(state)

    def may_begin(self, protocol: str, who: SignedIn | None) -> Refusal | None:
        """Why this person (None: nobody who signed in), or anybody, may not walk this protocol; None if they may."""
        author = self._author(self.ledger, who, "system")
        found = self.library.named(self.ledger, protocol)
        if refusal := may_walk(found.protocol, author, self._moment(self.ledger)):
            return refusal
        ready = resolved(self, found)
        return ready if isinstance(ready, Refusal) else None

    def emergencies(self) -> list[tuple[str, str]]:
        """The emergency protocols in force, as id and title: what may be walked before anybody signs in."""
        rows = self.ledger.query("SELECT id, title FROM in_force WHERE category = 'emergency' ORDER BY title, id")
        return [(str(row[0]), str(row[1])) for row in rows]

    def overrides(self, state: RunState) -> tuple[Overridden, ...]:
        """The steps that were overridden in this run, and in every run of its session, oldest first."""
        return overrides_of(self.histories(), state.run, state.session)

    def remark(self, place: str, words: str, who: SignedIn, via: str, about: About = "remark") -> Entry | Refusal:
        """Leave words at any entry of the record, a question or an answer among them: an auditor's too."""
        from checklist.clinic.remarks import remark

        return remark(self, place, words, who, via, about)

    def session(self, named: str, who: SignedIn, via: str) -> str | Refusal:
        """The id of a session: `new` opens one, an id or a known reference finds it, an unknown reference opens
        one under it."""
        from checklist.clinic.visits.sessions import find_or_open

        return find_or_open(self, named, who, via)

    # -- inside -----------------------------------------------------------------------------------------

    def _moment(self, reader: Reader) -> Moment:
        """This moment as the record would have it, where time never goes back: what has ended once (a credential, a
        run's validity) does not hold again because somebody set the clock back."""
        now, last = self.now(), reader.last()
        return now if last is None or now.at >= last.at else replace(now, at=last.at)

    def _apart(
        self, reader: Reader, state: RunState, step: Step | None, drafts: Sequence[Draft] | Refusal
    ) -> Refusal | None:
        """Why this step may not be done, for the sake of what it would use, make or release."""
        if isinstance(drafts, Refusal) or step is None or step.kind not in ("scan", "assign", "sign"):
            return None
        from checklist.clinic.visits.sources import Sources
        from checklist.clinic.visits.tested import not_tested
        from checklist.clinic.visits.using import not_to_do

        readers = [*self.histories()[:-1], reader]
        sources = Sources(readers, self.library, self.settings.clinic.jurisdiction, self._unreadable)
        return not_to_do(readers, state, step, drafts) or not_tested(sources, state, drafts, self._moment(reader))

    def _not_to_begin(
        self, reader: Reader, protocol: Protocol, subject: str, session: str | None, paper: Paper | None
    ) -> Refusal | None:
        """Why this may not be begun in this visit, or at this machine; on paper it was begun already."""
        if paper is not None or (session is None and not subject.startswith("equipment=")):
            return None
        from checklist.clinic.visits.using import not_to_begin

        return not_to_begin([*self.histories()[:-1], reader], protocol, subject, session)

    @staticmethod
    def _author(reader: Reader, who: SignedIn | None, via: str) -> Author:
        """Who acts, with the credentials that they hold by now."""
        if who is None:
            return Author(None, frozenset(), via)
        return Author(who.id, who.person.roles, via, credentials_of(reader, who.id))

    def _record(self, drafts: Sequence[Draft]) -> list[Entry]:
        return self.ledger.append(lambda _reader: drafts)

    def record(self, draft: Draft) -> Entry:
        """Record one fact that is not part of a run."""
        return self._record([draft])[-1]

    def started(self) -> None:
        """Record that the program has started here, on which versions and by which plan; then sweep what was left
        behind."""
        import platform
        import sqlite3

        from checklist.clinic.people.sweeping import sweep
        from checklist.clinic.plan.configured import record_plan

        versions: dict[str, Json] = {
            "checklist": __version__,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
        }
        self._record([Draft("station.started", {"versions": versions}, None, "system")])
        self._started = True
        record_plan(self.ledger, self.folder.adopted, self.settings)
        with suppress(LedgerError, PeopleError):  # the next start sweeps too
            sweep(self)

    def _remembered(self, state: RunState) -> RunState:
        """Keep an open run at hand; one that has ended is read again when it is asked for."""
        if state.open:
            self._runs[state.run] = state
        else:
            self._runs.pop(state.run, None)
        return state

    def _fresh(self, reader: Reader, run: str) -> RunState:
        """The run with every entry that it has by now, also those of other programs at this folder."""
        known = self._runs.get(run)
        if known is None:
            known = folded(self.library, run, reader.run_entries(run))
        else:
            for entry in reader.run_entries(run, after=known.head[0]):
                known = apply(known, entry)
        return self._remembered(known)

    def _completed(self, reader: Reader, command: c.Command, state: RunState) -> c.Command:
        """The command with what only the record knows: the numbers that are next for an `Assign`, what other cycles say
        against a printout, and by now which credentials the people in it hold."""
        if isinstance(command, c.Give) and command.read is not None:
            from checklist.clinic.identifiers.printouts import beside_earlier

            ledgers = [*self.histories()[:-1], reader]
            return replace(command, read=beside_earlier(ledgers, command.read, state.run, state.subject))
        if not isinstance(command, c.Assign) or command.step not in state.steps:
            return c.with_people(command, lambda one: replace(one, credentials=credentials_of(reader, one.operator)))
        from checklist.clinic.identifiers.numbers import next_numbers

        if unreadable := self.unreadable():
            raise ClinicError(f"No number can be made, since it may have been given before: {unreadable[0]}")
        step = state.protocol.step(command.step)
        return replace(command, values=next_numbers([*self.histories()[:-1], reader], step, state, self.now()))

    def _tell_of_failure(self, state: RunState, entries: Sequence[Entry]) -> None:
        """Have the clinic's own command told, if it has one, once what failed is on record."""
        failed = next((one for one in entries if one.kind == Kind.STEP_FAILED), None)
        if failed is None or not self.settings.hooks.on_failure:
            return
        from checklist.clinic.plan.hooks import FAILURE, tell

        words = f"FAILED: {state.protocol.title}, {state.subject}, step {failed.step}, run {state.run}"
        tell(self.folder, self.settings.hooks, FAILURE, words)
