"""One database with our own tables, emptied for each test, and logins of both roles."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
import pytest

from storyarn_pipelines.domain.jobs import Artifact, Job, JobStatus, NewJob
from storyarn_pipelines.store.jobs import Connections, JobStore, upgrade

OLGA, WILL = 1, 2
_numbers = count(1)


@pytest.fixture(scope="session")
def migrated_url(new_database: Callable[..., str]) -> str:
    """A database with Storyarn's tables and ours."""
    url = new_database()
    with Connections(url) as connections:
        assert upgrade(connections).has_roles
    return url


@pytest.fixture(scope="session")
def new_login(worker_id: str) -> Callable[..., str]:
    """Makes a login by some commands; the URL of the database for it."""

    def make(url: str, *commands: str) -> str:
        role = f"login_{worker_id}_{next(_numbers)}"
        with psycopg.connect(url) as connection:
            for command in (f"CREATE ROLE {role} LOGIN", *commands):
                connection.execute(command.format(role=role).encode())
            user = connection.info.user
        return url.replace(f"//{user}:", f"//{role}:", 1)

    return make


@pytest.fixture(scope="session")
def service_url(migrated_url: str, new_login: Callable[..., str]) -> str:
    """The database for a login that has the service role and nothing else."""
    return new_login(migrated_url, "GRANT storyarn_pipelines_service TO {role}")


@pytest.fixture(scope="session")
def user_url(migrated_url: str, new_login: Callable[..., str]) -> str:
    """The database for a login that has the user role and nothing else."""
    return new_login(migrated_url, "GRANT storyarn_pipelines_user TO {role}")


@pytest.fixture
def admin(migrated_url: str) -> Iterator[psycopg.Connection[Any]]:
    """The superuser, whom no policy binds; our tables are empty."""
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(
            "TRUNCATE storyarn_pipelines.jobs, storyarn_pipelines.api_tokens RESTART IDENTITY"
        )
        yield connection


@pytest.fixture
def connections(service_url: str, admin: object) -> Iterator[Connections]:
    """Connections of the service."""
    with Connections(service_url) as found:
        yield found


@pytest.fixture
def store(connections: Connections) -> JobStore:
    """The jobs as the service sees them."""
    return JobStore(connections)


@pytest.fixture
def artifact() -> Artifact:
    """What a job may have stored."""
    return Artifact("exports/7/x/mini-storyarn.json", 1234, "ab" * 32)


Make = Callable[..., Job]


@pytest.fixture
def make(store: JobStore, artifact: Artifact) -> Make:
    """Makes a job of Olga's in any state."""

    def job(status: JobStatus = "pending", *, owner: int | None = OLGA, **values: Any) -> Job:
        person = {} if owner is None else {"owner_id": owner, "owner_email": f"{owner}@x.test"}
        asked: dict[str, Any] = {"type": "export", "project_id": 7, "format": "storyarn"}
        made, is_new = store.create(NewJob(**asked | person | values))
        assert is_new
        return advance(store, made.id, status, artifact)

    return job


def advance(store: JobStore, job_id: UUID, status: JobStatus, artifact: Artifact) -> Job:
    """Take a pending job through the states."""
    if status in ("processing", "completed"):
        store.start(job_id)
    match status:
        case "completed":
            store.complete(job_id, artifact)
        case "expired":
            store.start(job_id)
            outlived = JobStore(store._connections, lifetimes={"export": timedelta(seconds=-1)})
            outlived.complete(job_id, artifact)
        case "failed":
            store.fail(job_id, "it broke")
        case "cancelled":
            store.cancel(job_id)
    found = store.get(job_id)
    assert found.status == status
    return found
