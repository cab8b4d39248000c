"""Sheets as actors, scenes as locations."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Block, Sheet
from storyarn_pipelines.expressions.emitters.literals import is_number
from storyarn_pipelines.expressions.values import format_value
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.engines.story import EngineStory, SheetFacts
from storyarn_pipelines.serializers.unity.fields import (
    BOOLEAN,
    LOCALIZATION,
    NO_OBJECT,
    NUMBER,
    asset,
    field,
)
from storyarn_pipelines.serializers.unity.ids import NARRATOR, PLAYER, SHEETS_FROM, Numbers
from storyarn_pipelines.serializers.unity.markup import culture, name_shown
from storyarn_pipelines.story.text import line_text
from storyarn_pipelines.story.variables import BLOCK_TYPES, initial_value

_PORTRAITS = b',"portrait":%b,"spritePortrait":%b,"alternatePortraits":[],"spritePortraits":[]' % (
    NO_OBJECT,
    NO_OBJECT,
)
_UNSEEN = "\N{NO-BREAK SPACE}"
"""A name that shows nothing. An empty one would show the narrator's own."""


class Cast:
    """Who speaks: names and ids of actors, and their pictures."""

    def __init__(self, story: EngineStory, clips: Mapping[int, str]) -> None:
        """``clips`` are names of media, without extensions, by id."""
        self._story, self._clips = story, clips
        numbers = Numbers(PLAYER, NARRATOR)
        self.ids = {key: numbers.own(key, SHEETS_FROM) for key in sorted(story.sheets)}
        """Actors by sheet."""
        self._names = _names(story.sheets.values(), story.told)

    def actors(self) -> Iterator[bytes]:
        """The player, the narrator and every sheet as JSON."""
        yield asset(PLAYER, _person("Player", "", is_player=True), _PORTRAITS)
        yield asset(NARRATOR, _person("Narrator", _UNSEEN), _PORTRAITS)
        has_sheets = "sheets" in self._story.reader.manifest.sections
        for sheet in self._story.each_sheet() if has_sheets else ():
            yield asset(self.ids[sheet.id], self._fields(sheet), _PORTRAITS)

    def pictures(self, sheet: SheetFacts) -> list[int]:
        """The pictures of a sheet, the usual one first."""
        found = [] if sheet.portrait is None else [sheet.portrait]
        return list(dict.fromkeys([*found, *sheet.avatars.values()]))

    def _fields(self, sheet: Sheet) -> list[bytes]:
        facts = self._story.sheets[sheet.id]
        names = [self._clips[x] for x in self.pictures(facts) if x in self._clips]
        shown = name_shown(sheet.name)
        if shown != sheet.name:
            message = "its name would act as markup; look-alikes stand for it"
            self._story.told.add("XP0202", message, f"sheet {sheet.shortcut or sheet.id}")
        fields = _person(self._names[sheet.id], shown)
        fields += [
            field(f"Display Name {culture(locale)}", name_shown(found.text), LOCALIZATION)
            for locale, found in self._story.translations.of("sheet", sheet.id, "name").items()
            if found.text is not None
        ]
        fields += [
            field("Pictures", f"[{';'.join(names)}]" if names else ""),
            field("Description", line_text(sheet.description or "", {})),
            field("Storyarn Sheet ID", str(sheet.id)),
            field("Storyarn Shortcut", sheet.shortcut or ""),
            field("Storyarn Path", sheet.path),
            field("Storyarn Color", sheet.color or ""),
        ]
        taken: set[str] = set()
        return fields + [x for block in sheet.blocks for x in _property(block, taken)]


def locations(scenes: Iterable[Scene]) -> Iterator[bytes]:
    """Scenes as locations."""
    numbers = Numbers()
    for scene in scenes:
        yield asset(
            numbers.own(scene.id),
            (
                field("Name", scene.name),
                field("Description", scene.description or ""),
                field("Storyarn Scene ID", str(scene.id)),
                field("Storyarn Shortcut", scene.shortcut or ""),
            ),
        )


def _person(name: str, shown: str, *, is_player: bool = False) -> list[bytes]:
    return [
        field("Name", name),
        field("Display Name", shown),
        field("IsPlayer", str(is_player), BOOLEAN),
    ]


def _names(sheets: Iterable[SheetFacts], told: Told) -> dict[int, str]:
    """A name for each sheet that no other actor has; what is shown is the sheet's own."""
    wanted: dict[str, list[SheetFacts]] = {}
    for sheet in sheets:
        wanted.setdefault(_index(sheet.name), []).append(sheet)
    taken = set(wanted) | {"Player", "Narrator"}
    chosen = {}
    for index, rivals in sorted(wanted.items()):
        for sheet in rivals:
            if len(rivals) == 1 and index.strip("_") and index not in ("Player", "Narrator"):
                chosen[sheet.id] = sheet.name
                continue
            name = f"{sheet.name} {sheet.shortcut or sheet.id}"
            while _index(name) in taken:
                name = f"{name} {sheet.id}"
            taken.add(_index(name))
            chosen[sheet.id] = name
            message = f"another actor has this name: it is called {name!r}, and shown as before"
            told.add("XP0201", message, f"sheet {sheet.shortcut or sheet.id} ({sheet.name})")
    return chosen


def _index(name: str) -> str:
    """What the plugin makes of an actor's name in Lua."""
    return "".join(["_" if x in '" -()/\\[]' or not x.isprintable() else x for x in name])


def _property(block: Block, taken: set[str]) -> Iterator[bytes]:
    """A block as a field. Its title has a prefix: the plugin reads some titles itself."""
    config: Mapping[str, Any] = block.config if isinstance(block.config, dict) else {}
    label = config.get("label")
    name = block.variable_name or (label if isinstance(label, str) else "")
    if not name or block.type not in BLOCK_TYPES:
        return
    content = block.value.get("content") if isinstance(block.value, dict) else None
    value = initial_value(content, block.type)
    title = f"Sheet {name}" if name not in taken else f"Sheet {name} ({block.id})"
    taken.add(name)
    if isinstance(value, bool):
        yield field(title, str(value), BOOLEAN)
    elif is_number(value):
        yield field(title, repr(value), NUMBER)
    else:
        text = "" if value is None else format_value(value)
        yield field(title, line_text(text, {}) if block.type == "rich_text" else text)


def clip_names(names: Mapping[int, str]) -> dict[int, str]:
    """Names of media as the plugin loads them: without their extensions."""
    return {number: name.rpartition(".")[0] for number, name in names.items()}
