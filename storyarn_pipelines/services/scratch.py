"""Directories for the length of one command, and what a full disk says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.settings import Settings


@contextmanager
def scratch_directory(settings: Settings) -> Iterator[Path]:
    """A directory of one's own that is gone afterwards, however it ends."""
    root = settings.scratch
    with disk_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="export-", dir=root) as directory:
            yield Path(directory)


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Raise StorageError for what the file system says, naming the file."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        where = error.filename or place
        raise StorageError(f"disk: {where} cannot be written ({reason})") from error
