"""The tables in which a whole record is laid out to be asked: what each column holds, and the units.

They are no part of the record. They are made from its entries alone, can be thrown away at will, and hold no
names and no words: people are ids, words are commitments. Where a record was restored, the ledgers of its earlier
stations come first; `n` counts the entries of all of them, in the order in which they were taken in.
"""

from typing import Final

EDITION: Final = "9"
"""Changes whenever a column does, or what is put in it: tables of another edition are made anew."""

SCHEMA: Final = """
-- key: edition; zone; for each station `size <station>`, how many of its entries were taken in, `root <station>`, the
-- root over their hashes, and `span <station> <idx>`, the n of the entry from which on its entries stand in one row.
CREATE TABLE made(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- One row an entry. n: from 0. at: UTC, as in the record. day: by the clinic's clock, 2027-03-31. run: n of its run's
-- first entry, also at that entry itself. protocol: of its run, or the text it speaks of. subject, session: what an
-- entry outside of runs is about; in a run they are the run's.
CREATE TABLE entry(
    n INTEGER PRIMARY KEY, station TEXT NOT NULL, idx INTEGER NOT NULL, at TEXT NOT NULL, day TEXT NOT NULL,
    kind TEXT NOT NULL, run INTEGER, protocol TEXT, step TEXT, actor TEXT, via TEXT NOT NULL, subject TEXT, session TEXT
) STRICT;

-- An entry that could not be read: the rest goes on without it.
CREATE TABLE damage(n INTEGER PRIMARY KEY, station TEXT NOT NULL, idx INTEGER NOT NULL, why TEXT NOT NULL) STRICT;

-- One row a run. hour: 0..23 by the clinic's clock; weekday: 0 Monday. seconds: from first to last entry, by the wall
-- clock, NULL until it ended. outcome: as in the record, `open` while it goes on, `unknown` where its station ended
-- first, and where an entry of it cannot be read. deviations: as the record counted them at its end, until then those
-- so far. starter: who began it, NULL in an emergency. attributed: who said afterwards that it was them. paper: when
-- the sheet it was entered from ended. shape, crew: what its steps came to, and who had a hand in it; many runs share
-- one (see the tables of that name).
CREATE TABLE run(
    n INTEGER PRIMARY KEY, run TEXT NOT NULL, protocol TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL,
    subject TEXT NOT NULL, session TEXT, at TEXT NOT NULL, day TEXT NOT NULL, hour INTEGER NOT NULL,
    weekday INTEGER NOT NULL, ended TEXT, seconds REAL, outcome TEXT NOT NULL, deviations INTEGER NOT NULL,
    starter TEXT, attributed TEXT, via TEXT NOT NULL, paper TEXT, entries INTEGER NOT NULL, last INTEGER NOT NULL,
    shape INTEGER NOT NULL, crew INTEGER NOT NULL
) STRICT;

-- What the steps of a run of one text came to, once for all runs of which the same can be said. off: 1 where the step
-- deviates.
CREATE TABLE shape(id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, said TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE shape_step(
    shape INTEGER NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, off INTEGER NOT NULL, PRIMARY KEY (shape, step)
) STRICT, WITHOUT ROWID;
-- The kinds of its entries, and the ways by which they came. word: kind or via.
CREATE TABLE shape_entry(
    word TEXT NOT NULL, value TEXT NOT NULL, shape INTEGER NOT NULL, PRIMARY KEY (word, value, shape)
) STRICT, WITHOUT ROWID;

-- Everybody who had a hand in a run: who recorded, who witnessed, who took it over, who stood for it afterwards.
CREATE TABLE crew(id INTEGER PRIMARY KEY, said TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE crew_member(operator TEXT NOT NULL, crew INTEGER NOT NULL, PRIMARY KEY (operator, crew))
STRICT, WITHOUT ROWID;

-- One row a step of a run that was touched, as it stands last. state: the words of design §2; `current` where it was
-- begun or opened again and is not closed, `pending` where it is to be asked again. n: the entry that closed it, or its
-- last. number: value as a number, where it is one. attempts: values given, 1 where the first one passed. ms: by the
-- monotonic clock. corrected: how often it was opened again. reason: its code. until: to when it was last put
-- off, also once it is done.
CREATE TABLE step(
    run INTEGER NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL, value TEXT,
    number REAL, unit TEXT, input TEXT, attempts INTEGER NOT NULL, ms INTEGER, actor TEXT, witness TEXT,
    via TEXT NOT NULL, reason TEXT, corrected INTEGER NOT NULL, clock TEXT, until TEXT, PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

-- Every value that a step of a protocol ever had, once: where to look for words.
CREATE TABLE value(
    value TEXT NOT NULL, protocol TEXT NOT NULL, step TEXT NOT NULL, PRIMARY KEY (value, protocol, step)
) STRICT, WITHOUT ROWID;

-- One row a value that did not pass at once.
CREATE TABLE attempt(
    n INTEGER PRIMARY KEY, run INTEGER NOT NULL, step TEXT NOT NULL, value TEXT, number REAL, unit TEXT,
    verdict TEXT NOT NULL, input TEXT, at TEXT NOT NULL, actor TEXT
) STRICT;

-- One row an identifier at an entry. use: produces, consumes or seen. withdrawn: 1 after a correction.
CREATE TABLE identifier(
    kind TEXT NOT NULL, value TEXT NOT NULL, n INTEGER NOT NULL, run INTEGER, step TEXT, use TEXT NOT NULL,
    withdrawn INTEGER NOT NULL, PRIMARY KEY (kind, value, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_run ON identifier(run, step);

-- One row an answer of the gate that was recorded. decision: GO, NO-GO, UNKNOWN. overridden, reviewed: n of entries.
CREATE TABLE clearance(
    n INTEGER PRIMARY KEY, procedure TEXT NOT NULL, decision TEXT NOT NULL, subject TEXT NOT NULL, session TEXT,
    performer TEXT, at TEXT NOT NULL, day TEXT NOT NULL, actor TEXT, overridden INTEGER, reviewed INTEGER
) STRICT;

-- One row a requirement that such an answer found not met. met: `no` or `unknown`.
CREATE TABLE refusal(
    clearance INTEGER NOT NULL, requirement TEXT NOT NULL, met TEXT NOT NULL, PRIMARY KEY (clearance, requirement)
) STRICT, WITHOUT ROWID;

-- One row a step or an answer of the gate that two people passed all the same. reviewed: n of the entry, or NULL.
CREATE TABLE overriding(
    n INTEGER PRIMARY KEY, run INTEGER, step TEXT, clearance INTEGER, actor TEXT, witness TEXT, at TEXT NOT NULL,
    reason TEXT, reviewed INTEGER
) STRICT;

-- Who confirmed whose step. agrees: 1, 0, or NULL where there was no value.
CREATE TABLE witnessing(
    n INTEGER PRIMARY KEY, run INTEGER NOT NULL, step TEXT NOT NULL, actor TEXT, witness TEXT, agrees INTEGER
) STRICT;

-- One row a steriliser cycle that a printout told of and that was not corrected since, and every aborted one. started:
-- by the machine's own clock. series: equal only where all readings are.
CREATE TABLE cycle(
    n INTEGER PRIMARY KEY, machine TEXT NOT NULL, serial TEXT NOT NULL, cycle INTEGER NOT NULL, started TEXT NOT NULL,
    series TEXT NOT NULL, result TEXT NOT NULL, run INTEGER NOT NULL, step TEXT NOT NULL
) STRICT;
CREATE INDEX cycle_run ON cycle(run, step);

-- Which entries name a commitment; the words themselves are in people.db.
CREATE TABLE said(value TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (value, n)) STRICT, WITHOUT ROWID;

-- What an entry tells of itself: findings that were recorded with it (why in words), `secret-from-file` (why empty) and
-- `clock-jumped` (why: by how many milliseconds the wall clock went further than the monotonic one).
CREATE TABLE noticed(
    n INTEGER NOT NULL, rule TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (n, rule)
) STRICT, WITHOUT ROWID;

-- Which entry a remark, a review or another entry outside of runs speaks of; and by which rule a review looked at it,
-- and at which finding of that rule (its key; NULL for an override).
CREATE TABLE about(n INTEGER PRIMARY KEY, of INTEGER NOT NULL) STRICT;
CREATE TABLE looked(n INTEGER PRIMARY KEY, rule TEXT NOT NULL, of INTEGER NOT NULL, finding TEXT) STRICT;

-- Every text that was ever adopted, and what each step of a protocol says. at_least: seconds. low, high: its limit.
-- later: how many hours after the rest its words ask for it at most (“24-48 h after” is 48), NULL where they do not.
CREATE TABLE text(
    sha256 TEXT PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL, title TEXT NOT NULL,
    category TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE written(
    sha256 TEXT NOT NULL, step TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, does TEXT NOT NULL,
    unit TEXT, at_least REAL, low REAL, high REAL, hold INTEGER NOT NULL, later REAL,
    PRIMARY KEY (sha256, step)
) STRICT, WITHOUT ROWID;

-- What the plan asked for. state: done, late or missed; unknown where nothing on record did it in time, and entries of
-- that time cannot be read. due: UTC. run: n of what fulfilled it.
CREATE TABLE planned(
    protocol TEXT NOT NULL, subject TEXT NOT NULL, day TEXT NOT NULL, due TEXT NOT NULL, state TEXT NOT NULL,
    run INTEGER, PRIMARY KEY (protocol, subject, due)
) STRICT, WITHOUT ROWID;

-- What the rules found when they last looked. run, n: the run and the entry it points at; severity: look or act.
-- reviewed: n of the entry that says somebody looked at it, or NULL. key: what tells it from others of its rule at n.
CREATE TABLE finding(
    id INTEGER PRIMARY KEY, rule TEXT NOT NULL, severity TEXT NOT NULL, run INTEGER, n INTEGER, day TEXT NOT NULL,
    why TEXT NOT NULL, reviewed INTEGER, key TEXT NOT NULL DEFAULT ''
) STRICT;
"""

