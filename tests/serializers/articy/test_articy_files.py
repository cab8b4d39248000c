"""The files themselves: golden, stable, and safe whatever an author typed.

``REWRITE_GOLDEN=1`` makes the golden files anew from mini.sql.
"""

import json
import os
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from lxml import etree

from storyarn_pipelines.demo import build
from tests.serializers.articy.comparing import export, models, told
from tests.serializers.articy.conftest import Exporter
from tests.serializers.articy.xml_model import Model
from tests.story.builders import (
    flow,
    line,
    node,
    response,
)

GOLDEN = Path(__file__).parent / "data"
PARTS = ("articy.xml", "articy.json", "localization/es.json")


@pytest.mark.parametrize("part", PARTS)
def test_the_export_of_mini_sql_is_the_golden_file(exported: Exporter, part: str) -> None:
    _, made = exported("mini")
    text = (made.directory / part).read_bytes()
    golden = GOLDEN / part.replace("/", ".")
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_bytes(text)
    assert text.decode().splitlines() == golden.read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", ["mini", "demo"])
def test_a_compact_export_says_the_same_as_an_indented_one(exported: Exporter, name: str) -> None:
    _, pretty = exported(name)
    _, compact = exported(name, pretty_print=False)
    files = [x.directory / "articy.json" for x in (pretty, compact)]
    assert json.loads(files[0].read_text("utf-8")) == json.loads(files[1].read_text("utf-8"))
    trees = []
    for made in (pretty, compact):
        parser = etree.XMLParser(remove_blank_text=True)
        tree = etree.parse(str(made.directory / "articy.xml"), parser)
        trees.append(etree.tostring(tree, method="c14n"))
    assert trees[0] == trees[1]
    assert (compact.directory / "articy.xml").read_text("utf-8").count("\n") < 300


def test_two_exports_have_the_same_bytes(exported: Exporter) -> None:
    first = exported("demo")[1].directory / "artifact.zip"
    before = first.read_bytes()
    assert exported("demo")[1].directory / "artifact.zip" == first
    assert first.read_bytes() == before


def test_xml_and_json_have_the_same_objects(exported: Exporter) -> None:
    _, made = exported("demo")
    model, found = Model(made.directory / "articy.xml"), models(made)
    kinds = {"Entity", "Asset", "Location", "Spot", "Link", "Zone", "Dialogue", "Hub", "Jump",
             "DialogueFragment", "Condition", "Instruction", "Comment"}  # fmt: skip
    in_xml = {x for x in model.objects if model.kind(x) in kinds}
    assert in_xml == set(found)
    for key, one in found.items():
        pins = one["Properties"].get("InputPins", []) + one["Properties"].get("OutputPins", [])
        for pin in pins:
            wires = [x["TargetPin"] for x in pin.get("Connections", [])]
            assert model.pins[pin["Id"]].wires == wires
            assert model.pins[pin["Id"]].script == pin["Text"]
            assert model.pins[pin["Id"]].owner == key == pin["Owner"]


def test_ids_and_names_stay_when_other_things_come_and_go(tmp_path: Path) -> None:
    hello = line(node(5, "dialogue", text="hi", responses=[response("a"), response("b")]), key=2)
    bye = line(node(5, "dialogue", text="hi", responses=[response("b")]), key=2, name="other")
    first = models(told(tmp_path, hello))
    second = models(told(tmp_path, line(node(9, "hub"), key=1), bye))
    names = {key: x["Properties"]["TechnicalName"] for key, x in first.items()}
    shared = names.keys() & second.keys()
    assert {names[x] for x in shared} >= {"DFr_5", "Chr_Player"}
    assert all(names[x] == second[x]["Properties"]["TechnicalName"] for x in shared)
    assert len(shared) == len(names) - 1  # the response that is gone


