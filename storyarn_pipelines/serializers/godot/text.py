"""Text in Dialogic's files: nothing that an author typed is read as an event or as markup."""

import re
from collections.abc import Callable, Mapping

from storyarn_pipelines.serializers.engines.speech import Break, Piece, Put, Said, Style, written

# A backslash takes effect before a colon only; the others are written as what they are shown as.
_MARKS = {"[": "[lb]", "{": "[char=7B]", "<": "[char=3C]", "\\": "[char=5C]"}
_ENDS = {"\r": " ", "\0": " ", "\n": " "}
_END_TABLE = str.maketrans({**_ENDS})
_TABLE = str.maketrans(_MARKS | _ENDS)
_SPECIAL = re.compile(r"[\[{<\\\r\n\0]")
_EVENT = re.compile(r"set|do|jump|label|join|leave|update|audio|else|if\b|elif\b|return|[-#\[<\\]")
EMPTY = "[b][/b]"
"""Shows nothing, and is a text all the same: an empty one would be skipped."""

UNSEEN = "\u200b"
_STYLES: Mapping[Style, str] = {
    "bold": "b", "italic": "i", "underline": "u", "strike": "s", "code": "code",
}  # fmt: skip
_LOOK_ALIKES = (
    (re.compile(r"\[(?=if\b|br\])"), "\uff3b"),
    (re.compile(r"\|"), "\uff5c"),
    (re.compile(r"#(?=id:)"), f"#{UNSEEN}"),
    # A backslash would keep a brace on the button, but the history runs what it then reads.
    (re.compile(r"\{"), "\uff5b"),
)
_ODD = re.compile(r"[\[|#{<\r\n\0]")
"""No text without one of these needs a look-alike."""
_VALUE_MARKS = (
    ("\\u005b", "\\u005blb\\u005d"),
    ("\\u007b", "\\u005bchar=7B\\u005d"),
    ("\\u003c", "\\u005bchar=3C\\u005d"),
    ("\\u005c", "\\u005bchar=5C\\u005d"),
    ("\\n", "\\u005bbr\\u005d"),
)
_OPTION_MARKS = (("\\u003c", "\\uff1c"), ("\\u007b", "\\uff5b"))
_RISKY = re.compile(r"[\[{<\\\n]")

Put_ = Callable[[str], str]


def is_risky(text: str) -> bool:
    """Whether a text could be read as markup when it is a variable's value."""
    return _RISKY.search(text) is not None


def escaped(text: str) -> str:
    """Text of a dialogue, as a translation has it."""
    return text.translate(_TABLE) if _SPECIAL.search(text) else text


def line(pieces: list[Piece], put: Put_) -> str:
    """A dialogue's text with its styles, as a translation has it; never empty."""
    text = written(pieces, escaped, put, "[br]", _styled)
    return text if text and not text.isspace() else EMPTY


def _styled(text: str, styles: frozenset[Style]) -> str:
    for style in sorted(styles):
        tag = _STYLES[style]
        text = f"[{tag}]{text}[/{tag}]"
    return text


def spoken(speaker: str, portrait: str, text: str) -> str:
    """A text event of what ``line`` wrote; a backslash keeps others from taking it.

    All colons are the author's: neither markup nor paths of variables have any.
    """
    said = text.replace(":", "\\:")
    head = f"{speaker} ({portrait}): " if speaker and portrait else speaker and f"{speaker}: "
    whole = head + said
    return f"\\{whole}" if _EVENT.match(whole) else whole


def option(pieces: list[Piece], put: Put_) -> tuple[str, bool]:
    """A response's text for a button, which knows no markup, and whether it had to change."""
    plain = "".join([x.text for x in pieces if isinstance(x, Said)])
    if len(pieces) == 1 and not _ODD.search(plain) and (text := plain.strip()):
        return text, False
    is_changed = any(isinstance(x, Break) for x in pieces)
    is_changed = is_changed or any(pattern.search(plain) for pattern, _ in _LOOK_ALIKES)
    has_values = any(isinstance(x, Put) for x in pieces)
    picks = "<" in plain and (has_values or (">" in plain and "/" in plain))

    def said(text: str) -> str:
        for pattern, other in _LOOK_ALIKES:
            text = pattern.sub(other, text)
        text = text.translate(_END_TABLE)
        return text.replace("<", "\uff1c") if picks else text

    text = written(pieces, said, put, " ").strip()
    return (text or UNSEEN), is_changed or picks or not text


def value(path: str, *, risky: bool, fraction: bool, in_option: bool = False) -> str:
    """A variable in a text.

    ``risky``: it may hold what would be read as markup. ``fraction``: it may hold 2.0, which is
    shown as 2.
    """
    if fraction:
        return f'{{ str({{{path}}}).trim_suffix(".0") }}'
    if not risky:
        return f"{{{path}}}"
    marks = _OPTION_MARKS if in_option else _VALUE_MARKS
    calls = "".join([f'.replace("{mark}", "{shown}")' for mark, shown in marks])
    return f"{{ {{{path}}}{calls} }}"


def comment(text: str) -> str:
    """A text on one line, which may follow ``# ``."""
    return " ".join(text.replace("\0", " ").split()) or "-"


def cell(text: str) -> str:
    """A text in a translation table, where Godot reads escapes."""
    return text.replace("\\", "\\\\")
