"""The names in Dialogic's files: timelines, characters, portraits, labels, own variables."""

from collections.abc import Iterable, Mapping

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_identifier,
)
from storyarn_pipelines.serializers.engines.media import media_names
from storyarn_pipelines.serializers.engines.story import EngineStory, FlowFacts, SheetFacts
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import Label, Section

FOLDER = "storyarn"
BODY, BACK = "body", "back"
_LONGEST = 80
# No file may have these names on Windows.
_DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10)
}
_RULES = NameRules(ascii_identifier, _DEVICES, ignore_case=True, max_length=_LONGEST)


class GodotNames:
    """What everything is called. The base name of a file is its identifier in Dialogic.

    ``own`` is the folder of the variables that the export itself needs.
    """

    def __init__(self, story: EngineStory) -> None:
        self.flow_keys = _keys(story.flows.values(), "flow")
        self.sheet_keys = _keys(story.sheets.values(), "sheet")
        timelines = Identifiers(self.flow_keys.values(), _RULES, where="flows")
        characters = Identifiers(self.sheet_keys.values(), _RULES, where="sheets")
        self.diagnostics: tuple[Diagnostic, ...] = timelines.diagnostics + characters.diagnostics
        self._timelines = {key: timelines.of(x) for key, x in self.flow_keys.items()}
        self._characters = {key: characters.of(x) for key, x in self.sheet_keys.items()}
        folders = {x.split(".")[0] for x in story.emitter.identifiers.mapping().values()}
        self.own = FOLDER
        while self.own in folders:
            self.own += "_"
        self.media = {key: f"{FOLDER}/media/{x}" for key, x in media_names(story.media).items()}

    def timeline(self, flow_id: int) -> str:
        """The identifier of a flow's timeline."""
        return self._timelines[flow_id]

    def timeline_path(self, flow_id: int) -> str:
        """Where it lies in the artifact."""
        return f"{FOLDER}/timelines/{self._timelines[flow_id]}.dtl"

    def character(self, sheet_id: int) -> str:
        """The identifier of a sheet's character."""
        return self._characters[sheet_id]

    def character_path(self, sheet_id: int) -> str:
        """Where it lies in the artifact."""
        return f"{FOLDER}/characters/{self._characters[sheet_id]}.dch"

    def directory(self, kind: str) -> Mapping[str, str]:
        """Dialogic's map from identifiers to paths, for ``dtl`` or ``dch``."""
        if kind == "dtl":
            found = {x: self.timeline_path(key) for key, x in self._timelines.items()}
        else:
            found = {x: self.character_path(key) for key, x in self._characters.items()}
        return {key: resource(path) for key, path in sorted(found.items())}


def resource(path: str) -> str:
    """A part of the artifact as Godot names it."""
    return f"res://{path}"


def portraits(sheet: Sheet) -> dict[int, str]:
    """The names of a sheet's portraits by the ids of its avatars."""
    found: dict[int, str] = {}
    for avatar in sheet.avatars:
        name = ascii_identifier(avatar.name or "") or f"portrait_{avatar.id}"
        found[avatar.id] = name if name not in found.values() else f"{name}_{avatar.id}"
    return found


def labels(sections: Iterable[Section], nodes: Mapping[int, Node]) -> dict[Label, str]:
    """The labels of a flow's sections; hubs have their own names."""
    found: dict[Label, str] = {}
    taken: set[str] = set()
    for section in sections:
        if section.label is None:
            continue
        name = f"n{section.label}"
        node = nodes[section.label]
        hub = n.text_of(n.data_of(node).get("hub_id")) if node.type == "hub" else ""
        if hub:
            name = f"hub_{ascii_identifier(hub)[:60]}"
        if name in taken:
            name += f"_{section.label}"
        taken.add(name)
        found[section.label] = name
    return found


def _keys(items: Iterable[FlowFacts | SheetFacts], kind: str) -> dict[int, str]:
    """Names by id: shortcuts, each for the first that has it."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for item in items:
        name = item.shortcut or ""
        found[item.id] = name if name and name not in taken else f"{kind}_{item.id}"
        taken.add(found[item.id])
    return found
