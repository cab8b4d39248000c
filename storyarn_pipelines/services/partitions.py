"""The keys under which projects are known to the orchestrator."""

import re
from collections.abc import Iterable, Mapping

from storyarn_pipelines.domain.project import ProjectRef
from storyarn_pipelines.errors import UsageError

_UNSAFE = re.compile(r"[^a-z0-9-]+")


def project_key(project: ProjectRef) -> str:
    """``{slug}.{id}``; anything odd in a slug becomes a hyphen."""
    return f"{_UNSAFE.sub('-', project.slug.lower()).strip('-') or 'project'}.{project.id}"


def project_id(key: str) -> int:
    """The id after the last dot: it alone counts, so that a rename keeps the key."""
    digits = key.rpartition(".")[2]
    if not re.fullmatch(r"[0-9]{1,19}", digits):
        raise UsageError(f"partition {key!r} does not end in a project's id, such as my-game.12")
    return int(digits)


def partition_changes(
    projects: Iterable[ProjectRef], keys: Iterable[str], busy: Mapping[int, bool]
) -> tuple[list[str], list[str]]:
    """Which keys to add and which to remove.

    A project keeps the key it first got. The key of a project that is gone stays while a run
    works on it (``busy`` by project id), since removing it would lose that run's results.
    """
    known = {project_id(key): key for key in keys}
    live = {project.id: project for project in projects}
    new = [project_key(project) for number, project in live.items() if number not in known]
    gone = [
        key for number, key in known.items() if number not in live and not busy.get(number, False)
    ]
    return sorted(new), sorted(gone)
