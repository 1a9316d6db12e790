"""Shipped files as somebody in a hurry leaves them."""

from typing import Final

from hypothesis import strategies as st

from checklist.protocol.library import shipped_folder

SHIPPED: Final = [path.read_bytes() for path in sorted(shipped_folder().rglob("*.toml"))]


VALUES: Final = [b'"TODO?"', b"0", b"-1e9", b"[]", b"{}", b"true", '"134 °C"'.encode(), b'"must be {x} and wipe the y"']


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A shipped file with some lines taken out, doubled, exchanged, given other values or followed by anything."""
    lines = draw(st.sampled_from(SHIPPED)).split(b"\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        key, _equals, _value = lines[at].partition(b"=")
        other = draw(st.sampled_from(draw(st.sampled_from(SHIPPED)).split(b"\n")))
        given_value = key + b"= " + draw(st.sampled_from(VALUES))
        anything = lines[at] + draw(st.binary(max_size=20))
        lines[at : at + 1] = draw(
            st.sampled_from([[], [lines[at], lines[at]], [other], [given_value], [given_value], [anything]])
        )
        lines = lines or [b""]
    return b"\n".join(lines)
