"""The story in a snapshot, one sheet, flow, scene or string at a time."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

import msgspec

from storyarn_pipelines.domain import flows as f
from storyarn_pipelines.domain import localization as l10n
from storyarn_pipelines.domain import scenes as c
from storyarn_pipelines.domain import sheets as s
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.project import Project
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.snapshot.batches import TableBatches
from storyarn_pipelines.snapshot.objects import Children, Nested, rows

T = TypeVar("T", bound=msgspec.Struct)

_STRING_FIELDS = (
    "key",
    "source_type",
    "source_id",
    "source_field",
    "content_role",
    "vo_eligible",
)


class MediaSource(Protocol):
    """Where media bytes lie, by ``assets.key``."""

    def open_read(self, key: str) -> BinaryIO:
        """Open one object; raises StorageError when it is not there."""


class NoMedia:
    """No place for media bytes was named."""

    def open_read(self, key: str) -> BinaryIO:
        """Refuse."""
        raise StorageError(f"{key}: no media storage was named")


class _KeyedTranslation(l10n.Translation, frozen=True):
    """A translation with what it shares with the others of its string."""

    key: str
    source_type: str
    source_id: int
    source_field: str
    content_role: str
    vo_eligible: bool


class StoryReader(TableBatches):
    """One snapshot as domain objects.

    Memory is bounded by the largest single parent and a batch of each open table, whatever the
    project's size. Iterators are independent: several may run side by side. ``validation`` is
    what a validation of this snapshot found, if there was one, as the native file says it.
    """

    def __init__(self, directory: Path, media: MediaSource | None = None) -> None:
        """Open a snapshot; raises SnapshotError when it is missing or unfinished."""
        super().__init__(directory)
        self.media_source: MediaSource = media or NoMedia()
        self.validation: dict[str, Any] | None = None

    def project(self) -> Project:
        """The project itself."""
        return next(self._objects(t.PROJECTS, Project))

    def sheets(self) -> Iterator[s.Sheet]:
        """Sheets, parents first, with avatars and blocks."""
        columns = Children(self, t.TABLE_COLUMNS, s.TableColumn)
        table_rows = Children(self, t.TABLE_ROWS, s.TableRow)
        images = Children(self, t.BLOCK_GALLERY_IMAGES, s.GalleryImage)
        blocks = Children(
            self,
            t.BLOCKS,
            s.Block,
            lambda key: {
                "columns": columns.of(key),
                "rows": table_rows.of(key),
                "images": images.of(key),
            },
        )
        avatars = Children(self, t.SHEET_AVATARS, s.Avatar)
        return self._objects(
            t.SHEETS, s.Sheet, lambda key: {"avatars": avatars.of(key), "blocks": blocks.of(key)}
        )

    def flows(self) -> Iterator[f.Flow]:
        """Flows, parents first, with nodes and connections."""
        configs = Children(self, t.SEQUENCE_CONFIGS, f.SequenceConfig)
        tracks = Children(self, t.SEQUENCE_TRACKS, f.SequenceTrack)
        layers = Children(self, t.SEQUENCE_VISUAL_LAYERS, f.SequenceVisualLayer)
        nodes = Children(
            self,
            t.FLOW_NODES,
            f.Node,
            lambda key: {
                "configs": configs.of(key),
                "tracks": tracks.of(key),
                "visual_layers": layers.of(key),
            },
        )
        connections = Children(self, t.FLOW_CONNECTIONS, f.Connection)
        return self._objects(
            t.FLOWS,
            f.Flow,
            lambda key: {"nodes": nodes.of(key), "connections": connections.of(key)},
        )

    def scenes(self) -> Iterator[c.Scene]:
        """Scenes, parents first, with everything on them."""
        kinds: dict[Table, type[msgspec.Struct]] = {
            t.SCENE_LAYERS: c.Layer,
            t.SCENE_PINS: c.Pin,
            t.SCENE_ZONES: c.Zone,
            t.SCENE_CONNECTIONS: c.SceneConnection,
            t.SCENE_ANNOTATIONS: c.SceneAnnotation,
            t.SCENE_AMBIENT_FLOWS: c.AmbientFlow,
        }
        lists = {table.list_key: Children(self, table, kind) for table, kind in kinds.items()}
        return self._objects(
            t.SCENES, c.Scene, lambda key: {name: x.of(key) for name, x in lists.items()}
        )

    def languages(self) -> list[l10n.Language]:
        """The project's languages."""
        return list(self._objects(t.PROJECT_LANGUAGES, l10n.Language))

    def strings(self) -> Iterator[l10n.LocalizedString]:
        """Strings by key, with their translations by locale."""
        texts = self._objects(t.LOCALIZED_TEXTS, _KeyedTranslation)
        for _, group in groupby(texts, key=lambda text: text.key):
            translations = tuple(group)
            first = translations[0]
            shared: dict[str, Any] = {name: getattr(first, name) for name in _STRING_FIELDS}
            yield l10n.LocalizedString(**shared, translations=translations)

    def glossary(self) -> Iterator[l10n.GlossaryEntry]:
        """Glossary entries by term and locale."""
        return self._objects(t.GLOSSARY_ENTRIES, l10n.GlossaryEntry)

    def media(self) -> Iterator[Media]:
        """Media, the oldest first."""
        return self._objects(t.ASSETS, Media)

    def _objects(self, table: Table, kind: type[T], nested: Nested | None = None) -> Iterator[T]:
        return (found for _, found in rows(self, table, kind, nested))
