"""articy's texts as Storyarn's editor writes them; nothing that an author typed becomes markup."""

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser

from storyarn_pipelines.domain.variables import Variable

_DOCUMENT = re.compile(r"\s*<html\b", re.IGNORECASE)
_RULE = re.compile(r"#([\w-]+)\s*\{([^{}]*)\}")
_TOKEN = re.compile(r"\[([^\W\d]\w*\.[^\W\d]\w*)\]")
_BRACES = re.compile(r"\{(?=[A-Za-z0-9_.]+\})")
_DOLLAR = re.compile(r"\$(?=[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_])")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+")
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_JOINER = "\u2060"  # keeps braces apart that Storyarn would fill; it is not seen
_STYLES = (
    ("strong", re.compile(r"font-weight:\s*(bold|[6-9]00)")),
    ("em", re.compile(r"font-style:\s*(italic|oblique)")),
    ("u", re.compile(r"text-decoration:[^;]*underline")),
    ("s", re.compile(r"text-decoration:[^;]*line-through")),
    ("code", re.compile(r"font-family:\s*monospace")),
)
_TAGS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "u": "u", "s": "s",
         "strike": "s", "del": "s", "code": "code"}  # fmt: skip

Names = Mapping[str, Variable]
Run = tuple[str, tuple[str, ...]]


class _Document(HTMLParser):
    """A small HTML document as lines of runs, each a text with its styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[Run]] = [[]]
        self._rules: dict[str, str] = {}
        self._open: list[tuple[str, tuple[str, ...]]] = []
        self._hidden = ""
        self._ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("style", "head", "title", "script"):
            self._hidden = self._hidden or tag
        elif tag == "br":
            self.lines.append([])
        elif tag == "p":
            if self._ended:
                self.lines.append([])
            self._ended = False
        css = f"{self._rules.get(told.get('id', ''), '')};{told.get('style', '')}"
        styles = tuple(name for name, rule in _STYLES if rule.search(css))
        if tag in _TAGS:
            styles = (*styles, _TAGS[tag])
        if tag not in ("br", "img", "meta", "link", "hr"):
            self._open.append((tag, styles if tag != "p" else ()))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden or (tag == "head" and self._hidden):
            self._hidden = ""
        if tag == "p":
            self._ended = True
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_data(self, data: str) -> None:
        if self._hidden:
            for name, rule in _RULE.findall(data):
                self._rules[name] = rule
            return
        inside = any(tag in ("p", "span") for tag, _ in self._open)
        if not data.strip() and not inside:
            return
        if self._ended:
            self.lines.append([])
            self._ended = False
        found = dict.fromkeys(x for _, styles in self._open for x in styles)
        order = [name for name, _ in _STYLES if name in found]
        self.lines[-1].append((re.sub(r"\s*[\r\n]+\s*", " ", data), tuple(order)))


def lines_of(text: str) -> list[list[Run]]:
    """A text as lines of runs; a plain one has no styles."""
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    if not _DOCUMENT.match(text):
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        return [[(line, ())] for line in plain.split("\n")]
    document = _Document()
    document.feed(text)
    document.close()
    return document.lines


def plain(text: str) -> str:
    """A text without its markup, a paragraph a line."""
    return "\n".join("".join(said for said, _ in line) for line in lines_of(text))


def markup(text: str, names: Names) -> str:
    """A text as the editor's HTML, values put in where ``[Set.variable]`` names one."""
    if not plain(text):
        return ""
    written = []
    for line in lines_of(text):
        inner = ""
        for said, styles in line:
            part = _filled(said, names)
            for style in reversed(styles):
                part = f"<{style}>{part}</{style}>"
            inner += part
        written.append(f"<p>{inner}</p>")
    return "".join(written)


def _filled(text: str, names: Names) -> str:
    made, end = "", 0
    for match in _TOKEN.finditer(text):
        variable = names.get(match[1].casefold())
        if variable is None:
            continue
        made += _literal(text[end : match.start()])
        full = variable.full_name
        if _WORD.fullmatch(full):
            made += f"{{{full}}}"
        else:
            ref = html.escape(full)
            made += f'<span class="variable-ref" data-ref="{ref}">{ref}</span>'
        end = match.end()
    return made + _literal(text[end:])


def _literal(text: str) -> str:
    return html.escape(_BRACES.sub("{" + _JOINER, text), quote=False)


def response(text: str, names: Names) -> str:
    """A text as a response has it: one line of plain text, with ``$sheet.variable``."""
    said = " ".join(x for x in (y.strip() for y in plain(text).split("\n")) if x)
    said = _DOLLAR.sub("$" + _JOINER, said)

    def put(match: re.Match[str]) -> str:
        variable = names.get(match[1].casefold())
        known = variable is not None and _WORD.fullmatch(variable.full_name)
        return f"${variable.full_name}" if known and variable else match[0]

    return _TOKEN.sub(put, said)
