"""A protocol as Markdown, read back by a Markdown reader: well-formed, and no text of the file ever acts."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from checklist.protocol.library import shipped
from checklist.protocol.loader import LoadedProtocol, parse
from checklist.protocol.model import Protocol
from checklist.protocol.showing.facts import ADAPT
from checklist.protocol.showing.show_markdown import as_markdown, escaped

READER = MarkdownIt("gfm-like")
OUR_OWN = {"text", "strong_open", "strong_close", "em_open", "em_close", "code_inline", "softbreak", "text_special"}
BLOCKS = {
    "inline",
    *(
        f"{name}_{end}"
        for end in ("open", "close")
        for name in (
            *("heading", "paragraph", "blockquote", "ordered_list", "bullet_list", "list_item"),
            *("table", "thead", "tbody", "tr", "th", "td"),
        )
    ),
}
HOSTILE = [
    "<b>bold</b> <script>alert(1)</script> &lt; &copy;",
    "*stars* __lines__ ~~struck~~ `code` ***",
    "[link](https://example.org) ![image](x.png) <https://example.org>",
    "https://example.org www.example.org see http://example.org/a_b",
    "# heading #",
    "- item + item",
    "1. one 2) two",
    "| a | b | \\| c",
    "ends with a backslash \\",
    "--- === $x$ [^1] [ ] @someone",
    "> quote",
    "134.0 to 137.0 °C, 5% (v/v); {waste-bin}",
]


def inline(text: str) -> Iterator[Token]:
    for token in READER.parse(text):
        assert token.type in BLOCKS, token.type
        yield from token.children or ()


def words(text: str) -> str:
    """What a reader sees."""
    return "".join(token.content for token in inline(text))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("frame", ["{}", "# {}", "- {}", "1. **{}** `id`", "| A |\n| --- |\n| {} |"])
def test_words_are_read_as_they_were_written(text: str, frame: str) -> None:
    framed = frame.format(escaped(text))
    assert {token.type for token in inline(framed)} <= OUR_OWN
    assert text in words(framed)


@given(st.text(st.sampled_from(" \\`*_{}[]()<>#+-=.!|~&^$:/@1w"), min_size=1))
def test_no_signs_ever_act(text: str) -> None:
    as_a_file_gives_it = " ".join(text.split())
    shown = escaped(as_a_file_gives_it)
    assert {token.type for token in inline(shown)} <= {"text", "text_special"}
    assert words(shown) == as_a_file_gives_it


def test_every_step_has_its_number_and_every_source_its_row(example: str) -> None:
    loaded = parse(example.encode(), name="steriliser-load.toml")
    assert isinstance(loaded, LoadedProtocol)
    text = as_markdown(loaded.protocol, loaded.sha256)
    for line in (
        "# Run and release a steriliser load",
        f"> **{ADAPT}**",
        "| Who | reprocessing |",
        "### The cycle",
        "3. **Read the exposure temperature from the printout.** `exposure-temperature`",
        "   - *Limit:* 134.0 to 138.0 °C",
        "   - *Wait at least:* the profile's dry-time",
        "    - *Sign as:* released or quarantined",
        "| `cdc-2008` | CDC Guideline for Disinfection and Sterilization in Healthcare Facilities | 2008 | Table 7 |",
        f"SHA-256 of the file: `{loaded.sha256}`",
    ):
        assert line in text.splitlines()


def test_every_shipped_protocol_is_well_formed() -> None:
    for loaded in shipped().values():
        text = as_markdown(loaded.protocol, loaded.sha256)
        assert {token.type for token in inline(text)} <= OUR_OWN
        tokens = READER.parse(text)
        depth = 0
        numbers = []
        for token in tokens:
            depth += token.type == "ordered_list_open"
            depth -= token.type == "ordered_list_close"
            if token.type == "list_item_open" and token.markup == ".":
                numbers.append(int(token.info))
        assert depth == 0
        assert numbers == [*range(1, len(loaded.protocol.steps) + 1)]


def test_steps_that_follow_a_phase_and_have_none_do_not_seem_to_be_of_it(small: Callable[..., Protocol]) -> None:
    steps = "".join(
        f'[[steps]]\nid = "{name}"\nkind = "confirm"\ndo = "Do {name}."\nexpect = "done"\n{phase}'
        for name, phase in (("a", ""), ("b", 'phase = "Early"\n'), ("c", ""))
    )
    lines = as_markdown(small(steps), "0" * 64).splitlines()
    assert lines.index("### Early") < lines.index("### Then") < lines.index("3. **Do c.** `c`")
    assert "### " not in "".join(lines[: lines.index("1. **Do a.** `a`")])
