"""How one id, one name or one text is rewritten; ``ids`` says where they stand."""

import re
from typing import Any, Literal, NamedTuple, Protocol

from storyarn_pipelines.content import json_text
from storyarn_pipelines.content.markup import Attribute, edited, may_name_rows, mention, tags
from storyarn_pipelines.content.values import Draft, Path, pointer, texts

Kind = Literal["sheet", "flow", "scene", "asset", "avatar", "node", "block", "nameless_sheet"]
"""What an id names. ``nameless_sheet`` is a sheet without shortcut: its decimal id stands where
other sheets' shortcuts do."""

_DIGITS = re.compile(r"[0-9]+")
_NAMED_BY_NUMBER = re.compile(r"([0-9]+)\.")
_IN_DIALOGUE = re.compile(r"\{([0-9]+)\.[A-Za-z0-9_.]+\}")
_JSON_TEXTS = ("condition", "instruction")
# What JSON text must have to name a sheet by number; escapes may hide anything.
_MAY_NAME = re.compile(r'(?:sheet|_ref)"\s*:\s*"[0-9]|\\u')
LOGIC_KEYS = frozenset(("sheet", "value_sheet", "variable_ref", *_JSON_TEXTS))
"""The keys of texts that ``Remap.logic`` looks at."""

_MAX_DIGITS = 19


class Mapper(Protocol):
    """Says which id a row has in its new place."""

    def __call__(self, kind: Kind, old: str, /) -> str | None:
        """The new id of a row; None if the row is not there.

        ``old`` is the id as text. For ``nameless_sheet``, None stands for every name that is
        not the id of a sheet without shortcut: shortcuts may consist of digits.
        """


class Missing(NamedTuple):
    """An id whose row is not there: ``path`` is its place as a JSON pointer."""

    path: str
    kind: Kind
    old: str


def target_kind(target_type: object) -> Kind | None:
    """The kind that a ``target_type`` stands for; ``page`` is the older word for a sheet."""
    match target_type:
        case "sheet" | "page":
            return "sheet"
        case "flow":
            return "flow"
        case "scene":
            return "scene"
    return None


class Remap:
    """Rewrites one value; what is missing goes to ``missing``."""

    def __init__(self, value: Any, mapper: Mapper, missing: list[Missing] | None) -> None:
        self.draft = Draft(value)
        self._mapper = mapper
        self._missing = missing

    @property
    def result(self) -> Any:
        """The rewritten value; the very same object if nothing changed."""
        return self.draft.value

    def id(self, path: Path, kind: Kind | None, old: object) -> None:
        """Rewrite an id: an integer or text of digits stays what it is, other texts become
        integers where the new id is one. What cannot be an id is left alone."""
        key = _key(old)
        if kind is None or key is None:
            return
        new = self._new(kind, key)
        if new is None:
            self._report(path, kind, key)
            self.draft.put(path, None)
        elif new != key:
            stays_text = isinstance(old, str) and _DIGITS.fullmatch(old) is not None
            self.draft.put(path, new if stays_text else _number(new))

    def member(self, path: Path, holder: Any, key: str, kind: Kind | None) -> None:
        """Rewrite the id under a key of an object."""
        if isinstance(holder, dict) and key in holder:
            self.id((path, key), kind, holder[key])

    def markup(self, path: Path, text: str) -> str:
        """A text with the ids of its mentions and the names of its inline variables rewritten."""
        if not may_name_rows(text):
            return text
        edits = []
        for attributes in tags(text):
            found = mention(attributes)
            if not isinstance(found, bool):
                new = self._mention(path, target_kind(found.kind), found.id)
                if new is not None:
                    edits.append((found.id.start, found.id.end, found.id.written(new)))
            for ref in attributes:
                # Digits that are written as character references are nobody's work: left alone.
                if ref.name == "data-ref" and text.startswith(ref.value, ref.start):
                    name = self.joined(ref.value)
                    if name != ref.value:
                        edits.append((ref.start, ref.start + len(ref.value), name))
        return edited(text, sorted(edits)) if edits else text

    def interpolation(self, text: str) -> str:
        """A dialogue's text with the sheet names in ``{sheet.variable}`` rewritten."""
        if "{" not in text:
            return text
        return _IN_DIALOGUE.sub(
            lambda found: f"{{{self.name(found[1])}{found[0][1 + len(found[1]) :]}", text
        )

    def name(self, name: str) -> str:
        """A sheet's name, rewritten if it is the id of a sheet without shortcut."""
        if not name.isascii() or not name.isdigit() or len(name) > _MAX_DIGITS:
            return name
        new = self._mapper("nameless_sheet", name)
        return name if new is None else new

    def joined(self, name: str) -> str:
        """A variable's full name; its sheet is what stands before the first dot."""
        found = _NAMED_BY_NUMBER.match(name)
        return self.name(found[1]) + name[found.end(1) :] if found else name

    def replace(self, path: Path, old: str, new: str) -> None:
        """Put a text in its place, if it changed."""
        if new != old:
            self.draft.put(path, new)

    def logic(self, path: Path, holder: Any, text: str) -> bool:
        """Rewrite a text that belongs to a rule or an assignment; says whether it does.

        Rules are known by their keys, wherever they stand: in blocks, groups, cases, responses.
        Conditions and instructions may also be JSON inside of a text.
        """
        key = path[1] if path else None
        is_target = key == "sheet" and "variable" in holder
        is_source = key == "value_sheet" and holder.get("value_type") == "variable_ref"
        if is_target or is_source:
            self.replace(path, text, self.name(text))
        elif key == "variable_ref":
            self.replace(path, text, self.joined(text))
        elif key in _JSON_TEXTS and text.lstrip().startswith(("{", "[")):
            self.replace(path, text, self._json_text(text))
        else:
            return False
        return True

    def _json_text(self, text: str) -> str:
        """JSON text with its names rewritten; only names can stand in it."""
        if not _MAY_NAME.search(text):
            return text
        try:
            value = json_text.parse(text)
            inner = Remap(value, self._mapper, None)
            for path, holder, found in texts(value):
                if path and path[1] not in _JSON_TEXTS:
                    inner.logic(path, holder, found)
            return text if inner.result is value else json_text.encode(inner.result).decode()
        except json_text.JsonTextError:
            return text

    def _mention(self, path: Path, kind: Kind | None, found: Attribute) -> str | None:
        assert kind is not None
        new = self._new(kind, found.value)
        if new is None:
            self._report(path, kind, found.value)
        return None if new == found.value else new

    def _new(self, kind: Kind, key: str) -> str | None:
        """The new id; a number with leading zeros is the number that Storyarn reads."""
        new = self._mapper(kind, key)
        if new is None and key[0] == "0" and _DIGITS.fullmatch(key):
            plain = key.lstrip("0")
            new = self._mapper(kind, plain) if plain else None
            return key if new == plain else new
        return new

    def _report(self, path: Path, kind: Kind, old: str) -> None:
        if self._missing is not None:
            self._missing.append(Missing(pointer(path), kind, old))


def _key(old: object) -> str | None:
    """An id as text; None for what names nothing, such as a number out of range."""
    if isinstance(old, bool):
        return None
    if isinstance(old, int):
        return str(old) if -(2**63) <= old < 2**63 else None
    return old if isinstance(old, str) and old else None


def _number(new: str) -> int | str:
    return int(new) if len(new) <= _MAX_DIGITS and _DIGITS.fullmatch(new) else new
