"""Dagster resources: thin wrappers over settings and options."""

from storyarn_pipelines.resources.options import ExportOptionsResource
from storyarn_pipelines.resources.storyarn import StoryarnResource

__all__ = ["ExportOptionsResource", "StoryarnResource"]
