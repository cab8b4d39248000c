"""What each role sees and may change, by connecting as it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from storyarn_pipelines.domain.jobs import JOB_STATUSES, Artifact, Job, JobStatus, NewJob
from storyarn_pipelines.errors import DatabaseError, JobStateError, UnknownJobError
from storyarn_pipelines.store.jobs import Connections, JobStore, TokenStore, grants_sql, upgrade

Make = Callable[..., Job]
OLGA, WILL = 1, 2
TABLE = "storyarn_pipelines.jobs"


@pytest.fixture
def session(user_url: str, admin: object) -> Iterator[psycopg.Connection[Any]]:
    """A session of a login that has the user role only, speaking for Olga."""
    with psycopg.connect(user_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('storyarn.user_id', %s, false)", (str(OLGA),))
        yield connection


def test_a_user_sees_their_own_jobs_and_no_others(
    session: psycopg.Connection[Any], make: Make
) -> None:
    mine, _, _ = make(owner=OLGA), make(owner=WILL), make(owner=None)
    assert session.execute(f"SELECT id FROM {TABLE}").fetchall() == [(mine.id,)]
    assert session.execute(f"SELECT count(*) FROM {TABLE} WHERE owner_id = 2").fetchone() == (0,)


@pytest.mark.parametrize("who", ["", "3", None])
def test_a_user_session_that_speaks_for_nobody_sees_nothing(
    user_url: str, make: Make, who: str | None
) -> None:
    for owner in (OLGA, WILL, None):
        make(owner=owner)
    with psycopg.connect(user_url) as connection:
        if who is not None:
            connection.execute("SELECT set_config('storyarn.user_id', %s, false)", (who,))
        assert connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (0,)


def test_a_user_session_with_a_broken_setting_is_refused(user_url: str, make: Make) -> None:
    make()
    with psycopg.connect(user_url) as connection:
        connection.execute("SELECT set_config('storyarn.user_id', '1 OR 1=1', false)")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute(f"SELECT count(*) FROM {TABLE}")


@pytest.mark.parametrize("owner", [WILL, None])
@pytest.mark.parametrize(
    "command",
    [
        f"UPDATE {TABLE} SET status = 'cancelled' WHERE id = %s",
        f"UPDATE {TABLE} SET download_count = 9 WHERE id = %s",
        f"DELETE FROM {TABLE} WHERE id = %s",
    ],
)
def test_a_user_changes_and_deletes_no_job_of_anybody_else(
    session: psycopg.Connection[Any], make: Make, store: JobStore, owner: int | None, command: str
) -> None:
    other, mine = make("pending", owner=owner), make("pending")
    assert session.execute(command.encode(), (other.id,)).rowcount == 0
    assert store.get(other.id) == other
    if "UPDATE" in command:  # the same command works on their own
        assert session.execute(command.encode(), (mine.id,)).rowcount == 1


@pytest.mark.parametrize("status", JOB_STATUSES)
def test_a_user_deletes_their_own_job_once_it_has_ended(
    session: psycopg.Connection[Any], make: Make, status: JobStatus
) -> None:
    make(status)
    ended = status not in ("pending", "processing")
    assert session.execute(f"DELETE FROM {TABLE}".encode()).rowcount == ended


@pytest.mark.parametrize("owner", ["2", "NULL"])
def test_a_user_makes_no_job_in_anybody_elses_name(
    session: psycopg.Connection[Any], owner: str
) -> None:
    email = "NULL" if owner == "NULL" else "'w@x.test'"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        session.execute(
            f"INSERT INTO {TABLE} (id, owner_id, owner_email, type, request) "
            f"VALUES (gen_random_uuid(), {owner}, {email}, 'export', '')".encode()
        )


@pytest.mark.parametrize(
    "change",
    ["owner_id = 2", "key = 'backups/1/secret'", "bytes = 0", "sha256 = ''", "options = '{}'",
     "metadata = '{}'", "expires_at = NULL", "run_id = 'x'", "project_id = 8", "done = 1",
     "created_at = now()", "completed_at = now()", "request = ''"],
)  # fmt: skip
def test_a_user_may_not_write_what_the_service_says(
    session: psycopg.Connection[Any], make: Make, change: str
) -> None:
    make("completed")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        session.execute(f"UPDATE {TABLE} SET {change}".encode())


@pytest.mark.parametrize(
    "columns", [("status", "'completed'"), ("key", "'k'"), ("created_at", "now()")]
)
def test_a_user_may_not_make_a_job_that_is_more_than_pending(
    session: psycopg.Connection[Any], columns: tuple[str, str]
) -> None:
    name, value = columns
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        session.execute(
            f"INSERT INTO {TABLE} (id, owner_id, owner_email, type, request, {name}) "
            f"VALUES (gen_random_uuid(), 1, 'o@x.test', 'export', '', {value})".encode()
        )


@pytest.mark.parametrize("status", ["processing", "failed", "completed", "expired"])
def test_a_user_may_cancel_a_job_and_make_nothing_else_of_it(
    session: psycopg.Connection[Any], make: Make, status: str
) -> None:
    job = make("pending")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may cancel it, nothing else"):
        session.execute(f"UPDATE {TABLE} SET status = %s".encode(), (status,))
    ended = f"UPDATE {TABLE} SET status = 'cancelled' RETURNING id"
    assert session.execute(ended.encode()).fetchall() == [(job.id,)]


@pytest.mark.parametrize(
    "command",
    [
        "SELECT * FROM storyarn_pipelines.api_tokens",
        "SELECT * FROM storyarn_pipelines.schema_version",
        "SELECT storyarn_pipelines.cleanup_jobs('0 s')",
        f"TRUNCATE {TABLE}",
        f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY",
        f"DROP POLICY jobs_own_select ON {TABLE}",
        "CREATE TABLE storyarn_pipelines.mine (x int)",
        "SELECT * FROM users",
        "SET ROLE storyarn_pipelines_service",
    ],
)
def test_a_user_session_gets_at_nothing_else(
    session: psycopg.Connection[Any], command: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(command.encode())


@pytest.mark.parametrize(
    "command",
    [
        "SELECT * FROM users",
        "UPDATE projects SET name = 'x'",
        "CREATE TABLE storyarn_pipelines.mine (x int)",
        f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY",
        f"TRUNCATE {TABLE}",
        "DROP SCHEMA storyarn_pipelines CASCADE",
    ],
)
def test_the_service_role_has_rights_on_our_rows_only(service_url: str, command: str) -> None:
    with (
        psycopg.connect(service_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(command.encode())


def test_the_service_sees_and_changes_all(store: JobStore, make: Make) -> None:
    jobs = [make(owner=owner) for owner in (OLGA, WILL, None)]
    assert {x.id for x in store.list().jobs} == {x.id for x in jobs}
    for job in jobs:
        assert store.cancel(job.id).status == "cancelled"
        store.delete(job.id)
    assert store.list().jobs == ()


def request(owner: int) -> NewJob:
    """A request in somebody's name."""
    return NewJob("export", 7, "ink", owner, f"{owner}@x.test")


