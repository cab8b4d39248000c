"""The JSON of articy:draft 3, one document, and of articy:draft X, a folder of documents."""

from collections.abc import Callable
from contextlib import closing
from typing import Any, BinaryIO

import msgspec

from storyarn_pipelines.importers.articy.items import (
    NOTHING,
    Language,
    Variable,
    VariableSet,
    number_of,
)
from storyarn_pipelines.importers.articy.json_objects import ObjectReader, text_of
from storyarn_pipelines.importers.articy.json_stream import JsonStream
from storyarn_pipelines.importers.articy.json_texts import Texts
from storyarn_pipelines.importers.articy.project import ArticyProject, Enum
from storyarn_pipelines.importers.articy.xlsx import open_table, tables
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree

Json = dict[str, Any]


class _Node(msgspec.Struct):
    """A node of the hierarchy."""

    Id: str
    Children: "list[_Node]" = msgspec.field(default_factory=list)


class JsonReader:
    """Reads one export into a project."""

    def __init__(self, project: ArticyProject, texts: Texts, limits: Limits) -> None:
        self._project, self._texts, self._limits = project, texts, limits
        self._objects = ObjectReader(project, texts)
        self._file = project.file

    def document(self, tree: Tree) -> None:
        """The one document of articy:draft 3. It is read twice: types first, then objects."""
        met: set[str] = set()

        def open_file() -> BinaryIO:
            return tree.open(self._file)

        with closing(open_file()) as stream:
            document = JsonStream(stream, self._file)
            for name in document.members():
                met.add(name)
                if name in _HEADS:
                    told = document.value()
                    self._head(name, told)
                    if name == "Settings" and self._objects.is_localised:
                        self._tables(tree, text_of(told.get("set_UsedLanguage")))
                else:
                    document.skip()
            document.end()
        if "Packages" not in met:
            raise refused(self._file, "", "it has no Packages: export again from articy:draft")
        if not self._objects_of(open_file, with_packages=True):
            self._objects_of(open_file, with_packages=False)

    def _tables(self, tree: Tree, used: str) -> None:
        """The texts beside a document that has only their keys, tables by language."""
        counts: dict[str, int] = {}
        for file, language in tables(tree, self._file):
            with open_table(tree, file, self._texts.scratch, self._limits) as said:
                if said is None:
                    self._project.unread.append(file)
                    continue
                number = self._texts.take(language, said)
                counts[language] = counts.get(language, 0) + number
        primary = used if used in counts else max(counts, key=lambda x: counts[x], default="")
        self._project.languages += [Language(x, x, x == primary) for x in counts]

    def _objects_of(self, open_file: Callable[[], BinaryIO], *, with_packages: bool) -> bool:
        """Objects, and their places if those come behind them; says whether they did."""
        done, ready = False, not with_packages
        with closing(open_file()) as stream:
            document = JsonStream(stream, self._file)
            for name in document.members():
                if name == "Packages" and with_packages:
                    for _ in document.elements():
                        self._package(document)
                    ready = True
                elif name == "Hierarchy" and ready and not done:
                    self._hierarchy(document.value(_Node | None))
                    done = True
                else:
                    document.skip()
        return done

    def folder(self, tree: Tree, manifest: str) -> None:
        """The documents of articy:draft X that a manifest names."""
        here = manifest.rpartition("/")[0]
        with closing(tree.open(manifest)) as stream:
            document = JsonStream(stream, manifest)
            told = document.value(Json)
            document.end()
        self._head("Settings", told.get("Settings"))
        self._head("Project", told.get("Project"))
        self._languages(told.get("Languages"))

        def opened(reference: object) -> tuple[str, BinaryIO] | None:
            name = reference.get("FileName") if isinstance(reference, dict) else None
            if not isinstance(name, str) or not name:
                return None
            whole = f"{here}/{name}" if here else name
            # Names are looked up among those of the tree, so none leads out of it.
            if whole not in tree.names():
                reason = f"the manifest names {name[:80]!r}, which is not in the upload: add it"
                raise refused(manifest, "", reason)
            return whole, tree.open(whole)

        packages = [x for x in told.get("Packages") or () if isinstance(x, dict)]
        packages = [x for x in packages if x.get("IsIncluded") is not False]
        files = [x["Files"] for x in packages if isinstance(x.get("Files"), dict)]
        definitions = told.get("ObjectDefinitions")
        definitions = definitions if isinstance(definitions, dict) else {}
        for reference in [definitions.get("Texts"), *(x.get("Texts") for x in files)]:
            if found := opened(reference):
                with closing(found[1]) as stream:
                    self._texts.read(stream, found[0])
        for reference, name in (
            (told.get("GlobalVariables"), "GlobalVariables"),
            (definitions.get("Types"), "ObjectDefinitions"),
            (told.get("ScriptMethods"), "ScriptMethods"),
        ):
            if found := opened(reference):
                with closing(found[1]) as stream:
                    self._members(JsonStream(stream, found[0]), name)
        for one in files:
            if found := opened(one.get("Objects")):
                with closing(found[1]) as stream:
                    self._package(JsonStream(stream, found[0]))
        if found := opened(told.get("Hierarchy")):
            with closing(found[1]) as stream:
                self._hierarchy(JsonStream(stream, found[0]).value(_Node | None))

    def _members(self, document: JsonStream, wanted: str) -> None:
        for name in document.members():
            if name == wanted:
                self._head(name, document.value())
            else:
                document.skip()

    def _package(self, document: JsonStream) -> None:
        """The objects of a package: ``Models`` in articy:draft 3, ``Objects`` in X."""
        for name in document.members():
            if name not in ("Models", "Objects") or document.opens() != b"[":
                document.skip()
                continue
            for _ in document.elements():
                self._objects.take(document.value(Json), document.pointer)

    def _hierarchy(self, top: _Node | None) -> None:
        """Note who stands where, and in which order."""
        waiting = [(top, NOTHING)] if top is not None else []
        while waiting:
            node, parent = waiting.pop()
            number = number_of(node.Id, self._file, "Hierarchy")
            self._project.store.place(number, parent)
            waiting.extend((x, number) for x in reversed(node.Children))

    # -- heads

    def _head(self, name: str, value: Any) -> None:
        match name, value:
            case "Project", dict():
                self._project.name = text_of(value.get("Name")).strip()
                self._project.technical = text_of(value.get("TechnicalName")).strip()
                self._project.description = text_of(value.get("DetailName")).strip()
            case "Settings", dict():
                self._objects.is_localised = value.get("set_Localization") == "True"
            case "GlobalVariables", list():
                self._project.sets += [self._set(x) for x in value if isinstance(x, dict)]
            case "ObjectDefinitions", list():
                for one in value:
                    if isinstance(one, dict):
                        self._definition(one)
                self._name_enums()
            case "ScriptMethods", list():
                named = [x.get("Name") for x in value if isinstance(x, dict)]
                self._project.methods += [x for x in named if isinstance(x, str)]

    def _languages(self, value: object) -> None:
        for one in value if isinstance(value, list) else ():
            if isinstance(one, dict):
                code = text_of(one.get("CultureName"))
                name = text_of(one.get("LanguageName")) or code
                # None of them is said to be the first.
                self._project.languages.append(Language(code, name, False))

    def _set(self, value: Json) -> VariableSet:
        variables = [
            Variable(
                text_of(x.get("Variable")).strip(),
                text_of(x.get("Type")).strip(),
                _written(x.get("Value")),
                self._plain(x.get("Description")),
            )
            for x in value.get("Variables") or ()
            if isinstance(x, dict)
        ]
        name = text_of(value.get("Namespace")).strip()
        return VariableSet(name, tuple(variables), self._plain(value.get("Description")))

    def _plain(self, value: object) -> str:
        """A text that is shown to people only, in whatever language comes first."""
        text = text_of(value)
        found = self._texts.get(text) if text else None
        return text if found is None else next((x for x in found.values() if x), "")

    def _definition(self, value: Json) -> None:
        kind = text_of(value.get("Type"))
        self._objects.classes[kind] = text_of(value.get("Class")) or kind
        values = value.get("Values")
        if value.get("Class") == "Enum" and isinstance(values, dict):
            shown = value.get("DisplayNames")
            names = shown if isinstance(shown, dict) else {}
            self._objects.enums[kind] = Enum(
                {
                    number: (name, self._plain(names.get(name)) or name)
                    for name, number in values.items()
                    if isinstance(number, int)
                }
            )
        template = value.get("Template")
        if not isinstance(template, dict):
            return
        self._project.templates[kind] = self._plain(template.get("DisplayName")) or kind
        for feature in template.get("Features") or ():
            if isinstance(feature, dict):
                self._feature(feature)

    def _feature(self, feature: Json) -> None:
        name = text_of(feature.get("TechnicalName"))
        self._project.labels[name] = self._plain(feature.get("DisplayName")) or name
        for one in feature.get("Properties") or ():
            if not isinstance(one, dict):
                continue
            key = f"{name}.{text_of(one.get('Property'))}"
            self._project.labels[key] = self._plain(one.get("DisplayName")) or key
            self._objects.types[key] = text_of(one.get("Type"))

    def _name_enums(self) -> None:
        for key, kind in self._objects.types.items():
            if kind in self._objects.enums:
                self._project.enums[key] = self._objects.enums[kind]


def _written(value: object) -> str:
    """A value, which some exports write as itself."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


_HEADS = frozenset({
    "Settings", "Project", "GlobalVariables", "ObjectDefinitions", "ScriptMethods",
})  # fmt: skip
