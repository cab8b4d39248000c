"""Names of rows: stable from export to export, and unique for Unreal, which ignores case.

A dialogue goes by its ``localization_id``, which Storyarn never changes, else by its number in
the database. As names that differ in case only are one for Unreal, a name with capitals tells
after a ``~`` which of its letters they are: ``Ana`` becomes ``Ana~1``, ``aNa`` ``aNa~2``.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from storyarn_pipelines.expressions.emitters.identifiers import Identifiers, NameRules
from storyarn_pipelines.serializers.engines.findings import Told

LINE, CHOICE, CONDITION, INSTRUCTION = "DLG_", "CHC_", "CND_", "INS_"

_WORD = re.compile(r"[A-Za-z0-9_-]{1,100}")
_ODD = re.compile(r"[^A-Za-z0-9._-]")


def cased(word: str) -> str:
    """A word of ASCII letters that stays different from others if case is ignored."""
    if word.islower() or word == word.lower():
        return word
    mask = sum(1 << place for place, letter in enumerate(word) if letter.isupper())
    return f"{word}~{mask:x}"


def part_name(key: object) -> str:
    """The id of a response or case as a part of a row's name."""
    if isinstance(key, str) and _WORD.fullmatch(key):
        return cased(key)
    text = key if isinstance(key, str) else f"{type(key).__name__} {key!r}"
    return "~" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class DialogueNames:
    """The names of dialogues, each given once. The ids that were seen are kept on disk."""

    def __init__(self, connection: sqlite3.Connection, told: Told) -> None:
        self._connection, self._told = connection, told

    def of(self, localization_id: object, node_id: int, where: str) -> str:
        """The part of a dialogue's row names that tells it from others."""
        if not isinstance(localization_id, str) or not _WORD.fullmatch(localization_id):
            return f"~{node_id}"
        added = self._connection.execute(
            "INSERT OR IGNORE INTO seen VALUES (?)", (localization_id,)
        ).rowcount
        if added == 1:
            return cased(localization_id)
        message = f"another dialogue has the localization_id {localization_id}"
        self._told.add("XP0201", f"{message}: its row goes by its number {node_id}", where)
        return f"~{node_id}"


@contextmanager
def dialogue_names(directory: Path, told: Told) -> Iterator[DialogueNames]:
    """Names in a file that goes away again."""
    connection = sqlite3.connect(directory / "names.sqlite")
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")
        yield DialogueNames(connection, told)
    finally:
        connection.close()


def entity_names(
    shortcuts: Iterable[tuple[int, str | None]], kind: str, told: Told
) -> Mapping[int, str]:
    """Row names of sheets or flows by id: the shortcut, else ``kind`` and the id."""
    keys: dict[int, str] = {}
    taken: set[str] = set()
    for number, shortcut in shortcuts:
        is_own = bool(shortcut) and shortcut not in taken
        keys[number] = f"shortcut {shortcut}" if is_own else f"{kind} {number}"
        taken.add(shortcut or "")
    rules = NameRules(_clean, frozenset({"none"}), ignore_case=True, max_length=200)
    names = Identifiers(keys.values(), rules, f"names of {kind}s")
    told.found.extend(names.diagnostics)
    return {number: names.of(key) for number, key in keys.items()}


def _clean(key: str) -> str:
    kind, _, name = key.partition(" ")
    return _ODD.sub("_", name) if kind == "shortcut" else f"{kind}~{name}"
