"""Fragments as dialogues, and choices as their responses."""

from collections.abc import Sequence

import orjson

from storyarn_pipelines.expressions.ast import ALWAYS, Assignment, Condition
from storyarn_pipelines.expressions.structure import assignments_to_structure
from storyarn_pipelines.importers.articy import texts
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import Item, Text
from storyarn_pipelines.importers.articy.sketch import Sketch

NO_LABEL = "…"


def add_line(sketch: Sketch, item: Item, localization_id: str = "") -> int:
    """The dialogue of a fragment, without responses; returns its node."""
    book = sketch.book
    speaker = book.sheet_of(item.speaker)
    if item.speaker and speaker is None:
        book.notes.add("speakers that are not in the export", [book.where(item)])
    key = localization_id or f"articy_{item.id:016x}"
    if book.is_ours:
        key = book.lines.give(key)  # ids of elsewhere may stand there twice
    stage, menu = (texts.plain(book.said(x)) for x in (item.stage, item.menu))
    said = texts.markup(book.said(item.text), book.variables)
    data: Json = {
        "speaker_sheet_id": speaker,
        "text": said,
        "stage_directions": stage,
        "menu_text": menu,
        "technical_id": item.technical,
        "localization_id": key,
        "audio_asset_id": None,
        "avatar_id": None,
        "location_sheet_id": None,
        "responses": [],
    }
    node = sketch.node("dialogue", item.x, item.y, data)
    owner = ("flow_node", str(node))
    for field, text, source, made in (
        ("text", item.text, said, lambda x: texts.markup(x, book.variables)),
        ("stage_directions", item.stage, stage, texts.plain),
        ("menu_text", item.menu, menu, texts.plain),
    ):
        runtime = f"flow_node.{key}.{field}"
        book.translate(owner, field, text, source, made, speaker=speaker, key=runtime)
    return node


def add_choice(sketch: Sketch, x: float, y: float, key: str) -> int:
    """A dialogue that says nothing, for choices that no line stands before; returns its node."""
    data: Json = {
        "speaker_sheet_id": None,
        "text": "",
        "stage_directions": "",
        "menu_text": "",
        "technical_id": "",
        "localization_id": sketch.book.lines.give(f"{key}_choice"),
        "audio_asset_id": None,
        "avatar_id": None,
        "location_sheet_id": None,
        "responses": [],
    }
    return sketch.node("dialogue", x, y, data)


def add_response(
    sketch: Sketch,
    node: int,
    wanted: str,
    label: Text,
    asked: Condition,
    changes: Sequence[Assignment],
) -> str | None:
    """A response of a dialogue; returns its pin, None if its condition cannot be said."""
    condition = None
    if asked != ALWAYS:
        made = sketch.structure(asked)
        if made is None:
            return None
        condition = orjson.dumps(made).decode()
    book = sketch.book
    data = sketch.data[node]
    taken = {x["id"] for x in data["responses"]}
    pin, number = wanted, 2
    while pin in taken:
        pin, number = f"{wanted}_{number}", number + 1
    text = texts.response(book.said(label), book.variables) or NO_LABEL
    data["responses"].append(
        {
            "id": pin,
            "text": text,
            "condition": condition,
            "instruction": None,
            "instruction_assignments": assignments_to_structure(tuple(changes)),
        }
    )
    _translate(book, node, data, pin, label, text)
    return pin


def _translate(book: Book, node: int, data: Json, pin: str, label: Text, source: str) -> None:
    field = f"response.{pin}.text"
    book.translate(
        ("flow_node", str(node)),
        field,
        label,
        source,
        lambda x: texts.response(x, book.variables),
        speaker=data["speaker_sheet_id"],
        key=f"flow_node.{data['localization_id']}.{field}",
    )
