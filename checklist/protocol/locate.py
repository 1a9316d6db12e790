"""Where a key path stands in the text of a TOML file.

Reads text that `tomli` has accepted, only to remember places; it judges nothing, and for a path it does not
know it gives the nearest parent's place, at worst 1:1. One pass, no recursion, linear in the text's length.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

import tomli

_TOKEN: Final = re.compile(
    r"""
      (?P<space>[ \t\r]+)
    | (?P<comment>\#[^\n]*)
    | (?P<newline>\n)
    | (?P<long>\"\"\"(?:[^\\]|\\.)*?\"\"\"\"{0,2} | '''.*?''''{0,2})
    | (?P<basic>"(?:[^"\\\n]|\\.)*")
    | (?P<literal>'[^'\n]*')
    | (?P<sign>[][{}=,.])
    | (?P<bare>[^][{}=,.\s\#"']+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Place(NamedTuple):
    """A line and a column of a text, both counted from 1, in characters."""

    line: int
    column: int


class _Node:
    """One key or list item: where it stands, and what stands under it."""

    __slots__ = ("children", "is_tables", "offset")

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.children: dict[str | int, _Node] = {}
        self.is_tables = False

    def child(self, key: str | int, offset: int) -> "_Node":
        """Return the child of that key, made at `offset` if it is new."""
        found = self.children.get(key)
        if found is None:
            found = self.children[key] = _Node(offset)
        return found

    def table(self) -> "_Node":
        """Return where keys under this header go: the last table of an array of tables, else itself."""
        return self.children[len(self.children) - 1] if self.is_tables else self


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


class Locator:
    """The places of all keys of one text."""

    def __init__(self, text: str) -> None:
        """Read `text`; never raises for text that tomli accepts with the same line breaks."""
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._root = _Node(0)
        _Reader(self._root).read(text)

    def place(self, path: tuple[str | int, ...]) -> Place:
        """Return the place of the key or list item at `path`, or of its nearest known parent."""
        node = self._root
        for key in path:
            found = node.children.get(key)
            if found is None:
                break
            node = found
        return self.at(node.offset)

    def at(self, offset: int) -> Place:
        """Return the place of a character counted from 0."""
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)


class _Frame:
    """An open bracket: `[` with the items counted so far, `{` with the key being read, or the file itself."""

    __slots__ = ("count", "expects_item", "is_list", "keys", "node")

    def __init__(self, node: _Node, *, is_list: bool) -> None:
        self.node = node
        self.is_list = is_list
        self.count = 0
        self.expects_item = is_list
        self.keys: list[_Token] = []

    def take_key(self) -> _Node:
        """Return the node that the keys read so far name, and forget them."""
        node = self.node
        for token in self.keys:
            node = node.child(_key_text(token), token.offset)
        self.keys = []
        return node


class _Reader:
    def __init__(self, root: _Node) -> None:
        self.root = root
        self.frames = [_Frame(root, is_list=False)]
        self.value_of: _Node | None = None  # set from `=` to the end of its value

    def read(self, text: str) -> None:
        tokens = _tokens(text)
        at_line_start = True
        for token in tokens:
            if at_line_start and token.text == "[" and len(self.frames) == 1:
                self._header(token, tokens)
            else:
                self._take(token)
            at_line_start = token.kind == "newline" or (at_line_start and token.kind == "space")

    def _header(self, opening: _Token, tokens: Iterator[_Token]) -> None:
        keys: list[_Token] = []
        is_array = False
        for token in tokens:
            if token.text == "[":
                is_array = True
            elif token.text == "]":
                break
            elif token.text != "." and token.kind != "space":
                keys.append(token)
        node = self.root
        for index, token in enumerate(keys):
            node = node.child(_key_text(token), opening.offset)
            if is_array and index == len(keys) - 1:
                node.is_tables = True
                node.child(len(node.children), opening.offset)
            node = node.table()
        self.frames = [_Frame(node, is_list=False)]
        self.value_of = None

    def _take(self, token: _Token) -> None:
        frame = self.frames[-1]
        if token.kind == "sign":
            self._sign(token, frame)
        elif token.kind == "newline":
            if len(self.frames) == 1:
                self.value_of = None
                frame.keys = []
        elif token.kind not in {"space", "comment"}:
            if frame.is_list:
                self._item(frame, token)
            elif self.value_of is None:
                frame.keys.append(token)

    def _item(self, frame: _Frame, token: _Token) -> _Node:
        """Return the node of the list item that `token` begins or goes on with."""
        if frame.expects_item:
            frame.expects_item = False
            frame.count += 1
        return frame.node.child(frame.count - 1, token.offset)

    def _sign(self, token: _Token, frame: _Frame) -> None:
        if token.text in "[{":
            node = self._item(frame, token) if frame.is_list else self.value_of
            if node is not None:
                self.frames.append(_Frame(node, is_list=token.text == "["))
                self.value_of = None
        elif token.text in "]}":
            if len(self.frames) > 1:
                self.frames.pop()
                self.value_of = self.frames[-1].node  # the bracket was a value; what follows is no key
        elif token.text == ",":
            frame.expects_item = frame.is_list
            self.value_of = None
            frame.keys = []
        elif token.text == "=" and not frame.is_list:
            self.value_of = frame.take_key()


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        yield _Token(match.lastgroup or "other", match.group(), match.start())


def _key_text(token: _Token) -> str:
    if token.kind == "literal":
        return token.text[1:-1]
    if token.kind != "basic":
        return token.text
    if "\\" not in token.text:
        return token.text[1:-1]
    return str(tomli.loads(f"key = {token.text}")["key"])
