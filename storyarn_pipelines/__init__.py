"""Backups, engine exports and imports for Storyarn projects, as a Dagster project."""

import os

__version__ = "0.1.0"

# Arrow's default allocator keeps what one thread has allocated and another has freed, 60 MB in an
# export; the system's gives it back. Arrow reads the variable when it is first imported.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
