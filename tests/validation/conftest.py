"""The base project with every code's example, and with whatever a test breaks."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.validation import CODES, ValidationResult
from tests.validation.projects import STUDIO, load, patched, validated

Validate = Callable[..., ValidationResult]


@pytest.fixture(scope="session")
def studio(new_database: Callable[..., str]) -> tuple[str, dict[str, int]]:
    """A database with the base project and every example; its URL, and project ids by code."""
    url = new_database()
    patches = {"base": {}, **{code.code: code.example for code in CODES.values()}}
    with psycopg.connect(url) as connection:
        connection.execute(STUDIO)
        projects = {
            name: load(connection, patched(patch), number)
            for number, (name, patch) in enumerate(patches.items(), start=1)
        }
    return url, projects


@pytest.fixture
def validate_patch(storyarn_url: str, tmp_path: Path) -> Validate:
    """Validates the base project with some rows laid over it."""

    def run(patch: Mapping[str, Any], **options: Any) -> ValidationResult:
        with psycopg.connect(storyarn_url) as connection:
            connection.execute(STUDIO)
            project = load(connection, patched(patch), 1)
        chosen: dict[str, Any] = {"languages": [], **options}
        return validated(storyarn_url, project, tmp_path / "snapshot", **chosen)

    return run
