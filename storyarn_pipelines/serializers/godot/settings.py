"""``project.godot``: variables, directories and translations as Dialogic keeps them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.emitters.domains import kind_of
from storyarn_pipelines.expressions.emitters.formulas import Scalar
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot import godot_text as g
from storyarn_pipelines.serializers.godot.names import GodotNames, resource
from storyarn_pipelines.serializers.godot.tables import Tables

_DEFAULTS: Mapping[str, Scalar] = {"number": 0, "formula": 0, "boolean": False}
_LARGE = 1e15


def first_value(story: EngineStory, variable: Variable, value: Value) -> Scalar:
    """A value as Dialogic's variable holds it at the start; what it cannot be is told."""
    where = f"variable {variable.full_name}"
    if not story.emitter.facts.can_hold(variable, kind_of(value)):
        default = _DEFAULTS.get(variable.type, "")
        shown = "nil" if value is None else str(value)[:60]
        message = f"it cannot hold {shown} in Dialogic: it begins with {str(default).lower()}"
        story.told.add("XP0204", message, where)
        return default
    kept = story.emitter.kept(variable, value)
    assert kept is not None
    if isinstance(kept, str):
        plain = story.emitter.refused.sub(" ", kept)
        if plain != kept:
            story.told.add("XP0202", "signs of its first value become blanks", where)
        return plain
    if isinstance(kept, float) and kept.is_integer() and abs(kept) < _LARGE:
        return int(kept)
    if isinstance(kept, int) and not isinstance(kept, bool) and abs(kept) >= 2**63:
        return float(kept) if abs(kept) < 1e308 else 0
    return kept


def variables(
    story: EngineStory, names: GodotNames, values: Mapping[str, Scalar], channels: Iterable[str]
) -> dict[str, Any]:
    """The tree of variables: folders are dictionaries. Each channel knows what it plays."""
    own: dict[str, Scalar] = {"back": "", "callers": "", "exit": "", "rounds": 0}
    tree: dict[str, Any] = {names.own: own | dict.fromkeys(channels, "")}
    for name, value in values.items():
        *folders, last = story.emitter.identifiers.of(name).split(".")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = value
    return tree


def project_file(
    story: EngineStory,
    names: GodotNames,
    tables: Tables,
    values: Mapping[str, Scalar],
    channels: Iterable[str],
) -> Iterator[str]:
    """The lines of a project that holds nothing but the story and Dialogic."""
    yield "; A whole project, made for Godot 4 with Dialogic 2. In a project of your own, copy the"
    yield "; sections [dialogic] and [internationalization]; see storyarn/README.md."
    yield "config_version=5"
    yield "\n[application]\n"
    yield f"config/name={g.text(' '.join(story.project.name.split()))}"
    yield "\n[autoload]\n"
    yield 'Dialogic="*res://addons/dialogic/Core/DialogicGameHandler.gd"'
    yield "\n[dialogic]\n"
    for kind in ("dch", "dtl"):
        directory = names.directory(kind)
        yield f"directories/{kind}_directory={g.variant(directory)}"
    if tables.files:
        yield "translation/enabled=true"
        yield f"translation/original_locale={g.text(tables.locales[story.source_locale])}"
    yield f"variables={g.variant(variables(story, names, values, channels))}"
    yield "\n[editor_plugins]\n"
    yield f"enabled={g.strings(['res://addons/dialogic/plugin.cfg'])}"
    if tables.files:
        yield from _internationalization(story, tables)


def _internationalization(story: EngineStory, tables: Tables) -> Iterator[str]:
    locales = tables.locales
    yield "\n[internationalization]\n"
    yield f"locale/fallback={g.text(locales[story.source_locale])}"
    files = dict.fromkeys(map(resource, tables.imported()))
    yield f"locale/translations={g.strings(files)}"
    if tables.remaps:
        remaps = (
            (voice, g.strings(f"{other}:{locale}" for locale, other in sorted(found.items())))
            for voice, found in sorted(tables.remaps.items())
        )
        yield f"locale/translation_remaps={g.dictionary(remaps)}"
