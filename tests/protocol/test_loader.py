"""One file in, a protocol or located faults out; nothing else, whatever the file."""

import hashlib
import os
from decimal import Decimal
from pathlib import Path

import pytest

from checklist.protocol.errors import Fault, ProtocolFileError
from checklist.protocol.loader import MAX_BYTES, MAX_LINES, LoadedProtocol, load, load_folder, parse, read
from checklist.protocol.model import Measure


def only_fault(result: LoadedProtocol | list[Fault]) -> Fault:
    assert isinstance(result, list)
    assert len(result) == 1, [str(fault) for fault in result]
    return result[0]


def test_a_good_file_comes_with_its_bytes_and_their_digest(example_path: Path) -> None:
    loaded = load(example_path)
    assert loaded.data == example_path.read_bytes()
    assert loaded.sha256 == hashlib.sha256(loaded.data).hexdigest()
    assert loaded.protocol.id == "steriliser-load"


def test_numbers_are_decimals_with_the_digits_of_the_file(example_path: Path) -> None:
    step = load(example_path).protocol.step("exposure-temperature")
    assert isinstance(step, Measure)
    assert step.limit is not None
    assert isinstance(step.limit.max, Decimal)
    assert str(step.limit.max) == "138.0"


def test_a_byte_order_mark_is_taken_off_but_belongs_to_the_digest(example: str) -> None:
    data = b"\xef\xbb\xbf" + example.encode()
    loaded = parse(data, name="steriliser-load.toml")
    assert isinstance(loaded, LoadedProtocol)
    assert loaded.sha256 == hashlib.sha256(data).hexdigest()


def test_windows_line_ends_change_no_place(example: str) -> None:
    broken = example.replace('"Cel"', '"C"')
    unix = parse(broken.encode(), name="steriliser-load.toml")
    windows = parse(broken.replace("\n", "\r\n").encode(), name="steriliser-load.toml")
    assert unix == windows
    assert isinstance(parse(example.replace("\n", "\r\n").encode(), name="steriliser-load.toml"), LoadedProtocol)


def test_the_id_is_the_name_of_the_file(example: str) -> None:
    fault = only_fault(parse(example.encode(), name="folder/other.toml"))
    assert (fault.file, fault.line, fault.column, fault.rule) == ("folder/other.toml", 3, 1, "file-name")


@pytest.mark.parametrize(
    ("data", "place", "told"),
    [
        (b"a = 1\n\nb= = 2\n", (3, 4), "not valid TOML: invalid value"),
        (b"a = 1\na = 2\n", (2, 6), "not valid TOML: cannot overwrite a value"),
        (b'a = "\\ud800"', (1, 12), "scalar value"),
        (b'a = "\x1b"', (1, 6), "illegal character"),
        (b'ok = 1\nb = "\xff"', (2, 6), "not UTF-8"),
        (b"\xef\xbb\xbf\xff", (1, 1), "not UTF-8"),
        (b"\xff\xfea\x00", (1, 1), "not UTF-8"),
        (b"a = " + b"[" * 50_000, (1, 1), "nests too deeply"),
        (b"ok = 1\na = 1" + b"0" * 5000, (2, 5), "no usable number"),
        (b"a = 2024-02-30", (1, 5), "not valid TOML"),
    ],
)
def test_a_file_that_is_no_toml_has_one_fault_with_its_place(data: bytes, place: tuple[int, int], told: str) -> None:
    fault = only_fault(parse(data, name="x.toml"))
    assert told in fault.message
    assert (fault.line, fault.column) == place
    assert fault.fix


def test_a_huge_exponent_is_told_where_it_stands(example: str) -> None:
    for number in ("1e99999999999999999999", "1e400", "0x" + "f" * 9000):
        data = example.replace("max = 138.0", f"max = {number}").encode()
        result = parse(data, name="steriliser-load.toml")
        fault = only_fault(result)
        assert fault.line == 40
        assert "limit.max" in fault.message


def test_size_ends_at_256_kib(example: str) -> None:
    room = MAX_BYTES - len(example.encode())
    full = example.encode() + b"#" + b"x" * (room - 1)
    assert len(full) == MAX_BYTES
    assert isinstance(parse(full, name="steriliser-load.toml"), LoadedProtocol)
    fault = only_fault(parse(full + b"x", name="steriliser-load.toml"))
    assert (fault.rule, fault.line, fault.column) == ("too-large", 1, 1)


