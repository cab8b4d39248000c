"""The originals that our own export keeps: Storyarn's rows, beside what articy shows of them.

They come back as they were, ids and all: no other row of the draft gets an id of theirs. Whatever
is no original after all, a copy that an author made of an object for example, is read as any
object of articy is.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
import orjson

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.articy.items import Item, hexadecimal
from storyarn_pipelines.importers.articy.project import ArticyProject
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.serializers.articy.kept import JSON_COLUMNS, ORIGINAL

Json = dict[str, Any]
Texts = dict[str, dict[str, tuple[str | None, int | None]]]
"""Translations: text and voice-over by field and locale."""
Marks = dict[str, Any]
"""What articy showed of an object when it was exported, see the export's ``marks_of``."""

PLAYER, FLOW, SHEET, SCENE = "StoryarnPlayer", "StoryarnFlow", "StoryarnSheet", "StoryarnScene"
_LARGEST = 2**63 - 1
_HUGE = re.compile(r"[0-9]{16}")
_WHOLE = 2.0**53
T = TypeVar("T", bound=msgspec.Struct)


class KeptLanguage(msgspec.Struct):
    """A language of the project."""

    locale_code: str
    name: str | None = None
    is_source: bool = False


class KeptProject(msgspec.Struct):
    """``source`` is the source's locale, ``variables`` are names and marks by articy's names,
    ``media`` rows by their objects."""

    project: Json
    source: str
    languages: list[KeptLanguage]
    marks: Marks = {}
    media: dict[str, Json] = {}
    variables: dict[str, tuple[str, int]] = {}


class KeptFlow(msgspec.Struct):
    """A flow; ``texts`` go by node, ``marks`` by object."""

    flow: Json
    marks: dict[str, Marks]
    texts: dict[str, Texts] = {}


class KeptSheet(msgspec.Struct):
    """A sheet; ``texts`` go by block, ``values`` have feature, property and marks by block."""

    of: str
    sheet: Json
    texts: dict[str, Texts] = {}
    marks: Marks = {}
    values: dict[str, tuple[str, str, list[int]]] = {}


class KeptScene(msgspec.Struct):
    """A scene; ``marks`` go by object."""

    scene: Json
    marks: dict[str, Marks] = {}


def read_kept(item: Item, feature: str, kind: type[T]) -> T | None:
    """The original that an object carries, None if it has none that can be read."""
    text = next(
        (x.value for x in item.properties if x.feature == feature and x.name == ORIGINAL), None
    )
    if isinstance(text, dict):
        text = next((x for x in text.values() if x), None)
    if not isinstance(text, str) or not text:
        return None
    try:
        found = msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if _HUGE.search(text):
        for name in kind.__struct_fields__:
            if name in ("flow", "sheet", "scene", "project"):
                setattr(found, name, _exact(getattr(found, name)))
    return found


def _exact(value: Any, *, inside: bool = False) -> Any:
    """A value whose huge numbers are written as they are: others make integers of fractions,
    or take 64 bits at most. ``inside`` says that it stands in a column of JSON."""
    match value:
        case dict():
            return {
                key: _exact(x, inside=inside or key in JSON_COLUMNS) for key, x in value.items()
            }
        case list():
            return [_exact(x, inside=inside) for x in value]
        case float() if inside and abs(value) >= _WHOLE:
            return orjson.Fragment(f"{value:.1f}")
        case int() if abs(value) > _LARGEST:
            return orjson.Fragment(str(value))
    return value


def kept_project(project: ArticyProject) -> KeptProject | None:
    """What the player of our own export keeps."""
    for item in project.store.items(project.store.of_kinds(["Entity"])):
        if item.template == PLAYER:
            return read_kept(item, PLAYER, KeptProject)
    return None


def kept_flow(item: Item) -> KeptFlow | None:
    """The flow that a dialogue was, if it is that very dialogue."""
    found = read_kept(item, FLOW, KeptFlow)
    is_own = found is not None and hexadecimal(item.id) in found.marks
    return found if found and is_own and is_row(found.flow, t.FLOWS) else None


def kept_sheet(item: Item) -> KeptSheet | None:
    """The sheet that an entity was."""
    found = read_kept(item, SHEET, KeptSheet)
    is_own = found is not None and found.of == hexadecimal(item.id)
    return found if found and is_own and is_row(found.sheet, t.SHEETS) else None


def kept_scene(item: Item) -> KeptScene | None:
    """The scene that a location was."""
    found = read_kept(item, SCENE, KeptScene)
    is_own = found is not None and hexadecimal(item.id) in found.marks
    return found if found and is_own and is_row(found.scene, t.SCENES) else None


def is_row(row: Json, table: Table) -> bool:
    """Whether a row and all that is in it have ids: a file may have been changed by hand."""
    return all(_id_of(x) is not None for _, x in _walk(row, table))


def reserve(draft: Draft, row: Json, table: Table) -> None:
    """Keep the ids of a row and of all that is in it."""
    for kind, one in _walk(row, table):
        draft.reserve(kind, _id_of(one) or 0)


def stamped(draft: Draft, row: Json, table: Table) -> Json:
    """A row as those of today are: it and all that is in it have times."""
    for kind, one in _walk(row, table):
        for name in ("inserted_at", "updated_at"):
            if name in kind.columns:
                one[name] = draft.stamp
        inner = one.get("sequence") if kind is t.FLOW_NODES else None
        if isinstance(inner, dict):
            own = [inner] if "name" in inner else []
            for part in (*own, *listed(inner, "tracks"), *listed(inner, "visual_layers")):
                part |= {"inserted_at": draft.stamp, "updated_at": draft.stamp}
    return row


def listed(row: Json, key: str) -> list[Json]:
    """The rows in a row."""
    found = row.get(key)
    return [x for x in found if isinstance(x, dict)] if isinstance(found, list) else []


def data_of(node: Json) -> Json:
    """The data of a node, which always is an object here."""
    if not isinstance(node.get("data"), dict):
        node["data"] = {}
    found: Json = node["data"]
    return found


def _walk(row: Json, table: Table) -> Iterator[tuple[Table, Json]]:
    yield table, row
    for child in t.children_of(table):
        if child.list_key and table is not t.FLOW_NODES:
            for inner in listed(row, child.list_key):
                yield from _walk(inner, child)


def _id_of(row: Json) -> int | None:
    text = row.get("id")
    if not isinstance(text, str) or not text.isascii() or len(text) > 19:
        return None
    number = int(text) if text.isdecimal() else 0
    return number if 0 < number <= _LARGEST else None
