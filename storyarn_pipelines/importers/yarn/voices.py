"""Voice-overs beside scripts: files named like their lines, a folder for each language."""

import hashlib
from collections.abc import Mapping
from posixpath import basename, dirname, join, normpath, splitext
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.yarn.metadata import Metadata
from storyarn_pipelines.importers.yarn.strings import Project, locale_code

_TYPES = {".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".webm": "audio/webm"}
_BLOCK = 1 << 20


class Voices:
    """Finds the voice-over of a line, and puts it into the draft when it is first asked for."""

    def __init__(
        self, tree: Tree, project: Project, own: Metadata | None, draft: Draft, notes: Notes
    ) -> None:
        self._tree, self._draft = tree, draft
        self._source = project.base or (locale_code(own.source) if own else None)
        self._files: dict[tuple[str, str], str] = {}
        self._assets: dict[str, str] = {}
        self.media: dict[str, str] = {}
        folders = {folder: locale for locale, folder in project.voices.items()}
        for name in tree.names() if folders else ():
            stem, extension = splitext(basename(name))
            locale = folders.get(dirname(name))
            if locale is not None and extension.lower() in _TYPES:
                self._files.setdefault((f"line:{stem}", locale), name)
        names = frozenset(tree.names()) if own else frozenset[str]()
        for (line_id, locale), file in (own.voices if own else {}).items():
            name = normpath(join(dirname(own.file if own else ""), file))
            if name in names and splitext(name)[1].lower() in _TYPES:
                self._files.setdefault((line_id, locale), name)
            else:
                notes.add("voice-overs that are not in the upload are left out", [file])

    def of(self, line_id: str, locale: str | None) -> str | None:
        """The asset's id, None if there is no voice-over; locale None is the source language."""
        name = self._files.get((line_id, locale or self._source or ""))
        if name is None:
            return None
        digest = self._digest(name)
        known = self._assets.get(digest)
        if known is None:
            known = self._assets[digest] = self._add(name, digest)["id"]
        return known

    def _digest(self, name: str) -> str:
        found = hashlib.sha256()
        with self._tree.open(name) as stream:
            while block := stream.read(_BLOCK):
                found.update(block)
        return found.hexdigest()

    def _add(self, name: str, digest: str) -> Mapping[str, Any]:
        extension = splitext(name)[1].lower()
        file = f"assets/{digest}{extension}"
        self.media[file] = name
        row = self._draft.row(
            t.ASSETS, filename=basename(name)[-200:], content_type=_TYPES[extension],
            size=self._tree.size(name), key=file, metadata={}, blob_hash=digest, file=file,
        )  # fmt: skip
        self._draft.asset(row)
        return row
