"""Backups, engine exports and imports for Storyarn projects, as a Dagster project."""

__version__ = "0.1.0"
