"""The two documents of an articy project, written side by side while the story is read once."""

import base64
import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import orjson
from lxml import etree

from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.serializers.articy import frame, model
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import Book
from storyarn_pipelines.serializers.articy.objects import Thing
from storyarn_pipelines.serializers.articy.places import category, media_of
from storyarn_pipelines.serializers.articy.sheets import Templates
from storyarn_pipelines.serializers.articy.variables import VariableSet
from storyarn_pipelines.serializers.articy.xml import DEPTH, NAMESPACE, XmlForm
from storyarn_pipelines.serializers.articy.xml_text import Lines, line_break
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.media import checked_blocks

_COPY_BYTES = 1 << 20
_FOLDERS = ("Flow", "Locations", "Entities", "Assets", "GlobalVariables")
_EMPTY_FOLDERS = ("Features", "ObjectTemplates", "Documents", "Journeys", "ProjectSettings")

Group = tuple[str, Sequence[Thing]]
"""Objects with the folder where the first one stands; it is the parent of the others."""


class ProjectFiles:
    """Takes objects one by one; a ``with`` block around it removes what it kept aside."""

    def __init__(self, book: Book, templates: Templates, name: str, collected_at: str) -> None:
        self._book, self._templates = book, templates
        self._name, self._time = name, collected_at
        self._pretty = book.story.options.pretty_print
        self._form = XmlForm(book.guid, book.languages[0], templates.id_of, pretty=self._pretty)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        parent = self._book.story.reader.directory.parent
        made = self._stack.enter_context(TemporaryDirectory(dir=parent, prefix="articy-"))
        directory = Path(made)
        self._models = self._kept(directory / "models.json")
        self._branches = {
            name: (self._kept(directory / f"{name}.xml"), self._kept(directory / f"{name}.json"))
            for name in _FOLDERS
        }
        self._texts = {
            locale: self._kept(directory / f"{locale}.texts") for locale in self._book.languages[1:]
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _kept(self, path: Path) -> "_Kept":
        return _Kept(path, self._stack)

    def write_xml(self, out: Output, groups: Iterable[Group], sets: Sequence[VariableSet]) -> None:
        """The whole XML. lxml writes the document, and what it holds in great numbers comes as
        text between: an element made by lxml for each object takes ten times as long."""
        with out.part(f"{self._name}.xml") as file:
            file.write(b"\xef\xbb\xbf")
            raw = _Raw(file, pretty=self._pretty)
            with etree.xmlfile(file, encoding="utf-8") as xml:
                xml.write_declaration(standalone=True)
                facts = {"Version": "3.1", "CreatorTool": "articy:draft", "CreatorVersion": "4.1.4"}
                facts["CreatedOn"] = self._time
                with xml.element(f"{{{NAMESPACE}}}Export", facts, nsmap={None: NAMESPACE}):
                    xml.flush()
                    raw.write(frame.settings(), 1)
                    with xml.element(f"{{{NAMESPACE}}}Content"):
                        xml.flush()
                        self._content(raw, groups, sets)
                    with xml.element(f"{{{NAMESPACE}}}Hierarchy"):
                        xml.flush()
                        self._tree(raw)

    def _content(self, raw: "_Raw", groups: Iterable[Group], sets: Sequence[VariableSet]) -> None:
        raw.write(frame.head(self._book, self._form), DEPTH)
        for lines in frame.definitions(self._book, self._templates, self._form):
            raw.write(lines, DEPTH)
        for one in sets:
            raw.write(frame.variables(one, self._form), DEPTH)
            self._branch("GlobalVariables", [(one.id, "VariableSet", one.name)], [])
        for folder, things in groups:
            pieces: Lines = []
            for thing in things:
                pieces += (self._form.thing(thing), *self._form.wires(thing))
                self._keep(thing)
            raw.write(pieces, DEPTH)
            nodes = [(x.id, x.kind, x.technical_name) for x in things]
            wires = [
                wire.id
                for thing in things
                for pin in (*thing.inputs, *thing.outputs)
                for wire in pin.wires
            ]
            self._branch(folder, nodes, wires)

    def _keep(self, thing: Thing) -> None:
        """An object for the JSON, and its translations."""
        made = model.model(thing)
        if thing.kind == "Asset":
            self._keep_asset(thing, made)
        else:
            self._append(self._models, made)
        for key, text in model.texts(thing) if self._texts else ():
            for locale, plain, _ in text.more:
                if locale in self._texts:
                    line = b"\n  " + orjson.dumps(key) + b": " + orjson.dumps(plain)
                    self._texts[locale].add(line)

    def _keep_asset(self, thing: Thing, made: dict[str, Any]) -> None:
        """An asset; embedded, its bytes are a member that articy itself does not have."""
        media = media_of(self._book, thing)
        made |= {"AssetRef": thing.file, "Category": category(media)}
        if self._book.story.options.include_assets != "embedded":
            self._append(self._models, made)
            return
        self._models.add(b"\n" + orjson.dumps(made)[:-1] + b', "Data": "')
        try:
            for block in checked_blocks(self._book.story.reader, media):
                self._models.write(base64.b64encode(block))
        except MediaError as error:
            self._book.story.told.add("XP0301", str(error), f"media {media.filename}")
        self._models.write(b'"}')

    def _append(self, kept: "_Kept", value: object) -> None:
        kept.add(b"\n" + _json(value, pretty=self._pretty))

    def _branch(self, folder: str, nodes: list[tuple[str, str, str]], wires: list[str]) -> None:
        """Grow the hierarchies by an object and its children; only XML counts connections."""
        xml, json = self._branches[folder]
        (number, kind, name), *rest = nodes
        inner = [f'  <Node IdRef="{x}" Type="{kind}"/>' for x, kind, _ in rest]
        inner += [f'  <Node IdRef="{x}" Type="Connection"/>' for x in wires]
        begin = f'<Node IdRef="{number}" Type="{kind}"'
        lines = [f"{begin}>", *inner, "</Node>"] if inner else [f"{begin}/>"]
        _Raw(xml, pretty=self._pretty).write(lines, 4)
        made: dict[str, Any] = {"Id": number, "TechnicalName": name, "Type": kind}
        if rest:
            made["Children"] = [
                {"Id": x, "TechnicalName": name, "Type": kind} for x, kind, name in rest
            ]
        self._append(json, made)

    def _tree(self, raw: "_Raw") -> None:
        raw.write([f'<Node IdRef="{i.PROJECT_ID}" Type="Project">'], 2)
        for folder, (xml, _) in self._branches.items():
            begin = f'<Node IdRef="{i.FOLDERS[folder]}" Type="{folder}"'
            if xml.is_empty:
                raw.write([f"{begin}/>"], 3)
                continue
            raw.write([f"{begin}>"], 3)
            xml.copy_to(raw.file)
            raw.write(["</Node>"], 3)
        for folder in _EMPTY_FOLDERS:
            raw.write([f'<Node IdRef="{i.FOLDERS[folder]}" Type="{folder}"/>'], 3)
        raw.write(["</Node>"], 2)

    def write_json(self, out: Output, sets: Sequence[VariableSet]) -> None:
        """The JSON of the same objects, in one document, in the source language."""
        with out.part(f"{self._name}.json") as file:
            file.write(b"{")
            for key, value in frame.json_head(self._book, self._templates, sets).items():
                text = _json(value, pretty=self._pretty)
                file.write(b"\n" + orjson.dumps(key) + b": " + text + b",")
            package = {"Name": "Story", "Description": "", "IsDefaultPackage": True}
            file.write(b'\n"Packages": [' + orjson.dumps(package)[:-1] + b', "Models": [')
            self._models.copy_to(file)
            file.write(b']}],\n"ScriptMethods": [],\n"Hierarchy": ')
            slug = frame.identifier(self._book.story.project.slug)
            top = {"Id": i.PROJECT_ID, "TechnicalName": slug, "Type": "Project"}
            file.write(orjson.dumps(top)[:-1] + b', "Children": [')
            for index, (folder, (_, json)) in enumerate(self._branches.items()):
                node = {"Id": i.FOLDERS[folder], "TechnicalName": folder, "Type": folder}
                file.write((b",\n" if index else b"\n") + orjson.dumps(node)[:-1])
                file.write(b', "Children": [')
                json.copy_to(file)
                file.write(b"]}")
            file.write(b"]}\n}\n")

    def write_texts(self, out: Output) -> None:
        """The translations: a file for each language, by the keys of a localised export."""
        for locale, kept in self._texts.items():
            with out.part(f"localization/{locale}.json") as file:
                file.write(b"{")
                kept.copy_to(file)
                file.write(b"\n}\n")


class _Raw:
    """Lines of XML between what lxml writes, indented or without any space between."""

    def __init__(self, file: Any, *, pretty: bool) -> None:
        self.file, self._pretty = file, pretty

    def write(self, lines: Lines, depth: int) -> None:
        if self._pretty:
            between = line_break(depth)
            text = between + between.join(lines)
        else:
            text = "".join(map(str.lstrip, lines))
        self.file.write(text.encode())


class _Kept:
    """A file for what comes later in a document; ``is_empty`` as long as nothing is in it."""

    def __init__(self, path: Path, closing: ExitStack) -> None:
        self._file = closing.enter_context(path.open("w+b"))
        self.is_empty = True

    def write(self, text: bytes) -> None:
        """Go on."""
        self._file.write(text)
        self.is_empty = False

    def add(self, item: bytes) -> None:
        """An item of a JSON list or object, with a comma behind the one before."""
        self.write(item if self.is_empty else b"," + item)

    def copy_to(self, file: Any) -> None:
        """Everything that was written."""
        self._file.seek(0)
        shutil.copyfileobj(self._file, file, _COPY_BYTES)


def _json(value: object, *, pretty: bool) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 if pretty else None)
