"""A picture of a Code 128 or GS1-128 barcode, as a printer puts it on paper."""

from PIL import Image, ImageDraw

from checklist.trace.code128 import QUIET, modules

FNC1 = "\x1d"
"""Where this stands in a text, the code has its function sign 1: the separator of GS1-128."""

_MODULE, _HEIGHT = 3, 120


def code128(text: str) -> Image.Image:
    """The bars of a text of plain ASCII signs."""
    bars = modules(text)
    picture = Image.new("L", ((len(bars) + 2 * QUIET) * _MODULE, _HEIGHT + 2 * QUIET), 255)
    draw = ImageDraw.Draw(picture)
    for place, black in enumerate(bars, QUIET):
        if black:
            draw.rectangle((place * _MODULE, QUIET, (place + 1) * _MODULE - 1, QUIET + _HEIGHT), fill=0)
    return picture
