"""Who may do what follows Storyarn's memberships, read with the least of rights."""

from collections.abc import Callable, Iterator
from typing import get_args

import psycopg
import pytest

from storyarn_pipelines.errors import DatabaseError, UsageError
from storyarn_pipelines.store.jobs import Action, Memberships, Role, User

# What docs/jobs.md says that the questions need.
RIGHTS = (
    "GRANT SELECT (id, email, display_name) ON users TO {role}",
    "GRANT SELECT (id, slug) ON workspaces TO {role}",
    "GRANT SELECT (id, name, slug, workspace_id, owner_id, deleted_at) ON projects TO {role}",
    "GRANT SELECT (project_id, user_id, role) ON project_memberships TO {role}",
    "GRANT SELECT (workspace_id, user_id, role) ON workspace_memberships TO {role}",
)
MAY: dict[Role | None, set[Action]] = {
    None: set(),
    "viewer": {"read", "export"},
    "editor": {"read", "export", "import"},
    "owner": {"read", "export", "import", "restore"},
}
PERSON, LIVE, TRASHED = 2, 20, 21


@pytest.fixture(scope="module")
def studio(new_database: Callable[..., str]) -> str:
    """A live and a trashed project of one workspace, another workspace, no memberships."""
    url = new_database()
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO users (id, email, display_name, inserted_at, updated_at) VALUES
                (1, 'boss@x.test', 'Boss', now(), now()),
                (2, 'Person@X.test', NULL, now(), now());
            INSERT INTO workspaces (id, name, slug, owner_id, inserted_at, updated_at) VALUES
                (10, 'A', 'a', 1, now(), now()), (11, 'B', 'b', 1, now(), now());
            INSERT INTO projects (id, name, slug, workspace_id, owner_id, deleted_at, inserted_at,
                                  updated_at) VALUES
                (20, 'Live', 'live', 10, 1, NULL, now(), now()),
                (21, 'Gone', 'gone', 10, 1, now(), now(), now()),
                (22, 'Elsewhere', 'elsewhere', 11, 1, NULL, now(), now());
            """
        )
    return url


@pytest.fixture(scope="module")
def memberships(studio: str, new_login: Callable[..., str]) -> Iterator[Memberships]:
    """The questions, asked by a login that has the rights they need and no others."""
    with Memberships(new_login(studio, *RIGHTS)) as found:
        yield found


@pytest.fixture
def join(studio: str) -> Iterator[Callable[..., None]]:
    """Gives the person roles; taken away after the test."""

    def give(direct: str | None, inherited: str | None, *, owns: bool = False) -> None:
        with psycopg.connect(studio) as connection:
            connection.execute("UPDATE projects SET owner_id = %s", (PERSON if owns else 1,))
            if direct:
                connection.execute(
                    "INSERT INTO project_memberships (role, project_id, user_id, inserted_at, "
                    "updated_at) SELECT %s, p, %s, now(), now() FROM unnest(ARRAY[20, 21]) p",
                    (direct, PERSON),
                )
            if inherited:
                connection.execute(
                    "INSERT INTO workspace_memberships (role, workspace_id, user_id, inserted_at, "
                    "updated_at) VALUES (%s, 10, %s, now(), now())",
                    (inherited, PERSON),
                )

    yield give
    with psycopg.connect(studio) as connection:
        connection.execute("DELETE FROM project_memberships")
        connection.execute("DELETE FROM workspace_memberships")
        connection.execute("UPDATE projects SET owner_id = 1")


@pytest.mark.parametrize(
    ("direct", "inherited", "owns", "role"),
    [
        (None, None, False, None),
        (None, None, True, None),  # Storyarn asks for a membership as well
        ("viewer", None, False, "viewer"),
        ("editor", None, False, "editor"),
        ("owner", None, True, "owner"),
        ("owner", None, False, "editor"),  # the project says that somebody else owns it
        ("editor", None, True, "editor"),
        ("viewer", None, True, "viewer"),
        (None, "viewer", False, "viewer"),
        (None, "member", False, "editor"),
        (None, "admin", False, "editor"),
        (None, "owner", False, "editor"),
        (None, "owner", True, "editor"),
        ("viewer", "owner", False, "viewer"),  # the project's own word counts
        ("viewer", "admin", False, "viewer"),
        ("editor", "viewer", False, "editor"),
        ("owner", "viewer", True, "owner"),
        ("conductor", "owner", False, None),  # a role that we do not know
        (None, "conductor", False, "viewer"),
    ],
)
def test_a_role_gives_what_it_should(
    memberships: Memberships,
    join: Callable[..., None],
    direct: str | None,
    inherited: str | None,
    owns: bool,
    role: Role | None,
) -> None:
    join(direct, inherited, owns=owns)
    assert memberships.role(PERSON, LIVE) == role
    allowed = {x for x in get_args(Action) if memberships.allows(PERSON, LIVE, x)}
    assert allowed == MAY[role]
    listed = [(x.project.full_slug, x.role) for x in memberships.projects(PERSON)]
    assert listed == ([("a/live", role)] if role else [])


@pytest.mark.parametrize(("direct", "inherited"), [("owner", None), (None, "owner")])
def test_a_project_in_the_trash_is_there_only_when_asked_for(
    memberships: Memberships, join: Callable[..., None], direct: str | None, inherited: str | None
) -> None:
    join(direct, inherited, owns=True)
    assert memberships.role(PERSON, TRASHED) is None
    assert not any(memberships.allows(PERSON, TRASHED, x) for x in get_args(Action))
    role = memberships.role(PERSON, TRASHED, trash=True)
    assert role == ("owner" if direct else "editor")
    assert memberships.allows(PERSON, TRASHED, "restore", trash=True) is bool(direct)
    found = memberships.projects(PERSON, trash=True)
    assert [(x.project.slug, x.project.in_trash) for x in found] == [
        ("gone", True),
        ("live", False),
    ]


@pytest.mark.parametrize("trash", [False, True])
def test_strangers_and_projects_that_are_not_there_get_the_same_answer(
    memberships: Memberships, join: Callable[..., None], trash: bool
) -> None:
    join("owner", "owner", owns=True)
    assert memberships.role(99, LIVE, trash=trash) is None
    assert memberships.role(PERSON, 22, trash=trash) is None
    assert memberships.role(PERSON, 99, trash=trash) is None
    assert memberships.projects(99, trash=trash) == ()


def test_a_member_who_is_removed_is_out_at_once(
    memberships: Memberships, join: Callable[..., None], studio: str
) -> None:
    join("editor", None)
    assert memberships.allows(PERSON, LIVE, "import")
    with psycopg.connect(studio) as connection:
        connection.execute("DELETE FROM project_memberships")
    assert not memberships.allows(PERSON, LIVE, "read")


@pytest.mark.parametrize(
    ("inherited", "allowed"),
    [("owner", True), ("admin", True), ("member", True), ("viewer", False), ("conductor", False)],
)
def test_new_projects_are_for_those_who_edit_in_the_workspace(
    memberships: Memberships, join: Callable[..., None], inherited: str, allowed: bool
) -> None:
    join("owner", None, owns=True)
    assert not memberships.allows_new_project(PERSON, "a")
    join(None, inherited)
    assert memberships.allows_new_project(PERSON, "a") is allowed
    for other in ("b", "none", "", "a' OR 1=1 --", "a\0", "\ud800"):
        assert not memberships.allows_new_project(PERSON, other)


@pytest.mark.parametrize("email", ["Person@X.test", "person@x.test", "PERSON@X.TEST"])
def test_a_person_is_found_by_address_in_any_case(memberships: Memberships, email: str) -> None:
    assert memberships.user_by_email(email) == User(2, "Person@X.test", None)
    assert memberships.user(1) == User(1, "boss@x.test", "Boss")


@pytest.mark.parametrize("email", ["", "nobody@x.test", "%", "person", "a\0b", "\ud800", "' --"])
def test_nobody_is_found_by_another_address(memberships: Memberships, email: str) -> None:
    assert memberships.user_by_email(email) is None
    assert memberships.user(99) is None


@pytest.mark.parametrize("number", [0, -1, 2**63])
def test_what_is_no_id_is_refused(memberships: Memberships, number: int) -> None:
    with pytest.raises(UsageError, match="is not an id"):
        memberships.role(number, LIVE)
    with pytest.raises(UsageError, match="is not an id"):
        memberships.role(PERSON, number)


def test_a_login_without_rights_is_told_which_it_needs(
    studio: str, new_login: Callable[..., str]
) -> None:
    with (
        Memberships(new_login(studio)) as memberships,
        pytest.raises(DatabaseError, match="grant the role SELECT on Storyarn's tables"),
    ):
        memberships.role(PERSON, LIVE)
