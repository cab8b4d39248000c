"""Roles that may do less than a superuser."""

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.errors import DatabaseError
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.settings import Settings

from .conftest import MINI_TRASH, Export, Import, body, rows_of, whole_database

_numbers = count(1)
PLAIN = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role}",
)
READING = ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",)
MAY_SET = (*PLAIN, "GRANT SET ON PARAMETER session_replication_role TO {role}")


@pytest.fixture
def as_role(studio: str, worker_id: str) -> Iterator[Callable[..., str]]:
    """Makes a role with some grants; the URL of the studio's database for that role."""
    made: list[str] = []

    def make(*grants: str) -> str:
        role = f"role_{worker_id}_{next(_numbers)}"
        made.append(role)
        with psycopg.connect(studio) as connection:
            for command in (f"CREATE ROLE {role} LOGIN", *grants):
                connection.execute(command.format(role=role).encode())
            user = connection.info.user
        return studio.replace(f"//{user}", f"//{role}", 1)

    yield make
    with psycopg.connect(studio) as connection:
        for role in made:
            connection.execute(f"DROP OWNED BY {role}".encode())
            connection.execute(f"DROP ROLE {role}".encode())


def test_a_plain_role_imports_the_same_rows_and_is_told_that_it_is_slow(
    as_role: Callable[..., str], bring: Import, studio: str, mini_url: str, export: Export
) -> None:
    report = bring(MINI_TRASH, as_role(*PLAIN))
    assert any("session_replication_role" in line for line in report.warnings)
    assert rows_of(studio, 7) == rows_of(mini_url, 7)
    assert body(export(7)) == body(MINI_TRASH)


def test_a_plain_role_meets_a_project_that_is_there(
    as_role: Callable[..., str], bring: Import, studio: str
) -> None:
    url = as_role(*PLAIN)
    bring(MINI_TRASH, url)
    rows = rows_of(studio, 7)
    for policy in ("skip", "overwrite", "merge"):
        report = bring(MINI_TRASH, url, into="7", conflicts=policy)
        assert not report.plan
        again = rows_of(studio, 7)
        assert again.pop("projects")[0]["last_activity_at"] >= "2026"
        assert again == {name: x for name, x in rows.items() if name != "projects"}


def test_a_role_that_may_set_the_parameter_goes_the_fast_way(
    as_role: Callable[..., str], bring: Import, studio: str, mini_url: str
) -> None:
    with psycopg.connect(studio) as connection:
        if connection.info.server_version < 150000:
            pytest.skip("SKIPPED: PostgreSQL 15 is needed for GRANT SET ON PARAMETER")
    report = bring(MINI_TRASH, as_role(*MAY_SET))
    assert not any("session_replication_role" in line for line in report.warnings)
    assert rows_of(studio, 7) == rows_of(mini_url, 7)


def test_a_role_that_may_only_read_is_refused_in_one_line(
    as_role: Callable[..., str], studio: str, make_settings: Callable[[str], Settings]
) -> None:
    before = whole_database(studio)
    with pytest.raises(DatabaseError, match=r"\A[^\n]*permission denied[^\n]*grant[^\n]*\Z"):
        import_file(make_settings(as_role(*READING)), MINI_TRASH, ImportOptions(new="studio"))
    assert whole_database(studio) == before
