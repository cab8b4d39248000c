"""Where the database, the storage and the work area are."""

from typing import Any

import dagster as dg
from dagster_aws.s3 import S3Resource

from storyarn_pipelines.services.tries import CheckpointLimits
from storyarn_pipelines.services.work import WorkArea
from storyarn_pipelines.settings import Settings, read_settings
from storyarn_pipelines.storage import ObjectStore, open_store


class StoryarnResource(dg.ConfigurableResource[Any]):
    """The environment's settings, read when a step runs and never at import.

    ``s3`` is dagster-aws' resource; it takes endpoint and credentials from the AWS_* variables
    unless they are configured on it.
    """

    s3: dg.ResourceDependency[S3Resource]

    def settings(self) -> Settings:
        """The settings of this process."""
        return read_settings()

    def object_store(self) -> ObjectStore:
        """Where artifacts go."""
        return self._open(self.settings().storage_url)

    def media_store(self) -> ObjectStore:
        """Where media bytes lie, by ``assets.key``."""
        return self._open(self.settings().media_url)

    def work_area(self) -> WorkArea:
        """What the steps of a run hand on."""
        settings = self.settings()
        limits = CheckpointLimits(settings.checkpoint_bytes, settings.checkpoint_seconds)
        return WorkArea(self.work_store(), settings.scratch, limits)

    def work_store(self) -> ObjectStore:
        """The work area's objects, for maintenance."""
        return self._open(self.settings().work_url)

    def _open(self, url: str) -> ObjectStore:
        return open_store(url, self.s3.get_client() if url.startswith("s3://") else None)
