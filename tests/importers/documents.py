"""Native documents for comparisons: read, changed, renumbered, made up."""

import random
import re
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from storyarn_pipelines.importers.compare import Match, compare
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.source import open_source

DATA = Path(__file__).parents[1] / "data"
Document = dict[str, Any]
Steps = tuple[str | int, ...]
STAMP = "2025-01-10T08:00:00Z"

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def load(name: str) -> Document:
    """One of the golden files."""
    found: Document = _decoder.decode((DATA / name).read_bytes())
    return found


def write(path: Path, document: Document) -> Path:
    """A document as a file."""
    path.write_bytes(_encoder.encode(document))
    return path


def compared(before: Document, after: Document, **options: Any) -> list[Match]:
    """The matches of two documents."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory()))
        paths = [write(scratch / f"{n}.json", x) for n, x in enumerate((before, after))]
        sources = [stack.enter_context(open_source(path, scratch)) for path in paths]
        return list(compare(*(NativeDocument(x) for x in sources), **options))


def told(before: Document, after: Document) -> list[str]:
    """Differences in one line each: ``+ key``, ``- key``, ``~ key field before -> after``."""
    lines = []
    for match in compared(before, after):
        if match.before is None:
            lines.append(f"+ {match.key}")
        elif match.after is None:
            lines.append(f"- {match.key}")
        lines += (f"- {part.key}" for part in match.gone)
        lines += (f"+ {part.key}" for part in match.new)
        lines += (f"~ {x.key} {x.field} {x.before} -> {x.after}" for x in match.differences)
    return lines


def at(document: Any, *steps: str | int) -> Any:
    """What stands at a place."""
    for step in steps:
        document = document[step]
    return document


def leaves(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every scalar and its place."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path, value


_MENTION = re.compile(r'(data-type="(\w+)" data-id=")(\d+)"')
_KEYS = {
    "banner_asset_id": "asset", "asset_id": "asset", "background_asset_id": "asset",
    "icon_asset_id": "asset", "label_icon_asset_id": "asset", "vo_asset_id": "asset",
    "audio_asset_id": "asset", "web_asset_id": "asset", "original_asset_id": "asset",
    "inherited_from_block_id": "block", "scene_id": "scene", "parent_scene_id": "scene",
    "source_node_id": "node", "target_node_id": "node", "layer_id": "layer",
    "sheet_id": "sheet", "speaker_sheet_id": "sheet", "location_sheet_id": "sheet",
    "flow_id": "flow", "referenced_flow_id": "flow", "from_pin_id": "pin", "to_pin_id": "pin",
    "avatar_id": "avatar",
}  # fmt: skip
_LISTS = {
    "pages": "sheet", "flows": "flow", "maps": "scene", "blocks": "block", "avatars": "avatar",
    "nodes": "node", "layers": "layer", "pins": "pin", "items": "asset",
}  # fmt: skip
_JSON = frozenset(
    ("data", "value", "config", "cells", "action_data", "condition", "metadata", "vertices",
     "waypoints")
)  # fmt: skip
_PARENTS = {"pages": "sheet", "flows": "flow", "nodes": "node"}


class Renumbered:
    """A copy of a document in which every id is another, and lists are in another order."""

    def __init__(self, document: Document, rng: random.Random) -> None:
        self._rng = rng
        self._ids: dict[tuple[str, str], str] = {}
        self._others: dict[str, str] = {}
        self._collect(document, "")
        numbers = rng.sample(range(10_000, 90_000), len(self._ids))
        self._ids = {key: str(x) for key, x in zip(self._ids, numbers, strict=True)}
        self.document: Document = self._copy(document, "", ())
        self.document["project"]["id"] = "990"
        items = self.document.get("assets", {}).get("items", [])
        for item in items:
            item["key"] = item["key"].replace("projects/7/", "projects/990/")

    def _collect(self, value: Any, name: str) -> None:
        if isinstance(value, dict):
            if "id" in value and name in _LISTS:
                self._ids.setdefault((_LISTS[name], value["id"]), "")
            for key, item in value.items():
                if key not in _JSON:
                    self._collect(item, key)
        elif isinstance(value, list):
            for item in value:
                self._collect(item, name)

    def _new(self, kind: str | None, old: Any) -> Any:
        if old is None or kind is None or (kind, str(old)) not in self._ids:
            return old
        new = self._ids[kind, str(old)]
        return int(new) if isinstance(old, int) else new

    def _copy(self, value: Any, name: str, holders: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            made = [self._copy(item, name, holders) for item in value]
            if not _JSON.intersection(holders) and value and isinstance(value[0], dict):
                self._rng.shuffle(made)
            return made
        if not isinstance(value, dict):
            return value
        if name == "strings":
            return {self._key(k, x): self._copy(x, k, ("strings",)) for k, x in value.items()}
        return {key: self._member(value, key, name, holders) for key in value}

    def _member(self, row: Document, key: str, name: str, holders: tuple[str, ...]) -> Any:
        value = row[key]
        if key == "id":
            if _JSON.intersection(holders):
                return value
            return self._new(_LISTS[name], value) if name in _LISTS else self._other(value)
        if key == "hidden_inherited_block_ids" and value:
            return [self._new("block", x) for x in value]
        if key == "variant_asset_ids":
            return {k: self._new("asset", x) for k, x in value.items()}
        if key == "source_handle" and value.startswith("exit_"):
            return f"exit_{self._new('node', value.removeprefix('exit_'))}"
        kind = self._kind(row, key, name)
        if kind is not None:
            return self._new(kind, value)
        if isinstance(value, str):
            return _MENTION.sub(lambda x: f'{x[1]}{self._new(x[2], x[3])}"', value)
        return self._copy(value, key, (*holders, key))

    def _kind(self, row: Document, key: str, name: str) -> str | None:
        """What a key names; None if it names no row."""
        if key == "parent_id":
            return _PARENTS[name]
        if key == "target_id":
            return {"page": "sheet"}.get(row["target_type"], str(row["target_type"]))
        if key == "source_id":
            return {"flow_node": "node"}.get(row["source_type"], row["source_type"])
        return _KEYS.get(key)

    def _other(self, old: str) -> str:
        """Another id for a row that nobody refers to."""
        return self._others.setdefault(old, str(self._rng.randint(10**6, 10**9)))

    def _key(self, key: str, text: Document) -> str:
        kind, ref, field = text["source_type"], text["source_id"], text["source_field"]
        if key != f"{kind}.{ref}.{field}":
            return key
        return f"{kind}.{self._new({'flow_node': 'node'}.get(kind, kind), ref)}.{field}"


def invented(rng: random.Random) -> Document:
    """A small project that is hard to tell apart: rows without keys, alike, tied in circles."""
    ids = iter(rng.sample(range(1, 9_000), 900))
    project = {"id": "7", "name": "P", "inserted_at": STAMP}
    assets: list[Document] = [
        {"id": str(next(ids)), "filename": f"{n}.png", "key": f"projects/7/assets/{n}/x.png",
         "blob_hash": rng.choice((None, f"{n % 3}" * 64)), "metadata": {}, "deleted_at": None}
        for n in range(rng.randint(0, 4))
    ]  # fmt: skip
    sheets = [_sheet(n, rng, ids, assets) for n in range(rng.randint(1, 4))]
    scenes = [_scene(n, rng, ids, sheets) for n in range(rng.randint(0, 2))]
    flows: list[Document] = []
    for number in range(rng.randint(1, 4)):
        flows.append(_flow(number, rng, ids, flows, sheets))
    return {
        "storyarn_version": "1.0.0",
        "export_version": "1.0.0",
        "schema_version": 20260820160000,
        "project": project,
        "pages": sheets,
        "flows": flows,
        "maps": scenes,
        "localization": {"source_language": None, "languages": [], "glossary": [],
                         "strings": _strings(rng, ids, flows, sheets)},
        "assets": {"mode": "references", "base_url": None, "items": assets},
    }  # fmt: skip


def _id(rows: list[Document], rng: random.Random) -> str | None:
    return rng.choice(rows)["id"] if rows and rng.random() < 0.7 else None


def _sheet(number: int, rng: random.Random, ids: Iterator[int], assets: list[Document]) -> Document:
    blocks: list[Document] = []
    for _ in range(rng.randint(0, 5)):
        name = rng.choice((None, "", "gold", "health", "title"))
        taken = {block["variable_name"] for block in blocks}
        blocks.append(
            {"id": str(next(ids)), "type": rng.choice(("text", "number", "rich_text")),
             "config": {"label": rng.choice(("A", "B"))}, "value": {"content": rng.randint(0, 3)},
             "variable_name": None if name in taken else name, "position": rng.randint(0, 9),
             "deleted_at": None, "inherited_from_block_id": None}
        )  # fmt: skip
    return {
        "id": str(next(ids)),
        "name": f"Sheet {number}",
        "shortcut": rng.choice((None, f"s{number}")),
        "parent_id": None,
        "deleted_at": rng.choice((None, None, None, STAMP)),
        "banner_asset_id": _id(assets, rng),
        "hidden_inherited_block_ids": [],
        "avatars": [],
        "blocks": blocks,
    }


def _scene(number: int, rng: random.Random, ids: Iterator[int], sheets: list[Document]) -> Document:
    layers: list[Document] = [
        {"id": str(next(ids)), "name": f"L{n}", "position": n} for n in range(rng.randint(0, 2))
    ]
    pins: list[Document] = [
        {"id": str(next(ids)), "pin_type": "event", "position_x": rng.randint(0, 1),
         "position_y": 0, "shortcut": None, "layer_id": _id(layers, rng),
         "sheet_id": _id(sheets, rng) if rng.random() < 0.2 else None}
        for _ in range(rng.randint(0, 5))
    ]  # fmt: skip
    connections: list[Document] = [
        {"id": str(next(ids)), "from_pin_id": _id(pins, rng), "to_pin_id": _id(pins, rng),
         "waypoints": [], "inserted_at": STAMP}
        for _ in range(rng.randint(0, 4))
    ]  # fmt: skip
    return {"id": str(next(ids)), "name": f"Scene {number}", "shortcut": f"scene{number}",
            "parent_scene_id": None, "deleted_at": None, "layers": layers, "pins": pins,
            "zones": [], "connections": connections, "annotations": [],
            "ambient_flows": []}  # fmt: skip


def _flow(
    number: int,
    rng: random.Random,
    ids: Iterator[int],
    others: list[Document],
    sheets: list[Document],
) -> Document:
    nodes: list[Document] = []
    for n in range(rng.randint(0, 9)):
        kind = rng.choice(("dialogue", "condition", "condition", "hub", "subflow", "sequence"))
        nodes.append(
            {"id": str(next(ids)), "type": kind, "position_x": rng.randint(0, 1),
             "position_y": 0, "parent_id": None, "deleted_at": None, "inserted_at": STAMP,
             "data": _data(kind, n, number, rng, others, sheets)}
        )  # fmt: skip
    sequences = [node for node in nodes if node["type"] == "sequence"]
    for node in nodes:
        if node["type"] != "sequence":
            node["parent_id"] = _id(sequences, rng)
    # One exit of each label: which of two equal ones a far pin means cannot be told.
    nodes += [
        {"id": str(next(ids)), "type": "exit", "position_x": 9, "position_y": n, "parent_id": None,
         "deleted_at": None, "inserted_at": STAMP, "data": {"label": f"E{n}"}}
        for n in range(rng.randint(0, 2))
    ]  # fmt: skip
    connections = [
        _connection(rng, ids, rng.choice(nodes), rng.choice(nodes), others)
        for _ in range(rng.randint(0, 10) if nodes else 0)
    ]
    return {"id": str(next(ids)), "name": f"Flow {number}", "shortcut": f"f{number}",
            "parent_id": None, "scene_id": None, "deleted_at": None, "nodes": nodes,
            "connections": connections}  # fmt: skip


def _data(
    kind: str,
    node: int,
    flow: int,
    rng: random.Random,
    others: list[Document],
    sheets: list[Document],
) -> Document:
    if kind == "dialogue":
        mentioned = _id(sheets, rng) or "8999"
        mention = f'<span class="mention" data-type="sheet" data-id="{mentioned}">x</span>'
        return {"text": rng.choice(("", "Hi", mention)), "speaker_sheet_id": _id(sheets, rng),
                "localization_id": rng.choice((None, f"d{flow}_{node}"))}  # fmt: skip
    if kind == "subflow":
        return {"referenced_flow_id": _id(others, rng)}
    return {"hub_id": f"hub_{node}"} if kind == "hub" and rng.random() < 0.5 else {}


def _connection(
    rng: random.Random,
    ids: Iterator[int],
    source: Document,
    target: Document,
    flows: list[Document],
) -> Document:
    pin = rng.choice(("output", "true"))
    called = [x for x in flows if x["id"] == source["data"].get("referenced_flow_id")]
    exits = [x for flow in called for x in flow["nodes"] if x["type"] == "exit"]
    if exits:
        pin = f"exit_{rng.choice(exits)['id']}"
    return {"id": str(next(ids)), "source_handle": pin, "target_handle": "input", "label": None,
            "source_node_id": source["id"], "target_node_id": target["id"],
            "inserted_at": STAMP}  # fmt: skip


def _strings(
    rng: random.Random, ids: Iterator[int], flows: list[Document], sheets: list[Document]
) -> Document:
    strings: Document = {}
    for flow in flows:
        for node in flow["nodes"]:
            name = node["data"].get("localization_id")
            if node["type"] == "dialogue" and name and rng.random() < 0.5:
                key = rng.choice((f"flow_node.{name}.text", f"flow_node.{node['id']}.text"))
                strings[key] = _string("flow_node", node["id"], "text", rng, ids)
    for sheet in sheets:
        if rng.random() < 0.5:
            strings[f"sheet.{sheet['id']}.name"] = _string("sheet", sheet["id"], "name", rng, ids)
    return strings


def _string(kind: str, ref: str, field: str, rng: random.Random, ids: Iterator[int]) -> Document:
    locales = rng.sample(("de", "es", "it"), rng.randint(1, 3))
    return {"source_type": kind, "source_id": ref, "source_field": field,
            "translations": {x: {"id": str(next(ids)), "text": rng.choice("abc")}
                             for x in locales}}  # fmt: skip
