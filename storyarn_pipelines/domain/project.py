"""Which project, in few words."""

from typing import Any

import msgspec


class ProjectRef(msgspec.Struct, frozen=True):
    """A project as lists and jobs know it."""

    id: int
    name: str
    slug: str
    workspace: str
    in_trash: bool = False

    @property
    def full_slug(self) -> str:
        """``workspace-slug/project-slug``, which is unique."""
        return f"{self.workspace}/{self.slug}"


class Project(msgspec.Struct, frozen=True):
    """A project's own row."""

    id: int
    name: str
    slug: str
    description: str | None
    settings: Any
    workspace_slug: str
    owner_email: str
    project_type: str | None
    project_subtype: str | None
