"""articy:draft: XML exports of 2.2, 2.4, 3 and X, and the JSON of articy:draft 3 and X."""

from contextlib import ExitStack, closing

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.articy import names
from storyarn_pipelines.importers.articy.asides import lose
from storyarn_pipelines.importers.articy.assets import draft_assets
from storyarn_pipelines.importers.articy.book import Book
from storyarn_pipelines.importers.articy.detect import Main, find_exports, find_main
from storyarn_pipelines.importers.articy.entities import draft_entities, place_entities
from storyarn_pipelines.importers.articy.flow import FlowBuilder
from storyarn_pipelines.importers.articy.items import (
    FLOW_KINDS,
    PLACE_KINDS,
    SYSTEM_FOLDERS,
)
from storyarn_pipelines.importers.articy.json_reader import JsonReader
from storyarn_pipelines.importers.articy.json_texts import Texts
from storyarn_pipelines.importers.articy.kept_flows import (
    KeptFlows,
    reserve_ids,
    restore_project,
    tell_unused,
)
from storyarn_pipelines.importers.articy.packed import open_packed
from storyarn_pipelines.importers.articy.plan import Plan
from storyarn_pipelines.importers.articy.project import ArticyProject
from storyarn_pipelines.importers.articy.scenes import draft_scenes
from storyarn_pipelines.importers.articy.sheets import draft_calls, draft_variables
from storyarn_pipelines.importers.articy.store import Store
from storyarn_pipelines.importers.articy.titles import titles
from storyarn_pipelines.importers.articy.world import World
from storyarn_pipelines.importers.articy.xml_reader import XmlReader
from storyarn_pipelines.importers.articy.xml_stream import check_prolog
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree

__all__ = ["draft_articy", "is_articy"]

_PLACED = (
    FLOW_KINDS | PLACE_KINDS | SYSTEM_FOLDERS
    | {"Entity", "Location", "LayerFolder", "Asset", "UserFolder", "Comment"}
)  # fmt: skip
_NOTES_A_FLOW = 500


def is_articy(tree: Tree) -> bool:
    """Whether a file of the tree is an export of articy:draft, by what it begins with."""
    return find_main(tree) is not None


def draft_articy(tree: Tree, draft: Draft, notes: Notes, limits: Limits) -> dict[str, str]:
    """Fill a draft with an articy project; returns the files of its media.

    Raises ImportFileError for what is broken or unsafe.
    """
    exports = find_exports(tree)
    if not exports:
        raise refused(tree.name, "", "none of its files is an export of articy:draft")
    main, *others = exports
    # Several forms in one upload are of one project; several files of one form are not.
    others = [x for x in others if x.form == main.form]
    notes.add("only one export is read, the others are left out", [x.file for x in others])
    with ExitStack() as stack:
        files = tree
        if main.form == "archive":
            packed = stack.enter_context(open_packed(tree, main.file, draft.scratch, limits))
            inner = find_main(packed)
            if inner is None or inner.form == "archive":
                raise refused(main.file, "", "the archive holds no export of articy:draft")
            files, main = packed, inner
        store = stack.enter_context(closing(Store(draft.scratch, main.file)))
        project = ArticyProject(main.file, store)
        texts = stack.enter_context(closing(Texts(draft.scratch)))
        _read(project, files, main, JsonReader(project, texts, limits))
        store.settle()
        # Media lie beside an archive, never in it.
        return _fill(Book(project, draft, notes), tree)


def _read(project: ArticyProject, tree: Tree, main: Main, reader: JsonReader) -> None:
    if main.form == "xml":
        with closing(tree.open(main.file)) as stream:
            if check_prolog(stream, main.file) == "ArticyData":
                reason = (
                    "ArticyData is a form that no articy:draft writes or reads; "
                    "export the project in another format"
                )
                raise refused(main.file, "", reason)
        with closing(tree.open(main.file)) as stream:
            XmlReader(project).read(stream)
    elif main.form == "json":
        reader.document(tree)
    else:
        reader.folder(tree, main.file)


def _fill(book: Book, tree: Tree) -> dict[str, str]:
    """Draft everything, in the order in which things name each other."""
    project = book.project
    book.draft.project["name"] = names.shown_name(project.name, "articy project")[:100]
    if project.description:
        book.draft.project["description"] = project.description[:2000]
    restore_project(book)
    reserve_ids(book)
    book.settle_languages()
    media = draft_assets(book, tree)
    draft_variables(book)
    places = place_entities(book)
    world = World(book)
    kept = KeptFlows(book, world)
    plan = Plan(book, kept)
    plan.draft_variable()
    if kept.flows.keys() != kept.whole:
        draft_calls(book)
    draft_entities(book, places)
    kept.draft()
    _draft_flows(book, plan, kept, world)
    tell_unused(book)
    draft_scenes(book)
    _draft_rest(book, len(plan.units) + len(kept.whole))
    _tell(book)
    return media


def _draft_flows(book: Book, plan: Plan, kept: KeptFlows, world: World) -> None:
    named, main = titles(plan), None if kept.has_main else plan.main()
    for position, unit in enumerate(plan.units, start=len(kept.whole)):
        name, shortcut = named[unit.flow]
        FlowBuilder(book, plan, world, unit).build(name, shortcut, position, is_main=unit is main)


def _draft_rest(book: Book, position: int) -> None:
    """Flows of notes for all that has no place in Storyarn."""
    kinds = [x for x in book.store.kind_names if x not in _PLACED]
    for item in book.store.items(book.store.of_kinds(kinds)):
        lose(book, item, "objects that Storyarn has no place for are kept as notes")
    draft = book.draft
    for begin in range(0, len(book.leftovers), _NOTES_A_FLOW):
        nodes = [
            draft.row(
                t.FLOW_NODES,
                type="annotation",
                position_x=index % 10 * 300,
                position_y=index // 10 * 200,
                data={"text": text, "color": "#fbbf24", "font_size": "md"},
            )
            for index, text in enumerate(book.leftovers[begin : begin + _NOTES_A_FLOW])
        ]
        # Every flow has an entry, even one that is never played.
        nodes.append(draft.row(t.FLOW_NODES, type="entry", position_x=-300, position_y=0, data={}))
        name = "Notes from articy"
        shortcut = book.flow_shortcuts.give(names.shortcut(name))
        draft.flow(
            draft.row(
                t.FLOWS, name=name, shortcut=shortcut, is_main=False,
                settings={"import_source": "articy"}, position=position, nodes=nodes,
                connections=[],
            )
        )  # fmt: skip


def _tell(book: Book) -> None:
    project = book.project
    if project.keys_without_texts:
        book.notes.add(
            "texts whose .xlsx tables are not beside the export: their keys are kept",
            [f"{project.keys_without_texts} texts"],
        )
    book.notes.add("tables without a sheet ArticyStrings are not read", project.unread)
    if project.voices:
        book.notes.add("recorded voice-overs of texts are not read", [f"{project.voices} texts"])
    if project.methods:
        book.notes.add("functions of the project's own are not run", project.methods)
