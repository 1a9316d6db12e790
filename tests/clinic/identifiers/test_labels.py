"""Labels for packs: on paper is what the record says, and what a scanner reads there is the load."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import typst
from PIL import Image
from pypdf import PdfReader

from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.labels import Code, LoadLabel, load_label, of_packs, printed, texts
from checklist.clinic.printing import MARK, Paper, Printed
from checklist.run import commands as c
from checklist.run.reading import Refusal
from checklist.trace.barcode import read_label
from checklist.trace.label import Label
from tests.support.pictures import all_seen
from tests.trace.test_barcode import TODAY

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

ONE = LoadLabel("S1-20261122-03", "Steriliser 1", "2026-11-22", "2027-05-21")
OTHER = LoadLabel("north/A.7-20261122-117", "#[Autoclave] *north* 中", "2026-11-22", "")
CODES: list[Code] = ["qr", "code128"]


def sheet(labels: list[LoadLabel], count: int = 1, paper: Paper = "a4", code: Code = "qr") -> Printed:
    found = printed(labels, count, paper, code)
    assert isinstance(found, Printed), found
    return found


def words(made: Printed) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made.data)).pages).replace("\u200b", "")


def picture(labels: list[LoadLabel], count: int, code: Code) -> Image.Image:
    """The sheet as a printer puts it on paper."""
    template = files("checklist.clinic").joinpath("labels.typ").read_bytes()
    inputs = {**texts(labels, count, code), "paper": "a4", "mark": MARK}
    data = typst.compile(template, sys_inputs=inputs, format="png", ppi=300, ignore_system_fonts=True)
    assert isinstance(data, bytes)
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("code", CODES)
def test_every_label_is_read_by_a_scanner_as_its_load(code: Code) -> None:
    seen = all_seen(picture([ONE, OTHER], 1, code))
    assert seen == ["load=S1-20261122-03", "load=north/A.7-20261122-117"]
    for text, load in zip(seen, (ONE.load, OTHER.load), strict=True):
        found = read_label(text, TODAY)
        assert isinstance(found, Label)
        assert found.identifiers == {"load": load}


def test_a_pack_of_a_load_may_have_a_number_of_its_own() -> None:
    seen = all_seen(picture(of_packs(ONE, 7, 2), 1, "qr"))
    assert seen == [f"load={ONE.load} pack={ONE.load}-{number}" for number in ("07", "08")]
    found = read_label(seen[0], TODAY)
    assert isinstance(found, Label)
    assert found.identifiers == {"load": ONE.load, "pack": f"{ONE.load}-07"}
    assert f"{ONE.load}-08" in words(sheet(of_packs(ONE, 7, 2)))


@pytest.mark.parametrize("code", CODES)
def test_the_words_are_there_and_are_never_markup(code: Code) -> None:
    made = sheet([ONE, OTHER], code=code)
    text = words(made)
    for wanted in (
        "S1-20261122-03",
        "Steriliser 1",
        "Made 2026-11-22",
        "Use by 2027-05-21",
        "Contents",
        "#[Autoclave]",
    ):
        assert wanted in text
    assert text.count("Use by") == 1, "a load that keeps for ever has no such line"
    assert made.missing == ("中",)


def test_the_same_labels_are_the_same_bytes() -> None:
    assert sheet([ONE], 3).data == sheet([ONE], 3).data


@pytest.mark.parametrize(("paper", "width"), [("a4", 595), ("letter", 612)])
@pytest.mark.parametrize(("code", "on_a_page"), [("qr", 24), ("code128", 16)])
def test_a_page_that_is_full_is_followed_by_another(paper: Paper, width: int, code: Code, on_a_page: int) -> None:
    pages = PdfReader(io.BytesIO(sheet([ONE], on_a_page + 1, paper, code).data)).pages
    assert [page.extract_text().count("Contents") for page in pages] == [on_a_page, 1]
    assert {round(float(page.mediabox.width)) for page in pages} == {width}


def test_what_does_not_fit_between_two_bars_is_refused() -> None:
    for load in ("Ä-1", "x" * 40):
        found = printed([LoadLabel(load, "S1", "2026-11-22", "")], 1, "a4", "code128")
        assert isinstance(found, Refusal)
        assert found.message.endswith("print it with --code qr.")
        assert isinstance(printed([LoadLabel(load, "S1", "2026-11-22", "")], 1, "a4", "qr"), Printed)


@pytest.mark.parametrize(
    ("keeps", "released", "use_by"),
    [
        ('"today"', "2031-03-12T23:50:00", "2031-03-12"),
        ('"12h"', "2031-03-12T00:10:00", "2031-03-12"),  # begun a day before, at half past eleven
        ('"1d"', "2031-03-12T23:50:00", "2031-03-13"),
        ("", "2031-03-12T23:50:00", ""),
    ],
)
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati"])
def test_a_label_tells_the_last_day_by_the_clinics_own_calendar(
    house: House, kit: Kit, keeps: str, released: str, use_by: str, zone: str
) -> None:
    house.configure("Europe/Berlin", zone)
    house.clock.zone = zone
    clinic = house.open()
    more = f"valid_for = {keeps}" if keeps else ""
    text = kit.protocol_text("load", "equipment", more, kit.load).replace("1.0.0", "1.0.1")
    house.add_protocol("load", text, clinic, kit.who(clinic, "Lea"))
    house.clock.set("2031-03-12T23:30:00" if released > "2031-03-12T12" else "2031-03-11T23:30:00")
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    house.clock.set(released)
    state = kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "released", ""))
    label = load_label(clinic, str(state.steps["number"].value))
    assert isinstance(label, LoadLabel), label
    assert (label.made, label.use_by) == ("2031-03-12", use_by)


def test_what_came_from_a_machine_that_is_set_apart_gets_no_labels(house: House, clinic: Clinic, kit: Kit) -> None:
    """It had not been released by then."""
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    assert isinstance(load_label(clinic, "S1-20310310-01"), LoadLabel)
    house.clock.advance(1)
    assert not isinstance(
        recalling.quarantine(clinic, "equipment", "S1", kit.mistake, kit.who(clinic, "Lea"), "tui"), Refusal
    )
    refused = load_label(clinic, "S1-20310310-01")
    assert isinstance(refused, Refusal)
    said = "Load S1-20310310-01 may not be used, for its machine S1 is quarantined"
    assert refused.message == f"{said}: it gets no labels. Put its packs aside."
