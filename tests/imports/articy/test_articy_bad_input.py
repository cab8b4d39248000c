"""Broken and hostile files are refused in one line, or tamed and told."""

import json
from typing import Any

import pytest

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.articy import is_articy

from .conftest import Drafter, Files
from .documents import ENTITIES, FLOW, Document, folder_of_x, hexadecimal


def small() -> Document:
    """A dialogue of two lines."""
    document = Document()
    top = document.add("Dialogue", name="Top")
    first, second = (document.fragment(top, x) for x in ("One", "Two"))
    document.lead(top, first)
    document.lead(first, second)
    document.lead(second, top)
    return document


def twice() -> str:
    """An object whose id another has too."""
    document = small()
    one, *_, last = document.things
    return document.xml().replace(
        f'Fragment Id="{hexadecimal(last)}"', f'Fragment Id="{hexadecimal(one)}"'
    )


def round_in_json() -> str:
    """Two dialogues that hold each other."""
    document = Document()
    one = document.add("Dialogue")
    two = document.add("Dialogue", one)
    document.things[one].parent = two
    made = document.json(Hierarchy=None)
    return json.dumps(made)


def round_in_xml() -> str:
    """An object that stands in the hierarchy inside itself."""
    document = small()
    number = hexadecimal(next(iter(document.things)))
    node = f'<Node IdRef="{number}" Type="Dialogue">'
    return document.xml().replace(node, f'{node}<Node IdRef="{number}" Type="Dialogue"/>')


_BOMB = (
    '<!DOCTYPE Export [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {y} "{"&" + x + ";"}{"&" + x + ";"}">' for x, y in ("ab", "bc", "cd"))
    + "]>"
)
_FETCH = '<!DOCTYPE Export [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_OUTSIDE = '<!DOCTYPE Export SYSTEM "http://127.0.0.1:1/x.dtd">'


def with_type(text: str) -> str:
    """The XML with a document type."""
    return small().xml().replace("?>", f"?>{text}", 1).replace(">One<", ">&a;&d;&x;<")


REFUSED: list[tuple[Any, str]] = [
    (with_type(_BOMB), "DOCTYPE"),
    (with_type(_FETCH), "DOCTYPE"),
    (with_type(_OUTSIDE), "DOCTYPE"),
    (small().xml().replace(">One<", ">&undeclared;<"), "the XML is broken"),
    (small().xml()[:-40], "the XML is broken"),
    (small().xml().replace(">One<", ">\xe9<").encode("latin-1"), "the XML is broken"),
    (small().xml().replace('encoding="utf-8"', 'encoding="utf-16"'), ""),
    ("<ArticyData><Project/></ArticyData>", "ArticyData"),
    ("<Export><Settings/></Export>", "no Content"),
    (twice(), "two"),
    (round_in_json(), "stands inside itself"),
    (round_in_xml(), "in the hierarchy twice"),
    (small().xml().replace('Id="0x01000000000001', 'Id="0x0101000000000000001'), "64 bits"),
    (small().xml().replace('Id="0x01000000000001', 'Id="zz'), "no id of articy"),
    (json.dumps(small().json())[:-40], "truncated"),
    (json.dumps(small().json()).replace('"One"', '"\\ud800 \\x"'), "no JSON"),
    (json.dumps(small().json()).replace("0x01000000000001", "0x01010101010101000000000001"), "64 bits"),  # noqa: E501
    (json.dumps(small().json()).replace('"Packages"', '"Other"'), "no Packages"),
    (json.dumps(small().json()) + "x", "expected the end"),
    (json.dumps({"Settings": {"set_x": ""}, "Packages": "x"}), "expected '['"),
    (folder_of_x(small()) | {"package_1_objects.json": '{"Objects": [{}]}'}, "Properties"),
    ({k: v for k, v in folder_of_x(small()).items() if "objects" not in k}, "not in the upload"),
    (
        folder_of_x(small())
        | {"manifest.json": folder_of_x(small())["manifest.json"].replace("hierarchy.json", "../h.json")},  # noqa: E501
        "not in the upload",
    ),
    ('<?xml version="1.0"?><!--' + "x" * 1_200_000 + "--><Export><Content/></Export>", "none of its files"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("source", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_broken_is_refused_in_one_line(draft: Drafter, source: Any, reason: str) -> None:
    with pytest.raises(ImportFileError) as refused:
        draft(source)
    message = str(refused.value)
    assert reason in message
    assert "\n" not in message
    assert len(message) < 600


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_byte_order_mark_is_passed_over(draft: Drafter, form: str, bom: bytes) -> None:
    text = small().xml() if form == "xml" else json.dumps(small().json())
    assert len(draft(bom + text.encode()).nodes("Top", "dialogue")) == 2


def test_utf_16_with_a_mark_is_read_as_xml_says(draft: Drafter) -> None:
    text = small().xml().replace('encoding="utf-8"', 'encoding="utf-16"')
    assert len(draft(text.encode("utf-16")).nodes("Top", "dialogue")) == 2


@pytest.mark.parametrize("side", ["Source", "Target"])
def test_a_connection_without_its_pin_leads_from_or_to_the_first(draft: Drafter, side: str) -> None:
    import re  # noqa: PLC0415

    text = re.sub(rf'(<{side} IdRef="[^"]*") PinRef="[^"]*"', r"\1", small().xml())
    made = draft(text)
    assert len(made.flow("Top")["connections"]) == 3
    assert any("without a pin" in x for x in made.notes)


def test_connections_to_nothing_are_told(draft: Drafter) -> None:
    document = small()
    wire = document.wires[1]
    wire.target, wire.to = 0x0177, 0x0178
    made = draft(document.xml())
    assert any("not in the export are left out" in x for x in made.notes)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "C:\\x\\..\\..\\evil.png", "Assets/\0.png", ""]
)
def test_names_of_assets_lead_nowhere_else(draft: Drafter, name: str) -> None:
    document = small()
    document.add("Asset", 0x030000004C3DAF54, more={"Filename": name, "AssetRef": name})
    files = {"p.json": json.dumps(document.json()), "Assets/ok.png": b"\x89PNG\r\n\x1a\n"}
    made = draft(files)
    assert made.media == {}
    assert any("not in the upload" in x for x in made.notes)


@pytest.mark.parametrize(
    "source",
    [
        "", "{}", "[]", "<html/>", "plain", '{"storyarn_version": "1"}', "<Export", b"\xff\xfe",
        '{"inkVersion": 21}', '{"Settings": 1}', "title: a\n---\n===",
    ],
)  # fmt: skip
def test_other_files_are_not_taken_for_articys(source: Any) -> None:
    assert not is_articy(Files({"x": source}))


def test_nothing_typed_becomes_markup(draft: Drafter) -> None:
    document = Document()
    top = document.add("Dialogue", name="Top")
    nasty = "<script>alert(1)</script> {a} & ]]> $a.b"
    line = document.fragment(top, nasty, menu=nasty, stage=nasty)
    document.lead(top, line)
    speaker = document.add("Entity", ENTITIES, name=nasty)
    made = draft(document.xml())
    data = made.nodes("Top", "dialogue")[0]["data"]
    assert "<script" not in data["text"]
    assert "{a}" not in data["text"]
    assert speaker
    assert FLOW
