"""Random projects as Storyarn would really let them be.

The generator fills tables with the triggers off, and lets projects refer to each other. What the
triggers would refuse, and keys that lead to another project, are mended here, in plain SQL of its
own, so that such a project can come back as it went.
"""

from collections.abc import Iterator

import psycopg

from storyarn_pipelines.domain.tables import TABLES

_BY_NAME = {table.name: table for table in TABLES}

_KEYS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, a.attnotnull
  FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 ORDER BY 1, 2
"""
_IS_SEQUENCE = "EXISTS (SELECT 1 FROM flow_nodes n WHERE n.type = 'sequence' AND n.id IN ({}))"
_TRIGGERS = (
    "UPDATE flow_nodes x SET parent_id = NULL WHERE parent_id IS NOT NULL AND NOT "
    + _IS_SEQUENCE.format("x.parent_id"),
    *(
        f"DELETE FROM {table} x WHERE NOT {_IS_SEQUENCE.format('x.flow_node_id')}"
        for table in (
            "flow_node_sequence_configs",
            "flow_node_sequence_tracks",
            "flow_node_sequence_visual_layers",
        )
    ),
    "DELETE FROM flow_connections x WHERE "
    + _IS_SEQUENCE.format("x.source_node_id, x.target_node_id"),
    """
    UPDATE flow_nodes x SET data = x.data - 'localization_id' WHERE x.id IN (
        SELECT id FROM (
            SELECT n.id, row_number() OVER (
                PARTITION BY f.project_id, n.data ->> 'localization_id' ORDER BY n.id) AS place
              FROM flow_nodes n JOIN flows f ON f.id = n.flow_id AND f.deleted_at IS NULL
             WHERE n.type = 'dialogue' AND n.deleted_at IS NULL
               AND n.data ->> 'localization_id' <> '') y
         WHERE place > 1)
    """,
)
_VOICE = (
    ", vo_status = CASE WHEN vo_status IN ('recorded', 'approved') THEN 'needed' ELSE vo_status END"
)


def make_legal(connection: psycopg.Connection) -> None:
    """Mend all rows of a database; the connection must have its triggers off."""
    for table, column, target, required in own_keys(connection):
        here, there = project_of(table, "x"), project_of(target, "y")
        foreign = (
            f"x.{column} IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM {target} y WHERE y.id = x.{column} AND {there} = {here})"
        )
        voice = _VOICE if column == '"vo_asset_id"' else ""
        change = f"UPDATE {table} x SET {column} = NULL{voice}"
        run(connection, f"{f'DELETE FROM {table} x' if required else change} WHERE {foreign}")
    for command in _TRIGGERS:
        run(connection, command)


def own_keys(connection: psycopg.Connection) -> Iterator[tuple[str, str, str, bool]]:
    """The foreign keys among a project's rows, but for those to a parent: table, column, target,
    whether a row cannot be without it."""
    for table, column, target, required in connection.execute(_KEYS).fetchall():
        known = _BY_NAME.get(table)
        if known is None or target not in _BY_NAME or column == known.parent_key:
            continue
        yield table, f'"{column}"', target, required


def project_of(name: str, alias: str) -> str:
    """SQL for the project of a row."""
    table = _BY_NAME[name]
    if not table.parent_key:
        return f"{alias}.id"
    if table.parent_key == "project_id":
        return f"{alias}.project_id"
    inner = alias + "_"
    parent = project_of(table.parent, inner)
    key = f"{alias}.{table.parent_key}"
    return f"(SELECT {parent} FROM {table.parent} {inner} WHERE {inner}.id = {key})"


def run(connection: psycopg.Connection, command: str) -> None:
    """A command that a test has put together."""
    connection.execute(command.encode())