def test_ids_are_64_bits_and_never_meet_however_large_those_of_the_database_are(
    tmp_path: Path,
) -> None:
    keys = [5, 2**33 - 1, 2**33, 2**63 - 1, 2**62]
    nodes = [node(key, "dialogue", responses=[response("a"), response("a")]) for key in keys]
    model = Model(told(tmp_path, flow(nodes)).directory / "articy.xml")
    assert model.problems == []
    assert len(model.pins) == 2 + len(keys) * 3 * 2


def test_translations_are_in_the_xml_and_by_key_beside_the_json(exported: Exporter) -> None:
    _, made = exported("demo", localization_policy="preview")
    model = Model(made.directory / "articy.xml")
    spanish = json.loads((made.directory / "localization/es.json").read_text("utf-8"))
    found = {x["Properties"]["TechnicalName"]: key for key, x in models(made).items()}
    lines = [x for x in spanish if x.endswith(".Text") and x.startswith("DFr_")]
    assert lines
    for key in lines:
        assert model.texts(found[key.removesuffix(".Text")], "Text")["es"] == spanish[key]
    _, alone = exported("demo", languages="de")
    assert [x for x in alone.parts if x.startswith("localization")] == ["localization/de.json"]


def test_media_that_have_no_bytes_are_told_and_referred_to(exported: Exporter) -> None:
    _, made = exported("mini", include_assets="bundled")
    assert "XP0301" in {x.code for x in made.found}
    _, references = exported("mini")
    files = {x["AssetRef"] for x in models(references).values() if x["Type"] == "Asset"}
    assert files
    assert all(x.startswith("projects/") for x in files)
    _, embedded = exported("mini", include_assets="embedded")
    assert all("Data" in x for x in models(embedded).values() if x["Type"] == "Asset")


def test_what_lies_outside_of_a_partial_export_is_told_and_safe(exported: Exporter) -> None:
    reader, _ = exported("demo")
    flows = list(reader.flows())
    calling = next(x for x in flows if any(y.type == "subflow" for y in x.nodes))
    sheets = next(iter(reader.sheets())).id
    _, made = exported("demo", flow_ids=str(calling.id), sheet_ids=str(sheets))
    where = [x.where for x in made.found if x.code == "XP0102"]
    assert any("subflow" in x for x in where)
    assert any("dialogue" in x for x in where)
    assert Model(made.directory / "articy.xml").problems == []
    _, none = exported("demo", include_sheets=False, include_flows=False, include_scenes=False)
    assert Model(none.directory / "articy.xml").problems == []


class DemoMedia:
    """The bytes of the sample project."""

    def __init__(self) -> None:
        self.files = build().media

    def open_read(self, key: str) -> BinaryIO:
        return BytesIO(self.files[key])


def test_media_are_bundled_where_the_files_say_or_embedded(
    exported: Exporter, tmp_path: Path
) -> None:
    reader, _ = exported("demo")
    reader.media_source = DemoMedia()
    bundled = export(reader, tmp_path / "bundled", include_assets="bundled")
    assets = [x for x in models(bundled).values() if x["Type"] == "Asset"]
    assert {x["AssetRef"] for x in assets} <= set(bundled.parts)
    sizes = sorted(len(x) for x in DemoMedia().files.values())
    files = [bundled.directory / x["AssetRef"] for x in assets]
    assert sorted(x.stat().st_size for x in files) == sizes
    embedded = export(reader, tmp_path / "embedded", include_assets="embedded")
    kept = [x for x in models(embedded).values() if x["Type"] == "Asset"]
    assert sorted(len(b64decode(x["Data"])) for x in kept) == sizes


def test_sheets_of_one_family_share_the_features_of_what_they_inherit(exported: Exporter) -> None:
    _, made = exported("mini")
    document = json.loads((made.directory / "articy.json").read_text("utf-8"))
    templates = {x["Type"]: x["Template"] for x in document["ObjectDefinitions"] if "Template" in x}
    for one in models(made).values():
        if "Template" in one:
            features = {x["TechnicalName"]: x for x in templates[one["Type"]]["Features"]}
            assert features.keys() == one["Template"].keys()
            for name, values in one["Template"].items():
                properties = {x["Property"] for x in features[name]["Properties"]}
                assert properties == values.keys()
