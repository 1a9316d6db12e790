"""people.db keeps names and openings, is open to nobody else, and forgets without a trace."""

import os
import random
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from checklist.people import database as people_database
from checklist.people.commitment import Opening, name_opening, opens, reference_opening, words_opening
from checklist.people.errors import (
    CommitmentError,
    PersonError,
    StoreDamagedError,
    StoreError,
    StoreExposedError,
    StoreFullError,
    StoreLockedError,
)
from checklist.people.store import Kept, PeopleStore

ANNA, BERTA, CARLA = "u_00000000aa", "u_00000000bb", "u_00000000cc"
PHC = "$argon2id$…"


def nobody(_commitment: str) -> bool:
    return False


def test_the_file_is_for_its_owner_only_and_survives_being_opened_again(database: Path, today: datetime) -> None:
    before = os.umask(0)
    try:
        with PeopleStore.create(database) as store:
            store.add_person(ANNA, "Anna", PHC, at=today)
    finally:
        os.umask(before)
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    with PeopleStore.open(database) as again:
        assert again.name(ANNA) == "Anna"
    assert sorted(path.name for path in database.parent.iterdir() if path.stat().st_size) == ["people.db"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_could_read_is_not_opened(store: PeopleStore, database: Path, mode: int) -> None:
    store.close()
    database.chmod(mode)
    with pytest.raises(StoreExposedError, match="chmod 600"):
        PeopleStore.open(database)


@pytest.mark.usefixtures("store")
def test_a_link_a_missing_file_and_a_foreign_file_are_not_opened(tmp_path: Path) -> None:
    link, text, foreign = tmp_path / "link.db", tmp_path / "text.db", tmp_path / "foreign.db"
    link.symlink_to(tmp_path / "people.db")
    text.write_bytes(b"not a database at all, but long enough to have had a header " * 20)
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE t(x)")
    other.close()
    text.chmod(0o600)
    foreign.chmod(0o600)
    with pytest.raises(StoreExposedError, match="regular file"):
        PeopleStore.open(link)
    with pytest.raises(StoreError, match="cannot be found"):
        PeopleStore.open(tmp_path / "none.db")
    with pytest.raises(StoreDamagedError, match="damaged"):
        PeopleStore.open(text)
    with pytest.raises(StoreDamagedError, match="not a people"):
        PeopleStore.open(foreign)


def test_a_file_of_a_newer_program_is_left_alone(store: PeopleStore, database: Path) -> None:
    store.close()
    with sqlite3.connect(database) as raw:
        raw.execute("PRAGMA user_version = 3")
    raw.close()
    with pytest.raises(StoreError, match="newest version"):
        PeopleStore.open(database)


def test_a_file_of_version_1_is_brought_up_to_date_once(store: PeopleStore, database: Path, today: datetime) -> None:
    store.add_person(ANNA, "Anna", PHC, at=today)
    store.close()
    with closing(sqlite3.connect(database)) as raw:
        raw.executescript(
            "DROP INDEX person_badge; ALTER TABLE person DROP COLUMN badge; ALTER TABLE person DROP COLUMN pin;"
            "PRAGMA user_version = 1"
        )
    for _ in range(2):
        with PeopleStore.open(database) as again:
            assert again.people() == [Kept(ANNA, "Anna", PHC)]
            again.set_badge(ANNA, b"mac")
            again.set_badge(ANNA, None)


def test_a_badge_finds_its_one_owner(store: PeopleStore, today: datetime) -> None:
    for id_, name in ((ANNA, "Anna"), (BERTA, "Berta")):
        store.add_person(id_, name, PHC, at=today)
    store.set_badge(ANNA, b"first")
    found = store.person_with_badge(b"first")
    assert found is not None
    assert (found.id, found.badge) == (ANNA, b"first")
    assert "first" not in repr(found)
    with pytest.raises(PersonError, match="somebody else's badge"):
        store.set_badge(BERTA, b"first")
    store.set_badge(ANNA, b"second")
    store.set_badge(BERTA, b"first")
    store.set_badge(ANNA, None)
    assert store.person_with_badge(b"second") is None
    assert store.person_with_badge(b"nobody's") is None


def test_another_secret_takes_the_place_of_the_old_one(store: PeopleStore, database: Path, today: datetime) -> None:
    store.add_person(ANNA, "Anna", PHC, at=today)
    store.set_secret(ANNA, "$argon2id$other", pin=True)
    with PeopleStore.open(database) as again:
        assert again.people() == [Kept(ANNA, "Anna", "$argon2id$other", pin=True)]


def test_who_is_forgotten_leaves_no_byte(store: PeopleStore, database: Path, today: datetime) -> None:
    opening, other = name_opening(ANNA, "Anna Unverwechselbar"), words_opening("stays")
    store.add_person(ANNA, "Anna Unverwechselbar", "$argon2id$once-hers", at=today)
    store.set_badge(ANNA, b"once-her-badge")
    store.keep([opening, other], at=today)
    for _ in range(2):
        store.forget(ANNA, [opening.commitment])
    assert store.people() == []
    assert store.opening(opening.commitment) is None
    assert store.words(other.commitment) == "stays"
    for path in database.parent.iterdir():
        assert not any(text in path.read_bytes() for text in (b"Unverwechselbar", b"once-her", opening.salt))


def test_a_new_file_takes_the_place_of_no_other(store: PeopleStore, database: Path, tmp_path: Path) -> None:
    store.close()
    with pytest.raises(StoreError, match="already"):
        PeopleStore.create(database)
    with pytest.raises(StoreError, match="cannot be created"):
        PeopleStore.create(tmp_path / "no-such-folder" / "people.db")


def test_a_setting_that_does_not_take_stops_the_start_and_leaves_no_file(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_database, "_PRAGMAS", (("synchronous", "NORMAL", 3),))
    with pytest.raises(StoreError, match="synchronous"):
        PeopleStore.create(database)
    assert not database.exists()


def test_a_person_is_found_by_id_and_by_name_however_it_is_written(store: PeopleStore, today: datetime) -> None:
    anna = store.add_person(ANNA, " Anna \x1b  Müller", PHC, at=today)
    assert (anna.name, anna.secret) == ("Anna Müller", PHC)
    assert PHC not in repr(anna)
    assert store.person_by(ANNA) == store.person_by("ANNA MÜLLER") == anna
    assert store.person_by("Berta") is None
    assert store.person_by(BERTA) is None
    assert store.name(BERTA) is None


def test_a_name_is_free_again_once_its_owner_is_disabled(store: PeopleStore, today: datetime) -> None:
    store.add_person(ANNA, "Anna", PHC, at=today)
    with pytest.raises(PersonError, match="already"):
        store.add_person(BERTA, "ANNA", None, at=today, active={ANNA})
    second = store.add_person(BERTA, "Anna", None, at=today, active=set())
    assert store.person_by("anna", active={BERTA}) == second
    assert store.person_by("anna") is None
    assert store.person_by("anna", active=set()) is None
    assert [person.id for person in store.people()] == [ANNA, BERTA]


def test_ids_are_never_given_twice_and_bad_names_not_taken(store: PeopleStore, today: datetime) -> None:
    store.add_person(ANNA, "Anna", PHC, at=today)
    for id_, name, why in [(ANNA, "Berta", "taken"), ("anna", "Berta", "malformed"), (BERTA, " ", "needed")]:
        with pytest.raises(PersonError, match=why):
            store.add_person(id_, name, PHC, at=today)
    assert len(store.people()) == 1


def test_a_name_that_was_altered_in_the_file_is_cleaned_on_its_way_out(
    store: PeopleStore, database: Path, today: datetime
) -> None:
    store.add_person(ANNA, "Anna", PHC, at=today)
    with sqlite3.connect(database) as raw:
        raw.execute("UPDATE person SET name = CAST(? AS TEXT)", (b"Eve\x1b]0;x\x07\xff",))
    raw.close()
    name = store.name(ANNA)
    assert name is not None
    assert name.isprintable()


def test_openings_are_durable_before_anything_names_them(store: PeopleStore, database: Path, today: datetime) -> None:
    name, words = name_opening(ANNA, "Anna Müller"), words_opening("the door jammed")
    store.keep([name, words], at=today)
    with PeopleStore.open(database) as other:
        assert other.opening(name.commitment) == name
        assert other.words(words.commitment) == "the door jammed"
        assert other.words(name.commitment) == "Anna Müller"


def test_keeping_again_after_an_unknown_outcome_is_safe(store: PeopleStore, today: datetime) -> None:
    words = words_opening("the door jammed")
    store.keep([words], at=today)
    store.keep([words], at=today + timedelta(seconds=1))
    assert store.opening(words.commitment) == words


def test_all_openings_are_kept_or_none(store: PeopleStore, today: datetime) -> None:
    good, bad = words_opening("good"), replace(words_opening("bad"), salt=bytes(32))
    with pytest.raises(CommitmentError, match="nothing was kept"):
        store.keep([good, bad], at=today)
    assert store.opening(good.commitment) is None
    assert store.words(good.commitment) is None


def test_a_session_is_found_by_the_clinics_own_reference(store: PeopleStore, today: datetime) -> None:
    first, second, other = (reference_opening(text) for text in ("P-1042", "P-1042", "P-1043"))
    store.keep([second], at=today + timedelta(days=1))
    store.keep([first, other, words_opening("P-1042")], at=today)
    assert store.references(" P-1042\x00".strip()) == [first.commitment, second.commitment]
    assert store.references("P-1") == []


@pytest.mark.parametrize("stored", ['{"words":"other"}', "{", "[]", '{"words":1.5}', "\x1b"])
def test_an_opening_altered_in_the_file_opens_nothing(
    store: PeopleStore, database: Path, today: datetime, stored: str
) -> None:
    words = words_opening("the door jammed")
    store.keep([words], at=today)
    with sqlite3.connect(database) as raw:
        raw.execute("UPDATE opening SET fields = ?", (stored,))
    raw.close()
    found = store.opening(words.commitment)
    assert found is not None
    assert not opens(found)
    assert store.words(words.commitment) is None


def test_orphans_are_swept_and_what_an_entry_names_stays(store: PeopleStore, today: datetime) -> None:
    named, orphan, fresh = words_opening("named"), words_opening("orphan"), words_opening("fresh")
    store.keep([named, orphan], at=today - timedelta(days=2))
    store.keep([fresh], at=today)

    swept = store.sweep_orphans(lambda commitment: commitment == named.commitment, today - timedelta(days=1))

    assert swept == 1
    kept = [store.words(one.commitment) for one in (named, orphan, fresh)]
    assert kept == ["named", None, "fresh"]


def test_a_sweep_does_not_ask_again_about_what_an_earlier_one_went_past(store: PeopleStore, today: datetime) -> None:
    asked: list[str] = []

    def known(commitment: str) -> bool:
        asked.append(commitment)
        return True

    store.keep([words_opening("old")], at=today - timedelta(days=2))
    assert store.sweep_orphans(known, today - timedelta(days=1)) == 0
    store.keep([words_opening("new")], at=today)
    assert store.sweep_orphans(known, today + timedelta(days=1)) == 0
    assert store.sweep_orphans(known, today) == 0
    assert len(asked) == len(set(asked)) == 2


def test_a_sweep_of_many_openings_of_one_moment_ends(store: PeopleStore, today: datetime) -> None:
    many = [words_opening(f"word {n}") for n in range(2500)]
    store.keep(many, at=today)
    named = {one.commitment for one in many[:1200]}
    assert store.sweep_orphans(named.__contains__, today + timedelta(days=1)) == 1300
    assert sum(store.opening(one.commitment) is not None for one in many) == 1200


def test_times_of_all_zones_are_compared_as_moments(store: PeopleStore, today: datetime) -> None:
    store.keep([words_opening("a")], at=today.astimezone(timezone(timedelta(hours=-11))))
    assert store.sweep_orphans(nobody, today) == 0
    assert store.sweep_orphans(nobody, today + timedelta(microseconds=1)) == 1


def test_people_whom_no_entry_made_operators_are_swept(store: PeopleStore, today: datetime) -> None:
    store.add_person(ANNA, "Anna", PHC, at=today - timedelta(days=2))
    store.add_person(BERTA, "Berta", PHC, at=today - timedelta(days=2))
    store.add_person(CARLA, "Carla", PHC, at=today)
    assert store.sweep_people(lambda who: who == ANNA, today - timedelta(days=1)) == 1
    assert [person.name for person in store.people()] == ["Anna", "Carla"]


@pytest.mark.parametrize("seed", range(4))
def test_what_was_deleted_leaves_no_bytes_in_the_file(
    store: PeopleStore, database: Path, today: datetime, seed: int
) -> None:
    # Rows of many sizes, kept and deleted in turns: so SQLite moves rows and leaves copies behind.
    rng = random.Random(seed)  # noqa: S311 - lengths of made-up words
    live: dict[str, Opening] = {}
    gone: list[Opening] = []
    for turn in range(10):
        moment = today + timedelta(days=turn)
        sizes = [rng.choice([0, 5, 40, 200, 1500, 6000]) for _ in range(40)]
        texts = [f"token-{turn:02}-{n:02}-{'z' * size}" for n, size in enumerate(sizes)]
        new = [(reference_opening if rng.random() < 0.5 else words_opening)(text) for text in texts]
        store.keep(new, at=moment)
        keep = {one.commitment for one in new if rng.random() < 0.2}
        store.sweep_orphans(keep.__contains__, moment + timedelta(hours=1))
        live |= {one.commitment: one for one in new if one.commitment in keep}
        gone += [one for one in new if one.commitment not in keep]

    content = b"".join(path.read_bytes() for path in sorted(database.parent.iterdir()))
    for one in gone:
        (text,) = one.fields.values()
        assert text[:12].encode() not in content
        assert one.salt not in content
        assert one.commitment.encode() not in content
    assert all(store.opening(commitment) == one for commitment, one in live.items())


def test_a_rewrite_that_failed_is_made_up_for_by_the_next_sweep(
    store: PeopleStore, database: Path, today: datetime
) -> None:
    def no_rewrite(action: int, *_details: object) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK

    words, later = words_opening("forgotten " + "z" * 9000), today + timedelta(days=1)
    store.keep([words], at=today)
    store._db.set_authorizer(no_rewrite)
    with pytest.raises(StoreError):
        store.sweep_orphans(nobody, later)
    assert store.opening(words.commitment) is None

    store._db.set_authorizer(None)
    size = database.stat().st_size
    assert store.sweep_orphans(nobody, later) == 0
    assert database.stat().st_size < size


def test_a_backup_is_complete_and_for_its_owner_only(store: PeopleStore, tmp_path: Path, today: datetime) -> None:
    words, target = words_opening("the door jammed"), tmp_path / "copy.db"
    store.add_person(ANNA, "Anna", PHC, at=today)
    store.keep([words], at=today)
    store.backup(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with PeopleStore.open(target) as copy:
        assert copy.people() == store.people()
        assert copy.opening(words.commitment) == words
    with pytest.raises(StoreError, match="new file"):
        store.backup(target)


def keep_many(store: PeopleStore, today: datetime) -> list[Opening]:
    openings = [words_opening(f"{n} " + "w" * 2000) for n in range(60)]
    store.keep(openings, at=today)
    return openings


def test_a_damaged_file_is_not_backed_up_as_if_it_were_sound(
    store: PeopleStore, database: Path, tmp_path: Path, today: datetime
) -> None:
    keep_many(store, today)
    store.close()
    damage(database)
    with (
        PeopleStore.open(database) as opened,
        pytest.raises(StoreDamagedError, match=r"people\.db: is damaged"),
    ):
        opened.backup(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_damaged_page_is_named_and_the_program_goes_on(store: PeopleStore, database: Path, today: datetime) -> None:
    openings = keep_many(store, today)
    store.add_person(ANNA, "Anna", PHC, at=today)
    store.close()
    damage(database)
    with PeopleStore.open(database) as opened:
        with pytest.raises(StoreDamagedError, match="backup"):
            _ = [opened.opening(one.commitment) for one in openings]
        with pytest.raises(StoreDamagedError):
            keep_many(opened, today)
        assert opened.name(ANNA) == "Anna"


def damage(path: Path) -> None:
    """Overwrite the later half of the file."""
    content = path.read_bytes()
    half = len(content) // 4096 // 2 * 4096
    path.write_bytes(content[:half] + b"\xa5" * (len(content) - half))


def test_a_full_disk_is_named_and_nothing_half_is_kept(store: PeopleStore, today: datetime) -> None:
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    openings = [words_opening(f"{n} " + "w" * 3000) for n in range(20)]
    with pytest.raises(StoreFullError, match="disk is full"):
        store.keep(openings, at=today)
    assert all(store.opening(one.commitment) is None for one in openings)
    store._db.execute("PRAGMA max_page_count = 100000")
    store.keep(openings, at=today)
    assert all(store.opening(one.commitment) == one for one in openings)


@pytest.mark.usefixtures("store")
def test_a_file_held_by_another_program_is_named(
    database: Path, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_database, "BUSY_SECONDS", 0.01)
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreLockedError, match="another program"):
        PeopleStore.open(database)
    other.execute("ROLLBACK")
    with PeopleStore.open(database) as waiting:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError, match="try again"):
            waiting.keep([words_opening("x")], at=today)
    other.close()


def test_a_table_that_is_gone_is_a_sentence_and_no_traceback(store: PeopleStore, database: Path) -> None:
    with sqlite3.connect(database) as raw:
        raw.execute("DROP TABLE person")
    raw.close()
    with pytest.raises(StoreError, match="cannot be read"):
        store.people()


def test_a_store_belongs_to_the_thread_that_opened_it(store: PeopleStore) -> None:
    faults: list[BaseException] = []

    def elsewhere() -> None:
        try:
            store.people()
        except sqlite3.ProgrammingError as fault:
            faults.append(fault)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(faults) == 1
