"""An original sample project that uses every part of Storyarn's model."""

from storyarn_pipelines.demo.project import DemoProject, build

__all__ = ["DemoProject", "build"]
