"""Dagster resources: thin wrappers over settings and options."""

from storyarn_pipelines.resources.options import ExportOptionsResource, options_resource
from storyarn_pipelines.resources.storyarn import StoryarnResource

__all__ = ["ExportOptionsResource", "StoryarnResource", "options_resource"]
