"""The words and marks of a run (design §2): shape and word carry the meaning; colour only helps.

Only words: whoever shows a list of runs need not load what a run is made of.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """The state of a step, in the words of design §2 and §7."""

    PENDING = "pending"
    CURRENT = "current"
    DONE = "done"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not-applicable"
    DEFERRED = "deferred"
    FAILED = "failed"
    OVERRIDDEN = "overridden"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a run stands or ended."""

    OPEN = "open"
    COMPLETE = "complete"
    COMPLETE_EXCEPT_DEFERRED = "complete-except-deferred"
    FAILED = "failed"
    ABANDONED = "abandoned"
    EXPIRED = "expired"


class Look(StrEnum):
    """How a step looks on a screen or a line: the states of design §2, each with its own mark."""

    PENDING = "pending"
    CURRENT = "current"
    WAITING = "waiting"
    WITNESS = "witness"
    DONE = "done"
    DEVIATION = "deviation"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not-applicable"
    DEFERRED = "deferred"
    FAILED = "failed"
    BLOCKED = "blocked"
    OVERRIDDEN = "overridden"
    UNKNOWN = "unknown"


MARKS: Mapping[Look, str] = MappingProxyType(
    {
        Look.PENDING: "[ ]",
        Look.CURRENT: "[>]",
        Look.WAITING: "(~)",
        Look.WITNESS: "(2)",
        Look.DONE: "[x]",
        Look.DEVIATION: "/!\\",
        Look.SKIPPED: "[-]",
        Look.NOT_APPLICABLE: "[.]",
        Look.DEFERRED: "(+)",
        Look.FAILED: "<X>",
        Look.BLOCKED: "<#>",
        Look.OVERRIDDEN: "/O\\",
        Look.UNKNOWN: "{?}",
    }
)
