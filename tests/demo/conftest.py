"""The sample project, built once, and its rows without those in the trash."""

from collections.abc import Mapping
from typing import Any

import pytest

from storyarn_pipelines.demo import DemoProject, build


@pytest.fixture(scope="session")
def demo() -> DemoProject:
    """Build the sample."""
    return build()


@pytest.fixture(scope="session")
def live(demo: DemoProject) -> dict[str, list[Mapping[str, Any]]]:
    """Leave out the rows in the trash, table by table."""
    return {
        table: [row for row in rows if row.get("deleted_at") is None]
        for table, rows in demo.rows.items()
    }
