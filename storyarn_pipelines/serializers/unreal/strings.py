"""The string table of the source language, and a PO file for each culture.

A text in a data table is a reference into the string table, ``LOCTABLE(path, key)``; what the
string table cannot say stands in the data table itself, ``NSLOCTEXT(namespace, key, text)``,
under the same namespace and key. So one PO serves both.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_word,
)
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.unreal.cells import (
    asset_path,
    fits_string_table,
    quoted,
    table_string,
)
from storyarn_pipelines.serializers.unreal.files import BOM, PlainText, copy_part, open_text
from storyarn_pipelines.serializers.unreal.tables import ROOT

NAMESPACE = "ST_Storyarn"
"""The string table: its asset, its file, and the namespace of its texts."""

STRING_TABLE = asset_path(ROOT, NAMESPACE)
_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class StringFiles:
    """The files under construction. ``cultures`` are Unreal's names of the locales."""

    def __init__(self, directory: Path, locales: Iterable[str], project: str, told: Told) -> None:
        locales = tuple(locales)
        names = Identifiers(locales, NameRules(_culture, ignore_case=True), "languages")
        self.cultures: Mapping[str, str] = {locale: names.of(locale) for locale in locales}
        self._told = told
        self._path = directory / f"{NAMESPACE}.csv"
        self._file = open_text(self._path)
        self._file.write(BOM)
        self._table = csv.writer(PlainText(self._file), lineterminator="\r\n")
        self._table.writerow(["Key", "SourceString", "Comment"])
        self._po_paths = {
            locale: directory / f"{number}.po" for number, locale in enumerate(locales)
        }
        files = {locale: open_text(path) for locale, path in self._po_paths.items()}
        self._pos = files
        for locale, file in files.items():
            file.write(_head(project, self.cultures[locale]))
        self.text("PRJ_name", {"": project}, "The project's name", "project")

    def text(self, key: str, texts: Mapping[str, str], comment: str, where: str) -> str:
        """Keep a text under a key; returns the cell that refers to it, empty for no text.

        ``texts`` are by locale, the source's under the empty one.
        """
        source = texts[""]
        if not source:
            lost = ", ".join([locale for locale, text in texts.items() if text])
            if lost:
                message = f"{key}: the source is empty, so that its translation is left out"
                self._told.add("XP0202", f"{message} ({lost})", where)
            return ""
        for locale, po in self._pos.items():
            po.write(_entry(key, source, texts.get(locale, ""), comment))
        if fits_string_table(source):
            self._table.writerow([key, table_string(source), table_string(comment)])
            return f'LOCTABLE("{STRING_TABLE}", "{key}")'
        message = "a string table cannot have a backslash before n, r, t or a quote"
        self._told.add("XP0202", f"{key}: {message}: the data table has this text itself", where)
        return f'NSLOCTEXT("{NAMESPACE}", "{key}", {quoted(source)})'

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        for file in self._pos.values():
            file.close()

    def write(self, out: Output) -> None:
        """The files as parts."""
        copy_part(out, self._path, self._path.name)
        for locale, path in self._po_paths.items():
            copy_part(out, path, f"Localization/Game/{self.cultures[locale]}/Game.po")


def _culture(locale: str) -> str:
    """A locale as Unreal and ICU write it: ``pt-BR``, ``zh-Hant-TW``."""
    if not _LOCALE.fullmatch(locale):
        return ascii_word(locale) or "_"
    language, *parts = locale.split("-")
    return "-".join([language, *map(_subtag, parts)])


def _subtag(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part


def _head(project: str, culture: str) -> str:
    fields = (
        f"Project-Id-Version: {project}\n",
        f"Language: {culture.replace('-', '_')}\n",
        "MIME-Version: 1.0\n",
        "Content-Type: text/plain; charset=UTF-8\n",
        "Content-Transfer-Encoding: 8bit\n",
    )
    return "\n".join(['msgid ""', 'msgstr ""', *map(quoted, fields), ""])


def _entry(key: str, source: str, translation: str, comment: str) -> str:
    said = "\n#. ".join(comment.replace("\0", "\ufffd").splitlines())
    return (
        f"\n#. Key:\t{key}\n#. {said}\n#: {STRING_TABLE}\n"
        f'msgctxt "{NAMESPACE},{key}"\n'
        f"msgid {quoted(source)}\nmsgstr {quoted(translation)}\n"
    )
