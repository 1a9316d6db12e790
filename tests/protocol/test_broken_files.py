"""Whatever is in a file: a valid protocol or faults with a place, never anything else."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checklist.protocol.loader import LoadedProtocol, parse
from checklist.protocol.showing.show import as_text
from tests.support.text import is_clean

DATA = (Path(__file__).parent / "files" / "steriliser-load.toml").read_bytes()
LINES = DATA.split(b"\n")

VALUES = st.sampled_from(
    [
        b"true", b"-1", b"0", b"1e999999999999999999999", b"nan", b"inf", b"0x" + b"f" * 5000, b"9" * 5000,
        b"[]", b"{}", b"[[[]]]", b"[" * 500 + b"]" * 500, b"{ a = { b = { c = 1 } } }", b"1979-05-27T07:32:00Z",
        b'""', b'"\\u001b[2J\\u202e\\u0000"', b'"\\U0010ffff"', b'"' + b"x" * 3000 + b'"', b"'''a\nb'''",
        b'{ profile = "x" }', b"{ profile = 5 }", b'["inspect", "inspect"]', b'"inspect"', b'"release"', b'"printout"',
        b'"3m"', b'"{n:99}{"', b"[{ value = 1 }]", b'{ step = "printout", is = "no" }',
        b'{ step = "release", is = "x" }',
        b'{ min = 5, max = 1 }', b"{ min = 1e400 }", b'{ load = "{room}" }', b".5", b"=", b"a" * 2000 + b".b",
    ]
)  # fmt: skip
INSERTS = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            b"\x1b[31m", "\u202e".encode(), "\ue000".encode(), b"\xed\xa0\x80", b"\x00", b"\r", b'"', b"'''", b'"""',
            b"[[steps]]\n", b"[steps]\n", b"[[checks]]\n", b"[protocol]\n", b"\n[a.b.c]\n", b".".join([b"a"] * 3000),
            b"#", b"\n", b"}", b"]", b",", b"\\u001b",
        ]
    ),
)  # fmt: skip


@st.composite
def broken_files(draw: st.DrawFn) -> bytes:
    """The example with one to four pieces of damage."""
    data = DATA
    for _ in range(draw(st.integers(1, 4))):
        data = draw(st.sampled_from([_flip, _delete, _insert, _new_value, _copy_lines, _rename]))(draw, data)
    return data


def _flip(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, max(0, len(data) - 1)))
    return data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]


def _delete(draw: st.DrawFn, data: bytes) -> bytes:
    start = draw(st.integers(0, len(data)))
    return data[:start] + data[start + draw(st.sampled_from([1, 2, 10, 100, 1000, 10_000])) :]


def _insert(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(INSERTS) + data[at:]


def _new_value(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at = draw(st.integers(0, len(lines) - 1))
    key = lines[at].split(b"=")[0]
    return b"\n".join([*lines[:at], key + b"= " + draw(VALUES), *lines[at + 1 :]])


def _copy_lines(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.split(b"\n")
    start, count = draw(st.integers(0, len(lines))), draw(st.integers(1, 30))
    to = draw(st.integers(0, len(lines)))
    return b"\n".join([*lines[:to], *lines[start : start + count], *lines[to:]])


def _rename(draw: st.DrawFn, data: bytes) -> bytes:
    words = [b"id", b"kind", b"do", b"min", b"when", b"step", b"is", b"implant", b"inspect", b"confirm", b"Cel", b"yes"]
    return data.replace(draw(st.sampled_from(words)), draw(st.sampled_from(words)), draw(st.integers(1, 3)))


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(broken_files())
def test_a_damaged_file_is_a_protocol_or_has_faults_with_places(data: bytes) -> None:
    result = parse(data, name="steriliser-load.toml")
    if isinstance(result, LoadedProtocol):
        assert result.data == data
        assert is_clean(as_text(result.protocol), multiline=True)
        return
    assert result
    lines = data.count(b"\n") + 2
    for fault in result:
        assert is_clean(str(fault)), repr(str(fault))
        assert fault.message
        assert fault.fix
        assert 1 <= fault.line <= lines
        assert fault.column >= 1
        assert "pydantic" not in str(fault)
        assert "does not fit" not in fault.message


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_answered(data: bytes) -> None:
    result = parse(data, name="x.toml")
    assert isinstance(result, list)
    assert result
