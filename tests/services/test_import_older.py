"""The specification's own document, imported into a real database, played and exported again."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.services.play import play_project
from storyarn_pipelines.settings import Settings

SAMPLE = Path(__file__).parents[1] / "data" / "spec-sample.json"
WORKSPACE = """
INSERT INTO users (email, inserted_at, updated_at) VALUES ('mira@example.com', now(), now());
INSERT INTO workspaces (name, slug, owner_id, inserted_at, updated_at)
SELECT 'Studio', 'studio', id, now(), now() FROM users;
"""
Document = dict[str, Any]


class Studio:
    """A database with an empty workspace, and what a test does there."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.settings, self._directory = settings, directory

    def imported(self, document: Document, **options: Any) -> ImportReport:
        path = self._directory / "document.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return import_file(self.settings, path, ImportOptions(new="studio", **options))

    def exported(self, report: ImportReport) -> Document:
        options = parse_options({"validate_before_export": False})
        project, path = str(report.project["id"]), self._directory / "again.json"
        export_project(self.settings, project, "storyarn", options, out=path)
        found: Document = json.loads(path.read_bytes())
        del found["exported_at"]
        return found

    def emptied(self) -> None:
        with psycopg.connect(str(self.settings.database_url)) as connection:
            connection.execute("DELETE FROM sheet_avatars")
            connection.execute("DELETE FROM projects")
            connection.execute("DELETE FROM entity_references")

    def played(self, report: ImportReport, flow: str = "act1.tavern-intro") -> list[str]:
        """What happens, in short."""
        trace = play_project(self.settings, str(report.project["id"]), flow)
        return [_short(event) for event in trace["events"]]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(str(self.settings.database_url)) as connection:
            return connection.execute(query.encode()).fetchall()


def _short(event: dict[str, Any]) -> str:
    if "say" in event:
        return f"say {event['say']['text']}"
    if "choose" in event:
        return f"choose {event['choose']['text']} of {len(event['choose']['options'])}"
    if "set" in event:
        return f"set {json.dumps(event['set'])}"
    return f"end {event['end']} {event.get('label', '')}".rstrip()


@pytest.fixture
def studio(storyarn_url: str, make_settings: Callable[[str], Settings], tmp_path: Path) -> Studio:
    with psycopg.connect(storyarn_url) as connection:
        connection.execute(WORKSPACE)
    return Studio(make_settings(storyarn_url), tmp_path)


@pytest.fixture
def sample() -> Document:
    found: Document = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return found


def block(document: Document, name: str) -> dict[str, Any]:
    blocks = (block for page in document["pages"] for block in page["blocks"])
    found: dict[str, Any] = next(x for x in blocks if x.get("variable_name") == name)
    return found