@pytest.fixture(params=["service", "superuser"])
def any_store(
    request: pytest.FixtureRequest, connections: Connections, migrated_url: str
) -> Iterator[JobStore]:
    """The service on a login with its role, and on the superuser of an embedded server."""
    if request.param == "service":
        yield JobStore(connections)
    else:
        with Connections(migrated_url) as found:
            yield JobStore(found)


def test_the_store_as_a_user_is_held_to_that_users_jobs(any_store: JobStore, make: Make) -> None:
    theirs, system = make("completed", owner=WILL), make("completed", owner=None)
    olga = any_store.as_user(OLGA)
    mine, is_new = olga.create(request(OLGA))
    assert is_new
    assert [x.id for x in olga.list().jobs] == [mine.id]
    assert olga.get(mine.id) == mine
    assert olga.usage().running == 1
    assert olga.usage(WILL).stored == 0
    for other in (theirs, system):
        before = any_store.get(other.id)
        for step in (olga.get, olga.cancel, olga.delete, olga.record_download):
            with pytest.raises(UnknownJobError, match=f"job {other.id} does not exist"):
                step(other.id)
        assert olga.existing([other.id]) == set()
        assert any_store.get(other.id) == before
    assert olga.expire() == ()
    assert olga.cancel(mine.id, reason="enough").error == "enough"
    olga.delete(mine.id)
    # The connection goes back to the pool as the service's.
    assert {x.id for x in any_store.list().jobs} == {theirs.id, system.id}


def test_the_store_as_a_user_downloads(any_store: JobStore, make: Make) -> None:
    assert any_store.as_user(OLGA).record_download(make("completed").id).download_count == 1


