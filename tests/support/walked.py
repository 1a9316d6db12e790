"""Protocols that the tests of the full screen walk: every kind of step, the common path, what two read, bad words."""

EVERY_KIND = """
[protocol]
id = "every-kind"
title = "One step of every kind"
version = "1.0.0"
purpose = "Try every kind of step."
category = "clinic"
style = "read-do"
subject = "clinic"

[[steps]]
id = "wipe"
kind = "confirm"
do = "Wipe the tray."
expect = "dry and clean"
why = "A wet tray carries germs."
caution = "Gloves on."

[[steps]]
id = "temperature"
kind = "measure"
do = "Read the fridge."
unit = "Cel"
limit = { min = 2.0, max = 8.0 }
decimals = 1

[[steps]]
id = "seal"
kind = "choice"
do = "Look at the seal."
options = [{ value = "whole", verdict = "pass" }, { value = "broken", verdict = "fail" }]
hold = true

[[steps]]
id = "soak"
kind = "timer"
do = "Let it soak."
at_least = "2s"

[[steps]]
id = "cartridge"
kind = "scan"
do = "Scan the cartridge."
captures = ["gtin", "lot", "expiry"]
use = "consumes"

[[steps]]
id = "remarks"
kind = "text"
do = "Say who is here."

[[steps]]
id = "printout"
kind = "attach"
do = "Attach the printout."

[[steps]]
id = "number"
kind = "assign"
produces = { batch = "mix-{date}-{n:02}" }

[[steps]]
id = "second"
kind = "witness"
of = "seal"
do = "A second person looks at the seal."

[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""

PLAIN = """
[protocol]
id = "plain-walk"
title = "Three acts to confirm"
version = "1.0.0"
purpose = "Try the common path."
category = "clinic"
style = "read-do"
subject = "clinic"
""" + "".join(
    f'\n[[steps]]\nid = "act-{number}"\nkind = "confirm"\ndo = "Do act {number}."\nexpect = "it is done"\n'
    for number in (1, 2, 3)
)

SECOND_LOOK = """
[protocol]
id = "second-look"
title = "Read by two"
version = "1.0.0"
purpose = "Try what two people read."
category = "clinic"
style = "read-do"
subject = "clinic"

[[steps]]
id = "score"
kind = "choice"
do = "Score it."
options = [{ value = "0", verdict = "pass" }, { value = "1", verdict = "pass" }, { value = "2", verdict = "fail" }]

[[steps]]
id = "label"
kind = "scan"
do = "Scan the label."
captures = ["gtin", "lot"]
use = "consumes"

[[steps]]
id = "label-again"
kind = "witness"
of = "label"
do = "Somebody else reads the label."

[[steps]]
id = "score-again"
kind = "witness"
of = "score"
do = "Somebody else scores it."

[[steps]]
id = "gauge"
kind = "measure"
do = "Read the gauge."
unit = "Cel"
limit = { min = 2.0, max = 8.0 }
on_fail = { stop = true }
"""

LEADS = (
    PLAIN.replace("plain-walk", "leads-only")
    .replace("Three acts to confirm", "For leads only")
    .replace('subject = "clinic"', 'subject = "clinic"\nroles = ["lead"]')
)

HOSTILE = """
[protocol]
id = "hostile-words"
title = "\\u001b[31mRed\\u202e [b]bold[/b] [@click=app.exit]x[/] title"
version = "1.0.0"
purpose = "\\u009b31m[link=file:///etc]purpose[/link]"
category = "clinic"
style = "read-do"
subject = "clinic"

[[steps]]
id = "one"
kind = "confirm"
do = "[red]Do\\u001b]0;owned\\u0007 this[/red] \\u2066now\\u2069 [/] $ink-bad [not closed"
expect = "\\u0085\\u0000done[/b]"
why = "[b"
caution = "\\u001b[2J\\ue000careful"

[[steps]]
id = "two"
kind = "choice"
do = "[x][y]"
options = [{ value = "[b]yes[/b]", verdict = "pass" }, { value = "\\u001b[1mno", verdict = "pass" }]

[[steps]]
id = "three"
kind = "text"
do = "Words"
"""
