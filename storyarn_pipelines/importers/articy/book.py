"""What all parts of one import need: names, ids of what is drafted, languages, remarks."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.items import Item, Language, Text, hexadecimal
from storyarn_pipelines.importers.articy.kept import KeptLanguage, KeptProject, kept_project
from storyarn_pipelines.importers.articy.ours import is_ours
from storyarn_pipelines.importers.articy.project import ArticyProject
from storyarn_pipelines.importers.articy.store import IdMap, Store
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.refusal import refused

Json = dict[str, Any]

_PRIVATE = tuple(f"q{x}{y}" for x in "abcdefghijklmnopqrst" for y in "abcdefghijklmnopqrstuvwxyz")
ROLES = {
    "text": ("dialogue", True), "stage_directions": ("stage_direction", False),
    "menu_text": ("menu", False), "label": ("exit", False), "name": ("speaker_name", False),
    "value.content": ("runtime_value", False),
}  # fmt: skip


@dataclass(slots=True)
class Book:
    """One import in the making. ``owned`` are blocks of variables by the sheet that has them,
    ``changed`` values by variable that an author has given an original in articy.
    """

    project: ArticyProject
    draft: Draft
    notes: Notes
    source: str = ""
    locales: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    sheet_shortcuts: names.Taken = field(default_factory=names.shortcuts)
    flow_shortcuts: names.Taken = field(default_factory=names.shortcuts)
    scene_shortcuts: names.Taken = field(default_factory=names.shortcuts)
    lines: names.Taken = field(default_factory=lambda: names.Taken("-", 100))
    sheets: IdMap = field(default_factory=IdMap)
    flows: IdMap = field(default_factory=IdMap)
    assets: IdMap = field(default_factory=IdMap)
    pictures: set[int] = field(default_factory=set)
    leftovers: list[str] = field(default_factory=list)
    owned: dict[str, list[Json]] = field(default_factory=dict)
    changed: dict[str, str | float | bool] = field(default_factory=dict)
    is_ours: bool = False
    kept: KeptProject | None = None

    def __post_init__(self) -> None:
        self.is_ours = is_ours(self.project)
        self.kept = kept_project(self.project) if self.is_ours else None

    @property
    def store(self) -> Store:
        """The objects."""
        return self.project.store

    # -- languages

    def settle_languages(self) -> None:
        """Choose the source language and the locales of all others, and draft them."""
        project = self.project
        if self.kept is not None:
            self._restore_languages(self.kept.source, self.kept.languages)
            return
        spoken = {x: y for x, y in project.spoken.items() if x}
        told = {x.code: x for x in project.languages if x.code}
        first = self._first_language(spoken, told)
        # Texts of no language are the source's.
        self.source = primary = first
        codes = list(dict.fromkeys([primary, *told, *spoken]))
        taken: set[str] = set()
        for code in codes:
            found = names.locale(code)
            if code == "":
                found = "en"
                self.notes.add("texts of no language are taken for English", ["project"])
            if found is None or found in taken:
                found = next((x for x in _PRIVATE if x not in taken), None)
                if found is None:
                    raise refused(project.file, "", "it has more languages than there are names")
                shown = texts.plain(code)[:40]
                self.notes.add("languages that are no locales get a private one",
                               [f"{shown} is {found}"])  # fmt: skip
            taken.add(found)
            self.locales[code] = found
            label = told[code].name if code in told else ""
            name = names.shown_name(label, "English" if code == "" else code)
            self.draft.language(found, name[:100], is_source=code == primary)

    def _restore_languages(self, source: str, languages: Sequence[KeptLanguage]) -> None:
        """The languages of our own export, and those that an author has added since."""
        known = {names.locale(x.code): x.code for x in self.project.languages}
        known |= {names.locale(x): x for x in self.project.spoken if x}
        self.source = known.get(source, "")
        self.locales[self.source] = source
        for one in languages:
            locale = one.locale_code
            if locale != source:
                self.locales[known.get(locale, locale)] = locale
            label = names.shown_name(one.name or "", locale)
            self.draft.language(locale, label[:100], is_source=one.is_source)
        for found, code in known.items():
            if found is not None and found not in self.locales.values():
                self.locales[code] = found
                self.draft.language(found, code[:100])

    def _first_language(self, spoken: Mapping[str, int], told: Mapping[str, Language]) -> str:
        """The source language: the one that is said to be it, or that most texts are in."""
        bare = self.project.spoken.get("", 0)
        first = next((x for x, language in told.items() if language.is_primary), "")
        if first in spoken or (first and bare):
            return first
        most = max(spoken or told, key=lambda x: spoken.get(x, 0), default="")
        if told or not bare:
            return most
        english = next((x for x in spoken if (names.locale(x) or "").startswith("en")), None)
        return english or (most if spoken.get(most, 0) > bare else "")

    def said(self, text: Text) -> str:
        """A text in the source language, or in any other if it has none there."""
        return next((x for x in self._in_order(text) if _is_said(x)), "")

    def _in_order(self, text: Text) -> Iterator[str]:
        yield text.get(self.source, "")
        yield text.get("", "")
        yield from text.values()

    def name(self, item: Item) -> str:
        """What people call an object."""
        return names.shown_name(texts.plain(self.said(item.name)), item.technical)

    def where(self, item: Item) -> str:
        """An object as messages name it."""
        return f"{item.kind} {item.technical or hexadecimal(item.id)}"

    # -- translations

    def translate(
        self,
        owner: tuple[str, str],
        field_name: str,
        text: Text,
        source: str,
        made: Any,
        *,
        speaker: int | None = None,
        key: str = "",
    ) -> None:
        """Draft the translations of a text. ``owner`` is its type and id, ``made`` writes it."""
        found: Json = {}
        if source and not any(_is_said(text.get(x, "")) for x in (self.source, "")):
            what = "texts that the source language lacks are taken from another"
            self.notes.add(what, [key or f"{owner[0]} {owner[1]} {field_name}"])
        for code, said in text.items():
            locale = self.locales.get(code)
            if code in (self.source, "") or locale is None or not texts.plain(said).strip():
                continue
            digest = self.digest(source)
            found[locale] = self.draft.row(
                t.LOCALIZED_TEXTS,
                source_text=source,
                source_text_hash=digest,
                text=made(said),
                status="final",
                vo_status="none",
                word_count=len(source.split()),
                translated_source_hash=digest,
                lock_version=1,
                speaker_sheet_id=str(speaker) if speaker else None,
            )
        if not found or not source:
            return
        is_response = field_name.startswith("response.")
        role, voiced = ("response", True) if is_response else ROLES[field_name]
        value = {
            "source_type": owner[0],
            "source_id": owner[1],
            "source_field": field_name,
            "content_role": role,
            "vo_eligible": voiced,
            "translations": found,
        }
        self.draft.string(key or f"{owner[0]}.{owner[1]}.{field_name}", value)

    @staticmethod
    def digest(text: str) -> str:
        """The hash by which Storyarn knows that a source has not changed."""
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    # -- what is drafted

    def sheet_of(self, item_id: int) -> int | None:
        """The sheet of an entity."""
        return self.sheets.get(item_id) if item_id else None


def _is_said(text: str) -> bool:
    """Whether a text says something; a document may hold nothing but its head."""
    return bool(text) and ("<html" not in text[:200].lower() or bool(texts.plain(text).strip()))
