"""Media: all of a project's, or those that the rows of a selection refer to."""

from collections.abc import Iterator

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import PROJECTS, Table, tables_of
from storyarn_pipelines.store.columns import Schema
from storyarn_pipelines.store.rows_in_file import rows_in_file
from storyarn_pipelines.store.scope import Scope, sections_of
from storyarn_pipelines.store.sql import identifier, row_id

_ASSET_COLUMNS = {
    t.SHEETS.name: "banner_asset_id",
    t.SHEET_AVATARS.name: "asset_id",
    t.BLOCK_GALLERY_IMAGES.name: "asset_id",
    t.SEQUENCE_TRACKS.name: "asset_id",
    t.SEQUENCE_VISUAL_LAYERS.name: "asset_id",
    t.SCENES.name: "background_asset_id",
    t.SCENE_PINS.name: "icon_asset_id",
    t.SCENE_ZONES.name: "label_icon_asset_id",
    t.LOCALIZED_TEXTS.name: "vo_asset_id",
}
_LINKS = """
    SELECT a.metadata ->> 'original_asset_id' AS value
    UNION ALL SELECT a.metadata ->> 'web_asset_id'
    UNION ALL SELECT variant.value FROM jsonb_each_text(
        CASE WHEN jsonb_typeof(a.metadata -> 'variant_asset_ids') = 'object'
             THEN a.metadata -> 'variant_asset_ids' ELSE '{}' END) variant"""


def media_query(columns: str, schema: Schema, scope: Scope) -> str:
    """The query for ``assets``."""
    where = f"t.project_id = {scope.project} AND {scope.alive(t.ASSETS, 't')}"
    if not scope.options.selects:
        return f"SELECT {columns} FROM assets t WHERE {where} ORDER BY t.inserted_at, t.id"
    return (
        f"WITH RECURSIVE {_used(schema, scope)} SELECT {columns} FROM assets t "
        f"WHERE {where} AND t.id IN (SELECT id FROM used) ORDER BY t.inserted_at, t.id"
    )


def _used(schema: Schema, scope: Scope) -> str:
    """Ids that rows in the file name, and then what those media name: originals and variants."""
    named = " UNION ".join(_named_by_rows(schema, scope))
    own = "".join(
        f" UNION ALL SELECT a.{identifier(column)}::text"
        for column in _asset_columns(t.ASSETS, schema)
    )
    return f"""
used AS (
    SELECT id FROM ({named}) named
    UNION
    SELECT linked.id FROM used u
    JOIN assets a ON a.id = u.id AND a.project_id = {scope.project} AND {scope.alive(t.ASSETS, "a")}
    CROSS JOIN LATERAL (
        SELECT {row_id("link.value")} AS id FROM ({_LINKS}{own}) link) linked
    WHERE linked.id IS NOT NULL)"""


def _named_by_rows(schema: Schema, scope: Scope) -> Iterator[str]:
    sections = [x for x in sections_of(scope.options) if x != "media"]
    for table in (PROJECTS, *(table for section in sections for table in tables_of(section))):
        rows = rows_in_file(table, scope)
        for column in _asset_columns(table, schema):
            yield f"SELECT t.{identifier(column)}::bigint AS id {rows}"
        if table is t.FLOW_NODES:
            audio = row_id("t.data ->> 'audio_asset_id'")
            yield f"SELECT {audio} AS id {rows} AND t.type = 'dialogue'"
    yield "SELECT NULL::bigint AS id"


def _asset_columns(table: Table, schema: Schema) -> list[str]:
    """The known column, and unknown ones that refer to media by a foreign key."""
    found = schema.tables[table.name].values()
    known = _ASSET_COLUMNS.get(table.name)
    return [x.name for x in found if x.name == known or x.refers_to == t.ASSETS.name]
