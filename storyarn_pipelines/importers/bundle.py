"""A ZIP bundle: ``project.json`` with ``assets/<sha256>.<ext>``."""

import io
import re

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.archive import Archive
from storyarn_pipelines.importers.kinds import IMPORTABLE
from storyarn_pipelines.importers.refusal import refused, shown

PROJECT_FILE = "project.json"

_MEDIA_NAME = re.compile(r"assets/[0-9a-f]{64}\.[a-z0-9]{1,8}")


class Bundle:
    """A bundle in an open ZIP. ``ignored`` names files that are neither project nor media."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        names = {name for name in archive.names() if name != PROJECT_FILE}
        self.media_names = frozenset(filter(_MEDIA_NAME.fullmatch, names))
        self.ignored = tuple(sorted(names - self.media_names))

    @property
    def json_bytes(self) -> int:
        """The size of the document, unpacked."""
        return self._archive.size(PROJECT_FILE)

    @property
    def is_stored(self) -> bool:
        """Whether the document lies in the ZIP without compression."""
        return self._archive.is_stored(PROJECT_FILE)

    def open_json(self) -> io.BufferedReader:
        """The document, front to back."""
        return self._archive.open(PROJECT_FILE)

    def open_media(self, file_name: str) -> io.BufferedReader:
        """A medium by its name in the document, front to back; raises ImportFileError."""
        if file_name not in self.media_names:
            reason = "the ZIP has no such file among its media"
            raise refused(self._archive.name, file_name, reason)
        return self._archive.open(file_name)


def no_bundle(archive: Archive) -> ImportFileError:
    """Why a ZIP without a project is none of ours."""
    nested = next((name for name in archive.names() if name.endswith(f"/{PROJECT_FILE}")), None)
    if nested:
        folder = shown(nested.removesuffix(PROJECT_FILE))
        reason = f"{PROJECT_FILE} lies in the folder {folder}; zip what is in it, without it"
        return refused(archive.name, "", reason)
    return refused(archive.name, "", f"a ZIP without a {PROJECT_FILE}; {IMPORTABLE}")
