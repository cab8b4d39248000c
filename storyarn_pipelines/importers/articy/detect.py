"""Finds the main file of an articy export among the files of an upload, by content."""

import re
from contextlib import closing
from typing import Literal, NamedTuple

from storyarn_pipelines.importers.articy.xml_stream import first_element
from storyarn_pipelines.importers.kinds import BOM
from storyarn_pipelines.importers.tree import Tree

HEAD_BYTES = 1 << 16
_MANY = 2000
_NAMES = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')
_ARTICY_NAMES = (b"Settings", b"Project", b"GlobalVariables", b"ObjectDefinitions", b"Packages")

Form = Literal["xml", "json", "manifest", "archive"]
_ORDER: tuple[Form, ...] = ("manifest", "archive", "xml", "json")


class Main(NamedTuple):
    """The file that an export begins with, and what it is."""

    file: str
    form: Form


def find_main(tree: Tree) -> Main | None:
    """The main file. Of several forms of one project the richer one counts: XML has all texts."""
    found = find_exports(tree)
    return found[0] if found else None


def find_exports(tree: Tree) -> list[Main]:
    """All exports, the one that counts first."""
    found: list[Main] = []
    for name in tree.names()[:_MANY]:
        with closing(tree.open(name)) as stream:
            head = stream.read(HEAD_BYTES)
        form = form_of(head)
        if form is not None:
            found.append(Main(name, form))
    found.sort(key=lambda x: (_ORDER.index(x.form), x.file.count("/"), x.file))
    if found and found[0].form == "manifest":
        # What a manifest names looks like exports of articy:draft 3, and is part of its own.
        found = [x for x in found if x.form != "json"]
    return found


def form_of(head: bytes) -> Form | None:
    """What a file is that begins with ``head``."""
    if head.startswith(b"ADFA"):
        return "archive"
    text = head.removeprefix(BOM).lstrip()
    if text.startswith(b"{"):
        return _json_form(text)
    is_xml = text.startswith(b"<") or head.startswith((b"\xff\xfe<", b"\xfe\xff\0<"))
    if is_xml and (first_element(head) in ("Export", "ArticyData") or _has_doctype(text)):
        return "xml"
    return None


def _has_doctype(text: bytes) -> bool:
    """An export with a document type is ours all the same: it is refused with a reason."""
    return bool(re.match(rb"(?s).{0,4000}<!DOCTYPE\s+Export\b", text))


def _json_form(text: bytes) -> Form | None:
    names = _NAMES.findall(text[:HEAD_BYTES])
    if not names:
        return None
    known = names[0] in _ARTICY_NAMES
    if known and b"set_IncludedNodes" in text and b'"FileName"' in text and b"Hash" in text:
        return "manifest"
    if known and (b'"set_' in text or b'"Namespace"' in text or b'"Guid"' in text):
        return "manifest" if _is_manifest(text) else "json"
    return None


def _is_manifest(text: bytes) -> bool:
    return bool(re.search(rb'"GlobalVariables"\s*:\s*\{\s*"FileName"', text))
