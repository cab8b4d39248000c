"""The JSON Schema of the native format, worked out from a database with Storyarn's tables."""

import sys
from pathlib import Path

import msgspec
import orjson

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import TABLES
from storyarn_pipelines.serializers.storyarn.json_schema import json_schema
from storyarn_pipelines.settings import read_settings
from storyarn_pipelines.store.columns import read_schema
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.store.stream import read_transaction


def schema_document(url: str) -> bytes:
    """The schema as the indented JSON that is shipped."""
    with read_transaction(url) as transaction:
        found = read_schema(transaction)
    columns: dict[str, dict[str, tuple[Kind, bool]]] = {
        table.name: {field.name: (field.kind, field.nullable) for field in found.fields(table, "t")}
        for table in TABLES
    }
    return msgspec.json.format(orjson.dumps(json_schema(columns)), indent=2) + b"\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(schema_document(database_url(read_settings())))