@pytest.mark.parametrize("end", ["", "\n"])
def test_lines_end_at_two_thousand(example: str, end: str) -> None:
    missing = MAX_LINES - example.count("\n")
    full = example + "\n" * (missing - 1) + "# last" + end
    assert isinstance(parse(full.encode(), name="steriliser-load.toml"), LoadedProtocol)
    fault = only_fault(parse(("\n" + full).encode(), name="steriliser-load.toml"))
    assert (fault.rule, fault.line) == ("too-long", 2001)


def test_text_is_cleaned_at_the_door(example: str) -> None:
    dirty = example.replace("Read the exposure temperature", "Read \\u001b]0;x\\u0007 the\\u202e [red]exposure[/red]")
    loaded = parse(dirty.encode(), name="steriliser-load.toml")
    assert isinstance(loaded, LoadedProtocol)
    assert loaded.protocol.step("exposure-temperature").do == "Read ]0;x the [red]exposure[/red] from the printout."


def test_no_file_name_and_no_key_can_act_on_the_terminal() -> None:
    fault = only_fault(parse(b"=", name="\x1b[31m\u202ex.toml"))
    assert fault.file == "[31mx.toml"
    faults = parse(b'"\\u001b[2J" = 1', name="x.toml")
    assert isinstance(faults, list)
    assert "\x1b" not in "".join(map(str, faults))


@pytest.mark.parametrize("name", ["absent.toml", "folder.toml", "link.toml", "pipe.toml", "nul\0.toml", "x" * 300])
def test_what_is_no_readable_file_is_a_fault_at_its_start(tmp_path: Path, example_path: Path, name: str) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "link.toml").symlink_to(example_path)
    os.mkfifo(tmp_path / "pipe.toml")
    fault = only_fault(read(tmp_path / name))
    assert (fault.line, fault.column, fault.rule) == (1, 1, "unreadable")
    assert fault.message.startswith("cannot be read: ")


def test_a_file_with_faults_is_refused_with_all_of_them(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("x = 1\n")
    with pytest.raises(ProtocolFileError, match=r"bad\.toml:1:1: ") as error:
        load(bad)
    assert len(error.value.faults) == 3
    assert len(str(error.value).splitlines()) == 3


def test_a_bad_file_never_hides_the_good_ones(tmp_path: Path, example: str) -> None:
    (tmp_path / "steriliser-load.toml").write_text(example, encoding="utf-8")
    (tmp_path / "another.toml").write_text(example.replace('"steriliser-load"', '"another"'), encoding="utf-8")
    (tmp_path / "broken.toml").write_text("= =")
    (tmp_path / "notes.txt").write_text("not a protocol")
    os.mkfifo(tmp_path / "pipe.toml")
    good, faults = load_folder(tmp_path)
    assert list(good) == ["another", "steriliser-load"]
    assert [Path(fault.file).name for fault in faults] == ["broken.toml", "pipe.toml"]


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    good, faults = load_folder(tmp_path / "absent")
    assert good == {}
    assert only_fault(faults).rule == "unreadable"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"protocol = 5\nsteps = 5\nchecks = 5", "steps is 5, not a list of tables"),
        (b"steps = [5]\nchecks = [5]", "step 1 is 5, not a table"),
        (b"steps = [5]\nchecks = [5]", "check 1 is 5, not a table"),
        (b"", "the table [protocol] is missing"),
        (b"[protocol]\nid = 5", "[protocol]: id is 5, not words in quotes"),
    ],
)
def test_wrong_shapes_are_told(data: bytes, told: str) -> None:
    result = parse(data, name="x.toml")
    assert isinstance(result, list)
    assert any(told in fault.message for fault in result)


def test_a_hostile_number_of_faults_is_cut_short() -> None:
    keys = ", ".join(f"k{n} = 1" for n in range(20_000))
    result = parse(f"steps = [{{ id = 'a', kind = 'text', {keys} }}]\nx = {{ {keys} }}".encode(), name="x.toml")
    assert isinstance(result, list)
    assert len(result) < 60
