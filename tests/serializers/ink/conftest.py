"""The real ink, for all tests of a module."""

from collections.abc import Iterator

import pytest

from storyarn_pipelines.story import player
from tests.serializers.ink.engine import Ink, running_ink


@pytest.fixture(scope="module")
def ink() -> Iterator[Ink]:
    """Node with inkjs; without Node the test is skipped."""
    with running_ink() as found:
        yield found


@pytest.fixture(autouse=True)
def short_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Endless stories are compared for a while only."""
    monkeypatch.setattr(player, "STEP_LIMIT", 1_000)
