"""Media: all of a project's, or those that the rows of a selection refer to."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.store.scope import Scope
from storyarn_pipelines.store.sql import row_id
from storyarn_pipelines.store.text_query import text_filters


def media_query(columns: str, scope: Scope) -> str:
    """The query for ``assets``."""
    where = f"t.project_id = {scope.project} AND {scope.alive(t.ASSETS, 't')}"
    if not scope.options.selects:
        return f"SELECT {columns} FROM assets t WHERE {where} ORDER BY t.inserted_at, t.id"
    return (
        f"WITH RECURSIVE {_used(scope)} SELECT {columns} FROM assets t "
        f"WHERE {where} AND t.id IN (SELECT id FROM used) ORDER BY t.inserted_at, t.id"
    )


def _used(scope: Scope) -> str:
    """Ids that exported rows name, and then what those media name: originals and variants."""
    members = ", ".join(
        f"{table.name}_in AS MATERIALIZED ({scope.members(table)})"
        for table in (t.SHEETS, t.FLOWS, t.SCENES)
    )
    named = " UNION ".join(_named_by_rows(scope))
    linked = row_id("link.value")
    return f"""{members},
used AS (
    SELECT id FROM ({named}) named
    UNION
    SELECT linked.id FROM used u
    JOIN assets a ON a.id = u.id AND a.project_id = {scope.project}
    CROSS JOIN LATERAL (
        SELECT {linked} AS id FROM ({_LINKS}) link) linked
    WHERE linked.id IS NOT NULL)"""


_LINKS = """
    SELECT a.metadata ->> 'original_asset_id' AS value
    UNION ALL SELECT a.metadata ->> 'web_asset_id'
    UNION ALL SELECT variant.value FROM jsonb_each_text(
        CASE WHEN jsonb_typeof(a.metadata -> 'variant_asset_ids') = 'object'
             THEN a.metadata -> 'variant_asset_ids' ELSE '{}' END) variant"""


def _named_by_rows(scope: Scope) -> list[str]:
    block, node = scope.alive(t.BLOCKS, "b"), scope.alive(t.FLOW_NODES, "n")
    audio = row_id("n.data ->> 'audio_asset_id'")
    nodes = f"flow_nodes n JOIN flows_in f ON f.id = n.flow_id AND {node}"
    queries = [
        "SELECT s.banner_asset_id AS id FROM sheets s JOIN sheets_in x ON x.id = s.id",
        "SELECT a.asset_id FROM sheet_avatars a JOIN sheets_in x ON x.id = a.sheet_id",
        "SELECT g.asset_id FROM block_gallery_images g JOIN blocks b ON b.id = g.block_id "
        f"AND {block} JOIN sheets_in x ON x.id = b.sheet_id",
        f"SELECT {audio} FROM {nodes} AND n.type = 'dialogue'",
        f"SELECT k.asset_id FROM flow_node_sequence_tracks k JOIN ({_ids(nodes)}) n "
        "ON n.id = k.flow_node_id",
        f"SELECT v.asset_id FROM flow_node_sequence_visual_layers v JOIN ({_ids(nodes)}) n "
        "ON n.id = v.flow_node_id",
        "SELECT s.background_asset_id FROM scenes s JOIN scenes_in x ON x.id = s.id",
        "SELECT p.icon_asset_id FROM scene_pins p JOIN scenes_in x ON x.id = p.scene_id",
        "SELECT z.label_icon_asset_id FROM scene_zones z JOIN scenes_in x ON x.id = z.scene_id",
    ]
    if scope.options.include_localization:
        queries.append(
            f"SELECT t.vo_asset_id FROM localized_texts t WHERE t.project_id = {scope.project} "
            f"AND {scope.alive(t.LOCALIZED_TEXTS, 't')}{text_filters(scope)}"
        )
    return queries


def _ids(nodes: str) -> str:
    return f"SELECT n.id FROM {nodes}"
