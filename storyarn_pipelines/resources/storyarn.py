"""Where the database, the storage and the work area are."""

from typing import Any

import dagster as dg

from storyarn_pipelines.services.work import WorkArea
from storyarn_pipelines.settings import Settings, read_settings


class StoryarnResource(dg.ConfigurableResource[Any]):
    """The environment's settings, read when a step runs and never at import."""

    def settings(self) -> Settings:
        """The settings of this process."""
        return read_settings()

    def work_area(self) -> WorkArea:
        """What the steps of a run hand on."""
        return WorkArea(self.settings().work_url)
