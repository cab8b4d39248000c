"""The catalogue of tables is the DDL's, and a database that differs is understood or refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import TABLES, Table
from storyarn_pipelines.errors import DatabaseError, DatabaseUnavailableError, SchemaError
from storyarn_pipelines.services.projects import projects
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.columns import read_schema
from storyarn_pipelines.store.database import initialise
from storyarn_pipelines.store.stream import read_transaction


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_the_ddl_travels_in_its_order_or_is_left_out_by_name(
    table: Table, mini_url: str
) -> None:
    with psycopg.connect(mini_url) as connection:
        found = [
            name
            for (name,) in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                "AND NOT attisdropped ORDER BY attnum",
                (table.name,),
            )
        ]
    left_out = {*table.ignored, table.parent_key}
    assert [name for name in found if name not in left_out] == list(table.columns)
    assert set(table.ignored) <= set(found)


def test_a_database_without_the_tables_is_refused_with_the_remedy(
    new_database: Callable[..., str], make_settings: Callable[[str], Settings]
) -> None:
    with pytest.raises(SchemaError, match="storyarn db init"):
        projects(make_settings(new_database(empty=True)))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("ALTER TABLE flow_nodes DROP COLUMN word_count", "column flow_nodes.word_count"),
        ("ALTER TABLE scene_pins DROP COLUMN scene_id", "column scene_pins.scene_id"),
        ("ALTER TABLE users RENAME COLUMN email TO mail", "column users.email"),
        ("DROP TABLE localization_glossary_entries", "table localization_glossary_entries"),
    ],
)
def test_a_missing_table_or_column_is_named_with_the_schema_version(
    mini_copy: str, damage: str, named: str, tmp_path: Path
) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute(damage)
    with pytest.raises(SchemaError, match=f"{named} is missing .*20260820160000"):
        collect(mini_copy, "mini", ExportOptions(), tmp_path, collected_at=datetime.now(UTC))


def test_columns_that_are_left_out_anyway_may_be_missing(mini_copy: str, tmp_path: Path) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute("ALTER TABLE flow_nodes DROP COLUMN derivatives_fingerprint")
        connection.execute("ALTER TABLE sheets DROP COLUMN current_version_id")
        connection.execute("DROP TABLE entity_references, variable_references")
    collect(mini_copy, "mini", ExportOptions(), tmp_path, collected_at=datetime.now(UTC))


def test_a_dead_database_is_a_transient_failure_in_one_line(
    make_settings: Callable[[str], Settings],
) -> None:
    with pytest.raises(DatabaseUnavailableError) as raised:
        projects(make_settings("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"))
    assert raised.value.transient
    assert "\n" not in str(raised.value)
    assert "STORYARN_DATABASE_URL" in str(raised.value)


def test_a_role_without_rights_is_told_which_it_needs(
    mini_copy: str, make_settings: Callable[[str], Settings]
) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
    with pytest.raises(DatabaseError, match=r"permission denied.*grant the role SELECT"):
        projects(make_settings(mini_copy.replace("postgres:@", "guest:@")))


def test_a_role_that_may_only_read_can_collect(mini_copy: str, tmp_path: Path) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        connection.execute(
            "REVOKE TEMPORARY ON DATABASE current FROM PUBLIC".replace(
                "current", connection.info.dbname
            )
        )
    url = mini_copy.replace("postgres:@", "reader:@")
    collect(url, "mini", ExportOptions(), tmp_path, collected_at=datetime.now(UTC))
    with psycopg.connect(mini_copy) as connection:
        connection.execute("DROP OWNED BY reader")


def test_tables_are_created_in_an_empty_database_only(new_database: Callable[..., str]) -> None:
    url = new_database(empty=True)
    initialise(url)
    with read_transaction(url) as transaction:
        assert read_schema(transaction).version == 20260820160000
    with pytest.raises(DatabaseError, match="needs an empty database"):
        initialise(url)
