"""A jurisdiction's profile as plain lines, as Markdown and as plain data, in the manner of a protocol.

How each value is known stands beside it: what is only a proposal never looks like a rule.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from checklist.protocol.profile import Profile, Sure, Value
from checklist.protocol.showing.show import source_lines
from checklist.protocol.showing.show_json import Plain, as_table
from checklist.protocol.showing.show_markdown import escaped, sources_table, table

CHECK: Final = "Not legal advice: check every value against your own law and your device's instructions."

KNOWN_HOW: Final[Mapping[Sure, str]] = {
    "read": "its source was read",
    "known": "known, its source not read again",
    "unsure": "unsure",
    "proposal": "only a proposal, no rule of any authority",
}


def as_text(profile: Profile) -> str:
    """Return the whole profile in plain words; every line ends with a newline."""
    values = (line for value in profile.entries for line in _value(value))
    lines = [
        profile.title,
        f"{profile.id} {profile.version}, profile",
        *values,
        *source_lines(profile.sources),
        "",
        CHECK,
    ]
    return "\n".join(lines) + "\n"


def _value(value: Value) -> Iterator[str]:
    yield from ("", f"{value.title}: {value} [{value.name}]")
    yield f"   Known how: {KNOWN_HOW[value.sure]}"
    yield f"   Source: {value.source}"
    if value.note:
        yield f"   Note: {value.note}"


def as_markdown(profile: Profile, sha256: str) -> str:
    """Return the whole profile; `sha256` is that of the file's bytes."""
    rows = [
        (
            f"`{one.name}`",
            *map(escaped, (one.title, str(one), KNOWN_HOW[one.sure])),
            f"`{one.source}`",
            escaped(one.note),
        )
        for one in profile.entries
    ]
    blocks = (
        f"# {escaped(profile.title)}",
        f"> **{escaped(CHECK)}**",
        f"Profile `{profile.id}`, version `{profile.version}`",
        "## Values",
        table(("Name", "What", "Value", "Known how", "Source", "Note"), rows),
        *sources_table(profile.sources),
        f"SHA-256 of the file: `{sha256}`",
    )
    return "\n\n".join(blocks) + "\n"


def as_data(profile: Profile, sha256: str) -> dict[str, Plain]:
    """Return `profile` (the header and the digest of the file's bytes) and `values`, under the names of the file."""
    whole = as_table(profile)
    values = whole.pop("entries")
    return {"profile": {**whole, "sha256": sha256}, "values": values}
