"""A text as the bars of a Code 128, by the published table of its bars (ISO/IEC 15417), code set B.

Knows bars, not what is printed with them.
"""

from checklist.trace.wedge import GROUP_SEPARATOR

_TABLE = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
"""
_WIDTHS = _TABLE.split()
_START_B, _STOP, _FUNCTION_1 = 104, 106, 102
QUIET = 10
"""How many modules stay white before and behind the bars."""


def can_hold(text: str) -> bool:
    """Whether these signs can be written so: plain ASCII, and the separator, which is the code's function sign 1."""
    return bool(text) and all(" " <= sign <= "~" or sign == GROUP_SEPARATOR for sign in text)


def modules(text: str) -> list[bool]:
    """The modules from left to right, black ones True, without the quiet zones. What cannot be held is a ValueError."""
    if not can_hold(text):
        raise ValueError("Code 128 holds plain ASCII signs.")
    signs = [_START_B, *(_FUNCTION_1 if sign == GROUP_SEPARATOR else ord(sign) - 32 for sign in text)]
    check = (signs[0] + sum(place * sign for place, sign in enumerate(signs))) % 103
    widths = "".join(_WIDTHS[sign] for sign in (*signs, check, _STOP))
    return [at % 2 == 0 for at, width in enumerate(widths) for _ in range(int(width))]
