"""A profile to read: every value with how it is known, and nothing of its words acts."""

import json

import pytest
from markdown_it import MarkdownIt

from checklist.protocol.library import shipped_profiles
from checklist.protocol.loader import LoadedProfile, parse_profile
from checklist.protocol.showing.show_profile import CHECK, as_data, as_markdown, as_text
from tests.support.text import is_clean

TEXT = """
[profile]
id = "xx"
title = "Nowhere"
version = "1.2.0"
sources = [{ id = "design", title = "Proposal of its <b>authors</b>", year = 2026, where = "All of it" }]

[[values]]
name = "dry-time"
value = "30m"
title = "How long it dries"
source = "design"
sure = "proposal"
note = "Ask | the *maker*."

[[values]]
name = "warmest"
value = 8.0
unit = "Cel"
title = "The warmest a fridge may be"
source = "design"
sure = "unsure"

[[values]]
name = "two-people"
value = true
title = "Whether two are needed"
source = "design"
sure = "read"
"""


@pytest.fixture
def nowhere() -> LoadedProfile:
    found = parse_profile(TEXT.encode(), name="xx.toml")
    assert isinstance(found, LoadedProfile), found
    return found


def test_every_value_says_how_it_is_known(nowhere: LoadedProfile) -> None:
    lines = as_text(nowhere.profile).splitlines()
    assert lines[:2] == ["Nowhere", "xx 1.2.0, profile"]
    for line in (
        "How long it dries: 30 minutes [dry-time]",
        "   Known how: only a proposal, no rule of any authority",
        "   Note: Ask | the *maker*.",
        "The warmest a fridge may be: 8.0 °C [warmest]",
        "   Known how: unsure",
        "Whether two are needed: yes [two-people]",
        "design: Proposal of its <b>authors</b> (2026, All of it)",
    ):
        assert line in lines
    assert lines[-1] == CHECK


def test_as_markdown_it_is_a_table_and_its_words_are_words(nowhere: LoadedProfile) -> None:
    text = as_markdown(nowhere.profile, nowhere.sha256)
    assert "| `dry-time` | How long it dries | 30 minutes |" in text
    assert nowhere.sha256 in text
    tokens = MarkdownIt("gfm-like").parse(text)
    assert sum(token.type == "tr_open" for token in tokens) == 4 + 2
    assert any("Ask | the" in "".join(part.content for part in token.children or ()) for token in tokens)
    assert not any(part.type.startswith(("html", "link")) for token in tokens for part in token.children or ())


def test_as_data_it_has_the_names_of_the_file(nowhere: LoadedProfile) -> None:
    data = json.loads(json.dumps(as_data(nowhere.profile, nowhere.sha256)))
    assert data["profile"]["sha256"] == nowhere.sha256
    assert data["profile"]["id"] == "xx"
    assert [one["value"] for one in data["values"]] == ["30m", "8.0", True]
    assert data["values"][1]["unit"] == "Cel"
    assert data["values"][0]["sure"] == "proposal"


def test_every_shipped_profile_can_be_read() -> None:
    for name, loaded in shipped_profiles().items():
        text = as_text(loaded.profile)
        assert is_clean(text, multiline=True), name
        assert as_markdown(loaded.profile, loaded.sha256).count("\n| `") >= len(loaded.profile.entries)
