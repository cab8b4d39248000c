"""What all parts of one import need: names, ids of what is drafted, languages, remarks."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.items import Item, Text, hexadecimal
from storyarn_pipelines.importers.articy.ours import is_ours
from storyarn_pipelines.importers.articy.project import ArticyProject
from storyarn_pipelines.importers.articy.store import IdMap, Store
from storyarn_pipelines.importers.draft import Draft

Json = dict[str, Any]

_PRIVATE = ("qaa", "qab", "qac", "qad", "qae", "qaf", "qag", "qah")
_ROLES = {
    "text": ("dialogue", True), "stage_directions": ("stage_direction", False),
    "menu_text": ("menu", False), "label": ("exit", False), "name": ("speaker_name", False),
    "value.content": ("runtime_value", False),
}  # fmt: skip


@dataclass(slots=True)
class Book:
    """One import in the making. ``owned`` are blocks of variables by the sheet that has them."""

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
    is_ours: bool = False

    def __post_init__(self) -> None:
        self.is_ours = is_ours(self.project)

    @property
    def store(self) -> Store:
        """The objects."""
        return self.project.store

    # -- languages

    def settle_languages(self) -> None:
        """Choose the source language and the locales of all others, and draft them."""
        project = self.project
        spoken = dict(project.spoken)
        told = {x.code: x for x in project.languages}
        primary = next((x.code for x in project.languages if x.is_primary), None)
        if primary is None or (primary not in spoken and "" in spoken):
            most = max(spoken, key=lambda x: (spoken[x], x == ""), default="")
            primary = "" if "" in spoken else most
        self.source = primary
        codes = list(dict.fromkeys([primary, *told, *spoken]))
        if "" in codes and primary != "":
            codes.remove("")  # a text without a language is the source's
        taken: set[str] = set()
        for code in codes:
            found = names.locale(code)
            if code == "":
                found = "en"
                self.notes.add("converted: texts of no language are taken for English", ["project"])
            if found is None or found in taken:
                found = next(x for x in _PRIVATE + tuple(f"qa{n}" for n in "ijklmnop")
                             if x not in taken)  # fmt: skip
                shown = texts.plain(code)[:40]
                self.notes.add("converted: languages that are no locales get a private one",
                               [f"{shown} is {found}"])  # fmt: skip
            taken.add(found)
            self.locales[code] = found
            label = told[code].name if code in told else ""
            name = names.shown_name(label, "English" if code == "" else code)
            self.draft.language(found, name[:100], is_source=code == primary)

    def said(self, text: Text) -> str:
        """A text in the source language, or in any other if it has none there."""
        if self.source in text:
            return text[self.source]
        return text.get("", "") or next((x for x in text.values() if x), "")

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
        for code, said in text.items():
            locale = self.locales.get(code)
            if code in (self.source, "") or locale is None or not texts.plain(said).strip():
                continue
            digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
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
        role, voiced = ("response", True) if is_response else _ROLES[field_name]
        value = {
            "source_type": owner[0],
            "source_id": owner[1],
            "source_field": field_name,
            "content_role": role,
            "vo_eligible": voiced,
            "translations": found,
        }
        self.draft.string(key or f"{owner[0]}.{owner[1]}.{field_name}", value)

    # -- what is drafted

    def sheet_of(self, item_id: int) -> int | None:
        """The sheet of an entity."""
        return self.sheets.get(item_id) if item_id else None

    def lose(self, item: Item, what: str) -> None:
        """Keep an object that has no place as a note, and tell it."""
        lines = [f"{item.kind}: {self.name(item)}"]
        for label, text in (("", item.text), ("Menu text: ", item.menu)):
            said = texts.plain(self.said(text)).strip()
            if said:
                lines.append(label + said)
        lines += [f"{x.feature}.{x.name}: {x.value}" for x in item.properties if x.value]
        if item.file or item.source:
            lines.append(item.file or item.source)
        self.leftovers.append("\n".join(lines))
        self.notes.add(f"converted: {what}", [self.where(item)])
