"""A small practice for which every kind of requirement is asked: what it walks, and the procedure that needs it."""

from tests.support.making import header

_LOOK = """
[[steps]]
id = "look"
kind = "confirm"
do = "Look around."
expect = "tidy"
"""
_PACK = """
[[steps]]
id = "pack"
kind = "scan"
do = "Scan the pack."
captures = ["load"]
"""
_CARTRIDGE = """
[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["serial", "expiry"]
use = "consumes"
"""
_LOAD = f"""
[[steps]]
id = "number"
kind = "assign"
produces = {{ load = "{{equipment}}-{{date}}-{{n:02}}" }}
{_LOOK}
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""
_WIPE = """
[[steps]]
id = "wipe"
kind = "scan"
do = "Scan the wipes."
captures = ["lot"]
use = "consumes"
"""
_SCREEN = """
[[steps]]
id = "decision"
kind = "choice"
do = "Decide."
options = [{ value = "fit", verdict = "pass" }, { value = "unfit", verdict = "pass" }]
"""
_OPENING = f"""
[[steps]]
id = "lamp"
kind = "choice"
do = "Look at the lamp."
options = [{{ value = "whole", verdict = "pass" }}, {{ value = "broken", verdict = "fail" }}]
hold = true
{_LOOK}{_PACK}use = "consumes"
{_CARTRIDGE}
[[steps]]
id = "serum"
kind = "scan"
do = "Scan the serum."
captures = ["lot", "expiry"]
use = "consumes"
[[steps]]
id = "ready"
kind = "sign"
do = "Sign for it."
meanings = ["performed"]
"""
_DRAW = """
[[steps]]
id = "tube"
kind = "assign"
produces = { batch = "tube-{date}-{n:02}" }
"""
_MIX = """
[[steps]]
id = "tube"
kind = "scan"
do = "Scan the tube."
captures = ["batch"]
use = "consumes"
"""
_BI_TEST = f"""{_PACK}
[[steps]]
id = "result"
kind = "choice"
do = "Read it."
options = [{{ value = "negative", verdict = "pass" }}, {{ value = "positive", verdict = "fail" }}]
"""

PROTOCOLS = {
    "machine-test": header("machine-test", "Test it", "equipment", more='voided_by = ["steriliser-repair"]') + _LOOK,
    "sterilise": header("sterilise", "Sterilise", "equipment", more='valid_for = "2d"') + _LOAD,
    "bi-test": header("bi-test", "Spore test", "equipment").replace("1.0.0", "9.0.0") + _BI_TEST,
    "turnover": header("turnover", "Turn over", "room", more='voided_by = ["patient-entered"]') + _LOOK + _WIPE,
    "screen": header("screen", "Screen", "session") + _SCREEN,
    "opening": header("opening", "Open", "session", more='voided_by = ["power-loss"]') + _OPENING,
    "draw": header("draw", "Draw blood", "session") + _DRAW,
    "mix": header("mix", "Mix it", "session") + _MIX,
    "rescue": header("rescue", "Rescue", "room", category="emergency") + _CARTRIDGE,
    "spill": header("spill", "Clean a spill", "clinic") + _LOOK,
}

PROCEDURE = """
[procedure]
id = "walked"
title = "A procedure that asks for everything"
version = "1.0.0"
[[requires]]
id = "test"
protocol = "machine-test"
same = ["equipment"]
within = "2d"
[[requires]]
id = "room"
protocol = "turnover"
same = ["room"]
within = "1d"
[[requires]]
id = "screen"
protocol = "screen"
same = ["session"]
within = "1d"
[[requires]]
id = "fit"
answer = { protocol = "screen", step = "decision", is = "fit" }
[[requires]]
id = "opening"
protocol = "opening"
same = ["session"]
within = "1d"
tolerates = ["lamp"]
[[requires]]
id = "packs"
identifier = "load"
state = "released"
[[requires]]
id = "cartridges"
identifier = "serial"
[[requires]]
id = "serums"
identifier = "lot"
[[requires]]
id = "tubes"
identifier = "batch"
may_be_none = true
[[requires]]
id = "performer"
credential = "needling"
signed = { protocol = "opening", step = "ready" }
[[requires]]
id = "incident"
none_open = ["spill"]
[[closes]]
id = "cleared"
cleared = true
"""
