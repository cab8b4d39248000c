"""Yarn files as nodes with their headers and the lines of their bodies, one at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.yarn.problems import Problems
from storyarn_pipelines.importers.yarn.script import Header

BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = 4 << 20
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEADER = re.compile(r"[ \t]*([^\s:#/<>{}]+)[ \t]*:[ \t]*(.*)")
_COMMENT = re.compile(r"[ \t]*//.*")
_BODY_START, _BODY_END = "---", "==="

SourceLine = tuple[int, str]
"""A line with its number, from 1."""


@dataclass(slots=True)
class RawNode:
    """A node whose body is not read yet. ``tags`` are those of its file, above its first node."""

    file: str
    line: int
    headers: list[Header] = field(default_factory=list)
    body: list[SourceLine] = field(default_factory=list)
    tags: tuple[str, ...] = ()


def raw_nodes(tree: Tree, file: str, problems: Problems) -> Iterator[RawNode]:
    """The nodes of a file, in their order; what is no node goes to ``problems``."""
    reader = _NodeReader(file, problems)
    for number, text in lines_of(tree, file, problems):
        node = reader.take(number, text)
        if node is not None:
            yield node
    reader.finish()


def lines_of(tree: Tree, file: str, problems: Problems) -> Iterator[SourceLine]:
    """A file's lines without their ends; it ends early at what is no UTF-8."""
    number = 0
    with tree.open(file) as stream:
        while raw := stream.readline(_LONGEST_LINE + 1):
            if not number:
                if raw.startswith(_UTF_16):
                    problems.add(file, 0, "it is text in UTF-16; save it as UTF-8")
                    return
                raw = raw.removeprefix(BOM)
            if len(raw) > _LONGEST_LINE:
                problems.add(file, number + 1, "the line is longer than 4 MiB")
                return
            reason = ""
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                reason = "it is no UTF-8; save the file as UTF-8"
            else:
                reason = "there is a NUL character; remove it" if "\0" in text else ""
            if reason:
                problems.add(file, number + 1, reason)
                return
            for part in text.removesuffix("\n").removesuffix("\r").split("\r"):
                number += 1
                yield number, part


class _NodeReader:
    """Parts the lines of one file into nodes."""

    def __init__(self, file: str, problems: Problems) -> None:
        self._file, self._problems = file, problems
        self._tags: list[str] = []
        self._node: RawNode | None = None
        self._in_body = False

    def take(self, number: int, text: str) -> RawNode | None:
        """The next line; returns a node that is whole."""
        if self._in_body:
            return self._take_body(number, text)
        said = text.strip()
        if not said or _COMMENT.fullmatch(text):
            return None
        if said.startswith(_BODY_START):
            if self._node is None:
                self._problems.add(self._file, number, "'---' stands without a title above it")
                self._node = RawNode(self._file, number)
            self._in_body = True
        elif said.startswith(_BODY_END):
            reason = "'===' stands where no node is open; is its '---' missing?"
            self._problems.add(self._file, number, reason)
            self._node = None
        elif said.startswith("#") and self._node is None:
            self._tags += [x for x in re.split(r"[\s#]+", said) if x]
        else:
            self._take_header(number, text)
        return None

    def finish(self) -> None:
        """There are no more lines."""
        if self._node is not None:
            missing = _BODY_END if self._in_body else _BODY_START
            reason = f"the node {self._title()} has no '{missing}' line"
            self._problems.add(self._file, self._node.line, reason)

    def _title(self) -> str:
        headers = self._node.headers if self._node else []
        return next((x.value for x in headers if x.key == "title"), "here")

    def _take_header(self, number: int, text: str) -> None:
        match = _HEADER.fullmatch(text)
        if match is None:
            reason = "it is no header (name: value), and no node is open; is a '---' missing?"
            self._problems.add(self._file, number, reason)
            return
        node = self._node
        if node is None:
            node = self._node = RawNode(self._file, number, tags=tuple(self._tags))
            self._tags = []
        elif match[1] == "title" and any(x.key == "title" for x in node.headers):
            reason = f"a second title: the node {self._title()} above has no '---' and '==='"
            self._problems.add(self._file, number, reason)
            node = self._node = RawNode(self._file, number)
        # A comment ends a header, as everywhere; addresses in headers are cut by Yarn as well.
        value = match[2].split("//", 1)[0] if match[1] != "when" else match[2]
        node.headers.append(Header(number, match[1], value.strip()))

    def _take_body(self, number: int, text: str) -> RawNode | None:
        node = self._node
        assert node is not None
        said = text.strip()
        if said.startswith(_BODY_END):
            self._node, self._in_body = None, False
            return node
        if said == _BODY_START:
            reason = f"'---' inside of the node {self._title()}: the '===' above is missing"
            self._problems.add(self._file, number, reason)
            self._node = RawNode(self._file, number)
            return None
        node.body.append((number, text))
        return None
