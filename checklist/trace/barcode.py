"""From what a scanner sends to the identifiers on a label, whatever form the label has.

Knows scanners: what they put before and behind a code and in place of a separator. Pure: what today is and which
substitutes this clinic's scanners send, it is told. Bad input is a value, never an exception.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import get_args

from checklist.protocol.steps import Identifier
from checklist.run.reading import gtin_of, split_pairs
from checklist.trace.gs1 import GS, read_gs1, with_brackets
from checklist.trace.hibc import read_hibc
from checklist.trace.label import Label, Partial, Unread
from checklist.trace.wedge import VISIBLE_SEPARATOR, unfit_substitute, without_ends

MOST = 500
"""Longest code that is read; the largest GS1 codes in use hold less than half of it."""

KINDS = (*get_args(Identifier), "ref")

_GS1 = ("]C1", "]d2", "]Q3", "]J1", "]e0", "]e1", "]e2", "]e3")
_RETAIL = ("]E0", "]E3", "]E4", "]I1")
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_PAIRED = re.compile(r"[a-z]{2,10}=")


def read_label(
    text: str, today: date, substitutes: Iterable[str] = (), *, separators_sure: bool = False
) -> Label | Partial | Unread:
    """What a scanned text says. `substitutes` are what the clinic's scanners send for the separator (GS) beside GS
    itself; `separators_sure`: a test has shown that they send it."""
    sent = without_ends(text)
    body, prefix = sent, ""
    if match := _AIM.match(sent):
        prefix, body = match[0], sent[3:]
    if not body.strip():
        return Unread("empty", "Nothing was scanned: scan again, or read the label and type it.", text[:MOST])
    if len(body) > MOST:
        return Unread("too-long", "This code is too long for a label: scan the right one.", text[:MOST])
    if body.startswith("+") and prefix not in (*_GS1, *_RETAIL):
        return read_hibc(body, today)
    if prefix in _RETAIL and _all_digits(body):
        return _retail(body, text)
    if flipped := _in_wrong_case(prefix, body):
        return flipped
    for one in sorted({VISIBLE_SEPARATOR, *substitutes}, key=len, reverse=True):
        if one == VISIBLE_SEPARATOR or not unfit_substitute(one):
            body = body.replace(one, GS)
    if any(sign != GS and not " " <= sign <= "~" for sign in body):
        message = "The scanner and this computer disagree about the keyboard: set both to the same country."
        return Unread("layout", message, text)
    if not prefix and _PAIRED.match(body):
        return _own_label(body, text)
    return _numbered(body, prefix, today, text, separators_sure=separators_sure)


def _numbered(body: str, prefix: str, today: date, text: str, *, separators_sure: bool) -> Label | Partial | Unread:
    """A code of GS1 elements, or a GTIN alone."""
    marked, bracketed = prefix in _GS1, with_brackets(body)
    plain = Unread("plain", "This is no label of GS1 or HIBC: read the label and type what is asked.", text)
    if prefix and not marked:
        return plain
    sure = separators_sure or bracketed != body
    found = read_gs1(bracketed, today, marked=marked or bracketed != body, separators_sure=sure)
    gtin = gtin_of(body) if not prefix and len(body) >= 13 else None
    if gtin is None:
        return found or plain
    if found is not None:
        return Unread("unclear", "This code can be read in two ways: read the label and type it.", text)
    return Label("gs1", {"gtin": gtin})


def _all_digits(body: str) -> bool:
    return body.isascii() and body.isdecimal()


def _retail(body: str, text: str) -> Label | Unread:
    """The code of a thing in a shop: a GTIN and nothing else; an add-on of two or five digits is dropped."""
    found = next((gtin for gtin in map(gtin_of, (body, body[:13])) if gtin), None)
    if found is None:
        return Unread("check", "The code was not read right: scan again, or read the label and type it.", text)
    return Label("gs1", {"gtin": found})


def _in_wrong_case(prefix: str, body: str) -> Unread | None:
    """Caps Lock turns ]d2 into ]D2, and with it every letter of a lot."""
    if prefix not in _GS1 and prefix.swapcase() in _GS1:
        return Unread(
            "caps-lock", "The letters came in the wrong case: turn Caps Lock off and scan again.", prefix + body
        )
    return None


def _own_label(body: str, text: str) -> Label | Unread:
    """A label that the clinic printed: `load=S1-20261122-03`, the form in which it could be typed."""
    pairs = split_pairs(body.replace(GS, " "))
    if not pairs or not set(pairs) <= set(KINDS) or not all(pairs.values()):
        return Unread("plain", "This is no label of the clinic: read the label and type what is asked.", text)
    return Label("typed", pairs)
