"""The report opened in a real browser: it asks the network for nothing, its pictures are seen, it prints, and a checker
of accessibility finds nothing, in light and in dark, on a wide screen and a narrow one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from tests.support.in_process import through_a_pipe
from tests.support.reported import MARKUP, reported_clinic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM: Final = shutil.which("chromium") or "/usr/bin/chromium"
QUIET: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clinic = reported_clinic(tmp_path_factory.mktemp("browser") / "clinic")
    out = clinic.parent / "report.html"
    told = through_a_pipe(["report", "--html", out, "--names", "--clinic", clinic])
    assert told.code == 0, told.text
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET)
        yield opened
        opened.close()


class Opened:
    """The report in a window, with everything that it asked for or complained of."""

    def __init__(self, page: Page, report: Path) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.goto(report.as_uri())


@contextmanager
def opened(browser: Browser, report: Path, width: int, *, dark: bool = False, script: bool = True) -> Iterator[Opened]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        offline=True,
    )
    try:
        yield Opened(context.new_page(), report)
    finally:
        context.close()


def test_it_asks_for_nothing_and_complains_of_nothing(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280) as seen:
        seen.page.wait_for_load_state("networkidle")
        assert seen.asked == [report.as_uri()]
        assert seen.complaints == []
        assert seen.page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_its_pictures_are_seen_and_named(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280) as seen:
        pictures = seen.page.get_by_role("img").all()
        assert len(pictures) >= 8
        for picture in pictures:
            picture.scroll_into_view_if_needed()
            box = picture.bounding_box()
            assert picture.is_visible()
            assert box is not None
            assert box["width"] > 300
            assert box["height"] > 40
        drawn = "getComputedStyle(document.querySelector('svg [fill^=\"var(\"]')).fill"
        light = seen.page.evaluate(drawn)
        seen.page.emulate_media(color_scheme="dark")
        assert seen.page.evaluate(drawn) != light
        assert seen.page.get_by_role("img", name="By weekday").count() == 1


def test_hostile_words_are_read_as_words(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280) as seen:
        assert MARKUP in seen.page.inner_text("main")
        assert seen.page.locator("script, img, iframe, object, link").count() == 0
        assert seen.complaints == []


def test_it_is_the_same_without_scripts(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280, script=False) as seen:
        assert seen.page.locator("svg[role=img]").count() >= 8
        assert seen.page.get_by_role("heading", level=2).count() > 10
        seen.page.get_by_role("link", name="Overrides").click()
        assert seen.page.url.endswith("#overrides")


def test_the_first_key_leads_past_the_contents(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.textContent") == "To the report"
        assert seen.page.locator(".skip").bounding_box() is not None
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("document.activeElement.id") == "report"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_itself_never_scrolls_sideways(browser: Browser, report: Path, width: int) -> None:
    with opened(browser, report, width) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_with_page_numbers(browser: Browser, report: Path) -> None:
    with opened(browser, report, 1280) as seen:
        pages = PdfReader(BytesIO(seen.page.pdf(prefer_css_page_size=True))).pages
        words = [page.extract_text() for page in pages]
        assert len(words) > 3
        assert f"1 / {len(words)}" in words[0]
        assert "Contents" not in words[0]
        assert "How far this record can be trusted" in " ".join(words)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_checker_of_accessibility_finds_nothing(browser: Browser, report: Path, width: int, dark: bool) -> None:
    with opened(browser, report, width, dark=dark) as seen:
        found = Axe().run(seen.page)
        assert found.violations_count == 0, found.generate_report()
        assert len(found.response["passes"]) > 20
