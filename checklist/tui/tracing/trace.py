"""The trace: where something came from and where it went, as a tree that grows where somebody opens it.

One level is read at a time. What can be done to what is highlighted is in `trace_acts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content

from checklist.run.marks import Look
from checklist.tui import reads
from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.lines import Lines
from checklist.tui.marks import mark
from checklist.tui.rows import Item, Rows
from checklist.tui.say import row, say, wrapped
from checklist.tui.tracing import trace_reads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.widget import Widget

    from checklist.tui.tracing.trace_reads import Branch, Node

_ROOT: Final = "."
_IN: Final = "\n"
"""Stands in no name."""
_STEP: Final = 3
_DEEPEST: Final = 12
"""Deeper than this rows are not set further in: they would have no room left."""


class TraceFace(Face[None]):
    """One tree. A place in it is the names of what leads there: whatever grows beside it, it stays where it is."""

    DEFAULT_CSS = "TraceFace #summary { height: auto; padding: 0 1; }"

    def __init__(self, root: Node, summary: str, branch: Branch) -> None:
        super().__init__()
        self.root = root
        self.summary = summary
        self._open: dict[str, Branch] = {_ROOT: branch}
        self._entries = 0
        """How many entries the record had when all of it was last read."""
        self._looking = False

    def body(self) -> Iterable[Widget]:
        """How far it went, and the tree."""
        yield Lines(id="summary")
        yield Rows(classes="body")

    # -- the tree -----------------------------------------------------------------------------------------

    def at(self, place: str) -> Node | None:
        """What stands at a place."""
        parent, _, name = place.rpartition(_IN)
        if not parent:
            return self.root
        branch = self._open.get(parent)
        return next((one for one in branch.nodes if _name(one) == name), None) if branch is not None else None

    @property
    def place(self) -> str:
        """The highlighted place."""
        return (self.query_one(Rows).chosen if self.is_mounted else None) or _ROOT

    @property
    def node(self) -> Node:
        """What is highlighted."""
        return self.at(self.place) or self.root

    def is_open(self, place: str) -> bool:
        """Whether what grows from there is shown."""
        return place in self._open

    async def grow(self, place: str) -> None:
        """Show what grows from there, but for where it was come from."""
        node, parent = self.at(place), self.at(place.rpartition(_IN)[0]) if _IN in place else None
        if node is None or node.leaf:
            return
        found = await self.desk.keeper.call(trace_reads.branch, node.kind, node.value)
        whence = (parent.kind, parent.value) if parent is not None else None
        nodes = tuple(one for one in found.nodes if (one.kind, one.value) != whence)
        self._open[place] = trace_reads.Branch(nodes, found.more)

    def close(self, place: str) -> None:
        """Hide it again, with all that grew from it."""
        for one in [key for key in self._open if key == place or key.startswith(f"{place}{_IN}")]:
            del self._open[one]

    async def reload(self) -> None:
        """Read everything that is open anew: something in it has changed."""
        self._entries = await self.desk.keeper.call(reads.size)
        root = await self.desk.keeper.call(trace_reads.node, self.root.kind, self.root.value)
        self.summary = await self.desk.keeper.call(trace_reads.summary, root.kind, root.value)
        self.root = root
        for place in sorted(self._open, key=lambda one: one.count(_IN)):
            if self.at(place) is None:
                self.close(place)
            elif self.is_open(place):  # nobody has closed it meanwhile
                await self.grow(place)
        self.show()

    def ticked(self) -> None:
        """See what another program has recorded."""
        super().ticked()
        if self.is_active and not self._looking:
            self._looking = True
            self.run_worker(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            size = await self.desk.keeper.quietly(reads.size)
        finally:
            self._looking = False
        if size is not None and size != self._entries and self.is_active and not self.desk.keys.busy:
            self.desk.act(self.reload)

    def _rows(self, place: str, node: Node, depth: int) -> Iterator[Item]:
        set_in = " " * (_STEP * min(depth, _DEEPEST))
        sign = "  " if node.leaf else "- " if self.is_open(place) else "+ "
        look = mark(node.look) if node.state or node.look is not Look.PENDING else say("   ")
        how = say(f"{node.how} ", "$ink-calm") if node.how else Content("")
        state = say(f"  {node.state.upper()}", "bold") if node.state else Content("")
        private = say(f"  ({node.private})") if node.private and self.desk.who is not None else Content("")
        text = row(set_in, say(sign, "$ink-now bold"), look, " ", how, say(node.words), private, state)
        yield Item(text, place, " " * (len(set_in) + 6))
        branch = self._open.get(place)
        if branch is None:
            return
        for one in branch.nodes:
            yield from self._rows(f"{place}{_IN}{_name(one)}", one, depth + 1)
        deeper = " " * (_STEP * min(depth + 1, _DEEPEST) + 6)
        if branch.more:
            yield Item(say(f"{deeper}… {branch.more}"))
        elif not branch.nodes:
            yield Item(say(f"{deeper}nothing {'else ' if depth else ''}is known of it"))

    # -- what it looks like -------------------------------------------------------------------------------

    def heading(self) -> str:
        """What is followed."""
        return f"TRACE   {self.root.words}"

    def tag(self) -> str:
        """What a key would act on."""
        return f"{self.place}/{self.node.kind}/{self.node.value}/{self.node.state}"

    def refreshed(self) -> None:
        """Fill the tree."""
        told = wrapped(say(self.summary), max(self.size.width - 2, 40)) if self.summary else []
        self.query_one("#summary", Lines).show(told)
        self.query_one(Rows).show([*self._rows(_ROOT, self.root, 0)], first=True)

    def advice(self) -> str:
        """How to look further."""
        return "Enter or the right arrow opens a row, the left arrow closes it."

    # -- keys ---------------------------------------------------------------------------------------------

    def keys(self) -> Sequence[Key]:
        """Open and close, what can be done to it, and out."""
        from checklist.tui.tracing.trace_acts import act_keys

        node = self.node
        off = "Nothing more is known of this." if node.leaf else ""
        label = "CLOSE THE ROW" if self.is_open(self.place) else "OPEN THE ROW"
        return (Key("enter", label, self._turn, off), *act_keys(self), Key("escape", "BACK", self._end))

    def find(self, name: str) -> Key | None:
        """Ctrl+Q goes back too."""
        return super().find("escape" if name == "ctrl+q" else name)

    def moved(self, key: str) -> None:
        """Look through the tree; the arrows to the sides open and close."""
        rows, place = self.query_one(Rows), self.place
        steps = {"up": -1, "down": 1, "pageup": -rows.page, "pagedown": rows.page, "home": -999, "end": 999}
        if key in steps:
            rows.move(steps[key])
        elif key == "right" and not self.is_open(place) and not self.node.leaf:
            self.desk.act(self._turn)
        elif key == "left" and self.is_open(place):
            self.close(place)
            self.show()
        elif key == "left" and _IN in place:
            self._to(place.rpartition(_IN)[0])

    def _to(self, place: str) -> None:
        places = [item.key for item in self._rows(_ROOT, self.root, 0) if item.key is not None]
        if place in places:
            self.query_one(Rows).pick(places.index(place))
            self.show_bars()

    async def _turn(self) -> None:
        place = self.place
        if self.is_open(place):
            self.close(place)
        else:
            await self.grow(place)

    def _end(self) -> None:
        self.answer(None)


def _name(node: Node) -> str:
    """What it is called among what grows from the same: one run may have made a thing and seen it."""
    return f"{node.kind}={node.value}:{node.how}"
