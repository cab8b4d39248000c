"""Databases to import into, as for native files."""

from tests.imports.conftest import bring, export, studio

__all__ = ["bring", "export", "studio"]
