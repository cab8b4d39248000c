"""Tokens of a node's body as statements, and the nodes of a file one after the other."""

from collections.abc import Callable, Iterator

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.yarn.commands import Mark
from storyarn_pipelines.importers.yarn.lexing import Token, is_mixed, tokens_of
from storyarn_pipelines.importers.yarn.problems import Problems, ScriptError
from storyarn_pipelines.importers.yarn.reading import RawNode, raw_nodes
from storyarn_pipelines.importers.yarn.script import (
    Block,
    Enum,
    Group,
    If,
    Item,
    Node,
    Once,
    Options,
    Statement,
    When,
)
from storyarn_pipelines.importers.yarn.terms import Term, TermError, term_until

MAX_DEPTH = 100
"""How deep options and blocks may be nested."""

_ENDS = {
    "elseif": "if", "else": "if", "endif": "if", "endonce": "once", "case": "enum",
    "endenum": "enum",
}  # fmt: skip


def nodes_of(
    tree: Tree, file: str, problems: Problems, notes: Notes | None = None
) -> Iterator[Node]:
    """The nodes of a file; what cannot be read goes to ``problems``."""
    for raw in raw_nodes(tree, file, problems):
        title = next((x.value for x in raw.headers if x.key == "title"), "")
        if not title or any(x.isspace() for x in title):
            what = f"the title '{title}' holds blanks" if title else "the node has no title"
            problems.add(file, raw.line, what)
            continue
        if notes is not None:
            _note_oddities(raw, notes)
        node = Node(file, raw.line, title, raw.headers, raw.tags)
        try:
            node.whens = [_when(x.value, x.line) for x in raw.headers if x.key == "when"]
            node.body = read_body(tokens_of(raw.body))
        except ScriptError as error:
            problems.add(file, error.line, error.reason)
        yield node


def _note_oddities(raw: RawNode, notes: Notes) -> None:
    mixed = next((number for number, text in raw.body if is_mixed(text)), None)
    if mixed is not None:
        what = "tabs and blanks stand in one indentation: a tab counts as eight"
        notes.add(what, [f"{raw.file} line {mixed}"])


def _when(text: str, line: int) -> When | None:
    """A ``when:`` header; None for ``always``."""
    said = text.split()
    if said[:1] == ["always"]:
        return None
    once = said[:1] == ["once"]
    if once:
        text = text.strip().removeprefix("once").strip()
        if not text or text.startswith("//"):
            return When(True, None)
        if not text.startswith("if"):
            raise ScriptError(line, "when: once takes nothing but 'if' and an expression")
        text = text.removeprefix("if")
    try:
        term, _ = term_until(text, 0, "")
    except TermError as error:
        raise ScriptError(line, f"when: {error}") from None
    return When(once, term)


def read_body(tokens: list[Token]) -> Block:
    """The statements of a body. Raises ScriptError."""
    return _Parser(tokens).block(lambda _: False, 0)


Stop = Callable[[Token], bool]


class _Parser:
    """Reads statements by descent, no deeper than ``MAX_DEPTH``."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def block(self, stop: Stop, depth: int) -> Block:
        found: list[Statement] = []
        while (token := self._peek()) is not None and not stop(token):
            if depth > MAX_DEPTH:
                reason = f"options and blocks are nested deeper than {MAX_DEPTH} levels"
                raise ScriptError(token.line, reason)
            self._statement(token, found, depth)
        return tuple(found)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _is(self, kind: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == kind

    def _statement(self, token: Token, found: list[Statement], depth: int) -> None:
        match token.kind:
            case "->":
                found.append(Options(token.line, self._items(token.kind, depth)))
            case "=>":
                found.append(Group(token.line, self._items(token.kind, depth)))
            case "indent":
                self._at += 1
                found += self._indented(depth)
            case "line":
                self._at += 1
                found.append(token.value)
            case "command":
                self._at += 1
                value = token.value
                found.append(
                    self._marked(token, value, depth) if isinstance(value, Mark) else value
                )
            case _:
                self._at += 1

    def _indented(self, depth: int) -> Block:
        body = self.block(lambda x: x.kind == "dedent", depth + 1)
        if self._is("dedent"):
            self._at += 1
        return body

    def _items(self, arrow: str, depth: int) -> tuple[Item, ...]:
        found: list[Item] = []
        while self._is(arrow):
            opener = self._tokens[self._at]
            self._at += 1
            said = self._peek()
            if said is None or said.kind != "line":
                raise ScriptError(opener.line, f"'{arrow}' has no text")
            self._at += 1
            body: Block = ()
            if self._is("indent"):
                self._at += 1
                body = self._indented(depth)
            found.append(Item(said.value, body))
            if self._is("blank"):
                self._at += 1
                break
        return tuple(found)

    def _marked(self, token: Token, mark: Mark, depth: int) -> Statement:
        match mark.word:
            case "if":
                return self._if(token, mark, depth)
            case "once":
                return self._once(token, mark, depth)
            case "enum":
                return self._enum(token, mark)
        opener = _ENDS[mark.word]
        raise ScriptError(token.line, f"<<{mark.word}>> without an open <<{opener}>>")

    def _until(self, *words: str) -> Stop:
        return lambda x: x.kind == "command" and isinstance(x.value, Mark) and x.value.word in words

    def _close(self, opener: Token, *words: str) -> Mark:
        """The mark that a block ended at."""
        token = self._peek()
        if token is None:
            name = opener.value.word
            raise ScriptError(opener.line, f"<<{name}>> has no <<{words[-1]}>> in its node")
        mark: Mark = token.value
        if mark.word not in words:
            raise ScriptError(token.line, f"<<{mark.word}>> behind <<else>>")
        self._at += 1
        return mark

    def _if(self, opener: Token, mark: Mark, depth: int) -> If:
        stop = self._until("elseif", "else", "endif")
        arms: list[tuple[Term | None, Block]] = []
        while mark.word != "endif":
            arms.append((mark.value, self.block(stop, depth + 1)))
            more = ("endif",) if mark.word == "else" else ("elseif", "else", "endif")
            mark = self._close(opener, *more)
        return If(opener.line, tuple(arms))

    def _once(self, opener: Token, mark: Mark, depth: int) -> Once:
        body = self.block(self._until("else", "endonce"), depth + 1)
        otherwise: Block = ()
        if self._close(opener, "else", "endonce").word == "else":
            otherwise = self.block(self._until("else", "endonce"), depth + 1)
            self._close(opener, "endonce")
        return Once(opener.line, mark.value, body, otherwise)

    def _enum(self, opener: Token, mark: Mark) -> Enum:
        cases = []
        while (token := self._peek()) is not None:
            self._at += 1
            if token.kind in ("indent", "dedent", "blank"):
                continue
            if isinstance(token.value, Mark) and token.value.word == "case":
                cases.append(token.value.value)
                continue
            if isinstance(token.value, Mark) and token.value.word == "endenum" and cases:
                return Enum(opener.line, mark.value, tuple(cases))
            break
        raise ScriptError(opener.line, f"<<enum {mark.value}>> needs <<case>>s and <<endenum>>")
