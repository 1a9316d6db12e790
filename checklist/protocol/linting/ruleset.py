"""The rules for people, by id, and the page that explains them.

A rule here only says what it is; `wording`, `shape` and `surroundings` find where it is broken.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from checklist.protocol.linting.rule import Rule
from checklist.protocol.linting.rules_on_shape import ON_SHAPE
from checklist.protocol.linting.rules_on_words import ON_WORDS

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.id: rule for rule in (*ON_WORDS, *ON_SHAPE)})

_INTRODUCTION: Final = """\
# Rules for people

What `checklist protocol lint` says beside plain faults. A *warning* is nearly always right; *advice* is worth a
thought. Neither stops anybody: only errors, which are faults of the file itself, make the command end with exit code 1.

Examples leave out what does not matter to the rule. This page is printed by `checklist protocol lint --rules`.
"""


def page() -> str:
    """Return the whole page in Markdown."""
    contents = "\n".join(f"- [`{rule.id}`](#{rule.id}) ({rule.level}): {rule.title}" for rule in RULES.values())
    return "\n\n".join([_INTRODUCTION + "\n" + contents, *(explained(rule) for rule in RULES.values())]) + "\n"


def explained(rule: Rule) -> str:
    """Return what there is to say about one rule, in Markdown."""
    parts = [f"## {rule.id}", f"{rule.title}. Level: {rule.level}.", rule.why, f"Source: {rule.source}."]
    if rule.before:
        parts += ["In force:", _code(rule.before)]
    return "\n\n".join([*parts, "Bad:", _code(rule.bad), "Good:", _code(rule.good)])


def _code(example: str) -> str:
    return f"```toml\n{example.strip()}\n```"
