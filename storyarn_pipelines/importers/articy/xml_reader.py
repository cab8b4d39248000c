"""The XML export of articy:draft 2.2, 2.4, 3 and X, with a namespace or without.

All objects lie flat in ``Content`` and each is emptied once it is kept; how they are nested is
said by ``Hierarchy`` behind them.
"""

from typing import BinaryIO

from storyarn_pipelines.importers.articy.items import (
    NOTHING,
    SYSTEM_FOLDERS,
    Item,
    Language,
    Variable,
    VariableSet,
    Wire,
    number_of,
)
from storyarn_pipelines.importers.articy.project import ArticyProject, Enum
from storyarn_pipelines.importers.articy.xml_objects import ObjectReader
from storyarn_pipelines.importers.articy.xml_stream import (
    Element,
    child,
    events,
    local,
    said,
)
from storyarn_pipelines.importers.refusal import refused

_FOLDER = "UserFolder"


class XmlReader:
    """Reads one export into a project."""

    def __init__(self, project: ArticyProject) -> None:
        self._project, self._file = project, project.file
        self._objects = ObjectReader(project)
        # Properties, features and templates refer to each other, in any order.
        self._properties: dict[int, tuple[str, str, Enum | None]] = {}
        self._features: list[tuple[str, str, list[int]]] = []

    def read(self, stream: BinaryIO) -> None:
        """Read it all. Raises ImportFileError."""
        nodes: list[int] = []
        depth, section, has_content = 0, "", False
        for event, element in events(stream, self._file):
            if event == "start":
                depth += 1
                if depth == 1:
                    self._check_root(local(element))
                elif depth == 2:
                    section = local(element)
                elif section == "Hierarchy" and local(element) == "Node":
                    nodes.append(self._node(element, nodes))
                continue
            if depth == 3 and section == "Content":
                self._content(element, local(element))
                _forget(element)
            elif depth > 2 and section == "Hierarchy" and local(element) == "Node":
                nodes.pop()
                _forget(element)
            has_content = has_content or (depth == 2 and section == "Content")
            depth -= 1
        if not has_content:
            raise refused(self._file, "", "it has no Content: export again from articy:draft")
        self._name_properties()

    def _check_root(self, name: str) -> None:
        if name != "Export":
            reason = f"its first element is {name[:60]!r}, an export of articy:draft has Export"
            raise refused(self._file, "", reason)

    def _node(self, element: Element, above: list[int]) -> int:
        """A node of the hierarchy; 2.2 writes Id, later versions IdRef."""
        number = number_of(element.get("IdRef") or element.get("Id"), self._file, "Hierarchy")
        self._project.store.place(number, above[-1] if above else NOTHING)
        return number

    def _content(self, element: Element, kind: str) -> None:
        if kind == "Project":
            self._project.name = said(element, "DisplayName").strip()
            self._project.technical = said(element, "TechnicalName").strip()
        elif kind == "ProjectSettings":
            self._languages(element)
        elif kind == "VariableSet":
            self._project.sets.append(self._variable_set(element))
        elif kind == "Connection":
            self._project.store.add_wire(self._wire(element))
        elif kind == "FeatureDefinition":
            self._feature(element)
        elif kind == "ObjectTemplateDefinition":
            name = said(element, "TechnicalName")
            self._project.templates[name] = self._label(element)
        elif kind.endswith("PropertyDefinition"):
            self._property(element)
        elif kind in SYSTEM_FOLDERS:
            if element.get("Id"):
                self._project.store.add(Item(self._id(element, kind), kind))
        elif kind:
            found = _FOLDER if kind.endswith(_FOLDER) else kind
            self._project.store.add(self._objects.read(element, found, self._id(element, kind)))

    def _id(self, element: Element, kind: str) -> int:
        return number_of(element.get("Id"), self._file, f"{kind} on line {element.sourceline}")

    def _label(self, element: Element) -> str:
        """The display name of a definition, in whatever language comes first."""
        texts = self._objects.text(child(element, "DisplayName"))
        return next((x for x in texts.values() if x), said(element, "TechnicalName"))

    # -- settings and definitions

    def _languages(self, element: Element) -> None:
        setup = child(element, "LanguageSetup")
        for found in () if setup is None else setup:
            code = said(found, "IsoName").strip()
            if local(found) != "Language":
                continue
            primary = said(found, "IsPrimary") == "1"
            name = said(found, "DisplayName").strip() or code
            self._project.languages.append(Language(code, name, primary))

    def _variable_set(self, element: Element) -> VariableSet:
        variables = []
        listed = child(element, "Variables")
        for found in () if listed is None else listed:
            if local(found) != "Variable":
                continue
            notes = self._objects.text(child(found, "Description"))
            variables.append(
                Variable(
                    said(found, "TechnicalName").strip(),
                    said(found, "DataType").strip(),
                    said(found, "DefaultValue"),
                    next(iter(notes.values()), ""),
                )
            )
        notes = self._objects.text(child(element, "Description"))
        name = said(element, "TechnicalName").strip()
        return VariableSet(name, tuple(variables), next(iter(notes.values()), ""))

    def _property(self, element: Element) -> None:
        enum = None
        listed = child(element, "Values")
        if listed is not None:
            enum = Enum()
            for number, found in enumerate(x for x in listed if local(x) == "EnumValue"):
                value = said(found, "Value").strip()
                key = int(value) if value.lstrip("-").isdecimal() and len(value) < 10 else number
                enum.values[key] = (said(found, "TechnicalName"), self._label(found))
        number = self._id(element, local(element))
        technical = said(element, "TechnicalName")
        self._properties[number] = (technical, self._label(element), enum)

    def _feature(self, element: Element) -> None:
        listed = child(element, "PropertyDefinitions")
        refs = [
            number_of(x.get("IdRef"), self._file, "FeatureDefinition")
            for x in (() if listed is None else listed)
            if local(x) == "PropertyDefinitionRef"
        ]
        self._features.append((said(element, "TechnicalName"), self._label(element), refs))

    def _name_properties(self) -> None:
        """Let features find their properties, now that all are known."""
        for name, label, refs in self._features:
            self._project.labels[name] = label
            for ref in refs:
                if ref not in self._properties:
                    continue
                technical, shown, enum = self._properties[ref]
                self._project.labels[f"{name}.{technical}"] = shown
                if enum is not None:
                    self._project.enums[f"{name}.{technical}"] = enum

    # -- connections

    def _wire(self, element: Element) -> Wire:
        ends: list[int] = []
        place = f"Connection {element.get('Id') or f'on line {element.sourceline}'}"
        for name in ("Source", "Target"):
            end = child(element, name)
            if end is None:
                raise refused(self._file, place, f"it has no {name}: export again from articy")
            pin = end.get("PinRef")
            ends.append(number_of(end.get("IdRef"), self._file, place))
            # Some exports leave the pin out where there is only one; the builder finds it.
            ends.append(number_of(pin, self._file, place) if pin else NOTHING)
        label = self._objects.text(child(element, "Label"))
        source, source_pin, target, target_pin = ends
        return Wire(source, source_pin, target, target_pin, self._project.heard(label))


def _forget(element: Element) -> None:
    """Free an element that was read, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
