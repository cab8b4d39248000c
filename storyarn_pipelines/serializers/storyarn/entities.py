"""Pages, flows and maps: trees of entities with everything nested in them."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.serializers.storyarn import layouts
from storyarn_pipelines.serializers.storyarn.document import Document
from storyarn_pipelines.serializers.storyarn.rows import ChildRows, OpenRow

# Tables and galleries have these lists even when empty.
_LISTS_OF_BLOCKS = {"table": ("columns", "rows"), "gallery": ("images",)}


def write_project(document: Document) -> None:
    """The ``project`` object."""
    for _, text in document.rows(t.PROJECTS):
        document.stream.value(text[1:], "project")


def write_pages(document: Document) -> None:
    """Sheets with their avatars and blocks."""
    stream = document.stream
    avatars = document.children(t.SHEET_AVATARS)
    blocks = document.children(t.BLOCKS, layouts.BLOCKS)
    tables = (t.TABLE_COLUMNS, t.TABLE_ROWS, t.BLOCK_GALLERY_IMAGES)
    lists = [document.children(table) for table in tables]
    for sheet in document.entities(t.SHEETS, layouts.SHEETS):
        document.write_list(avatars, sheet)
        stream.begin(b"[", "blocks")
        for run in blocks.take(sheet):
            if run.open_row is None:
                stream.many(run.text)
            else:
                _write_block(document, run.text, run.open_row, lists)
        stream.end()
    _finish(avatars, blocks, *lists)


def write_flows(document: Document) -> None:
    """Flows with their nodes and connections."""
    stream = document.stream
    nodes = document.children(t.FLOW_NODES, layouts.NODES)
    connections = document.children(t.FLOW_CONNECTIONS)
    configs = document.children(t.SEQUENCE_CONFIGS, layouts.SEQUENCE_CONFIGS)
    lists = [document.children(x) for x in (t.SEQUENCE_TRACKS, t.SEQUENCE_VISUAL_LAYERS)]
    for flow in document.entities(t.FLOWS, layouts.FLOWS):
        stream.begin(b"[", "nodes")
        for run in nodes.take(flow):
            if run.open_row is None:
                stream.many(run.text)
            else:
                _write_sequence(document, run.text, run.open_row, configs, lists)
        stream.end()
        document.write_list(connections, flow)
    _finish(nodes, connections, configs, *lists)


def write_maps(document: Document) -> None:
    """Scenes with everything on them."""
    lists = [document.children(table) for table in t.children_of(t.SCENES)]
    for scene in document.entities(t.SCENES, layouts.SCENES):
        for children in lists:
            document.write_list(children, scene)
    _finish(*lists)


def _write_block(
    document: Document, text: memoryview, row: OpenRow, lists: list[ChildRows]
) -> None:
    always = _LISTS_OF_BLOCKS.get(str(row.value("type")), ())
    document.stream.begin(text[1:])
    for children in lists:
        document.write_list(children, row.key, always=children.list_key in always)
    document.stream.end()


def _write_sequence(
    document: Document,
    text: memoryview,
    row: OpenRow,
    configs: ChildRows,
    lists: list[ChildRows],
) -> None:
    document.stream.begin(text[1:])
    config = next(configs.take(row.key), None)
    document.stream.begin(config.text[1:] if config else b"{", "sequence")
    for children in lists:
        document.write_list(children, row.key)
    document.stream.end()
    document.stream.end()


def _finish(*children: ChildRows) -> None:
    for rows in children:
        rows.finish()
