"""Projects for validation: the base with rows laid over it, in a real database."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.validation import ValidationResult, validate
from storyarn_pipelines.validation.codes import base_project

Rows = dict[str, list[dict[str, Any]]]

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
STEP = 1000
STUDIO = """
SET session_replication_role = replica;
INSERT INTO users (id, email, inserted_at, updated_at)
    VALUES (1, 'owner@example.test', now(), now());
INSERT INTO workspaces (id, name, slug, owner_id, inserted_at, updated_at)
    VALUES (1, 'Studio', 'studio', 1, now(), now());
"""


def patched(patch: Mapping[str, Any]) -> Rows:
    """The base project with the rows of an example laid over it."""
    rows: Rows = base_project()
    for table, changes in patch.items():
        if table in ("options", "check_media", "delete"):
            continue
        present = {row["id"]: row for row in rows.setdefault(table, [])}
        for change in changes:
            present[change["id"]] = {**present.get(change["id"], {}), **change}
        rows[table] = list(present.values())
    for table, ids in patch.get("delete", {}).items():
        rows[table] = [row for row in rows[table] if row["id"] not in ids]
    return rows


def load(connection: psycopg.Connection[Any], rows: Rows, number: int) -> int:
    """Insert a project whose ids begin at ``number`` times STEP; returns its id."""
    first = number * STEP
    text = json.dumps(rows)
    text = re.sub(r'"@(\d+)"', lambda match: str(first + int(match[1])), text)
    text = re.sub(r"@(\d+)", lambda match: str(first + int(match[1])), text)
    for table, table_rows in json.loads(text).items():
        for columns, batch in groupby(table_rows, key=tuple):
            stamped = [
                {"inserted_at": f"2026-01-01T00:00:{n % 60:02}", "updated_at": "2026-01-01", **row}
                for n, row in enumerate(batch)
            ]
            names = ", ".join(dict.fromkeys((*columns, "inserted_at", "updated_at")))
            connection.execute(
                f"INSERT INTO {table} ({names}) "
                f"SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s)",
                [json.dumps(stamped)],
            )
    return first + 1


def validated(
    url: str, project: int, directory: Path, *, check_media: bool = False, **options: Any
) -> ValidationResult:
    """Collect a project into a directory of its own and validate it."""
    parsed = parse_options(options)
    directory.mkdir()
    collect(url, str(project), parsed, directory, collected_at=WHEN)
    return validate(StoryReader(directory), parsed, check_media=check_media)
