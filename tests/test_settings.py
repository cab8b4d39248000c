"""What the environment says is checked once, and what cannot be used is named."""

import pytest

from storyarn_pipelines.errors import SettingsError
from storyarn_pipelines.settings import CHECKPOINT_BYTES, CHECKPOINT_SECONDS, read_settings

BYTES, SECONDS = "STORYARN_CHECKPOINT_BYTES", "STORYARN_CHECKPOINT_SECONDS"


def test_checkpoints_have_their_defaults_and_can_be_set() -> None:
    settings = read_settings({BYTES: ""})
    assert settings.checkpoint_bytes == CHECKPOINT_BYTES
    assert settings.checkpoint_seconds == CHECKPOINT_SECONDS
    settings = read_settings({BYTES: "1", SECONDS: "0"})
    assert (settings.checkpoint_bytes, settings.checkpoint_seconds) == (1, 0)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "8 MiB", "٣", "9" * 30])
def test_a_number_that_cannot_be_used_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=BYTES):
        read_settings({BYTES: value})
