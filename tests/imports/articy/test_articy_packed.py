"""Archives of articy:draft X, and the tables of localised exports of articy:draft 3."""

import json
from typing import Any

import pytest

from storyarn_pipelines.errors import ImportFileError

from .conftest import Drafter, Files
from .documents import Document, folder_of_x
from .packing import archive, table
from .test_articy_shapes import check_story, story


def test_an_archive_is_read_as_the_folder_that_it_holds(draft: Drafter) -> None:
    made = draft({"story.articyue": archive(folder_of_x(story()))})
    check_story(made)
    assert made.document == draft(folder_of_x(story())).document


def _with(files: dict[str, str], old: bytes, new: bytes) -> bytes:
    return archive(files).replace(old, new)


_X = folder_of_x(story())
_BROKEN: list[tuple[bytes, str]] = [
    (archive(_X, version=2), "version 2"),
    (archive(_X)[:-10], "truncated"),
    (archive(_X)[:12], "truncated"),
    (archive(_X)[:40], "truncated"),
    (archive({}), "0 files"),
    (archive({"a.txt": "nothing"}), "no export of articy:draft"),
    (archive({"in.articyue": archive(_X)}), "no export of articy:draft"),
    (archive({x: y for x, y in _X.items() if "objects" not in x}), "not in the upload"),
    (_with({**_X, "x": "12345"}, b"\5" + bytes(7) + b"\5" + bytes(7), b"\6" + bytes(7) + b"\5" + bytes(7)), "it is compressed"),  # noqa: E501
    (_with({**_X, "bad": ""}, b"\3\0bad", b"\3\0b\xff\xff"), "no UTF-8"),
    (_with({**_X, "b": "x", "c": "y"}, b"\1\0c", b"\1\0b"), "twice"),
    (archive(_X)[:8] + b"\xff\xff\xff\x7f" + archive(_X)[12:], "files"),
    (archive(_X)[:12] + b"\xff" * 8 + archive(_X)[20:], "truncated"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), _BROKEN, ids=range(len(_BROKEN)))
def test_a_damaged_archive_is_refused_in_one_line(draft: Drafter, data: bytes, reason: str) -> None:
    with pytest.raises(ImportFileError) as refused:
        draft({"story.articyue": data})
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def localised(**more: Any) -> str:
    """A document of articy:draft 3 that has keys for texts."""
    document = Document()
    top = document.add("Dialogue", name="FFr_1.DisplayName")
    first = document.fragment(top, "DFr_1.Text", menu="DFr_1.PreviewText")
    second = document.fragment(top, "DFr_2.Text")
    document.lead(top, first)
    document.lead(first, second)
    return json.dumps(document.json(Settings={"set_Localization": "True", **more}))


_ENGLISH = {"FFr_1.DisplayName": "Top", "DFr_1.Text": "Hello & <you>", "DFr_1.PreviewText": "Hi"}
_GERMAN = {"DFr_1.Text": "Hallo_x000D_\nSie", "FFr_1.DisplayName": "Oben"}


@pytest.mark.parametrize("shared", [True, False])
def test_tables_beside_a_localised_document_give_its_texts(draft: Drafter, shared: bool) -> None:
    made = draft({
        "in/p.json": localised(set_UsedLanguage="en"),
        "in/loc_All objects_de.xlsx": table(_GERMAN, shared=shared),
        "in/loc_All objects_en.xlsx": table(_ENGLISH, shared=shared),
        "in/budget_2024.xlsx": table({}, sheet="Costs"),
        "elsewhere/loc_All objects_fr.xlsx": b"not looked at",
    })  # fmt: skip
    assert [x["locale_code"] for x in made.document["localization"]["languages"]] == ["en", "de"]
    lines = [x["data"] for x in made.nodes("Top", "dialogue")]
    assert [x["text"] for x in lines] == ["<p>Hello &amp; &lt;you&gt;</p>", "<p>DFr_2.Text</p>"]
    assert lines[0]["menu_text"] == "Hi"
    strings = made.document["localization"]["strings"]
    german = strings[f"flow_node.{lines[0]['localization_id']}.text"]["translations"]["de"]
    assert german["text"] == "<p>Hallo</p><p>Sie</p>"
    assert any("their keys are kept: 1 (1 texts)" in x for x in made.notes)
    assert any("not read: 1 (in/budget_2024.xlsx)" in x for x in made.notes)


def test_without_tables_the_keys_stand_and_are_told(draft: Drafter) -> None:
    made = draft({"p.json": localised()})
    assert any("their keys are kept: 1 (4 texts)" in x for x in made.notes)


_BOMB = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK no zip", "truncated"),
        (b"plain", "no .xlsx table"),
        (table(_ENGLISH, head=_BOMB), "DOCTYPE"),
        (table(_ENGLISH, head="<x>"), "the XML is broken"),
        (table(_ENGLISH)[:-30], "truncated"),
    ],
)
def test_a_broken_table_is_refused_in_one_line(draft: Drafter, data: bytes, reason: str) -> None:
    with pytest.raises(ImportFileError) as refused:
        draft(Files({"p.json": localised(), "loc_en.xlsx": data}))
    assert reason in str(refused.value)
    assert "loc_en.xlsx" in str(refused.value)
    assert "\n" not in str(refused.value)