def test_the_store_as_a_user_makes_no_job_for_others_and_does_no_work(
    any_store: JobStore, make: Make, artifact: Artifact
) -> None:
    job, olga = make(), any_store.as_user(OLGA)
    refused: list[Callable[[], object]] = [
        lambda: olga.create(request(WILL)),
        lambda: olga.create(NewJob("export", 7)),
        lambda: olga.start(job.id),
        lambda: olga.launched(job.id, "run"),
        lambda: olga.amend(job.id, options={}),
        olga.cleanup,
        lambda: olga.mark_removed([job.id]),
    ]
    for step in refused:
        with pytest.raises(DatabaseError):
            step()
    assert any_store.get(job.id) == job
    any_store.start(job.id)
    with pytest.raises(DatabaseError):
        olga.complete(job.id, artifact)
    with pytest.raises(DatabaseError):
        olga.fail(job.id, "no")
    with pytest.raises(DatabaseError):
        olga.progress(job.id, 1, 2)
    assert any_store.get(job.id).status == "processing"


def test_an_id_that_belongs_to_somebody_else_tells_nothing_of_it(
    store: JobStore, make: Make
) -> None:
    theirs = make(owner=WILL)
    new = NewJob("export", 7, "ink", OLGA, "1@x.test", id=theirs.id)
    with pytest.raises(JobStateError, match="the id belongs to another job"):
        store.as_user(OLGA).create(new)


def test_a_key_of_somebody_else_is_free_for_a_user(store: JobStore, make: Make) -> None:
    make(owner=WILL, idempotency_key="once")
    new = NewJob("export", 7, "ink", OLGA, "1@x.test", idempotency_key="once")
    assert store.as_user(OLGA).create(new)[1]
    assert not store.as_user(OLGA).create(new)[1]


# Databases where nobody may make roles.


@pytest.fixture
def plain_owner_url(new_database: Callable[..., str], new_login: Callable[..., str]) -> str:
    """An empty database for a login that may make schemas there and has no role of ours."""
    url = new_database(empty=True)
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    return new_login(url, f"GRANT CREATE ON DATABASE {name} TO {{role}}")


def test_without_roles_the_tables_owner_is_the_service_and_users_are_still_held(
    plain_owner_url: str,
) -> None:
    with Connections(plain_owner_url) as connections:
        assert upgrade(connections).is_current
        with psycopg.connect(plain_owner_url) as connection:
            # The roles are the server's; here they may as well not exist.
            connection.execute(
                "REVOKE ALL ON SCHEMA storyarn_pipelines "
                "FROM storyarn_pipelines_service, storyarn_pipelines_user"
            )
        store = JobStore(connections)
        theirs, _ = store.create(request(WILL))
        olga = store.as_user(OLGA)
        mine, _ = olga.create(request(OLGA))
        assert [x.id for x in olga.list().jobs] == [mine.id]
        with pytest.raises(UnknownJobError):
            olga.cancel(theirs.id)
        with pytest.raises(DatabaseError, match="may cancel it, nothing else"):
            olga.start(mine.id)
        with pytest.raises(DatabaseError, match="row-level security"):
            olga.create(request(WILL))
        assert {x.id for x in store.list().jobs} == {mine.id, theirs.id}
        assert store.start(mine.id).status == "processing"


def test_nobody_acts_for_a_user_where_nothing_would_hold_them(
    migrated_url: str, new_login: Callable[..., str], make: Make
) -> None:
    """A login that no policy binds and that may not become the user role."""
    make()
    url = new_login(
        migrated_url,
        "ALTER ROLE {role} BYPASSRLS",
        "GRANT USAGE ON SCHEMA storyarn_pipelines TO {role}",
        f"GRANT ALL ON {TABLE} TO {{role}}",
    )
    with Connections(url) as connections:
        assert len(JobStore(connections).list().jobs) == 1
        with pytest.raises(DatabaseError, match="row-level security does not bind this role"):
            JobStore(connections).as_user(WILL).list()


def test_a_login_without_rights_is_told_which_it_needs(
    migrated_url: str, new_login: Callable[..., str]
) -> None:
    with Connections(new_login(migrated_url)) as connections:
        for step in (
            lambda: JobStore(connections).get(uuid4()),
            lambda: TokenStore(connections).list(),
            lambda: JobStore(connections).cleanup(),
        ):
            with pytest.raises(DatabaseError, match="rights of storyarn_pipelines_service"):
                step()


def test_the_grants_can_be_given_again(migrated_url: str, store: JobStore, make: Make) -> None:
    make()
    with psycopg.connect(migrated_url) as connection:
        before = connection.execute("SELECT relacl FROM pg_class WHERE relname = 'jobs'").fetchall()
        connection.execute(grants_sql().encode())
        after = connection.execute("SELECT relacl FROM pg_class WHERE relname = 'jobs'").fetchall()
    assert before == after
    assert len(store.list().jobs) == 1
