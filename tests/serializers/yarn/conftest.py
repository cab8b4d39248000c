"""The model of Yarn Spinner, for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests.serializers.yarn.engine import Yarn, running_yarn


@pytest.fixture(scope="module")
def yarn() -> Iterator[Yarn]:
    """Node with the model; without Node the test is skipped."""
    with running_yarn() as found:
        yield found
