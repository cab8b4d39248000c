"""The entries of one conversation, and their JSON."""

from collections.abc import Iterator

from storyarn_pipelines.serializers.unity.fields import ACTOR, field, link, quoted, rect
from storyarn_pipelines.serializers.unity.ids import (
    CALLS_END,
    END,
    ENTER,
    NARRATOR,
    PLAYER,
    RETURNS,
    START,
    Numbers,
)

CONTINUE = "Continue()"
"""The sequence of entries that show nothing."""

LOW, BELOW_NORMAL, NORMAL, ABOVE_NORMAL, HIGH = range(5)
"""Priorities of links."""


class Entry:
    """One entry. An ordinary one runs its script when it is entered, a group has none.

    ``speaks``: the reader sees it. ``sure``: if its condition holds, something follows it, so a
    group may become an ordinary entry. ``links`` hold conversation, entry and priority.
    """

    __slots__ = (
        "actor", "condition", "conversant", "extra", "id", "is_group", "links", "menu", "node_id",
        "script", "sequence", "speaks", "sure", "text", "title", "x", "y",
    )  # fmt: skip

    def __init__(self, number: int, title: str, *, is_group: bool = False) -> None:
        self.id, self.title, self.is_group = number, title, is_group
        self.actor, self.conversant = NARRATOR, PLAYER
        self.menu = self.text = self.condition = self.script = ""
        self.sequence = CONTINUE
        self.speaks, self.sure = False, True
        self.links: list[tuple[int, int, int]] = []
        self.extra: list[bytes] = []
        self.node_id: int | None = None
        self.x = self.y = 0.0

    def json(self, conversation: int) -> bytes:
        """The entry as the database holds it."""
        fields = [
            field("Title", self.title),
            field("Actor", str(self.actor), ACTOR),
            field("Conversant", str(self.conversant), ACTOR),
            field("Menu Text", self.menu),
            field("Dialogue Text", self.text),
            field("Sequence", self.sequence),
            *self.extra,
        ]
        here = (conversation, self.id)
        links = [link(here, (other, key), priority) for other, key, priority in self.links]
        return (
            b'{"id":%d,"fields":[%b],"conversationID":%d,"isRoot":%b,"isGroup":%b,"nodeColor":"",'
            b'"delaySimStatus":false,"falseConditionAction":"Block","conditionPriority":2,'
            b'"outgoingLinks":[%b],"conditionsString":%b,"userScript":%b,'
            b'"onExecute":{"m_PersistentCalls":{"m_Calls":[]}},"canvasRect":%b}'
        ) % (
            self.id,
            b",".join(fields),
            conversation,
            b"true" if self.id == START else b"false",
            b"true" if self.is_group else b"false",
            b",".join(links),
            quoted(self.condition),
            quoted(self.script),
            rect(self.x, self.y, 160, 30),
        )


class Board:
    """The entries of one conversation, in the order in which they were made."""

    def __init__(self, conversation: int) -> None:
        self.id = conversation
        self.entries: dict[int, Entry] = {}
        self.numbers = Numbers(START, ENTER, RETURNS, END, CALLS_END)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def add(
        self, number: int, title: str, *, is_group: bool = False, beside: Entry | None = None
    ) -> Entry:
        """A new entry; ``beside`` is the one that it is drawn next to."""
        entry = self.entries[number] = Entry(number, title, is_group=is_group)
        if beside is not None:
            entry.node_id = beside.node_id
            entry.x, entry.y = beside.x + 90, beside.y + 40 * (1 + len(beside.links))
        return entry

    def make(
        self, name: str, title: str, *, is_group: bool = False, beside: Entry | None = None
    ) -> Entry:
        """A new entry whose id is made from a name."""
        return self.add(self.numbers.made(name), title, is_group=is_group, beside=beside)

    def link(
        self, source: Entry, target: int, priority: int = NORMAL, conversation: int | None = None
    ) -> None:
        """A link to an entry of this conversation, or another one."""
        source.links.append((self.id if conversation is None else conversation, target, priority))

    def end(self) -> int:
        """The entry that ends the conversation. Without it a branch that leads nowhere would
        count as closed, and the next one would be taken."""
        return self.fixed(END, "End").id

    def fixed(self, number: int, title: str, *, is_group: bool = False) -> Entry:
        """An entry with a fixed id, made when it is first asked for."""
        return self.entries.get(number) or self.add(number, title, is_group=is_group)
