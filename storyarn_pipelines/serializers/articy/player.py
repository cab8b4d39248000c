"""The entity that says the responses. It also keeps what the project is, since an entity can."""

from collections.abc import Iterable
from typing import Any

from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import PLAYER, Book
from storyarn_pipelines.serializers.articy.kept import mark, media_row, original
from storyarn_pipelines.serializers.articy.objects import Property, Text, Thing
from storyarn_pipelines.serializers.articy.variables import VariableSet

Json = dict[str, Any]


def player(book: Book, sets: Iterable[VariableSet]) -> Thing:
    """Who says the responses: importers show as a choice what a player says."""
    thing = Thing("Entity", book.player, "Chr_Player", i.FOLDERS["Entities"], Text("Player"))
    thing.template = PLAYER
    thing.features = (
        (PLAYER, (Property("IsPlayer", "Boolean", True), original(_project(book, sets)))),
    )
    return thing


def _project(book: Book, sets: Iterable[VariableSet]) -> Json:
    """The project, its languages and media, and the marks of its variables."""
    reader, project = book.story.reader, book.story.project
    row = {"name": project.name, "description": project.description, "settings": project.settings}
    row |= {"project_type": project.project_type, "project_subtype": project.project_subtype}
    named = reader.languages() if "localization" in reader.manifest.sections else []
    languages = [
        {"locale_code": x.locale_code, "name": x.name, "is_source": x.is_source}
        for x in named
        if x.locale_code in book.languages
    ]
    return {
        "project": row,
        "source": book.languages[0],
        "languages": languages,
        "marks": {"name": [mark(book.wording.clean(project.name, "project"))]},
        "media": {book.asset(x): media_row(y) for x, y in sorted(book.story.media.items())},
        "variables": {
            f"{one.name}.{x.name}": [x.note, mark(f"{x.type} {x.value}")]
            for one in sets
            for x in one.variables
        },
    }
