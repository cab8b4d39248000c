"""Files of other tools, drafted as native documents, which everything else then reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.articy import draft_articy, is_articy
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.yarn import draft_yarn, is_yarn


@dataclass(frozen=True, slots=True)
class ForeignFormat:
    """A tool whose files can be imported.

    ``draft`` fills a draft, notes what it has converted, and returns the media that come with
    the files: ``assets/<sha256>.<ext>`` of the draft -> file in the tree.
    """

    label: str
    recognises: Callable[[Tree], bool]
    draft: Callable[[Tree, Draft, Notes, Limits], dict[str, str]]


FOREIGN_FORMATS = (
    ForeignFormat("articy:draft", is_articy, draft_articy),
    ForeignFormat("Yarn Spinner", is_yarn, draft_yarn),
)


class ForeignMedia:
    """The media of a drafted document, in the files that it was made of."""

    ignored: tuple[str, ...] = ()

    def __init__(self, tree: Tree, files: Mapping[str, str]) -> None:
        self._tree, self._files = tree, files
        self.media_names = frozenset(files)

    def open_media(self, file_name: str) -> BinaryIO:
        """A medium by its name in the document, front to back; raises ImportFileError."""
        if file_name not in self._files:
            raise refused(self._tree.name, file_name, "there is no such file among its media")
        return self._tree.open(self._files[file_name])


@dataclass(frozen=True, slots=True)
class Drafted:
    """A native document made of another tool's files, and what was converted, a line a kind."""

    path: Path
    media: ForeignMedia
    remarks: tuple[str, ...]


def drafted(tree: Tree, scratch: Path, now: datetime, limits: Limits) -> Drafted | None:
    """The document that a tool's files make, None if no tool's files are there.

    ``now`` is the time of all its rows. Raises ImportFileError for files that cannot be read.
    """
    known = [x for x in FOREIGN_FORMATS if x.recognises(tree)]
    if not known:
        return None
    found, *others = known
    path, draft, notes = scratch / "drafted.json", Draft(scratch, now), Notes()
    try:
        media = found.draft(tree, draft, notes, limits)
        draft.write(path)
    finally:
        draft.close()
    left = (f"files of {x.label} beside them are left out: import them alone" for x in others)
    remarks = (f"read as files of {found.label}", *left, *notes.lines())
    return Drafted(path, ForeignMedia(tree, media), remarks)
