"""What a snapshot holds: one moment, the chosen rows, and nothing of its neighbours."""

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.options import ExportOptions, parse_options
from storyarn_pipelines.errors import OptionError, UnknownProjectError
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.serializers.base import serialize
from storyarn_pipelines.snapshot.manifest import Manifest
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.count import count_entities

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def collected(mini_url: str, tmp_path: Path) -> Callable[..., Manifest]:
    """Collects mini.sql with some options."""

    def run(project: str = "mini", **options: object) -> Manifest:
        directory = tmp_path / str(len(list(tmp_path.iterdir())))
        directory.mkdir()
        return collect(mini_url, project, parse_options(options), directory, collected_at=NOW)

    return run


def exported(url: str, directory: Path, project: str = "mini", **options: object) -> Any:
    """The native document as a value."""
    directory.mkdir(parents=True)
    parsed = parse_options(options)
    collect(url, project, parsed, directory, collected_at=NOW)
    return json.loads(serialize(FORMATS["storyarn"], StoryReader(directory), parsed))


def test_all_sections_are_of_one_moment_whatever_is_written_meanwhile(
    mini_copy: str, tmp_path: Path
) -> None:
    """A writer commits between any two tables; sheets are read first, texts nearly last."""
    before = exported(mini_copy, tmp_path / "before")
    first_report = threading.Event()

    def write_while_collecting(step: str, done: int, total: int) -> None:
        if first_report.is_set():
            return
        first_report.set()
        with psycopg.connect(mini_copy) as connection:
            connection.execute("UPDATE flow_nodes SET data = '{}', word_count = 999")
            connection.execute("DELETE FROM localized_texts")
            connection.execute("UPDATE sheets SET name = 'Changed'")
            connection.execute("DELETE FROM scenes WHERE id = 402")

    during = tmp_path / "during"
    during.mkdir()
    options = ExportOptions()
    collect(mini_copy, "mini", options, during, collected_at=NOW, progress=write_while_collecting)
    assert first_report.is_set()
    seen = json.loads(serialize(FORMATS["storyarn"], StoryReader(during), options))
    assert seen == before
    assert exported(mini_copy, tmp_path / "after") != before


def test_the_same_rows_give_the_same_content_hash_and_others_another(
    mini_copy: str, tmp_path: Path
) -> None:
    def digest(name: str) -> str:
        (tmp_path / name).mkdir()
        return collect(
            mini_copy, "mini", ExportOptions(), tmp_path / name, collected_at=datetime.now(UTC)
        ).content_hash

    first = digest("first")
    assert digest("second") == first
    with psycopg.connect(mini_copy) as connection:
        connection.execute("DELETE FROM scene_annotations WHERE id = 451")
    assert digest("third") != first


@pytest.mark.parametrize("name", ["7", "mini", "studio/mini"])
def test_a_project_is_found_by_id_slug_or_both_slugs(
    collected: Callable[..., Manifest], name: str
) -> None:
    assert collected(name).project_id == 7


@pytest.mark.parametrize("name", ["99", "nope", "studio/nope", "other/mini", "", "mini'--", "\0"])
def test_an_unknown_project_is_refused(collected: Callable[..., Manifest], name: str) -> None:
    with pytest.raises(UnknownProjectError, match="does not exist"):
        collected(name)


def test_an_ambiguous_slug_and_a_project_in_the_trash_say_what_to_write(
    mini_copy: str, tmp_path: Path
) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute(
            "INSERT INTO workspaces (id, name, slug, owner_id, inserted_at, updated_at) "
            "VALUES (6, 'Two', 'two', 1, now(), now())"
        )
        connection.execute(
            "INSERT INTO projects (name, slug, workspace_id, owner_id, inserted_at, updated_at) "
            "VALUES ('Mini', 'mini', 6, 1, now(), now())"
        )
        connection.execute("UPDATE projects SET deleted_at = now() WHERE id = 8")
    with pytest.raises(UnknownProjectError, match="studio/mini, two/mini"):
        exported(mini_copy, tmp_path / "a")
    with pytest.raises(UnknownProjectError, match="include_trash=true"):
        exported(mini_copy, tmp_path / "b", "other")
    assert exported(mini_copy, tmp_path / "c", "other", include_trash=True)["project"]["id"] == "8"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"flow_ids": "502,9"}, "flow_ids: 9 "),
        ({"flow_ids": "505"}, "flow_ids: 505 .*outside the trash"),
        ({"sheet_ids": "290"}, "sheet_ids: 290 "),
        ({"scene_ids": "1"}, "scene_ids: 1 "),
        ({"languages": "fr"}, "languages: 'fr' .*de, en, es"),
    ],
)
def test_what_a_selection_names_must_exist(
    collected: Callable[..., Manifest], options: dict[str, object], named: str
) -> None:
    with pytest.raises(OptionError, match=named):
        collected(**options)


def test_a_selection_of_flows_leaves_out_the_rest_of_their_kind(
    mini_url: str, tmp_path: Path
) -> None:
    found = exported(mini_url, tmp_path / "x", flow_ids="503")
    assert [flow["id"] for flow in found["flows"]] == ["503"]
    assert found["flows"][0]["path"] == "Act 1/Fight"
    assert len(found["pages"]) == 9
    types = {string["source_type"] for string in found["localization"]["strings"].values()}
    assert types == {"block", "sheet"}
    # Of the media, the voice of a left-out flow is no longer named by any row.
    assert [item["id"] for item in found["assets"]["items"]] == ["101", "102", "104"]


