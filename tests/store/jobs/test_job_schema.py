"""Our tables come into being once, beside Storyarn's, and are never mistaken for others."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import storyarn_pipelines.store.jobs
from storyarn_pipelines.domain.jobs import NewJob
from storyarn_pipelines.errors import DatabaseError, SchemaError, SettingsError
from storyarn_pipelines.settings import read_settings
from storyarn_pipelines.store.jobs import Connections, JobStore, schema_state, upgrade
from storyarn_pipelines.store.jobs.names import HEAD
from storyarn_pipelines.store.jobs.schema import _LOCK
from tests.conftest import wait_until

PACKAGE = Path(storyarn_pipelines.store.jobs.__file__).parent
ROOT = PACKAGE.parents[2]
UPGRADE = """
import sys
from storyarn_pipelines.store.jobs import Connections, upgrade
with Connections(sys.argv[1]) as connections:
    print(upgrade(connections).version)
"""


def catalogue(url: str, schema: str) -> list[Any]:
    """Everything that a schema holds, with the definitions of what has one."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            """
            SELECT c.relkind::text, c.relname::text, a.attname || ' ' || format_type(
                       a.atttypid, a.atttypmod) || ' ' || a.attnotnull, c.relacl::text
              FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
             WHERE c.relnamespace = %(schema)s::text::regnamespace
             UNION ALL SELECT 'index', indexname::text, indexdef, '' FROM pg_indexes
             WHERE schemaname = %(schema)s
             UNION ALL SELECT 'trigger', tgname::text, pg_get_triggerdef(t.oid), ''
              FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
             WHERE c.relnamespace = %(schema)s::text::regnamespace AND NOT tgisinternal
             UNION ALL SELECT 'function', proname::text, prosrc, proacl::text FROM pg_proc
             WHERE pronamespace = %(schema)s::text::regnamespace
             UNION ALL SELECT 'constraint', conname::text, pg_get_constraintdef(oid), ''
              FROM pg_constraint WHERE connamespace = %(schema)s::text::regnamespace
             UNION ALL SELECT 'policy', policyname::text, cmd || coalesce(qual, ''), ''
              FROM pg_policies WHERE schemaname = %(schema)s ORDER BY 1, 2, 3
            """,
            {"schema": schema},
        ).fetchall()


def test_the_first_upgrade_makes_all_and_the_second_nothing(
    new_database: Callable[..., str],
) -> None:
    url = new_database()
    storyarn = catalogue(url, "public")
    with Connections(url) as connections:
        state = schema_state(connections)
        assert (state.version, state.is_current, state.has_roles) == (None, False, False)
        state = upgrade(connections)
        assert (state.version, state.is_current, state.has_roles) == (HEAD, True, True)
        made = catalogue(url, "storyarn_pipelines")
        job, _ = JobStore(connections).create(NewJob("export", 7))
        assert upgrade(connections) == schema_state(connections) == state
        assert JobStore(connections).get(job.id) == job
    assert catalogue(url, "storyarn_pipelines") == made
    assert catalogue(url, "public") == storyarn


def test_it_lives_in_a_database_without_storyarns_tables_too(
    new_database: Callable[..., str],
) -> None:
    url = new_database(empty=True)
    with Connections(url) as connections:
        assert upgrade(connections).is_current
    assert catalogue(url, "public") == []


def test_the_tables_have_the_indexes_triggers_and_policies_that_were_asked_for(
    migrated_url: str,
) -> None:
    names = {(kind, name) for kind, name, _, _ in catalogue(migrated_url, "storyarn_pipelines")}
    assert {name for kind, name in names if kind == "index" and name.startswith("jobs_")} == {
        "jobs_pkey", "jobs_owner_status_created_idx", "jobs_owner_type_idx",
        "jobs_status_expires_idx", "jobs_overdue_idx", "jobs_data_selector_idx",
        "jobs_project_created_idx", "jobs_run_idx", "jobs_idempotency_idx",
    }  # fmt: skip
    assert {name for kind, name in names if kind == "trigger"} == {
        "jobs_change", "jobs_expire", "jobs_touch", "jobs_notify",
    }  # fmt: skip
    assert {name for kind, name in names if kind == "policy"} == {
        "jobs_own_select", "jobs_own_insert", "jobs_own_update", "jobs_own_delete",
        "jobs_service", "api_tokens_service",
    }  # fmt: skip


@pytest.mark.parametrize("processes", [2, 4])
def test_processes_that_upgrade_at_once_do_it_once(
    new_database: Callable[..., str], processes: int
) -> None:
    """All have found no tables and wait for their turn before the first one goes on."""
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        running = [
            subprocess.Popen(
                [sys.executable, "-c", UPGRADE, url],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(processes)
        ]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: connection.execute(waiting).fetchone() == (processes,))
        connection.execute("SELECT pg_advisory_unlock_all()")
        for process in running:
            out, err = process.communicate(timeout=60)
            assert (out.strip(), err) == (HEAD, "")
        query = "SELECT version_num FROM storyarn_pipelines.schema_version"
        assert connection.execute(query).fetchall() == [(HEAD,)]


def test_an_upgrade_that_breaks_off_leaves_nothing(
    new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database(empty=True)
    broken = "DO $$ BEGIN RAISE EXCEPTION 'no more disk' USING ERRCODE = '53100'; END $$"
    monkeypatch.setattr("storyarn_pipelines.store.jobs.schema.grants_sql", lambda: broken)
    with Connections(url) as connections:
        with pytest.raises(DatabaseError, match="no more disk") as raised:
            upgrade(connections)
        assert raised.value.transient
        assert schema_state(connections).version is None
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regnamespace('storyarn_pipelines')").fetchone()
    assert found == (None,)


def test_tables_that_are_newer_than_the_package_are_left_alone(
    new_database: Callable[..., str],
) -> None:
    url = new_database(empty=True)
    with Connections(url) as connections:
        upgrade(connections)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE storyarn_pipelines.schema_version SET version_num = '9999'")
        made = catalogue(url, "storyarn_pipelines")
        with pytest.raises(SchemaError, match=r"9999.*newer than this storyarn_pipelines"):
            upgrade(connections)
        assert not schema_state(connections).is_current
    assert catalogue(url, "storyarn_pipelines") == made


def test_a_role_that_may_not_make_tables_is_told_so_in_one_line(
    new_database: Callable[..., str], new_login: Callable[..., str]
) -> None:
    with Connections(new_login(new_database())) as connections:
        assert schema_state(connections).version is None
        with pytest.raises(DatabaseError, match=r"\A[^\n]*permission denied[^\n]*jobs.md\Z"):
            upgrade(connections)
        with pytest.raises(SchemaError, match=r"missing or old, see docs/jobs.md"):
            JobStore(connections).list()


def test_the_services_login_needs_no_right_to_upgrade_what_is_current(service_url: str) -> None:
    with Connections(service_url) as connections:
        assert upgrade(connections).has_roles


def test_roles_are_granted_later_where_the_first_upgrade_could_not(
    new_database: Callable[..., str], migrated_url: str
) -> None:
    """The roles exist on this server; what lacks is their rights in the database."""
    url = new_database(empty=True)
    with Connections(url) as connections:
        upgrade(connections)
        with psycopg.connect(url) as connection:
            connection.execute(
                "REVOKE ALL ON ALL TABLES IN SCHEMA storyarn_pipelines "
                "FROM storyarn_pipelines_service, storyarn_pipelines_user"
            )
        assert not schema_state(connections).has_roles
        assert upgrade(connections).has_roles


def test_where_nobody_may_make_roles_the_tables_are_made_and_the_state_says_so(
    tmp_path: Path,
) -> None:
    """On a server of its own, as roles belong to the whole server."""
    code = (
        "import sys; from pathlib import Path; import psycopg\n"
        "from storyarn_pipelines.store.embedded import embedded_url\n"
        "from storyarn_pipelines.store.jobs import Connections, JobStore, upgrade\n"
        "from storyarn_pipelines.domain.jobs import NewJob\n"
        "url = embedded_url(Path(sys.argv[1]))\n"
        "with psycopg.connect(url) as c:\n"
        "    c.execute('CREATE ROLE plain LOGIN')\n"
        "    c.execute('GRANT CREATE ON DATABASE postgres TO plain')\n"
        "with Connections(url.replace('postgres:@', 'plain:@')) as connections:\n"
        "    print(upgrade(connections)); print(upgrade(connections))\n"
        "    store = JobStore(connections)\n"
        "    for owner in (1, 2): store.create(NewJob('export', 7, 'ink', owner, 'x'))\n"
        "    print(len(store.list().jobs), len(store.as_user(1).list().jobs))\n"
        "with Connections(url) as connections:\n"
        "    try: JobStore(connections).as_user(1).list()\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "    print(upgrade(connections))\n"
        "    print(len(JobStore(connections).as_user(1).list().jobs))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    state = f"SchemaState(version='{HEAD}', has_roles=%s)"
    assert done.stdout.splitlines() == [
        state % False, state % False, "2 1", "DatabaseError", state % True, "1",
    ]  # fmt: skip


def test_the_constant_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_store_does_not_load_alembic_before_it_is_needed(service_url: str) -> None:
    code = (
        "import sys; from storyarn_pipelines.store.jobs import Connections, upgrade\n"
        f"with Connections({service_url!r}) as connections: upgrade(connections)\n"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_wheel_holds_the_migrations_and_the_grants(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, capture_output=True, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"},
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    base = "storyarn_pipelines/store/jobs/"
    ours = {
        base + path.relative_to(PACKAGE).as_posix()
        for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.sql")]
    }
    assert len(ours) > 10
    assert ours <= names


def test_our_tables_lie_in_storyarns_database_unless_another_is_named() -> None:
    assert read_settings({}).jobs_database_url is None
    named = read_settings({"STORYARN_JOBS_DATABASE_URL": "postgres://u@h/jobs"})
    assert (named.jobs_database_url, named.database_url) == ("postgresql://u@h/jobs", None)
    with pytest.raises(SettingsError, match="STORYARN_JOBS_DATABASE_URL must start with"):
        read_settings({"STORYARN_JOBS_DATABASE_URL": "sqlite:///jobs"})
