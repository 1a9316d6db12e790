"""A new protocol to start from: a small text for each category, in which comments say what to put in place.

The texts lie in `templates/`, inside the package: they are no protocols of the library.
"""

import json
from importlib.resources import files
from types import MappingProxyType
from typing import Final, get_args

from checklist.protocol.header import Category, Subject
from checklist.protocol.text import clean

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)

USUAL: Final = MappingProxyType[Category, Subject](
    {"clinic": "clinic", "sterilisation": "equipment", "treatment": "session", "emergency": "clinic"}
)
"""What a protocol of a category is about, where nothing else is said."""


def text_for(name: str, category: Category, subject: Subject | None = None, title: str | None = None) -> str:
    """The text of a new protocol of that id; its title is made of the id where none is given."""
    words = clean(title, limit=10_000) if title else name.replace("-", " ").strip().capitalize()
    text = files("checklist.protocol").joinpath("templates", f"{category}.toml").read_text(encoding="utf-8")
    values = {"@ID@": name, "@TITLE@": words, "@SUBJECT@": subject or USUAL[category]}
    for mark, value in values.items():
        text = text.replace(mark, json.dumps(value, ensure_ascii=False))  # a string of JSON is one of TOML as well
    return text
