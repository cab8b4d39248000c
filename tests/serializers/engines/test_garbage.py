"""The collector's settings are back when the last export is through, whichever that is."""

import gc

import pytest

from storyarn_pipelines.serializers.engines.garbage import rare_collections


def test_exports_side_by_side_end_in_any_order() -> None:
    before = gc.get_threshold()
    first, second = rare_collections(), rare_collections()
    first.__enter__()
    rare = gc.get_threshold()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == rare
    assert rare[0] > before[0]
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_an_export_that_fails_leaves_nothing_behind() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="broken"), rare_collections():
        raise ValueError("broken")
    assert gc.get_threshold() == before
