"""Flows and their translations as rows of the draft."""

import hashlib
from collections.abc import Sequence
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.yarn.desk import Unit
from storyarn_pipelines.importers.yarn.graph import Made, laid_out
from storyarn_pipelines.importers.yarn.speech import Text
from storyarn_pipelines.importers.yarn.strings import StringTables, Translated
from storyarn_pipelines.importers.yarn.sums import UnsayableError
from storyarn_pipelines.importers.yarn.texts import (
    Markup,
    Piece,
    Styled,
    as_html,
    as_plain,
    parts_of_table,
    split_speaker,
)
from storyarn_pipelines.importers.yarn.voices import Voices

Json = dict[str, Any]
_LOCK = 8


class Writer:
    """Takes flows that are whole."""

    def __init__(self, draft: Draft, tables: StringTables, voices: Voices, notes: Notes) -> None:
        self._draft, self._tables, self._voices, self._notes = draft, tables, voices, notes
        self._names: dict[str, dict[str, str]] = {}
        self._sheets: dict[str, Json] = {}

    def flow(self, unit: Unit, roots: Sequence[Made]) -> None:
        """Write a flow with its nodes, ways and translations."""
        placed = laid_out(roots, unit.position)
        nodes: list[Json] = []
        comments: list[Json] = []
        for one in placed:
            node = one.node
            row = node.row
            if row is None:
                row = node.row = self._draft.row(t.FLOW_NODES, type=node.kind)
            self._voice(node)
            row |= {"position_x": one.x, "position_y": one.y, "data": node.data}
            nodes.append(row)
            for text, x, y in one.comments:
                data = {"text": text, "color": "#fbbf24", "font_size": "md"}
                comments.append(
                    self._draft.row(
                        t.FLOW_NODES, type="annotation", position_x=x, position_y=y, data=data
                    )
                )
            for text_here in node.texts:
                self._translate(text_here, node, row)
        unit.row["nodes"] = [*nodes, *comments]
        unit.row["connections"] = [
            self._draft.row(
                t.FLOW_CONNECTIONS, source_handle=pin, target_handle="input",
                source_node_id=one.node.row["id"], target_node_id=target.row["id"],
            )
            for one in placed
            for pin, target in one.node.ways.items()
            if one.node.row is not None and target.row is not None
        ]  # fmt: skip
        self._draft.flow(unit.row)
        unit.row.pop("nodes")
        unit.row.pop("connections")

    def names(self) -> None:
        """Write the translated names of speakers, which stand in front of their lines."""
        for shortcut, names in self._names.items():
            sheet = self._sheets[shortcut]
            text = Text("name", "speaker_name", sheet["name"], (), (), False, None)
            rows = {
                locale: self._row(text, name, "final", current=True)
                for locale, name in names.items()
                if name != sheet["name"]
            }
            if rows:
                self._string(f"sheet.{shortcut}.name", text, "sheet", sheet["id"], rows)

    def _voice(self, node: Made) -> None:
        """The voice-over of a dialogue, as the source language has it."""
        if node.kind == "dialogue" and node.texts:
            text: Text = node.texts[0]
            if text.field == "text" and text.line_ids:
                asset = self._voices.of(text.line_ids[0], None)
                if asset is not None:
                    node.data["audio_asset_id"] = int(asset)

    def _translate(self, text: Text, node: Made, row: Json) -> None:
        found = [self._tables.of(x) if x else {} for x in text.line_ids]
        rows: dict[str, Json] = {}
        for locale in self._tables.locales:
            made: Json | None = None
            if locale in text.given:
                made = self._row(text, text.given[locale], "final", current=True)
            elif found and all(locale in one for one in found):
                made = self._translation(text, [one[locale] for one in found], locale)
            voice = self._voices.of(text.line_ids[0], locale) if text.line_ids else None
            if voice is not None:
                made = made or self._row(text, None, "pending", current=False)
                made |= {"vo_status": "approved", "vo_asset_id": voice}
            if made is not None:
                rows[locale] = made
        if rows:
            key = f"flow_node.{node.data['localization_id']}.{text.field}"
            self._string(key, text, "flow_node", row["id"], rows)

    def _translation(self, text: Text, lines: Sequence[Translated], locale: str) -> Json | None:
        """A translation from a table; one that Storyarn cannot say is told."""
        try:
            said = self._written(text, lines, locale)
        except UnsayableError as error:
            what = f"translations are left out ({error})"
            self._notes.add(what, [f"{text.line_ids[0]} {locale}"])
            return None
        status, current = _status(lines, text)
        return self._row(text, said, status, current=current) if said else None

    def _written(self, text: Text, lines: Sequence[Translated], locale: str) -> str:
        """A translation as Storyarn writes it."""
        read: list[list[Styled]] = []
        for place, line in enumerate(lines):
            shown: Sequence[Sequence[Piece]] = text.shown[place]
            parts = parts_of_table(line.text, shown)
            if text.has_speaker:
                name, parts = split_speaker(parts)
                if name and text.sheet is not None and not place:
                    self._name(text.sheet, locale, name)
            lost: list[str] = []
            read.append(Markup(lost.append).read(parts))
            if lost:
                what = "markup that Storyarn lacks is left out of translations"
                self._notes.add(what, [f"{text.line_ids[place]} {locale}"])
        return as_plain(read[0]) if text.role == "response" else as_html(read)

    def _name(self, sheet: Json, locale: str, name: str) -> None:
        known = self._names.setdefault(sheet["shortcut"], {})
        self._sheets[sheet["shortcut"]] = sheet
        if known.setdefault(locale, name) != name:
            what = "speakers have several names in one language: the first one is kept"
            self._notes.add(what, [f"{sheet['name']} {locale}"])

    def _row(self, text: Text, said: str | None, status: str, *, current: bool) -> Json:
        digest = hashlib.sha256(text.text.encode("utf-8", "surrogatepass")).hexdigest()
        return self._draft.row(
            t.LOCALIZED_TEXTS, source_text=text.text, source_text_hash=digest, text=said,
            status=status, vo_status="none", vo_asset_id=None,
            speaker_sheet_id=text.sheet["id"] if text.sheet else None,
            translated_source_hash=digest if current else None,
        )  # fmt: skip

    def _string(
        self, key: str, text: Text, kind: str, source_id: str, rows: dict[str, Json]
    ) -> None:
        value = {
            "source_type": kind, "source_id": source_id, "source_field": text.field,
            "content_role": text.role, "vo_eligible": text.role in ("dialogue", "response"),
            "translations": rows,
        }  # fmt: skip
        self._draft.string(key, value)


def _status(lines: Sequence[Translated], text: Text) -> tuple[str, bool]:
    """The state of a translation, and whether it is of the text as it stands.

    A table without locks does not say; it is taken for done, as a game takes it.
    """
    if all(x.lock is None for x in lines):
        return "final", True
    current = all((x.lock or "").lower() == lock for x, lock in zip(lines, text.locks, strict=True))
    return ("final", True) if current else ("review", False)
