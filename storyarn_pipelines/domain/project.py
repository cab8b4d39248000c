"""Which project, in few words."""

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
