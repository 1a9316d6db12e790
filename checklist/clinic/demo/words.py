"""What people write in the made-up year, by what they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

_BY_STEP: Final[dict[str, tuple[str, ...]]] = {
    "staff-on-duty": (
        "see the rota",
        "full team",
        "as on the rota, one on training",
        "rota of the week",
        "short by one",
    ),
    "oxygen-pressure": ("180 bar", "175 bar", "170 bar", "165 bar", "190 bar"),
    "kit-seal-number": ("4471", "4472", "4473", "4474"),
    "seal-number": ("4471", "4472", "4473", "4474"),
    "new-seal": ("4472", "4473", "4474", "4475"),
    "contents": (
        "2 trays, 4 pouches",
        "3 pouches nippers",
        "1 tray surgery, 3 pouches",
        "5 pouches",
        "2 trays podiatry",
        "6 pouches, 1 tray",
        "4 pouches scissors and forceps",
    ),
    "sets": ("surgery set 2", "nippers 1 to 4", "needle holders, scissors", "podiatry set 1 and 3", "piercing set"),
    "sessions": ("this morning's visits", "the three visits before noon", "room 1 and room 3"),
    "dose-label": ("10 mL per L", "5 mL per L"),
    "allergies": ("none known", "none known", "none known", "penicillin", "latex: gloves changed", "plasters"),
    "time-out-allergies": ("none known", "none known", "penicillin", "latex: gloves changed"),
    "no-go-areas": ("none", "around the eyes", "mole on the left cheek", "old scar on the chin"),
    "decisions": ("none needed", "prescriber agreed", "see the signatures above"),
    "consent-number": ("form 3", "form 3, signed today", "form 4"),
    "photo-numbers": ("front, left, right", "3 photos", "front only"),
    "areas-done": ("cheeks and forehead", "full face", "neck", "cheeks", "chin and cheeks", "scar on the shoulder"),
    "dates": ("call in 2 days, review in 2 weeks", "call and review agreed", "sheet with dates given"),
    "procedure-done": ("lesion taken out, two stitches", "nail corrected", "piercing placed", "nail edge removed"),
    "order-words": ("4 % on the face, 30 min", "as in the plan", "2.5 % with prilocaine, 45 min"),
    "printout": ("strip 12, in the folder", "strip in the folder", "display read, strip glued in"),
    "review-words": ("two late starts, said why", "one printout by hand", "one visit moved to tomorrow"),
    "disinfectant-volume": ("5 L", "2 L", "4 L"),
    "cause": ("door seal worn", "tray too full", "not found", "pouch seam", "plug loose"),
    "action": ("engineer called, unit locked", "staff told at the meeting", "checked again tomorrow"),
}
_ANY: Final = ("as usual", "see the folder", "nothing to add", "noted", "done with the team", "in order", "as planned")
REMEDIES: Final = (
    "cleaned again and read again", "waited and read again", "taken out and replaced", "settings put right",
    "door closed, waited ten minutes", "second wipe, dried", "counted again with a colleague",
)  # fmt: skip
COMMENTS: Final = (
    "read twice, stays so", "display flickers, told the lead", "a little high today", "warm day", "new batch",
    "checked with a second device", "within the maker's range",
)  # fmt: skip
REASONS: Final[dict[str, tuple[str, ...]]] = {
    "skip": (
        "out of stock until noon",
        "device at the repair shop",
        "printer out of paper",
        "no time before the visit",
    ),
    "not-applicable": ("none of these in this room", "no such item today", "not part of this visit"),
    "defer": ("patient is called then", "waits for the delivery", "after the last visit", "engineer comes then"),
    "correct": ("typed the line above", "digits swapped", "wrong label scanned first", "read the wrong display"),
    "differ": ("both looked again", "read again together, one each"),
    "abandon": ("patient did not come", "called away, started anew later", "wrong room chosen"),
    "override": ("patient already prepared, risk weighed with the prescriber", "kit check runs in the next room"),
}


def words_of(step: str, chance: Random) -> str:
    """What somebody writes at a step that asks for words."""
    return chance.choice(_BY_STEP.get(step, _ANY))
