"""An outline says of an adopted text the same as the whole reading, or nothing at all."""

from __future__ import annotations

import pytest

from checklist.protocol import outline as outlines
from checklist.protocol.header import Header
from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.outline import OutlineError, durations, outline
from checklist.protocol.plain import Duration
from checklist.protocol.steps import KINDS
from tests.support.making import header

STEP = """
[[steps]]
id = "wash"
kind = "confirm"
do = "Wash your hands."
expect = "clean"
"""


def of_step(step: object) -> tuple[object, ...]:
    when, on_fail = getattr(step, "when", None), getattr(step, "on_fail")  # noqa: B009 - of either model
    return (
        *(getattr(step, name, "") for name in ("id", "kind", "of", "hold")),
        getattr(step, "meanings", ()),
        getattr(step, "printout", False),
        on_fail.stop,
        (when.step, when.is_) if when is not None else None,
    )


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_outline_of_every_shipped_protocol_says_what_the_protocol_says(name: str) -> None:
    loaded = shipped()[name]
    told, whole = outline(loaded.data), loaded.protocol
    assert (told.id, told.title, told.subject) == (whole.id, whole.title, whole.subject)
    assert (told.valid_for, told.voided_by) == (whole.valid_for, whole.voided_by)
    assert [of_step(step) for step in told.steps] == [of_step(step) for step in whole.steps]
    assert all(told.step(step.id).id == step.id and told.index(step.id) == whole.index(step.id) for step in whole.steps)


@pytest.mark.parametrize("name", sorted(shipped_profiles()))
def test_the_lengths_of_time_of_every_shipped_profile_are_those_that_it_gives(name: str) -> None:
    loaded = shipped_profiles()[name]
    given = {key: value for key, value in loaded.profile.values.items() if isinstance(value, str)}
    found = durations(loaded.data)
    assert {key: str(value) for key, value in found.items()} == {key: given[key] for key in found}
    assert {key for key, value in given.items() if _is_time(value)} == found.keys()


def _is_time(text: str) -> bool:
    try:
        return text == "today" or bool(Duration.parse(text))
    except ValueError:
        return False


def test_every_key_and_kind_that_a_protocol_may_have_is_known() -> None:
    assert KINDS.keys() == outlines.KINDS
    assert Header.model_fields.keys() == outlines.HEADER_KEYS
    keys = {field.alias or name for model in KINDS.values() for name, field in model.model_fields.items()}
    assert keys == outlines.STEP_KEYS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "confirm"', 'kind = "swallow"'),
        ('expect = "clean"', 'expects = "clean"'),
        ('expect = "clean"', 'when = { step = "look", isnt = "yes" }'),
        ('expect = "clean"', "on_fail = { halt = true }"),
        ('expect = "clean"', 'when = "look"'),
        ("[[steps]]", "[[stages]]"),
        ('version = "1.0.0"', 'edition = "1.0.0"'),
        ('version = "1.0.0"', 'version = "1.0.0"\nvalid_for = "4 hours"'),
        ('version = "1.0.0"', 'version = "1.0.0"\nvalid_for = { profile = "x", or = "4h" }'),
        ('version = "1.0.0"', 'version = "1.0.0"\nvoided_by = "spill"'),
        ('version = "1.0.0"', "version = "),
    ],
)
def test_what_another_version_of_the_program_may_have_written_is_not_guessed_at(old: str, new: str) -> None:
    text = header("wash", "clinic") + STEP
    assert [step.id for step in outline(text.encode()).steps] == ["wash"]
    assert old in text
    with pytest.raises(OutlineError):
        outline(text.replace(old, new, 1).encode())


def test_what_is_no_text_is_no_outline() -> None:
    with pytest.raises(OutlineError):
        outline(b"\xff\xfe")
    with pytest.raises(OutlineError):
        outline(b"x = 1e99999999999999999999")
