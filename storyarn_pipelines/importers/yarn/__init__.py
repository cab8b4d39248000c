"""Yarn Spinner's scripts, versions 2 and 3, as a native document; see docs/formats/yarn-import.md.

The files are read twice. The first pass learns what parts of a story must know of each other:
nodes, variables and their types, line ids. The second builds one flow after the other.
"""

import re
from contextlib import ExitStack, suppress

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.yarn.building import Sources, Story
from storyarn_pipelines.importers.yarn.index import read_index
from storyarn_pipelines.importers.yarn.metadata import own_metadata
from storyarn_pipelines.importers.yarn.problems import Problems
from storyarn_pipelines.importers.yarn.strings import (
    Project,
    StringTables,
    locale_code,
    read_project,
)

_HEAD_BYTES = 1 << 16
_MOST_LOOKED_AT = 200
_SCRIPT, _PROJECT = ".yarn", ".yarnproject"
_HEADER = re.compile(r"[ \t]*[^\s:#/<>{}\[\]\"]+[ \t]*:")
_TITLE = re.compile(r"[ \t]*title[ \t]*:")


def is_yarn(tree: Tree) -> bool:
    """Whether an upload holds Yarn scripts: headers with a title, at the start of some file."""
    return any(True for _ in _scripts(tree))


def draft_yarn(tree: Tree, draft: Draft, notes: Notes, limits: Limits) -> dict[str, str]:
    """Fill a draft with the story; returns its voice-overs by their names in the draft.

    Raises ImportFileError, with up to 20 reasons, a line each, for what cannot be read or would
    be another story in Storyarn.
    """
    del limits  # a script is read node by node, and holds nothing that unpacks
    problems = Problems()
    with ExitStack() as stack:
        own = own_metadata(tree)
        if own is not None:
            stack.callback(own.close)
        project, files = _project(tree, notes)
        source = project.base or (locale_code(own.source) if own else None)
        if source is None and project.tables:
            source = "en"
            notes.add("the language of the scripts is not told: en is taken", [tree.name])
        index = read_index(tree, files, problems, notes)
        problems.check()
        tables = StringTables(tree, project, source)
        stack.callback(tables.close)
        sources = Sources(tree, own, project, tables, source)
        story = Story(sources, draft, notes, problems, index)
        story.build(files)
        problems.check()
        return story.media


def _project(tree: Tree, notes: Notes) -> tuple[Project, list[str]]:
    """The project, and the scripts that belong to it."""
    scripts = _scripts(tree)
    named = sorted(x for x in tree.names() if x.lower().endswith(_PROJECT))
    if len(named) > 1:
        notes.add("only the first project file is read", named)
    project = read_project(tree, named[0] if named else None, notes)
    files = [x for x in scripts if project.has(x)]
    left_out = [x for x in scripts if x not in files]
    notes.add("scripts that are no part of the project are left out", left_out)
    if not files:
        reason = "none of its sourceFiles is in the upload" if named else "there is no script"
        raise refused(tree.name, named[0] if named else "", reason)
    return project, files


def _scripts(tree: Tree) -> list[str]:
    """The scripts of an upload, by what stands in them."""
    names = tree.names()
    found = [x for x in names if x.lower().endswith(_SCRIPT)]
    if not found:
        found = [x for x in names if not x.lower().endswith((_PROJECT, ".csv", ".json", ".cs"))]
    looked = found[:_MOST_LOOKED_AT]
    if not any(_is_script(tree, x) for x in looked):
        return []
    return [x for x in found if x.lower().endswith(_SCRIPT) or _is_script(tree, x)]


def _is_script(tree: Tree, file: str) -> bool:
    """Whether a file begins with tags and headers, a title among them."""
    with tree.open(file) as stream:
        head = stream.read(_HEAD_BYTES)
    text, has_headers = "", False
    with suppress(UnicodeDecodeError):
        text = head.decode("utf-8-sig")
    text = text or head.decode("latin-1")
    for line in re.split(r"\r\n|\r|\n", text):
        said = line.strip()
        if not said or said.startswith(("#", "//")):
            continue
        if _TITLE.match(line) or (has_headers and said == "---"):
            return True
        if not _HEADER.match(line):
            return False
        has_headers = True
    return False
