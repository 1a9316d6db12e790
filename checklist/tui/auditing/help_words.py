"""What the help says of the keys of the auditor's screens. Only words: the help needs nothing else of them."""

from typing import Final

_TAKE: Final = (
    ("C", "copies what is seen, where the terminal allows it; it stands on the screen, too."),
    ("E", "takes it along as a file: JSON Lines to the byte, or CSV. The record says that it was exported."),
)

LOG_KEYS: Final = {
    "log": (
        ("Enter", "opens a row: a run as a story, an entry, or what was not done."),
        ("1 - 6, 0", "today, this week, deviations, findings, missed, overrides; 0: all"),
        (
            "F3 or /",
            "a filter; Ctrl+U clears it. Different words must all hold; the same word twice: either; - in front: not.",
        ),
        ("", "protocol:ID step:ID run:a#7 session:ID operator:NAME who: actor:"),
        ("", "day:2027-03-31 since:… until:… outcome:failed state:skipped"),
        ("", "room:room-1 equipment:S1 subject:room=room-1 kind:cleared via:…"),
        ("", "lot:A1 batch: load: serial: pack: gtin: expiry: identifier:lot=A1"),
        ("", "is:missed is:open finding:any rule:ID deviation:yes deviation:no"),
        ("", "deviation:unplanned: not what was put off as planned and kept"),
        ("", 'What has no colon, or stands in "quotes", is looked for in values, ids, titles and words.'),
        ("F4", "keeps a filter under a name, uses one that was kept, or copies it as a line for somebody else."),
        ("F2, F6", "findings by rule, and the numbers of a period."),
        *_TAKE,
    ),
    "story": (
        ("Enter", "opens the entry behind what is highlighted, F2 its proof."),
        ("F3", "compares with another run. F4 shows the same step in other runs: value, time, who."),
        ("F6", "leaves a remark or a question at the entry. It is all that an auditor writes."),
        *_TAKE,
    ),
    "elsewhere": (("Enter", "reads another run in which the same step was done."), _TAKE[0]),
    "compare": (
        (
            "<>",
            "marks steps whose state, value, limits or wording differ, or that took more attempts: these are counted.",
        ),
        ("~", "tells that others did it, or that one time is twice the other and 30 s longer; it is not counted."),
        _TAKE[0],
    ),
    "findings": (
        ("Enter", "shows what a rule points at. F2 tells what the rule is, and what may honestly account for it."),
        ("", "A finding points at what was seen in the record. It says nothing about who is to blame."),
    ),
    "finding": (
        ("Enter", "reads the run, F4 the entry. A review can be recorded only after one of them."),
        ("F3", "records the review of a lead: the words, and how long it was looked at."),
        ("F2", "leaves a remark or a question, as everybody may."),
    ),
    "numbers": (
        ("1 - 7", "or the arrows to the sides show another picture. F2 shows the same numbers as a table."),
        ("F3, F4", "the next reading, or one that is chosen. F6 asks for another time."),
        _TAKE[0],
    ),
}
