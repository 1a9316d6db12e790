"""What the model refuses, put in plain words for the person who writes the file.

Knows the kinds of error that the model can raise and nothing else; pydantic's own words never get out.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from checklist.protocol.rules import Path, Problem
from checklist.protocol.steps import KINDS
from checklist.protocol.text import clean
from checklist.protocol.values import echo

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("not words in quotes", 'write it in quotes: "…"'),
    "int_type": ("not a whole number", "write a whole number without quotes"),
    "bool_type": ("neither true nor false", "write true or false, without quotes"),
    "tuple_type": ("not a list", 'write a list: ["…", "…"]'),
    "model_type": ("not a table", "write a table: { … = … }"),
    "string_unicode": ("not readable text", "save the file as UTF-8"),
}


MAX_TOLD: Final = 50
"""Faults told of one part of a file; nobody reads more, and a hostile file must not cost seconds."""

_OWNERS: Final[Mapping[str, list[str]]] = {
    key: [kind for kind, model in KINDS.items() if key in model.model_fields]
    for key in {key for model in KINDS.values() for key in model.model_fields}
}
"""The kinds of step that may have a key."""

_NESTED: Final[Mapping[str, Sequence[str]]] = {
    "limit": ("min", "max"),
    "expected": ("min", "max"),
    "when": ("step", "is"),
    "answer": ("protocol", "step", "is"),
    "on_fail": ("stop", "open"),
    "options": ("value", "verdict"),
    "sources": ("id", "title", "year", "where"),
}


def problems_of(error: "ValidationError", *, at: Path, label: str, keys: Sequence[str]) -> list[Problem]:
    """Return the problems in `error`, which was raised for the part at the key path `at`.

    `label` names the part for people (empty: nothing to name), `keys` are all keys it may have at its top.
    """
    details = error.errors(include_url=False, include_context=True, include_input=True)
    return [_problem(one, at, label, keys) for one in details[:MAX_TOLD]]


def unknown_key(key: str, known: Sequence[str]) -> tuple[str, str]:
    """Say that `key` is not known, and which key was probably meant."""
    owners = _OWNERS.get(key, [])
    if owners and "kind" in known:
        return (
            f"{echo(key)} does not belong to this kind of step",
            f"take it out; it belongs to {', '.join(owners)}",
        )
    near = get_close_matches(clean(key, limit=64), known, n=2, cutoff=0.6)
    meant = " or ".join(f'"{one}"' for one in near)
    fix = f"write {meant}" if near else "take it out; known here: " + ", ".join(known)
    return f"{echo(key)} is not a known key", fix


def one_of(allowed: Sequence[str], given: object) -> str:
    """Advise one of the allowed words, the nearest first if one is near."""
    near = get_close_matches(given, allowed, n=1, cutoff=0.6) if isinstance(given, str) and len(given) < 80 else []
    return f'write "{near[0]}"' if near else "write one of " + ", ".join(f'"{one}"' for one in allowed)


def _problem(one: "ErrorDetails", at: Path, label: str, keys: Sequence[str]) -> Problem:
    path = one["loc"]
    kind, rule, key = one["type"], one["type"], _spelled(path)
    context = one.get("ctx", {})
    if kind == "missing":
        where = _spelled(path[:-1])
        what = f"{where} has no {path[-1]}" if where else f"{path[-1]} is missing"
        return Problem((*at, *path), "required", _say(label, what), f"add {path[-1]} = …")
    if kind == "extra_forbidden":
        outer = _spelled(path[:-1])
        what, fix = unknown_key(str(path[-1]), _NESTED.get(str(path[0]), ()) if outer else keys)
        return Problem((*at, *path), "unknown-key", _say(label, f"{outer}: {what}" if outer else what), fix)
    if "fix" in context:
        what, fix = str(context["what"]), str(context["fix"])
        return Problem((*at, *path), rule, _say(label, f"{key} {what}".strip()), fix)
    what, fix = _builtin(kind, one["input"], context)
    return Problem((*at, *path), kind.replace("_", "-"), _say(label, f"{key} {what}"), fix)


def _builtin(kind: str, given: object, context: Mapping[str, object]) -> tuple[str, str]:
    if kind in _TYPES:
        what, fix = _TYPES[kind]
        return f"is {echo(given)}, {what}", fix
    if kind == "literal_error":
        allowed = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return f"is {echo(given)}, which is not known", one_of(allowed, given)
    for name, words in (("ge", "at least"), ("le", "at most")):
        if name in context:
            return f"is {echo(given)}", f"write a whole number of {words} {context[name]}"
    return f"is {echo(given)}, which does not fit", "see the example in the authors' guide"


def _spelled(path: Path) -> str:
    """Write a key path as people read it: `options[2].verdict`, items counted from 1."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part + 1}]"
        else:
            words += f".{clean(part, limit=64)}" if words else clean(part, limit=64)
    return words


def _say(label: str, what: str) -> str:
    return f"{label}: {what}" if label else what
