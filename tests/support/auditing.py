"""The folder that an auditor is given, and the commands of the program on it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.support.in_process import Told, days_ago, through_a_pipe
from tests.support.making import Worker, header, made_clinic, write_secret
from tests.support.outside import Leaf, leaves

if TYPE_CHECKING:
    from pathlib import Path

ANNA, BEN, CLEO, OTTO = "Anna Berg", "Ben Carter", "Cleo Dahl", "Otto Eich"
"""Two leads, of whom Anna made the clinic; Ben works there, Otto is an auditor."""
SECRETS = {ANNA: "three blue horses", BEN: "seven green doors", CLEO: "nine red boats", OTTO: "two grey owls"}
PATIENT = "Winterhalter"
"""Whom somebody names who should not."""
BOOKING = "P-48213"
"""What the clinic's own books call the visit."""

TROLLEY = (
    header("trolley", "Set the trolley up", subject="session")
    + """
[[steps]]
id = "bag"
kind = "text"
do = "Say what is in the bag."
[[steps]]
id = "indicator"
kind = "choice"
do = "Look at the indicator."
options = [{ value = "turned", verdict = "pass" }, { value = "not turned", verdict = "fail" }]
[[steps]]
id = "second-reader"
kind = "witness"
of = "indicator"
do = "A second person looks at the indicator."
[[steps]]
id = "seal"
kind = "confirm"
do = "Seal the tray."
expect = "the seal is whole"
hold = true
[[steps]]
id = "ready"
kind = "sign"
do = "Say that the trolley is ready."
meanings = ["released", "quarantined"]
"""
)
TROLLEY_LINES = (
    f"four cannulas for {PATIENT}\nturned\nturned\n/note {PATIENT} waits\n"
    f"/override not-available: no seal for {PATIENT}\nreleased\n"
)
_SIGN = '[[steps]]\nid = "{}"\nkind = "sign"\ndo = "Sign."\nmeanings = ["reviewed"]\n'
THRICE = header("thrice", "Sign three times") + "".join(_SIGN.format(name) for name in ("one", "two", "three"))
TIDY = header("tidy", "Tidy up", subject="room") + (
    '[[steps]]\nid = "look"\nkind = "choice"\ndo = "Look around."\n'
    'options = [{ value = "tidy", verdict = "pass" }, { value = "not tidy", verdict = "fail" }]\n'
)


class Auditor:
    """A clinic's folder, the commands of the program on it, and the secrets in files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, name: str, content: str) -> Path:
        return write_secret(self.root.parent / name.replace(" ", "-"), content)

    def as_(self, name: str, secret: str | None = None) -> list[str]:
        return ["--as", name, "--secret-file", str(self.file(f"own {name}", secret or SECRETS[name]))]

    def beside(self, name: str, secret: str | None = None) -> list[str]:
        file = self.file(f"second {name}", secret or SECRETS[name])
        return ["--witness", name, "--witness-secret-file", str(file)]

    def does(self, *words: object, said: str = "") -> Told:
        return through_a_pipe(words, said)

    def reads(self, *words: object) -> Any:
        return json.loads(self.does(*words, "--json").text)

    def walks_the_trolley(self) -> str:
        """A visit by Anna with Ben as the second person; the run."""
        told = self.does(
            "walk", "trolley", "--session", BOOKING, *self.as_(ANNA), *self.beside(BEN), said=TROLLEY_LINES
        )
        assert told.code == 0, told.text
        return f"a#{leaves(self.root, 'run.started')[-1].index}"

    def signed(self) -> list[Leaf]:
        """The signatures given in runs; those under adopted texts came before."""
        return [leaf for leaf in leaves(self.root, "signed") if "run" in leaf.fields]

    def id_of(self, name: str) -> str:
        return next(str(one["operator"]) for one in self.reads("people", "list") if one["name"] == name)

    def verified(self) -> tuple[int, dict[str, Any]]:
        told = self.does("verify", "--json")
        found: dict[str, Any] = json.loads(told.text)
        return told.code, found


def made_for_auditor(root: Path) -> Path:
    """The folder, made two months ago."""
    others = [Worker(BEN, SECRETS[BEN], ("staff",)), Worker(CLEO, SECRETS[CLEO], ("lead", "staff"))]
    others.append(Worker(OTTO, SECRETS[OTTO], ("auditor",)))
    with days_ago(60):
        made_clinic(root, Worker(ANNA, SECRETS[ANNA]), others, {"trolley": TROLLEY, "thrice": THRICE, "tidy": TIDY})
    text = (root / "clinic.toml").read_text("utf-8")
    (root / "clinic.toml").write_text(re.sub(r"(?m)^timezone = .*$", 'timezone = "Europe/Berlin"', text), "utf-8")
    return root
