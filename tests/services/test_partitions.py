"""Every project has one key, which it keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.domain.project import ProjectRef
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.services.partitions import partition_changes, project_id, project_key


def project(number: int, slug: str = "game") -> ProjectRef:
    """A project of which only id and slug matter."""
    return ProjectRef(number, "Game", slug, "studio")


@given(st.integers(1, 2**63 - 1), st.text(max_size=20))
def test_a_key_gives_its_id_back_and_holds_nothing_odd(number: int, slug: str) -> None:
    key = project_key(project(number, slug))
    assert project_id(key) == number
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


@pytest.mark.parametrize("key", ["", "game", "game.", "game.x", "game.-1", "game.1 "])
def test_a_key_without_an_id_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="project's id"):
        project_id(key)


@pytest.mark.parametrize(
    ("projects", "keys", "busy", "changes"),
    [
        ([project(1)], [], {}, (["game.1"], [])),
        ([project(1)], ["game.1"], {}, ([], [])),
        ([project(1, "renamed")], ["game.1"], {}, ([], [])),
        ([], ["game.1"], {}, ([], ["game.1"])),
        ([], ["game.1"], {1: True}, ([], [])),
        ([project(1), project(2)], ["game.1", "old.3"], {}, (["game.2"], ["old.3"])),
    ],
)
def test_partitions_follow_projects_but_wait_for_runs(
    projects: list[ProjectRef],
    keys: list[str],
    busy: dict[int, bool],
    changes: tuple[list[str], list[str]],
) -> None:
    assert partition_changes(projects, keys, busy) == changes
