"""Dagster resources: thin wrappers over settings and options."""

from storyarn_pipelines.resources.options import ExportOptionsResource, options_resource
from storyarn_pipelines.resources.storyarn import StoryarnResource
from storyarn_pipelines.resources.uploads import ImportUploadResource

__all__ = ["ExportOptionsResource", "ImportUploadResource", "StoryarnResource", "options_resource"]
