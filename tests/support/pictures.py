"""Pictures of codes, and a decoder that knows nothing of us."""

import io

import segno
from PIL import Image
from pyzbar import pyzbar


def seen(picture: Image.Image, kind: str) -> str:
    """What the decoder finds in a picture: one code of that kind."""
    (found,) = pyzbar.decode(picture)
    assert found.type == kind
    text: bytes = found.data
    return text.decode("utf-8")


def qr(text: str) -> Image.Image:
    """A QR code as it would be printed."""
    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(out, kind="png", scale=6, border=4)
    return Image.open(out)


def all_seen(picture: Image.Image) -> list[str]:
    """Everything that the decoder finds in a picture."""
    return sorted(code.data.decode("utf-8") for code in pyzbar.decode(picture))
