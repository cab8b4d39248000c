"""Who may do what: Storyarn's own users and memberships, which are only read.

A membership of the project counts; without one, that of its workspace does, where owner, admin
and member edit and a viewer views. Only the person in ``projects.owner_id`` who is also a member
as owner owns a project. That is how Storyarn itself decides.
"""

from typing import Any, Literal, Self

import msgspec
import sqlalchemy as sa

from storyarn_pipelines.domain.jobs import check_id, check_text
from storyarn_pipelines.domain.project import ProjectRef
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.store.errors import translate
from storyarn_pipelines.store.jobs.connections import Connections

Role = Literal["viewer", "editor", "owner"]
Action = Literal["read", "export", "import", "restore"]

_RANKS: dict[Role, int] = {"viewer": 1, "editor": 2, "owner": 3}
NEEDED: dict[Action, Role] = {
    "read": "viewer",
    "export": "viewer",
    "import": "editor",
    "restore": "owner",
}
"""The least role for an action on a project."""

_EDITORS = ("owner", "admin", "member")
_USER = "SELECT id, email::text AS email, display_name AS name FROM users"
_PROJECTS = """
SELECT p.id, p.name::text AS name, p.slug::text AS slug, w.slug::text AS workspace,
       p.deleted_at IS NOT NULL AS in_trash, p.owner_id = :user AS owns,
       pm.role AS direct, wm.role AS inherited
  FROM projects p JOIN workspaces w ON w.id = p.workspace_id
  LEFT JOIN project_memberships pm ON pm.project_id = p.id AND pm.user_id = :user
  LEFT JOIN workspace_memberships wm ON wm.workspace_id = p.workspace_id AND wm.user_id = :user
"""
_ORDER = 'ORDER BY w.slug COLLATE "C", p.slug COLLATE "C", p.id'


class User(msgspec.Struct, frozen=True):
    """A person in Storyarn."""

    id: int
    email: str
    name: str | None


class ProjectAccess(msgspec.Struct, frozen=True):
    """A project and what a person is in it."""

    project: ProjectRef
    role: Role


class Memberships:
    """Storyarn's answers, asked for anew each time: who is removed is out at once.

    ``close`` it at the end. Raises DatabaseUnavailableError when the database is away.
    """

    def __init__(self, url: str) -> None:
        """``url`` is Storyarn's database, which need not be the one with our tables."""
        self._connections = Connections(url, translate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a later question connects again."""
        self._connections.close()

    def user(self, user_id: int) -> User | None:
        """The person with an id."""
        return self._user("WHERE id = :id", id=_checked(user_id))

    def user_by_email(self, email: str) -> User | None:
        """The person with an address, in upper or lower case."""
        try:
            check_text("e-mail", email)
        except UsageError:
            return None  # no database holds such an address
        where = "WHERE lower(email::text) = lower(:email)"
        return self._user(f"{where} ORDER BY email::text <> :email, id LIMIT 1", email=email)

    def projects(self, user_id: int, *, trash: bool = False) -> tuple[ProjectAccess, ...]:
        """All projects that a person may at least read, by workspace and slug."""
        rows = self._access(_ORDER, user=_checked(user_id))
        found = ((row, _role(row)) for row in rows if trash or not row["in_trash"])
        return tuple(ProjectAccess(_project(row), role) for row, role in found if role)

    def role(self, user_id: int, project_id: int, *, trash: bool = False) -> Role | None:
        """What a person is in a project; None for a stranger, and for all if it is not there.

        A project in the trash is not there, unless ``trash`` asks for it.
        """
        found = self._access(
            "WHERE p.id = :project", user=_checked(user_id), project=_checked(project_id)
        )
        return next((_role(row) for row in found if trash or not row["in_trash"]), None)

    def allows(self, user_id: int, project_id: int, action: Action, *, trash: bool = False) -> bool:
        """Whether a person may do something to a project."""
        role = self.role(user_id, project_id, trash=trash)
        return role is not None and _RANKS[role] >= _RANKS[NEEDED[action]]

    def allows_new_project(self, user_id: int, workspace_slug: str) -> bool:
        """Whether a person may make projects in a workspace, by an import or a restore."""
        try:
            check_text("workspace", workspace_slug)
        except UsageError:
            return False
        query = (
            "SELECT m.role FROM workspaces w JOIN workspace_memberships m "
            "ON m.workspace_id = w.id AND m.user_id = :user WHERE w.slug = :slug"
        )
        values = {"user": _checked(user_id), "slug": workspace_slug}
        with self._connections.transaction() as connection:
            return connection.scalar(sa.text(query), values) in _EDITORS

    def _user(self, where: str, **values: Any) -> User | None:
        with self._connections.transaction() as connection:
            found = connection.execute(sa.text(f"{_USER} {where}"), values).mappings().first()
        return None if found is None else msgspec.convert(dict(found), User)

    def _access(self, where: str, **values: Any) -> list[dict[str, Any]]:
        with self._connections.transaction() as connection:
            found = connection.execute(sa.text(f"{_PROJECTS} {where}"), values)
            return [dict(row) for row in found.mappings()]


def _checked(number: int) -> int:
    check_id("user or project", number)
    return number


def _project(row: dict[str, Any]) -> ProjectRef:
    return msgspec.convert({x: row[x] for x in ProjectRef.__struct_fields__}, ProjectRef)


def _role(row: dict[str, Any]) -> Role | None:
    match row["direct"], row["inherited"]:
        case "owner", _:
            return "owner" if row["owns"] else "editor"
        case ("editor" | "viewer") as role, _:
            return role  # type: ignore[no-any-return]  # the pattern leaves two literals
        case None, role if role in _EDITORS:
            return "editor"
        case None, str():
            return "viewer"
    return None  # a stranger, or a role of the project that a newer Storyarn has