INDEXES: Final = """
CREATE UNIQUE INDEX entry_place ON entry(station, idx);
CREATE INDEX entry_kind ON entry(kind, n);
CREATE INDEX entry_run ON entry(run, n) WHERE run IS NOT NULL;
CREATE INDEX entry_alone ON entry(n, kind, protocol, step, actor, via, day, at, subject, session) WHERE run IS NULL;
CREATE INDEX entry_day ON entry(day, n);
CREATE UNIQUE INDEX run_place ON run(run);
CREATE INDEX run_protocol ON run(protocol, n);
CREATE INDEX run_day ON run(day, n);
CREATE INDEX run_subject ON run(subject, n);
CREATE INDEX run_session ON run(session) WHERE session IS NOT NULL;
CREATE INDEX shape_step_of ON shape_step(step, shape);
CREATE INDEX planned_missed ON planned(due) WHERE state = 'missed';
CREATE INDEX step_off ON step(state, run) WHERE state <> 'done';
CREATE INDEX identifier_value ON identifier(value);
CREATE INDEX attempt_run ON attempt(run, step);
CREATE INDEX overriding_run ON overriding(run) WHERE run IS NOT NULL;
CREATE INDEX cycle_of ON cycle(machine, cycle);
CREATE INDEX said_at ON said(n);
CREATE INDEX step_value ON step(value, run) WHERE value IS NOT NULL;
CREATE INDEX about_of ON about(of);
CREATE INDEX looked_of ON looked(of);
CREATE INDEX finding_run ON finding(run) WHERE run IS NOT NULL;
CREATE INDEX run_goes_on ON run(n) WHERE outcome IN ('open', 'complete-except-deferred');
"""
"""Made after the tables are filled for the first time: that is quicker than keeping them up to date meanwhile."""

UNREAD: Final = """
CREATE TEMP TABLE unread(run INTEGER NOT NULL, step TEXT NOT NULL, PRIMARY KEY (run, step)) STRICT, WITHOUT ROWID
"""
"""The steps whose reading a second person has yet to read for themselves: nothing is found by what was read there. Laid
beside the tables by whoever opens them and can tell."""
