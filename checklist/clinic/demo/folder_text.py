"""The clinic.toml of the demo clinic: four rooms, two sterilisers, and a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from checklist.clinic.config import origin_from
from checklist.clinic.demo.calendar import closed_days
from checklist.clinic.demo.clock import ZONE
from checklist.clinic.demo.texts import JURISDICTION
from checklist.clinic.demo.world import MACHINES, ROOMS

if TYPE_CHECKING:
    from datetime import date

_PLAN = (
    ("day-open", "day", 'by = "08:45"'),
    ("steriliser-daily", "day", 'by = "09:30"'),
    ("day-close", "day", ""),
    ("emergency-kit-weekly", "week", 'on = "fri"'),
    ("reprocess-weekly", "week", 'on = "fri"'),
    ("bi-test", "week", 'on = "mon"'),
    ("hygiene-audit", "month", ""),
)


def config(name: str, first: date, last: date) -> str:
    """The file; nothing falls due on the days on which the clinic is closed."""
    closed = ", ".join(f'"{day}"' for day in ["sun", *closed_days(first, last)])
    parts = [
        "# A demo: made-up people, made-up year.",
        f'[clinic]\nname = {json.dumps(name)}\norigin = "{origin_from(name)}"\nstation = "a"\ntimezone = "{ZONE}"',
        f'jurisdiction = "{JURISDICTION}"\nlanguage = "en"\n',
        *(f'[[rooms]]\nid = "{room}"\ntitle = "Treatment room {room[-1]}"\n' for room in ROOMS),
        *(
            f'[[equipment]]\nid = "{machine}"\nkind = "steriliser"\ntitle = "Steriliser {machine[-1]}"\nclass = "B"\n'
            f'reader = "dac-universal"\n'
            for machine in MACHINES
        ),
        '[[equipment]]\nid = "F1"\nkind = "fridge"\ntitle = "Medicine fridge 1"\n',
        f"[calendar]\nclosed = [{closed}]\n",
        *(f'[[schedule]]\nprotocol = "{each}"\nevery = "{every}"\n{more}\n' for each, every, more in _PLAN),
        '[security]\nidle_lock = "10m"\n',
    ]
    return "\n".join(parts)
