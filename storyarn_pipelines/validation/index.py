"""What has to be known about the whole project before its parts are judged one by one.

Only names and ids: an entry for each sheet, flow, scene, avatar and variable, eight bytes for
each block and medium, and nothing at all for nodes.
"""

from dataclasses import dataclass

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.validation.findings import Entity
from storyarn_pipelines.validation.rows import IdSet, live_rows, trashed_ids
from storyarn_pipelines.validation.variables import VariableIndex, read_variables


@dataclass(frozen=True, slots=True)
class Trash:
    """What a snapshot made with ``include_trash`` holds and no reader of the story sees."""

    sheets: set[int]
    blocks: set[int]
    flows: set[int]
    nodes: set[int]
    scenes: set[int]
    texts: set[int]


@dataclass(frozen=True, slots=True)
class StoryIndex:
    """The names and ids of a project.

    ``whole`` holds the sections from which nothing was left out, so that what is not in them is
    nowhere. Media are always whole: a selection takes along what it names.
    """

    whole: frozenset[str]
    entities: dict[str, dict[int, Entity]]
    exits: dict[int, tuple[int, ...]]
    sheet_shortcuts: set[str]
    parent_sheets: set[int]
    avatars: dict[int, int]
    blocks: IdSet
    media: IdSet
    variables: VariableIndex
    trash: Trash

    @property
    def sheets(self) -> dict[int, Entity]:
        """Live sheets by id."""
        return self.entities["sheet"]

    @property
    def flows(self) -> dict[int, Entity]:
        """Live flows by id."""
        return self.entities["flow"]


def read_index(story: StoryReader, options: ExportOptions) -> StoryIndex:
    """Gather the index in one pass over the columns that it needs."""
    whole = _whole_sections(story, options)
    sheets = _entities(story, t.SHEETS, "sheet")
    variables = VariableIndex(whole_sheets="sheets" in whole, whole_scenes="scenes" in whole)
    read_variables(story, variables, _sheet_names(sheets))
    parents = {row[0] for row in live_rows(story, t.SHEETS, "parent_id")}
    avatars = live_rows(story, t.SHEET_AVATARS, "id", "sheet_id")
    blocks = live_rows(story, t.BLOCKS, "id", "sheet_id")
    return StoryIndex(
        whole=whole,
        entities={
            "sheet": sheets,
            "flow": _entities(story, t.FLOWS, "flow"),
            "scene": _entities(story, t.SCENES, "scene"),
        },
        exits={
            flow_id: tuple(exits or ())
            for flow_id, exits in live_rows(story, t.FLOWS, "id", "derived.exit_node_ids")
        },
        sheet_shortcuts={sheet.shortcut for sheet in sheets.values() if sheet.shortcut},
        parent_sheets={parent for parent in parents if parent is not None},
        avatars={avatar: sheet for avatar, sheet in avatars if sheet in sheets},
        blocks=IdSet(block for block, sheet in blocks if sheet in sheets),
        media=IdSet(row[0] for row in live_rows(story, t.ASSETS, "id")),
        variables=variables,
        trash=_trash(story, options),
    )


def _whole_sections(story: StoryReader, options: ExportOptions) -> frozenset[str]:
    chosen = {"sheets": options.sheet_ids, "flows": options.flow_ids, "scenes": options.scene_ids}
    return frozenset(section for section in story.manifest.sections if chosen.get(section) is None)


def _entities(story: StoryReader, table: Table, kind: str) -> dict[int, Entity]:
    rows = live_rows(story, table, "id", "shortcut", "name")
    return {key: Entity(kind, key, shortcut, name) for key, shortcut, name in rows}


def _sheet_names(sheets: dict[int, Entity]) -> dict[int, str]:
    """A sheet without a shortcut goes by its id, unless that is another sheet's shortcut."""
    taken = {sheet.shortcut for sheet in sheets.values()}
    names = {key: sheet.shortcut or str(key) for key, sheet in sheets.items()}
    return {k: name for k, name in names.items() if sheets[k].shortcut or name not in taken}


def _trash(story: StoryReader, options: ExportOptions) -> Trash:
    tables = (t.SHEETS, t.BLOCKS, t.FLOWS, t.FLOW_NODES, t.SCENES, t.LOCALIZED_TEXTS)
    if not options.include_trash:
        return Trash(*(set() for _ in tables))
    return Trash(*(trashed_ids(story, table) for table in tables))
