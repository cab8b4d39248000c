"""String tables: translations by line, kept on disk while the story is read."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Any

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree

_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_LONGEST_CELL = 4 << 20
_PROJECT_BYTES = 16 << 20
_UNTRANSLATED = "not translated"


@dataclass(frozen=True, slots=True)
class Translated:
    """One row of a table. ``lock`` is the start of the hash of the text it was made from."""

    text: str
    lock: str | None


class Project:
    """A ``.yarnproject``, or what the files say without one.

    ``tables`` are string tables by language, ``voices`` folders of voice-overs.
    """

    def __init__(self) -> None:
        self.base: str | None = None
        self.tables: dict[str, str] = {}
        self.voices: dict[str, str] = {}
        self.sources: list[re.Pattern[str]] = []
        self.excluded: list[re.Pattern[str]] = []

    def has(self, file: str) -> bool:
        """Whether a script belongs to the project."""
        if not self.sources:
            return True
        wanted = any(x.fullmatch(file) for x in self.sources)
        return wanted and not any(x.fullmatch(file) for x in self.excluded)


def read_project(tree: Tree, file: str | None, notes: Notes) -> Project:
    """The project file; without one, tables tell their language by a column of their own."""
    project = Project()
    if file is None:
        for name in tree.names():
            if name.lower().endswith(".csv"):
                locale = _language_of(tree, name)
                if locale:
                    project.tables.setdefault(locale, name)
                else:
                    notes.add("tables that name no language and no line ids are left out", [name])
        return project
    found = _json(tree, file)
    folder = dirname(file)
    base = found.get("baseLanguage")
    project.base = locale_code(base) if isinstance(base, str) else None
    for key, patterns in (("sourceFiles", project.sources), ("excludeFiles", project.excluded)):
        listed = found.get(key)
        for item in listed if isinstance(listed, list) else ():
            patterns.append(_glob(normpath(join(folder, str(item)))))
    localised = found.get("localisation", found.get("localization"))
    for code, facts in localised.items() if isinstance(localised, dict) else ():
        locale = locale_code(code)
        if locale is None:
            if isinstance(facts, dict) and facts.get("strings"):
                raise refused(tree.name, file, f"{code!r} is no language, such as en or pt-br")
            continue
        _take_language(tree, file, project, locale, facts if isinstance(facts, dict) else {})
    return project


def _take_language(
    tree: Tree, file: str, project: Project, locale: str, facts: dict[str, Any]
) -> None:
    folder, strings = dirname(file), facts.get("strings")
    if isinstance(strings, str) and strings:
        name = normpath(join(folder, strings))
        if name not in tree.names():
            reason = f"the table {strings} of the language {locale} is not in the upload"
            raise refused(tree.name, file, reason)
        project.tables[locale] = name
    if isinstance(facts.get("assets"), str):
        project.voices[locale] = normpath(join(folder, facts["assets"]))


def _json(tree: Tree, file: str) -> dict[str, Any]:
    if tree.size(file) > _PROJECT_BYTES:
        raise refused(tree.name, file, f"a project file has at most {_PROJECT_BYTES:,} bytes")
    with tree.open(file) as stream:
        try:
            found = json.loads(stream.read().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise refused(tree.name, file, f"it is no valid JSON ({error})") from error
    if not isinstance(found, dict):
        raise refused(tree.name, file, "it is no JSON object, as a .yarnproject is")
    return found


def locale_code(text: str) -> str | None:
    """A language as Storyarn writes it; None for what is none."""
    found = text.strip().replace("_", "-").lower()
    return found if _LOCALE.fullmatch(found) and len(found) <= 35 else None


def _glob(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join([signs.get(x, re.escape(x)) for x in parts]))


def _language_of(tree: Tree, file: str) -> str | None:
    for row in _rows(tree, file, required=False):
        found = row.get("language")
        return locale_code(found) if found else None
    return None


class StringTables:
    """Translations by line id and language."""

    def __init__(self, tree: Tree, project: Project, source: str | None) -> None:
        """Read all tables but that of the source language; raises ImportFileError."""
        self._store = sqlite3.connect("")
        self._store.execute(
            "CREATE TABLE texts (id, locale, text, lock, PRIMARY KEY (id, locale)) WITHOUT ROWID"
        )
        self.locales = [x for x in project.tables if x != source]
        for locale in self.locales:
            rows = _texts(tree, project.tables[locale], locale)
            self._store.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)", rows)

    def of(self, line_id: str) -> dict[str, Translated]:
        """A line's translations."""
        query = "SELECT locale, text, lock FROM texts WHERE id = ? ORDER BY locale"
        found = self._store.execute(query, (line_id,))
        return {locale: Translated(text, lock) for locale, text, lock in found}

    def close(self) -> None:
        """Forget them."""
        self._store.close()


def _texts(tree: Tree, file: str, locale: str) -> Iterator[tuple[str, str, str, str | None]]:
    for row in _rows(tree, file, required=True):
        text, lock = row["text"], row.get("lock")
        is_left = not lock and (row.get("comment") or "").startswith(_UNTRANSLATED)
        if text.strip() and not is_left:
            line_id = row["id"] if row["id"].startswith("line:") else f"line:{row['id']}"
            yield line_id, locale, text, lock


def _rows(tree: Tree, file: str, *, required: bool) -> Iterator[dict[str, str]]:
    """The rows of a table by column. Without ``required`` other tables have none."""
    csv.field_size_limit(_LONGEST_CELL)
    with tree.open(file) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            columns = reader.fieldnames or ()
            if not {"id", "text"} <= set(columns):
                if not required:
                    return
                shown = ", ".join(columns) or "none"
                reason = f"a string table has the columns id and text, this one has {shown}"
                raise refused(tree.name, file, reason)
            for row in reader:
                if None in row or None in row.values():
                    reason = "the row has not as many cells as there are columns"
                    raise refused(tree.name, f"{file}: line {reader.line_num}", reason)
                yield row
        except csv.Error as error:
            place = f"{file}: line {reader.line_num}"
            raise refused(tree.name, place, f"it is no valid CSV ({error})") from error
        except UnicodeDecodeError as error:
            raise refused(tree.name, file, "it is no UTF-8; save it as UTF-8") from error
