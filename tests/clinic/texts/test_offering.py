"""What can be started, and where: by the clinic's own rooms and machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic import config
from checklist.clinic.texts import offering
from checklist.clinic.texts.offering import Offered, Place, places, subjects

if TYPE_CHECKING:
    from checklist.clinic.config import Config
    from checklist.clinic.service import Clinic

OPEN = Offered("open", "Open up", "clinic", "clinic")
TURN = Offered("turn", "Turn the room", "room", "clinic")
LOAD = Offered("load", "Run a load", "equipment", "sterilisation", ("steriliser",))
OIL = Offered("oil", "Oil it", "equipment", "clinic")
SOAK = Offered("soak", "Soak a probe", "equipment", "sterilisation", ("probe",))
NEEDLE = Offered("needle", "Needle", "session", "treatment")
SPILL = Offered("spill", "Spill", "room", "emergency")


@pytest.fixture
def settings() -> Config:
    """Two rooms, a steriliser and a fridge."""
    return config.read(config.new_config("Riverside", "UTC").encode(), "clinic.toml")


def shown(found: tuple[Place, ...]) -> list[tuple[str, str, list[str]]]:
    return [(place.title, place.subject, [one.id for one in place.protocols]) for place in found]


def test_each_stands_where_it_is_done_and_a_rooms_protocol_in_every_room(settings: Config) -> None:
    assert shown(places(settings, [OPEN, TURN, LOAD, OIL, NEEDLE, SPILL])) == [
        ("The clinic as a whole", "clinic", ["open"]),
        ("Treatment room 1", "room=room-1", ["turn"]),
        ("Treatment room 2", "room=room-2", ["turn"]),
        ("Steriliser 1", "equipment=S1", ["load", "oil"]),
        ("Medicine fridge 1", "equipment=F1", ["oil"]),
        ("A visit", "", ["needle"]),
        ("Emergencies", "", ["spill"]),
    ]


def test_a_place_where_nothing_is_done_is_left_out(settings: Config) -> None:
    assert shown(places(settings, [OPEN])) == [("The clinic as a whole", "clinic", ["open"])]
    assert places(settings, []) == ()


def test_what_fits_no_machine_of_the_clinic_is_not_hidden(settings: Config) -> None:
    assert shown(places(settings, [SOAK])) == [("Nothing in clinic.toml fits these", "", ["soak"])]
    assert subjects(settings, SOAK) == ()
    assert subjects(settings, LOAD) == (("equipment=S1", "Steriliser 1"),)


def test_what_is_in_force_is_offered_with_the_machines_that_it_is_for(clinic: Clinic) -> None:
    found = {one.id: one for one in offering.offered(clinic)}
    assert set(found) == set(clinic.library.in_force(clinic.ledger))
    assert found["steriliser-load"].kinds == ("steriliser",)
    assert found["room-turnover"].subject == "room"
    titles = [one.title.casefold() for one in found.values()]
    assert titles == sorted(titles)


def test_a_text_that_is_lost_hides_nothing(clinic: Clinic) -> None:
    lost = clinic.library.in_force(clinic.ledger)["steriliser-load"]
    (clinic.folder.adopted / f"{lost.sha256}.toml").unlink()
    found = {one.id: one for one in offering.offered(clinic)}
    assert found["steriliser-load"] == Offered(
        "steriliser-load", "Run and release a steriliser load", "equipment", "sterilisation"
    )
