"""Pictures as they leave Vega made lean, and given the colours of a page: they hold nothing that acts, and name nothing
outside themselves. Knows tags and attributes; what a picture shows is not its business."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

INK: Final = "#1a1b1c"
FAINT: Final = "#c9cacb"
FILL: Final = "#3a6ea6"
HATCHED: Final = "#0000a2"
PAPER: Final = "#fefdfc"
"""The stand-ins: lines and words, what lies behind them, and how bars are filled, in their order."""
FONT: Final = "Liberation Sans"
_MARGIN: Final = 36
_ATTRIBUTES: Final = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events|opacity="1"(?= |/|>))(?:="[^"]*")?')
_NOTHING: Final = re.compile(r'<path(?: [a-z-]+="[^"]*")*? d="(?:|M0,0h0v0h0Z)"(?: [a-z-]+="[^"]*")*/>')
_UNSEEN: Final = re.compile(r"<g(?: transform=\"translate\(0,0\)\")?></g>")
_OPENING: Final = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')
_TAG: Final = re.compile(r"<[^>]+>")
_LONG: Final = re.compile(r"(\d\.\d\d)\d+")
_NAMED: Final = re.compile(r'( id="|url\(#|href="#)')


def lean(svg: str) -> str:
    """The picture without what nobody sees, in a frame with some room."""
    # Words stand between tags, and stay as they are.
    svg = _TAG.sub(lambda tag: _LONG.sub(r"\1", _ATTRIBUTES.sub("", tag[0])), svg)
    svg = _UNSEEN.sub("", _NOTHING.sub("", svg))
    return _OPENING.sub(_roomy, svg, count=1)


def inked(svg: str, key: str, inks: Mapping[str, str], font: str) -> str:
    """The picture in other colours and another font, with every name in it under `key`, so that many stand on one
    page."""
    hatching = (
        f'<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="5" height="5" fill="{PAPER}"/>'
        f'<rect width="2" height="5" fill="{INK}"/></pattern></defs>'
    )
    if HATCHED in svg:
        opening, closed, rest = svg.partition(">")
        svg = f"{opening}{closed}{hatching}{rest}"
    changes = {f'"{stand_in}"': f'"{ink}"' for stand_in, ink in inks.items()}
    changes[f'"{HATCHED}"'] = '"url(#hatch)"'
    changes[f'"{FONT}"'] = f'"{font}"'
    told_apart = re.compile("|".join(map(re.escape, changes)))

    def changed(tag: re.Match[str]) -> str:
        return _NAMED.sub(rf"\g<1>{key}-", told_apart.sub(lambda found: changes[found[0]], tag[0]))

    return _TAG.sub(changed, svg)


def _roomy(opening: re.Match[str]) -> str:
    """The picture's frame, with room for words in a font that is wider than the one it was measured with."""
    width, height = (round(float(size)) for size in opening.groups())
    wide = width + 2 * _MARGIN
    frame = f'width="{wide}" height="{height}" viewBox="{-_MARGIN} 0 {wide} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>'
