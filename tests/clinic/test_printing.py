"""The sheets as PDF, read back: every word is there, on pages of the right size, the same bytes each time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from checklist.clinic.errors import PrintError
from checklist.clinic.printing import Printed, Wanted, as_walked, printed, write
from checklist.protocol.library import shipped
from checklist.protocol.loader import parse
from checklist.protocol.showing.facts import ADAPT, plain, task
from checklist.protocol.showing.sheet import sheet
from checklist.protocol.text import clean
from tests.support.making import header

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic

A4, LETTER = (595, 842), (612, 792)


def pages(made: Printed) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(made.data)).pages]


def words(text: str) -> str:
    """Words as they follow each other, wherever lines break."""
    return re.sub(r"\s+", "", text)


def sizes(made: Printed) -> set[tuple[int, int]]:
    boxes = (page.mediabox for page in PdfReader(io.BytesIO(made.data)).pages)
    return {(round(float(box.width)), round(float(box.height))) for box in boxes}


def of(*steps: str, title: str = "Small", purpose: str = "Try it out.") -> Wanted:
    head = header("small", "TITLE").replace('"TITLE"', toml(title)).replace('"Try it out."', toml(purpose))
    text = head + "".join(steps)
    found = parse(text.encode(), name="small.toml")
    assert not isinstance(found, list), found
    return Wanted(found.protocol, found.sha256)


def kept(name: str) -> Wanted:
    """A shipped protocol."""
    return Wanted(shipped()[name].protocol, shipped()[name].sha256)


def confirm(name: str, do: str) -> str:
    return f'[[steps]]\nid = "{name}"\nkind = "confirm"\ndo = {toml(do)}\nexpect = "done"\n'


def toml(text: str) -> str:
    escaped = "".join(one if one.isalnum() or one == " " else f"\\U{ord(one):08X}" for one in text)
    return f'"{escaped}"'


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_word_of_every_shipped_step_is_on_its_sheet(name: str) -> None:
    found = kept(name)
    made = printed([found], "a4")
    assert made.missing == ()
    assert sizes(made) == {A4}
    read = pages(made)
    whole = words("".join(read))
    for number, step in enumerate(found.protocol.steps, 1):
        asked = task(step) if step.do else "Give it the next number."
        assert words(asked) in whole, (number, step.id)
        assert words(plain(step.caution)) in whole, step.id
    for at, page in enumerate(read, 1):
        assert words(f"{found.protocol.id} {found.protocol.version}, SHA-256 {found.sha256[:12]}") in words(page)
        assert f"Page {at} of {len(read)}" in page
        assert ADAPT in page
        assert words(sheet(found.protocol, found.sha256).later) in words(page)
    assert words(found.sha256) in whole
    assert words("Printed name Signature") in whole
    assert len(read) <= 5


def test_a_short_protocol_stays_on_one_page_and_each_begins_on_its_own() -> None:
    made = printed([kept("pack-open"), kept("anaphylaxis"), of(confirm("a", "Do it."))], "letter")
    read = pages(made)
    assert sizes(made) == {LETTER}
    assert ["Page 1 of 1" in read[0], "Page 1 of 2" in read[1], "Page 2 of 2" in read[2], "Page 1 of 1" in read[3]]
    assert "(continued)" in read[2]
    assert "(continued)" not in read[3]
    assert len(read) == 4


def test_no_step_is_broken_across_pages() -> None:
    filler = "and look at every part of it in good light " * 8
    found = of(*(confirm(f"s{at}", f"Begin{at:02} {filler} End{at:02}.") for at in range(40)))
    read = pages(printed([found], "a4"))
    assert len(read) > 1
    for at in range(40):
        (page,) = [page for page in read if f"Begin{at:02}" in page]
        assert f"End{at:02}" in page


def test_the_same_protocol_gives_the_same_bytes() -> None:
    found = kept("steriliser-load")
    assert printed([found], "a4").data == printed([found], "a4").data
    assert b"CreationDate" not in printed([found], "a4").data


def test_the_values_of_the_clinics_profile_stand_in_place_and_it_is_named(clinic: Clinic) -> None:
    found = next(one for one in shipped().values() if one.protocol.profile_values())
    ready = as_walked(clinic, found)
    assert isinstance(ready, Wanted), ready
    whole = words("".join(pages(printed([ready], "a4"))))
    assert "theprofile's" not in whole
    assert words(f"profile {ready.profile}") in whole
    assert "theprofile's" in words("".join(pages(printed([kept(found.protocol.id)], "a4"))))


# -- text is never markup ----------------------------------------------------------------------------------

HOSTILE = (
    '#import "x.typ": *',
    "#panic(1)",
    '#read("/etc/passwd")',
    "$ x^2 $",
    "*bold* _it_ `raw`",
    "@ref <label>",
    "\\ // /* */ ~ -- ---",
    "\"quoted\" 'single' [brackets] {braces!}",
    "= Heading\n- item",
    "http://example.invalid/",
    "%PDF-1.7 endobj",
)


def test_hostile_words_are_printed_as_they_stand() -> None:
    texts = [one.replace("{braces!}", "(braces)").replace("\n", " ") for one in HOSTILE]
    found = of(*(confirm(f"s{at}", one) for at, one in enumerate(texts)), title=texts[0], purpose=texts[1])
    whole = words("".join(pages(printed([found], "a4"))))
    for text in [step.do for step in found.protocol.steps]:
        assert words(text) in whole, text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_text_that_a_file_may_hold_can_be_printed(text: str) -> None:
    if not clean(text).strip():
        return
    found = of(confirm("a", f"x{text}"))
    made = printed([found], "a4")
    assert len(pages(made)) == 1
    assert all(sign in found.protocol.steps[0].do for sign in made.missing)


def test_a_sign_that_no_font_shows_stands_as_its_code_point() -> None:
    made = printed([of(confirm("a", "Wash 手 well"), confirm("b", "Привет, Ωmega, żółć"))], "a4")
    assert made.missing == ("手",)
    whole = words("".join(pages(made)))
    assert "Wash[U+624B]well" in whole
    assert "Привет,Ωmega,żółć" in whole


# -- the file ----------------------------------------------------------------------------------------------


def test_a_sheet_takes_the_place_of_an_older_one_but_of_nothing_else(tmp_path: Path) -> None:
    made, newer = (printed([of(confirm("a", do))], "a4") for do in ("Do it.", "Do it well."))
    out = tmp_path / "sheet.pdf"
    write(made, out)
    write(newer, out)
    assert out.read_bytes() == newer.data
    filled = newer.data + b"\n1 0 obj\n(an answer)\nendobj\n%%EOF\n"
    for name, theirs in (("notes.txt", b"mine"), ("letter.pdf", b"%PDF-1.7 a letter %%EOF"), ("filled.pdf", filled)):
        (tmp_path / name).write_bytes(theirs)
        with pytest.raises(PrintError, match="name another file"):
            write(made, tmp_path / name)
        assert (tmp_path / name).read_bytes() == theirs
    with pytest.raises(PrintError, match="name another file"):
        write(made, tmp_path)


def test_a_pdf_is_not_poured_into_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PrintError, match="name one with --out"):
        write(Printed(b"%PDF-1.7", ()), Path("-"))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(PrintError, match="choose another place"):
        write(Printed(b"%PDF-1.7", ()), tmp_path / "nowhere" / "sheet.pdf")
    assert list(tmp_path.iterdir()) == []