def test_the_specifications_document_comes_in_without_an_error(
    studio: Studio, sample: Document
) -> None:
    report = studio.imported(sample)
    assert report.errors == []
    assert [line for line in report.warnings if "media whose bytes" not in line] == []
    told = "\n".join(report.conversions)
    for what in (
        "is_variable", "target_type page", "speaker_id", "text_key", "choices", "conditions",
        "instructions", "flow_jump", "event nodes", "trigger_event_id", "source language",
        "glossary", "target_id of pins",
    ):  # fmt: skip
        assert what in told
    counts = {
        table: studio.rows(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("sheets", "blocks", "flows", "flow_nodes", "flow_connections", "scenes",
                      "scene_layers", "scene_pins", "scene_connections", "scene_annotations",
                      "project_languages", "localized_texts", "localization_glossary_entries",
                      "assets", "sheet_avatars")
    }  # fmt: skip
    assert list(counts.values()) == [8, 6, 4, 13, 11, 1, 2, 2, 1, 1, 3, 2, 2, 3, 1]
    assert studio.rows("SELECT DISTINCT inserted_at::text, updated_at::text FROM flow_nodes") == [
        ("2026-02-02 15:30:00", "2026-02-02 15:30:00")
    ]
    assert studio.rows(
        "SELECT t.locale_code, t.status, t.vo_status, s.shortcut, n.data ->> 'localization_id' "
        "FROM localized_texts t JOIN flow_nodes n ON n.id = t.source_id "
        "JOIN sheets s ON s.id = t.speaker_sheet_id ORDER BY 1"
    ) == [
        ("de", "review", "none", "mc.jaime", "dlg_001"),
        ("es", "final", "needed", "mc.jaime", "dlg_001"),
    ]


def test_its_ids_are_exchanged_inside_of_content_too(studio: Studio, sample: Document) -> None:
    studio.imported(sample)
    assert studio.rows(
        "SELECT s.shortcut FROM blocks b JOIN sheets s ON s.id = (b.value ->> 'target_id')::bigint"
    ) == [("loc.tavern",)]
    assert studio.rows(
        "SELECT f.shortcut, a.filename FROM flow_nodes n "
        "LEFT JOIN flows f ON f.id = (n.data ->> 'referenced_flow_id')::bigint "
        "LEFT JOIN assets a ON a.id = (n.data ->> 'audio_asset_id')::bigint "
        "WHERE f.id IS NOT NULL OR a.id IS NOT NULL ORDER BY n.id"
    ) == [(None, "dlg_001_en.ogg"), ("act1.tavern-fight", None)]
    assert studio.rows(
        "SELECT n.data ->> 'label', f.shortcut FROM flow_connections c "
        "JOIN flow_nodes n ON c.source_pin = 'exit_' || n.id JOIN flows f ON f.id = n.flow_id"
    ) == [("success", "act1.tavern-fight")]


GREETING = ["say Hello, traveler!", "say How do you respond?"]


@pytest.mark.parametrize(
    ("mood", "health", "alive", "expected"),
    [
        ("calm", 100, True, ["choose Hello! of 1", "end exit success"]),
        ("calm", 50, True, ["choose Hello! of 1", "end exit failure"]),
    ],
)
def test_it_plays_as_written(
    studio: Studio,
    sample: Document,
    mood: str,
    health: int,
    alive: bool,
    expected: list[str],
) -> None:
    block(sample, "mood")["value"]["content"] = mood
    block(sample, "health")["value"]["content"] = health
    block(sample, "is_alive")["value"]["content"] = alive
    report = studio.imported(sample)
    assert studio.played(report) == GREETING + expected


@pytest.mark.parametrize(("alive", "end"), [(True, "end exit success"), (False, "end dead_end")])
def test_its_second_answer_leads_over_the_condition_on_a_connection(
    studio: Studio, sample: Document, alive: bool, end: str
) -> None:
    block(sample, "mood")["value"]["content"] = "angry"
    block(sample, "is_alive")["value"]["content"] = alive
    options = sample["flows"][2]["nodes"][2]["data"]["options"]
    options.reverse()
    report = studio.imported(sample)
    changed = 'set {"flags.met_jaime": true, "mc.jaime.health": 90.0}'
    assert studio.played(report) == [*GREETING, "choose Leave me alone. of 2", changed, end]


def test_a_flow_that_is_called_ends_by_itself_where_nobody_called(
    studio: Studio, sample: Document
) -> None:
    report = studio.imported(sample)
    assert studio.played(report, "act1.tavern-fight") == ["end returned_to_nobody success"]


def test_its_event_may_stand_on_the_way(studio: Studio, sample: Document) -> None:
    """From the entry over the event to the first line."""
    connections = sample["flows"][2]["connections"]
    connections[0]["target_node_id"] = "node-7"
    connections.append({**connections[0], "id": "new", "source_node_id": "node-7",
                        "target_node_id": "node-2"})  # fmt: skip
    report = studio.imported(sample)
    assert studio.played(report)[:2] == GREETING


def test_what_was_imported_is_a_file_of_today(studio: Studio, sample: Document) -> None:
    document = studio.exported(studio.imported(sample))
    studio.emptied()
    again = studio.imported({**document, "exported_at": "2030-01-01T00:00:00Z"})
    assert (again.conversions, again.ids) == ([], "kept")
    assert studio.exported(again) == document


def _shape(document: Document) -> Any:
    """A document without what another database numbers."""
    found = deepcopy(document)
    found["project"].pop("slug")

    def strip(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: strip(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [strip(v, key) for v in value]
        is_id = key == "id" or key.endswith(("_id", "_ids"))
        return "#" if is_id and value is not None else _without_exit(value)

    return strip(found)


def _without_exit(value: Any) -> Any:
    return "exit_#" if isinstance(value, str) and value.startswith("exit_") else value


def test_the_same_document_comes_in_the_same_way(studio: Studio, sample: Document) -> None:
    documents = [studio.exported(studio.imported(sample)) for _ in range(2)]
    assert _shape(documents[0]) == _shape(documents[1])


def test_older_names_all_at_once(studio: Studio, sample: Document) -> None:
    renamed = deepcopy(sample)
    renamed["sheets"], renamed["scenes"] = renamed.pop("pages"), renamed.pop("maps")
    renamed["scenes"][0]["parent_id"] = renamed["scenes"][0].pop("parent_scene_id")
    for flow in renamed["flows"]:
        for connection in flow["connections"]:
            connection["source_pin"] = connection.pop("source_handle")
            connection["target_pin"] = connection.pop("target_handle")
            connection.pop("condition")
    for node in renamed["flows"][2]["nodes"]:
        node.pop("position_x")
    strings = renamed["localization"]["strings"]
    renamed["localization"]["strings"] = [{"text_key": key, **x} for key, x in strings.items()]
    for string in renamed["localization"]["strings"]:
        for translation in string["translations"].values():
            translation["translated_text"] = translation.pop("text")
    report = studio.imported(renamed)
    assert report.errors == []
    assert studio.played(report)[:2] == GREETING
    assert studio.rows("SELECT count(*) FROM localized_texts WHERE translated_text <> ''") == [(2,)]


def test_a_document_without_a_date_takes_the_hour_of_the_import(
    studio: Studio, sample: Document
) -> None:
    del sample["exported_at"]
    studio.imported(sample)
    [[age]] = studio.rows(
        "SELECT extract(epoch FROM timezone('UTC', now()) - max(inserted_at)) FROM flows"
    )
    assert 0 <= age + 1 < 3_600


@pytest.mark.parametrize(
    ("path", "wrong", "pointer"),
    [
        (("flows", 2, "nodes", 1, "data", "text_key"), 5, "/flows/2/nodes/1/data/text_key"),
        (("flows", 2, "connections", 6, "condition"), [], "/flows/2/connections/6/condition"),
        (("maps", 0, "pins", 0, "target_id"), 5, "/maps/0/pins/0/target_id"),
        (("pages", 2, "blocks", 0, "is_variable"), "yes", "/pages/2/blocks/0/is_variable"),
        (("exported_at",), "yesterday", "/exported_at"),
        (
            ("localization", "strings", "dlg_001", "translations", "es", "status"),
            7,
            "/localization/strings/dlg_001/translations/es/status",
        ),
        (
            ("localization", "glossary", 0, "translations", "es"),
            7,
            "/localization/glossary/0/translations/es",
        ),
    ],
)
def test_wrong_types_are_refused_and_nothing_is_left(
    studio: Studio, sample: Document, path: tuple[Any, ...], wrong: Any, pointer: str
) -> None:
    holder: Any = sample
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = wrong
    with pytest.raises(ImportFileError, match=f"^import: {pointer}: "):
        studio.imported(sample)
    assert studio.rows("SELECT count(*) FROM projects") == [(0,)]