def test_sections_that_are_off_are_absent(mini_url: str, tmp_path: Path) -> None:
    found = exported(mini_url, tmp_path / "x", include_flows="false", include_localization="no")
    assert list(found) == [
        "storyarn_version",
        "export_version",
        "exported_at",
        "schema_version",
        "project",
        "pages",
        "maps",
        "assets",
        "metadata",
    ]
    assert found["metadata"]["statistics"]["node_count"] == 0


def test_languages_leave_out_other_translations_but_no_language(
    mini_url: str, tmp_path: Path
) -> None:
    found = exported(mini_url, tmp_path / "x", languages="de")["localization"]
    assert [x["locale_code"] for x in found["languages"]] == ["en", "de", "es"]
    assert {c for x in found["strings"].values() for c in x["translations"]} == {"de"}
    assert [x["term"] for x in found["glossary"]] == ["ale"]


def test_the_numbers_of_entities_are_those_of_the_export(mini_url: str, tmp_path: Path) -> None:
    choices: list[dict[str, object]] = [
        {},
        {"include_trash": True},
        {"flow_ids": "502"},
        {"include_sheets": False},
        {"flow_ids": "503", "include_localization": False},
    ]
    for number, options in enumerate(choices):
        parsed = parse_options(options)
        found = exported(mini_url, tmp_path / str(number), "mini", **options)
        statistics = found["metadata"]["statistics"]
        counted = count_entities(mini_url, "mini", parsed)
        names = {"sheets": "page", "blocks": "block", "flows": "flow", "nodes": "node"}
        names |= {"connections": "connection", "scenes": "map", "pins": "pin"}
        expected = {name: statistics[f"{key}_count"] for name, key in names.items()}
        assert {name: counted[name] for name in names} == expected


def test_unknown_columns_travel_by_their_type(mini_copy: str, tmp_path: Path) -> None:
    with psycopg.connect(mini_copy) as connection:
        for column in (
            "mood jsonb DEFAULT '{\"a\": 1.50}'",
            "weight numeric(8,3) DEFAULT 1.5",
            "ratio real DEFAULT 0.1",
            "tags text[] DEFAULT '{a,b}'",
            "seen timestamptz DEFAULT '2025-01-01 10:00:00.25+02'",
            "locked_by_id bigint REFERENCES users (id) DEFAULT 2",
            "origin_id bigint REFERENCES scenes (id) DEFAULT 401",
            "level_id integer DEFAULT 7",
            "raw json DEFAULT '{\"b\":  1}'",
            "token uuid DEFAULT '0b8e7a52-13c4-4d57-9a8f-5a0c3d1e2f40'",
            '"odd ""name" text DEFAULT E\'a\\tb\'',
            "led_by_id bigint REFERENCES scenes (id) DEFAULT 402",
            "path text DEFAULT 'their own'",
        ):
            connection.execute(f"ALTER TABLE flows ADD COLUMN {column}")
    flow = exported(mini_copy, tmp_path / "x")["flows"][0]
    keys = list(flow)
    added = keys[keys.index("scene_id") + 1 : keys.index("is_folder")]
    assert {key: flow[key] for key in added} == {
        "mood": {"a": 1.5},
        "weight": 1.5,
        "ratio": 0.1,
        "tags": "{a,b}",
        "seen": "2025-01-01T08:00:00.25Z",
        "locked_by_email": "Writer@example.test",
        "origin_id": "401",
        "level_id": 7,
        "raw": {"b": 1},
        "token": "0b8e7a52-13c4-4d57-9a8f-5a0c3d1e2f40",
        'odd "name': "a\tb",
        "led_by_id": "402",
        "path": "their own",
    }


def test_an_empty_project_has_all_its_sections(mini_url: str, tmp_path: Path) -> None:
    found = exported(mini_url, tmp_path / "x", "other")
    assert [page["id"] for page in found["pages"]] == ["290"]
    assert found["flows"] == found["maps"] == []
    assert found["localization"] == {
        "source_language": None,
        "languages": [],
        "strings": {},
        "glossary": [],
    }


def test_doubles_are_as_postgresql_prints_them(mini_copy: str, tmp_path: Path) -> None:
    """PostgreSQL's shortest form of 1e23 is not Python's; no float may pass through ours."""
    values = ["1e23", "36793992924093936", "5e-324", "-0", "1e15", "1e-05", "0.1", "NaN"]
    with psycopg.connect(mini_copy) as connection:
        connection.execute("DELETE FROM scene_pins")
        for number, value in enumerate(values):
            connection.execute(
                "INSERT INTO scene_pins (id, scene_id, position_x, position_y, position, "
                "inserted_at, updated_at) VALUES (%s, 401, %s::float8, 0, %s, now(), now())",
                (number + 1, value, number),
            )
        rows = connection.execute("SELECT position_x::text FROM scene_pins ORDER BY id")
        printed = [text if text != "NaN" else '"NaN"' for (text,) in rows]
    directory = tmp_path / "x"
    directory.mkdir()
    options = parse_options({"pretty_print": False})
    collect(mini_copy, "mini", options, directory, collected_at=NOW)
    text = serialize(FORMATS["storyarn"], StoryReader(directory), options).decode()
    assert printed[0] == "9.999999999999999e+22"
    assert re.findall(r'"position_x":([^,]+),"position_y":0,"pin_type"', text) == printed
