"""Media of a Godot export: named as resources, with the bytes that were stored, or told."""

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.sheets import Avatar, Sheet
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.settings import Settings
from tests.serializers.godot.memory import Contents, Export, ToldStory, export
from tests.serializers.godot.stages import CONTENTS, layer, sequence, track
from tests.story.builders import blank, flow, node, wire

_RESOURCE = re.compile(r'res://(storyarn/media/[^"\\]+)')


def told(tmp_path: Path) -> ToldStory:
    """A story with a portrait, a voice, an image and a sound."""
    avatar = blank(Avatar, id=7, asset_id=1, name="calm", is_default=True)
    speaker = blank(Sheet, id=1, shortcut="mc", name="M", avatars=(avatar,))
    data = {"text": "hi", "speaker_sheet_id": 1, "audio_asset_id": 3, "avatar_id": 7}
    line = blank(Node, id=2, type="dialogue", parent_id=10, data=data)
    around = sequence(10, layer(2), track(4))
    one = flow([node(1, "entry"), line, around], [wire(1, 2)])
    return ToldStory(tmp_path, [one], [speaker], CONTENTS)


def named(made: Export) -> set[str]:
    """The files that timelines and characters name."""
    texts = [x.decode() for name, x in made.parts.items() if name.endswith((".dtl", ".dch"))]
    return {name for text in texts for name in _RESOURCE.findall(text)}


def listed(parts: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """The media of the generic file by their places."""
    media = json.loads(parts["storyarn/story.json"])["media"]
    return {x["path"].removeprefix("res://"): x for x in media}


def test_bundled_media_lie_where_timelines_and_characters_say(tmp_path: Path) -> None:
    made = export(told(tmp_path), tmp_path / "made", include_assets="bundled")
    files = {name: x for name, x in made.parts.items() if name.startswith("storyarn/media/")}
    assert named(made) == files.keys() == listed(made.parts).keys()
    assert len(files) == 4
    for name, content in files.items():
        assert content == CONTENTS[name.removeprefix("storyarn/media/")]


def test_embedded_media_are_base64_in_the_generic_file(tmp_path: Path) -> None:
    made = export(told(tmp_path), tmp_path / "made", include_assets="embedded")
    assert named(made) == listed(made.parts).keys()
    for name, facts in listed(made.parts).items():
        content = base64.b64decode(facts["data"], validate=True)
        assert content == CONTENTS[name.removeprefix("storyarn/media/")]
        assert hashlib.sha256(content).hexdigest() == facts["sha256"]
    assert not any("media" in name for name in made.parts)


def test_embedded_media_have_no_place_in_dialogic_alone(tmp_path: Path) -> None:
    options = {"include_assets": "embedded", "godot_output": "dialogic"}
    made = export(told(tmp_path), tmp_path / "made", **options)
    assert [x.where for x in made.found if "embedded" in x.message] == ["media"]


@pytest.mark.parametrize("mode", ["bundled", "embedded"])
def test_missing_bytes_are_told_and_all_others_travel(tmp_path: Path, mode: str) -> None:
    reader = told(tmp_path)
    source = reader.media_source
    assert isinstance(source, Contents)
    del source.contents["theme.wav"]
    made = export(reader, tmp_path / "made", include_assets=mode)
    (missing,) = [x for x in made.found if x.code == "XP0301"]
    assert "theme.wav" in missing.message
    assert "storyarn/media/theme.wav" in named(made)
    carried = [name for name, facts in listed(made.parts).items() if "data" in facts]
    carried += [name for name in made.parts if name.startswith("storyarn/media/")]
    assert len(carried) == 3


@pytest.mark.parametrize("mode", ["bundled", "embedded"])
def test_bytes_that_are_not_those_stored_stop_the_export(tmp_path: Path, mode: str) -> None:
    reader = told(tmp_path)
    source = reader.media_source
    assert isinstance(source, Contents)
    source.contents["theme.wav"] = b"another sound"
    with pytest.raises(MediaError, match=r"theme\.wav.*SHA-256"):
        export(reader, tmp_path / "made", include_assets=mode)


@pytest.mark.parametrize("mode", ["references", "bundled", "embedded"])
def test_media_of_a_project_travel_from_its_storage(
    mini_copy: str, make_settings: Callable[[str], Settings], mode: str
) -> None:
    settings = make_settings(mini_copy)
    contents = {}
    with psycopg.connect(mini_copy) as connection:
        rows = connection.execute("SELECT id, key FROM assets WHERE project_id = 7").fetchall()
        for number, key in rows:
            contents[key] = bytes([number]) * 800_001  # more than one block
            place = Path(settings.media_url) / key
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(contents[key])
            digest = hashlib.sha256(contents[key]).hexdigest()
            connection.execute("UPDATE assets SET blob_hash = %s WHERE id = %s", (digest, number))
    options = parse_options({"include_assets": mode, "validate_before_export": False})
    result = export_project(settings, "mini", "godot", options)
    with zipfile.ZipFile(io.BytesIO(Path(result.location).read_bytes())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    media = listed(parts)
    assert media
    for name, facts in media.items():
        assert (name in parts) == (mode == "bundled")
        assert ("data" in facts) == (mode == "embedded")
        if mode != "references":
            content = parts[name] if mode == "bundled" else base64.b64decode(facts["data"])
            assert hashlib.sha256(content).hexdigest() == facts["sha256"]
            assert content == contents[facts["key"]]
