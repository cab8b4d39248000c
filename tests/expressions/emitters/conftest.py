"""The real engines in one process for all tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.node.judge import Judge, running_judge


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Node with inkjs and articy-js; without Node the test is skipped."""
    with running_judge() as found:
        yield found
